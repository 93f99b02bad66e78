"""How often another answer differs from the exact one, and by how many metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_service.spatial.geodesy import geodesic_m

__all__ = ["Agreement", "compare", "compare_units"]

TIE_M = 1e-6


@dataclass(frozen=True, slots=True)
class Agreement:
    """Another answer beside the exact one.

    Attributes:
        rows: Rows compared.
        differing: Rows in which any rank differs; equally near facilities do not count as different.
        median_extra_m: Of differing rows, the median of how much farther the worst rank is; null without metres or differences.
        max_extra_m: The most of the same.
    """

    rows: int
    differing: int
    median_extra_m: float | None = None
    max_extra_m: float | None = None

    @property
    def share(self) -> float:
        """The share of rows that differ."""
        return self.differing / self.rows if self.rows else 0.0


def compare(exact: np.ndarray, other: np.ndarray, points: np.ndarray, facilities: np.ndarray) -> Agreement:
    """Compare positions of facilities, shape (n, k), for the rows that `other` has; metres are geodesic.

    Args:
        exact: The exact answer, shape (n, k).
        other: The other, shape (m, k), m not more than n.
        points: Longitude and latitude of the points, shape (n, 2).
        facilities: The same of the facilities.
    """
    rows = len(other)
    at = np.flatnonzero((exact[:rows] != other).any(axis=1))
    extra_m = np.zeros(len(at))
    for rank in range(other.shape[1]):
        exact_m, other_m = (_metres(points[at], facilities[one[at, rank]]) for one in (exact, other))
        other_m[other[at, rank] < 0] = np.inf
        extra_m = np.maximum(extra_m, other_m - exact_m)
    extra_m = extra_m[extra_m > TIE_M]
    if not len(extra_m):
        return Agreement(rows, 0)
    return Agreement(rows, len(extra_m), float(np.median(extra_m)), float(extra_m.max()))


def _metres(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    lon, lat = np.ascontiguousarray(points.T)
    return geodesic_m(lon, lat, *np.ascontiguousarray(to.T))


def compare_units(exact: np.ndarray, other: np.ndarray) -> Agreement:
    """Compare positions of admin units, shape (n, 1), row by row."""
    return Agreement(len(other), int((exact[: len(other)] != other).any(axis=1).sum()))
