"""The units that the tables of a release are split by, and how the numbers of the smaller ones make those of the larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    import geopandas as gpd

    from geo_service.coverage.suppress_system import System

__all__ = ["COUNTRY", "Unit", "UnitTree", "numbers", "split_names", "splits", "unit_tree", "units_of"]

Unit = tuple[AdminLevel, str | None]
"""A level and a P-code, null for what is in no unit of the level."""

COUNTRY: Unit = (AdminLevel.COUNTRY, None)


def split_names(name: str, level: AdminLevel) -> tuple[str, ...]:
    """The names that the table `name` may have when a level splits it: `groups_by_region`, `access_by_band_and_region`."""
    if level is AdminLevel.COUNTRY:
        return (name,)
    return (f"{name}_by_{level}", f"{name}_and_{level}")


def splits(tables: Mapping[str, pd.DataFrame], name: str) -> Iterator[tuple[AdminLevel, pd.DataFrame]]:
    """A table and those that split it, as far as they are there."""
    for level in AdminLevel:
        for split in split_names(name, level):
            if split in tables:
                yield level, tables[split]


def units_of(table: pd.DataFrame, level: AdminLevel) -> list[Unit]:
    """The unit of each row."""
    if level is AdminLevel.COUNTRY:
        return [COUNTRY] * len(table)
    return [(level, None if pd.isna(code) else str(code)) for code in table["pcode"]]


def numbers(table: pd.DataFrame, column: str) -> list[int]:
    """A column of counts as whole numbers; what is not known counts as nothing, as in the totals."""
    counts: list[int] = pd.array(table[column], dtype="Int64").fillna(0).astype("int64").tolist()
    return counts


@dataclass(frozen=True, slots=True)
class UnitTree:
    """Which units make which.

    Attributes:
        regions: All regions that any table has.
        districts: All districts.
        region_of: The region of each district that is in one.
    """

    regions: tuple[Unit, ...]
    districts: tuple[Unit, ...]
    region_of: Mapping[Unit, Unit]

    @property
    def has_stray_districts(self) -> bool:
        """Whether the region of a district is not known, so that nobody can say what follows from its numbers."""
        return bool(self.regions) and any(
            one[1] is not None and one not in self.region_of for one in self.districts
        )

    def relate(
        self,
        system: System,
        name: Callable[[Unit], Hashable],
        villages: Mapping[Unit, int],
        block: Hashable,
        beside: Callable[[int, int], dict[str, Any]] = lambda _value, _villages: {},
    ) -> None:
        """Say that regions make the country and districts their regions.

        Args:
            system: Where the cells of units are told already.
            name: The name of a unit's cell; units without one have nothing.
            villages: How many villages a unit's number is of; null units are known only as a whole, so that what each
                region has beside its districts is there where villages are.
            block: As in `System.cell`.
            beside: How to guard what a region has beside its districts, as in `System.cell`, by its value and villages.
        """

        def told(units: Iterable[Unit]) -> list[Hashable]:
            return [name(one) for one in units if name(one) in system]

        country, regions, districts = told([COUNTRY]), told(self.regions), told(self.districts)
        if country and regions:
            system.relate(country, regions)
        if not regions:
            if country and districts:
                system.relate(country, districts)
            return
        left = []
        for region in self.regions if districts else ():
            inside = [one for one in self.districts if self.region_of.get(one) == region]
            whole, parts = told([region]), told(inside)
            if not whole:
                continue
            count = villages.get(region, 0) - sum(villages.get(one, 0) for one in inside)
            rest = (whole[0], "beside its districts")
            how = beside(system.value_of(whole) - system.value_of(parts), count)
            system.beside(rest, whole, parts, block, is_there=count > 0, **how)
            if rest in system:
                left.append(rest)
        nowhere = told([(AdminLevel.DISTRICT, None)])
        if left or nowhere:
            system.relate(nowhere, left)


def unit_tree(tables: Mapping[str, pd.DataFrame], units: gpd.GeoDataFrame | None) -> UnitTree:
    """The units of all tables.

    Args:
        tables: Report tables by name; those with a column `pcode` are named after their level.
        units: Schema `ADMIN_UNITS`, for the region of each district; null to go by the beginning of its P-code.
    """
    found: dict[AdminLevel, set[str | None]] = {AdminLevel.REGION: set(), AdminLevel.DISTRICT: set()}
    for name, table in tables.items():
        for level, codes in found.items():
            if "pcode" in table and name.endswith((f"_by_{level}", f"_and_{level}")):
                codes.update(code for _, code in units_of(table, level))
    regions, districts = (
        tuple((level, code) for code in sorted(codes, key=lambda one: (one is None, one)))
        for level, codes in found.items()
    )
    parents: dict[str, str] = {}
    if units is not None:
        both = units[["pcode", "parent_pcode"]].dropna()
        parents = dict(zip(both["pcode"].astype(str), both["parent_pcode"].astype(str), strict=True))
    region_of: dict[Unit, Unit] = {}
    for level, code in districts:
        if code is None:
            continue
        # The longest code that the district's begins with is its region's.
        by_code = max(
            (one for _, one in regions if one is not None and code.startswith(one)), key=len, default=None
        )
        region = (AdminLevel.REGION, parents.get(code, by_code))
        if region in regions and region[1] is not None:
            region_of[level, code] = region
    return UnitTree(regions, districts, region_of)
