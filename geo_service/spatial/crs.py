"""Reference systems: everything inside the service is WGS84 longitude and latitude."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from geo_service.errors import CrsError, InputError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["is_off_earth", "lon_lat", "parse_crs", "to_wgs84"]

NO_CRS_REMEDY = "say which one it is in: --crs EPSG:4326 for longitude and latitude, or set_crs() in Python"


def parse_crs(text: str) -> CRS:
    """The reference system that `text` names: `EPSG:32642`, a WKT, a PROJ string.

    Raises:
        CrsError: It names none.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CrsError(
            f"'{text}' is not a coordinate reference system; give one such as EPSG:4326"
        ) from error


def to_wgs84(
    geometry: gpd.GeoSeries | gpd.GeoDataFrame, what: str = "the layer"
) -> gpd.GeoSeries | gpd.GeoDataFrame:
    """`geometry` in longitude and latitude on WGS84; itself when it is there already.

    Args:
        geometry: In any reference system.
        what: What the caller calls it, for the message.

    Raises:
        CrsError: It has no reference system, or one that does not lead to WGS84.
    """
    if geometry.crs is None:
        raise CrsError(f"{what} has no coordinate reference system; {NO_CRS_REMEDY}")
    if not (geometry.crs.is_geographic or geometry.crs.is_projected):
        raise CrsError(
            f"{what}: the reference system '{geometry.crs.name}' does not say where on earth something is; "
            "give the one it is in, such as EPSG:4326"
        )
    # Here, since who only reads the name of a reference system should not wait for pandera.
    from geo_service.schemas import WGS84  # noqa: PLC0415

    if geometry.crs.equals(WGS84, ignore_axis_order=True):
        return geometry
    try:
        return geometry.to_crs(WGS84)
    except (CRSError, ProjError) as error:
        raise CrsError(f"{what} cannot be brought from '{geometry.crs.name}' to WGS84: {error}") from error


def lon_lat(
    points: gpd.GeoSeries | gpd.GeoDataFrame, what: str = "the points"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude (-180 to 180) and latitude of points in degrees, each shape (n,); NaN where a point is null, empty or not on earth.

    Args:
        points: Points in any reference system; null and empty ones are allowed.
        what: What the caller calls them, for the message.

    Raises:
        CrsError: They have no usable reference system.
        InputError: One of them is not a point.
    """
    geometry = np.asarray(to_wgs84(points, what).geometry)
    types = shapely.get_type_id(geometry)
    is_other = (types != shapely.GeometryType.POINT) & (types != shapely.GeometryType.MISSING)
    if is_other.any():
        row = int(np.flatnonzero(is_other)[0])
        kind = geometry[row].geom_type
        raise InputError(f"{what}: row {row} is a {kind}, not a point; use its representative_point()")
    lon, lat = np.full(len(geometry), np.nan), np.full(len(geometry), np.nan)
    coordinates, row = shapely.get_coordinates(geometry, return_index=True)
    lon[row], lat[row] = coordinates[:, 0], coordinates[:, 1]
    is_off = ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90) & (np.abs(lon) <= 360))
    lon[is_off] = lat[is_off] = np.nan
    # A longitude of another turn, such as 190, names a place on this one.
    lon[lon > 180] -= 360
    lon[lon < -180] += 360
    return lon, lat


def is_off_earth(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether a geometry has a coordinate that is no longitude from -180 to 180 or no latitude, shape (n,); false for null."""
    coordinates, row = shapely.get_coordinates(geometry, return_index=True)
    is_bad = ~(np.isfinite(coordinates).all(axis=1) & (np.abs(coordinates) <= (180, 90)).all(axis=1))
    return np.bincount(row[is_bad], minlength=len(geometry)) > 0
