"""The nearest facilities of points, as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo_service.distance.protocol import NONE, Ranked
from geo_service.distance.registry import ENGINES
from geo_service.errors import InputError
from geo_service.spatial.crs import is_off_earth, lon_lat, to_wgs84
from geo_service.vocabulary import Method, Status

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["STATUS_DTYPE", "FacilityIndex", "facility_ids", "nearest", "refuse_bad_search"]


class FacilityIndex:
    """The facilities of one service, indexed once to be asked many times.

    Attributes:
        ids: Facility ids in the order that ties go by, shape (m,), dtype string.
        positions: Where each stands in the frame given, shape (m,).
    """

    def __init__(
        self, facilities: gpd.GeoDataFrame | gpd.GeoSeries, method: Method = Method.GEODESIC
    ) -> None:
        """Index `facilities`; see `nearest` for what they may be and what is raised."""
        geometry = np.asarray(to_wgs84(facilities, "the facilities").geometry)
        _refuse_missing(geometry)
        ids = facility_ids(facilities)
        self.positions = np.asarray(ids.argsort(kind="stable"))
        self.ids = ids[self.positions]
        self._engine = ENGINES[method](geometry[self.positions])

    def ask(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        k: int = 1,
        max_distance_km: float | None = None,
    ) -> Ranked:
        """The `k` nearest of each point, as positions in `ids`; none where the point is NaN.

        Raises:
            InputError: `k` or `max_distance_km` is not positive.
        """
        refuse_bad_search(k, max_distance_km)
        max_distance_m = None if max_distance_km is None else max_distance_km * 1000
        is_located = np.isfinite(lon) & np.isfinite(lat)
        if is_located.all():
            return self._engine.nearest(lon, lat, k, max_distance_m)
        ranked = Ranked(np.full((len(lon), k), NONE, dtype=np.intp), np.full((len(lon), k), np.nan))
        found = self._engine.nearest(lon[is_located], lat[is_located], k, max_distance_m)
        ranked.facility[is_located] = found.facility
        ranked.distance_m[is_located] = found.distance_m
        return ranked

    def statuses(self, ranked: Ranked, lon: NDArray[np.float64]) -> pd.Categorical:
        """The status of each answer, row by row and rank by rank, shape (n * k,)."""
        rows, k = ranked.facility.shape
        codes = np.zeros((rows, k), dtype=np.int8)
        is_none = ranked.facility == NONE
        codes[is_none] = _STATUS_CODE[Status.BEYOND_LIMIT]
        codes[:, len(self.ids) :] = _STATUS_CODE[Status.NO_FACILITY]
        codes[np.isnan(lon)] = _STATUS_CODE[Status.NO_LOCATION]
        return pd.Categorical.from_codes(codes.ravel(), dtype=STATUS_DTYPE)


STATUS_DTYPE = pd.CategoricalDtype([status.value for status in Status])
_STATUS_CODE = {status: code for code, status in enumerate(Status)}


def nearest(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame | gpd.GeoSeries,
    k: int = 1,
    max_distance_km: float | None = None,
    *,
    method: Method = Method.GEODESIC,
) -> pd.DataFrame:
    """The nearest facilities of each point, measured exactly over the WGS84 ellipsoid.

    The answer equals measuring every pair: also across the antimeridian and at the poles. A facility that is a line counts from its nearest
    place, an area likewise and 0 inside. Edges run straight in longitude and latitude (RFC 7946, 3.1.1).

    Args:
        points: n points in any CRS; null or empty ones are answered `no_location`.
        facilities: Points, lines or areas in any CRS, none null or empty; there may be none. Their ids are their column
            `facility_id`, else their index, as text. Ties go to the id that sorts first.
        k: How many facilities for each point, 1 or more.
        max_distance_km: Kilometres beyond which none is looked for; null for no limit.
        method: How to measure.

    Returns:
        n * k rows, the points in their order and the nearest facility first, with the points' index repeated:
        `rank` (int64, from 1), `facility_id` (string), `distance_m` (float64, metres) and `status` (category). Where
        `status` is not `ok` the facility and the distance are null.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: A point is not a point, a facility has no geometry or a repeated id, `k` or the limit is not positive.

    Source:
        Geodesics by C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87 (2013).

    Example:
        >>> import geopandas as gpd
        >>> villages = gpd.GeoSeries.from_xy([51.2], [43.6], crs="EPSG:4326")
        >>> clinics = gpd.GeoSeries.from_xy([51.2, 52.0], [43.7, 43.6], index=["aktau", "zhanaozen"], crs="EPSG:4326")
        >>> nearest(villages, clinics).round(1).to_dict("records")
        [{'rank': 1, 'facility_id': 'aktau', 'distance_m': 11110.5, 'status': 'ok'}]
    """
    lon, lat = lon_lat(points)
    index = FacilityIndex(facilities, method)
    ranked = index.ask(lon, lat, k, max_distance_km)
    return pd.DataFrame(
        {
            "rank": np.tile(np.arange(1, k + 1), len(lon)),
            "facility_id": index.ids.take(ranked.facility.ravel(), allow_fill=True),
            "distance_m": ranked.distance_m.ravel(),
            "status": index.statuses(ranked, lon),
        },
        index=points.index.repeat(k),
    )


def facility_ids(facilities: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.api.extensions.ExtensionArray:
    """The ids of facilities as text: their column `facility_id`, else their index.

    Raises:
        InputError: One is null or repeated.
    """
    column = facilities["facility_id"] if "facility_id" in facilities else facilities.index.to_series()
    ids = column.astype("string")
    if ids.isna().any():
        raise InputError(f"the facilities: row {int(np.flatnonzero(ids.isna())[0])} has no facility_id")
    if ids.duplicated().any():
        raise InputError(
            f"the facilities: facility_id '{ids[ids.duplicated()].iloc[0]}' is there more than once; give each its own"
        )
    return ids.array


def _refuse_missing(geometry: NDArray[np.object_]) -> None:
    is_missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if is_missing.any():
        row = int(np.flatnonzero(is_missing)[0])
        raise InputError(f"the facilities: row {row} has no geometry; leave it out or give it one")
    is_off = is_off_earth(geometry)
    if is_off.any():
        row = int(np.flatnonzero(is_off)[0])
        raise InputError(
            f"the facilities: row {row} is not on earth, its bounds are {geometry[row].bounds} degrees; "
            "what crosses the antimeridian is cut there (RFC 7946, 3.1.9)"
        )


def refuse_bad_search(k: int, max_distance_km: float | None) -> None:
    """Stop when a search makes no sense.

    Raises:
        InputError: `k` or `max_distance_km` is not positive.
    """
    if k < 1 or k % 1:
        raise InputError(f"k is {k}; ask for 1 or more facilities")
    if max_distance_km is not None and not 0 < max_distance_km < np.inf:
        raise InputError(f"the limit is {max_distance_km} km; give one above 0, or none")
