"""Geometries in filters: from GeoJSON or a box, checked, to WKB and the box around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from geo_service.errors import FilterError
from geo_service.query.limits import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.query.questions import Box

__all__ = ["Shape", "box_parts", "box_shape", "checked_box", "shape_of"]

_NESTING = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry of a filter, in degrees in OGC:CRS84.

    Attributes:
        geometry: Valid and not empty.
        type: GeoJSON's name of its type.
    """

    geometry: shapely.Geometry
    type: str

    @property
    def wkb(self) -> bytes:
        """As little-endian WKB, in two dimensions."""
        written: bytes = shapely.to_wkb(self.geometry, byte_order=1, output_dimension=2)
        return written

    @property
    def box(self) -> Box:
        """The box around it."""
        west, south, east, north = shapely.bounds(self.geometry)
        return float(west), float(south), float(east), float(north)


def checked_box(values: Any, what: str) -> Box:
    """West, south, east, north from a list of 4 numbers, or of 6 with heights, which count for nothing.

    Raises:
        FilterError: It is no such list, or is not on the globe.
    """
    if not isinstance(values, list | tuple) or len(values) not in {4, 6}:
        raise FilterError(f"{what} has four numbers: west, south, east, north")
    numbers = [_number(one, what) for one in values]
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            raise FilterError(f"{what} has its lowest height {numbers[2]:g} above its highest {numbers[5]:g}")
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    west, south, east, north = numbers
    for longitude, latitude in ((west, south), (east, north)):
        _on_globe(longitude, latitude, what)
    if south > north:
        raise FilterError(f"{what} has its south {south:g} above its north {north:g}; change them over")
    return west, south, east, north


def box_parts(box: Box) -> list[Box]:
    """The same box, in two where it crosses the antimeridian."""
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def box_shape(box: Box) -> Shape:
    """A box as a geometry: a point or a line where it has no width or height, several parts where it crosses the antimeridian."""
    parts = [_box(part) for part in box_parts(box)]
    geometry = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    return Shape(geometry, geometry.geom_type)


def _box(box: Box) -> shapely.Geometry:
    west, south, east, north = box
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def shape_of(node: dict[str, Any]) -> Shape:
    """A geometry of CQL2 JSON: GeoJSON, or `{"bbox": […]}`.

    Raises:
        FilterError: It is not valid: a ring is not closed, a polygon crosses itself, a position is not on the globe.
    """
    if "bbox" in node and "type" not in node:
        _only(node, {"bbox"})
        return box_shape(checked_box(node["bbox"], "a BBOX of the filter"))
    _only(node, {"type", "coordinates", "geometries", "bbox"})
    kind = node.get("type")
    if kind not in _NESTING:
        allowed = ", ".join(_NESTING)
        raise FilterError(
            f"'{shown(str(kind))}' is not a geometry that filters can have; these are: {allowed}"
        )
    coordinates = node.get("coordinates")
    for position in _positions(coordinates, _NESTING[kind], kind):
        _on_globe(*position, f"a {kind} of the filter")
    try:
        geometry = _build(kind, coordinates)
    except (shapely.GEOSException, ValueError, TypeError, IndexError) as error:
        raise FilterError(f"a {kind} of the filter is not one: {shown(str(error))}") from error
    if geometry.is_empty:
        raise FilterError(f"a {kind} of the filter is empty; give it positions")
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        raise FilterError(f"a {kind} of the filter is not valid: {shown(reason)}")
    return Shape(geometry, kind)


def _build(kind: str, coordinates: Any) -> shapely.Geometry:
    if kind == "Point":
        return shapely.Point(coordinates[:2])
    if kind == "MultiPoint":
        return shapely.MultiPoint([one[:2] for one in coordinates])
    if kind == "LineString":
        return _line(coordinates)
    if kind == "MultiLineString":
        return shapely.MultiLineString([_line(one) for one in coordinates])
    if kind == "Polygon":
        return _polygon(coordinates)
    return shapely.MultiPolygon([_polygon(one) for one in coordinates])


def _line(positions: list[list[float]]) -> shapely.LineString:
    if len(positions) < 2:
        raise ValueError("a line has two positions or more")
    return shapely.LineString([one[:2] for one in positions])


def _polygon(rings: list[list[list[float]]]) -> shapely.Polygon:
    if not rings:
        raise ValueError("a polygon has one ring or more")
    for ring in rings:
        if len(ring) < 4:
            raise ValueError("a ring has four positions or more")
        if ring[0][:2] != ring[-1][:2]:
            raise ValueError("a ring is not closed: end it where it begins")
    outer, *holes = [[one[:2] for one in ring] for ring in rings]
    return shapely.Polygon(outer, holes)


def _positions(coordinates: Any, nesting: int, kind: str) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list | tuple):
        raise FilterError(f"a {kind} of the filter has no coordinates; give it positions")
    if nesting == 0:
        if not 2 <= len(coordinates) <= 4:
            raise FilterError(f"a {kind} of the filter has a position that is not longitude and latitude")
        longitude, latitude, *_ = [_number(one, f"a position of a {kind}") for one in coordinates]
        yield longitude, latitude
        return
    if not coordinates:
        raise FilterError(f"a {kind} of the filter is empty; give it positions")
    for one in coordinates:
        yield from _positions(one, nesting - 1, kind)


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FilterError(f"{what} has '{shown(str(value))}', which is not a number")
    return float(value)


def _on_globe(longitude: float, latitude: float, what: str) -> None:
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise FilterError(
            f"{what} has the position {longitude:g} {latitude:g}, which is not on the globe: longitudes go to ±180, latitudes to ±90"
        )


def _only(node: dict[str, Any], allowed: set[str]) -> None:
    for key in node:
        if key not in allowed:
            raise FilterError(
                f"a geometry of the filter has the key '{shown(key)}', which geometries do not have"
            )
