"""The store in PostGIS: who may do what."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from geo_service.errors import (
    StoreError,
)
from geo_service.query.questions import Features
from tests import store_fixtures
from tests.postgis_releases import as_user, push, store_at, values
from tests.postgis_server import postgis_binaries

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
server, database = store_fixtures.server, store_fixtures.database
store, connection = store_fixtures.pushed, store_fixtures.connection


@pytest.fixture
def analyst_role(connection, database):
    """The name of a user with the role of readers."""
    role = f"analyst_{database.partition('store_')[2].partition('?')[0]}"
    connection.execute("SELECT set_config('client_min_messages', 'error', false)")
    connection.execute(
        "DO $$ BEGIN CREATE ROLE geo_service_reader NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    connection.execute(f"CREATE ROLE {role} LOGIN; GRANT geo_service_reader TO {role}")
    yield role
    connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.fixture
def analyst(analyst_role, store, database):
    """The database as a user with the role of readers, with a release in it."""
    push(store)
    return as_user(database, analyst_role)


def test_a_reader_reads_the_views_and_every_release(analyst, store):
    first = store.current()
    second = push(store, 300)
    with psycopg.connect(analyst) as reader:
        assert values(reader, "SELECT min(households) FROM current.villages") == [(300,)]
        assert values(reader, f"SELECT min(households) FROM release_{first}.villages") == [(100,)]
    with store_at(analyst) as readers:
        assert [entry.id for entry in readers.entries()] == [second, first]
        assert readers.verify(first) == readers.verify(second) == []
        with readers.open(first) as release:
            assert release.count("villages", Features()) == 40


def test_a_reader_writes_nothing(analyst, store):
    schema = f"release_{store.current()}"
    tables = {
        "current.villages": "id",
        f"{schema}.villages": "id",
        "geo_service.releases": "id",
        "geo_service.current_release": "id",
    }
    refused = [
        statement
        for table, column in tables.items()
        for statement in (
            f"INSERT INTO {table} ({column}) VALUES ('x')",
            f"UPDATE {table} SET {column} = 'x'",
            f"DELETE FROM {table}",
            f"DROP {'VIEW' if table.startswith('current') else 'TABLE'} {table}",
            f"ALTER TABLE {table} RENAME TO other",
        )
    ]
    refused += [f"TRUNCATE {schema}.villages", f"CREATE INDEX ON {schema}.villages (households)"]
    refused += [
        f"CREATE TABLE {where}.mine (a int)" for where in ("current", schema, "geo_service", "public")
    ]
    refused += [f"DROP SCHEMA {where} CASCADE" for where in ("current", schema, "geo_service")]
    refused += ["CREATE SCHEMA mine", "CREATE ROLE mine"]
    with psycopg.connect(analyst, autocommit=True) as reader:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)
    with store_at(analyst) as readers:
        for ask in (lambda: push(readers, 300), lambda: readers.use("current"), lambda: push(readers)):
            with pytest.raises(
                StoreError, match=r"^analyst_\d+ may not publish here, .* publish as postgres$"
            ):
                ask()
    push(store, 300)
    with store_at(analyst) as readers, pytest.raises(StoreError, match="may not publish here"):
        readers.prune(0)
    assert len(store.entries()) == 2


def test_a_publisher_needs_to_be_no_administrator(database, connection):
    name = database.partition("/store_")[2].partition("?")[0]
    role, readers = f"publisher_{name}", f"readers_{name}"
    connection.execute(f"CREATE ROLE {role} LOGIN")
    with store_at(as_user(database, role), reader=readers) as store:
        with pytest.raises(
            StoreError,
            match=f"{role} may not make schemas .* GRANT CREATE ON DATABASE store_{name} TO {role}$",
        ):
            push(store)
        connection.execute(f"GRANT CREATE ON DATABASE store_{name} TO {role}")
        with pytest.raises(StoreError, match=f"has to run once: CREATE ROLE {readers} NOLOGIN"):
            push(store)
        connection.execute(f"CREATE ROLE {readers} NOLOGIN")
        release = push(store)
        push(store, 300)
        assert store.prune(1) == [release]
        assert store.verify() == []
    connection.execute(f"DROP OWNED BY {role}, {readers}; DROP ROLE {role}, {readers}")


@pytest.fixture
def publishers(connection, database):
    """Two users who may make schemas."""
    name = database.partition("/store_")[2].partition("?")[0]
    roles = [f"{one}_{name}" for one in ("first", "second")]
    for role in roles:
        connection.execute(f"CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE store_{name} TO {role}")
    yield roles
    connection.execute(f"DROP OWNED BY {', '.join(roles)}; DROP ROLE {', '.join(roles)}")


def test_whoever_publishes_readers_can_read(publishers, analyst_role, store, connection, database):
    first, second = publishers
    with store_at(as_user(database, first)) as firsts, store_at(as_user(database, second)) as seconds:
        push(firsts)
        connection.execute(f"GRANT geo_service_reader TO {second}")
        said = (
            f"^{second} may not publish here, the releases .* those of {first}; .*GRANT {first} TO {second}$"
        )
        for ask in (lambda: push(seconds, 300), lambda: seconds.use("current"), lambda: seconds.prune(0)):
            with pytest.raises(StoreError, match=said):
                ask()
        connection.execute(f"GRANT {first} TO {second}")
        # An administrator, the second publisher, the first one again.
        for number, publisher in enumerate((store, seconds, firsts)):
            push(publisher, 400 + number)
            with psycopg.connect(as_user(database, analyst_role)) as reader:
                assert values(reader, "SELECT min(households) FROM current.villages") == [(400 + number,)]
            assert publisher.verify() == []
        assert len(firsts.prune(1)) == 3


def test_who_may_not_even_read_is_told_which_role_may(publishers, store, database):
    push(store)
    with (
        store_at(as_user(database, publishers[0])) as stranger,
        pytest.raises(
            StoreError,
            match=r"lacks a right: permission denied .* to readers with: GRANT geo_service_reader TO",
        ),
    ):
        stranger.entries()


def test_psql_reads_the_views(analyst):
    psql = postgis_binaries() / "psql"
    asked = "SELECT village_name, ST_AsText(geometry) FROM current.villages WHERE id = 'KZ-0001'"
    said = subprocess.run([psql, "-XAtc", asked, analyst], capture_output=True, text=True, check=True)
    assert said.stdout == "Қызылжар 0|POINT(66.7 48)\n"
