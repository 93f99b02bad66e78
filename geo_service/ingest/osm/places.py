"""Villages of an OpenStreetMap extract: one row a settlement, also where it is mapped both as a node and as an area."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.ingest.duplicates import covered_pairs
from geo_service.schemas import WGS84
from geo_service.spatial.names import normalised_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.ingest.osm.reader import OsmObject
    from geo_service.ingest.osm.tags import Tags, TagTable

__all__ = ["NAME_COLUMNS", "names_of", "villages_of"]

NAME_COLUMNS = ("name_en", "name_ru", "name_kk")

_THOUSANDS = re.compile(r"[\s',]")


def villages_of(objects: list[OsmObject], table: TagTable) -> gpd.GeoDataFrame:
    """One row a settlement.

    A node and an area are one settlement when the node is the area's label or centre, or lies in it and shares a name
    with it, or lies in it alone and one of the two has no name. The node gives id, point and names, the area the
    `footprint`. Of areas within each other that share a name the smallest is the settlement, the others are land that
    goes by its name. An area without a node has its point on its surface.

    Args:
        objects: Villages, with a geometry or without.
        table: Says which keys fill which column.

    Returns:
        A frame of VILLAGES, EPSG:4326, in the order given: `village_id, village_name, households` (all null: OpenStreetMap
        has none), `place, population` (Int64, null where it is no plain number), `name_en, name_ru, name_kk,
        footprint` (geometry, null for a village that is only a point), `geometry` (point, null where it is not known).
    """
    shapes = np.array([each.geometry for each in objects], dtype=object)
    footprint = np.full(len(objects), None, dtype=object)
    is_area = shapely.get_dimensions(shapes) == 2
    footprint[is_area] = shapes[is_area]
    points = np.where(is_area, shapely.point_on_surface(shapes), _first_places(shapes))
    is_same = np.zeros(len(objects), dtype=bool)
    for at, kept in _same_settlement(objects, shapes, table).items():
        is_same[at] = True
        if kept is not None and footprint[kept] is None:
            footprint[kept] = shapes[at]
    frame = pd.DataFrame([_row(each, table) for each in objects], columns=list(_DTYPES)).astype(_DTYPES)
    frame["footprint"] = gpd.GeoSeries(footprint, index=frame.index, crs=WGS84)
    frame["geometry"] = gpd.GeoSeries(points, index=frame.index, crs=WGS84)
    villages = gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84)
    return villages[~is_same].reset_index(drop=True)


_DTYPES = {
    "village_id": "string",
    "village_name": "string",
    "households": "Int64",
    "place": "string",
    "population": "Int64",
    **dict.fromkeys(NAME_COLUMNS, "string"),
}


def _row(each: OsmObject, table: TagTable) -> list[object]:
    name = table.column("name", each.tags)
    population = _population(table.column("population", each.tags))
    other_names = (table.column(column, each.tags) for column in NAME_COLUMNS)
    return [each.osm_id, name, pd.NA, each.tags.get("place"), population, *other_names]


def _population(text: str | None) -> int | None:
    """A plain number, with or without separators of thousands; null for anything else."""
    digits = _THOUSANDS.sub("", text or "")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _first_places(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Points as they are, and the middle of lines: a settlement along a street is drawn as one now and then."""
    is_line = shapely.get_dimensions(shapes) == 1
    places = shapes.copy()
    places[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    return places


def _same_settlement(
    objects: list[OsmObject], shapes: NDArray[np.object_], table: TagTable
) -> dict[int, int | None]:
    """Areas that are no settlement of their own: their position, and that of the node whose footprint each is.

    Null for an area around a smaller one of the same name.
    """
    names = [names_of(each.tags, table) for each in objects]
    is_node = np.array([each.osm_id.startswith("node/") for each in objects], dtype=bool)
    position = {each.osm_id: at for at, each in enumerate(objects)}
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    around = {int(areas[at]): inside for at, inside in covered_pairs(shapes[areas], shapes)}
    same: dict[int, int | None] = {}
    # The smallest area first: it is the footprint of its node, and those around it are not.
    for area in sorted(areas.tolist(), key=lambda at: (shapely.area(shapes[at]), -at)):
        inside = [at for at in around.get(area, []) if at != area]
        nodes = [at for at in inside if is_node[at]]
        node = _node_of(objects[area], names[area], nodes, names, position, objects)
        if node is not None:
            same[area] = node
        elif any(names[at] & names[area] for at in inside if not is_node[at]):
            same[area] = None
    return same


def _node_of(
    area: OsmObject,
    area_names: frozenset[str],
    inside: list[int],
    names: list[frozenset[str]],
    position: dict[str, int],
    objects: list[OsmObject],
) -> int | None:
    labelled = [position[label] for label in area.labels if label in position]
    if labelled:
        return labelled[0]
    namesakes = [at for at in inside if names[at] & area_names]
    if namesakes:
        return min(namesakes, key=lambda at: (objects[at].tags.get("place") != area.tags.get("place"), at))
    is_alone = len(inside) == 1 and not (names[inside[0]] and area_names)
    return inside[0] if is_alone else None


def names_of(tags: Tags, table: TagTable) -> frozenset[str]:
    """All names of an object, made comparable; none where it has no name."""
    names = (table.column(column, tags) for column in ("name", *NAME_COLUMNS))
    return frozenset(filter(None, (normalised_name(name) for name in names if name)))
