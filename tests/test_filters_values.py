"""What filters compute, on both databases: integers beyond 2^53, times, distances, letters. All rows are synthetic."""

from __future__ import annotations

import pytest
import shapely
import sqlalchemy as sa
from pyproj import Geod

from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features, TimeInterval
from geo_service.query.statements import count_statement, features_statement
from tests.filter_worlds import ADM1, VILLAGES, asked, duckdb_asker, in_postgis
from tests.releases import BIG

GEOD = Geod(ellps="WGS84")
ROWS = VILLAGES.table.to_pylist()
POINTS = [shapely.from_wkb(row["geometry"]) if row["geometry"] else None for row in ROWS]


@pytest.fixture(
    scope="module",
    params=[
        "duckdb",
        pytest.param("postgis", marks=[pytest.mark.postgis, pytest.mark.xdist_group("postgis")]),
    ],
)
def store(request):
    if request.param == "duckdb":
        yield DuckdbDialect(), duckdb_asker(VILLAGES, ADM1)
        return
    with in_postgis(VILLAGES, ADM1) as ask:
        yield PostgisDialect(), ask


def fids(store, text, layer=VILLAGES):
    return asked(layer, parse_filter(text), *store)


def rows_where(condition):
    return {fid for fid, row in enumerate(ROWS, start=1) if condition(row)}


def test_integers_beyond_doubles_are_themselves(store):
    assert fids(store, "register_number = register_number") == set(range(1, 41))
    # Neighbours that are one double: whole numbers are compared as integers.
    assert fids(store, f"register_number > {BIG - 10}") == set(range(1, 41))
    assert fids(store, "register_number in (1, 2)") == set()
    assert fids(store, "households in (101, 102.5)") == rows_where(lambda row: row["households"] == 101)
    assert fids(store, "households in (102.5)") == set()
    assert fids(store, "households not in (101, 102.5)") == rows_where(
        lambda row: row["households"] is not None and row["households"] != 101
    )
    assert fids(store, "101 = households") == rows_where(lambda row: row["households"] == 101)


@pytest.mark.parametrize(
    "text",
    [
        "households / 0 = 1",
        "households / (households - households) > 0",
        "households div 0 = 0",
        "households % 0 = 0",
        "(households - 200) ^ 0.5 > 0",
        "(households - households) ^ -1 > 0",
        "((households ^ 10) ^ 10) ^ 10 > 0",
        "(1 / (households ^ 10)) ^ 10 < 0",
    ],
)
def test_what_has_no_result_is_unknown(store, text):
    assert fids(store, text) == set()
    assert fids(store, f"not ({text})") <= rows_where(lambda row: row["households"] is not None)


def test_a_division_by_zero_is_null(store):
    assert fids(store, "households / 0 IS NULL") == set(range(1, 41))
    assert fids(store, "not (households / 0 = 1)") == set()


def test_remainders_and_whole_quotients_have_the_sign_of_the_dividend(store):
    assert fids(store, "-7 % 3 = -1") == set(range(1, 41))
    assert fids(store, "-7 div 2 = -3") == set(range(1, 41))
    assert fids(store, "elevation_m % 100 = 7.5") == rows_where(
        lambda row: (
            row["elevation_m"] is not None and row["elevation_m"] > 0 and row["elevation_m"] % 100 == 7.5
        )
    )


def test_dates_are_found_in_lists(store):
    day = str(ROWS[0]["interviewed_on"])
    assert fids(store, f"interviewed_on IN (DATE('{day}'), DATE('1999-01-01'))") == rows_where(
        lambda row: str(row["interviewed_on"]) == day
    )


def test_a_timestamp_is_compared_to_its_second_in_utc(store):
    day = str(ROWS[0]["interviewed_on"])
    assert 1 in fids(store, f"interviewed_on = TIMESTAMP('{day}T00:00:00Z')")
    assert fids(store, f"interviewed_on = TIMESTAMP('{day}T00:00:01Z')") == set()
    assert 1 in fids(store, f"interviewed_on < TIMESTAMP('{day}T00:00:00.5Z')")
    assert 1 in fids(store, f"interviewed_on = TIMESTAMP('{day}T05:00:00+05:00')")


