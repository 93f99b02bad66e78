"""Releases for tests of PostGIS: made without a folder, and fresh databases to push them to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg

from geo_service.release.manifest import Manifest
from geo_service.release.postgis_store import PostgisStore
from geo_service.release.writer import write_part
from geo_service.settings import PostgisSettings
from tests.releases import small_contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.release.parts import Contents
    from tests.postgis_server import TemporaryServer

__all__ = ["as_user", "fresh_database", "made", "push", "released", "store_at", "values", "without"]

_NUMBERS = count(1)


def released(contents: Contents):
    """The manifest of contents, and their rows as `receive` asks for them."""
    manifest = Manifest(
        id="0" * 32,
        round=contents.round,
        inputs=contents.inputs,
        parameters=contents.parameters,
        versions=contents.versions,
        licences=contents.licences,
        notes=contents.notes,
        collections=tuple(write_part(part) for part in contents.parts),
    ).identified()
    parts = {part.name: part for part in contents.parts}
    return manifest, lambda name: parts[name].rows()


@cache
def made(households: int = 100, villages: int = 40):
    """A small release; another number of households makes another one."""
    return released(small_contents(villages, households))


def push(store: PostgisStore, households: int = 100, progress=None) -> str:
    """Push a small release; returns its id."""
    return store.receive(*made(households), progress).id


def store_at(url: str, **settings) -> PostgisStore:
    """A store that does not wait for long."""
    quick = {"connect_timeout_s": 3, "lock_timeout_s": 0.5, "pool_max": 4}
    return PostgisStore(url, PostgisSettings(**(quick | settings)))


def as_user(url: str, user: str) -> str:
    """The same database as another user."""
    return url.replace("//postgres@", f"//{user}@")


@contextmanager
def fresh_database(server: TemporaryServer) -> Iterator[str]:
    """The URL of an empty database with PostGIS, dropped afterwards."""
    name = f"store_{next(_NUMBERS)}"
    beside = _database(server.url, "template1")
    with psycopg.connect(beside, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
    yield _database(server.url, name)
    with psycopg.connect(beside, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def values(connection: psycopg.Connection, query: str, *given):
    """All rows of an answer."""
    return connection.execute(query, given).fetchall()


def without(contents: Contents, name: str) -> Contents:
    """Contents without one part."""
    return replace(contents, parts=tuple(part for part in contents.parts if part.name != name))
