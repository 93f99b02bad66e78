"""Spatial operators of filters: the box of a geometry first, for the index, then the geometry itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from geo_service.errors import FilterError
from geo_service.query.geometries import Shape, box_parts, box_shape, shape_of
from geo_service.query.limits import named
from geo_service.query.properties import PropertyType
from geo_service.query.sql import sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from geo_service.query.dialects import Dialect
    from geo_service.query.properties import Queryables
    from geo_service.query.questions import Box

__all__ = ["DISTANCE_OPERATOR", "SPATIAL_OPERATORS", "box_clause", "near", "spatial"]

DISTANCE_OPERATOR = "s_dwithin"

SPATIAL_OPERATORS = {
    "s_contains": "ST_Contains",
    "s_crosses": "ST_Crosses",
    "s_disjoint": "ST_Intersects",
    "s_equals": "ST_Equals",
    "s_intersects": "ST_Intersects",
    "s_overlaps": "ST_Overlaps",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
}
"""The spatial operators of CQL2, in lower case, and the function of both databases; disjoint is what does not intersect."""

_METRES = {"m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0}
_METRES |= {
    "km": 1000.0,
    "kilometre": 1000.0,
    "kilometres": 1000.0,
    "kilometer": 1000.0,
    "kilometers": 1000.0,
}

_LONGEST_M = 20_100_000.0
"""No two places are farther apart."""

_METRES_PER_DEGREE = 110_000.0
"""Less than a degree of latitude or of the equator has anywhere, so that boxes come out larger than their circles."""


def box_clause(source: FromClause, queryables: Queryables, box: Box, dialect: Dialect) -> ColumnElement[bool]:
    """Whether the collection's geometry shares a point with a box, west not larger than east; null without a geometry."""
    assert queryables.geometry is not None  # noqa: S101 - for mypy: callers ask only where there is one
    near_box = dialect.near_box(source, queryables.geometry, box)
    if dialect.boxes_decide and queryables.geometry_types == ("Point",):
        return near_box
    literal = dialect.geometry(box_shape(box).wkb)
    return sa.and_(near_box, _function("ST_Intersects", source.c[queryables.geometry], literal))


def spatial(
    operator: str, args: list[Any], source: FromClause, queryables: Queryables, dialect: Dialect
) -> ColumnElement[bool]:
    """A spatial operator, in lower case, on two geometries.

    Raises:
        FilterError: An argument is neither a geometry nor a property that is one.
    """
    if len(args) != 2:
        raise FilterError(f"{operator.upper()} takes two geometries; this one has {len(args)}")
    sides = [_side(node, operator, queryables) for node in args]
    if operator in {"s_intersects", "s_disjoint"}:
        found = _in_bbox(args, sides, source, queryables, dialect)
        if found is not None:
            return sa.not_(found) if operator == "s_disjoint" else found
    written = [dialect.geometry(side.wkb) if isinstance(side, Shape) else source.c[side] for side in sides]
    clause = _function(SPATIAL_OPERATORS[operator], *written)
    names = [side for side in sides if isinstance(side, str)]
    shapes = [side for side in sides if isinstance(side, Shape)]
    # The covering is of the collection's own geometry only.
    if names == [queryables.geometry] and shapes:
        clause = sa.and_(dialect.near_box(source, names[0], shapes[0].box), clause)
    return sa.not_(clause) if operator == "s_disjoint" else clause


