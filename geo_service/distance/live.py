"""A facility layer that changes: an R-tree that is added to, taken from and asked, and what a change touches.

For bulk work `nearest` is faster. This index is for a layer that is edited while it serves, and for what-if questions: change a
facility, ask which villages it can touch, ask only those again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from rtree.index import Index, Property

from geo_service.distance.geodesic import GeodesicEngine
from geo_service.distance.nearest import STATUS_DTYPE, refuse_bad_search
from geo_service.errors import InputError
from geo_service.spatial.crs import is_off_earth, lon_lat
from geo_service.spatial.geodesy import ROUNDING_M, ecef_m
from geo_service.spatial.linework import Pieces, cut_into_pieces, piece_distance_m
from geo_service.vocabulary import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Change", "LiveIndex"]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one facility.

    Attributes:
        facility_id: Which one.
        before: Its geometry until then, in longitude and latitude; null when it was added.
        after: Its geometry from then on; null when it was removed.
    """

    facility_id: str
    before: shapely.Geometry | None
    after: shapely.Geometry | None


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    geometry: shapely.Geometry
    pieces: Pieces
    low_xyz: NDArray[np.float64]
    high_xyz: NDArray[np.float64]


class LiveIndex:
    """The facilities of one service in an R-tree: add, remove, move, and ask for the nearest.

    Answers equal those of `nearest` over the same facilities. Geometries are in longitude and latitude (WGS84).

    Example:
        >>> from shapely import Point
        >>> clinics = LiveIndex()
        >>> change = clinics.add("aktau", Point(51.2, 43.7))
        >>> len(clinics)
        1
    """

    def __init__(self, facilities: Iterable[tuple[str, shapely.Geometry]] = ()) -> None:
        """Start with pairs of a facility id and its geometry, or with none."""
        # Boxes in earth-centred coordinates have no antimeridian and no poles; a chord to a box is never too long.
        self._boxes = Index(properties=Property(dimension=3))
        self._areas = Index()
        self._entries: dict[str, _Entry] = {}
        self._ids: dict[int, str] = {}
        self._next_number = 0
        for facility_id, geometry in facilities:
            self.add(facility_id, geometry)

    def __len__(self) -> int:
        """Count the facilities."""
        return len(self._entries)

    def __contains__(self, facility_id: object) -> bool:
        """Whether there is a facility of that id."""
        return facility_id in self._entries

    def add(self, facility_id: str, geometry: shapely.Geometry) -> Change:
        """Add a facility.

        Raises:
            InputError: Its id is taken, or its geometry is null, empty or not on earth.
        """
        if facility_id in self._entries:
            raise InputError(
                f"facility '{facility_id}' is there already; move it, or give the new one its own id"
            )
        entry = _entry(self._next_number, facility_id, geometry)
        self._next_number += 1
        self._entries[facility_id] = entry
        self._ids[entry.number] = facility_id
        self._boxes.insert(entry.number, (*entry.low_xyz, *entry.high_xyz))
        if shapely.get_dimensions(geometry) == 2:
            self._areas.insert(entry.number, geometry.bounds)
        return Change(facility_id, None, geometry)

    def remove(self, facility_id: str) -> Change:
        """Remove a facility.

        Raises:
            InputError: There is none of that id.
        """
        if facility_id not in self._entries:
            raise InputError(f"there is no facility '{facility_id}' to change")
        entry = self._entries.pop(facility_id)
        del self._ids[entry.number]
        self._boxes.delete(entry.number, (*entry.low_xyz, *entry.high_xyz))
        if shapely.get_dimensions(entry.geometry) == 2:
            self._areas.delete(entry.number, entry.geometry.bounds)
        return Change(facility_id, entry.geometry, None)

    def move(self, facility_id: str, geometry: shapely.Geometry) -> Change:
        """Give a facility another geometry; when that cannot be used the facility stays as it was.

        Raises:
            InputError: There is none of that id, or the geometry is null, empty or not on earth.
        """
        _refuse_bad_geometry(facility_id, geometry)
        before = self.remove(facility_id).before
        self.add(facility_id, geometry)
        return Change(facility_id, before, geometry)

    def nearest(
        self,
        points: gpd.GeoDataFrame | gpd.GeoSeries,
        k: int = 1,
        max_distance_km: float | None = None,
    ) -> pd.DataFrame:
        """As the function `nearest`: the same arguments, rows, columns and errors."""
        refuse_bad_search(k, max_distance_km)
        limit_m = np.inf if max_distance_km is None else max_distance_km * 1000
        answers = [self._nearest_one(x, y, k, limit_m) for x, y in zip(*lon_lat(points), strict=True)]
        flat = [one for answer in answers for one in answer]
        return pd.DataFrame(
            {
                "rank": np.tile(np.arange(1, k + 1), len(answers)),
                "facility_id": pd.array([facility_id for facility_id, _, _ in flat], dtype="string"),
                "distance_m": np.array([distance_m for _, distance_m, _ in flat], dtype=np.float64),
                "status": pd.Categorical([status.value for _, _, status in flat], dtype=STATUS_DTYPE),
            },
            index=points.index.repeat(k),
        )

    def affected(
        self, change: Change, access: gpd.GeoDataFrame, max_distance_km: float | None = None
    ) -> pd.api.extensions.ExtensionArray:
        """The villages whose answer `change` can alter: those it was an answer of, and those it is now near enough to.

        Args:
            change: The latest change of this index: what `add`, `remove` or `move` gave back.
            access: Rows of one service from before the change, all ranks of a village: `village_id`, `rank`,
                `facility_id`, `distance_m`, `status` and each village's point as geometry.
            max_distance_km: The limit that `access` was made with; null for none.

        Returns:
            Village ids (string) in the order of `access`, each once. Asking only these again gives the same as asking all.
        """
        villages = access["village_id"].drop_duplicates()
        last = access[access["rank"] == access["rank"].max()]
        touched = set(access.loc[access["facility_id"] == change.facility_id, "village_id"])
        if change.after is None:
            # Where too few are left, one that was too far becomes one that is not there.
            is_gone = (access["rank"] > len(self)) & (access["status"] == Status.BEYOND_LIMIT)
            touched |= set(access.loc[is_gone, "village_id"])
        else:
            touched |= set(last.loc[last["status"] == Status.NO_FACILITY, "village_id"])
            touched |= set(last.loc[_is_as_near(change.after, last, max_distance_km), "village_id"])
        return villages[villages.isin(touched)].array

    def _nearest_one(
        self, lon: float, lat: float, k: int, limit_m: float
    ) -> list[tuple[str | None, float, Status]]:
        if not np.isfinite(lon):
            return [(None, np.nan, Status.NO_LOCATION)] * k
        here = (np.array([lon]), np.array([lat]))
        xyz = ecef_m(*here)[0]
        inside = [self._ids[number] for number in self._areas.intersection((lon, lat, lon, lat))]
        point = shapely.Point(lon, lat)
        measured = {one: 0.0 for one in inside if self._entries[one].geometry.intersects(point)}
        looked_at = k + 1
        while True:
            numbers = list(self._boxes.nearest((*xyz, *xyz), min(looked_at, len(self))))
            entries = {self._ids[number]: self._entries[self._ids[number]] for number in numbers}
            for facility_id, entry in entries.items():
                if facility_id not in measured:
                    measured[facility_id] = _distance_m(*here, entry.pieces)
            ranked = sorted((m, facility_id) for facility_id, m in measured.items() if m <= limit_m)[:k]
            saw_all = len(numbers) >= len(self)
            unseen_m = np.inf if saw_all else max(_box_distance_m(xyz, entry) for entry in entries.values())
            last_m = ranked[-1][0] if len(ranked) == k else limit_m
            if saw_all or last_m < unseen_m - ROUNDING_M:
                break
            looked_at *= 2
        found = [(facility_id, distance_m, Status.OK) for distance_m, facility_id in ranked]
        beyond = [(None, np.nan, Status.BEYOND_LIMIT)] * (min(k, len(self)) - len(found))
        return [*found, *beyond, *[(None, np.nan, Status.NO_FACILITY)] * (k - len(found) - len(beyond))]


