"""The store in PostGIS: servers that cannot be used, closed stores, connections that break or are all in use."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from geo_service.errors import (
    GeoServiceError,
    StoreError,
)
from geo_service.query.questions import Features, SortKey
from geo_service.release.stores import open_store
from geo_service.settings import PostgisSettings
from tests import store_fixtures
from tests.postgis_releases import push, store_at, values
from tests.waiting import wait_until

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
server, database = store_fixtures.server, store_fixtures.database
store, connection = store_fixtures.pushed, store_fixtures.connection


def test_a_password_is_never_said(server, connection):
    hba = server.folder / "data/pg_hba.conf"
    before = hba.read_text()
    connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    hba.write_text(f"local all guarded scram-sha-256\n{before}")
    connection.execute("SELECT pg_reload_conf()")
    secret = "Зеленый-secret"
    url = server.url.replace("postgres@", f"guarded:{secret}@")
    try:
        store = store_at(url)
        said = [store.name, repr(store), repr(store._server), str(vars(store))]
        for ask in (store.entries, store.open, lambda: push(store)):
            with pytest.raises(
                StoreError, match=r"cannot be reached: .*password authentication failed"
            ) as raised:
                ask()
            said.append(str(raised.value))
            assert raised.value.__suppress_context__
        assert not any("secret" in text for text in said)
        assert store.name.startswith("postgresql://guarded@")
        store.close()
    finally:
        hba.write_text(before)
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP ROLE guarded")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret/more@host/database",
        "postgresql://user:sec@secret@host/database",
        "postgresql://user:secret@host/database?nonsense=secret",
        "postgresql://[secret",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(url):
    with pytest.raises(
        StoreError, match="the URL of the store cannot be read; write postgresql://"
    ) as raised:
        open_store(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://a:b@host:5433/db", "postgresql://a@host:5433/db"),
        ("postgres://host", "postgresql://host/"),
        ("POSTGRESQL://a:b%40c@host/db?password=d&sslmode=require", "postgresql://a@host/db"),
        ("postgresql://a:b#c@host/db", "postgresql://a@host/db"),
    ],
)
def test_a_store_is_named_by_its_url_without_what_is_secret(url, name):
    assert open_store(url).name == name


def test_a_server_that_is_away_is_said_to_be(tmp_path):
    with store_at(f"postgresql://somebody@/db?host={tmp_path}") as store:
        for ask in (store.entries, store.current, store.open, lambda: push(store), lambda: store.prune(1)):
            with pytest.raises(StoreError, match=r"^postgresql://somebody@/db\?host=\S+ cannot be reached: "):
                ask()


def test_a_database_that_is_not_fit_says_what_an_administrator_has_to_do(server, connection):
    for options, said in (
        ("", "has no PostGIS; an administrator has to run there: CREATE EXTENSION postgis"),
        ("ENCODING 'SQL_ASCII'", "keeps text as SQL_ASCII; make the database with"),
    ):
        connection.execute(f"CREATE DATABASE unfit TEMPLATE template0 {options}")
        with store_at(server.url.replace("@/postgres", "@/unfit")) as store:
            with pytest.raises(StoreError, match=said):
                store.entries()
            with pytest.raises(StoreError, match=said):
                push(store)
        connection.execute("DROP DATABASE unfit")


def test_a_table_of_somebody_where_a_view_should_be_is_left_alone(store, connection):
    connection.execute("CREATE SCHEMA current; CREATE TABLE current.adm1 (a int)")
    with pytest.raises(StoreError, match=r"current\.adm1 is a table of somebody's, not a view"):
        push(store)
    assert store.entries() == []


def test_a_question_that_takes_too_long_is_ended(database):
    with store_at(database, statement_timeout_s=0.2) as store:
        with (
            pytest.raises(StoreError, match="canceling statement due to statement timeout; ask for less"),
            store._server.reading() as connection,
        ):
            connection.execute("SELECT pg_sleep(5)")
        assert push(store) == store.current()


def test_more_questions_than_connections_wait_and_are_then_told(database):
    with store_at(database, pool_min=0, pool_max=1, connect_timeout_s=0.3) as store:
        push(store)
        with (
            store.open() as release,
            release.batches("villages", Features(), 10),
            pytest.raises(StoreError, match=r"all 1 connections have been in use for 0\.3 s"),
        ):
            release.count("villages", Features())
        with store.open() as release:
            assert release.count("villages", Features()) == 40


def test_a_stream_has_batches_of_at_most_so_many_rows_and_can_be_left_early(store):
    push(store)
    with store.open() as release:
        with release.batches("access", Features(sort=(SortKey("distance_m"),)), 32) as batches:
            assert [batch.num_rows for batch in batches] == [32, 32, 16]
        with release.batches("access", Features(), 7) as batches:
            assert batches.read_next_batch()["fid"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]
        with pytest.raises(StoreError, match="closed"):
            batches.read_next_batch()
        assert release.count("access", Features()) == 80


def test_a_connection_that_is_lost_in_a_stream_is_said_and_the_next_question_is_answered(store, connection):
    release_id = push(store)
    with store.open() as release:
        with (  # noqa: PT012
            pytest.raises(StoreError, match="the server failed or the connection was lost"),
            release.batches("access", Features(), 7) as batches,
        ):
            batches.read_next_batch()
            values(
                connection,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'geo-service' AND datname = current_database()",
            )
            batches.read_all()
        assert release.count("access", Features()) == 80
        # What holds the release was lost as well, and comes back with the next that is opened.
        push(store, 300)
        with store.open():
            assert store.prune(1) == []
    assert store.prune(1) == [release_id]


def test_many_threads_ask_one_release(store):
    push(store)
    answers, failures = [], []
    with store.open() as release:

        def ask():
            try:
                answers.extend(release.count("access", Features()) for _ in range(5))
                with release.batches("access", Features(), 9) as batches:
                    answers.append(batches.read_all().num_rows)
            except GeoServiceError as error:
                failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert answers == [80] * 48


def test_a_release_that_was_closed_answers_no_more(store):
    push(store)
    release = store.open()
    release.close()
    release.close()
    with pytest.raises(StoreError, match="was closed; open it again"):
        release.count("villages", Features())


def test_a_store_that_was_closed_answers_no_more(database):
    store = store_at(database)
    push(store)
    release = store.open()
    store.close()
    for ask in (
        store.current,
        store.open,
        lambda: push(store),
        lambda: release.count("villages", Features()),
    ):
        with pytest.raises(StoreError, match="was closed; open the store again"):
            ask()
    release.close()


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_POSTGIS_READER", "people")
    assert PostgisSettings().reader == "people"


def test_the_next_question_after_all_connections_were_lost_is_answered_and_nothing_is_printed(database):
    text = (
        "import sys, psycopg\n"
        "from tests.postgis_releases import store_at\n"
        "ended = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()'\n"
        "with store_at(sys.argv[1], pool_min=4) as store, psycopg.connect(sys.argv[1], autocommit=True) as other:\n"
        "    assert store.entries() == []\n"
        "    other.execute(ended, ['geo-service'])\n"
        "    assert store.current() is None\n"
    )
    run = subprocess.run([sys.executable, "-c", text, database], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_stores_and_releases_that_are_opened_and_closed_leave_nothing_open(database, connection):
    asked = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'geo-service' AND datname = current_database()),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (
            SELECT oid FROM pg_database WHERE datname = current_database()))
    """
    with store_at(database) as store:
        push(store)
        for _ in range(50):
            with store.open() as release, release.batches("access", Features(), 7) as batches:
                batches.read_next_batch()
        ((connections, locks),) = values(connection, asked)
        assert connections <= 3
        assert locks == 0
    for _ in range(5):
        with store_at(database) as store, store.open() as release:
            assert release.count("adm1", Features()) == 3
    wait_until(lambda: values(connection, asked) == [(0, 0)])
