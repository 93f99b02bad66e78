"""Public editions of the tables of a release: small numbers of people are hidden, and enough others that none can be computed.

What is hidden, how, and what that promises is in docs/suppression.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from geo_service.coverage.guarded_access import household_system, population_system
from geo_service.coverage.guarded_mobility import group_system
from geo_service.coverage.guarded_tables import Hidden, guarded_table, public_order
from geo_service.coverage.guarded_units import COUNTRY, UnitTree, split_names, unit_tree
from geo_service.errors import InputError
from geo_service.vocabulary import AdminLevel, Dimension, PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from geo_service.coverage.suppress_system import System

__all__ = ["DEFAULT_LEAST_VILLAGES", "DEFAULT_THRESHOLD", "Guard", "guard", "public_tables"]

DEFAULT_THRESHOLD = 5
"""From how many on people and households may be shown."""

DEFAULT_LEAST_VILLAGES = 2
"""From how many villages on the individuals of a group in a unit may be shown: of one village they are that village's, which is for analysts."""

_BY_UNIT = (AdminLevel.COUNTRY, AdminLevel.REGION, AdminLevel.DISTRICT)
_TO_REGIONS = (AdminLevel.COUNTRY, AdminLevel.REGION)
_SIDE_BY_SIDE = "reported_and_measured"

_FAMILIES: dict[str, tuple[AdminLevel, ...]] = {
    "coverage": _BY_UNIT,
    "groups": _BY_UNIT,
    **{group.value: _BY_UNIT for group in PopulationGroup},
    **{f"{group}_by_{dimension}": _TO_REGIONS for group in PopulationGroup for dimension in Dimension},
    **{f"{group}_growth": _TO_REGIONS for group in PopulationGroup},
    **{f"{group}_top_countries": (AdminLevel.COUNTRY,) for group in PopulationGroup},
    "concentration": _BY_UNIT,
    "services": _BY_UNIT,
    "households_without_service": _BY_UNIT,
    _SIDE_BY_SIDE: _BY_UNIT,
    "agreement": _BY_UNIT,
    "access_by_band": _BY_UNIT,
    "service_presence": _BY_UNIT,
}
"""The tables that the public may see, without the level they are split by, and down to which level. No others."""


