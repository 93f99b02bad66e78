"""Statements on both databases against the same done in Python. All rows are synthetic."""

from __future__ import annotations

import datetime as dt
import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.errors import FilterError
from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import parse_filter
from geo_service.query.properties import PropertyType, Queryables
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey, TimeInterval
from geo_service.query.statements import (
    aggregate_statement,
    count_statement,
    features_statement,
    position_columns,
)
from tests.filter_sql import assert_nothing_from_outside
from tests.filter_worlds import VILLAGES, duckdb_asker, in_postgis

ROWS = VILLAGES.table.drop(["bbox"]).to_pylist()
Q = VILLAGES.queryables
SORTABLE = [name for name in Q.names() if name != "geometry"]
keys = st.lists(
    st.builds(SortKey, st.sampled_from(SORTABLE), st.booleans()), max_size=3, unique_by=lambda key: key.name
).map(tuple)


@pytest.fixture(
    scope="module",
    params=[
        "duckdb",
        pytest.param("postgis", marks=[pytest.mark.postgis, pytest.mark.xdist_group("postgis")]),
    ],
)
def store(request):
    if request.param == "duckdb":
        yield DuckdbDialect(), duckdb_asker(VILLAGES)
        return
    with in_postgis(VILLAGES) as ask:
        yield PostgisDialect(), ask


def features(store, asked, **paging):
    dialect, ask = store
    statement = features_statement(VILLAGES.source(dialect), Q, asked, dialect, **paging)
    assert_nothing_from_outside(dialect.compile(statement)[0], Q)
    return [
        tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in ask(statement)
    ]


def in_order(sort):
    def compare(a, b):
        for key in sort:
            x, y = a[key.name], b[key.name]
            if x == y:
                continue
            if x is None or y is None:
                return 1 if x is None else -1
            return (-1 if x < y else 1) * (-1 if key.descending else 1)
        return a["fid"] - b["fid"]

    return sorted(ROWS, key=functools.cmp_to_key(compare))


@given(sort=keys, limit=st.integers(1, 17))
@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_pages_after_one_another_are_all_rows_once_in_order(store, sort, limit):
    asked = Features(sort=sort, fields=("village_name",))
    found, after = [], None
    while page := features(store, asked, limit=limit, after=after):
        assert len(page) <= limit
        found += [row[0] for row in page]
        extra = len(position_columns(asked))
        after = (*page[-1][len(page[-1]) - extra :], page[-1][0])
        if len(page) < limit:
            break
    assert found == [row["fid"] for row in in_order(sort)]


def test_columns_come_as_asked_keys_first_geometry_last(store):
    whole = features(store, Features())
    assert whole == [tuple(row.values()) for row in ROWS]
    some = features(store, Features(fields=("geometry", "households", "id", "households")))
    assert some == [(row["fid"], row["id"], row["households"], row["geometry"]) for row in ROWS]
    without = features(store, Features(geometry=False))
    assert without == [tuple(row.values())[:-1] for row in ROWS]


def test_rows_are_those_with_the_ids_in_the_box_within_the_time_that_match(store):
    asked = Features(
        filter=parse_filter("households >= 105"),
        box=(66, 48, 70, 51),
        time=TimeInterval(dt.date(2024, 1, 1), dt.date(2024, 6, 30)),
        ids=tuple(f"KZ-{i:04d}" for i in range(5, 30)),
        fields=("households", "interviewed_on"),
    )
    found = features(store, asked)
    assert 0 < len(found) < 25
    assert all(row[2] >= 105 and row[3] <= dt.date(2024, 6, 30) and row[1] in asked.ids for row in found)
    dialect, ask = store
    assert ask(count_statement(VILLAGES.source(dialect), Q, asked, dialect)) == [(len(found),)]
    assert features(store, Features(ids=())) == []


def aggregated(store, aggregation):
    dialect, ask = store
    statement = aggregate_statement(VILLAGES.source(dialect), Q, aggregation, dialect)
    names = tuple(measure.column for measure in aggregation.measures)
    assert_nothing_from_outside(dialect.compile(statement)[0], Q, names)
    return ask(statement)


