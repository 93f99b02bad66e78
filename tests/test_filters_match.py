"""Filters on DuckDB and PostGIS against `cql2`'s own row-by-row matcher. All rows are synthetic.

What the matcher does otherwise, and so is not asked of it here:

- it computes in doubles: integers beyond 2^53 are asked in `test_filters_values.py`;
- a division by zero is infinity there, and null here; remainders of numbers that are not whole are one unit in the last place
  apart from the quotient's rounding; exponents are whole here, since a root of a negative number is NaN there;
- `IN` of dates finds nothing there;
- operators that CQL2 has for intervals only (`T_MEETS`, `T_STARTS`, `T_FINISHES`, their converses) and `T_EQUALS` of an instant and an
  interval take an instant now as an interval of no length and now not there; here always;
- a box across the antimeridian goes around the other side of the globe there;
- `S_DWITHIN` is not of the standard, and not known there.
"""

from __future__ import annotations

import cql2
import pytest
from hypothesis import HealthCheck, given, settings

from geo_service.errors import FilterError
from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import parse_filter
from geo_service.query.spatial import SPATIAL_OPERATORS
from tests.filter_strategies import conditions
from tests.filter_worlds import ADM1, VILLAGES, asked, duckdb_asker, in_postgis, matched

# What it runs is run by other tests too; tracing would double its time.

of_villages = conditions(
    number_names=["households", "elevation_m", "fid"],
    text_names=["village_name", "village_id", "adm1_pcode"],
    boolean_names=["synthetic"],
    date_name="interviewed_on",
    spatial_operators=["s_intersects", "s_disjoint", "s_within", "s_contains", "s_equals", "s_touches"],
)
of_regions = conditions(
    number_names=["level", "fid"],
    text_names=["name_ru", "pcode"],
    boolean_names=[],
    date_name="valid_on",
    spatial_operators=[
        "s_intersects",
        "s_disjoint",
        "s_within",
        "s_contains",
        "s_equals",
        "s_touches",
        "s_crosses",
        "s_overlaps",
    ],
)
without_end = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def duckdb():
    return duckdb_asker(VILLAGES, ADM1)


@pytest.fixture(scope="module")
def postgis():
    with in_postgis(VILLAGES, ADM1) as ask:
        yield ask


def check(layer, tree, dialect, ask):
    by_json = parse_filter(tree)
    expected = matched(layer, by_json)
    assert asked(layer, by_json, dialect, ask) == expected
    try:
        by_text = parse_filter(cql2.parse_json(by_json.canonical()).to_text())
    except FilterError as refused:
        # `cql2` writes brackets around everything.
        assert "brackets" in str(refused) or "nests" in str(refused)  # noqa: PT017 - either is right
        return
    assert asked(layer, by_text, dialect, ask) == expected


# Each lies on edges, corners or places of the rows, so that no two operators find the same.
SHAPES = [
    "POINT(66 48)",
    "MULTIPOINT((66 48), (68 47.5), (80 50))",
    "LINESTRING(64 46, 74 54)",
    "LINESTRING(65 47, 71 47)",
    "POLYGON((66 48, 70 48, 70 51, 66 51, 66 48))",
    "POLYGON((60 40, 90 40, 90 60, 60 60, 60 40))",
    "BBOX(66, 47, 70, 49.8)",
]
PATTERNS = ["Бурабай%", "%!%", "\\%%", "%\\_%", "%\\%", "% _", "%!_%", "%а%"]

LITERALS = [
    ("a%b", "a\\%b", True),
    ("axb", "a\\%b", False),
    ("a_b", "a\\_b", True),
    ("axb", "a\\_b", False),
    ("a!b", "a!b", True),
    ("a\\b", "a\\\\b", True),
]


def check_each_operator_and_pattern(dialect, ask):
    found = {}
    for layer in (VILLAGES, ADM1):
        for operator in sorted(SPATIAL_OPERATORS):
            trees = [parse_filter(f"{operator}(geometry, {shape})") for shape in SHAPES]
            sets = [frozenset(asked(layer, tree, dialect, ask)) for tree in trees]
            assert sets == [matched(layer, tree) for tree in trees], operator
            found.setdefault(operator, []).extend(sets)
    assert len(set(map(tuple, found.values()))) == len(SPATIAL_OPERATORS), "each finds something else"
    for pattern in PATTERNS:
        tree = parse_filter({"op": "like", "args": [{"property": "village_name"}, pattern]})
        assert asked(VILLAGES, tree, dialect, ask) == matched(VILLAGES, tree), pattern

    for text, pattern, is_like in LITERALS:
        tree = parse_filter({"op": "like", "args": [text, pattern]})
        assert bool(asked(VILLAGES, tree, dialect, ask)) is is_like, pattern


def test_duckdb_finds_by_each_spatial_operator_and_pattern_what_the_matcher_finds(duckdb):
    check_each_operator_and_pattern(DuckdbDialect(), duckdb)


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
def test_postgis_finds_by_each_spatial_operator_and_pattern_what_the_matcher_finds(postgis):
    check_each_operator_and_pattern(PostgisDialect(), postgis)


@given(of_villages)
@settings(without_end, max_examples=250)
def test_duckdb_finds_the_villages_that_the_matcher_finds(duckdb, tree):
    check(VILLAGES, tree, DuckdbDialect(), duckdb)


@given(of_regions)
@settings(without_end, max_examples=150)
def test_duckdb_finds_the_regions_that_the_matcher_finds(duckdb, tree):
    check(ADM1, tree, DuckdbDialect(), duckdb)


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
@given(of_villages)
@settings(without_end, max_examples=250)
def test_postgis_finds_the_villages_that_the_matcher_finds(postgis, tree):
    check(VILLAGES, tree, PostgisDialect(), postgis)


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
@given(of_regions)
@settings(without_end, max_examples=150)
def test_postgis_finds_the_regions_that_the_matcher_finds(postgis, tree):
    check(ADM1, tree, PostgisDialect(), postgis)
