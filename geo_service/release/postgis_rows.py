"""Rows of PostgreSQL as Arrow batches of a given schema."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from geo_service.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

__all__ = ["arrow_batch", "arrow_batches"]


def arrow_batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of a cursor, column by column in the order of `schema`.

    Raises:
        StoreError: A value does not fit its column.
    """
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [_array(values, field) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def arrow_batches(
    connection: psycopg.Connection, query: Any, given: Any, schema: pa.Schema, rows: int
) -> Iterator[Iterator[pa.RecordBatch]]:
    """The answer to a query in batches of at most `rows`, held on the server until they are asked for.

    What is wrong with the query is said on entering.
    """
    with connection.cursor(name="geo_service_rows") as cursor:
        cursor.execute(query, given, binary=True)
        yield (arrow_batch(found, schema) for found in iter(lambda: cursor.fetchmany(rows), []))


def _array(values: Sequence[Any], field: pa.Field) -> pa.Array:
    try:
        try:
            return pa.array(values, field.type)
        except pa.ArrowInvalid:
            if not pa.types.is_floating(field.type):
                raise
            # PostgreSQL takes the mean of integers as numeric.
            return pa.array([None if value is None else float(value) for value in values], field.type)
    except (pa.ArrowException, OverflowError, ValueError, TypeError) as error:
        raise StoreError(
            f"column '{field.name}' has a value that does not fit {field.type}: {error}"
        ) from error
