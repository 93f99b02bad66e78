"""The store in PostGIS: what a push makes, and what others read it with."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
import shapely
import sqlalchemy

from geo_service.errors import (
    NotFoundError,
    StoreError,
)
from geo_service.release.folder_store import FolderStore
from geo_service.release.frames import frame_part
from geo_service.release.stores import copy_release, open_store
from geo_service.settings import ReleaseSettings
from tests import store_fixtures
from tests.postgis_releases import made, push, released, values, without
from tests.releases import small_contents, small_villages, titled

pytestmark = [pytest.mark.postgis, pytest.mark.xdist_group("stores in postgis")]
server, database = store_fixtures.server, store_fixtures.database
store, connection = store_fixtures.pushed, store_fixtures.connection


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
