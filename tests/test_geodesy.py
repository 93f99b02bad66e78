"""Geodesy on WGS84: constants, chords, areas, pieces and reference systems."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo_service.errors import CrsError
from geo_service.spatial import geodesy
from geo_service.spatial.crs import lon_lat, parse_crs, to_wgs84
from geo_service.spatial.geodesy import GEOD, area_km2, ecef_m, in_threads, row_chunks
from geo_service.spatial.linework import MAX_PIECE_M, cut_into_pieces, piece_distance_m

PLACE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(st.lists(PLACE, min_size=1, max_size=20))
def test_earth_centred_coordinates_are_those_of_proj(places):
    lon, lat = np.array(places).T
    expected = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(
        lon, lat, np.zeros(len(lon))
    )
    np.testing.assert_allclose(ecef_m(lon, lat), np.column_stack(expected), rtol=0, atol=1e-6)


@given(PLACE, PLACE)
def test_a_chord_is_never_longer_than_its_geodesic(here, there):
    ends = ecef_m(*np.array([here, there]).T)
    assert np.linalg.norm(ends[0] - ends[1]) <= GEOD.inv(*here, *there)[2] + geodesy.ROUNDING_M


@given(PLACE, PLACE)
def test_no_geodesic_is_longer_than_the_bound_from_its_chord(here, there):
    from_chord = pytest.importorskip("geo_service.distance.geodesic")._geodesic_at_most_m
    ends = ecef_m(*np.array([here, there]).T)
    chord_m = np.array([np.linalg.norm(ends[0] - ends[1])])
    assert GEOD.inv(*here, *there)[2] <= from_chord(chord_m)[0] + geodesy.ROUNDING_M


def test_an_area_is_geodesic_and_without_its_holes_whatever_the_direction_of_rings():
    outer, inner = shapely.box(10, 50, 12, 52), shapely.box(10.5, 50.5, 11, 51)
    expected = (
        abs(GEOD.geometry_area_perimeter(outer)[0]) - abs(GEOD.geometry_area_perimeter(inner)[0])
    ) / 1e6
    ring = outer.difference(inner)
    assert area_km2(ring) == pytest.approx(expected)
    assert area_km2(shapely.Polygon(ring.exterior.coords, [inner.exterior.coords])) == pytest.approx(expected)
    assert area_km2(shapely.MultiPolygon([ring, shapely.box(20, 50, 22, 52)])) == pytest.approx(
        expected + abs(GEOD.geometry_area_perimeter(outer)[0]) / 1e6
    )


@given(st.lists(PLACE, min_size=2, max_size=4))
def test_pieces_are_short_join_up_and_lie_within_their_radius(corners):
    line = shapely.LineString(corners)
    pieces = cut_into_pieces(np.array([line], dtype=object))

    start, end = ecef_m(*pieces.start.T), ecef_m(*pieces.end.T)
    for share in (0, 0.25, 0.5, 0.9, 1):
        place = pieces.start + share * (pieces.end - pieces.start)
        away_m = np.linalg.norm(ecef_m(*place.T) - pieces.middle_xyz, axis=1)
        assert (away_m <= pieces.radius_m + 1e-6).all()
    assert (np.linalg.norm(end - start, axis=1) <= MAX_PIECE_M * 1.001).all()
    np.testing.assert_allclose(pieces.end[:-1], pieces.start[1:], rtol=0, atol=1e-9)
    assert tuple(pieces.start[0]) == corners[0]
    assert tuple(pieces.end[-1]) == corners[-1]


def test_collections_and_collections_within_them_are_taken_apart():
    nested = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.GeometryCollection([shapely.LineString([(1, 1), (1, 1.001)])])]
    )
    pieces = cut_into_pieces(np.array([shapely.Point(5, 5), nested], dtype=object))
    assert pieces.owner.tolist() == [0, 1, 1]


@given(PLACE, PLACE, PLACE)
def test_the_way_to_a_piece_is_no_longer_than_to_any_place_on_it(point, start, step):
    end = (start[0] + step[0] / 1e5, np.clip(start[1] + step[1] / 1e5, -90, 90))
    pieces = cut_into_pieces(np.array([shapely.LineString([start, end])], dtype=object))
    which = np.arange(len(pieces))
    lon, lat = np.full(len(which), point[0]), np.full(len(which), point[1])

    found = piece_distance_m(lon, lat, pieces, which).min()

    shares = np.linspace(0, 1, 200)[:, None]
    places = np.array(start) + shares * (np.array(end) - np.array(start))
    sampled = GEOD.inv(np.full(200, point[0]), np.full(200, point[1]), places[:, 0], places[:, 1])[2]
    assert found <= sampled.min() + 1e-6
    assert found >= sampled.min() - MAX_PIECE_M


def test_chunks_cover_every_row_once():
    assert [(one.start, one.stop) for one in row_chunks(10, 4)] == [(0, 4), (4, 8), (8, 10)]
    assert list(row_chunks(0)) == []


@pytest.mark.parametrize("cores", [{0}, {0, 1, 2}])
def test_work_in_threads_comes_back_in_order(monkeypatch, cores):
    monkeypatch.setattr(geodesy.os, "sched_getaffinity", lambda _: cores, raising=False)
    assert in_threads(lambda number: number * 2, range(100)) == list(range(0, 200, 2))


def test_a_layer_that_is_in_wgs84_already_is_not_copied():
    layer = gpd.GeoSeries.from_xy([0.0], [0.0], crs="OGC:CRS84")
    assert to_wgs84(layer) is layer


def test_a_reference_system_that_does_not_lead_to_the_earth_is_refused():
    local = (
        'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    )
    with pytest.raises(CrsError, match="does not say where on earth"):
        to_wgs84(gpd.GeoSeries.from_xy([0.0], [0.0], crs=local), "the site plan")


def test_text_that_names_no_reference_system_is_refused_with_an_example():
    with pytest.raises(CrsError, match="EPSG:4326"):
        parse_crs("nonsense")
    assert parse_crs("EPSG:32642").to_epsg() == 32642


def test_points_that_are_not_on_earth_have_no_coordinates():
    lon, lat = lon_lat(
        gpd.GeoSeries([shapely.Point(0, 91), shapely.Point(np.inf, 0), shapely.Point(1, 2)], crs="EPSG:4326")
    )
    assert np.isnan(lon).tolist() == [True, True, False]
    assert np.isnan(lat).tolist() == [True, True, False]
