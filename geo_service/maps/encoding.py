"""Pictures and the polygons of admin units as JSON, small enough to be sent to a browser or to be put into a page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.maps.numbers import Numbers
from geo_service.maps.picture import Areas, Picture, Points

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.maps.picture import PictureClass

__all__ = ["json_text", "picture_json", "script_text", "shapes_json", "track"]

POINT_UNITS = 100_000
"""Places of points are whole numbers of 1/100,000 of a degree: about a metre."""
SHAPE_UNITS = 1_000
"""Those of polygons are whole numbers of 1/1,000 of a degree: about 100 m, a pixel at zoom level 10."""
SIMPLIFIED_DEGREES = 0.003
"""How far a line may be from the border that it stands for. Neighbours are simplified together, so that none overlaps another and no gap opens."""


def picture_json(picture: Picture) -> dict[str, Any]:
    """A picture as the viewer reads it; without the polygons of its areas, which are `shapes_json` of their level.

    Returns:
        JSON values: `name`, `language`, `title`, `summary`, `bounds`, `facts`, `notes`, `sources`, `disclaimer`, and `layers`, each with `kind` (`areas` or
        `points`), `name`, `ids`, `labels`, `classes` (`label`, `colour`, `count`, `counted`, its text, `kind`), `class_of`, `fields`, `values`, `is_shown`; areas also `level`;
        points also `at` (a `track` in 1/100,000 of a degree), `radius`, `sizes`, `size_name`, `marker` and `is_searched`.
    """
    numbers = Numbers(picture.language)
    return {
        "name": picture.name,
        "language": picture.language.value,
        "title": picture.title,
        "summary": picture.summary,
        "bounds": [round(one, 4) for one in picture.bounds],
        "facts": [list(one) for one in picture.facts],
        "notes": list(picture.notes),
        "sources": list(picture.sources),
        "disclaimer": picture.disclaimer,
        "layers": [_layer(one, numbers) for one in picture.layers],
    }


def shapes_json(areas: Areas) -> dict[str, Any]:
    """The polygons of a level, simplified together.

    Returns:
        `level`, `ids`, and `shapes`: of each unit its polygons, of each polygon its rings, each a `track` in 1/1,000 of a degree; the last position of a ring,
        equal to the first, is left out.
    """
    return {
        "level": areas.level.value,
        "ids": list(areas.ids),
        "shapes": [_polygons(one) for one in _simplified(areas.geometry)],
    }


def track(places: NDArray[np.int64]) -> str:
    """Positions as one text: each number as the difference to that of the position before, in as many letters as it needs.

    Args:
        places: Whole numbers, shape (n, 2): x and y.

    Source:
        Google, Encoded Polyline Algorithm Format; with x before y, and in the units of whoever calls it.
    """
    changes = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    # The sign goes into the lowest bit, then five bits a letter, the lowest first; all but the last letter have the sixth bit.
    bits = (changes << 1) ^ (changes >> 63)
    letters = np.arange(max(1, -(-int(bits.max(initial=0)).bit_length() // 5)))
    parts = (bits[:, None] >> (5 * letters)) & 31
    last = np.where(parts > 0, letters, 0).max(axis=1, keepdims=True)
    said = parts + np.where(letters < last, 32, 0) + 63
    kept: bytes = said[letters <= last].astype(np.uint8).tobytes()
    return kept.decode("ascii")


def json_text(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def script_text(value: Any) -> str:
    """JSON that can stand in a `<script>` element: it cannot end it, nor begin a comment there."""
    return re.sub(r"[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", json_text(value))


def _layer(layer: Areas | Points, numbers: Numbers) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": "areas" if isinstance(layer, Areas) else "points",
        "name": layer.name,
        "ids": list(layer.ids),
        "labels": list(layer.labels),
        "classes": [_class(one, numbers) for one in layer.classes],
        "class_of": layer.class_of.tolist(),
        "fields": list(layer.fields),
        "values": [list(one) for one in layer.values],
        "is_shown": layer.is_shown,
    }
    if isinstance(layer, Areas):
        return said | {"level": layer.level.value}
    places = np.rint(shapely.get_coordinates(layer.geometry.array) * POINT_UNITS).astype(np.int64)
    return said | {
        "at": track(places),
        "radius": [round(float(one), 1) for one in layer.radius],
        "sizes": [{"label": one.label, "radius": round(one.radius, 1)} for one in layer.sizes],
        "size_name": layer.size_name,
        "marker": layer.marker.value,
        "is_searched": layer.is_searched,
    }


def _class(one: PictureClass, numbers: Numbers) -> dict[str, Any]:
    # Browsers do not know how each language writes numbers: Kazakh is missing from many.
    return {
        "label": one.label,
        "colour": one.colour,
        "count": one.count,
        "counted": numbers.count(one.count),
        "kind": one.kind.value,
    }


def _simplified(geometry: gpd.GeoSeries) -> NDArray[np.object_]:
    shapes = geometry.to_numpy()
    simple = shapely.coverage_simplify(shapes, SIMPLIFIED_DEGREES)
    # What is smaller than the tolerance would be gone.
    whole: NDArray[np.object_] = np.where(shapely.is_empty(simple), shapes, simple)
    return whole


def _polygons(shape: shapely.Geometry) -> list[list[str]]:
    polygons = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    return [[_ring(ring) for ring in [one.exterior, *one.interiors]] for one in polygons]


def _ring(ring: shapely.Geometry) -> str:
    places = np.rint(shapely.get_coordinates(ring) * SHAPE_UNITS).astype(np.int64)[:-1]
    is_new = np.append(True, np.any(np.diff(places, axis=0) != 0, axis=1))
    return track(places[is_new])
