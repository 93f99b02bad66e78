"""The exact nearest facility: equal to brute force, everywhere on earth."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geodesic_oracle import distances_m, k_least, point_distances_m
from hypothesis import example, given
from hypothesis import strategies as st

from geo_service import nearest
from geo_service.distance import geodesic
from geo_service.distance.geodesic import GeodesicEngine
from geo_service.distance.nearest import FacilityIndex
from geo_service.errors import CrsError, InputError

LON = st.floats(-180, 180, allow_nan=False)
LAT = st.floats(-90, 90, allow_nan=False)
# Few values, so that facilities coincide, mirror each other and lie on the same meridian, pole and antimeridian.
LATTICE_LON = st.sampled_from([-180.0, -179.99, -90.0, 0.0, 0.01, 90.0, 179.99, 180.0])
LATTICE_LAT = st.sampled_from([-90.0, -89.99, -60.0, 0.0, 60.0, 89.99, 90.0])
PLACES = st.lists(st.tuples(LON | LATTICE_LON, LAT | LATTICE_LAT), min_size=1, max_size=25)

REGIONS = {
    "on the equator": (-20, 20, -1, 1),
    "at 60 degrees": (20, 60, 55, 65),
    "at the pole": (-180, 180, 89, 90),
    "across the antimeridian": (178, 182, 60, 70),
    "all over the earth": (-180, 180, -90, 90),
    "within one town": (76.90, 76.91, 43.20, 43.21),
}


def layer(lon, lat, ids=None):
    ids = [f"f{number:03d}" for number in range(len(lon))] if ids is None else ids
    return gpd.GeoDataFrame({"facility_id": ids}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def scatter(seed, count, west, east, south, north):
    random = np.random.default_rng(seed)
    lon = random.uniform(west, east, count)
    return (lon + 180) % 360 - 180, random.uniform(south, north, count)


def assert_equals_brute_force(answer, distance_m, ids, k):
    columns, least_m = k_least(distance_m, k)
    found = answer["distance_m"].to_numpy().reshape(len(distance_m), k)
    there = min(k, distance_m.shape[1])
    np.testing.assert_array_equal(found[:, :there], least_m)
    named = answer["facility_id"].to_numpy(dtype=object).reshape(len(distance_m), k)[:, :there]
    assert (named == np.asarray(ids, dtype=object)[columns]).all()
    assert np.isnan(found[:, there:]).all()


@given(points=PLACES, facilities=PLACES, k=st.integers(1, 6))
@example(points=[(0.0, 90.0)], facilities=[(0.0, 60.0), (90.0, 60.0), (180.0, 60.0)], k=2)
@example(points=[(179.99, 0.0)], facilities=[(-179.99, 0.0), (179.9, 0.0)], k=1)
@example(points=[(10.0, 0.0)], facilities=[(-170.0, 0.0), (-170.0, 0.01), (-170.0, -0.01)], k=3)
def test_equals_measuring_every_pair(points, facilities, k):
    lon, lat = np.array(points).T
    to_lon, to_lat = np.array(facilities).T
    here = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326")
    there = layer(to_lon, to_lat)

    answer = nearest(here, there, k)

    assert_equals_brute_force(answer, point_distances_m(lon, lat, to_lon, to_lat), there["facility_id"], k)


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS.keys())
def test_equals_brute_force_in_every_part_of_the_earth(region, k):
    lon, lat = scatter(1, 300, *region)
    to_lon, to_lat = scatter(2, 150, *region)
    to_lon[:20], to_lat[:20] = to_lon[20:40], to_lat[20:40]
    there = layer(to_lon, to_lat)

    answer = nearest(gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326"), there, k)

    assert_equals_brute_force(answer, point_distances_m(lon, lat, to_lon, to_lat), there["facility_id"], k)


SHAPES = {
    "towns": (76.0, 77.0, 43.0, 44.0, 0.05, 1e-6),
    "regions": (46.0, 87.0, 40.0, 55.0, 3.0, 1e-6),
    "the far north": (0.0, 170.0, 80.0, 89.0, 5.0, 1e-6),
    "continents": (-150.0, 150.0, -70.0, 70.0, 15.0, 1e-5),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("k", [1, 3])
def test_lines_and_areas_count_from_their_nearest_place_and_areas_from_inside(shape, k):
    west, east, south, north, size, tolerance_m = shape
    random = np.random.default_rng(5)
    geometries = []
    for number in range(12):
        corners = random.uniform((west, south), (east, north)) + random.uniform(-size, size, (4, 2))
        corners = np.clip(corners, (-180, -90), (180, 90))
        kinds = [
            shapely.MultiPoint(corners).convex_hull,
            shapely.LineString(corners),
            shapely.Point(corners[0]),
        ]
        geometries.append(kinds[number % 3])
    geometries.append(shapely.MultiPolygon([shapely.box(west, south, west + size / 9, south + size / 9)]))
    lon, lat = scatter(6, 25, west, east, south, north)
    there = gpd.GeoDataFrame(
        {"facility_id": [f"{n:02d}" for n in range(13)]}, geometry=geometries, crs="EPSG:4326"
    )

    answer = nearest(gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326"), there, k)

    columns, least_m = k_least(distances_m(lon, lat, geometries), k)
    np.testing.assert_allclose(
        answer["distance_m"].to_numpy().reshape(25, k), least_m, rtol=0, atol=tolerance_m
    )
    assert (answer["facility_id"].astype(int).to_numpy().reshape(25, k) == columns).all()


def test_a_point_inside_an_area_is_at_no_distance_and_in_its_hole_is_not():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    areas = gpd.GeoSeries([ring], index=["park"], crs="EPSG:4326")
    points = gpd.GeoSeries.from_xy([0.5, 2.0, 4.0], [0.5, 2.0, 2.0], crs="EPSG:4326")

    answer = nearest(points, areas)["distance_m"].to_numpy()

    assert answer[0] == 0
    assert answer[2] == 0, "its edge belongs to it"
    assert answer[1] == pytest.approx(distances_m([2.0], [2.0], [ring])[0, 0], abs=1e-6)


def test_an_area_around_several_nested_ones_ties_at_zero_by_id():
    nested = gpd.GeoSeries(
        [shapely.box(0, 0, 4, 4), shapely.box(1, 1, 3, 3), shapely.box(9, 9, 10, 10)],
        index=["b", "a", "c"],
        crs="EPSG:4326",
    )

    answer = nearest(gpd.GeoSeries.from_xy([2.0], [2.0], crs="EPSG:4326"), nested, k=3)

    assert answer["facility_id"].tolist() == ["a", "b", "c"]
    assert answer["distance_m"].tolist()[:2] == [0, 0]


def test_ties_go_to_the_smaller_id_whatever_the_order_of_the_layer():
    points = gpd.GeoSeries.from_xy([0.0], [0.0], crs="EPSG:4326")
    ids = ["d", "b", "a", "c"]
    there = layer([1, -1, 0, 0], [0, 0, 5, 5], ids)

    answer = nearest(points, there, k=4)

    assert answer["facility_id"].tolist() == ["b", "d", "a", "c"]


def test_a_thousand_facilities_in_one_place_are_ranked_by_id():
    there = layer([10.0] * 1000, [20.0] * 1000)

    answer = nearest(gpd.GeoSeries.from_xy([10.0, 11.0], [20.0, 20.0], crs="EPSG:4326"), there, k=3)

    assert answer["facility_id"].tolist() == ["f000", "f001", "f002"] * 2


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("limit_km", [1, 200, 5000])
def test_a_limit_hides_what_is_beyond_it_and_nothing_else(k, limit_km):
    lon, lat = scatter(3, 200, 46, 87, 40, 55)
    to_lon, to_lat = scatter(4, 30, 46, 87, 40, 55)
    points, there = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326"), layer(to_lon, to_lat)

    without, within = nearest(points, there, k), nearest(points, there, k, max_distance_km=limit_km)

    is_within = without["distance_m"] <= limit_km * 1000
    pd.testing.assert_frame_equal(within[is_within.to_numpy()], without[is_within.to_numpy()])
    assert (within.loc[~is_within.to_numpy(), "status"] == "beyond_limit").all()
    assert within.loc[~is_within.to_numpy(), ["facility_id", "distance_m"]].isna().all(axis=None)


def test_a_limit_holds_for_areas_too():
    areas = gpd.GeoSeries(
        [shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1)], index=["a", "b"], crs="EPSG:4326"
    )

    answer = nearest(
        gpd.GeoSeries.from_xy([1.5, 3.0], [0.5, 0.5], crs="EPSG:4326"), areas, 2, max_distance_km=100
    )

    assert answer["facility_id"].fillna("none").tolist() == ["a", "none", "none", "none"]


def test_a_row_a_point_and_rank_in_the_order_of_the_points():
    points = gpd.GeoSeries.from_xy([3.0, 1.0, 2.0], [0.0] * 3, index=["x", "y", "z"], crs="EPSG:4326")

    answer = nearest(points, layer([1.0, 2.0, 3.0], [0.0] * 3), k=2)

    assert answer.index.tolist() == ["x", "x", "y", "y", "z", "z"]
    assert answer["rank"].tolist() == [1, 2] * 3
    assert list(answer) == ["rank", "facility_id", "distance_m", "status"]


def test_what_cannot_be_answered_has_a_status_and_no_distance():
    points = gpd.GeoSeries([shapely.Point(0, 0), None, shapely.Point()], crs="EPSG:4326")

    answer = nearest(points, layer([0.0], [1.0]), k=2)

    assert answer["status"].tolist() == [
        "ok",
        "no_facility",
        "no_location",
        "no_location",
        "no_location",
        "no_location",
    ]
    assert answer["distance_m"].notna().tolist() == [True] + [False] * 5


def test_an_empty_layer_answers_no_facility():
    answer = nearest(gpd.GeoSeries.from_xy([0.0], [0.0], crs="EPSG:4326"), layer([], []), k=2)

    assert answer["status"].tolist() == ["no_facility", "no_facility"]
    assert answer["facility_id"].isna().all()


def test_no_points_give_no_rows():
    assert nearest(gpd.GeoSeries([], crs="EPSG:4326"), layer([0.0], [0.0])).empty


def test_any_reference_system_gives_the_same_answer():
    lon, lat = scatter(8, 50, 66, 72, 45, 50)
    points, there = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326"), layer(*scatter(9, 20, 66, 72, 45, 50))

    expected, projected = nearest(points, there, 2), nearest(points.to_crs(32642), there.to_crs(3857), 2)

    assert (expected["facility_id"] == projected["facility_id"]).all()
    np.testing.assert_allclose(expected["distance_m"], projected["distance_m"], rtol=0, atol=1e-3)


def test_without_a_column_of_ids_the_index_names_the_facilities():
    sites = gpd.GeoSeries.from_xy([0.0, 1.0], [0.0, 0.0], index=[7, 8], crs="EPSG:4326")

    assert nearest(gpd.GeoSeries.from_xy([0.9], [0.0], crs="EPSG:4326"), sites)["facility_id"].tolist() == [
        "8"
    ]


def test_longitudes_of_another_turn_name_the_same_place():
    answer = nearest(
        gpd.GeoSeries.from_xy([190.0], [10.0], crs="EPSG:4326"), layer([-170.0, 170.0], [10.0, 10.0])
    )

    assert answer["facility_id"].tolist() == ["f000"]
    assert answer["distance_m"].tolist() == pytest.approx([0.0], abs=1e-6)


@pytest.mark.parametrize(
    ("points", "facilities", "options", "message"),
    [
        (
            [shapely.LineString([(0, 0), (1, 1)])],
            [shapely.Point(0, 0)],
            {},
            "row 0 is a LineString, not a point",
        ),
        ([shapely.Point(0, 0)], [shapely.Point(0, 0), None], {}, "row 1 has no geometry"),
        ([shapely.Point(0, 0)], [shapely.Point()], {}, "row 0 has no geometry"),
        ([shapely.Point(0, 0)], [shapely.Point(0, 0)], {"k": 0}, "k is 0"),
        ([shapely.Point(0, 0)], [shapely.Point(0, 0)], {"max_distance_km": 0}, "the limit is 0 km"),
        (
            [shapely.Point(0, 0)],
            [shapely.Point(0, 0)],
            {"max_distance_km": float("nan")},
            "the limit is nan km",
        ),
    ],
)
def test_bad_input_is_refused_with_its_place(points, facilities, options, message):
    with pytest.raises(InputError, match=message):
        nearest(gpd.GeoSeries(points, crs="EPSG:4326"), gpd.GeoSeries(facilities, crs="EPSG:4326"), **options)


def test_repeated_and_missing_ids_are_refused():
    points = gpd.GeoSeries.from_xy([0.0], [0.0], crs="EPSG:4326")
    with pytest.raises(InputError, match="'a' is there more than once"):
        nearest(points, layer([0.0, 1.0], [0.0, 0.0], ["a", "a"]))
    with pytest.raises(InputError, match="row 1 has no facility_id"):
        nearest(points, layer([0.0, 1.0], [0.0, 0.0], ["a", None]))


def test_a_layer_without_a_reference_system_is_refused_with_the_remedy():
    with pytest.raises(CrsError, match="--crs EPSG:4326"):
        nearest(gpd.GeoSeries.from_xy([0.0], [0.0]), layer([0.0], [0.0]))


def test_chunks_and_threads_change_nothing(monkeypatch):
    lon, lat = scatter(10, 2000, 46, 87, 40, 55)
    engine = GeodesicEngine(np.asarray(layer(*scatter(11, 200, 46, 87, 40, 55)).geometry))
    whole = engine.nearest(lon, lat, 2)

    monkeypatch.setattr(
        geodesic, "row_chunks", lambda rows, *_: (slice(at, at + 64) for at in range(0, rows, 64))
    )
    pieces = engine.nearest(lon, lat, 2)

    np.testing.assert_array_equal(whole.facility, pieces.facility)
    np.testing.assert_array_equal(whole.distance_m, pieces.distance_m)


def test_an_index_is_built_once_and_asked_many_times():
    index = FacilityIndex(layer(*scatter(12, 50, 0, 10, 0, 10)))

    first, second = index.ask(np.array([1.0]), np.array([1.0])), index.ask(np.array([1.0]), np.array([1.0]))

    assert first.facility.tolist() == second.facility.tolist()


@pytest.mark.real_data
def test_real_settlements_and_places_equal_brute_force(real_data):
    towns = pd.read_csv(real_data / "kaz_places_geonames" / "geonames_cities500_KZ.csv")
    places = gpd.read_file(real_data / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson")
    there = layer(towns["longitude"], towns["latitude"], towns["geonameid"].astype(str))

    answer = nearest(places, there, k=3)

    in_order = there.sort_values("facility_id").geometry
    distance_m = point_distances_m(
        places.geometry.x, places.geometry.y, in_order.x.to_numpy(), in_order.y.to_numpy()
    )
    assert_equals_brute_force(answer, distance_m, sorted(there["facility_id"]), 3)


@pytest.mark.parametrize(
    "bad",
    [
        shapely.Point(10, 95),
        shapely.Point(np.nan, 0),
        shapely.LineString([(0, 0), (np.inf, 1)]),
        shapely.box(179, -1, 181, 1),
    ],
)
def test_a_facility_that_is_not_on_earth_is_refused(bad):
    with pytest.raises(InputError, match="row 0 is not on earth"):
        nearest(gpd.GeoSeries.from_xy([0.0], [0.0], crs="EPSG:4326"), gpd.GeoSeries([bad], crs="EPSG:4326"))


def test_asking_for_many_more_than_there_are_answers_those_there_are():
    answer = nearest(
        gpd.GeoSeries.from_xy([0.0, 1.0], [0.0, 0.0], crs="EPSG:4326"), layer([0.0, 1.0], [0.0, 0.0]), k=500
    )
    assert answer["facility_id"].notna().sum() == 4
    assert (answer["status"] == "no_facility").sum() == 2 * 498


def test_a_point_of_another_turn_lies_in_the_area_around_it():
    area = gpd.GeoSeries([shapely.box(-171, -1, -169, 1)], index=["a"], crs="EPSG:4326")
    assert nearest(gpd.GeoSeries.from_xy([190.0], [0.0], crs="EPSG:4326"), area)["distance_m"].tolist() == [0]
