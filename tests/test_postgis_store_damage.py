"""The store in PostGIS: what is wrong is found, said and mended."""

from __future__ import annotations

import pytest

from geo_service.errors import (
    BusyError,
    DamagedReleaseError,
    StoreError,
)
from tests import store_fixtures
from tests.postgis_releases import made, push

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
server, database = store_fixtures.server, store_fixtures.database
store, connection = store_fixtures.pushed, store_fixtures.connection


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM {}.villages WHERE fid = 3",
        "UPDATE {}.villages SET households = 7 WHERE fid = 3",
        "DROP INDEX {}.villages_geometry_idx",
        "CREATE TABLE {}.extra (fid bigint)",
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
        (
            "CREATE OR REPLACE VIEW current.mobility AS SELECT * FROM {}.mobility LIMIT 1",
            "current.mobility",
            "does not show",
        ),
        (
            'CREATE OR REPLACE VIEW current.mobility AS SELECT fid, id, village_id, \'x\'::text COLLATE "C" AS "group", individuals FROM {}.mobility',
            "current.mobility",
            "does not show",
        ),
        ("DROP INDEX {}.villages_geometry_idx", "villages", "the gist index on geometry is missing"),
        ("DROP INDEX {}.access_service_idx", "access", "the btree index on service is missing"),
        ("ALTER TABLE {}.adm1 DROP CONSTRAINT adm1_pkey", "adm1", "the btree index on fid is missing"),
        ("CREATE VIEW {}.extra AS SELECT 1 AS one", "extra", "extra is not of this release"),
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


def test_what_somebody_put_into_a_damaged_release_is_named_where_it_is_in_the_way(store, connection):
    release = push(store)
    connection.execute(f"CREATE VIEW public.mine AS SELECT id FROM release_{release}.adm1")
    connection.execute(f"DELETE FROM release_{release}.villages WHERE fid = 3")
    with pytest.raises(
        StoreError, match=r"somebody built on what has to go: view mine depends on .*; drop that first$"
    ):
        push(store)
    connection.execute("DROP VIEW public.mine")
    assert push(store) == release
    assert store.verify() == []


def test_views_that_only_show_the_release_before_are_mended_by_using_it_again(store, connection):
    first = push(store)
    push(store, 300)
    connection.execute(f"CREATE OR REPLACE VIEW current.adm1 AS SELECT * FROM release_{first}.adm1")
    assert [fault.where for fault in store.verify()] == ["current.adm1"]
    store.use("current")
    assert store.verify() == []
