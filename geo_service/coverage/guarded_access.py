"""Which numbers of households are hidden: of units, and by service with or without it, by band, reported and measured, linked by their totals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.coverage.guarded_units import COUNTRY, Unit, UnitTree, numbers, splits, units_of
from geo_service.coverage.suppress_system import System
from geo_service.vocabulary import Band, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

__all__ = ["household_system", "population_system"]

_BANDS = [band.value for band in Band]
_PEOPLE_A_HOUSEHOLD = 5


class _Households:
    """The cells told so far and of how many villages each is."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], tree: UnitTree, threshold: int) -> None:
        self.tables = tables
        self.tree = tree
        self.system = System(threshold)
        self.villages: dict[Hashable, int] = {}
        self.uncounted: dict[Unit, int] = {}

    def tell(
        self, name: str, households: str, villages: str, measure: str, keys: tuple[str, ...] = ()
    ) -> dict[tuple[str | None, ...], list[Unit]]:
        """Tell a column of a table and its splits as cells `(measure, *keys, unit)`; gives the units of each combination of keys."""
        units_by: dict[tuple[str | None, ...], list[Unit]] = defaultdict(list)
        for level, table in splits(self.tables, name):
            codes = [[None if pd.isna(one) else str(one) for one in table[key]] for key in keys]
            rows = zip(
                units_of(table, level),
                numbers(table, households),
                numbers(table, villages),
                *codes,
                strict=True,
            )
            for unit, value, count, *codes_of_row in rows:
                key = tuple(codes_of_row)
                cell = (measure, *key, unit)
                block = key[0] if key else measure
                self.system.cell(cell, value, block, at_least=count - self.uncounted.get(unit, count))
                self.villages[cell] = count
                units_by[key].append(unit)
        for key in units_by:
            self._relate_units(measure, key)
        return units_by

    def _relate_units(self, measure: str, key: tuple[str | None, ...]) -> None:
        def name(unit: Unit) -> Hashable:
            return (measure, *key, unit)

        units = (*self.tree.regions, *self.tree.districts)
        villages = {unit: self.villages.get(name(unit), 0) for unit in units}
        self.tree.relate(self.system, name, villages, key[0] if key else measure)

    def of(self, measure: str, *key: str | None, unit: Unit) -> list[Hashable]:
        """A cell, if there is such a one."""
        cell = (measure, *key, unit)
        return [cell] if cell in self.system else []

    def compare(self, whole: list[Hashable], parts: list[Hashable], block: Hashable) -> None:
        """Say that `parts` are of `whole`: all of it where they are of as many villages."""
        if not whole or not parts:
            return
        left = sum(self.villages[one] for one in whole) - sum(self.villages[one] for one in parts)
        self.system.beside((tuple(whole), tuple(parts)), whole, parts, block, is_there=left > 0)


def household_system(tables: Mapping[str, pd.DataFrame], tree: UnitTree, threshold: int) -> System:
    """The households of units and services as one linked system.

    Cells are `("households", unit)` and, by service: `("with", service, unit)`, `("without", service, unit)`, `("lacking", service, band, unit)`,
    `("reported", service, band, unit)`, `("measured", service, band, unit)`, `("access", service, band, status, unit)`. Numbers of 1 to `threshold - 1`
    are hidden; villages are no people and are not.

    Args:
        tables: Report tables and access tables by name.
        tree: The units of all tables.
        threshold: From which value a number may be shown.

    Raises:
        InputError: The tables contradict one another.
    """
    made = _Households(tables, tree, threshold)
    for level, table in splits(tables, "coverage"):
        for unit, not_counted in zip(
            units_of(table, level), numbers(table, "villages_uncounted"), strict=True
        ):
            made.uncounted[unit] = not_counted
    made.tell("coverage", "households", "villages", "households")
    presence = made.tell("services", "households_with", "villages_with", "with", ("service",))
    made.tell("services", "households_without", "villages_without", "without", ("service",))
    band = ("service", "band")
    made.tell("households_without_service", "households", "villages", "lacking", band)
    name = "reported_and_measured"
    compared = made.tell(name, "households_reported", "villages_reported", "reported", band)
    made.tell(name, "households_measured", "villages_measured", "measured", band)
    access = made.tell("access_by_band", "households", "villages", "access", ("service", "band", "status"))
    units = (COUNTRY, *tree.regions, *tree.districts)
    for service in dict.fromkeys(key[0] for key in (*presence, *compared, *access)):
        for unit in units:
            _relate_service(made, service, unit, [key[1:] for key in access if key[0] == service])
    if not any(True for _ in splits(tables, "coverage")):
        _relate_services(made, list(dict.fromkeys(key[0] for key in access)), access)
    return made.system


def population_system(
    tables: Mapping[str, pd.DataFrame],
    tree: UnitTree,
    threshold: int,
    is_hidden: Callable[[Unit], bool],
) -> System:
    """The residents of units, cells `("population", unit)`: hidden where they are few and where their households are.

    Args:
        tables: Report tables by name.
        tree: The units of all tables.
        threshold: From which value a number may be shown.
        is_hidden: Whether the households of a unit are hidden.

    Raises:
        InputError: The tables contradict one another.
    """
    system = System(threshold)
    villages: dict[Unit, int] = {}
    for level, table in splits(tables, "coverage"):
        for unit, value, count in zip(
            units_of(table, level), numbers(table, "population"), numbers(table, "villages"), strict=True
        ):
            # Residents must not tell how many households there are.
            width = _PEOPLE_A_HOUSEHOLD * (threshold - 1) if is_hidden(unit) else 0
            system.cell(("population", unit), value, "population", hide=is_hidden(unit), width=width)
            villages[unit] = count
    tree.relate(system, lambda unit: ("population", unit), villages, "population")
    return system


def _relate_service(
    made: _Households, service: str | None, unit: Unit, access: list[tuple[str | None, ...]]
) -> None:
    of, compare = made.of, made.compare
    households = of("households", unit=unit)
    with_it, without = of("with", service, unit=unit), of("without", service, unit=unit)
    reported, measured, lacking = (
        {band: of(measure, service, band, unit=unit) for band in (*_BANDS, "unknown")}
        for measure in ("reported", "measured", "lacking")
    )
    found = {key: of("access", service, *key, unit=unit) for key in access}
    compare(households, [*with_it, *without], service)
    compare(without, _all(lacking), service)
    if _all(reported):
        made.system.relate(_all(reported), _all(measured))
        compare(households, _all(reported), service)
        for band in _BANDS:
            said = [*lacking[band], *(with_it if band == _BANDS[0] else [])]
            compare(said, reported[band], service)
            near = [cell for key in found if key[0] == band for cell in found[key]]
            if band == _BANDS[-1]:
                near += found.get((None, Status.BEYOND_LIMIT.value), [])
            compare(near, measured[band], service)
    compare(households, _all(found), service)


def _relate_services(
    made: _Households, services: list[str | None], access: Mapping[tuple[str | None, ...], list[Unit]]
) -> None:
    """Without the households of units, those of each service add up to the same in every unit."""
    by_unit: dict[Unit, dict[str | None, list[Hashable]]] = defaultdict(lambda: defaultdict(list))
    for key, units in access.items():
        for unit in units:
            by_unit[unit][key[0]].append(("access", *key, unit))
    for cells in by_unit.values():
        first = cells.pop(services[0], [])
        for service, others in cells.items():
            made.compare(first, others, service)


def _all(cells: Mapping[Any, list[Hashable]]) -> list[Hashable]:
    return [cell for one in cells.values() for cell in one]
