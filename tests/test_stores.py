"""What every store of releases promises, asked of each; the answers are worked out from the rows without a database."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import pyarrow as pa
import pytest

from geo_service.errors import CursorError, FilterError, NotFoundError, StoreError
from geo_service.query.filters import parse_filter
from geo_service.query.properties import PropertyType
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey, TimeInterval
from geo_service.release.parts import arrow_schema
from tests.releases import small_contents
from tests.stores import (
    MANY,
    aggregated,
    day,
    folder_store,
    in_box,
    odd_contents,
    postgis_store,
    read_all,
    rows_of,
    sorted_rows,
    walk,
)

SMALL, ODD = small_contents(), odd_contents()
IN_POSTGIS = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
MAKERS = [
    pytest.param(folder_store, id="folder"),
    pytest.param(postgis_store, id="postgis", marks=IN_POSTGIS),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with opened(folder_store, tmp_path_factory) as found:
        yield found


@pytest.fixture(scope="module")
def postgis(tmp_path_factory):
    with opened(postgis_store, tmp_path_factory) as found:
        yield found


@contextmanager
def opened(make, tmp_path_factory):
    """A store and both of its releases."""
    with make(tmp_path_factory.mktemp("releases"), SMALL, ODD) as store:
        last, first = store.entries()
        assert last.is_current
        with store.open(first.id) as small, store.open() as odd:
            yield {"store": store, "small": small, "odd": odd}


@pytest.fixture(params=["folder", pytest.param("postgis", marks=IN_POSTGIS)])
def found(request):
    # Tests come in any order: each store is made once, whatever the order.
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(found):
    return found["store"]


@pytest.fixture
def small(found):
    return found["small"]


@pytest.fixture
def odd(found):
    return found["odd"]


def ids(table):
    return table["id"].to_pylist()


def ids_where(contents, name, holds):
    return [row["id"] for row in rows_of(contents, name) if holds(row)]


# Collections, schemas, whole streams


def test_the_release_says_what_was_published(small, odd):
    assert [one.name for one in small.manifest.collections] == [part.name for part in SMALL.parts]
    assert odd.collection("many").rows == MANY
    with pytest.raises(NotFoundError, match="there are: places, shapes, many, nothing"):
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


# Pages

SORTS = [
    (),
    (SortKey("fid", descending=True),),
    (SortKey("id"),),
    (SortKey("word"),),
    (SortKey("word", descending=True),),
    (SortKey("number"),),
    (SortKey("number", descending=True),),
    (SortKey("whole"),),
    (SortKey("whole", descending=True),),
    (SortKey("day"),),
    (SortKey("day", descending=True),),
    (SortKey("yes"),),
    (SortKey("yes", descending=True), SortKey("day"), SortKey("word", descending=True)),
    (SortKey("small"), SortKey("id", descending=True)),
]


@pytest.mark.parametrize(
    "sort", SORTS, ids=lambda sort: ",".join("-" * one.descending + one.name for one in sort)
)
def test_walking_all_pages_gives_each_row_once_in_order(odd, sort):
    expected = sorted_rows(rows_of(ODD, "places"), sort)
    features = Features(sort=sort)
    for limit in (17, 60, 1000):
        found = walk(odd, "places", features, limit)
        assert ids(found) == [row["id"] for row in expected]
    assert found.equals(pa.Table.from_pylist(expected, odd.schema("places", features)))
    assert read_all(odd, "places", features).equals(found)


def test_pages_of_one_feature(small):
    sort = (SortKey("elevation_m"), SortKey("village_name"))
    expected = [row["id"] for row in sorted_rows(rows_of(SMALL, "villages"), sort)]
    assert ids(walk(small, "villages", Features(sort=sort), 1)) == expected


def test_a_page_that_ends_with_the_last_feature_has_no_next(small):
    assert small.page("adm1", Features(), 3).next is None
    assert small.page("adm1", Features(), 2).next is not None


def test_other_fields_may_be_asked_on_the_next_page(odd):
    first = odd.page("places", Features(sort=(SortKey("word"),)), 5)
    features = Features(sort=(SortKey("word"),), fields=("day",))
    second = odd.page("places", features, 5, first.next).features
    assert second.column_names == ["fid", "id", "day"]
    assert ids(second) == [row["id"] for row in sorted_rows(rows_of(ODD, "places"), features.sort)[5:10]]


def test_pages_keep_to_the_question(odd):
    features = Features(
        filter=parse_filter("small > 0"), box=(-180, -60, 100, 60), sort=(SortKey("small", descending=True),)
    )
    rows = [
        row
        for row in rows_of(ODD, "places")
        if (row["small"] or 0) > 0 and in_box(row["geometry"], features.box)
    ]
    assert len(rows) > 20
    assert ids(walk(odd, "places", features, 7)) == [row["id"] for row in sorted_rows(rows, features.sort)]


@pytest.mark.parametrize("limit", [0, -1, 10**7])
def test_a_page_of_no_features_or_too_many_is_refused(small, limit):
    with pytest.raises(FilterError, match=f"a page has from 1 to 1000000 features; {limit} were asked for"):
        small.page("villages", Features(), limit)


def test_a_batch_of_no_rows_is_refused(small):
    with (
        pytest.raises(FilterError, match="a batch has 1 row or more; 0 were asked for"),
        small.batches("villages", Features(), rows=0),
    ):
        pass


def test_a_cursor_of_another_question_or_release_is_refused(small, odd):
    cursor = odd.page("places", Features(sort=(SortKey("word"),)), 5).next
    others = [
        Features(),
        Features(sort=(SortKey("word", descending=True),)),
        Features(sort=(SortKey("word"),), box=(0, 0, 1, 1)),
        Features(sort=(SortKey("word"),), filter=parse_filter("small > 0")),
        Features(sort=(SortKey("word"),), ids=("a",)),
        Features(sort=(SortKey("word"),), time=TimeInterval(day("2024-01-01"))),
    ]
    for features in others:
        with pytest.raises(CursorError, match="start again without a cursor"):
            odd.page("places", features, 5, cursor)
    with pytest.raises(CursorError):
        odd.page("many", Features(), 5, odd.page("places", Features(), 5).next)
    with pytest.raises(CursorError, match=odd.manifest.id[:12]):
        small.page("villages", Features(), 5, odd.page("places", Features(), 5).next)


def test_a_damaged_cursor_is_refused(odd):
    cursor = odd.page("places", Features(), 5).next
    whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    turned = bytearray(whole)
    turned[-3] ^= 1
    for wrong in (
        "",
        "x",
        cursor[:-2],
        cursor + "A",
        "🙂",
        base64.urlsafe_b64encode(turned).decode().rstrip("="),
    ):
        with pytest.raises(CursorError):
            odd.page("places", Features(), 5, wrong)


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


# Aggregates


def every_measure(contents, name):
    fields = next(one for one in contents.parts if one.name == name).fields
    measures = [Measure()]
    for one in fields:
        if one.type is PropertyType.GEOMETRY or one.name in {"number", "whole", "register_number"}:
            continue
        wanted = [Aggregate.COUNT, Aggregate.DISTINCT]
        if one.type is not PropertyType.BOOLEAN:
            wanted += [Aggregate.MIN, Aggregate.MAX]
        if one.type in {PropertyType.INTEGER, PropertyType.NUMBER}:
            wanted += [Aggregate.SUM, Aggregate.MEAN]
        measures += [Measure(aggregate, one.name) for aggregate in wanted]
    return tuple(measures)


@pytest.mark.parametrize("by", [(), ("yes",), ("day",), ("word", "yes"), ("small",), ("share",)], ids=str)
def test_aggregates_are_those_of_the_rows(odd, by):
    aggregation = Aggregation(by, every_measure(ODD, "places"))
    found = odd.aggregate("places", aggregation)
    assert found.to_pylist() == aggregated(rows_of(ODD, "places"), aggregation)


def test_aggregates_of_many_rows(odd):
    aggregation = Aggregation(("group",), (Measure(), Measure(Aggregate.SUM, "value", "total")))
    assert odd.aggregate("many", aggregation).to_pylist() == aggregated(rows_of(ODD, "many"), aggregation)


def test_the_types_of_aggregates(small):
    of = "households", "elevation_m", "village_name", "interviewed_on"
    measures = (
        *(Measure(Aggregate.SUM, one) for one in of[:2]),
        *(Measure(Aggregate.MEAN, one) for one in of[:2]),
        *(Measure(Aggregate.MIN, one) for one in of),
        *(Measure(Aggregate.DISTINCT, one) for one in of),
    )
    found = small.aggregate("villages", Aggregation(("adm1_pcode",), measures))
    number, whole, text, date = pa.float64(), pa.int64(), pa.string(), pa.date32()
    assert found.schema.types == [
        text,
        whole,
        number,
        number,
        number,
        whole,
        number,
        text,
        date,
        *[whole] * 4,
    ]
    assert found.column_names[:3] == ["adm1_pcode", "sum_households", "sum_elevation_m"]


def test_aggregates_of_large_integers_are_exact_or_refused(small, odd):
    aggregation = Aggregation(
        measures=(Measure(Aggregate.MAX, "register_number"), Measure(Aggregate.SUM, "register_number"))
    )
    assert small.aggregate("villages", aggregation).to_pylist() == aggregated(
        rows_of(SMALL, "villages"), aggregation
    )
    largest = Features(filter=parse_filter("whole > 9007199254740990"))
    with pytest.raises(FilterError):
        odd.aggregate("places", Aggregation(measures=(Measure(Aggregate.SUM, "whole"),), of=largest))


def test_aggregates_keep_to_the_question(odd):
    of = Features(filter=parse_filter("small > 0"), box=(-180, -60, 100, 60))
    aggregation = Aggregation(("yes",), (Measure(), Measure(Aggregate.SUM, "small")), of)
    rows = [
        row for row in rows_of(ODD, "places") if (row["small"] or 0) > 0 and in_box(row["geometry"], of.box)
    ]
    assert odd.aggregate("places", aggregation).to_pylist() == aggregated(rows, aggregation)


def test_aggregates_of_nothing(odd):
    measures = (Measure(), Measure(Aggregate.SUM, "value"), Measure(Aggregate.MEAN, "value"))
    assert odd.aggregate("nothing", Aggregation(measures=measures)).to_pylist() == [
        {"count": 0, "sum_value": None, "mean_value": None}
    ]
    assert odd.aggregate("nothing", Aggregation(("key",), measures)).num_rows == 0


@pytest.mark.parametrize(
    "aggregation",
    [
        Aggregation(("nmae",)),
        Aggregation(("geometry",)),
        Aggregation(measures=(Measure(Aggregate.SUM, "word"),)),
        Aggregation(measures=(Measure(Aggregate.SUM),)),
        Aggregation(measures=(Measure(Aggregate.MIN, "geometry"),)),
        Aggregation(measures=(Measure(), Measure())),
        Aggregation(measures=()),
    ],
    ids=str,
)
def test_an_aggregation_that_does_not_fit_is_refused(odd, aggregation):
    with pytest.raises(FilterError):
        odd.aggregate("places", aggregation)


# Many at once, closing, other releases


def test_many_threads_get_their_own_answers(odd):
    whole = read_all(odd, "places")

    def ask(number):
        kind = number % 5
        if kind == 0:
            return odd.count("many", Features(filter=parse_filter(f"value = {number}"))) == 40
        if kind == 1:
            row = number % whole.num_rows
            return odd.feature("places", whole["id"][row].as_py()).equals(whole.slice(row, 1))
        if kind == 2:
            return read_all(odd, "places").equals(whole)
        if kind == 3:
            return walk(odd, "places", Features(), 100).equals(whole)
        box = Features(filter=parse_filter("S_INTERSECTS(geometry, BBOX(0, 0, 60, 45.25))"))
        return odd.count("places", box) == len(
            ids_where(ODD, "places", lambda row: in_box(row["geometry"], (0, 0, 60, 45.25)))
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(60)))


def test_a_closed_release_says_so(store):
    release = store.open()
    assert release.count("many", Features()) == MANY
    release.close()
    release.close()
    for ask in (
        lambda: release.count("many", Features()),
        lambda: release.feature("shapes", "s00"),
        lambda: release.page("shapes", Features(), 1),
        lambda: read_all(release, "shapes"),
        lambda: release.aggregate("shapes", Aggregation()),
    ):
        with pytest.raises(StoreError, match="was closed; open it again"):
            ask()


def test_closing_while_others_ask_gives_each_an_answer_or_an_error(store):
    release = store.open()
    wrong = []
    begun = threading.Barrier(5)

    def ask():
        begun.wait()
        for _ in range(200):
            try:
                found = read_all(release, "many", rows=500).num_rows
            except StoreError:
                return
            if found != MANY:
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    release.close()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


@pytest.mark.parametrize("make", MAKERS)
def test_walking_goes_on_while_another_release_is_published_and_older_ones_are_pruned(make, tmp_path):
    contents = [small_contents(households=100 + one) for one in range(3)]
    with folder_store(tmp_path / "files", *contents) as files, make(tmp_path / "store", contents[0]) as store:
        release = store.open()
        first = release.manifest.id
        expected = ids(read_all(release, "villages"))
        page = release.page("villages", Features(), 9)
        found = ids(page.features)
        later = [entry.id for entry in reversed(files.entries()) if entry.id != first]
        while page.next is not None:
            if later:
                with files.open(later.pop(0)) as other:
                    store.receive(
                        other.manifest, lambda name, of=other: iter(read_all(of, name).to_batches())
                    )
                assert first not in store.prune(1)
                assert store.current() != first
            page = release.page("villages", Features(), 9, page.next)
            found += ids(page.features)
        assert found == expected
        cursor = release.page("villages", Features(), 9).next
        with store.open() as current, pytest.raises(CursorError, match=f"of release {first[:12]}"):
            current.page("villages", Features(), 9, cursor)
        release.close()
        assert first in store.prune(1)
        with pytest.raises(NotFoundError):
            store.open(first)


def test_fids_count_from_one(odd):
    for name in ("places", "many"):
        fids = read_all(odd, name, Features(fields=()))["fid"].to_pylist()
        assert fids[0] == 1
        assert all(after == before + 1 for before, after in pairwise(fids))
