"""The store in PostGIS: one publisher at a time, many readers, releases that go."""

from __future__ import annotations

import threading

import psycopg
import pytest

from geo_service.errors import (
    BusyError,
    InputError,
)
from geo_service.query.questions import Features, SortKey
from tests import store_fixtures
from tests.postgis_releases import made, push, store_at, values

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
server, database = store_fixtures.server, store_fixtures.database
store, connection = store_fixtures.pushed, store_fixtures.connection


def test_of_two_publishers_one_wins_and_the_other_is_told(store, database):
    first = push(store)
    manifest, rows = made(300)
    begun, go_on = threading.Event(), threading.Event()

    def slow(name):
        begun.set()
        assert go_on.wait(20)
        return rows(name)

    won = []
    publisher = threading.Thread(target=lambda: won.append(store.receive(manifest, slow).id))
    publisher.start()
    try:
        assert begun.wait(20)
        with store_at(database) as other:
            for ask in (lambda: push(other, 400), lambda: other.use(first), lambda: other.prune(0)):
                with pytest.raises(
                    BusyError, match="somebody is publishing to postgresql://postgres@/store_"
                ):
                    ask()
            assert other.current() == first
            assert other.verify() == []
    finally:
        go_on.set()
        publisher.join()
    assert won == [manifest.id] == [store.current()]
    push(store, 400)


def test_who_reads_the_views_in_one_transaction_sees_one_whole_release(store, database):
    releases = [push(store, households) for households in (100, 300)]
    names = ("villages", "access")
    seen, stop, failures = set(), threading.Event(), []

    def read():
        order = names
        try:
            with psycopg.connect(database) as reader:
                while not stop.is_set():
                    least = []
                    for name in order:
                        ((value,),) = values(reader, f"SELECT min(households) FROM current.{name}")
                        least.append(value)
                        stop.wait(0.003)
                    reader.commit()
                    seen.add(tuple(least))
                    order = order[::-1]
                    stop.wait(0.02)
        except psycopg.Error as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with store_at(database, lock_timeout_s=10) as patient:
            for number in range(6):
                patient.use(releases[number % 2])
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert seen
    assert seen <= {(100, 100), (300, 300)}


def test_a_publisher_waits_for_who_reads_a_view_and_then_says_so(store, database):
    first = push(store)
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM current.villages")
        with pytest.raises(BusyError, match=r"somebody has been using what this has to change for 0\.5 s"):
            push(store, 300)
        assert reader.execute("SELECT min(households) FROM current.access").fetchone() == (100,)
    assert [entry.id for entry in store.entries()] == [first]
    push(store, 300)


def test_an_open_release_stays_as_it_is_while_others_are_published(store):
    first = push(store)
    with store.open() as release:
        push(store, 300)
        assert release.manifest.id == first
        least = Features(sort=(SortKey("households"),))
        assert release.page("villages", least, 1).features["households"].to_pylist() == [100]
        with store.open() as newer:
            assert newer.page("villages", least, 1).features["households"].to_pylist() == [300]


def test_prune_takes_neither_the_current_release_nor_one_in_use(store, database, connection):
    first, second, third, fourth, fifth = (push(store, households) for households in range(100, 600, 100))
    store.use(first)
    connection.execute(f"CREATE VIEW public.mine AS SELECT * FROM release_{fourth}.villages")
    with (
        store_at(database) as other,
        other.open(second),
        other.open(second) as twice,
        psycopg.connect(database) as reader,
    ):
        reader.execute(f"SELECT count(*) FROM release_{third}.adm1")
        twice.close()
        assert store.prune(1) == []
    assert store.prune(1) == [third, second]
    assert values(connection, "SELECT count(*) FROM public.mine") == [(40,)]
    assert [entry.id for entry in store.entries()] == [fifth, fourth, first]
    schemas = values(connection, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'release%%'")
    assert {name for (name,) in schemas} == {f"release_{one}" for one in (first, fourth, fifth)}
    assert store.prune(0) == [fifth]
    with pytest.raises(InputError, match="-1 releases cannot be kept"):
        store.prune(-1)


def test_prune_leaves_a_release_into_which_somebody_put_something(store, connection):
    first, second, third, _ = (push(store, households) for households in range(100, 500, 100))
    connection.execute(f"CREATE VIEW release_{first}.mine AS SELECT 1 AS one")
    connection.execute(f"CREATE FUNCTION release_{second}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert store.prune(1) == [third]
    assert {first, second} < {entry.id for entry in store.entries()}
    assert [fault.where for fault in store.verify(first)] == ["mine"]
    assert store.verify(second) == []
