"""Access frames and tables: households in equal households out, whatever the layers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from frames import facilities, text, units, villages
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service import nearest
from geo_service.coverage.access import access
from geo_service.coverage.bands import Bands
from geo_service.coverage.gaps import assessment_coverage, households_beyond, villages_without
from geo_service.coverage.tables import access_by_band, service_presence
from geo_service.errors import InputError
from geo_service.schemas import ACCESS, validated
from geo_service.spatial.locate import locate
from geo_service.vocabulary import AdminLevel, Service

CELLS = units({"D1": shapely.box(0, 0, 1, 1), "D2": shapely.box(1, 0, 2, 1)})
PLACES = st.none() | st.tuples(st.floats(-0.5, 2.5), st.floats(-0.5, 1.5))
SITES = st.lists(st.tuples(st.floats(-1, 3), st.floats(-1, 2)), max_size=4)


@st.composite
def worlds(draw):
    """Villages with and without places and counts, and layers of any size, also none."""
    places = draw(st.lists(PLACES, min_size=1, max_size=12))
    counts = draw(st.lists(st.none() | st.integers(0, 5000), min_size=len(places), max_size=len(places)))
    layers = {
        service: facilities(draw(SITES), service.value) for service in (Service.HOSPITAL, Service.SCHOOL)
    }
    return locate(villages(places, counts), CELLS, snap_km=2), layers


@settings(max_examples=60)
@given(world=worlds(), k=st.integers(1, 3), limit_km=st.none() | st.sampled_from([5.0, 40.0]))
def test_villages_and_households_in_equal_those_out_in_every_table(world, k, limit_km):
    points, layers = world
    rows = access(points, layers, k=k, max_distance_km=limit_km)
    validated(rows, ACCESS, "access")
    assert len(rows) == len(points) * len(layers) * k

    for by in (None, AdminLevel.REGION, AdminLevel.DISTRICT):
        table = access_by_band(rows, by, units=CELLS)
        presence = service_presence(rows, by, units=CELLS)
        for service in layers:
            of_service = table[table["service"] == service]
            assert of_service["villages"].sum() == len(points)
            assert of_service["households"].sum() == points["households"].sum()
            of_presence = presence[presence["service"] == service]
            parts = of_presence[["villages_with", "villages_without", "villages_unknown"]].sum(axis=1)
            assert parts.tolist() == of_presence["villages"].tolist()
            assert of_presence["villages"].sum() == len(points)
        shares = table.groupby(
            [name for name in ("service", "pcode") if name in table], observed=True, dropna=False
        )["share"]
        assert all(total == pytest.approx(1) or total == 0 for total in shares.sum())


@given(world=worlds(), beyond_km=st.sampled_from([2.0, 10.0, 40.0]))
def test_households_beyond_equal_the_rows_that_are_beyond(world, beyond_km):
    points, layers = world
    rows = access(points, layers)
    table = households_beyond(rows, "hospital", beyond_km, AdminLevel.DISTRICT, units=CELLS)

    beyond = villages_without(rows, "hospital", beyond_km=beyond_km)

    assert table["villages"].sum() == len(points)
    assert table["households"].sum() == points["households"].sum()
    assert table["villages_beyond"].sum() == len(beyond)
    assert table["households_beyond"].sum() == beyond["households"].sum()


def test_the_rows_are_those_of_nearest_with_band_and_presence():
    points = villages([(0.5, 0.5), (0.55, 0.5)])
    layer = facilities([(0.5, 0.5), (0.6, 0.5)])

    rows = access(points, {Service.HOSPITAL: layer}, k=2)

    expected = nearest(points, layer, k=2)
    assert rows["distance_m"].tolist() == expected["distance_m"].tolist()
    assert rows["facility_id"].tolist() == expected["facility_id"].tolist()
    assert rows["facility_name"].tolist()[0] == "Hospital 0"
    assert rows["band"].tolist() == ["0-5", "11-15", "6-10", "6-10"]
    assert rows["present"].tolist() == [True, True, False, False]


def test_every_table_says_its_basis_rule_and_edges():
    rows = access(
        villages([(0, 0)]), facilities([(0, 0.1)]), bands=Bands((1, 2)), presence_km=0.5, max_distance_km=30
    )
    tables = [
        access_by_band(rows),
        service_presence(rows),
        villages_without(rows, Service.HOSPITAL),
    ]
    for table in [rows, *tables]:
        assert table.attrs["basis"] == "measured"
        assert table.attrs["method"] == "geodesic"
        assert table.attrs["edges_km"] == [1, 2]
        assert "upper edge" in table.attrs["band_rule"]
        assert table.attrs["presence_km"] == 0.5
        assert table.attrs["max_distance_km"] == 30


def test_a_footprint_that_holds_a_facility_has_the_service_however_far_its_point_is():
    points = villages([(0.5, 0.5), (3.0, 3.0)])
    points["footprint"] = gpd.GeoSeries([shapely.box(0, 0, 1, 1), None], crs="EPSG:4326")

    rows = access(points, {Service.HOSPITAL: facilities([(0.9, 0.9)])})

    assert rows["present"].tolist() == [True, False]
    assert rows["distance_m"].iloc[0] > 50_000


def test_exactly_on_the_presence_distance_is_present():
    points, layer = villages([(0.0, 0.0)]), facilities([(0.0, 0.01)])
    exact_km = nearest(points, layer)["distance_m"].iloc[0] / 1000

    assert access(points, layer, presence_km=exact_km)["present"].tolist() == [True]
    assert access(points, layer, presence_km=exact_km * (1 - 1e-12))["present"].tolist() == [False]


def test_presence_is_unknown_where_the_village_has_no_place_and_false_where_there_is_no_facility():
    rows = access(villages([None, (0, 0)]), {Service.HOSPITAL: facilities([])})
    assert rows["present"].isna().tolist() == [True, False]
    assert rows["status"].tolist() == ["no_location", "no_facility"]


def test_every_band_has_its_row_and_a_status_only_where_it_occurs():
    table = access_by_band(access(villages([(0, 0), None], [3, 4]), facilities([(0, 0)])))
    assert table["band"].tolist()[:6] == ["0-5", "6-10", "11-15", "16-20", "21-25", ">25"]
    assert table["status"].tolist() == ["ok"] * 6 + ["no_location"]
    assert table["households"].tolist() == [3, 0, 0, 0, 0, 0, 4]
    assert table["share"].tolist() == [pytest.approx(3 / 7), 0, 0, 0, 0, 0, pytest.approx(4 / 7)]


def test_without_household_counts_tables_count_villages_and_leave_households_null():
    table = access_by_band(access(villages([(0, 0)], [None]), facilities([(0, 0)])))
    assert table["villages"].sum() == 1
    assert table["households"].isna().all()
    assert table["share"].isna().all()


def test_household_points_weigh_one_each():
    table = access_by_band(access(villages([(0, 0)] * 3, [1, 1, 1]), facilities([(0, 0)])))
    assert table["households"].tolist()[0] == 3


def test_units_are_named_in_the_language_asked_for_and_in_english_where_it_has_none():
    rows = access(locate(villages([(0.5, 0.5)]), CELLS), facilities([(0, 0)]))
    assert access_by_band(rows, AdminLevel.DISTRICT, units=CELLS, language="ru")[
        "name"
    ].unique().tolist() == ["Район D1"]
    assert access_by_band(rows, AdminLevel.DISTRICT, units=CELLS, language="kk")[
        "name"
    ].unique().tolist() == ["Unit D1"]
    assert access_by_band(rows, AdminLevel.DISTRICT)["name"].isna().all()


def test_villages_that_are_not_assigned_keep_their_row():
    rows = access(locate(villages([(0.5, 0.5), (9, 9)], [1, 2]), CELLS), facilities([(0, 0)]))
    table = access_by_band(rows, AdminLevel.DISTRICT, units=CELLS)
    assert table.loc[table["pcode"].isna(), "households"].sum() == 2


def test_only_the_first_rank_is_counted():
    rows = access(villages([(0, 0)], [7]), facilities([(0, 0), (0, 1), (0, 2)]), k=3)
    assert access_by_band(rows)["households"].sum() == 7


def test_villages_without_come_with_the_most_households_first():
    rows = access(villages([(0, 1), (0, 2), (0, 0), None], [5, 50, 500, 9]), facilities([(0, 0)]))

    without = villages_without(rows, "hospital")

    assert without["village_id"].tolist() == ["v1", "v0"]
    assert without.attrs["villages_unknown"] == 1
    assert villages_without(rows, "hospital", beyond_km=200)["village_id"].tolist() == ["v1"]


def test_where_there_is_no_facility_every_village_is_without_one():
    rows = access(villages([(0, 0)]), {Service.MARKET: facilities([], "market")})
    assert villages_without(rows, Service.MARKET)["village_id"].tolist() == ["v0"]
    assert villages_without(rows, Service.MARKET, beyond_km=25)["village_id"].tolist() == ["v0"]


def test_one_frame_of_all_services_equals_one_frame_each():
    points = villages([(0, 0)])
    hospitals, schools = facilities([(0, 1)]), facilities([(1, 1)], "school")

    together = access(points, pd.concat([hospitals, schools], ignore_index=True))
    apart = access(points, {Service.SCHOOL: schools, Service.HOSPITAL: hospitals})

    pd.testing.assert_frame_equal(pd.DataFrame(together), pd.DataFrame(apart))


def test_progress_is_told_of_each_service():
    done = []
    access(villages([(0, 0)]), facilities([(0, 1)]), progress=done.append)
    assert done == [Service.HOSPITAL]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"presence_km": -1}, "-1 km"),
        (
            {"facilities": {"hospital": facilities([(0, 0)]), "hospitals": facilities([(0, 0)])}},
            "'hospitals' is not a",
        ),
        ({"facilities": {"school": facilities([(0, 0)])}}, "some are of the service hospital"),
        ({"k": 1.5}, "k is 1.5"),
        ({"facilities": {}}, "no facility layer"),
        ({"k": 0}, "k is 0"),
        ({"villages": villages([(0, 0), (1, 1)], ids=["a", "a"])}, "the villages"),
        ({"villages": villages([(0, 0)], [-5])}, "households"),
        ({"facilities": facilities([(0, 0)], "hospice")}, "service"),
    ],
)
def test_bad_input_is_refused(options, message):
    arguments = {"villages": villages([(0, 0)]), "facilities": facilities([(0, 0)])} | options
    with pytest.raises(InputError, match=message):
        access(**arguments)


def test_questions_that_the_frame_cannot_answer_are_refused():
    rows = access(villages([(0, 0)]), facilities([(0, 1)]), max_distance_km=20)
    with pytest.raises(InputError, match="no rows of 'school'"):
        villages_without(rows, "school")
    with pytest.raises(InputError, match="search ended at 20 km"):
        villages_without(rows, "hospital", beyond_km=25)
    with pytest.raises(InputError, match="leave 'by' out"):
        access_by_band(rows, AdminLevel.COUNTRY)
    with pytest.raises(InputError, match="no column adm2_pcode"):
        access_by_band(pd.DataFrame(rows).drop(columns="adm2_pcode"), AdminLevel.DISTRICT)


def test_assessment_coverage_counts_what_was_visited_of_what_is_known():
    known = villages([(0, 0)] * 4, [10, 20, 30, None], adm1_pcode=text(["A", "A", "B", None]))

    whole = assessment_coverage(known.iloc[[0, 2]], known)
    by_region = assessment_coverage(known.iloc[[0, 2]], known, AdminLevel.REGION)

    assert whole.to_dict("records") == [
        {
            "villages": 4,
            "villages_assessed": 2,
            "households": 60,
            "households_assessed": 40,
            "villages_share": 0.5,
            "households_share": pytest.approx(2 / 3),
        }
    ]
    assert by_region["pcode"].fillna("none").tolist() == ["A", "B", "none"]
    assert by_region["households_assessed"].tolist() == [10, 30, 0]
    assert by_region["households_share"].isna().tolist() == [False, False, True]


def test_assessed_villages_that_nobody_knew_are_named_and_not_counted():
    known = villages([(0, 0)], ids=["a"])
    table = assessment_coverage(villages([(0, 0), (0, 0)], ids=["a", "z"]), known)
    assert table["villages_assessed"].tolist() == [1]
    assert table.attrs["assessed_not_known"] == ["z"]


def test_a_village_that_is_there_twice_is_refused():
    twice = villages([(0, 0), (0, 0)], ids=["a", "a"])
    with pytest.raises(InputError, match="the known villages: village_id 'a'"):
        assessment_coverage(villages([(0, 0)]), twice)


def test_presence_is_looked_for_beyond_a_shorter_search():
    rows = access(villages([(0, 0)]), facilities([(0, 0.015)]), max_distance_km=1)
    assert rows["present"].tolist() == [True]
    assert rows["status"].tolist() == ["beyond_limit"]


def test_frames_of_two_runs_put_together_keep_their_rows_apart():
    west = access(locate(villages([(0.5, 0.5)], [10], ["a"]), CELLS), facilities([(0.5, 0.5)]))
    east = access(locate(villages([(1.5, 0.5)], [30], ["b"]), CELLS), facilities([(9, 9)]))
    both = pd.concat([west, east])

    table = households_beyond(both, "hospital", 25, AdminLevel.DISTRICT).set_index("pcode")

    assert table["households_beyond"].to_dict() == {"D1": 0, "D2": 30}


def test_footprints_come_in_their_own_reference_system():
    points = villages([(0.5, 0.5)])
    points["footprint"] = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4326").to_crs(3857)
    assert access(points, facilities([(0.9, 0.9)]))["present"].tolist() == [True]


def test_a_level_can_be_named_and_an_unknown_one_is_refused():
    rows = access(locate(villages([(0.5, 0.5)]), CELLS), facilities([(0, 0)]))
    assert access_by_band(rows, "district")["pcode"].unique().tolist() == ["D1"]
    with pytest.raises(InputError, match="'village' is not a level"):
        access_by_band(rows, "village")
