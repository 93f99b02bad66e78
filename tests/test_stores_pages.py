"""Pages and their cursors, asked of each store: every row once and in order, and no cursor where it does not belong."""

from __future__ import annotations

import base64

import pyarrow as pa
import pytest

from geo_service.errors import CursorError, FilterError, NotFoundError
from geo_service.query.cursors import cursor_release
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features, SortKey, TimeInterval
from tests import store_fixtures
from tests.releases import small_contents
from tests.store_fixtures import MAKERS, ODD, SMALL
from tests.stores import (
    day,
    folder_store,
    ids,
    in_box,
    read_all,
    rows_of,
    sorted_rows,
    walk,
)

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
store, small, odd = store_fixtures.store, store_fixtures.small, store_fixtures.odd


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
        # A server opens the release that a cursor is of; one that went is named, and nobody begins again by mistake.
        with pytest.raises(NotFoundError, match=f"there is no release '{first}'"):
            store.open(cursor_release(cursor))