@pytest.mark.parametrize(
    ("longitude", "latitude", "distance"),
    [
        (66.0, 48.0, 0),
        (66.0, 48.0, 52_000),
        (69.1, 49.3, 150_000),
        (0.0, 0.0, 6_500_000),
        (70.0, 89.0, 4_460_000),
    ],
)
def test_distances_are_geodesic_metres(store, longitude, latitude, distance):
    expected = {
        fid
        for fid, point in enumerate(POINTS, start=1)
        if point is not None and GEOD.inv(longitude, latitude, point.x, point.y)[2] <= distance
    }
    assert fids(store, f"S_DWITHIN(geometry, POINT({longitude} {latitude}), {distance})") == expected
    assert (
        fids(store, f"s_dwithin(POINT({longitude} {latitude}), geometry, {distance / 1000}, 'km')")
        == expected
    )
    outside = {fid for fid, point in enumerate(POINTS, start=1) if point is not None} - expected
    assert fids(store, f"not s_dwithin(geometry, POINT({longitude} {latitude}), {distance})") == outside


def test_a_box_across_the_antimeridian_goes_the_short_way(store):
    wide = "s_intersects(geometry, BBOX(70, 40, 67, 60))"
    expected = {
        fid for fid, one in enumerate(POINTS, start=1) if one is not None and (one.x >= 70 or one.x <= 67)
    }
    assert fids(store, wide) == expected
    assert fids(store, wide.replace("intersects", "within")) == {
        fid for fid, one in enumerate(POINTS, start=1) if one is not None and (one.x > 70 or one.x < 67)
    }
    dialect, ask = store
    by_box = features_statement(
        VILLAGES.source(dialect),
        VILLAGES.queryables,
        Features(box=(70, 40, 67, 60), fields=("fid",)),
        dialect,
    )
    assert {row[0] for row in ask(by_box)} == expected
    assert fids(store, "s_intersects(geometry, BBOX(81, 40, -100, 60))", ADM1) == {
        row["fid"] for row in ADM1.table.to_pylist() if row["pcode"] == "KAZ003"
    }
    assert fids(store, "s_intersects(geometry, BBOX(66, 0, 40, 48, 90, 60))") == {
        fid for fid, one in enumerate(POINTS, start=1) if one is not None and 66 <= one.x <= 48
    } | fids(store, "s_intersects(geometry, BBOX(66, 40, 48, 60))")


@pytest.mark.parametrize("box", [(66, 48, 66, 48), (66, 48, 66, 60), (60, 48, 90, 48)])
def test_a_box_may_be_a_point_or_a_line(store, box):
    shape = shapely.box(*box)
    expected = {
        fid for fid, one in enumerate(POINTS, start=1) if one is not None and shapely.intersects(one, shape)
    }
    text = ",".join(map(str, box))
    assert fids(store, f"s_intersects(geometry, BBOX({text}))") == expected
    assert expected


def test_times_leave_out_what_has_none(store):
    dialect, ask = store
    for time in (
        TimeInterval(),
        TimeInterval(first=ROWS[0]["interviewed_on"]),
        TimeInterval(last=ROWS[0]["interviewed_on"]),
    ):
        statement = count_statement(
            VILLAGES.source(dialect), VILLAGES.queryables, Features(time=time), dialect
        )
        expected = rows_where(
            lambda row, time=time: (
                row["interviewed_on"] is not None
                and (time.first is None or row["interviewed_on"] >= time.first)
                and (time.last is None or row["interviewed_on"] <= time.last)
            )
        )
        assert ask(statement) == [(len(expected),)]


def test_letters_lose_their_case_the_same_in_python_and_here(store):
    dialect, ask = store
    letters = "".join(chr(i) for i in range(0xA1, 0x590)) + "ΑΣ ΣΑΣ ΑΣ. İI ıi ẞß Ꙁꙁ ǅ ǈ Ⅷ Ⓐ Ａ 𐐀"
    # One letter each, so that a difference names it; newer letters than a database's Unicode are left out.
    for start in range(0, len(letters), 200):
        many = list(letters[start : start + 200])
        folded = ask(sa.select(*(dialect.folded(dialect.text(one)) for one in many)))[0]
        expected = [one.lower().replace("ς", "σ") for one in many]
        assert [(a, b, c) for a, b, c in zip(many, folded, expected, strict=True) if b != c] == []
    words = ["ΑΣ ΣΑΣ", "ӘЙТЕКЕ БИ", "ҚЫЗЫЛЖАР", "ЩУЧИНСК", "Straße"]
    folded = ask(sa.select(*(dialect.folded(dialect.text(one)) for one in words)))[0]
    assert list(folded) == [one.lower().replace("ς", "σ") for one in words]