def near(
    operator: str, args: list[Any], source: FromClause, queryables: Queryables, dialect: Dialect
) -> ColumnElement[bool]:
    """`S_DWITHIN(geometry, POINT(…), distance[, 'm' or 'km'])`: along the geodesic on WGS84.

    CQL2 has no such function; its name and arguments are those of earlier drafts and of other servers.

    Raises:
        FilterError: The arguments are others, or the collection has other geometries than points.
    """
    if len(args) not in {3, 4}:
        raise FilterError("S_DWITHIN takes a geometry, a point, a distance and a unit ('m' or 'km')")
    sides = [_side(node, operator, queryables) for node in args[:2]]
    name = next((side for side in sides if isinstance(side, str)), None)
    shape = next((side for side in sides if isinstance(side, Shape)), None)
    if name is None or shape is None or name != queryables.geometry:
        raise FilterError("S_DWITHIN takes the collection's geometry and a point, such as POINT(66.9 48.0)")
    if shape.type != "Point" or queryables.geometry_types != ("Point",):
        raise FilterError(
            f"S_DWITHIN measures from point to point; {'this is a ' + shape.type if shape.type != 'Point' else queryables.collection + ' has other geometries'}: ask with S_INTERSECTS and a polygon"
        )
    distance_m = _distance_m(args[2], args[3] if len(args) == 4 else "m")
    longitude, latitude, _, _ = shape.box
    boxes = [dialect.near_box(source, name, part) for part in _around(longitude, latitude, distance_m)]
    return sa.and_(sa.or_(*boxes), dialect.within_metres(source, name, (longitude, latitude), distance_m))


def _in_bbox(
    args: list[Any],
    sides: list[Shape | str],
    source: FromClause,
    queryables: Queryables,
    dialect: Dialect,
) -> ColumnElement[bool] | None:
    """The box of a BBOX literal against the collection's geometry; null where that is not what is asked."""
    for literal, side, other in ((args[0], sides[0], sides[1]), (args[1], sides[1], sides[0])):
        is_box = isinstance(literal, dict) and "bbox" in literal and "type" not in literal
        if is_box and other == queryables.geometry and isinstance(side, Shape):
            values = [float(one) for one in literal["bbox"]]
            west, south, east, north = values if len(values) == 4 else (*values[:2], *values[3:5])
            parts = box_parts((west, south, east, north))
            return sa.or_(*(box_clause(source, queryables, part, dialect) for part in parts))
    return None


def _function(name: str, *args: Any) -> ColumnElement[bool]:
    function: ColumnElement[bool] = getattr(sa.func, name)(*args, type_=sa.Boolean())
    return function


def _side(node: Any, operator: str, queryables: Queryables) -> Shape | str:
    if isinstance(node, dict) and set(node) == {"property"} and isinstance(node["property"], str):
        one = queryables[node["property"]]
        if one.type is not PropertyType.GEOMETRY:
            raise FilterError(f"'{one.name}' is {one.type}, and {operator.upper()} needs a geometry")
        return one.name
    if isinstance(node, dict) and ("type" in node or "bbox" in node):
        return shape_of(node)
    raise FilterError(f"{operator.upper()} takes geometries and properties that are one, not {named(node)}")


def _distance_m(distance: Any, unit: Any) -> float:
    if isinstance(distance, bool) or not isinstance(distance, int | float) or not distance >= 0:
        raise FilterError(f"S_DWITHIN takes a distance of 0 or more, not {named(distance)}")
    if not isinstance(unit, str) or unit.casefold() not in _METRES:
        raise FilterError(f"S_DWITHIN takes metres ('m') or kilometres ('km'), not {named(unit)}")
    return float(distance) * _METRES[unit.casefold()]


def _around(longitude: float, latitude: float, distance_m: float) -> list[Box]:
    """Boxes that hold the circle, larger than it on purpose: they are for the index and decide nothing."""
    high = min(distance_m, _LONGEST_M) / _METRES_PER_DEGREE
    south, north = latitude - high, latitude + high
    if south <= -90 or north >= 90:
        return [(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
    # On a sphere of that circle the widest place is nearer to the pole than the centre.
    wide = math.degrees(
        math.asin(min(1.0, math.sin(math.radians(min(high, 90.0))) / math.cos(math.radians(latitude))))
    )
    wide = min(180.0, wide * 1.01 + 1e-6)
    west, east = longitude - wide, longitude + wide
    if west < -180 and east > 180:
        return [(-180.0, south, 180.0, north)]
    if west < -180:
        return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [(west, south, east, north)]
