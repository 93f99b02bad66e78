"""The store in PostGIS: what is made, who may do what, and what is said when something is wrong."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import replace

import geopandas as gpd
import psycopg
import pyogrio
import pytest
import shapely
import sqlalchemy

from geo_service.errors import (
    BusyError,
    DamagedReleaseError,
    GeoServiceError,
    InputError,
    NotFoundError,
    StoreError,
)
from geo_service.query.questions import Features, SortKey
from geo_service.release.folder_store import FolderStore
from geo_service.release.frames import frame_part
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import PostgisSettings, ReleaseSettings
from tests.conftest import skip_or_fail
from tests.postgis_releases import as_user, fresh_database, made, push, released, store_at
from tests.postgis_server import postgis_binaries, temporary_server
from tests.releases import small_contents, small_villages, titled

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("postgis store")]


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


@pytest.fixture
def store(database):
    with store_at(database) as store:
        yield store


@pytest.fixture
def connection(database):
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def values(connection, query, *given):
    return connection.execute(query, given).fetchall()


def without(contents, name):
    return replace(contents, parts=tuple(part for part in contents.parts if part.name != name))


# What a push makes


def test_a_database_to_which_nothing_was_published_has_no_release(store):
    assert store.entries() == []
    assert store.current() is None
    assert store.prune(0) == []
    with pytest.raises(NotFoundError, match="no release counts in postgresql://postgres@/store_"):
        store.open()
    with pytest.raises(NotFoundError, match="there is no release 'abcdef'"):
        store.verify("abcdef")


def test_a_release_that_was_pushed_is_whole_and_counts(store):
    said = []
    manifest, rows = made()
    assert store.receive(manifest, rows, said.append) == manifest
    (entry,) = store.entries()
    assert (entry.id, entry.is_current, entry.manifest) == (manifest.id, True, manifest)
    assert entry.since.utcoffset().total_seconds() == 0
    assert store.current() == store.find(None) == store.find("current") == manifest.id
    assert store.find(manifest.id[:6].upper()) == manifest.id
    assert store.verify(manifest.id, said.append) == []
    assert {"villages: copying 40 rows", "committing", "published", "villages: reading 40 rows"} <= set(said)


def test_the_manifest_is_kept_as_its_exact_text(store, connection):
    release = push(store)
    ((text, schema),) = values(connection, "SELECT manifest, schema_name FROM geo_service.releases")
    assert text == made()[0].to_json()
    assert schema == f"release_{release}"


def test_tables_have_keys_indexes_comments_and_the_one_type_of_their_geometries(store, connection):
    schema = f"release_{push(store)}"
    definitions = values(
        connection, "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = %s", schema
    )
    indexes = {(table, text.partition(" USING ")[2]) for table, text in definitions}
    assert {
        ("villages", "btree (fid)"),
        ("villages", "btree (id)"),
        ("villages", "gist (geometry)"),
        ("villages", "btree (adm1_pcode)"),
        ("villages", "btree (interviewed_on)"),
        ("access", "btree (service)"),
        ("access", "btree (band)"),
        ("adm1", "btree (pcode)"),
    } <= indexes
    types = values(
        connection,
        "SELECT f_table_schema, f_table_name, type, srid FROM geometry_columns WHERE f_table_schema IN (%s, 'current')",
        schema,
    )
    for where in (schema, "current"):
        assert {
            (where, "villages", "POINT", 4326),
            (where, "access", "POINT", 4326),
            (where, "adm1", "GEOMETRY", 4326),
        } <= set(types)
    nulls = dict(
        values(
            connection,
            "SELECT column_name, is_nullable FROM information_schema.columns WHERE table_schema = %s AND table_name = 'villages'",
            schema,
        )
    )
    assert (nulls["fid"], nulls["id"], nulls["village_name"]) == ("NO", "NO", "YES")
    ((comment, collation),) = values(
        connection,
        """
        SELECT obj_description(c.oid), l.collname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relname = 'villages' AND c.relkind = 'r' AND a.attname = 'village_name'
        """,
    )
    assert comment == "Villages (en) / Villages (ru) / Villages (kk)"
    assert collation == "C"


def test_views_show_the_release_that_counts_and_lose_what_it_lacks(store, connection):
    first = push(store)
    second = store.receive(*released(without(small_contents(households=300), "mobility"))).id
    views = "SELECT viewname FROM pg_views WHERE schemaname = 'current' ORDER BY 1"
    households = "SELECT min(households) FROM current.villages"
    assert values(connection, views) == [("access",), ("adm1",), ("coverage_by_region",), ("villages",)]
    assert values(connection, households) == [(300,)]
    store.use(first)
    assert ("mobility",) in values(connection, views)
    assert values(connection, households) == [(100,)]
    assert [(entry.id, entry.is_current) for entry in store.entries()] == [(second, False), (first, True)]
    assert store.verify(first) == store.verify(second) == []


def test_what_people_built_on_a_view_stays_while_its_columns_stay(store, connection):
    push(store)
    connection.execute("CREATE VIEW public.mine AS SELECT id, households FROM current.villages")
    push(store, 300)
    assert values(connection, "SELECT min(households) FROM public.mine") == [(300,)]
    with pytest.raises(StoreError, match=r"somebody built on it: view mine depends on .*drop that first"):
        store.receive(*released(without(small_contents(households=400), "villages")))
    assert values(connection, "SELECT min(households) FROM public.mine") == [(300,)]
    assert len(store.entries()) == 2


def test_a_view_whose_columns_change_is_made_again(store, connection):
    push(store)
    contents = small_contents(households=200)
    polygons = small_villages()
    west, south = polygons.geometry.x, polygons.geometry.y
    polygons.geometry = shapely.box(west, south, west + 0.1, south + 0.1)
    part = frame_part(
        "villages", polygons.drop(columns="synthetic"), kind="layer", title=titled("V"), key=["village_id"]
    )
    store.receive(*released(replace(contents, parts=(part, *contents.parts[1:]))))
    kinds = "SELECT type FROM geometry_columns WHERE f_table_schema = 'current' AND f_table_name = 'villages'"
    assert values(connection, kinds) == [("POLYGON",)]
    assert store.verify() == []


def test_every_kind_of_geometry_and_extreme_numbers_come_back_as_the_same_bytes(store, tmp_path):
    kinds = [
        "POINT EMPTY",
        "LINESTRING (66 48, 67 49)",
        "POLYGON EMPTY",
        "MULTIPOINT (66 48, 67 49)",
        "MULTILINESTRING ((66 48, 67 49))",
        "MULTIPOLYGON (((66 48, 67 48, 67 49, 66 48)))",
        "GEOMETRYCOLLECTION (POINT (66 48), LINESTRING (66 48, 67 49))",
        "POINT (-180 90)",
    ]
    numbers = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, None, 1e-7, -1.5]
    integers = [2**63 - 1, -(2**63), 0, 1, 2**53 + 1, 5, 6, 7]
    frame = gpd.GeoDataFrame(
        {
            "key": list("abcdefgh"),
            "number": numbers,
            "integer": integers,
            "text": ["", " ", "\t\n", "\\N", "Ә", "😀", "'", '"'],
        },
        geometry=[shapely.from_wkt(kind) for kind in kinds],
        crs="EPSG:4326",
    )
    part = frame_part("odd", frame, kind="layer", title=titled("Odd"), key=["key"])
    manifest, rows = released(replace(small_contents(), parts=(part,)))
    store.receive(manifest, rows)
    assert store.verify() == []
    folder = FolderStore(ReleaseSettings(directory=tmp_path))
    assert copy_release(store, folder) == manifest.id
    assert folder.verify(manifest.id) == []


def test_a_release_goes_to_postgis_and_back_with_not_a_byte_changed(store, tmp_path):
    here = FolderStore(ReleaseSettings(directory=tmp_path / "here"))
    there = open_store(tmp_path / "there")
    published = here.publish(small_contents())
    assert copy_release(here, store) == published.id
    assert copy_release(store, there, published.id[:8]) == published.id
    files = sorted(
        path.relative_to(tmp_path / "here") for path in (tmp_path / "here" / published.id).rglob("*.*")
    )
    assert len(files) >= len(published.collections) + 1
    for file in files:
        assert (tmp_path / "there" / file).read_bytes() == (tmp_path / "here" / file).read_bytes()


def test_a_release_that_is_there_already_only_becomes_the_one_that_counts(store):
    first = push(store)
    push(store, 300)

    def never(name):
        raise AssertionError(name)

    manifest = made()[0]
    again = store.receive(manifest.model_copy(update={"parent": "f" * 32}), never)
    assert (again, store.current()) == (manifest, first)
    assert [entry.id for entry in store.entries()][1] == first


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM {}.villages WHERE fid = 3",
        "DROP TABLE {}.mobility CASCADE",
        "UPDATE geo_service.releases SET manifest = ''",
    ],
)
@pytest.mark.parametrize("counts", [True, False])
def test_a_release_that_is_damaged_is_mended_by_pushing_it_again(store, connection, harm, counts):
    release = push(store)
    if not counts:
        push(store, 300)
    connection.execute(harm.format(f"release_{release}"))
    assert store.verify(release) != []
    assert push(store) == release == store.current()
    assert store.verify(release) == []


def test_a_damaged_release_that_is_open_is_not_loaded_again(store, connection):
    release = push(store)
    connection.execute(f"DELETE FROM release_{release}.villages WHERE fid = 3")
    with store.open(release), pytest.raises(BusyError, match="is damaged and in use"):
        push(store)
    assert store.current() == release
    assert [fault.what for fault in store.verify()] == ["has 39 rows instead of 40"]


# What is wrong is found and said


@pytest.mark.parametrize(
    ("harm", "where", "what"),
    [
        ("UPDATE {}.villages SET households = 7 WHERE fid = 3", "villages", "its rows have the SHA-256"),
        ("UPDATE {}.adm1 SET name_ru = 'x' WHERE fid = 1", "adm1", "its rows have the SHA-256"),
        (
            "UPDATE {}.access SET geometry = ST_Translate(geometry, 1e-9, 0) WHERE fid = 2",
            "access",
            "SHA-256",
        ),
        ("INSERT INTO {}.mobility (fid, id) VALUES (99, 'x')", "mobility", "has 41 rows instead of 40"),
        ("DROP VIEW current.mobility; DROP TABLE {}.mobility", "mobility", "mobility is missing"),
        ("CREATE TABLE {}.extra (fid bigint)", "extra", "extra is not of this release"),
        ("ALTER TABLE {}.mobility RENAME individuals TO people", "mobility", "individuals"),
        ("DROP VIEW current.adm1", "current.adm1", "this view does not show"),
        ("CREATE OR REPLACE VIEW current.mobility AS SELECT * FROM {}.mobility LIMIT 1", None, None),
        (
            "UPDATE geo_service.releases SET manifest = replace(manifest, '40', '41')",
            "manifest",
            "its content",
        ),
        ("UPDATE geo_service.releases SET manifest = ''", "manifest", "is not the manifest of a release"),
    ],
)
def test_verify_finds_what_was_changed(store, connection, harm, where, what):
    release = push(store)
    connection.execute(harm.format(f"release_{release}"))
    faults = store.verify(release)
    if where is None:
        assert faults == []
        return
    assert any(fault.where == where and what in fault.what for fault in faults), faults


def test_a_manifest_that_cannot_be_read_is_listed_with_its_damage(store, connection):
    release = push(store)
    connection.execute("UPDATE geo_service.releases SET manifest = '{}'")
    (entry,) = store.entries()
    assert entry.manifest is None
    assert "is not the manifest of a release" in entry.damage
    for ask in (store.open, store.use):
        with pytest.raises(DamagedReleaseError, match=release[:12]):
            ask(release)


def test_rows_that_are_not_those_of_the_manifest_are_refused(store):
    push(store)
    manifest, rows = made(300)
    with pytest.raises(
        DamagedReleaseError, match="villages: the rows that came are not those of the manifest"
    ):
        store.receive(manifest, made(400)[1])
    with pytest.raises(DamagedReleaseError, match="villages: 0 rows came, and the manifest says 40"):
        store.receive(manifest, lambda _: iter(()))
    with pytest.raises(DamagedReleaseError, match="villages: the rows that came have other columns"):
        store.receive(manifest, lambda _: rows("adm1"))
    assert len(store.entries()) == 1
    assert store.verify() == []


def test_a_source_that_fails_in_the_middle_leaves_nothing(store):
    release = push(store)
    manifest, rows = made(300)

    def failing(name):
        if name == "access":
            raise StoreError("the source went away")
        return rows(name)

    with pytest.raises(StoreError, match="the source went away"):
        store.receive(manifest, failing)
    assert [entry.id for entry in store.entries()] == [release]
    push(store, 300)


# One publisher, many readers


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
    for ask in (store.current, lambda: release.count("villages", Features())):
        with pytest.raises(StoreError, match="was closed; open the store again"):
            ask()
    release.close()


# Who may do what


@pytest.fixture
def analyst(store, connection, database):
    """A user with the role of readers."""
    push(store)
    role = f"analyst_{database.partition('store_')[2].partition('?')[0]}"
    connection.execute(f"CREATE ROLE {role} LOGIN; GRANT geo_service_reader TO {role}")
    yield as_user(database, role)
    connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


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
                StoreError, match=r"this user lacks a right: .* an administrator has to grant it"
            ):
                ask()
    push(store, 300)
    with store_at(analyst) as readers, pytest.raises(StoreError, match="this user lacks a right"):
        readers.prune(0)
    assert len(store.entries()) == 2


def test_a_publisher_needs_to_be_no_administrator(database, connection):
    name = database.partition("/store_")[2].partition("?")[0]
    role, readers = f"publisher_{name}", f"readers_{name}"
    connection.execute(f"CREATE ROLE {role} LOGIN")
    with store_at(as_user(database, role), reader=readers) as store:
        with pytest.raises(StoreError, match=f"has to run once: CREATE ROLE {readers} NOLOGIN"):
            push(store)
        connection.execute(f"CREATE ROLE {readers} NOLOGIN")
        with pytest.raises(StoreError, match="this user lacks a right: permission denied for database"):
            push(store)
        connection.execute(f"GRANT CREATE ON DATABASE store_{name} TO {role}")
        release = push(store)
        push(store, 300)
        assert store.prune(1) == [release]
        assert store.verify() == []
    connection.execute(f"DROP OWNED BY {role}, {readers}; DROP ROLE {role}, {readers}")


# What is said when a server cannot be used


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


# Streams, and connections that break


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
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'geo-service'",
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


# What others read it with


def test_geopandas_reads_the_views(store, database):
    push(store)
    engine = sqlalchemy.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        frame = gpd.read_postgis(
            sqlalchemy.text("SELECT * FROM current.villages ORDER BY fid"), connection, geom_col="geometry"
        )
    engine.dispose()
    assert frame.crs.to_epsg() == 4326
    wanted = released(small_contents())[1]("villages")
    ids = [one for batch in wanted for one in batch["id"].to_pylist()]
    assert frame["id"].tolist() == ids
    assert frame.geometry.isna().sum() == 5


def test_gdal_reads_the_views(store, database):
    if "PostgreSQL" not in pyogrio.list_drivers():
        pytest.skip("this GDAL was built without its PostgreSQL driver")
    push(store)
    read = gpd.read_file(f"PG:{database}", layer="current.villages")
    assert len(read) == 40
    assert read.crs.to_epsg() == 4326


def test_psql_reads_the_views(analyst):
    psql = postgis_binaries() / "psql"
    asked = "SELECT village_name, ST_AsText(geometry) FROM current.villages WHERE id = 'KZ-0001'"
    said = subprocess.run([psql, "-XAtc", asked, analyst], capture_output=True, text=True, check=True)
    assert said.stdout == "Қызылжар 0|POINT(66.7 48)\n"


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_POSTGIS_READER", "people")
    assert PostgisSettings().reader == "people"
