"""Which numbers of a population group are hidden: its individuals by unit and by each dimension, all of them linked by their totals."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from geo_service.coverage.guarded_units import COUNTRY, Unit, UnitTree, numbers, splits, units_of
from geo_service.coverage.labels import REST, UNKNOWN
from geo_service.coverage.suppress_system import System
from geo_service.vocabulary import OTHER_COUNTRY, AdminLevel, Dimension

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from geo_service.vocabulary import PopulationGroup

__all__ = ["group_system"]

_UNITS = "units"
_PART = 5
"""A village's own number is kept open by a fifth of it at least: a tenth to each side is what statistical offices ask for (p % rule)."""


def group_system(
    tables: Mapping[str, pd.DataFrame],
    group: PopulationGroup,
    tree: UnitTree,
    threshold: int,
    least_villages: int,
) -> System:
    """The individuals of a group as one linked system.

    Cells are named `(unit)` and `(dimension, code, unit)`. A number of 1 to `threshold - 1` is hidden, and all numbers of a unit where the
    group was counted in fewer than `least_villages`.

    Args:
        tables: Report tables by name; breakdowns by district are not looked at.
        group: The group.
        tree: The units of all tables.
        threshold: From which value a number may be shown.
        least_villages: From how many villages a number may be of.

    Raises:
        InputError: The tables contradict one another.
    """
    system = System(threshold)
    counted = _told_units(system, tables, group, tree, least_villages)
    of_few = {unit for unit, villages in counted.items() if 0 < villages < least_villages}
    for dimension in Dimension:
        _tell_dimension(system, tables, group, dimension, tree, of_few)
    return system


def _guard(least_villages: int, value: int, villages: int) -> dict[str, Any]:
    if 0 < villages < least_villages:
        return _of_few(value)
    return {"at_least": villages}


def _of_few(value: int) -> dict[str, Any]:
    return {"hide": True, "width": -(-value // _PART)}


def _told_units(
    system: System,
    tables: Mapping[str, pd.DataFrame],
    group: PopulationGroup,
    tree: UnitTree,
    least_villages: int,
) -> dict[Unit, int]:
    """Tell the individuals of the units; gives in how many villages of each they were counted."""
    counted: dict[Unit, int] = {}
    how = partial(_guard, least_villages)
    for level, table in splits(tables, "groups"):
        rows = table[(table["group"] == group).to_numpy()]
        present, uncounted = numbers(rows, "villages_present"), numbers(rows, "villages_uncounted")
        for unit, value, there, not_counted in zip(
            units_of(rows, level), numbers(rows, "individuals"), present, uncounted, strict=True
        ):
            counted[unit] = there - not_counted
            system.cell((unit,), value, _UNITS, **how(value, counted[unit]))
    tree.relate(system, lambda unit: (unit,), counted, _UNITS, how)
    return counted


def _tell_dimension(
    system: System,
    tables: Mapping[str, pd.DataFrame],
    group: PopulationGroup,
    dimension: Dimension,
    tree: UnitTree,
    of_few: Collection[Unit],
) -> None:
    codes_of: dict[Unit, list[str]] = defaultdict(list)
    for level, table in splits(tables, f"{group}_by_{dimension}"):
        if level is AdminLevel.DISTRICT:
            continue
        _tell_cells(system, table, level, dimension, of_few, codes_of)
    for unit, codes in codes_of.items():
        system.relate([(unit,)], [(dimension, code, unit) for code in codes])
    top = next((codes for unit, codes in codes_of.items() if unit != COUNTRY and REST in codes), None)
    if dimension is Dimension.COUNTRY and f"{group}_top_countries" in tables:
        shown: dict[Unit, list[str]] = defaultdict(list)
        _tell_cells(
            system,
            tables[f"{group}_top_countries"],
            AdminLevel.COUNTRY,
            dimension,
            of_few,
            shown,
        )
        top = shown[COUNTRY]
    if top is not None and COUNTRY in codes_of:
        _tell_rest(system, dimension, top, codes_of[COUNTRY])
    for code in {code for codes in codes_of.values() for code in codes} | ({REST} if top else set()):
        parts = [(dimension, code, unit) for unit in tree.regions if (dimension, code, unit) in system]
        if parts and (dimension, code, COUNTRY) in system:
            system.relate([(dimension, code, COUNTRY)], parts)


def _tell_cells(
    system: System,
    table: pd.DataFrame,
    level: AdminLevel,
    dimension: Dimension,
    of_few: Collection[Unit],
    codes_of: dict[Unit, list[str]],
) -> None:
    for unit, code, value in zip(
        units_of(table, level), table["code"].astype(str), numbers(table, "individuals"), strict=True
    ):
        how = _of_few(value) if unit in of_few else {}
        system.cell((dimension, code, unit), value, dimension, **how)
        codes_of[unit].append(code)


def _tell_rest(system: System, dimension: Dimension, top: list[str], codes: list[str]) -> None:
    """Say what the rest sums, and that none of it has more than any of the top codes: that is how they were chosen."""

    def cell(code: str) -> tuple[Dimension, str, Unit]:
        return (dimension, code, COUNTRY)

    of_rest = [code for code in codes if code not in top]
    if cell(REST) not in system:
        system.cell(cell(REST), system.value_of(map(cell, of_rest)), dimension, shown=False)
    system.relate([cell(REST)], map(cell, of_rest))
    largest = [code for code in top if code not in {REST, UNKNOWN}]
    smaller = [code for code in of_rest if code not in {OTHER_COUNTRY, UNKNOWN}]
    if largest and smaller:
        edge = (dimension, "the least of the top")
        system.cell(edge, min(system.value_of([cell(code)]) for code in largest), dimension, shown=False)
        for code in largest:
            system.beside((cell(code), "above"), [cell(code)], [edge], dimension)
        for code in smaller:
            system.beside((cell(code), "below"), [edge], [cell(code)], dimension)
