"""Boxes, times, sort keys and fields as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.errors import FilterError
from geo_service.query.criteria import parse_box, parse_fields, parse_sort, parse_time
from geo_service.query.questions import SortKey, TimeInterval

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("66,48,70,52", (66, 48, 70, 52)),
        (" 66.5 , -48 ,+70., .5e1", (66.5, -48, 70, 5)),
        ("170,-10,-170,10", (170, -10, -170, 10)),
        ("66,48,0,70,52,1000", (66, 48, 70, 52)),
        ("-180,-90,180,90", (-180, -90, 180, 90)),
    ],
)
def test_a_box_is_four_numbers_or_six(text, box):
    assert parse_box(text) == box


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not a number"),
        ("1,2,3", "four numbers"),
        ("1,2,3,4,5", "four numbers"),
        ("1,2,3,x", "'x'"),
        ("1,2,3,nan", "'nan'"),
        ("1,2,3,inf", "'inf'"),
        ("1,2,3,1e999", "not a number"),
        ("1,2,3,٣", "not a number"),
        ("1,2,3,1_0", "not a number"),
        ("1,4,3,2", "south 4 above its north 2"),
        ("181,2,3,4", "not on the globe"),
        ("1,-91,3,4", "not on the globe"),
        ("1,2,9,3,4,5", "height"),
        ("1," * 9000, "the most is"),
        ("1,2,3,4\0", "NUL"),
    ],
)
def test_a_box_that_is_none_says_why(text, named):
    with pytest.raises(FilterError, match=named):
        parse_box(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-01-01", TimeInterval(FIRST, FIRST)),
        ("2024-01-01/2024-01-31", TimeInterval(FIRST, LAST)),
        ("../2024-01-31", TimeInterval(None, LAST)),
        ("2024-01-01/..", TimeInterval(FIRST, None)),
        ("/2024-01-31", TimeInterval(None, LAST)),
        ("2024-01-01/", TimeInterval(FIRST, None)),
        ("../..", TimeInterval()),
        ("2024-01-01T10:00:00Z", TimeInterval(FIRST, FIRST)),
        ("2024-01-01T02:00:00+05:00/..", TimeInterval(dt.date(2023, 12, 31), None)),
        ("2024-01-01t00:00:00.5z/2024-01-31T23:59:59Z", TimeInterval(FIRST, LAST)),
    ],
)
def test_a_time_is_a_day_or_two_ends(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "2024",
        "2024-02-31",
        "2024-01-01/2024-01-02/2024-01-03",
        "2024-01-31/2024-01-01",
        "today",
        "2024-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٤-01-01",
    ],
)
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(FilterError):
        parse_time(text)


def test_sort_keys_begin_with_their_direction():
    assert parse_sort("-households, village_name,+id") == (
        SortKey("households", descending=True),
        SortKey("village_name"),
        SortKey("id"),
    )
    for text in ("", "-", "a,,b", "a,-a", "a,"):
        with pytest.raises(FilterError):
            parse_sort(text)


def test_fields_are_names_each_once():
    assert parse_fields("village_name, households,village_name") == ("village_name", "households")
    for text in ("", "a,,b", "a\0"):
        with pytest.raises(FilterError):
            parse_fields(text)
