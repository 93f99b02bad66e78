"""Lines and the edges of areas as short pieces, and the exact geodesic distance from a point to a piece.

An edge is the straight line between its two positions in longitude and latitude, as RFC 7946 section 3.1.1 and
simple features have it, so that being inside an area and being near its edge agree. An edge is cut into pieces so
short that each is nearly straight in space; the nearest point of a piece is then found by Newton's method on the geodesic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.spatial.geodesy import (
    ECCENTRICITY_SQUARED,
    GEOD,
    MAX_RADIUS_OF_CURVATURE_M,
    SEMI_MAJOR_AXIS_M,
    ecef_m,
    geodesic_m,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_SAGITTA_SHARE", "Pieces", "cut_into_pieces", "piece_distance_m"]

MAX_PIECE_M = 500.0
"""No piece is longer: it then departs from its chord by millimetres."""
MAX_TURN_DEGREES = 1.0
"""Nor does a piece turn more than this, which matters near the poles where a parallel is a small circle."""
MAX_SAGITTA_SHARE = 0.003
"""A piece departs from its chord by less than this share of its length: an eighth of one degree of turn, and some."""

_NEWTON_ROUNDS = 40
_SETTLED_M = 1e-7


@dataclass(frozen=True, slots=True)
class Pieces:
    """Straight pieces in longitude and latitude; a point is a piece of no length.

    Attributes:
        owner: Position of the geometry that a piece belongs to, shape (p,).
        start: Longitude and latitude of one end in degrees, shape (p, 2).
        end: The same of the other end.
        middle_xyz: Earth-centred coordinates of the middle in metres, shape (p, 3).
        radius_m: No place on the piece is farther from its middle than this, shape (p,); 0 for a point.
    """

    owner: NDArray[np.intp]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    middle_xyz: NDArray[np.float64]
    radius_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self.owner)


def cut_into_pieces(geometries: NDArray[np.object_]) -> Pieces:
    """All points, lines and edges of areas of `geometries`, cut into pieces.

    Args:
        geometries: Shapely geometries in longitude and latitude, of any type, none of them null or empty; shape (n,).

    Returns:
        The pieces, ordered by their owner.
    """
    parts, part_owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        part_owner = part_owner[inner]
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, ring_part = shapely.get_rings(parts[is_area], return_index=True)
    lines = np.concatenate([parts[~is_area], rings])
    line_owner = np.concatenate([part_owner[~is_area], part_owner[is_area][ring_part]])

    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    goes_on = line[1:] == line[:-1]
    is_single = np.bincount(line, minlength=len(lines)) == 1
    lone = coordinates[is_single[line]]
    start = np.concatenate([coordinates[:-1][goes_on], lone])
    end = np.concatenate([coordinates[1:][goes_on], lone])
    owner = np.concatenate([line_owner[line[:-1][goes_on]], line_owner[line[is_single[line]]]])

    in_order = np.argsort(owner, kind="stable")
    return _cut(owner[in_order].astype(np.intp), start[in_order], end[in_order])


def _cut(owner: NDArray[np.intp], start: NDArray[np.float64], end: NDArray[np.float64]) -> Pieces:
    length_m, turn_degrees = _longest_m(start, end), _turn_degrees(start, end)
    count = np.maximum(
        1, np.ceil(np.maximum(length_m / MAX_PIECE_M, turn_degrees / MAX_TURN_DEGREES))
    ).astype(np.intp)
    edge = np.repeat(np.arange(len(owner)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    step = (end - start)[edge] / count[edge, None]
    # The last piece ends at the very vertex: start + n * step may miss it by a rounding.
    piece_start = np.where((nth == 0)[:, None], start[edge], start[edge] + nth[:, None] * step)
    is_last = (nth == count[edge] - 1)[:, None]
    piece_end = np.where(is_last, end[edge], start[edge] + (nth + 1)[:, None] * step)
    middle = (piece_start + piece_end) / 2
    return Pieces(
        owner=owner[edge],
        start=piece_start,
        end=piece_end,
        middle_xyz=ecef_m(middle[:, 0], middle[:, 1]),
        radius_m=_longest_m(piece_start, piece_end) / 2,
    )


def _longest_m(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """An upper bound of the length of each edge: no radius of curvature is larger, no parallel nearer the equator."""
    nearest_equator = np.where(
        start[:, 1] * end[:, 1] <= 0, 0.0, np.minimum(np.abs(start[:, 1]), np.abs(end[:, 1]))
    )
    d_lon, d_lat = np.radians(np.abs(end - start)).T
    angle: NDArray[np.float64] = np.hypot(d_lat, d_lon * np.cos(np.radians(nearest_equator)))
    return MAX_RADIUS_OF_CURVATURE_M * angle


def _turn_degrees(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    farthest = np.maximum(np.abs(start[:, 1]), np.abs(end[:, 1]))
    turn: NDArray[np.float64] = np.abs(end[:, 0] - start[:, 0]) * np.sin(np.radians(farthest))
    return turn


def piece_distance_m(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    pieces: Pieces,
    which: NDArray[np.intp],
) -> NDArray[np.float64]:
    """The geodesic distance from each point to the nearest place on its piece.

    Args:
        lon: Longitude of the points in degrees, shape (n,).
        lat: Latitude in degrees, shape (n,).
        pieces: All pieces.
        which: The piece that each point is measured to, shape (n,).

    Returns:
        Metres, shape (n,), to a micrometre or so.
    """
    start, end = pieces.start[which], pieces.end[which]
    is_long = pieces.radius_m[which] > 0
    nearest_m = np.empty(len(lon))
    nearest_m[is_long] = _along_piece_m(lon[is_long], lat[is_long], start[is_long], end[is_long])
    is_point = ~is_long
    nearest_m[is_point] = geodesic_m(lon[is_point], lat[is_point], start[is_point, 0], start[is_point, 1])
    return nearest_m


def _along_piece_m(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The least distance from each point to its piece, which has a length: Newton's method, kept between two slopes."""
    step = end - start
    from_start_m, slope_at_start = _look_at(lon, lat, start, step)
    from_end_m, slope_at_end = _look_at(lon, lat, end, step)
    best_m = np.minimum(from_start_m, from_end_m)

    # Only where the way shortens at first and lengthens at last is there a nearer place between the ends.
    active = np.flatnonzero((slope_at_start < 0) & (slope_at_end > 0))
    low, high = np.zeros(len(lon)), np.ones(len(lon))
    share = np.clip(_share_by_chord(lon, lat, start, end), 0.001, 0.999)
    for _ in range(_NEWTON_ROUNDS):
        if not len(active):
            break
        at = share[active]
        place = start[active] + at[:, None] * step[active]
        distance_m, slope = _look_at(lon[active], lat[active], place, step[active])
        best_m[active] = np.minimum(best_m[active], distance_m)
        low[active] = np.where(slope < 0, at, low[active])
        high[active] = np.where(slope < 0, high[active], at)
        speed_m, _ = _velocity(place, step[active])
        cosine = slope / speed_m
        bend = np.maximum((1 - cosine * cosine) / _reduced_length_m(distance_m), 1e-18)
        moved = at - cosine / (speed_m * bend)
        within = (moved > low[active]) & (moved < high[active])
        moved = np.where(within, moved, (low[active] + high[active]) / 2)
        share[active] = moved
        active = active[np.abs(slope * (moved - at)) > _SETTLED_M]
    return best_m


