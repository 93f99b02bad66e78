"""Reference systems where the made-up country is not: other halves of the globe, its poles and its antimeridian."""

from __future__ import annotations

import pyarrow as pa
import pytest
import shapely

from geo_service.api.ogc.crs import CRS84, box_in, epsg_uri, filter_in, offered_crs, transformed
from geo_service.errors import FilterError
from tests.ogc_world import epsg


def codes(extent):
    return [int(one.rpartition("/")[2]) for one in offered_crs(extent)[1:]]


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        ((66.0, 46.0, 66.1, 46.1), [32642]),
        ((66.0, -46.0, 66.1, -45.0), [32742]),
        ((65.9, -1.0, 66.1, 1.0), [32641, 32642, 32741, 32742]),
        ((-180.0, 10.0, -179.0, 11.0), [32601]),
        ((180.0, 10.0, 180.0, 11.0), [32660]),
        ((-180.0, -90.0, 180.0, 90.0), []),
        (None, []),
    ],
)
def test_the_utm_zones_are_those_that_the_extent_touches(extent, expected):
    assert codes(extent) == [4326, 3857, *expected]


def table(*shapes):
    return pa.table({"fid": range(len(shapes)), "geometry": [one and one.wkb for one in shapes]})


def test_a_place_where_a_reference_system_does_not_reach_has_no_geometry_in_it():
    found = transformed(table(shapely.Point(159, 0), None, shapely.Point(69, 0)), "geometry", epsg(32642))
    across, nothing, other = found["geometry"].to_pylist()
    assert (across, nothing) == (None, None)
    assert shapely.from_wkb(other).x == pytest.approx(500000)


def test_degrees_stay_the_bytes_that_they_were():
    whole = table(shapely.Point(10, 50))
    assert transformed(whole, "geometry", CRS84) is whole
    assert transformed(whole.select(["fid"]), "geometry", epsg(3857)).column_names == ["fid"]


@pytest.mark.parametrize(
    ("values", "uri", "box"),
    [
        ([170, -10, -170, 10], CRS84, (170, -10, -170, 10)),
        ([-10, 170, 10, -170], epsg_uri(4326), (170, -10, -170, 10)),
        ([-10, 170, 0, 10, -170, 5], epsg_uri(4326), (170, -10, -170, 10)),
        ([-3e7, -1e9, 3e7, 1e9], epsg_uri(3857), (-180, -90, 180, 90)),
    ],
)
def test_boxes_of_degrees_and_of_web_maps_are_boxes_of_degrees(values, uri, box):
    found, outline = box_in(values, uri, "geometry")
    assert found == pytest.approx(box)
    assert outline is None


def test_a_box_in_utm_is_its_outline_within_the_box_around_it():
    box, outline = box_in([300000, 5000000, 700000, 5400000], epsg_uri(32642), "geometry")
    polygon = shapely.geometry.shape(outline.tree["args"][1])
    assert polygon.bounds == pytest.approx(box, abs=1e-4)
    assert polygon.area < shapely.box(*box).area * 0.99


def test_a_box_without_a_height_in_utm_is_asked_as_the_box_around_it():
    box, outline = box_in([300000, 5000000, 700000, 5000000], epsg_uri(32642), "geometry")
    assert outline is None
    assert box[0] < box[2]


@pytest.mark.parametrize(
    ("values", "uri"),
    [
        ([2, 1, 1, 2], epsg_uri(32642)),
        ([1, 1, 2], epsg_uri(3857)),
        ([1, 1, 9, 2, 2, 8], epsg_uri(3857)),
        ([1e15, 1e15, 2e15, 2e15], epsg_uri(32642)),
        ([91, 0, 92, 1], epsg_uri(4326)),
    ],
)
def test_a_box_that_is_none_is_refused(values, uri):
    with pytest.raises(FilterError):
        box_in(values, uri, "geometry")


def test_positions_of_a_filter_are_brought_to_degrees_wherever_they_stand():
    point = {"type": "Point", "coordinates": [50.0, 10.0]}
    tree = {"op": "not", "args": [{"op": "s_intersects", "args": [{"property": "geometry"}, point]}]}
    moved = filter_in(tree, epsg_uri(4326))
    assert moved["args"][0]["args"][1] == {"type": "Point", "coordinates": [10.0, 50.0]}
    assert tree["args"][0]["args"][1] is point
    boxed = filter_in({"bbox": [-10, 170, 10, -170]}, epsg_uri(4326))
    assert boxed == {"bbox": [170, -10, -170, 10]}


@pytest.mark.parametrize(
    "node",
    [{"bbox": ["a"]}, {"type": "Point", "coordinates": [1]}, {"type": "Point", "coordinates": [1, "b"]}],
)
def test_positions_of_a_filter_that_are_none_are_refused(node):
    with pytest.raises(FilterError):
        filter_in(node, epsg_uri(3857))
