"""Whether a release in PostGIS is what its manifest says: its tables, every value of them, their indexes, the views that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from geo_service.errors import InputError, StoreError
from geo_service.release.parts import Part, arrow_schema
from geo_service.release.postgis_rows import arrow_batches
from geo_service.release.postgis_schema import (
    VIEWS,
    count_rows,
    indexes_in,
    indexes_of,
    release_schema,
    select_rows,
    shows_all,
    tables_in,
)
from geo_service.release.protocol import Fault
from geo_service.release.writer import write_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.release.manifest import Collection, Manifest

__all__ = ["wrong_tables", "wrong_views"]

BATCH = 16_384


def wrong_tables(
    connection: psycopg.Connection, manifest: Manifest, progress: Callable[[str], None] | None = None
) -> list[Fault]:
    """Everything in which the tables of a release are not what its manifest says.

    Args:
        connection: In a transaction.
        manifest: Of the release.
        progress: Told each collection that is read.
    """
    schema = release_schema(manifest.id)
    there, wanted = set(tables_in(connection, schema)), {one.name for one in manifest.collections}
    faults = [Fault(name, f"{schema}.{name} is missing") for name in sorted(wanted - there)]
    faults += [Fault(name, f"{schema}.{name} is not of this release") for name in sorted(there - wanted)]
    indexes = indexes_in(connection, schema)
    for collection in manifest.collections:
        if collection.name not in there:
            continue
        if progress is not None:
            progress(f"{collection.name}: reading {collection.rows} rows")
        faults += _wrong_rows(connection, schema, collection)
        faults += [
            Fault(collection.name, f"the {method} index on {name} is missing, so that questions are slow")
            for name, method in indexes_of(collection)
            if (collection.name, name, method) not in indexes
        ]
    return faults


def wrong_views(connection: psycopg.Connection, manifest: Manifest) -> list[Fault]:
    """Where the views of `current` do not show a release, if it is the one that counts."""
    row = connection.execute("SELECT id FROM geo_service.current_release").fetchone()
    if row is None or row[0] != manifest.id:
        return []
    schema = release_schema(manifest.id)
    return [
        Fault(f"{VIEWS}.{one.name}", f"this view does not show {schema}.{one.name} as it is")
        for one in manifest.collections
        if not shows_all(connection, schema, one)
    ]


def _wrong_rows(connection: psycopg.Connection, schema: str, collection: Collection) -> list[Fault]:
    wanted = arrow_schema(collection.fields)
    try:
        # What a changed table refuses ends this transaction, not that around it.
        with connection.transaction():
            there = count_rows(connection, schema, collection)
            if there != collection.rows:
                return [Fault(collection.name, f"has {there} rows instead of {collection.rows}")]
            query = select_rows(schema, collection)
            with arrow_batches(connection, query, None, wanted, BATCH) as batches:
                written = write_part(Part.of(collection, lambda: batches))
    except (psycopg.OperationalError, errors.InsufficientPrivilege):
        # A server that does not answer is no fault of the release.
        raise
    except psycopg.Error as error:
        return [Fault(collection.name, error.diag.message_primary or str(error))]
    except (StoreError, InputError) as error:
        return [Fault(collection.name, str(error))]
    if written.rows_sha256 == collection.rows_sha256:
        return []
    why = f"its rows have the SHA-256 {written.rows_sha256}, not {collection.rows_sha256}"
    return [Fault(collection.name, why)]
