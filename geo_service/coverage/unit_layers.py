"""Tables by unit turned into layers: the polygons of admin units, a row each, with a column for each number that people map.

The numbers are those of the tables that are handed in and of nothing else, so that guarded tables give guarded layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.vocabulary import AdminLevel, Band, Basis, PopulationGroup, Service, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["access_by_unit", "mobility_by_unit"]

_NAMES = ("pcode", "name_en", "name_ru", "name_kk", "parent_pcode")
_BEYOND_ALL = (Status.NO_FACILITY.value, Status.UNREACHABLE.value, Status.BEYOND_LIMIT.value)
"""Without a distance, but farther than any band."""


def mobility_by_unit(
    tables: Mapping[str, pd.DataFrame], units: gpd.GeoDataFrame, by: AdminLevel | str
) -> gpd.GeoDataFrame | None:
    """Where each population group is, a row a unit.

    Args:
        tables: Report tables by name, see `report_tables`; or the same, guarded, with a column `suppressed`.
        units: Schema `ADMIN_UNITS`, of one level or several, in any CRS.
        by: The level.

    Returns:
        Every unit of the level, also those where no village was assessed: `pcode`, `name_en`, `name_ru`, `name_kk`, `parent_pcode`; `villages` (assessed, Int64, 0
        where none was), `households` and `population` (Int64) of those villages; for each group G `G` (its individuals, Int64, null where nobody was asked or
        their number is not known) and `G_villages` (where it is present, Int64); of guarded tables also `suppressed` and `G_suppressed`
        (boolean: whether a number of the row, or of the group, is hidden); the polygon. `attrs`: `basis`, `by` and `villages_outside`, the villages in no unit of
        the layer. Null for the whole where there is no such table or no such unit.
    """
    groups = _bare(tables, f"groups_by_{by}")
    of_level = _of_level(units, by)
    if groups is None or of_level.empty:
        return None
    layer = _Layer(of_level, tables, by)
    for group in PopulationGroup:
        rows = groups[(groups["group"] == group).to_numpy()].set_index("pcode")
        layer.add(group.value, rows["individuals"])
        layer.add(f"{group}_villages", rows["villages_present"])
        if "suppressed" in rows:
            layer.columns[f"{group}_suppressed"] = layer.where(rows["suppressed"])
    return layer.frame(Basis.REPORTED.value)


def access_by_unit(
    tables: Mapping[str, pd.DataFrame],
    units: gpd.GeoDataFrame,
    by: AdminLevel | str,
    *,
    max_distance_km: float | None = None,
) -> gpd.GeoDataFrame | None:
    """The villages and households without or far from each service, measured and as key informants reported it, a row a unit.

    Args:
        tables: Measured access by band and presence by name (`access_by_band_and_region`, `service_presence_and_region`), and report tables where there is
            a round; or the same, guarded, with a column `suppressed`.
        units: As for `mobility_by_unit`.
        by: The level.
        max_distance_km: How far was searched, kilometres; null for no limit.

    Returns:
        Every unit of the level: names, `villages`, `households` and `population` as in `mobility_by_unit`. For each service S that was measured
        `S_villages_without` (Int64), `S_households_beyond_25_km` (Int64) and `S_share_beyond_25_km` (float64, of all households of the unit), with the edge
        where the last band begins in the place of 25; the latter two are left out where the search ended before it. For each service that was asked about
        `reported_S_villages_without`, `reported_S_households_beyond_25_km` and `reported_S_share_beyond_25_km` (of the households that do not have the
        service). Of guarded tables also `suppressed` and `S_suppressed` (boolean). Null where a unit has no villages or the number is not known or hidden. `attrs` as
        in `mobility_by_unit`. Null for the whole where there is no such table or no such unit.
    """
    presence, bands = (_bare(tables, f"{name}_and_{by}") for name in ("service_presence", "access_by_band"))
    said, lacking = (_bare(tables, f"{name}_by_{by}") for name in ("services", "households_without_service"))
    of_level = _of_level(units, by)
    if of_level.empty or (bands is None and lacking is None):
        return None
    layer = _Layer(of_level, tables, by)
    hidden: dict[str, list[pd.Series]] = {service.value: [] for service in Service}
    if bands is not None:
        edge = str(bands["band"].cat.categories[-1]).removeprefix(">")
        is_searched = max_distance_km is None or max_distance_km >= float(edge)
        for service in bands["service"].unique():
            there = None if presence is None else _of_service(presence, service)
            rows = _of_service(bands, service)
            rows = rows[_is_last(rows)]
            layer.add_service(f"{service}_", there, rows, edge if is_searched else None)
            hidden[service] += layer.hidden(there, rows)
    if lacking is not None:
        last = Band.OVER_25_KM
        for service in lacking["service"].unique():
            there = None if said is None else _of_service(said, service)
            rows = _of_service(lacking, service)
            rows = rows[(rows["band"] == last).to_numpy()]
            layer.add_service(f"reported_{service}_", there, rows, last.removeprefix(">"))
            hidden[service] += layer.hidden(there, rows)
    for service, columns in hidden.items():
        if columns:
            layer.columns[f"{service}_suppressed"] = pd.concat(columns, axis=1).any(axis=1).astype("boolean")
    bases = [Basis.REPORTED.value] * (lacking is not None) + [Basis.MEASURED.value] * (bands is not None)
    return layer.frame(", ".join(bases))


class _Layer:
    """The columns of a layer while they are put together, by P-code."""

    def __init__(
        self, units: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame], by: AdminLevel | str
    ) -> None:
        """Begin with the names, and the villages, households and residents of the round, or of any one service that was measured."""
        self.units = units
        self.by = AdminLevel(by)
        self.pcodes = pd.Index(units["pcode"].astype(object))
        self.columns: dict[str, pd.Series] = {}
        whole = _bare(tables, f"coverage_by_{by}")
        if whole is None:
            # Every village is in one row of each service.
            bands = tables[f"access_by_band_and_{by}"]
            whole = _of_service(bands, bands["service"].iloc[0])
            for name in ("villages", "households"):
                self.add(name, _sum(whole, name))
        else:
            rows = whole.set_index("pcode")
            for name in ("villages", "households", "population"):
                self.add(name, rows[name])
            if "suppressed" in rows:
                self.columns["suppressed"] = self.where(rows["suppressed"])
            if "synthetic" in rows:
                self.columns["synthetic"] = pd.Series(data=True, index=self.pcodes)
        self.columns["villages"] = self.columns["villages"].fillna(0)
        self.outside = int(whole.loc[~whole["pcode"].isin(self.pcodes), "villages"].sum())

    def add(self, name: str, by_pcode: pd.Series) -> None:
        """Add a number of each unit; null where the table has none."""
        is_whole = not pd.api.types.is_float_dtype(by_pcode)
        found = by_pcode[by_pcode.index.notna()].reindex(self.pcodes)
        self.columns[name] = found.astype("Int64" if is_whole else "float64")

    def add_service(
        self, prefix: str, there: pd.DataFrame | None, last: pd.DataFrame, edge: str | None
    ) -> None:
        """Add the villages without a service, and the households and the share beyond the last edge; an edge that was not reached has none."""
        if there is not None:
            self.add(f"{prefix}villages_without", there.set_index("pcode")["villages_without"])
        for name in ("households", "share") if edge is not None else ():
            self.add(f"{prefix}{name}_beyond_{str(edge).replace('.', '_')}_km", _sum(last, name))

    def where(self, by_pcode: pd.Series) -> pd.Series:
        """Of which units something is so; not of those that the table does not have."""
        found = by_pcode[by_pcode.index.notna()].astype("boolean").reindex(self.pcodes)
        return found.fillna(value=False)

    def hidden(self, *tables: pd.DataFrame | None) -> list[pd.Series]:
        """Of guarded tables, of which units a number is hidden."""
        return [
            self.where(rows.groupby("pcode", observed=True)["suppressed"].any())
            for rows in tables
            if rows is not None and "suppressed" in rows
        ]

    def frame(self, basis: str) -> gpd.GeoDataFrame:
        """The layer, its polygons last, with what it says of itself."""
        names = {name: self.units[name].array for name in _NAMES}
        numbers = {name: column.array for name, column in self.columns.items()}
        made = gpd.GeoDataFrame(names | numbers, geometry=self.units.geometry.array, crs=self.units.crs)
        made.attrs = {"basis": basis, "by": self.by.value, "villages_outside": self.outside}
        return made


def _of_level(units: gpd.GeoDataFrame, by: AdminLevel | str) -> gpd.GeoDataFrame:
    return units[(units["level"] == AdminLevel(by).number).to_numpy()]


def _bare(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame | None:
    """A table without what it says of itself, of which each of its columns would be given a copy."""
    if name not in tables:
        return None
    bare = tables[name].copy(deep=False)
    bare.attrs = {}
    return bare


def _of_service(table: pd.DataFrame, service: str) -> pd.DataFrame:
    return table[(table["service"] == service).to_numpy()]


def _is_last(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows of measured access by band lie beyond the edge of the last band."""
    is_beyond_all = rows["band"].isna() & rows["status"].isin(_BEYOND_ALL)
    return np.asarray((rows["band"] == rows["band"].cat.categories[-1]) | is_beyond_all, dtype=bool)


def _sum(rows: pd.DataFrame, name: str) -> pd.Series:
    """The sum of each unit; null where one of the numbers is."""
    by_unit = rows[rows["pcode"].notna()].groupby("pcode", observed=True)[name]
    return by_unit.sum().mask(by_unit.count() < by_unit.size())
