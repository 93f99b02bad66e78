"""Reference systems: which ones a collection is given in, boxes and filters from them, geometries to them.

OGC API - Features - Part 2, OGC 18-058r1. The order of axes is that of the reference system: latitude first in EPSG:4326. Besides the two of longitude and
latitude and that of web maps there are the UTM zones on WGS84 that a collection touches. National systems on other datums are not offered:
PROJ leads to them only within metres.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from geo_service.errors import FilterError
from geo_service.query.filters import Filter
from geo_service.query.geometries import checked_box
from geo_service.query.limits import shown
from geo_service.query.questions import Box

__all__ = ["CRS84", "box_in", "epsg_uri", "filter_in", "offered_crs", "transformed"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_WEB_MERCATOR = f"{_EPSG}3857"
_MERCATOR_EDGE = 20037508.342789244
_MOST_ZONES = 20
_NORTH, _SOUTH = 32600, 32700
_STEPS = 128
"""Parts into which the longer edge of a box is cut, so that it stays straight in its own reference system: within 1 m up to 900 km."""


def epsg_uri(code: int) -> str:
    """The URI of a reference system of EPSG."""
    return f"{_EPSG}{code}"


def offered_crs(extent: Box | None) -> tuple[str, ...]:
    """The URIs of the reference systems that a collection is given in, CRS84 first.

    Args:
        extent: West, south, east, north of its geometries in degrees; null where there are none.
    """
    return (CRS84, epsg_uri(4326), epsg_uri(3857), *(map(epsg_uri, _zones(extent)) if extent else ()))


def _zones(extent: Box) -> list[int]:
    west, south, east, north = extent
    first, last = (min(60, int((longitude + 180) // 6) + 1) for longitude in (west, east))
    halves = [_NORTH] * (north >= 0) + [_SOUTH] * (south < 0)
    zones = [half + zone for half in halves for zone in range(first, last + 1)]
    return zones if len(zones) <= _MOST_ZONES else []


@lru_cache(maxsize=128)
def _from_degrees(uri: str) -> Transformer:
    return Transformer.from_crs("OGC:CRS84", _code(uri))


@lru_cache(maxsize=128)
def _to_degrees(uri: str) -> Transformer:
    return Transformer.from_crs(_code(uri), "OGC:CRS84")


def _code(uri: str) -> str:
    return "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rpartition('/')[2]}"


def transformed(table: pa.Table, geometry: str, uri: str) -> pa.Table:
    """The same rows with their geometry in another reference system, its axes in the order of that system.

    A geometry that reaches where the system does not is null.

    Args:
        table: With `geometry` as WKB in degrees, OGC:CRS84.
        geometry: Its column.
        uri: Of the reference system, one of `offered_crs`.
    """
    at = table.schema.get_field_index(geometry)
    if uri == CRS84 or at < 0:
        return table
    shapes = shapely.from_wkb(table.column(at).to_numpy(zero_copy_only=False))
    coordinates, rows = shapely.get_coordinates(shapes, return_index=True)
    a, b = _from_degrees(uri).transform(coordinates[:, 0], coordinates[:, 1])
    moved = np.column_stack([a, b])
    is_beyond = np.unique(rows[~np.isfinite(moved).all(axis=1)])
    shapes = shapely.set_coordinates(shapes, np.where(np.isfinite(moved), moved, 0.0))
    shapes[is_beyond] = None
    field = table.schema.field(at).with_nullable(True)
    wkb = pa.array(shapely.to_wkb(shapes, byte_order=1).tolist(), pa.binary())
    if isinstance(field.type, pa.ExtensionType):
        wkb = pa.ExtensionArray.from_storage(field.type, wkb.cast(field.type.storage_type))
    return table.set_column(at, field, wkb.cast(field.type) if wkb.type != field.type else wkb)


def box_in(values: list[float], uri: str, geometry: str) -> tuple[Box, Filter | None]:
    """A box of a reference system as the box in degrees around it, and a filter where it is smaller than that box.

    Args:
        values: 4 numbers, or 6 with heights, in the order of the system's axes.
        uri: One of `offered_crs`.
        geometry: The name of the property that the filter asks.

    Raises:
        FilterError: It is no box of that system.
    """
    what = "the box"
    if uri == CRS84:
        return checked_box(values, what), None
    if len(values) not in {4, 6}:
        raise FilterError(f"{what} has {len(values)} numbers; write 4, or 6 with heights")
    half = len(values) // 2
    if half == 3 and values[2] > values[5]:
        raise FilterError(f"{what} has its lowest height {values[2]:g} above its highest {values[5]:g}")
    a, b, c, d = values[0], values[1], values[half], values[half + 1]
    if uri == epsg_uri(4326):
        return checked_box([b, a, d, c], what), None
    if a > c or b > d:
        raise FilterError(f"{what} ends before it begins; write the smaller of each coordinate first")
    if uri == _WEB_MERCATOR:
        a, c = (min(max(one, -_MERCATOR_EDGE), _MERCATOR_EDGE) for one in (a, c))
    box = _around(uri, a, b, c, d)
    return box, None if uri == _WEB_MERCATOR else _outline(uri, (a, b, c, d), geometry)


def _around(uri: str, a: float, b: float, c: float, d: float) -> Box:
    failed = FilterError(
        f"the box does not lie where {_code(uri)} is defined; write its coordinates in that system"
    )
    try:
        west, south, east, north = _to_degrees(uri).transform_bounds(
            a, b, c, d, densify_pts=_STEPS, errcheck=True
        )
    except ProjError as error:
        raise failed from error
    if not all(math.isfinite(one) for one in (west, south, east, north)):
        raise failed
    clamped = [
        min(max(west, -180.0), 180.0),
        max(south, -90.0),
        min(max(east, -180.0), 180.0),
        min(north, 90.0),
    ]
    return checked_box(clamped, "the box")


def _outline(uri: str, box: Box, geometry: str) -> Filter | None:
    """Whether a feature shares a point with the box itself; null where its outline is no polygon in degrees."""
    west, south, east, north = box
    if west == east or south == north:
        return None
    ring = shapely.get_coordinates(
        shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / _STEPS)
    )
    longitude, latitude = _to_degrees(uri).transform(ring[:, 0], ring[:, 1])
    if not (np.isfinite(longitude).all() and np.isfinite(latitude).all()) or np.ptp(longitude) > 180:
        return None
    polygon = {
        "type": "Polygon",
        "coordinates": [[list(one) for one in zip(longitude.tolist(), latitude.tolist(), strict=True)]],
    }
    polygon["coordinates"][0][-1] = polygon["coordinates"][0][0]  # type: ignore[index]
    if not shapely.Polygon(np.column_stack([longitude, latitude])).is_valid:
        return None
    return Filter({"op": "s_intersects", "args": [{"property": geometry}, polygon]})


def filter_in(tree: Any, uri: str) -> Any:
    """The tree of a filter with its geometries, which are in a reference system, in degrees, OGC:CRS84.

    Raises:
        FilterError: A position is not where that system is defined, or a position is none.
    """
    if isinstance(tree, list):
        return [filter_in(one, uri) for one in tree]
    if not isinstance(tree, dict):
        return tree
    if "bbox" in tree and "type" not in tree:
        values = tree["bbox"]
        if not isinstance(values, list) or not all(_is_number(one) for one in values):
            raise FilterError("a BBOX of the filter has numbers only")
        box, outline = box_in([float(one) for one in values], uri, "geometry")
        return {"bbox": list(box)} if outline is None else outline.tree["args"][1]
    if "coordinates" in tree:
        return {"type": tree.get("type"), "coordinates": _positions(tree["coordinates"], uri)}
    return {key: filter_in(one, uri) for key, one in tree.items()}


def _positions(node: Any, uri: str) -> Any:
    if not isinstance(node, list) or not node:
        return node
    if not _is_number(node[0]):
        return [_positions(one, uri) for one in node]
    if len(node) < 2 or not all(_is_number(one) for one in node):
        raise FilterError(f"a position of the filter is not two numbers: {shown(node)}")
    longitude, latitude = _to_degrees(uri).transform(float(node[0]), float(node[1]))
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise FilterError(
            f"the position {shown(node)} of the filter does not lie where {_code(uri)} is defined"
        )
    return [longitude, latitude]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
