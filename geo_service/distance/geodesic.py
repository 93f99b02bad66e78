"""Exact nearest facilities on WGS84.

Earth-centred coordinates in a k-d tree give candidates by chord, the geodesic decides. A chord is never longer than its geodesic,
so an answer is certain once its last distance is shorter than the chord to the first candidate not looked at. Rows that
are not certain are asked again with more candidates. Lines and areas enter the tree as short pieces, each by its
middle, and a chord to a middle less the largest radius of a piece is never longer than the way to the piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo_service.distance.protocol import NONE, Ranked
from geo_service.spatial.geodesy import (
    CHUNK_ROWS,
    MIN_RADIUS_OF_CURVATURE_M,
    ROUNDING_M,
    ecef_m,
    geodesic_m,
    in_threads,
    row_chunks,
)
from geo_service.spatial.linework import MAX_SAGITTA_SHARE, cut_into_pieces, piece_distance_m
from geo_service.vocabulary import Method

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GeodesicEngine"]

_LEAF_SIZE = 16
"""Middles in a leaf of the tree; the fastest of 8, 16 and 32 for 20,000 of them."""
_CELLS = 256
"""Rows and columns of the grid by which points are ordered; 256 * 256 cells are numbered in 16 bits."""
_MORE = 4
"""How many times more candidates a row that is not certain is asked with."""
_MAX_PAIRS = 2_000_000
"""Candidate pairs that one thread holds at a time."""


class GeodesicEngine:
    """The nearest facilities over the WGS84 ellipsoid, equal to measuring every pair.

    Points count from where they are, lines from their nearest place, areas likewise and 0 inside. Ties go to the facility
    that was given first.
    """

    method: ClassVar[Method] = Method.GEODESIC

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        """Index `geometries`, in longitude and latitude, none null or empty; shape (m,), m may be 0."""
        geometries = np.asarray(geometries, dtype=object)
        self._facilities = len(geometries)
        if not self._facilities:
            return
        self._only_points = bool((shapely.get_type_id(geometries) == shapely.GeometryType.POINT).all())
        self._pieces = cut_into_pieces(geometries)
        self._tree = KDTree(self._pieces.middle_xyz, leafsize=_LEAF_SIZE)
        self._reach_m = float(self._pieces.radius_m.max())
        areas = np.flatnonzero(shapely.get_dimensions(geometries) == 2)
        self._area_facility = areas
        self._area_index = shapely.STRtree(geometries[areas]) if len(areas) else None

    def nearest(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        k: int = 1,
        max_distance_m: float | None = None,
    ) -> Ranked:
        """The `k` nearest facilities of each point; see `NearestEngine.nearest`."""
        facility = np.full((len(lon), k), NONE, dtype=np.intp)
        distance_m = np.full((len(lon), k), np.nan)
        if self._facilities and len(lon):
            limit_m = np.inf if max_distance_m is None else float(max_distance_m)
            ask = self._ask_points if self._only_points else self._ask_pieces
            there = min(k, self._facilities)

            def answer(rows: slice) -> None:
                # Neighbours in space ask the same branches of the tree: in this order they are still in the cache.
                order = _order_along_rows_of_cells(lon[rows], lat[rows])
                found = ask(lon[rows][order], lat[rows][order], there, limit_m)
                facility[rows, :there][order], distance_m[rows, :there][order] = found

            in_threads(answer, row_chunks(len(lon), max(1, min(CHUNK_ROWS, _MAX_PAIRS // (there + 1)))))
        return Ranked(facility, distance_m)

    def _candidates(
        self, xyz: NDArray[np.float64], count: int, limit_m: float
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Chords (inf for none) and pieces (their number for none) of the `count` middles nearest, shape (n, count)."""
        bound_m = limit_m + self._reach_m + ROUNDING_M
        chord_m, piece = self._tree.query(xyz, k=count, distance_upper_bound=bound_m)
        return chord_m.reshape(len(xyz), count), piece.reshape(len(xyz), count)

    # Facilities that are all points: a piece is a facility, its chord needs no allowance.

    def _ask_points(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], k: int, limit_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        facility, distance_m, certain = self._rank_points(lon, lat, k, limit_m, looked_at=k)
        looked_at = k
        while not certain.all():
            looked_at = min(looked_at * _MORE, self._facilities)
            doubtful = np.flatnonzero(~certain)
            for rows in row_chunks(len(doubtful), max(1, _MAX_PAIRS // (looked_at + 1))):
                again = doubtful[rows]
                facility[again], distance_m[again], certain[again] = self._rank_points(
                    lon[again], lat[again], k, limit_m, looked_at
                )
        return facility, distance_m

    def _rank_points(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], k: int, limit_m: float, looked_at: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        """The `k` nearest among `looked_at` candidates a row, and whether no other can be nearer."""
        chord_m, piece = self._candidates(ecef_m(lon, lat), looked_at + 1, limit_m)
        first_unseen_m = chord_m[:, looked_at]
        near = piece[:, :looked_at]
        is_there = near < self._facilities
        to = self._pieces.start[np.where(is_there, near, 0).ravel()]
        distance_m = geodesic_m(np.repeat(lon, looked_at), np.repeat(lat, looked_at), to[:, 0], to[:, 1])
        distance_m = distance_m.reshape(near.shape)
        distance_m[~is_there | (distance_m > limit_m)] = np.inf
        if looked_at > 1:
            in_order = np.lexsort((near, distance_m), axis=1)[:, :k]
            near = np.take_along_axis(near, in_order, axis=1)
            distance_m = np.take_along_axis(distance_m, in_order, axis=1)
        certain = _is_certain(distance_m[:, -1], limit_m, first_unseen_m)
        is_none = np.isinf(distance_m)
        return np.where(is_none, NONE, near), np.where(is_none, np.nan, distance_m), certain

    # Lines and areas: several pieces a facility.

    def _ask_pieces(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], k: int, limit_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        facility = np.full((len(lon), k), NONE, dtype=np.intp)
        distance_m = np.full((len(lon), k), np.nan)
        doubtful = np.arange(len(lon))
        looked_at = 2 * k + 2
        while len(doubtful):
            looked_at = min(looked_at, len(self._pieces))
            certain = np.zeros(len(doubtful), dtype=bool)
            for rows in row_chunks(len(doubtful), max(1, _MAX_PAIRS // looked_at)):
                asked = doubtful[rows]
                facility[asked], distance_m[asked], certain[rows] = self._rank_pieces(
                    lon[asked], lat[asked], k, limit_m, looked_at
                )
            doubtful = doubtful[~certain]
            looked_at *= _MORE
        return facility, distance_m

    def _rank_pieces(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], k: int, limit_m: float, looked_at: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        """As `_rank_points`, with the nearest piece of each facility standing for it."""
        chord_m, piece = self._candidates(ecef_m(lon, lat), looked_at, limit_m)
        saw_all = looked_at == len(self._pieces)
        first_unseen_m = np.where(saw_all, np.inf, chord_m[:, -1] - self._reach_m)
        is_there = piece < len(self._pieces)
        row, _ = np.nonzero(is_there)
        which = piece[is_there]
        owner = self._pieces.owner[which]

        # Only a piece that can be as near as the k-th facility surely is needs to be measured.
        reach_m = self._pieces.radius_m[which]
        at_most_m = _geodesic_at_most_m(chord_m[is_there] + reach_m)
        _, needed_m = _first_k(row, owner, at_most_m, len(lon), k)
        at_least_m = chord_m[is_there] - reach_m * (1 + MAX_SAGITTA_SHARE)
        needed = at_least_m <= np.nan_to_num(needed_m[:, -1], nan=np.inf)[row]
        row, which, owner = row[needed], which[needed], owner[needed]
        found_m = piece_distance_m(lon[row], lat[row], self._pieces, which)

        inside_row, inside_facility = self._containing(lon, lat)
        facility, distance_m = _first_k(
            np.concatenate([inside_row, row]),
            np.concatenate([inside_facility, owner]),
            np.concatenate([np.zeros(len(inside_row)), np.where(found_m > limit_m, np.inf, found_m)]),
            len(lon),
            k,
        )
        last_m = np.nan_to_num(distance_m[:, -1], nan=np.inf)
        return facility, distance_m, _is_certain(last_m, limit_m, first_unseen_m)

    def _containing(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs of a row and an area that its point lies in or on the edge of."""
        if self._area_index is None:
            none = np.empty(0, dtype=np.intp)
            return none, none
        row, area = self._area_index.query(shapely.points(lon, lat), predicate="intersects")
        return row, self._area_facility[area]


def _order_along_rows_of_cells(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.intp]:
    """An order in which points that follow each other lie near each other: rows of a grid of cells, there and back."""
    column, row = _cell(lon), _cell(lat)
    there_and_back = np.where(row % 2, _CELLS - 1 - column, column)
    # Numbers of 16 bits are sorted by radix, in a tenth of the time that the tree saves.
    return np.argsort((row * _CELLS + there_and_back).astype(np.uint16), kind="stable")


def _cell(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    low, extent = degrees.min(), max(np.ptp(degrees), 1e-9)
    cell: NDArray[np.int32] = ((degrees - low) * ((_CELLS - 1) / extent)).astype(np.int32)
    return cell


def _is_certain(
    last_m: NDArray[np.float64], limit_m: float, first_unseen_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether nothing unseen can be as near as the last that was found, or within the limit where too few were."""
    certain: NDArray[np.bool_] = np.minimum(last_m, limit_m) < first_unseen_m - ROUNDING_M
    return certain | np.isinf(first_unseen_m)


def _geodesic_at_most_m(chord_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """No geodesic with this chord is longer; inf where a chord is too long to tell.

    Schur's comparison theorem: a curve that nowhere bends more than a circle has a chord no shorter than the circle's arc of the
    same length, and no geodesic bends more than the circle of WGS84's smallest radius of curvature.
    """
    diameter_m = 2 * MIN_RADIUS_OF_CURVATURE_M
    return np.where(
        chord_m < diameter_m * 0.9, diameter_m * np.arcsin(np.minimum(chord_m / diameter_m, 1)), np.inf
    )


def _first_k(
    row: NDArray[np.intp], owner: NDArray[np.intp], distance_m: NDArray[np.float64], rows: int, k: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The `k` least distances of each row, each owner once at its least, ties to the smaller owner.

    Args:
        row: The row of each pair, shape (p,).
        owner: Its facility, shape (p,).
        distance_m: Its distance, shape (p,); inf does not count.
        rows: How many rows there are.
        k: How many to keep.

    Returns:
        Facilities (`NONE` for none) and distances (NaN for none), shape (rows, k).
    """
    facility = np.full((rows, k), NONE, dtype=np.intp)
    least_m = np.full((rows, k), np.nan)
    in_order = np.lexsort((owner, distance_m, row))
    in_order = in_order[np.isfinite(distance_m[in_order])]
    row, owner, distance_m = row[in_order], owner[in_order], distance_m[in_order]
    if not len(row):
        return facility, least_m
    _, first = np.unique(row * (owner.max() + 1) + owner, return_index=True)
    first.sort()
    row, owner, distance_m = row[first], owner[first], distance_m[first]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < k
    facility[row[kept], place[kept]] = owner[kept]
    least_m[row[kept], place[kept]] = distance_m[kept]
    return facility, least_m
