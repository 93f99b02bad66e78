"""The store of files and the store in PostGIS, asked the same: the same rows, in the same order, of the same types, or both refuse."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import CursorError, FilterError, NotFoundError
from geo_service.query.filters import parse_filter
from geo_service.query.properties import PropertyType
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey, TimeInterval
from geo_service.release.protocol import Page
from geo_service.release.stores import copy_release
from tests.releases import small_contents
from tests.stores import WORDS, day, folder_store, odd_contents, postgis_store, read_all, walk

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]

REFUSALS = FilterError, CursorError, NotFoundError
SUM_TOLERANCE = 1e-12
"""Doubles are added up in another order by each database."""


class Both(NamedTuple):
    files: object
    tables: object


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    contents = small_contents(), odd_contents()
    with (
        folder_store(tmp_path_factory.mktemp("files"), *contents) as files,
        postgis_store(tmp_path_factory.mktemp("pushed"), *contents) as tables,
    ):
        yield Both(files, tables)


@pytest.fixture(scope="module")
def releases(stores):
    """Both releases, each open in both stores."""
    with contextlib.ExitStack() as stack:
        yield {
            entry.manifest.collections[0].name: Both(
                *(stack.enter_context(one.open(entry.id)) for one in stores)
            )
            for entry in stores.files.entries()
        }


def ask_both(both, ask):
    """The one answer of both, or the one kind of error."""
    answers = []
    for release in both:
        try:
            answers.append(ask(release))
        except REFUSALS as error:
            answers.append(error)
    first, second = answers
    assert type(first) is type(second), answers
    if isinstance(first, Page):
        assert_same(first.features, second.features)
        assert first.next == second.next
    elif isinstance(first, pa.Table):
        assert_same(first, second)
    elif not isinstance(first, Exception):
        assert first == second
    return first


def assert_same(first, second):
    assert first.schema.equals(second.schema, check_metadata=True), (first.schema, second.schema)
    if not first.equals(second):
        assert first.to_pylist() == second.to_pylist()
        raise AssertionError(first)


def assert_nearly_same(first, second):
    """Equal but for the last digits of sums and means of doubles."""
    assert first.schema.equals(second.schema, check_metadata=True)
    assert first.num_rows == second.num_rows
    for one, other in zip(first.columns, second.columns, strict=True):
        if not pa.types.is_floating(one.type):
            assert one.equals(other)
            continue
        assert one.is_null().equals(other.is_null())
        for mine, its in zip(one.drop_null().to_pylist(), other.drop_null().to_pylist(), strict=True):
            assert mine == pytest.approx(its, rel=SUM_TOLERANCE, abs=1e-9)


# What is there


def test_manifests_and_entries_are_the_same(stores, releases):
    assert stores.files.current() == stores.tables.current()
    assert [one.id for one in stores.files.entries()] == [one.id for one in stores.tables.entries()]
    for both in releases.values():
        assert both.files.manifest.collections == both.tables.manifest.collections
        assert both.files.manifest.id == both.tables.manifest.id


def test_every_collection_is_the_same_whole_by_page_by_feature_and_counted(releases):
    for both in releases.values():
        for collection in both.files.manifest.collections:
            name = collection.name
            whole = ask_both(both, lambda release, name=name: read_all(release, name))
            assert whole.num_rows == ask_both(
                both, lambda release, name=name: release.count(name, Features())
            )
            ask_both(both, lambda release, name=name: release.page(name, Features(), 50))
            for rows in (7, 1000):
                ask_both(both, lambda release, name=name, rows=rows: read_all(release, name, rows=rows))
            described = ask_both(both, lambda release, name=name: release.collection(name))
            assert described.extent == collection.extent
            assert ask_both(both, lambda release, name=name: release.collection(name).queryables).names()
            ask_both(both, lambda release, name=name: release.schema(name, Features()))
            for one in whole["id"].slice(0, 20).to_pylist():
                ask_both(both, lambda release, name=name, one=one: release.feature(name, one))


def test_every_property_sorts_the_same_both_ways(releases):
    for both in releases.values():
        for collection in both.files.manifest.collections:
            for field in collection.fields if collection.rows < 1000 else ():
                for descending in (False, True):
                    features = Features(sort=(SortKey(field.name, descending),), geometry=False)
                    found = ask_both(both, lambda one, n=collection.name, f=features: read_all(one, n, f))
                    assert isinstance(found, FilterError) == (field.type is PropertyType.GEOMETRY)


def test_a_cursor_of_one_store_goes_on_in_the_other(releases):
    both = releases["places"]
    features = Features(sort=(SortKey("word"), SortKey("number", descending=True)))
    cursor = both.files.page("places", features, 9).next
    ask_both(both, lambda release: release.page("places", features, 9, cursor))


def test_every_aggregate_of_every_property_is_the_same(releases):
    for both in releases.values():
        for collection in both.files.manifest.collections:
            for field in collection.fields:
                # Sums that are beyond a double on the way depend on the order in which they are added up.
                is_extreme = field.name == "number"
                for aggregate in set(Aggregate) - ({Aggregate.SUM, Aggregate.MEAN} if is_extreme else set()):
                    for by in ((), (collection.fields[2].name,)) if collection.rows < 1000 else ((),):
                        aggregation = Aggregation(by, (Measure(aggregate, field.name),))
                        compare_aggregates(both, collection.name, aggregation)


def compare_aggregates(both, name, aggregation):
    answers = []
    for release in both:
        try:
            answers.append(release.aggregate(name, aggregation))
        except FilterError as error:
            answers.append(error)
    first, second = answers
    assert type(first) is type(second), answers
    if isinstance(first, pa.Table):
        assert_nearly_same(first, second)


# Questions made up

PROPERTIES = {
    "word": ["'Бурабай'", "'z'", "'O''Neil'", "'İ'", "''", "'%'", "'𐍈'"],
    "small": ["-6", "0", "3", "2.5"],
    "share": ["0", "0.0625", "7", "-1"],
    "number": ["0", "0.1", "-2.5", "5e14"],
    "whole": ["0", "-1", "9007199254740990"],
    "day": ["DATE('1970-01-01')", "DATE('2024-02-29')"],
}
SPATIAL = [
    "S_INTERSECTS",
    "S_WITHIN",
    "S_DISJOINT",
    "S_TOUCHES",
    "S_EQUALS",
    "S_CROSSES",
    "S_OVERLAPS",
    "S_CONTAINS",
]
LITERALS = [
    "POINT(60 45.25)",
    "BBOX(0, 0, 60, 45.25)",
    "POLYGON((60 40, 64 40, 64 44, 60 44, 60 40))",
    "LINESTRING(60 40, 62 42)",
    "POINT(180 90)",
]
comparisons = st.sampled_from(sorted(PROPERTIES)).flatmap(
    lambda name: st.builds(
        lambda operator, value: f"{name} {operator} {value}",
        st.sampled_from(["=", "<>", "<", ">", "<=", ">="]),
        st.sampled_from(PROPERTIES[name]),
    )
)
others = st.sampled_from(
    [
        "word LIKE 'б%'",
        "CASEI(word) LIKE CASEI('б%')",
        "CASEI(word) = CASEI('ақкөл')",
        "word LIKE '\\%'",
        "word LIKE '_'",
        "word IS NULL",
        "number IS NOT NULL",
        "small IN (1, 2, 3)",
        "small NOT IN (1, 2)",
        "word NOT IN ('z', 'Z')",
        "share BETWEEN 1 AND 5",
        "small * 2 + 1 > share",
        "small / 2 > 1",
        "small % 3 = 1",
        "small DIV 2 = 1",
        "small ^ 2 > 9",
        "number * 2 > 1",
        "number / small > 1",
        "whole - 1 < 0",
        "yes = TRUE",
        "yes",
        "T_AFTER(day, DATE('1970-01-01'))",
        "T_DURING(day, INTERVAL('1970-01-01', '2024-12-31'))",
        "T_INTERSECTS(day, INTERVAL('..', '1970-01-01'))",
    ]
)
spatial = st.builds(
    lambda operator, literal, swap: (
        f"{operator}({literal}, geometry)" if swap else f"{operator}(geometry, {literal})"
    ),
    st.sampled_from(SPATIAL),
    st.sampled_from(LITERALS),
    st.booleans(),
)
texts = st.recursive(
    comparisons | others | spatial,
    lambda inner: (
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(["AND", "OR"]), inner)
        | st.builds(lambda a: f"NOT ({a})", inner)
    ),
    max_leaves=4,
)
degrees = st.sampled_from([-180, -179.5, -0.0, 0.25, 60, 66.7, 180])
latitudes = st.sampled_from([-90, -45.25, 0, 45.25, 90])
boxes = st.tuples(degrees, latitudes, degrees, latitudes)
sorts = st.lists(
    st.builds(SortKey, st.sampled_from(["fid", "id", "yes", *PROPERTIES]), st.booleans()),
    max_size=3,
    unique_by=lambda key: key.name,
).map(tuple)
days = st.none() | st.sampled_from(["1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"]).map(day)
IDS = [*(f"{word}/{i}" for i, word in enumerate(WORDS)), "none", "", "'"]
questions = st.builds(
    Features,
    filter=st.none() | texts.map(parse_filter),
    box=st.none() | boxes,
    time=st.none() | st.builds(TimeInterval, days, days),
    ids=st.none() | st.lists(st.sampled_from(IDS), max_size=6).map(tuple),
    sort=sorts,
    fields=st.none()
    | st.lists(st.sampled_from(["word", "number", "day", "yes", "geometry"]), max_size=3).map(tuple),
    geometry=st.booleans(),
)


@settings(max_examples=150)
@given(questions, st.integers(1, 100))
def test_any_question_has_one_answer(releases, features, limit):
    both = releases["places"]
    counted = ask_both(both, lambda release: release.count("places", features))
    found = ask_both(both, lambda release: read_all(release, "places", features))
    if isinstance(counted, Exception) or isinstance(found, Exception):
        assert type(counted) is type(found), (counted, found)
        return
    assert found.num_rows == counted
    paged = ask_both(both, lambda release: release.page("places", features, limit))
    assert paged.features.equals(found.slice(0, limit))
    if paged.next is not None:
        ask_both(both, lambda release: release.page("places", features, limit, paged.next))


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["word", "day", "yes", "small", "share"]), max_size=2, unique=True).map(tuple),
    st.lists(
        st.builds(
            Measure, st.sampled_from(Aggregate), st.sampled_from(["word", "day", "yes", "small", "share"])
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.column,
    ).map(tuple),
    questions,
)
def test_any_aggregation_has_one_answer(releases, by, measures, of):
    compare_aggregates(releases["places"], "places", Aggregation(by, measures, of))


@settings(max_examples=25)
@given(spatial, st.none() | boxes)
def test_any_question_of_shapes_has_one_answer(releases, text, box):
    features = Features(filter=parse_filter(text), box=box)
    ask_both(releases["places"], lambda release: read_all(release, "shapes", features))


def test_walking_in_one_store_is_walking_in_the_other(releases):
    features = Features(
        filter=parse_filter("value > 900"), sort=(SortKey("group", descending=True), SortKey("value"))
    )
    found = ask_both(releases["places"], lambda release: walk(release, "many", features, 700))
    assert pc.count_distinct(found["id"]).as_py() == found.num_rows > 3000


def test_a_release_that_went_there_and_back_is_the_same_bytes(stores, tmp_path):
    with folder_store(tmp_path) as back:
        for entry in reversed(stores.tables.entries()):
            copy_release(stores.tables, back, entry.id)
            assert back.verify(entry.id) == []
            assert stores.tables.verify(entry.id) == []
        assert [one.id for one in back.entries()] == [one.id for one in stores.files.entries()]
