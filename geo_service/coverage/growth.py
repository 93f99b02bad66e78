"""Growth: how a breakdown by year changes from one year to a later one, each time against the earlier year."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.labels import reported_table
from geo_service.coverage.units import ratio
from geo_service.errors import InputError
from geo_service.vocabulary import Dimension, Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
    code = by_year["code"].to_numpy(dtype=object)
    is_year = by_year["code"].str.fullmatch(r"\d{4}").to_numpy(dtype=bool)
    years = _calendar(sorted(set(code[is_year])))
    pairs = [*pairwise(range(len(years))), *([(0, len(years) - 1)] if len(years) > 2 else [])]
    unit, first_rows = _units(by_year)
    # Where the row of each unit and year stands; -1 where there is none.
    row = np.full((len(first_rows), len(years)), -1, dtype=np.int64)
    row[unit[is_year], [years.index(one) for one in code[is_year]]] = np.flatnonzero(is_year)
    individuals = pd.array(by_year["individuals"], dtype="Int64")
    base, later = (
        individuals.take(row[:, [pair[at] for pair in pairs]].ravel(), allow_fill=True) for at in (0, 1)
    )
    difference = later - base
    about = {name: value for name, value in by_year.attrs.items() if name not in {"basis", "base"}}
    return reported_table(
        {
            name: by_year[name].array.take(np.repeat(first_rows, len(pairs)))
            for name in ("pcode", "name")
            if name in by_year
        }
        | {
            name: pd.array([years[pair[at]] for pair in pairs] * len(first_rows), dtype="string")
            for at, name in enumerate(("base_year", "year"))
        }
        | {
            "base_individuals": base,
            "individuals": later,
            "difference": difference,
            "growth": ratio(difference, base),
        },
        language,
        **about,
        base=BASE(),
    )


def _units(by_year: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each row which unit it is of, in the order of the table, and the first row of each unit; the whole is one unit."""
    if "pcode" not in by_year:
        return np.zeros(len(by_year), dtype=np.int64), np.zeros(1, dtype=np.int64)
    unit = pd.factorize(by_year["pcode"], use_na_sentinel=False)[0].astype(np.int64)
    return unit, np.unique(unit, return_index=True)[1]


def _calendar(years: Sequence[str]) -> list[str]:
    """Every year from the first to the last, also those that nobody named."""
    return [str(year) for year in range(int(years[0]), int(years[-1]) + 1)] if years else []
