"""Tables without the numbers that are hidden, nor those that would give them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from geo_service.coverage.guarded_units import COUNTRY, Unit, units_of
from geo_service.coverage.labels import REST, UNKNOWN
from geo_service.vocabulary import OTHER_COUNTRY, AdminLevel, Dimension, PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["WITHHELD", "Hidden", "guarded_table", "public_order"]

WITHHELD = ("households", "countries")
"""Columns of the tables of groups that are empty throughout: what households and countries tell of individuals is not worth the cells it would cost."""

_ASIDE = (OTHER_COUNTRY, REST, UNKNOWN)
_LOCATION_QUOTIENT = "location_quotient"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden in all tables of a release.

    Attributes:
        individuals: By group, the names of cells as in `group_system`.
        households: As in `household_system`.
        population: As in `population_system`.
    """

    individuals: Mapping[PopulationGroup, Collection[Hashable]]
    households: Collection[Hashable]
    population: Collection[Hashable]


def guarded_table(
    table: pd.DataFrame, family: str, level: AdminLevel, hidden: Hidden, order: Mapping[str, int] | None
) -> pd.DataFrame:
    """A table as the public may see it.

    Args:
        table: A report table or an access table.
        family: Its name without the level it is split by.
        level: That level.
        hidden: What is hidden.
        order: The place of each code for tables whose rows are in the order of their numbers, which would say how large the hidden ones
            are about; null to leave rows as they are.

    Returns:
        The table, with its columns and `attrs`, and `suppressed` (bool): whether any number of the row was known and is null here. Counts are Int64.
        `attrs["withheld"]` names the columns that are null throughout.
    """
    public = table.copy()
    public.attrs = dict(table.attrs)
    rows = _Rows(table, units_of(table, level), hidden)
    nulls = rows.nulls(family)
    suppressed = np.zeros(len(table), dtype=bool)
    for column, is_null in nulls.items():
        if column not in table:
            continue
        counted = (
            table[column].astype("Int64") if pd.api.types.is_integer_dtype(table[column]) else table[column]
        )
        suppressed |= is_null & table[column].notna().to_numpy()
        public[column] = counted.mask(is_null)
    withheld = [
        column
        for column in WITHHELD
        if column in table and rows.is_of_groups(family) and _is_withheld(column, level)
    ]
    for column in withheld:
        public[column] = pd.array([pd.NA] * len(table), dtype="Int64")
    if withheld:
        public.attrs["withheld"] = withheld
    public["suppressed"] = suppressed
    return public if order is None else _in_order(public, order)


def _is_withheld(column: str, level: AdminLevel) -> bool:
    """Whether a withheld column is empty at a level: the countries of the whole are the rows of another table."""
    return column != "countries" or level is not AdminLevel.COUNTRY


def public_order(tables: Sequence[pd.DataFrame], is_hidden: Callable[[str], bool]) -> dict[str, int]:
    """The place of each code: the shown ones by their number in the whole, then the hidden ones by code, then what is aside."""
    size: dict[str, int] = {}
    for table in tables:
        size |= dict(zip(table["code"].astype(str), table["individuals"], strict=True))

    def place(code: str) -> tuple[int, int, str]:
        aside = _ASIDE.index(code) + 1 if code in _ASIDE else 0
        shown = not is_hidden(code)
        return (aside, -int(size[code]) if shown else 1, code)

    return {code: at for at, code in enumerate(sorted(size, key=place))}


