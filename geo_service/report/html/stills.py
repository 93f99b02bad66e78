"""Maps as SVG that needs no script: what a reader sees before the map is drawn, and where scripts do not run, such as in a mail program.

Each unit is one path on the page; a map uses it in its colour. Web Mercator, as the live map; coordinates are 1/1,000 of a degree of longitude.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from markupsafe import Markup, escape

from geo_service.maps.picture import Areas, ClassKind, Marker, Points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.maps.picture import Picture

__all__ = ["Stills"]

_UNITS = 1_000
_SIMPLIFIED = 1 / 1_200
"""How far a line may be from its border: a share of the width of what is shown, less than a pixel."""
_WIDTH_PX = 700
"""How wide a map is about to be; radii of points are in pixels."""
_HATCHES = 90
_NORTHERNMOST = 85.0


@dataclass(slots=True)
class Stills:
    """The still maps of a page, with the outlines that they share."""

    _paths: list[Markup] = field(default_factory=list)

    @property
    def outlines(self) -> Markup:
        """All outlines, for a `<defs>`."""
        return Markup("").join(self._paths)

    def outline(self, name: str, areas: Areas) -> None:
        """Add the units of a level under a name: letters, digits."""
        shapes = _one_side(areas.geometry.to_numpy())
        west, _, east, _ = shapely.total_bounds(shapes)
        simple = shapely.coverage_simplify(shapes, max((east - west) * _SIMPLIFIED, 1e-6))
        simple = np.where(shapely.is_empty(simple), shapes, simple)
        self._paths += [
            Markup('<path id="{}_{}" d="{}"/>').format(name, number, _path(shape))
            for number, shape in enumerate(simple)
        ]

    def still(self, anchor: str, picture: Picture, names: Sequence[str]) -> Markup:
        """A map.

        Args:
            anchor: Its name on the page.
            picture: What it shows.
            names: What the outlines of each of its layers of units are called.
        """
        west, south, east, north = picture.bounds
        corners = _projected(np.array([[west, north], [east + (360 if west > east else 0), south]]))
        (left, top), (right, bottom) = corners
        width, height = max(right - left, 1), max(bottom - top, 1)
        pixel = width / _WIDTH_PX
        name_of = iter(names)
        layers = [
            _areas(one, next(name_of), anchor)
            if isinstance(one, Areas)
            else _points(one, pixel, is_shifted=west > east)
            for one in picture.layers
            if one.is_shown or isinstance(one, Areas)
        ]
        margin = 4 * pixel
        box = [left - margin, top - margin, width + 2 * margin, height + 2 * margin]
        return Markup(
            '<svg viewBox="{}" role="img" aria-label="{}"><defs><pattern id="{}_hatch" width="{}" height="{}" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V{}" stroke="#5f6b78" stroke-width="{}"/>'
            "</pattern></defs>{}</svg>"
        ).format(
            " ".join(_number(one) for one in box),
            f"{picture.title}. {picture.description}",
            anchor,
            *[_number(width / _HATCHES)] * 3,
            _number(width / _HATCHES / 2),
            Markup("").join(layers),
        )


def _areas(layer: Areas, name: str, anchor: str) -> Markup:
    groups = []
    for number, one in enumerate(layer.classes):
        uses = Markup("").join(
            Markup('<use href="#{}_{}"/>').format(name, unit)
            for unit in np.flatnonzero(layer.class_of == number)
        )
        if uses:
            groups.append(Markup('<g fill="{}">{}</g>').format(one.colour, uses))
            if one.kind is ClassKind.SUPPRESSED:
                groups.append(Markup('<g fill="url(#{}_hatch)">{}</g>').format(anchor, uses))
    return Markup('<g class="units">{}</g>').format(Markup("").join(groups)) if layer.is_shown else Markup("")


def _points(layer: Points, pixel: float, *, is_shifted: bool) -> Markup:
    places = shapely.get_coordinates(layer.geometry.array)
    if is_shifted:
        places[:, 0] += np.where(places[:, 0] < 0, 360, 0)
    places = _projected(places)
    radius = layer.radius * pixel
    groups = []
    for number, one in enumerate(layer.classes):
        marks = Markup("").join(
            _mark(layer.marker, places[point, 0], places[point, 1], radius[point])
            for point in sorted(np.flatnonzero(layer.class_of == number), key=lambda at: -radius[at])
        )
        if marks:
            groups.append(Markup('<g fill="{}">{}</g>').format(one.colour, marks))
    return Markup('<g class="points">{}</g>').format(Markup("").join(groups))


def _mark(marker: Marker, x: float, y: float, radius: float) -> Markup:
    if marker is Marker.SQUARE:
        return Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
            _number(x - radius), _number(y - radius), *[_number(2 * radius)] * 2
        )
    return Markup('<circle cx="{}" cy="{}" r="{}"/>').format(_number(x), _number(y), _number(radius))


def _one_side(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons of a country on both sides of the antimeridian, side by side."""
    west, _, east, _ = shapely.total_bounds(shapes)
    if east - west <= 180:
        return shapes

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        beside: NDArray[np.float64] = np.where(places[:, 0] < 0, 360.0, 0.0)
        return places + np.outer(beside, (1.0, 0.0))

    found: NDArray[np.object_] = shapely.transform(shapes, moved)
    return found


def _projected(places: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude = np.radians(np.clip(places[:, 1], -_NORTHERNMOST, _NORTHERNMOST))
    north = np.degrees(np.log(np.tan(np.pi / 4 + latitude / 2)))
    projected: NDArray[np.float64] = np.column_stack([places[:, 0], -north]) * _UNITS
    return projected


def _path(shape: shapely.Geometry) -> Markup:
    polygons = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    rings = [ring for one in polygons for ring in (one.exterior, *one.interiors)]
    return escape("".join(_ring(one) for one in rings))


def _ring(ring: shapely.Geometry) -> str:
    places = np.rint(_projected(shapely.get_coordinates(ring))).astype(np.int64)[:-1]
    changes = np.diff(places, axis=0)
    changes = changes[np.any(changes != 0, axis=1)]
    (x, y), steps = places[0], "".join(f"{dx}{dy:+d} " if dy >= 0 else f"{dx}{dy} " for dx, dy in changes)
    return f"M{x} {y}l{steps.rstrip()}z"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
