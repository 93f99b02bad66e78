"""Each store asked by many threads at once, closed while it is asked, opened and closed many times."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo_service.errors import StoreError
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregation, Features
from tests import store_fixtures
from tests.store_fixtures import ODD
from tests.stores import (
    MANY,
    ids_where,
    in_box,
    read_all,
    walk,
)

folder, postgis, found = store_fixtures.folder, store_fixtures.postgis, store_fixtures.found
store, small, odd = store_fixtures.store, store_fixtures.small, store_fixtures.odd


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


@pytest.mark.parametrize("spatial", [False, True], ids=["plain", "spatial"])
def test_releases_of_files_that_are_opened_and_closed_leave_nothing_open(
    folder, tmp_path, monkeypatch, spatial
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    within = "S_INTERSECTS(geometry, LINESTRING(0 0, 60 45.25))" if spatial else "small > 0"

    def ask():
        with folder["store"].open() as release:
            assert release.count("places", Features(filter=parse_filter(within))) > 0
            with release.batches("many", Features(), 100) as batches:
                batches.read_next_batch()

    def left():
        return len(list(Path("/proc/self/fd").iterdir())), len(list(Path("/proc/self/task").iterdir()))

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not list what a process has open")
    ask()
    before = left()
    for _ in range(3 if spatial else 40):
        ask()
    assert all(after <= had + 2 for after, had in zip(left(), before, strict=True))
    assert list(tmp_path.iterdir()) == []
