"""Brute force over WGS84, written without any of the code it checks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
_SAMPLES = 101
_ZOOMS = 10


def point_distances_m(lon, lat, to_lon, to_lat):
    """Every distance from n points to m points, shape (n, m)."""
    n, m = len(lon), len(to_lon)
    _, _, flat = GEOD.inv(np.repeat(lon, m), np.repeat(lat, m), np.tile(to_lon, n), np.tile(to_lat, n))
    return np.asarray(flat).reshape(n, m)


def distances_m(lon, lat, geometries):
    """Every distance from n points to m geometries of any type, shape (n, m)."""
    return np.array(
        [[_distance_m(x, y, one) for one in geometries] for x, y in zip(lon, lat, strict=True)]
    ).reshape(len(lon), len(geometries))


def k_least(distance_m, k):
    """The k least of each row and their columns, ties to the first column."""
    order = np.argsort(distance_m, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distance_m, order, axis=1)


def _distance_m(x, y, geometry):
    if shapely.intersects(geometry, shapely.Point(x, y)):
        return 0.0
    least = np.inf
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Point":
            least = min(least, GEOD.inv(x, y, part.x, part.y)[2])
            continue
        for line in shapely.get_rings(part) if part.geom_type == "Polygon" else [part]:
            corners = shapely.get_coordinates(line)
            for start, end in pairwise(corners):
                least = min(least, _edge_distance_m(x, y, start, end))
    return least


def _edge_distance_m(x, y, start, end):
    """Sample the edge, then sample again around the nearest sample, until the samples lie micrometres apart."""
    low, high, least = 0.0, 1.0, np.inf
    for _ in range(_ZOOMS):
        share = np.linspace(low, high, _SAMPLES)
        place = start + share[:, None] * (end - start)
        _, _, distance = GEOD.inv(np.full(_SAMPLES, x), np.full(_SAMPLES, y), place[:, 0], place[:, 1])
        best = int(np.argmin(distance))
        least = min(least, distance[best])
        low, high = share[max(best - 1, 0)], share[min(best + 1, _SAMPLES - 1)]
    return least
