"""Releases that are open: followed, shared, closed, and kept when the store is away."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from api import client_of
from releases import small_contents
from waiting import wait_until

from geo_service.api.context import AskedNow  # noqa: TC001 - FastAPI reads it
from geo_service.api.live import LiveReleases
from geo_service.api.security.roles import Role
from geo_service.errors import NotFoundError, StoreError
from geo_service.query.questions import Features
from geo_service.release.stores import open_store
from geo_service.settings import ApiSettings


class Counted:
    """A store that counts what it is asked, and fails or waits as a test says."""

    def __init__(self, store):
        self._store = store
        self.asked = Counter()
        self.fails = None
        self.opens = None

    def current(self):
        self.asked["current"] += 1
        if self.fails:
            raise self.fails
        return self._store.current()

    def entries(self):
        return self._store.entries()

    def open(self, release):
        self.asked[release] += 1
        if self.opens:
            self.opens(release)
        return self._store.open(release)


@pytest.fixture
def folder(tmp_path):
    store = open_store(tmp_path)
    store.publish(small_contents())
    return store


@pytest.fixture
def store(folder):
    return Counted(folder)


def live_releases(store, **settings):
    return LiveReleases(store, ApiSettings(**{"follow_s": 0.0, "keep_s": 0.0} | settings))


def asked_of(live, release=None):
    with live.lease(release, Role.EDITOR) as edition:
        return edition.manifest.id, edition.count("villages", Features())


def test_a_new_release_is_served_and_the_old_one_is_closed(folder, store):
    live = live_releases(store)
    first = folder.current()
    assert asked_of(live) == (first, 40)
    second = folder.publish(small_contents(30)).id
    assert asked_of(live) == (second, 30)
    assert set(live.state().opened) == {first, second}
    live.follow()
    assert live.state().opened == (second,)
    assert folder.prune(0) == [first]
    live.close()


def test_a_release_that_is_read_stays_open(folder, store):
    live = live_releases(store)
    with live.lease(None, Role.EDITOR) as edition:
        folder.publish(small_contents(30))
        live.follow()
        live.follow()
        assert folder.prune(0) == []
        assert edition.collection("villages").rows == 40
    live.follow()
    assert len(folder.prune(0)) == 1
    live.close()


def test_many_who_ask_at_once_open_a_release_once(store):
    live = live_releases(store)
    barrier = threading.Barrier(8)
    found = []

    def ask():
        barrier.wait()
        found.append(asked_of(live))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert store.asked[found[0][0]] == 1
    live.close()


def test_opening_one_release_holds_up_nobody_who_asks_another(folder, store):
    live = live_releases(store)
    first = folder.current()
    asked_of(live, first)
    second = folder.publish(small_contents(30)).id
    may_open, opening = threading.Event(), threading.Event()

    def wait(_):
        opening.set()
        may_open.wait(10)

    store.opens = wait
    slow = threading.Thread(target=asked_of, args=(live, second))
    slow.start()
    assert opening.wait(10)
    assert asked_of(live, first) == (first, 40)
    may_open.set()
    slow.join()
    assert store.asked[second] == 1
    live.close()


def test_one_thread_looks_while_the_others_take_what_was_seen(folder, store):
    live = live_releases(store, follow_s=60)
    assert live.current() == live.current() == folder.current() == live.fresh()
    assert store.asked["current"] == 1


def test_a_store_that_is_away_for_a_moment_goes_unnoticed_but_by_health(store, caplog):
    live = live_releases(store)
    before = asked_of(live)
    store.fails = StoreError("the server is away")
    assert asked_of(live) == before
    assert live.state().lost_s is not None
    live.follow()
    assert [one.levelname for one in caplog.records] == ["ERROR"]
    store.fails = None
    assert asked_of(live) == before
    assert live.state().lost_s is None
    live.close()


def test_a_folder_that_is_gone_is_a_store_that_is_away(store, tmp_path):
    live = live_releases(store)
    before = asked_of(live)
    (tmp_path / "current").rename(tmp_path / "elsewhere")
    assert asked_of(live) == before
    assert live.state().lost_s is not None
    live.close()


def test_a_store_that_was_never_reached_is_an_error(store):
    store.fails = StoreError("the server is away")
    live = live_releases(store)
    with pytest.raises(StoreError):
        asked_of(live)
    live.follow()


def test_a_current_release_that_was_pruned_at_that_moment_is_looked_for_anew(folder, store):
    live = live_releases(store, follow_s=60)
    first = live.current()
    second = folder.publish(small_contents(30)).id
    assert folder.prune(0) == [first]
    assert asked_of(live) == (second, 30)
    live.close()


def test_a_release_that_is_gone_is_told_without_its_store(store, tmp_path):
    live = live_releases(store)
    for _ in range(2):
        with pytest.raises(NotFoundError) as told:
            asked_of(live, "0" * 32)
        assert str(tmp_path) not in str(told.value)
    assert live.state().opened == ()


def test_a_new_release_that_cannot_be_opened_leaves_the_one_before(folder, store):
    live = live_releases(store)
    before = asked_of(live)
    second = folder.publish(small_contents(30)).id

    def fail(_):
        raise StoreError("its files cannot be read")

    store.opens = fail
    assert asked_of(live) == before
    live.follow()
    assert asked_of(live) == before
    store.opens = None
    assert asked_of(live) == (second, 30)
    live.close()


def test_an_empty_store_says_how_to_publish(tmp_path):
    live = live_releases(open_store(tmp_path))
    with pytest.raises(NotFoundError, match="geo-service releases publish"):
        asked_of(live)
    live.follow()


def test_a_page_of_a_release_that_was_taken_away_is_a_cursor_that_cannot_be_used(folder, tmp_path):
    with client_of(tmp_path, follow_s=0, keep_s=0) as client:

        def page(asked: AskedNow) -> dict[str, str | None]:
            found = asked.release.page("villages", Features(), 5)
            return {"next": found.next, "release": asked.release.manifest.id}

        client.app.add_api_route("/access/page", page)
        first = client.get("/access/page").json()
        folder.publish(small_contents(30))
        kept = client.get("/access/page", params={"cursor": first["next"]}).json()
        assert kept["release"] == first["release"]
        # The service follows the store by itself too, and may be looking into the first one at this moment.
        live = client.app.state.live
        wait_until(lambda: live.follow() or first["release"] not in live.state().opened)
        assert folder.prune(0) == [first["release"]]
        gone = client.get("/access/page", params={"cursor": first["next"]})
    assert (gone.status_code, gone.json()["type"]) == (400, "urn:geo-service:problem:invalid-cursor")


def test_releases_are_published_under_load_without_a_failed_or_mixed_answer(folder, tmp_path):
    rows = {folder.current(): 40}
    wrong, seen = [], set()
    done = threading.Event()
    with client_of(tmp_path, follow_s=0.05, keep_s=0.1) as client:

        def count(asked: AskedNow) -> dict[str, object]:
            read = asked.release.page("villages", Features(), 1_000).features.num_rows
            return {"release": asked.release.manifest.id, "rows": read}

        client.app.add_api_route("/access/count", count)

        def hammer():
            tag = ""
            while not done.is_set():
                answer = client.get("/access/count", headers={"If-None-Match": tag})
                if answer.status_code == 304:
                    continue
                if answer.status_code != 200:
                    wrong.append(answer.text)
                    continue
                said = answer.json()
                tag = answer.headers["etag"]
                seen.add(said["release"])
                if rows.get(said["release"], said["rows"]) != said["rows"]:
                    wrong.append(said)

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for one in threads:
            one.start()
        try:
            for villages in range(30, 35):
                wait_until(lambda: wrong or seen >= set(rows))
                rows[folder.publish(small_contents(villages)).id] = villages
                folder.prune(1)
        finally:
            done.set()
            for one in threads:
                one.join()
    assert wrong == []
    assert len(seen) >= 5
