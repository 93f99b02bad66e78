"""The server killed while it takes a release, the publisher killed while it pushes one: what counts is whole, nothing published is lost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from itertools import count

import pytest

from geo_service.errors import BusyError, StoreError
from tests.conftest import skip_or_fail
from tests.postgis_publisher import PublisherHost
from tests.postgis_releases import fresh_database, made, push, store_at
from tests.postgis_server import postgis_binaries, temporary_server

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("postgis faults")]

RANDOM_KILLS = 8
STEPS = 16
"""Of a push of the small release, from the registry to `published`; a test holds this number."""


@pytest.fixture(scope="module")
def server():
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    with temporary_server() as server:
        yield server


@pytest.fixture
def database(server):
    with fresh_database(server) as url:
        yield url


def steps_of(database):
    """What a push says of its steps."""
    said = []
    with store_at(database) as store:
        push(store, 100, said.append)
    return said


def assert_whole(store, published, maybe=None):
    """What counts is whole; every release that was published is there, and none that was not but perhaps one."""
    there = {entry.id: entry for entry in store.entries()}
    assert set(published) <= set(there) <= {*published, maybe}
    assert store.current() in {published[-1], maybe}
    assert store.verify() == []


def push_when_free(store, households):
    """The next push works as soon as the server found out that the publisher is gone."""
    until = time.monotonic() + 60
    while True:
        try:
            return push(store, households)
        except BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def test_a_push_says_each_of_its_steps(database):
    assert len(steps_of(database)) == STEPS


def test_a_server_that_is_killed_at_any_step_of_a_push_keeps_what_was_published(server, database):
    published = [made(100)[0].id]
    steps = steps_of(database)
    for number, step in enumerate(steps):
        households = 200 + number
        left = count(number, -1)

        def progress(_, left=left):
            if next(left) == 0:
                server.kill()

        done = False
        with store_at(database) as store:
            try:
                push(store, households, progress)
                done = True
            except StoreError as error:
                assert "the server failed or the connection was lost" in str(error)  # noqa: PT017
        server.start()
        # Only after the commit a push may be called done, and then it is.
        assert done == (step == "published"), step
        if done:
            published.append(made(households)[0].id)
        with store_at(database) as store:
            assert_whole(store, published)
            if not done:
                published.append(push(store, households))
                assert store.current() == published[-1]
    with store_at(database) as store:
        assert [store.verify(release) for release in published] == [[]] * len(published)


def test_a_server_that_is_killed_at_a_random_moment_of_a_push_keeps_what_was_published(server, database):
    seed = int(os.environ.get("GEO_SERVICE_TEST_SEED", random.SystemRandom().randrange(10**9)))
    chance = random.Random(seed)
    published = [made(100)[0].id]
    began = time.monotonic()
    steps_of(database)
    longest_s = 1.2 * (time.monotonic() - began)
    for number in range(RANDOM_KILLS):
        manifest, rows = made(200 + number)
        done = False
        with store_at(database) as store:
            killer = threading.Timer(chance.uniform(0, longest_s), server.kill)
            killer.start()
            try:
                # On a busy machine the session before may not have ended yet, and then nothing is begun.
                with suppress(StoreError, BusyError):
                    store.receive(manifest, rows)
                    done = True
            finally:
                killer.join()
        server.start()
        with store_at(database) as store:
            if done:
                published.append(manifest.id)
            # A commit whose answer was lost may have happened or not.
            assert_whole(store, published, manifest.id)
            if not done:
                published.append(push(store, 200 + number))
    with store_at(database) as store:
        assert [store.verify(release) for release in published] == [[]] * len(published), f"seed {seed}"


def test_a_publisher_that_is_killed_at_any_moment_of_a_push_leaves_nothing_half_made(database):
    published = [made(100)[0].id]
    steps = steps_of(database)
    chance = random.Random(7)
    kills = [{"kill_at_step": number} for number in range(len(steps))]
    kills += [{"kill_after_s": chance.uniform(0, 0.15)} for _ in range(6)]
    with PublisherHost() as host, store_at(database) as store:
        for number, kill in enumerate(kills):
            households = 200 + number
            ended = host.order(url=database, households=households, **kill)
            assert ended in {0, signal.SIGKILL}
            release = made(households)[0].id
            assert_whole(store, published, release)
            if kill.get("kill_at_step") is not None and kill["kill_at_step"] < len(steps) - 1:
                assert store.current() == published[-1]
            published.append(push_when_free(store, households))
        assert [store.verify(release) for release in published] == [[]] * len(published)
        assert sorted(store.prune(1)) == sorted(published[:-1])


def test_a_store_finds_its_server_again_after_it_was_killed(server, database):
    with store_at(database) as store:
        first = push(store)
        server.kill()
        with pytest.raises(StoreError, match=r"cannot be reached|connection was lost"):
            store.current()
        server.start()
        assert store.current() == first
        assert push(store, 300) == store.current()
