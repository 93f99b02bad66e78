"""Publishing to PostGIS: a release comes in, the pointer moves, old releases go.

All of a publish is one transaction, so that a server or a publisher that dies in the middle leaves nothing of it. Of two publishers one has the
advisory lock and the other is told. The last step takes the views of `current` in one short try after another: whoever reads them in one
transaction sees one whole release, and nobody waits for longer than a try.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import errors
from psycopg.sql import SQL, Identifier

from geo_service.errors import BusyError, DamagedReleaseError, StoreError
from geo_service.release.manifest import read_manifest
from geo_service.release.parts import Part, arrow_schema
from geo_service.release.postgis_schema import (
    act_as_owner,
    count_rows,
    create_registry,
    create_table,
    drop_views,
    finish_table,
    grant_reading,
    has_registry,
    qualified,
    release_schema,
    replace_views,
    tables_in,
)
from geo_service.release.postgis_verify import wrong_tables
from geo_service.release.writer import write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo_service.release.manifest import Collection, Manifest
    from geo_service.release.postgis_server import PostgisServer

__all__ = ["point", "publishing", "receive", "release_key", "take_away"]

FIRST_TRY_S, LONGEST_TRY_S = 0.05, 0.4
"""Always shorter than PostgreSQL waits before it looks for a deadlock, for which it may end a reader's question."""

_SETTINGS = """
SELECT set_config('synchronous_commit', 'on', true), set_config('idle_in_transaction_session_timeout', '0', true)
"""


def release_key(release: str) -> int:
    """The advisory lock of a release: shared by those who have it open, exclusive for who takes it away."""
    return _key(f"geo_service release {release}")


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


@contextmanager
def publishing(server: PostgisServer) -> Iterator[psycopg.Connection]:
    """A connection of the one publisher that there is at a time, in autocommit; each step is a transaction of its own.

    Raises:
        BusyError: Somebody else is publishing.
        StoreError: The server cannot be reached or refuses what it is asked, or this user may not publish.
    """
    key = _key("geo_service publishing")
    with server.connection(autocommit=True) as connection:
        act_as_owner(connection)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        if row is None or not row[0]:
            raise BusyError(
                f"somebody is publishing to {server.name} at this moment; try again when they are done"
            )
        yield connection


def receive(
    server: PostgisServer,
    manifest: Manifest,
    rows: Callable[[str], Iterator[pa.RecordBatch]],
    progress: Callable[[str], None],
) -> Manifest:
    """Publish a release with its manifest and id as they are; returns the manifest that is in the store then.

    A release that is there already is verified: whole, it only becomes the one that counts; damaged, it is loaded again.

    Args:
        server: Where to.
        manifest: Of the release.
        rows: The rows of a collection, by its name, in the order of `fid`.
        progress: Told each step.

    Raises:
        BusyError: Somebody else is publishing, or reads what has to be replaced.
        DamagedReleaseError: The rows are not those of the manifest; nothing was changed.
        StoreError: The server fails or refuses; nothing was changed.
    """
    with publishing(server) as connection:
        with _durable(connection):
            progress("making the registry")
            create_registry(connection, server.settings.reader)
            kept = _kept(connection, manifest, server, progress)
            if kept is None:
                _load(connection, manifest, rows, progress, server.settings.reader)
            progress("moving the pointer")
            point(connection, kept or manifest, server)
            progress("committing")
        progress("published")
    return kept or manifest


@contextmanager
def _durable(connection: psycopg.Connection) -> Iterator[None]:
    with connection.transaction():
        connection.execute(_SETTINGS)
        yield


def _kept(
    connection: psycopg.Connection,
    manifest: Manifest,
    server: PostgisServer,
    progress: Callable[[str], None],
) -> Manifest | None:
    """The manifest of the release where it is there and whole; what is there of it otherwise goes."""
    found = connection.execute(
        "SELECT manifest FROM geo_service.releases WHERE id = %s", [manifest.id]
    ).fetchone()
    if found is None:
        return None
    try:
        there = read_manifest(found[0], release_schema(manifest.id))
    except DamagedReleaseError:
        there = None
    if there is not None and there.id == manifest.id and not wrong_tables(connection, there, progress):
        return there
    drop_views(connection, manifest.id)
    connection.execute("DELETE FROM geo_service.current_release WHERE id = %s", [manifest.id])
    if not _drop(connection, manifest.id):
        raise BusyError(
            f"release {manifest.id[:12]} in {server.name} is damaged and in use, so that it cannot be loaded again; "
            "try again when nobody reads it"
        )
    return None


