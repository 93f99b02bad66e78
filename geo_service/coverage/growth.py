"""Growth: how a breakdown by year changes from one year to a later one, each time against the earlier year."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from geo_service.coverage.labels import reported_table
from geo_service.coverage.units import ratio
from geo_service.errors import InputError
from geo_service.vocabulary import Dimension, Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["growth"]

BASE = Wording(
    en="growth: (individuals - base_individuals) / base_individuals, against the earlier year of the pair",
    ru="growth: (individuals - base_individuals) / base_individuals, по отношению к более раннему году пары",
    kk="growth: (individuals - base_individuals) / base_individuals, жұптың ертерек жылына қатысты",
)


def growth(by_year: pd.DataFrame, *, language: Language | str = Language.EN) -> pd.DataFrame:
    """The growth between each two calendar years that follow one another, and from the first to the last.

    The individuals of a year are those who arrived or left in it; growth compares two years, not what has added up by then.

    Args:
        by_year: What `breakdown` gave for the dimension year and every code, for the whole or by unit.
        language: The language of what the table says of itself.

    Returns:
        The `pcode` and `name` of `by_year` where it has them, then `base_year`, `year` (string), `base_individuals`, `individuals` (Int64, null for
        a year without a row), `difference` (Int64, `individuals - base_individuals`) and `growth` (float64, `difference / base_individuals`;
        null where the base is 0 or null). The pair of the first and last year stands last; it is left out where it is the only pair. No rows
        when there is one year or none.

    Raises:
        InputError: The table is not a breakdown by year, or its years are summed in a rest.

    Example:
        >>> by_year = pd.DataFrame({"code": ["2022", "2023"], "individuals": [200, 250]})
        >>> by_year.attrs = {"dimension": "year"}
        >>> growth(by_year)["growth"].tolist()
        [0.25]
    """
    if by_year.attrs.get("dimension") != Dimension.YEAR or "rest" in set(by_year["code"]):
        raise InputError(
            "growth needs a breakdown by year with every code, such as breakdown(..., Dimension.YEAR, ...)"
        )
    unit = [name for name in ("pcode", "name") if name in by_year]
    is_year = by_year["code"].str.fullmatch(r"\d{4}").astype(bool)
    years = _calendar(sorted(by_year.loc[is_year, "code"].unique()))
    pairs = [*pairwise(years), *([(years[0], years[-1])] if len(years) > 2 else [])]
    whole = by_year[unit].drop_duplicates() if unit else pd.DataFrame(index=[0])
    asked = pd.DataFrame(pairs, columns=["base_year", "year"], dtype="string")
    table = whole.merge(asked, how="cross")
    counted = by_year.loc[is_year, [*unit[:1], "code", "individuals"]].astype({"individuals": "Int64"})
    for year, individuals in (("base_year", "base_individuals"), ("year", "individuals")):
        renamed = counted.rename(columns={"code": year, "individuals": individuals})
        table = table.merge(renamed, how="left", on=[*unit[:1], year])
    difference = table["individuals"] - table["base_individuals"]
    about = {name: value for name, value in by_year.attrs.items() if name not in {"basis", "base"}}
    return reported_table(
        dict(table.items())
        | {"difference": difference, "growth": ratio(difference, table["base_individuals"])},
        language,
        **about,
        base=BASE(),
    )


def _calendar(years: Sequence[str]) -> list[str]:
    """Every year from the first to the last, also those that nobody named."""
    return [str(year) for year in range(int(years[0]), int(years[-1]) + 1)] if years else []
