"""Geodesy on the WGS84 ellipsoid: earth-centred coordinates, exact distances and areas.

Source of the constants: NIMA TR8350.2, World Geodetic System 1984. Distances and areas are those of pyproj's `Geod`
(C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87, 2013).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely
from pyproj import Geod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

__all__ = [
    "CHUNK_ROWS",
    "GEOD",
    "MAX_RADIUS_OF_CURVATURE_M",
    "MIN_RADIUS_OF_CURVATURE_M",
    "ROUNDING_M",
    "SEMI_MAJOR_AXIS_M",
    "area_km2",
    "ecef_m",
    "geodesic_m",
    "in_threads",
    "row_chunks",
]

GEOD = Geod(ellps="WGS84")
SEMI_MAJOR_AXIS_M: float = GEOD.a
ECCENTRICITY_SQUARED: float = GEOD.es
MAX_RADIUS_OF_CURVATURE_M: float = SEMI_MAJOR_AXIS_M / np.sqrt(1 - ECCENTRICITY_SQUARED)
"""The largest radius of curvature of WGS84, at the poles; an angle in radians times this is never less than its arc."""
MIN_RADIUS_OF_CURVATURE_M: float = SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED)
"""The smallest, along the meridian at the equator; nothing on the ellipsoid bends more."""

ROUNDING_M = 1e-6
"""More than a chord or a geodesic errs by in double precision; what is closer to a tie than this is looked at again."""

CHUNK_ROWS = 32_768
"""Rows that one thread works on at a time: small enough to stay in cache, large enough to hide the call."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def ecef_m(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-centred, earth-fixed coordinates of points on the ellipsoid.

    Args:
        lon: Longitude in degrees, shape (n,).
        lat: Latitude in degrees, shape (n,).

    Returns:
        x, y, z in metres, shape (n, 3); NaN where an input is NaN.
    """
    lam, phi = np.radians(lon), np.radians(lat)
    sin_phi = np.sin(phi)
    prime_vertical = SEMI_MAJOR_AXIS_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
    from_axis = prime_vertical * np.cos(phi)
    xyz = np.empty((len(lam), 3))
    np.multiply(from_axis, np.cos(lam), out=xyz[:, 0])
    np.multiply(from_axis, np.sin(lam), out=xyz[:, 1])
    np.multiply(prime_vertical * (1 - ECCENTRICITY_SQUARED), sin_phi, out=xyz[:, 2])
    return xyz


def geodesic_m(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    to_lon: NDArray[np.float64],
    to_lat: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The geodesic distance between pairs of points, in metres, shape (n,); all inputs in degrees, shape (n,)."""
    _, _, distance_m = GEOD.inv(lon, lat, to_lon, to_lat, return_back_azimuth=False)
    return np.asarray(distance_m, dtype=np.float64)


def area_km2(geometry: shapely.Geometry) -> float:
    """The unsigned geodesic area of a polygon or multipolygon in longitude and latitude, in km²; holes do not count."""
    parts = getattr(geometry, "geoms", [geometry])
    return sum(abs(GEOD.geometry_area_perimeter(_oriented(part))[0]) for part in parts) / 1e6


def _oriented(polygon: shapely.Geometry) -> shapely.Geometry:
    # Geod subtracts holes only where they turn the other way than the shell.
    return shapely.orient_polygons(polygon)


def row_chunks(rows: int, chunk_rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices that cover `rows` rows in order, each of `chunk_rows` or less."""
    return (slice(start, min(start + chunk_rows, rows)) for start in range(0, rows, chunk_rows))


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """`work` of each item, in order, on all cores that this process may use.

    Meant for work in numpy, scipy, pyproj and shapely, which release the interpreter lock.
    """
    items = list(items)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(items) <= 1 or cores == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(cores, len(items))) as threads:
        return list(threads.map(work, items))
