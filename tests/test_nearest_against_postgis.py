"""`nearest` against PostGIS, an independent implementation: every pair measured with ST_Distance(geography, geography)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_service import nearest
from geo_service.findings import Findings
from geo_service.ingest.osm.layers import read_osm
from geo_service.vocabulary import Service
from tests.conftest import skip_or_fail
from tests.postgis_server import postgis_binaries, temporary_postgis

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("postgis")]

K = 3
ROUNDED_M = 2e-8
"""PostGIS rounds a geodesic to 1e-8 m; at 20,000 km one unit of a double's last place is 4e-9 m."""
AREA_SHARE = 6e-6
"""PostGIS finds the nearest place of an edge on a sphere and measures to that: too far by up to half the flattening squared."""
EDGE_M = 1e-4
"""Its edges are great circles: an edge of 60 m that is straight in degrees departs from one by less than this."""

EVERY_PAIR = """
SELECT distance_m, facility
FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS point (lon, lat, number)
CROSS JOIN LATERAL (
    SELECT facility, ST_Distance(ST_Point(point.lon, point.lat, 4326)::geography, place) AS distance_m
    FROM (
        SELECT facility, ST_GeomFromWKB(wkb, 4326)::geography AS place
        FROM unnest(%(wkb)s::bytea[]) WITH ORDINALITY AS given (wkb, facility)
        OFFSET 0
    ) AS facilities
    ORDER BY distance_m, facility
    LIMIT %(k)s
) AS ranked
ORDER BY number, distance_m, facility
"""


@pytest.fixture(scope="module")
def database():
    psycopg = pytest.importorskip("psycopg")
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    with temporary_postgis() as url, psycopg.connect(url) as connection:
        yield connection


def by_postgis(database, lon, lat, facilities, k):
    """Distances and positions of the `k` nearest facilities of each point, shape (n, k)."""
    arguments = {"lon": lon.tolist(), "lat": lat.tolist(), "wkb": shapely.to_wkb(facilities).tolist(), "k": k}
    answer = np.array(database.execute(EVERY_PAIR, arguments).fetchall(), dtype=float).reshape(len(lon), k, 2)
    return answer[:, :, 0], answer[:, :, 1].astype(int) - 1


def assert_agree(database, lon, lat, facilities, k=K, *, are_areas=False):
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    facilities = np.asarray(facilities, dtype=object)
    theirs_m, their_facility = by_postgis(database, lon, lat, facilities, k)
    names = [f"{number:06d}" for number in range(len(facilities))]
    ours = nearest(
        gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326"),
        gpd.GeoSeries(facilities, index=names, crs="EPSG:4326"),
        k=k,
    )
    ours_m = ours["distance_m"].to_numpy().reshape(-1, k)
    our_facility = ours["facility_id"].astype(int).to_numpy().reshape(-1, k)
    tolerance_m = EDGE_M + AREA_SHARE * theirs_m if are_areas else np.full_like(theirs_m, ROUNDED_M)
    np.testing.assert_array_less(np.abs(ours_m - theirs_m), tolerance_m)
    # Where both name the same distance as that of another rank, it is a tie in all but rounding.
    differs = our_facility != their_facility
    gap_m = np.abs(np.diff(theirs_m, axis=1, prepend=-np.inf, append=np.inf))
    is_tie = np.minimum(gap_m[:, :-1], gap_m[:, 1:]) <= 2 * tolerance_m
    is_tie[:, -1] = True if k < len(facilities) else is_tie[:, -1]
    assert not (differs & ~is_tie).any()


def scattered(seed, rows, west, south, east, north):
    rng = np.random.default_rng(seed)
    return rng.uniform(west, east, rows), rng.uniform(south, north, rows)


@pytest.mark.parametrize(
    ("west", "south", "east", "north"),
    [
        pytest.param(46.5, 40.6, 87.3, 55.4, id="kazakhstan"),
        pytest.param(-180.0, -90.0, 180.0, 90.0, id="the whole earth"),
        pytest.param(-180.0, 89.0, 180.0, 90.0, id="north pole"),
        pytest.param(-180.0, -90.0, 180.0, -89.0, id="south pole"),
        pytest.param(-1.0, -1.0, 1.0, 1.0, id="equator"),
    ],
)
def test_points_agree_with_postgis(database, west, south, east, north):
    lon, lat = scattered(1, 250, west, south, east, north)
    there = shapely.points(*scattered(2, 300, west, south, east, north))
    assert_agree(database, lon, lat, there)


def test_points_agree_with_postgis_across_the_antimeridian(database):
    lon, lat = scattered(3, 250, 178.0, -20.0, 182.0, -15.0)
    to_lon, to_lat = scattered(4, 300, 178.0, -20.0, 182.0, -15.0)
    wrapped = [np.where(each > 180, each - 360, each) for each in (lon, to_lon)]
    on_it = np.array([180.0, -180.0])
    lon, lat = np.append(wrapped[0], on_it), np.append(lat, [-17.0, -17.0])
    there = shapely.points(np.append(wrapped[1], on_it), np.append(to_lat, [-16.0, -18.0]))
    assert_agree(database, lon, lat, there)


def test_points_on_the_very_poles_agree_with_postgis(database):
    there = shapely.points(*scattered(5, 300, -180.0, -90.0, 180.0, 90.0))
    assert_agree(database, [0.0, 77.0, 0.0, -120.0], [90.0, 90.0, -90.0, -90.0], there)


def test_facilities_in_one_place_agree_with_postgis(database):
    lon, lat = scattered(6, 200, 60.0, 45.0, 62.0, 47.0)
    there = shapely.points(*scattered(7, 60, 60.0, 45.0, 62.0, 47.0))
    there = np.concatenate([np.repeat(there, 4), shapely.points(lon[:40], lat[:40])])
    assert_agree(database, lon, lat, there, k=5)


def test_buildings_agree_with_postgis_to_millimetres(database):
    rng = np.random.default_rng(8)
    east, north = scattered(9, 200, 60.0, 45.0, 60.05, 45.04)
    sizes = rng.uniform(1e-4, 6e-4, (2, 200))
    boxes = shapely.box(east, north, east + sizes[0], north + sizes[1])
    turned = [
        shapely.affinity.rotate(each, angle)
        for each, angle in zip(boxes, rng.uniform(0, 90, 200), strict=True)
    ]
    lon, lat = scattered(10, 300, 60.0, 45.0, 60.05, 45.04)
    inside = shapely.point_on_surface(np.array(turned[:20]))
    lon, lat = np.append(lon, shapely.get_x(inside)), np.append(lat, shapely.get_y(inside))
    assert_agree(database, lon, lat, turned, are_areas=True)


@pytest.mark.real_data
def test_settlements_of_kazakhstan_agree_with_postgis(database, real_data):
    towns = gpd.pd.read_csv(real_data / "kaz_places_geonames" / "geonames_cities500_KZ.csv")
    places = gpd.read_file(
        real_data / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson", rows=600
    )
    there = shapely.points(towns["longitude"], towns["latitude"])
    assert_agree(database, places.geometry.x, places.geometry.y, there)


@pytest.mark.real_data
def test_hospitals_of_andorra_agree_with_postgis(database, real_data):
    pytest.importorskip("osmium")
    layers = read_osm(real_data / "andorra_osm" / "andorra.osm.pbf", findings=Findings())
    villages, hospitals = layers.villages.geometry, layers.facilities[Service.HOSPITAL].geometry
    assert_agree(database, villages.x, villages.y, hospitals, are_areas=True)
