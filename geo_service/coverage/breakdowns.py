"""Breakdowns: the individuals of a population group by country, year, kind, reason or sex, with the rest and the unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.labels import REST, UNKNOWN, dimension_terms, label_array, reported_table
from geo_service.coverage.units import (
    UnitRows,
    code_positions,
    counts,
    ratio,
    sums,
    unit_rows,
    village_positions,
)
from geo_service.errors import InputError
from geo_service.vocabulary import (
    OTHER_COUNTRY,
    AdminLevel,
    Dimension,
    Language,
    MigrationKind,
    PopulationGroup,
    Sex,
    YearAside,
    moves_across_border,
)
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["breakdown", "counted_parts", "distinct_countries"]

BASE = Wording(
    en="share: of the individuals of the group",
    ru="share: от численности группы",
    kk="share: топтың жалпы санынан",
)
BASE_IN_UNIT = Wording(
    en="share: of the individuals of the group in the unit",
    ru="share: от численности группы на территории",
    kk="share: топтың аумақтағы санынан",
)

_OTHER = OTHER_COUNTRY
"""The code of what is known and not told apart is the same in every dimension."""

_ALWAYS: dict[Dimension, list[str]] = {
    Dimension.SEX: [sex.value for sex in Sex if sex is not Sex.UNKNOWN],
    Dimension.KIND: [kind.value for kind in MigrationKind if kind is not MigrationKind.UNKNOWN],
}
"""The codes of short vocabularies have their row also with nobody in it, in the order of the vocabulary."""


def breakdown(
    mobility: pd.DataFrame,
    breakdowns: pd.DataFrame,
    dimension: Dimension | str,
    group: PopulationGroup | str,
    by: AdminLevel | str | None = None,
    *,
    top: int | None = None,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The individuals of a group by the codes of a dimension, so that the rows of a unit add up to the group's individuals in it.

    Args:
        mobility: Schema `MOBILITY`; with the units of `by`, see `with_units`.
        breakdowns: Schema `BREAKDOWNS`; with the units of `by`. Parts of a group whose number in the village is not known count in no row, see
            `counted_parts`. Frames without `village_id` are taken for sums of several villages, from which such parts are left out already.
        dimension: What to break down by.
        group: Whose individuals.
        by: A level of admin units to split by; null for the whole.
        top: How many codes have their own row, 1 or more: those with the most individuals in all units, the same in each unit;
            `other` is never one of them. The others are summed in a row `rest`. Null for every code that occurs.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `code`, `label` (string), `codes` (int64: how many codes
        the row sums), `individuals` (int64) and `share` (float64, of the group's individuals in the unit; null where there are none).
        A row for every unit and code, also with nobody in it: codes by individuals, those of years, kinds and sexes in
        their own order; then `other` or `rest`; last `unknown`, which is what was answered so and what the parts leave of the
        group's individuals, as in villages that did not answer the dimension.

    Raises:
        InputError: An argument is out of range, a frame has no such units, or the parts are more than the group's individuals.
    """
    dimension, group = Dimension(dimension), PopulationGroup(group)
    if top is not None and top < 1:
        raise InputError(f"top is {top}; give 1 or more")
    of_group = mobility.loc[(mobility["group"] == group).to_numpy()]
    parts = breakdowns.loc[
        ((breakdowns["group"] == group) & (breakdowns["dimension"] == dimension)).to_numpy()
    ]
    if "village_id" in parts:
        parts = counted_parts(of_group, parts)
    rows = unit_rows(of_group, by)
    cells = _cells(of_group, parts, rows, dimension)
    named, others = _in_order(cells, dimension, top)
    if top is not None:
        cells[REST] = sum((cells[code] for code in others), np.zeros_like(cells[UNKNOWN]))
        named = [*named, REST]
    shown = [*named, UNKNOWN]
    codes = shown * len(rows.pcodes)
    individuals = np.column_stack([cells[code] for code in shown])
    total = np.repeat(individuals.sum(axis=1), len(shown))
    return reported_table(
        rows.columns(len(shown), units, language)
        | {
            "code": pd.array(codes, dtype="string"),
            "label": label_array(codes, dimension_terms(dimension), language),
            "codes": np.array([len(others) if code == REST else 1 for code in codes], dtype=np.int64),
            "individuals": individuals.ravel(),
            "share": ratio(individuals.ravel(), total),
        },
        language,
        by=rows.by,
        group=group,
        dimension=dimension,
        base=BASE() if by is None else BASE_IN_UNIT(),
    )