def test_measures_are_those_of_the_known_values(store):
    measures = [Measure()]
    measures += [Measure(one, "households") for one in Aggregate]
    measures += [Measure(one, "village_name") for one in (Aggregate.MIN, Aggregate.MAX, Aggregate.DISTINCT)]
    measures += [Measure(one, "synthetic") for one in (Aggregate.MIN, Aggregate.MAX)]
    measures += [Measure(one, "interviewed_on") for one in (Aggregate.MIN, Aggregate.MAX)]
    measures += [Measure(Aggregate.SUM, "register_number"), Measure(Aggregate.SUM, "elevation_m", "height")]
    found = aggregated(store, Aggregation(("adm1_pcode",), tuple(measures)))
    expected = []
    for code in sorted({row["adm1_pcode"] for row in ROWS}):
        rows = [row for row in ROWS if row["adm1_pcode"] == code]

        def known(name, rows=rows):
            return [row[name] for row in rows if row[name] is not None]

        households, names, days = known("households"), known("village_name"), known("interviewed_on")
        expected.append(
            (
                code,
                len(rows),
                len(households),
                sum(households),
                min(households),
                max(households),
                sum(households) / len(households),
                len(set(households)),
                min(names),
                max(names),
                len(set(names)),
                True,
                True,
                min(days, default=None),
                max(days, default=None),
                sum(known("register_number")),
                sum(known("elevation_m")),
            )
        )
    assert found == expected


def test_measures_of_nothing_are_null_and_counts_zero(store):
    nothing = Features(filter=parse_filter("false"))
    measures = tuple(Measure(one, "households") for one in Aggregate)
    assert aggregated(store, Aggregation(measures=measures, of=nothing)) == [(0, None, None, None, None, 0)]
    assert aggregated(store, Aggregation(("adm1_pcode",), of=nothing)) == []


def test_groups_are_in_order_null_last(store):
    found = aggregated(store, Aggregation(("village_name", "synthetic"), (Measure(),)))
    names = [row[0] for row in found]
    assert names[-1] is None
    assert names[:-1] == sorted(names[:-1])


@pytest.mark.parametrize(
    ("aggregation", "named"),
    [
        (Aggregation(measures=()), "no measures"),
        (Aggregation(by=("geometry",)), "'geometry' is a geometry"),
        (Aggregation(by=("fid", "fid")), "two columns"),
        (Aggregation(measures=(Measure(), Measure())), "two columns"),
        (Aggregation(by=("fid",), measures=(Measure(name="fid"),)), "two columns"),
        (Aggregation(measures=(Measure(Aggregate.SUM),)), "needs a property"),
        (Aggregation(measures=(Measure(Aggregate.SUM, "village_name"),)), "only numbers have a sum"),
        (Aggregation(measures=(Measure(Aggregate.MEAN, "synthetic"),)), "only numbers have a mean"),
        (Aggregation(measures=(Measure(Aggregate.MAX, "geometry"),)), "'geometry' is a geometry"),
        (Aggregation(measures=(Measure(name="ы" * 32),)), "cannot name a column"),
        (Aggregation(measures=(Measure(Aggregate.SUM, "nobody"),)), "'nobody' is not a property"),
    ],
)
def test_an_aggregation_that_cannot_be_asked_says_why(aggregation, named):
    for dialect in (DuckdbDialect(), PostgisDialect()):
        with pytest.raises(FilterError, match=named):
            aggregate_statement(VILLAGES.source(dialect), Q, aggregation, dialect)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (Features(sort=(SortKey("geometry"),)), "'geometry' is a geometry"),
        (Features(sort=(SortKey("fid"), SortKey("fid", descending=True))), "twice"),
        (Features(fields=("nobody",)), "'nobody' is not a property"),
        (Features(box=(0, 5, 1, 4)), "south 5 above"),
        (Features(box=(0, 5, 1, float("nan"))), "not a number"),
        (Features(box=(0, 5, 1)), "four numbers"),
        (Features(time=TimeInterval(dt.date(2024, 2, 1), dt.date(2024, 1, 1))), "change them over"),
        (Features(ids=("a\0",)), "NUL"),
        (Features(ids=("\ud800",)), "surrogate"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(asked, named):
    for dialect in (DuckdbDialect(), PostgisDialect()):
        with pytest.raises(FilterError, match=named):
            features_statement(VILLAGES.source(dialect), Q, asked, dialect)


def test_what_has_no_geometry_or_time_is_not_asked_for_one():
    plain = Queryables(
        "mobility", tuple(one for one in Q.properties if one.type is not PropertyType.GEOMETRY)
    )
    dialect = DuckdbDialect()
    with pytest.raises(FilterError, match="mobility has no geometry"):
        count_statement(VILLAGES.source(dialect), plain, Features(box=(1, 2, 3, 4)), dialect)
    with pytest.raises(FilterError, match="mobility has no time"):
        count_statement(VILLAGES.source(dialect), plain, Features(time=TimeInterval()), dialect)


def test_a_position_has_a_value_for_each_key():
    dialect = DuckdbDialect()
    with pytest.raises(FilterError, match="needs 2"):
        features_statement(
            VILLAGES.source(dialect), Q, Features(sort=(SortKey("id"),)), dialect, limit=1, after=(5,)
        )
