"""The geometry of a picture on its projection, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, isfinite, pi
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from geo_service.maps.picture import Areas
from geo_service.maps.printed.projection import projection_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.maps.picture import Picture, Points
    from geo_service.maps.printed.parts import Box

__all__ = ["Ground", "View", "ground_of"]

AROUND = 0.03
"""What is left free on each side of the extent, of its size."""
LEAST_METRES = 2_000.0
_STEPS = 64
"""Of how many pieces a side of the extent is made, for it is curved in the projection."""
_STEP_SHARE = 1 / 50
"""Longer straight edges are cut into pieces of so much of the extent, for they are curved too."""
_DECIMALS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The layers of a picture that are shown, projected.

    Attributes:
        back: From metres to longitude and latitude.
        layers: Each layer and what it is on the ground: polygons, shape (n,), or positions, shape (n, 2).
        extent: What is to be seen: west, south, east and north in metres.
    """

    back: Transformer
    layers: tuple[tuple[Areas | Points, NDArray[Any]], ...]
    extent: tuple[float, float, float, float]

    def view(self, box: Box) -> View:
        """The extent in a box of paper, as large as can be, in its middle."""
        west, south, east, north = self.extent
        wide, high = east - west, north - south
        metres = (1 + 2 * AROUND) * max(wide / box.width, high / box.height, LEAST_METRES / box.width)
        x, y = (west + east) / 2, (south + north) / 2
        across, up = metres * box.width / 2, metres * box.height / 2
        return View(self.back, metres, (x - across, y - up, x + across, y + up))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is seen in a box of paper.

    Attributes:
        back: From metres to longitude and latitude.
        metres_per_point: Of the projection, a point being 1/72 inch.
        extent: West, south, east and north in metres.
    """

    back: Transformer
    metres_per_point: float
    extent: tuple[float, float, float, float]

    def ground_metres(self) -> float:
        """How many metres on the ground one metre of the projection is, from west to east in the middle."""
        west, south, east, north = self.extent
        x, y, reach = (west + east) / 2, (south + north) / 2, (east - west) / 200
        longitudes, latitudes = self.back.transform([x - reach, x + reach], [y, y])
        return float(_geod().line_length(longitudes, latitudes)) / (2 * reach)

    def north(self, x: float, y: float) -> float:
        """The direction to the north pole from a place in metres, in radians against the clock from the right; up where the place is not on the Earth."""
        longitude, latitude = self.back.transform(x, y)
        if not isfinite(longitude) or not isfinite(latitude):
            return pi / 2
        at_x, at_y = self.back.transform(longitude, latitude, direction="INVERSE")
        away_x, away_y = self.back.transform(longitude, min(latitude + 0.01, 90.0), direction="INVERSE")
        # Outside the world a projection answers with another place, and at the pole there is no north.
        if hypot(at_x - x, at_y - y) > LEAST_METRES or (at_x, at_y) == (away_x, away_y):
            return pi / 2
        return atan2(away_y - at_y, away_x - at_x)


def ground_of(picture: Picture) -> Ground:
    """Project the layers of a picture that are shown."""
    crs = projection_for(picture.bounds)
    forth = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    layers = [(one, _projected(one, picture, forth)) for one in picture.layers if one.is_shown]
    return Ground(
        Transformer.from_crs(crs, "EPSG:4326", always_xy=True),
        tuple(layers),
        _extent(picture, forth, [shapes for _, shapes in layers]),
    )


def _projected(layer: Areas | Points, picture: Picture, forth: Transformer) -> NDArray[Any]:
    shapes = layer.geometry.to_numpy()
    if not isinstance(layer, Areas):
        return _moved(shapely.get_coordinates(shapes), forth)
    west, south, east, north = picture.bounds
    longest = max(north - south, (east - west) % 360, 0.01) * _STEP_SHARE
    # Rounded, so that the pieces of an edge that neighbours share are the same from both ends.
    pieces = shapely.transform(
        shapely.segmentize(shapely.force_2d(shapes), longest), lambda places: np.round(places, _DECIMALS)
    )
    moved = shapely.transform(pieces, lambda places: _moved(places, forth))
    if west > east:
        moved = shapely.transform(moved, np.rint)
        moved = np.array([_joined(one) for one in moved], dtype=object)
    mended = shapely.make_valid(moved, method="structure", keep_collapsed=False)
    kept: NDArray[Any] = np.where(shapely.is_valid(moved) | shapely.is_missing(moved), moved, mended)
    return kept


def _moved(places: NDArray[np.float64], forth: Transformer) -> NDArray[np.float64]:
    return np.column_stack(forth.transform(places[:, 0], places[:, 1]))


def _joined(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The parts of a shape that the antimeridian parts are one in the projection; they are in whole metres, so that they meet."""
    return shape if shape is None else shapely.union_all(shapely.make_valid(shapely.get_parts(shape)))


def _extent(
    picture: Picture, forth: Transformer, shown: list[NDArray[Any]]
) -> tuple[float, float, float, float]:
    """That of what is shown, within the bounds of the picture."""
    west, south, east, north = picture.bounds
    east = east if east >= west else east + 360
    side = np.linspace(0, 1, _STEPS)
    across, up = west + side * (east - west), south + side * (north - south)
    rim = np.concatenate(
        [np.column_stack(np.broadcast_arrays(across, end)) for end in (south, north)]
        + [np.column_stack(np.broadcast_arrays(end, up)) for end in (west, east)]
    )
    asked = _limits(_moved(rim, forth))
    found = [shapely.total_bounds(one) if one.dtype == object else _limits(one) for one in shown if len(one)]
    if not found:
        return asked
    there = np.array(found)
    low = np.maximum(np.nanmin(there[:, :2], axis=0), asked[:2])
    high = np.minimum(np.nanmax(there[:, 2:], axis=0), asked[2:])
    if not np.all(low <= high):
        return asked
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _limits(places: NDArray[np.float64]) -> tuple[float, float, float, float]:
    finite = places[np.all(np.isfinite(places), axis=1)]
    (west, south), (east, north) = finite.min(axis=0), finite.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _geod() -> Geod:
    return Geod(ellps="WGS84")