def _look_at(
    lon: NDArray[np.float64], lat: NDArray[np.float64], place: NDArray[np.float64], step: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance in metres from points to places, and how it changes, in metres, as a place moves by `step` degrees."""
    _, arriving, distance_m = GEOD.inv(lon, lat, place[:, 0], place[:, 1], return_back_azimuth=False)
    speed_m, heading = _velocity(place, step)
    return distance_m, speed_m * np.cos(np.radians(arriving) - heading)


def _share_by_chord(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How far along the piece, from 0 to 1, the place nearest through the earth is."""
    a, b = ecef_m(start[:, 0], start[:, 1]), ecef_m(end[:, 0], end[:, 1])
    along = b - a
    reach = np.einsum("ij,ij->i", ecef_m(lon, lat) - a, along)
    length_2 = np.einsum("ij,ij->i", along, along)
    share: NDArray[np.float64] = np.clip(reach / np.where(length_2 > 0, length_2, 1.0), 0.0, 1.0)
    return share


def _reduced_length_m(distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far apart two geodesics that leave at one radian are after `distance_m`, taken as on a sphere."""
    return np.maximum(np.abs(np.sin(distance_m / SEMI_MAJOR_AXIS_M)) * SEMI_MAJOR_AXIS_M, 1e-3)


def _velocity(
    place: NDArray[np.float64], step: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Speed in metres and heading in radians of `place` moving by `step` degrees."""
    phi = np.radians(place[:, 1])
    squeeze = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    east_m = np.radians(step[:, 0]) * SEMI_MAJOR_AXIS_M / np.sqrt(squeeze) * np.cos(phi)
    north_m = np.radians(step[:, 1]) * SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / squeeze**1.5
    return np.maximum(np.hypot(east_m, north_m), 1e-12), np.arctan2(east_m, north_m)
