"""Vector tiles of lines and areas, asked of each store: cut, simplified and valid, whatever went in."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo_service.query.questions import Features
from geo_service.release.frames import frame_part
from geo_service.release.parts import Contents
from tests import store_fixtures
from tests.releases import titled
from tests.store_fixtures import IN_POSTGIS, MAKERS, ODD, SMALL
from tests.stores import rows_of
from tests.tile_oracle import (
    BUFFER,
    EVERYTHING,
    NORTHERNMOST,
    SIDE,
    box_of,
    features_of,
    in_units,
    properties_of,
)

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
small, odd = store_fixtures.small, store_fixtures.odd

SHAPE_TILES = [
    EVERYTHING,
    (1, 1, 0),
    (2, 2, 1),
    (4, 10, 5),
    (5, 21, 11),
    (6, 42, 23),
    (7, 86, 47),
    (12, 2048, 2047),
]


@pytest.mark.parametrize("tile", SHAPE_TILES, ids=str)
@pytest.mark.parametrize("name", ["shapes", "adm1"])
def test_a_tile_has_lines_and_areas_cut_at_its_buffer(small, odd, name, tile):
    contents, release = (ODD, odd) if name == "shapes" else (SMALL, small)
    found = features_of(release.tile(name, Features(), *tile), name)
    for row in rows_of(contents, name):
        expected = cut(row, tile)
        if row["fid"] not in found:
            assert expected.is_empty or is_small(expected) or at_the_edge(expected), row["id"]
            continue
        shape = shapely.geometry.shape(found[row["fid"]]["geometry"])
        assert found[row["fid"]]["properties"] == properties_of(row)
        assert shapely.get_dimensions(shape) == shapely.get_dimensions(expected)
        assert box_of(BUFFER + 1).covers(shape)
        assert shape.hausdorff_distance(expected) <= 2, row["id"]


def cut(row, tile):
    """What of a row's geometry is in a tile and its buffer, of the highest dimension only."""
    if row["geometry"] is None:
        return shapely.Point()
    geometry = shapely.from_wkb(row["geometry"])
    if not geometry.is_empty and abs(geometry.bounds[1]) > NORTHERNMOST:
        return shapely.Point()
    units = shapely.make_valid(in_units(row["geometry"], *tile))
    dimension = shapely.get_dimensions(units)
    parts = shapely.get_parts(shapely.intersection(units, box_of(BUFFER)))
    return shapely.union_all([one for one in parts if shapely.get_dimensions(one) == dimension])


def is_small(shape):
    west, south, east, north = shape.bounds
    return shape.length > 0 and max(east - west, north - south) <= 2


def at_the_edge(shape):
    return not shape.intersects(box_of(BUFFER - 1))


@pytest.mark.parametrize("where", ["folder", pytest.param("postgis", marks=IN_POSTGIS)])
def test_gdal_reads_a_tile(request, tmp_path, where):
    release = request.getfixturevalue(where)["small"]
    (tmp_path / "tile.pbf").write_bytes(release.tile("adm1", Features(), 4, 11, 5))
    read = pyogrio.read_dataframe(tmp_path / "tile.pbf", X=11, Y=5, Z=4, METADATA_FILE="")
    assert len(read) == len(features_of(release.tile("adm1", Features(), 4, 11, 5), "adm1"))
    assert read.crs == "EPSG:3857"
    assert read.geometry.is_valid.all()


ROUGH = {
    "world": "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
    "cap": "POLYGON ((0 60, 90 60, 90 90, 0 90, 0 60))",
    "all of it above": "POLYGON ((0 86, 90 86, 90 90, 0 90, 0 86))",
    "meridian": "LINESTRING (10 -90, 10 90)",
    "bow": "POLYGON ((60 40, 64 44, 64 40, 60 44, 60 40))",
    "hole over the edge": "POLYGON ((60 40, 64 40, 64 44, 60 44, 60 40), (63 41, 66 41, 66 42, 63 42, 63 41))",
    "overlapping": "MULTIPOLYGON (((60 40, 62 40, 62 42, 60 42, 60 40)), ((61 41, 63 41, 63 43, 61 43, 61 41)))",
    "spike": "POLYGON ((60 40, 64 40, 62 40, 62 42, 60 42, 60 40))",
    "flat": "POLYGON ((60 40, 64 40, 62 40, 60 40))",
    "tiny": "POLYGON ((66 45, 66.000001 45, 66.000001 45.000001, 66 45))",
    "short": "LINESTRING (66 45, 66.000001 45)",
}


@pytest.mark.parametrize("make", MAKERS)
def test_areas_at_the_poles_and_areas_that_are_not_valid_do_not_spoil_a_tile(make, tmp_path):
    frame = gpd.GeoDataFrame(
        # The second name is one that the statement uses itself.
        {"key": pd.array(list(ROUGH), dtype="string"), "_tile": pd.array(list(ROUGH), dtype="string")},
        geometry=[shapely.from_wkt(one) for one in ROUGH.values()],
        crs="EPSG:4326",
    )
    part = frame_part("rough", frame, kind="layer", title=titled("Rough"), key=["key"])
    with make(tmp_path, Contents(parts=(part,))) as store, store.open() as release:
        ids = {row["fid"]: row["key"] for row in rows_of(Contents(parts=(part,)), "rough")}
        for z in range(0, 23, 2):
            x, y = int(242 / 360 * 2**z), int(0.3755 * 2**z)
            found = features_of(release.tile("rough", Features(), z, x, y), "rough")
            assert {"all of it above", "tiny", "short", "flat"}.isdisjoint(ids[fid] for fid in found)
            assert "world" in {ids[fid] for fid in found}
            assert all(one["properties"]["_tile"] == ids[fid] for fid, one in found.items())
            for one in found.values():
                assert box_of(BUFFER).covers(shapely.geometry.shape(one["geometry"]))
        found = features_of(release.tile("rough", Features(), *EVERYTHING), "rough")
        shapes = {ids[fid]: shapely.geometry.shape(one["geometry"]) for fid, one in found.items()}
        assert {"cap", "meridian", "bow", "hole over the edge", "overlapping", "spike"} <= shapes.keys()
        assert shapes["world"].equals(shapely.box(0, -BUFFER, SIDE, SIDE + BUFFER))
        assert shapes["meridian"].length >= SIDE
