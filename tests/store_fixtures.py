"""Fixtures for tests of stores: each store with two releases, a database of one's own."""

from __future__ import annotations

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import skip_or_fail
from tests.postgis_server import postgis_binaries, shared_server
from tests.releases import small_contents
from tests.stores import folder_store, odd_contents, postgis_store

__all__ = [
    "IN_POSTGIS",
    "MAKERS",
    "ODD",
    "SMALL",
    "connection",
    "database",
    "folder",
    "found",
    "odd",
    "postgis",
    "pushed",
    "server",
    "small",
    "store",
]

SMALL, ODD = small_contents(), odd_contents()
IN_POSTGIS = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
MAKERS = [
    pytest.param(folder_store, id="folder"),
    pytest.param(postgis_store, id="postgis", marks=IN_POSTGIS),
]


@cache
def opened(make):
    """A store and both of its releases, made once for all tests of this process: in any order they only ask."""
    stack = ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    store = stack.enter_context(make(Path(folder), SMALL, ODD))
    # After `shared_server` is made, so that the server goes last.
    atexit.register(stack.close)
    last, first = store.entries()
    assert last.is_current
    small, odd = (stack.enter_context(store.open(one.id)) for one in (first, last))
    return {"store": store, "small": small, "odd": odd}


@pytest.fixture
def folder():
    return opened(folder_store)


@pytest.fixture
def postgis():
    return opened(postgis_store)


@pytest.fixture(params=["folder", pytest.param("postgis", marks=IN_POSTGIS)])
def found(request):
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


@pytest.fixture
def server():
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    return shared_server()


@pytest.fixture
def database(server):
    """The URL of an empty database."""
    from tests.postgis_releases import fresh_database  # noqa: PLC0415 - an optional extra

    with fresh_database(server) as url:
        yield url


@pytest.fixture
def pushed(database):
    """A store in an empty database, for releases to be pushed to."""
    from tests.postgis_releases import store_at  # noqa: PLC0415 - an optional extra

    with store_at(database) as store:
        yield store


@pytest.fixture
def connection(database):
    """A connection of the superuser to the database."""
    import psycopg  # noqa: PLC0415 - an optional extra

    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