def _load(
    connection: psycopg.Connection,
    manifest: Manifest,
    rows: Callable[[str], Iterator[pa.RecordBatch]],
    progress: Callable[[str], None],
    reader: str,
) -> None:
    schema = release_schema(manifest.id)
    progress("making the tables")
    connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    for collection in manifest.collections:
        create_table(connection, schema, collection)
        progress(f"{collection.name}: copying {collection.rows} rows")
        written = _copy(connection, schema, collection, rows(collection.name))
        _refuse_differing(collection, written)
        count = count_rows(connection, schema, collection)
        if count != collection.rows:
            raise StoreError(f"{collection.name}: {collection.rows} rows were sent and {count} are there")
        progress(f"{collection.name}: indexing")
        finish_table(connection, schema, collection)
    progress("granting")
    grant_reading(connection, schema, reader)
    connection.execute(
        "INSERT INTO geo_service.releases (id, manifest, schema_name) VALUES (%s, %s, %s)",
        [manifest.id, manifest.to_json(), schema],
    )


def _copy(
    connection: psycopg.Connection, schema: str, collection: Collection, batches: Iterator[pa.RecordBatch]
) -> Collection:
    """Fill a table; returns what its file would be, which is written to nowhere on the way."""
    wanted = arrow_schema(collection.fields)
    plain = pa.schema([field.remove_metadata() for field in wanted])
    encoder = ArrowToPostgresBinaryEncoder(plain)
    # Frozen: all visible from the start, and never to be rewritten by a vacuum.
    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY, FREEZE)").format(
        qualified(schema, collection.name), SQL(", ").join(Identifier(one.name) for one in collection.fields)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())

        def copied() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                if not batch.schema.equals(wanted, check_metadata=False):
                    raise DamagedReleaseError(
                        f"{collection.name}: the rows that came have other columns than the manifest says"
                    )
                copy.write(encoder.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=plain)))
                yield batch

        written = write_part(Part.of(collection, copied))
        copy.write(encoder.finish())
    return written


def _refuse_differing(collection: Collection, written: Collection) -> None:
    if written.rows != collection.rows:
        raise DamagedReleaseError(
            f"{collection.name}: {written.rows} rows came, and the manifest says {collection.rows}; "
            "nothing was published, verify the release that they came from"
        )
    # The rows decide: another version of pyarrow may write other bytes of the same.
    if written.rows_sha256 != collection.rows_sha256:
        raise DamagedReleaseError(
            f"{collection.name}: the rows that came are not those of the manifest; "
            "nothing was published, verify the release that they came from"
        )


def point(connection: psycopg.Connection, manifest: Manifest, server: PostgisServer) -> None:
    """Make a release that is there the one that counts, in the transaction that the connection is in.

    Raises:
        BusyError: Somebody reads the views of `current` for longer than publishing waits.
        StoreError: Something of others stands on a view that has to go.
    """
    until = time.monotonic() + server.settings.lock_timeout_s
    try_s = FIRST_TRY_S
    while True:
        try:
            with connection.transaction():
                _wait_at_most(connection, try_s)
                replace_views(connection, manifest, server.settings.reader)
            break
        except errors.LockNotAvailable:
            if time.monotonic() > until:
                raise
            time.sleep(try_s / 4)
            try_s = min(try_s * 1.5, LONGEST_TRY_S)
    connection.execute(
        """
        INSERT INTO geo_service.current_release (id) VALUES (%s)
        ON CONFLICT (one) DO UPDATE SET id = excluded.id
        """,
        [manifest.id],
    )


def _wait_at_most(connection: psycopg.Connection, wait_s: float) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [str(int(wait_s * 1000))])


def take_away(connection: psycopg.Connection, release: str) -> bool:
    """Drop a release in a transaction of its own, unless it counts, is open, is being read, or something of others stands on it.

    Returns:
        Whether it went.
    """
    if not has_registry(connection):
        return False
    try:
        with _durable(connection):
            _wait_at_most(connection, LONGEST_TRY_S)
            counts = connection.execute(
                "SELECT FROM geo_service.current_release WHERE id = %s", [release]
            ).fetchone()
            return counts is None and _drop(connection, release)
    except (
        errors.LockNotAvailable,
        errors.DeadlockDetected,
        errors.DependentObjectsStillExist,
        errors.InsufficientPrivilege,
    ):
        return False


def _drop(connection: psycopg.Connection, release: str) -> bool:
    """Drop a release that nobody has open; not what others built on it."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [release_key(release)]).fetchone()
    if row is None or not row[0]:
        return False
    schema = release_schema(release)
    tables = tables_in(connection, schema, views=False)
    if tables:
        names = SQL(", ").join(qualified(schema, name) for name in tables)
        connection.execute(SQL("DROP TABLE {}").format(names))
    connection.execute(SQL("DROP SCHEMA IF EXISTS {}").format(Identifier(schema)))
    connection.execute("DELETE FROM geo_service.releases WHERE id = %s", [release])
    return True
