"""What every store of releases promises, asked of each; the answers are worked out from the rows without a database."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from geo_service.errors import FilterError, NotFoundError
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregation, Features, SortKey, TimeInterval
from geo_service.release.parts import arrow_schema
from tests import store_fixtures
from tests.store_fixtures import ODD, SMALL
from tests.stores import (
    MANY,
    day,
    ids,
    ids_where,
    in_box,
    read_all,
    rows_of,
    sorted_rows,
    walk,
)

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
store, small, odd = store_fixtures.store, store_fixtures.small, store_fixtures.odd


# Collections, schemas, whole streams


def test_the_release_says_what_was_published(small, odd):
    assert [one.name for one in small.manifest.collections] == [part.name for part in SMALL.parts]
    assert odd.collection("many").rows == MANY
    with pytest.raises(NotFoundError, match=r"[Tt]here are:? places, shapes, many, nothing"):
        odd.collection("villages")


@pytest.mark.parametrize("contents", [SMALL, ODD], ids=["small", "odd"])
def test_a_stream_gives_every_row_as_it_was_published(contents, small, odd):
    release = small if contents is SMALL else odd
    for part in contents.parts:
        schema = release.schema(part.name, Features())
        assert schema.equals(arrow_schema(part.fields), check_metadata=True)
        expected = pa.Table.from_pylist(rows_of(contents, part.name), schema)
        found = read_all(release, part.name)
        assert found.schema.equals(schema, check_metadata=True)
        assert found.equals(expected), part.name


def test_batches_are_as_small_as_asked(odd):
    with odd.batches("many", Features(), rows=1000) as reader:
        sizes = [batch.num_rows for batch in reader]
    assert max(sizes) <= 1000
    assert sum(sizes) == MANY


def test_a_stream_may_be_left_before_its_end(odd):
    for _ in range(12):
        with odd.batches("many", Features(), rows=100) as reader:
            assert reader.read_next_batch().num_rows == 100
    assert odd.count("many", Features()) == MANY


def test_a_stream_of_nothing_has_the_columns(odd):
    nothing = Features(ids=("none",))
    assert read_all(odd, "many", nothing).equals(odd.schema("many", nothing).empty_table())
    assert read_all(odd, "nothing").num_rows == 0


def test_a_stream_can_be_sorted(odd):
    sort = (SortKey("value", descending=True), SortKey("group"))
    expected = [row["id"] for row in sorted_rows(rows_of(ODD, "many"), sort)]
    assert ids(read_all(odd, "many", Features(sort=sort, fields=()))) == expected


# Fields


def test_fields_come_in_the_order_asked_after_the_keys_and_before_the_geometry(small):
    features = Features(fields=("geometry", "households", "village_name", "id", "households"))
    names = ["fid", "id", "households", "village_name", "geometry"]
    assert small.schema("villages", features).names == names
    assert read_all(small, "villages", features).column_names == names
    assert small.page("villages", features, 2).features.column_names == names


def test_no_fields_are_the_keys_alone(small):
    assert read_all(small, "villages", Features(fields=())).column_names == ["fid", "id"]


def test_the_geometry_can_be_left_out(small):
    whole = read_all(small, "adm1")
    assert read_all(small, "adm1", Features(geometry=False)).equals(whole.drop_columns("geometry"))


def test_an_unknown_field_is_refused_with_those_there_are(small):
    for ask in (
        lambda: small.schema("villages", Features(fields=("nmae",))),
        lambda: small.page("villages", Features(fields=("nmae",)), 1),
        lambda: read_all(small, "villages", Features(fields=("nmae",))),
    ):
        with pytest.raises(FilterError, match=r"'nmae' is not a property of villages; there are: fid, id, "):
            ask()


# One feature


@pytest.mark.parametrize("name", ["places", "shapes"])
def test_each_feature_is_found_by_its_id(odd, name):
    whole = read_all(odd, name)
    for row in range(0, whole.num_rows, 7):
        assert odd.feature(name, whole["id"][row].as_py()).equals(whole.slice(row, 1))


@pytest.mark.parametrize("unknown", ["", "s99", "' OR 1=1 --", "a\0b", "\ud800", "%", "x" * 10_000])
def test_an_unknown_feature_is_not_found(odd, unknown):
    with pytest.raises(NotFoundError, match="is not the id of a feature of shapes in release") as raised:
        odd.feature("shapes", unknown)
    assert len(str(raised.value)) < 200


# Boxes

BOXES = [
    (-180, -90, 180, 90),
    (60, 40, 62, 42),
    (61.2, 41.2, 61.8, 41.8),
    (62, 40, 62, 40),
    (60, 40, 60, 45.25),
    (179.5, -90, -179.5, 90),
    (180, 0, -180, 45.25),
    (100, 5, 0.5, 15),
    (0, 0, 0, 0),
    (63.9, 43.9, 70.1, 45.1),
    (0.25, 0.75, 0.3, 0.8),
]


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_a_box_finds_what_shares_a_point_with_it(odd, box):
    for name in ("places", "shapes"):
        expected = ids_where(ODD, name, lambda row: in_box(row["geometry"], box))
        assert ids(read_all(odd, name, Features(box=box))) == expected, name
        assert odd.count(name, Features(box=box)) == len(expected)
        assert ids(walk(odd, name, Features(box=box), 10)) == expected


@pytest.mark.parametrize(
    "box",
    [
        (0, 10, 1, 5),
        (-181, 0, 1, 1),
        (0, 0, 181, 1),
        (0, -91, 1, 1),
        (0, 0, 1, 91),
        (float("nan"), 0, 1, 1),
        (0, 0, float("inf"), 1),
    ],
    ids=str,
)
def test_a_box_that_is_none_is_refused(odd, box):
    for ask in (
        lambda features: odd.page("places", features, 1),
        lambda features: odd.count("places", features),
        lambda features: read_all(odd, "places", features),
        lambda features: odd.aggregate("places", Aggregation(of=features)),
    ):
        with pytest.raises(FilterError):
            ask(Features(box=box))


def test_a_box_or_a_time_of_a_collection_without_one_is_refused(small):
    with pytest.raises(FilterError, match="mobility"):
        small.count("mobility", Features(box=(0, 0, 1, 1)))
    with pytest.raises(FilterError, match="access"):
        small.count("access", Features(time=TimeInterval(day("2024-01-01"))))


# Times and ids


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("1970-01-01", "2024-02-29"),
        (None, "1969-12-31"),
        ("2024-03-01", None),
        ("2024-03-01", "2024-03-01"),
        (None, None),
    ],
)
def test_a_time_finds_the_days_within(odd, first, last):
    since, until = (None if one is None else day(one) for one in (first, last))
    expected = ids_where(
        ODD,
        "places",
        lambda row: (
            row["day"] is not None
            and (since is None or row["day"] >= since)
            and (until is None or row["day"] <= until)
        ),
    )
    features = Features(time=TimeInterval(since, until))
    assert ids(read_all(odd, "places", features)) == expected
    assert odd.count("places", features) == len(expected)


def test_ids_find_those_that_are_there(odd):
    asked = ("s03", "none", "s00", "s03")
    assert ids(read_all(odd, "shapes", Features(ids=asked))) == ids_where(
        ODD, "shapes", lambda row: row["id"] in asked
    )
    assert odd.count("shapes", Features(ids=())) == 0


# Filters; what they mean in full is the matter of the tests of filters

FILTERS = {
    "small > 3": lambda row: row["small"] is not None and row["small"] > 3,
    "small = -6 OR yes = TRUE": lambda row: row["small"] == -6 or row["yes"] is True,
    "NOT (small > 3)": lambda row: row["small"] is not None and row["small"] <= 3,
    "word IS NULL": lambda row: row["word"] is None,
    "word LIKE 'Б%'": lambda row: (row["word"] or "").startswith("Б"),
    "word = 'O''Neil'": lambda row: row["word"] == "O'Neil",
    "word > 'Z'": lambda row: row["word"] is not None and row["word"] > "Z",
    "day < DATE('1970-01-01')": lambda row: row["day"] is not None and row["day"] < day("1970-01-01"),
    "share BETWEEN 2.5 AND 3.5": lambda row: row["share"] is not None and 2.5 <= row["share"] <= 3.5,
    "small IN (1, 2)": lambda row: row["small"] in {1, 2},
    "S_INTERSECTS(geometry, BBOX(0, 0, 60, 45.25))": lambda row: in_box(row["geometry"], (0, 0, 60, 45.25)),
}


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_finds_those_for_which_it_is_true(odd, text):
    features = Features(filter=parse_filter(text))
    expected = ids_where(ODD, "places", FILTERS[text])
    assert expected
    assert ids(read_all(odd, "places", features)) == expected
    assert odd.count("places", features) == len(expected)


@pytest.mark.parametrize(
    "text",
    [
        "nmae = 1",
        "small = 'a'",
        "read_text('/etc/passwd') = 'x'",
        "word > 5",
        "S_INTERSECTS(word, POINT(1 1))",
    ],
)
def test_a_filter_that_does_not_fit_is_refused(odd, text):
    with pytest.raises(FilterError):
        odd.page("places", Features(filter=parse_filter(text)), 1)


@pytest.mark.parametrize("text", ["whole * 2 > 5", "whole + whole = 0", "whole * whole > 0"])
def test_a_filter_whose_numbers_overflow_is_answered_or_refused_never_broken(odd, text):
    for ask in (
        lambda features: odd.count("places", features),
        lambda features: odd.page("places", features, 5),
        lambda features: read_all(odd, "places", features),
        lambda features: odd.aggregate("places", Aggregation(of=features)),
    ):
        try:
            ask(Features(filter=parse_filter(text)))
        except FilterError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right
    assert odd.count("places", Features()) == 240


def test_fids_count_from_one(odd):
    for name in ("places", "many"):
        fids = read_all(odd, name, Features(fields=()))["fid"].to_pylist()
        assert fids[0] == 1
        assert all(after == before + 1 for before, after in pairwise(fids))