def _is_as_near(
    geometry: shapely.Geometry, last: gpd.GeoDataFrame, max_distance_km: float | None
) -> NDArray[np.bool_]:
    """Whether `geometry` is as near to each village as the last of its answers, or within the limit where that is none."""
    lon, lat = lon_lat(last)
    is_as_near = np.isfinite(lon)
    limit_m = None if max_distance_km is None else max_distance_km * 1000
    ranked = GeodesicEngine(np.array([geometry])).nearest(lon[is_as_near], lat[is_as_near], 1, limit_m)
    last_m = last["distance_m"].fillna(np.inf).to_numpy()
    is_as_near[is_as_near] = ranked.distance_m[:, 0] <= last_m[is_as_near]
    return is_as_near


def _entry(number: int, facility_id: str, geometry: shapely.Geometry) -> _Entry:
    _refuse_bad_geometry(facility_id, geometry)
    pieces = cut_into_pieces(np.array([geometry]))
    reach_m = pieces.radius_m[:, None]
    low, high = (pieces.middle_xyz - reach_m).min(axis=0), (pieces.middle_xyz + reach_m).max(axis=0)
    return _Entry(number, geometry, pieces, low, high)


def _refuse_bad_geometry(facility_id: str, geometry: shapely.Geometry) -> None:
    if geometry is None or geometry.is_empty:
        raise InputError(f"facility '{facility_id}' has no geometry")
    if is_off_earth(np.array([geometry]))[0]:
        raise InputError(
            f"facility '{facility_id}' is not on earth: its bounds are {geometry.bounds} degrees"
        )


def _distance_m(lon: NDArray[np.float64], lat: NDArray[np.float64], pieces: Pieces) -> float:
    every = np.arange(len(pieces))
    return float(piece_distance_m(lon.repeat(len(every)), lat.repeat(len(every)), pieces, every).min())


def _box_distance_m(xyz: NDArray[np.float64], entry: _Entry) -> float:
    outside = np.maximum(np.maximum(entry.low_xyz - xyz, xyz - entry.high_xyz), 0)
    return float(np.sqrt((outside * outside).sum()))