def counted_parts(mobility: pd.DataFrame, breakdowns: pd.DataFrame) -> pd.DataFrame:
    """The rows of `breakdowns` (schema `BREAKDOWNS`) of a group whose individuals in the village are known in `mobility` (schema `MOBILITY`).

    Where a key informant gave parts and no total, the group's individuals do not include them: shares of the group would not add up to one.
    """
    groups = [one.value for one in PopulationGroup]
    known = mobility[mobility["individuals"].notna().to_numpy()]
    ids = known["village_id"].drop_duplicates()
    shape = (len(ids), len(groups))
    places = (village_positions(known["village_id"], ids), code_positions(known["group"], groups))
    is_known = counts(shape, *places) > 0
    village = village_positions(breakdowns["village_id"], ids)
    is_counted = village >= 0
    is_counted[is_counted] = is_known[
        village[is_counted], code_positions(breakdowns["group"], groups)[is_counted]
    ]
    return breakdowns.loc[is_counted]


def distinct_countries(
    breakdowns: pd.DataFrame, group: PopulationGroup | str, by: AdminLevel | str | None = None
) -> pd.Series:
    """How many countries the individuals of a group come from or went to, `other` and `unknown` not among them.

    Args:
        breakdowns: Schema `BREAKDOWNS`; with the units of `by`.
        group: Whose individuals.
        by: A level of admin units to split by; null for the whole.

    Returns:
        Int64 by P-code (null for villages that are not assigned, and for the whole); only units where one is known. Empty for groups that
        do not cross a border.
    """
    if not moves_across_border(PopulationGroup(group)):
        return pd.Series(
            [], index=pd.Index([], dtype="string", name="pcode"), dtype="Int64", name="countries"
        )
    is_named = ~breakdowns["code"].isin([OTHER_COUNTRY, UNKNOWN])
    is_of_group = (breakdowns["group"] == group) & (breakdowns["dimension"] == Dimension.COUNTRY)
    named = breakdowns.loc[(is_of_group & is_named).to_numpy()]
    rows = unit_rows(named, by)
    pairs = pd.DataFrame({"unit": rows.position, "code": named["code"].array}).drop_duplicates()
    distinct = np.bincount(pairs["unit"], minlength=len(rows.pcodes))
    return pd.Series(distinct, index=pd.Index(rows.pcodes, name="pcode"), dtype="Int64", name="countries")


def _cells(
    of_group: pd.DataFrame, parts: pd.DataFrame, rows: UnitRows, dimension: Dimension
) -> dict[str, NDArray[np.int64]]:
    """The individuals of every unit by code, shape (u,) each; those that no part names are `unknown`."""
    codes = parts["code"].astype("category").cat.remove_unused_categories()
    names = [str(code) for code in codes.cat.categories]
    shape = (len(rows.pcodes), len(names))
    keys = (rows.of(parts), codes.cat.codes.to_numpy(dtype=np.int64))
    counted = sums(parts["individuals"], shape, *keys).to_numpy(dtype=np.int64).reshape(shape)
    total = sums(of_group["individuals"], shape[:1], rows.position).to_numpy(dtype=np.int64, na_value=0)
    left = total - counted.sum(axis=1)
    if (left < 0).any():
        unit = int(np.flatnonzero(left < 0)[0])
        where = "" if pd.isna(rows.pcodes[unit]) else f" in {rows.pcodes[unit]}"
        raise InputError(
            f"the parts by {dimension}{where} are {total[unit] - left[unit]:,} individuals, more than the {total[unit]:,} of "
            "the group; check the round with 'rounds validate'"
        )
    cells = dict.fromkeys(_ALWAYS.get(dimension, []), np.zeros_like(left))
    cells |= {name: counted[:, at] for at, name in enumerate(names)}
    return cells | {UNKNOWN: cells.get(UNKNOWN, 0) + left}


def _in_order(
    cells: dict[str, NDArray[np.int64]], dimension: Dimension, top: int | None
) -> tuple[list[str], list[str]]:
    """The codes that have their own row, in order, and those that are summed in `rest`."""
    size = {code: int(individuals.sum()) for code, individuals in cells.items() if code != UNKNOWN}
    by_size = sorted(size, key=lambda code: (code == _OTHER, -size[code], code))
    if dimension is Dimension.YEAR:
        in_order = sorted(size, key=lambda code: (code != YearAside.EARLIER, code))
    elif dimension in _ALWAYS:
        in_order = list(size)
    else:
        in_order = by_size
    if top is None:
        return in_order, []
    largest = [code for code in by_size if code != _OTHER][:top]
    return [code for code in in_order if code in largest], [code for code in in_order if code not in largest]
