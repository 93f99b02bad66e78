"""Vector tiles decoded, and what has to be in them: worked out with pyproj and shapely, without any database."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache

import mapbox_vector_tile
import pyproj
import shapely

from tests.stores import rows_of

__all__ = [
    "BUFFER",
    "EVERYTHING",
    "NORTHERNMOST",
    "SIDE",
    "box_of",
    "features_of",
    "in_units",
    "layers",
    "points_in",
    "properties_of",
]

SIDE, BUFFER, NORTHERNMOST = 4096, 64, 85.06
HALF_WORLD_M = math.pi * 6_378_137
EVERYTHING = (0, 0, 0)


def layers(tile: bytes):
    """A tile decoded, y downwards."""
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


def features_of(tile: bytes, name: str):
    """The features of the one layer of a tile by their id; none of an empty tile."""
    if tile == b"":
        return {}
    assert list(layers(tile)) == [name]
    layer = layers(tile)[name]
    assert (layer["version"], layer["extent"]) == (2, SIDE)
    features = layer["features"]
    assert [one["id"] for one in features] == sorted({one["id"] for one in features})
    return {one["id"]: one for one in features}


def properties_of(row, fields=None):
    """What a row has to have as properties."""
    wanted = ["id", *(fields if fields is not None else row)]
    values = {name: row[name] for name in wanted if name not in {"fid", "geometry"}}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
        if value is not None
    }


@cache
def mercator():
    return pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True).transform


def in_units(wkb, z, x, y):
    """A geometry in the units of a tile, neither cut nor rounded."""
    side_m = 2 * HALF_WORLD_M / 2**z

    def to_units(positions):
        if not len(positions):
            return positions
        east, north = mercator()(positions[:, 0], positions[:, 1])
        positions[:, 0] = ((east + HALF_WORLD_M) / side_m - x) * SIDE
        positions[:, 1] = ((HALF_WORLD_M - north) / side_m - y) * SIDE
        return positions

    return shapely.transform(shapely.from_wkb(wkb), to_units)


def box_of(margin):
    """A tile and so many units around it."""
    return shapely.box(-margin, -margin, SIDE + margin, SIDE + margin)


def points_in(contents, name, z, x, y):
    """The rows whose points are in a tile, and those that are so near the edge of its buffer that rounding decides."""
    sure, either = {}, set()
    for row in rows_of(contents, name):
        point = None if row["geometry"] is None else shapely.from_wkb(row["geometry"])
        if point is None or abs(point.y) > NORTHERNMOST:
            continue
        units = in_units(row["geometry"], z, x, y)
        if box_of(BUFFER - 1).covers(units):
            sure[row["fid"]] = (row, units)
        elif box_of(BUFFER + 1).covers(units):
            either.add(row["fid"])
    return sure, either
