"""Vector tiles, asked of each store and decoded: what is in them is worked out here with pyproj and shapely."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely

from geo_service.errors import FilterError, NotFoundError
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features, SortKey, TimeInterval
from geo_service.query.tile_grid import Tile
from tests import store_fixtures
from tests.store_fixtures import IN_POSTGIS, ODD
from tests.stores import day, in_box, rows_of
from tests.tile_oracle import EVERYTHING, NORTHERNMOST, SIDE, features_of, layers, points_in, properties_of

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
small, odd = store_fixtures.small, store_fixtures.odd


def check_points(release, contents, name, tile):
    found = features_of(release.tile(name, Features(), *tile), name)
    sure, either = points_in(contents, name, *tile)
    assert sure.keys() <= found.keys() <= sure.keys() | either
    for fid, (row, units) in sure.items():
        assert found[fid]["geometry"]["type"] == "Point"
        assert shapely.Point(found[fid]["geometry"]["coordinates"]).distance(units) <= 1
        assert found[fid]["properties"] == properties_of(row)
    return found


@pytest.mark.parametrize(
    "tile", [EVERYTHING, (1, 0, 0), (1, 1, 1), (2, 3, 1), (3, 0, 3), (3, 7, 2), (6, 42, 22)], ids=str
)
def test_a_tile_has_the_points_that_are_in_it_with_their_properties(odd, tile):
    check_points(odd, ODD, "places", tile)


def test_types_of_properties_are_kept_and_nulls_are_left_out(odd):
    found = check_points(odd, ODD, "places", EVERYTHING)
    properties = [one["properties"] for one in found.values()]
    assert {type(one["yes"]) for one in properties if "yes" in one} == {bool}
    assert {type(one["number"]) for one in properties if "number" in one} == {float}
    assert {one["whole"] for one in properties if "whole" in one} >= {2**63 - 1, -(2**63)}
    assert {"0001-01-01", "9999-12-31"} <= {one.get("day") for one in properties}
    assert all("word" in one or one.keys() >= {"id", "key"} for one in properties)


def test_what_lies_at_the_antimeridian_is_in_the_tiles_of_its_own_side(odd):
    west = check_points(odd, ODD, "places", (5, 0, 15))
    east = check_points(odd, ODD, "places", (5, 31, 15))
    assert west
    assert east
    assert west.keys().isdisjoint(east)
    assert {one["geometry"]["coordinates"][0] for one in east.values()} >= {SIDE}
    assert {one["geometry"]["coordinates"][0] for one in west.values()} >= {0}


def test_the_poles_are_in_no_tile(odd):
    poles = {row["fid"] for row in rows_of(ODD, "places") if row["geometry"] and "90" in _latitude(row)}
    assert len(poles) > 20
    for tile in (EVERYTHING, (1, 0, 0), (4, 0, 0), (4, 0, 15), (22, 0, 0)):
        assert poles.isdisjoint(features_of(odd.tile("places", Features(), *tile), "places"))


def _latitude(row):
    return f"{abs(shapely.from_wkb(row['geometry']).y):g}"


@pytest.mark.parametrize("name", ["places", "shapes", "many"])
def test_a_tile_where_nothing_is_is_empty(odd, name):
    assert odd.tile(name, Features(), 10, 300, 900) == b""


def test_no_feature_that_fits_gives_an_empty_tile(odd):
    assert odd.tile("places", Features(ids=()), *EVERYTHING) == b""
    assert odd.tile("places", Features(filter=parse_filter("small > 1000")), *EVERYTHING) == b""


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        ((-1, 0, 0), "there is no zoom level -1; they go from 0 to 22"),
        ((23, 0, 0), "there is no zoom level 23"),
        ((0, 1, 0), "zoom level 0 has no column 1 of tiles; they go from 0 to 0"),
        ((3, 0, 8), "zoom level 3 has no row 8 of tiles; they go from 0 to 7"),
        ((3, -1, 0), "zoom level 3 has no column -1 of tiles"),
        ((10**30, 0, 0), "there is no zoom level"),
        ((22, 10**30, 0), "zoom level 22 has no column"),
    ],
)
def test_a_tile_outside_the_grid_is_refused(odd, tile, message):
    with pytest.raises(FilterError, match=message):
        odd.tile("places", Features(), *tile)


def test_the_last_tile_of_the_deepest_level_can_be_asked_for(odd):
    last = 2**22 - 1
    assert odd.tile("places", Features(), 22, last, last) == b""
    found = check_points(odd, ODD, "places", (22, 2**21, 2**21))
    assert {tuple(one["geometry"]["coordinates"]) for one in found.values()} == {(0, 0)}


def test_what_does_not_fit_a_collection_is_refused(odd):
    with pytest.raises(FilterError, match="nothing has no geometry, so there are no tiles of it"):
        odd.tile("nothing", Features(), *EVERYTHING)
    with pytest.raises(NotFoundError, match="nowhere"):
        odd.tile("nowhere", Features(), *EVERYTHING)
    with pytest.raises(FilterError, match="'height' is not a property of places"):
        odd.tile("places", Features(fields=("height",)), *EVERYTHING)
    with pytest.raises(FilterError, match="a tile has from 1 to 1000000 features; 0 were asked for"):
        odd.tile("places", Features(), *EVERYTHING, limit=0)
    with pytest.raises(FilterError, match="many has no time"):
        odd.tile("many", Features(time=TimeInterval(day("2024-01-01"))), *EVERYTHING)


def test_a_tile_keeps_to_the_question(odd):
    features = Features(
        filter=parse_filter("small > 0"),
        box=(-180, -60, 100, 60),
        time=TimeInterval(day("1970-01-01")),
        sort=(SortKey("small", descending=True),),
        fields=("day", "geometry", "fid", "small"),
        geometry=False,
    )
    expected = {
        row["fid"]: properties_of(row, ("day", "small"))
        for row in rows_of(ODD, "places")
        if (row["small"] or 0) > 0
        and row["day"] is not None
        and row["day"] >= day("1970-01-01")
        and in_box(row["geometry"], features.box)
    }
    found = features_of(odd.tile("places", features, *EVERYTHING), "places")
    assert len(expected) > 10
    assert {fid: one["properties"] for fid, one in found.items()} == expected
    chosen = [row for row in rows_of(ODD, "places") if row["fid"] in expected][:3]
    only = Features(ids=tuple(row["id"] for row in chosen), fields=())
    found = features_of(odd.tile("places", only, *EVERYTHING), "places")
    assert [one["properties"] for one in found.values()] == [{"id": row["id"]} for row in chosen]


def test_a_box_across_the_antimeridian_narrows_a_tile(odd):
    box = (170, -60, -170, 60)
    expected = {row["fid"] for row in rows_of(ODD, "places") if in_box(row["geometry"], box)}
    assert expected
    assert features_of(odd.tile("places", Features(box=box), *EVERYTHING), "places").keys() == expected


def test_a_layer_can_have_another_name(odd):
    name = 'it\'s "an" émigré % layer'
    assert list(layers(odd.tile("places", Features(), *EVERYTHING, layer=name))) == [name]


def test_all_tiles_of_a_level_have_each_feature_once_beside_their_buffers(odd):
    z = 5
    seen = []
    for x in range(20, 24):
        for y in range(9, 13):
            found = features_of(odd.tile("many", Features(fields=()), z, x, y), "many")
            for fid, one in found.items():
                column, row = one["geometry"]["coordinates"]
                if 0 <= column < SIDE and 0 <= row < SIDE:
                    seen.append(fid)
    assert sorted(seen) == [row["fid"] for row in rows_of(ODD, "many")]


def test_a_point_on_an_edge_is_in_the_buffers_of_both_neighbours(odd):
    on_corner = [row["fid"] for row in rows_of(ODD, "places") if row["geometry"] and _is_at_zero(row)]
    assert on_corner
    corners = {(8, 127, 127): (SIDE, SIDE), (8, 128, 127): (0, SIDE), (8, 127, 128): (SIDE, 0)}
    for tile, corner in {**corners, (8, 128, 128): (0, 0)}.items():
        found = features_of(odd.tile("places", Features(), *tile), "places")
        assert list(found) == on_corner
        assert {tuple(one["geometry"]["coordinates"]) for one in found.values()} == {corner}


def _is_at_zero(row):
    return shapely.from_wkb(row["geometry"]).equals(shapely.Point(0, 0))


def test_of_more_features_than_the_limit_the_same_ones_spread_evenly_are_taken(odd):
    tile, limit = (4, 10, 5), 500
    all_of_it = features_of(odd.tile("many", Features(fields=()), *tile), "many")
    found = features_of(odd.tile("many", Features(fields=()), *tile, limit=limit), "many")
    by_hash = sorted(all_of_it, key=lambda fid: fid * 2_654_435_761 % 2**32)
    # Those just outside the buffer are candidates too.
    assert limit - 20 <= len(found) <= limit
    assert sorted(found) == sorted(by_hash[: len(found)])
    for low in range(0, 40_000, 10_000):
        shares = [
            len([fid for fid in some if low < fid <= low + 10_000]) / len(some) for some in (found, all_of_it)
        ]
        assert shares[0] == pytest.approx(shares[1], abs=0.02)
    deeper = features_of(odd.tile("many", Features(fields=()), 5, 21, 11, limit=limit), "many")
    here = {fid for fid in found if in_quarter(found[fid]["geometry"]["coordinates"])}
    assert here
    assert here <= deeper.keys()


def in_quarter(position):
    column, row = position
    return min(column, row) >= SIDE / 2 and max(column, row) <= SIDE


@pytest.mark.parametrize("name", ["places", "many", "shapes"])
def test_a_tile_has_the_same_bytes_each_time_also_for_many_threads(odd, name):
    def ask(tile):
        return odd.tile(name, Features(), *tile, limit=3_000)

    tiles = [EVERYTHING, (1, 1, 0), (3, 5, 2), (4, 10, 5)]
    expected = [ask(tile) for tile in tiles]
    assert any(expected)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, tiles * 4)) == expected * 4


@pytest.mark.parametrize("tile", [EVERYTHING, (2, 3, 1), (5, 21, 11), (6, 42, 22), (9, 341, 187)], ids=str)
@pytest.mark.parametrize(
    ("of", "name"),
    [
        ("small", "villages"),
        ("small", "adm1"),
        ("odd", "places"),
        ("odd", "many"),
        ("odd", "shapes"),
    ],
)
@IN_POSTGIS[0]
@IN_POSTGIS[1]
def test_both_stores_have_the_same_in_a_tile(folder, postgis, of, name, tile):
    one, other = (
        features_of(where[of].tile(name, Features(), *tile, limit=2_000), name) for where in (folder, postgis)
    )
    only_points = name not in {"adm1", "shapes"}
    assert one.keys() == other.keys()
    for fid in one:
        assert one[fid]["properties"] == other[fid]["properties"]
        shapes = [shapely.geometry.shape(found[fid]["geometry"]) for found in (one, other)]
        assert shapes[0].hausdorff_distance(shapes[1]) <= (1 if only_points else 2)


def test_the_box_of_a_tile_has_its_buffer_and_stays_on_the_globe():
    assert Tile(0, 0, 0).box == (-180.0, -NORTHERNMOST, 180.0, NORTHERNMOST)
    west, south, east, north = Tile(3, 4, 3).box
    assert (west, east) == (-45 / 64, 45 + 45 / 64)
    assert south == pytest.approx(-0.703, abs=0.001)
    assert north == pytest.approx(41.5, abs=0.1)