class _Rows:
    """Which numbers of the rows of a table go."""

    def __init__(self, table: pd.DataFrame, units: list[Unit], hidden: Hidden) -> None:
        self.table = table
        self.units = units
        self.hidden = hidden

    def is_of_groups(self, family: str) -> bool:
        return family == "groups" or family in [*PopulationGroup]

    def nulls(self, family: str) -> dict[str, NDArray[np.bool_]]:
        """By column, which rows are null."""
        if family in self._OF_HOUSEHOLDS:
            measures, keys = self._OF_HOUSEHOLDS[family]
            return self._of_households(measures, keys)
        if family == "coverage":
            return {"households": self._households("households"), "population": self._population()}
        if family == "concentration":
            return self._concentration()
        if self.is_of_groups(family):
            return self._individuals()
        for group in PopulationGroup:
            if family.startswith(f"{group}_"):
                return self._of_group(group, family.removeprefix(f"{group}_").removeprefix("by_"))
        return {}

    _OF_HOUSEHOLDS: ClassVar[dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {
        "services": ({"with": "_with", "without": "_without"}, ("service",)),
        "households_without_service": ({"lacking": ""}, ("service", "band")),
        "reported_and_measured": (
            {"reported": "_reported", "measured": "_measured"},
            ("service", "band"),
        ),
        "access_by_band": ({"access": ""}, ("service", "band", "status")),
    }
    """The measures of tables of households by the ending of their columns, and the columns that tell them apart."""

    def _of_households(
        self, measures: Mapping[str, str], keys: tuple[str, ...]
    ) -> dict[str, NDArray[np.bool_]]:
        nulls = {}
        for measure, ending in measures.items():
            is_hidden = self._households(measure, *keys)
            nulls[f"households{ending}"] = is_hidden
            if "band" in keys:
                nulls[f"share{ending}"] = self._any_of_service(is_hidden)
        return nulls

    def _population(self) -> NDArray[np.bool_]:
        return self._among(self.hidden.population, (("population", one) for one in self.units))

    def _among(self, hidden: Collection[Hashable], names: Iterable[Hashable]) -> NDArray[np.bool_]:
        return np.fromiter((name in hidden for name in names), dtype=bool, count=len(self.table))

    def _households(self, measure: str, *keys: str) -> NDArray[np.bool_]:
        codes = [[None if pd.isna(one) else str(one) for one in self.table[key]] for key in keys]
        names = ((measure, *key, unit) for *key, unit in zip(*codes, self.units, strict=True))
        return self._among(self.hidden.households, names)

    def _any_of_service(self, is_null: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where any number of the unit and service is hidden: a share of the rest would give their sum back."""
        keys = [
            self.table["service"].astype(str).to_numpy(),
            pd.factorize(pd.Series(self.units, dtype=object))[0],
        ]
        found: NDArray[np.bool_] = pd.Series(is_null).groupby(keys).transform("any").to_numpy(dtype=bool)
        return found

    def _groups(self) -> list[PopulationGroup]:
        return [PopulationGroup(one) for one in self.table["group"].astype(str)]

    def _individuals(self) -> dict[str, NDArray[np.bool_]]:
        pairs = list(zip(self._groups(), self.units, strict=True))
        individuals = self._among_groups(pairs)
        whole = self._among_groups([(group, COUNTRY) for group, _ in pairs])
        return {"individuals": individuals, "share": individuals | whole}

    def _among_groups(self, pairs: Sequence[tuple[PopulationGroup, Unit]]) -> NDArray[np.bool_]:
        return np.array([(unit,) in self.hidden.individuals[group] for group, unit in pairs], dtype=bool)

    def _concentration(self) -> dict[str, NDArray[np.bool_]]:
        nulls = self._individuals()
        individuals = nulls["individuals"]
        people = self._population()
        every = np.array(
            [
                any(
                    (place,) in cells
                    for cells in self.hidden.individuals.values()
                    for place in (unit, COUNTRY)
                )
                for unit in self.units
            ],
            dtype=bool,
        )
        return nulls | {
            "inhabitants": people,
            "per_1000_inhabitants": individuals | people,
            "per_km2": individuals,
            # Its unit is all five groups there, and its whole all five everywhere.
            _LOCATION_QUOTIENT: every,
        }

    def _of_group(self, group: PopulationGroup, what: str) -> dict[str, NDArray[np.bool_]]:
        hidden = self.hidden.individuals[group]
        if what.startswith("growth"):
            base, later = (
                self._among(hidden, self._dimension(Dimension.YEAR, column))
                for column in ("base_year", "year")
            )
            either = base | later
            return {"base_individuals": base, "individuals": later, "difference": either, "growth": either}
        dimension = Dimension.COUNTRY if what == "top_countries" else Dimension(what)
        individuals = self._among(hidden, self._dimension(dimension, "code"))
        whole = self._among(hidden, ((one,) for one in self.units))
        return {"individuals": individuals, "share": individuals | whole}

    def _dimension(self, dimension: Dimension, column: str) -> Iterable[Hashable]:
        codes = self.table[column].astype(str)
        return ((dimension, code, unit) for code, unit in zip(codes, self.units, strict=True))


def _in_order(table: pd.DataFrame, order: Mapping[str, int]) -> pd.DataFrame:
    """The rows of each unit by the place of their codes; units stay where they are."""
    unit = np.zeros(len(table), dtype=np.int64)
    if "pcode" in table:
        unit = pd.factorize(table["pcode"], use_na_sentinel=False)[0]
    place = table["code"].astype(str).map(order).to_numpy()
    attrs = table.attrs
    table = table.iloc[np.lexsort((place, unit))].reset_index(drop=True)
    table.attrs = attrs
    return table