@dataclass(frozen=True)
class Guard:
    """What is hidden in the tables of a release, to be applied to them in each language.

    Attributes:
        hidden: The cells.
        public: The names of the tables that the public may see, with their families and levels.
        orders: The order of codes by group and dimension where rows are in the order of their numbers.
        systems: The linked cells that this was found from.
        threshold: From how many on people and households are shown.
    """

    hidden: Hidden
    public: Mapping[str, tuple[str, AdminLevel]]
    orders: Mapping[str, Mapping[str, int]]
    systems: Mapping[str, System] = field(repr=False)
    threshold: int

    def tables(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """The public editions of tables: those that `guard` was given, in any language."""
        made = {}
        for name, table in tables.items():
            if name in self.public:
                family, level = self.public[name]
                made[name] = guarded_table(table, family, level, self.hidden, self.orders.get(family))
                made[name].attrs["suppressed_below"] = self.threshold
        return made

    def exposed(self) -> list[Hashable]:
        """The names of hidden cells that linear programming narrows to fewer than `threshold` values, with the system they are of; none when all is well."""
        found: list[Hashable] = []
        for name, system in self.systems.items():
            hidden = {"households": self.hidden.households, "population": self.hidden.population}.get(name)
            hidden = self.hidden.individuals[PopulationGroup(name)] if hidden is None else hidden
            found += [(name, cell) for cell in system.exposed(hidden)]
        return found


def public_tables(
    tables: Mapping[str, pd.DataFrame],
    *,
    threshold: int = DEFAULT_THRESHOLD,
    least_villages: int = DEFAULT_LEAST_VILLAGES,
    units: gpd.GeoDataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """The public editions of the tables of a release.

    Args:
        tables: All tables of `report_tables` and `release.tables.access_tables` by name, in one language. All of them: what is hidden in one
            follows from the others.
        threshold: From how many on individuals, households and residents may be shown, 2 or more.
        least_villages: In how many villages of a unit a group was counted at least for its numbers there to be shown; 1 for any.
        units: Schema `ADMIN_UNITS`, for the region of each district; null to go by the beginning of its P-code.

    Returns:
        Those that the public may see, by name: each with its columns and `suppressed` (bool, whether any number of the row is hidden). Hidden
        numbers and all that is computed from them are null; what was null before is null and not suppressed. Numbers of a group's households and countries are
        null throughout, `attrs["withheld"]` names them. `attrs["suppressed_below"]` is the threshold. Rows that were in the order of their numbers have the hidden ones after the
        shown ones. Tables by district are left out where the region of one of them is not known.

    Raises:
        InputError: The threshold is below 2, or the tables contradict one another.
    """
    return guard(tables, threshold=threshold, least_villages=least_villages, units=units).tables(tables)


def guard(
    tables: Mapping[str, pd.DataFrame],
    *,
    threshold: int = DEFAULT_THRESHOLD,
    least_villages: int = DEFAULT_LEAST_VILLAGES,
    units: gpd.GeoDataFrame | None = None,
) -> Guard:
    """What has to be hidden in the tables of a release; see `public_tables`."""
    if threshold < 2:
        raise InputError(f"the threshold is {threshold}; give 2 or more")
    tree = unit_tree(tables, units)
    levels = _TO_REGIONS if tree.has_stray_districts else _BY_UNIT
    try:
        return _guard(tables, tree, threshold, least_villages, levels)
    except InputError:
        # Districts that cross regions have no sums that anybody could protect.
        if not tree.districts or levels is _TO_REGIONS:
            raise
        return _guard(tables, tree, threshold, least_villages, _TO_REGIONS)


def _guard(
    tables: Mapping[str, pd.DataFrame],
    tree: UnitTree,
    threshold: int,
    least_villages: int,
    levels: tuple[AdminLevel, ...],
) -> Guard:
    public = {
        name: (family, level) for name, family, level in _public_names() if name in tables and level in levels
    }
    if "groups" not in tables:
        of_groups = ("groups", "concentration", *(group.value for group in PopulationGroup))
        public = {name: one for name, one in public.items() if not one[0].startswith(of_groups)}
    if _bands_differ(tables):
        public = {name: one for name, one in public.items() if one[0] != _SIDE_BY_SIDE}
    seen = {name: tables[name] for name in public}
    if AdminLevel.DISTRICT not in levels:
        tree = UnitTree(tree.regions, (), {})
    systems: dict[str, System] = {
        group.value: group_system(seen, group, tree, threshold, least_villages) for group in PopulationGroup
    }
    individuals = {group: systems[group.value].hidden() for group in PopulationGroup}
    systems["households"] = household_system(seen, tree, threshold)
    households = systems["households"].hidden()
    systems["population"] = population_system(
        seen, tree, threshold, lambda unit: ("households", unit) in households
    )
    hidden = Hidden(individuals, households, systems["population"].hidden())
    return Guard(hidden, public, _orders(seen, hidden), systems, threshold)


def _public_names() -> Iterator[tuple[str, str, AdminLevel]]:
    for family, levels in _FAMILIES.items():
        for level in levels:
            for name in split_names(family, level):
                yield name, family, level


def _bands_differ(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether measured access is in other bands than what it is compared with: two ways to cut one distance tell more than either."""
    names = ("access_by_band", _SIDE_BY_SIDE)
    if not all(name in tables for name in names):
        return False
    first, second = (list(tables[name]["band"].cat.categories) for name in names)
    return first != second


def _orders(tables: Mapping[str, pd.DataFrame], hidden: Hidden) -> dict[str, dict[str, int]]:
    """The order of countries and reasons, which the tables have by their numbers."""
    orders: dict[str, dict[str, int]] = {}
    for group in PopulationGroup:
        for dimension in (Dimension.COUNTRY, Dimension.REASON):
            name = f"{group}_by_{dimension}"
            found = [tables[one] for one in (f"{group}_top_countries", name) if one in tables]
            if not found or name not in tables:
                continue
            if dimension is not Dimension.COUNTRY:
                found = [tables[name]]
            is_hidden = partial(_is_hidden, hidden.individuals[group], dimension)
            orders[name] = public_order(found, is_hidden)
            if dimension is Dimension.COUNTRY:
                orders[f"{group}_top_countries"] = orders[name]
    return orders


def _is_hidden(cells: Collection[Hashable], dimension: Dimension, code: str) -> bool:
    return (dimension, code, COUNTRY) in cells
