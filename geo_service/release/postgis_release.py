"""A release in a schema of PostgreSQL, asked through a pool of connections that only read."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from geo_service.errors import StoreError
from geo_service.query.dialects import PostgisDialect
from geo_service.query.properties import FID
from geo_service.query.questions import Features
from geo_service.query.sql import sa
from geo_service.release.deadlines import stopped_in_time
from geo_service.release.kept_tables import KeptTables
from geo_service.release.postgis_rows import arrow_batch, arrow_batches
from geo_service.release.postgis_schema import release_schema
from geo_service.release.sql_release import SqlRelease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from sqlalchemy import FromClause, Select

    from geo_service.release.manifest import Collection, Manifest
    from geo_service.release.postgis_server import PostgisServer

__all__ = ["PostgisRelease"]

_AT_ONCE = 4_096
"""Rows that are read together where they are kept."""


class PostgisRelease(SqlRelease):
    """A release whose tables PostgreSQL asks.

    Args:
        server: Where it is.
        manifest: What it says of itself.
        kept: Keeps what pages of whole collections read; shared by the releases of a store. Null for one that keeps none.
        on_close: Called once, when it is closed.
    """

    def __init__(
        self,
        server: PostgisServer,
        manifest: Manifest,
        *,
        kept: KeptTables | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask nothing yet."""
        super().__init__(manifest, PostgisDialect(), server.settings.cursor_key.get_secret_value().encode())
        self._server = server
        self._kept = kept or KeptTables(0)
        self._on_close = on_close
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Let go of it: it may then be taken away. A stream that was begun goes on to its end."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._kept.forget(lambda key: isinstance(key, tuple) and key[0] == self._manifest.id)
        self._on_close()

    def _page_rows(
        self,
        collection: Collection,
        features: Features,
        limit: int,
        after: tuple[Any, ...] | None,
        schema: pa.Schema,
    ) -> pa.Table:
        """As every release's, but pages of a whole collection from what was read of it lately."""
        if not self._kept.most or features.sort or features.narrows:
            return super()._page_rows(collection, features, limit, after, schema)
        self._refuse_closed()
        first = 0 if after is None else max(0, after[-1])
        last = min(first + limit, collection.rows)
        parts = []
        while first < last:
            table = self._kept_rows(collection, first // _AT_ONCE)
            begin = first // _AT_ONCE * _AT_ONCE
            parts.append(table.slice(first - begin, min(last - first, begin + _AT_ONCE - first)))
            first = begin + _AT_ONCE
        found = pa.concat_tables(parts) if parts else schema.empty_table()
        return found.select(schema.names).cast(schema)

    def _kept_rows(self, collection: Collection, part: int) -> pa.Table:
        """The rows of one part of a collection, by their place: `fid` has no gaps."""
        everything = Features()

        def read() -> pa.Table:
            source = self._source(collection)
            fid = source.c[FID]
            statement = self._features(collection, everything, source=source)
            within = statement.where(fid > part * _AT_ONCE, fid <= (part + 1) * _AT_ONCE)
            return self._fetch(within, self.schema(collection.name, everything))

        return self._kept.get((self._manifest.id, collection.name, part), read)

    def _source(self, collection: Collection) -> FromClause:
        names = [one.name for one in collection.fields]
        schema = release_schema(self._manifest.id)
        return sa.table(collection.name, *(sa.column(name) for name in names), schema=schema)

    def _fetch(self, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        return pa.Table.from_batches([arrow_batch(self._all(statement), schema)])

    def _scalar(self, statement: Select[Any]) -> Any:
        return self._all(statement)[0][0]

    @contextmanager
    def _stream(self, statement: Select[Any], schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatchReader]:
        sql, given = self._dialect.compile(statement)
        self._refuse_closed()
        with self._server.reading() as connection, ExitStack() as stack:
            with stopped_in_time(connection.cancel_safe):
                batches = stack.enter_context(arrow_batches(connection, sql, given, schema, rows))
            yield pa.RecordBatchReader.from_batches(schema, self._in_words(connection, batches))

    def _in_words(
        self, connection: psycopg.Connection, batches: Iterator[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        while True:
            with self._server.errors(), stopped_in_time(connection.cancel_safe):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def _all(self, statement: Select[Any]) -> list[tuple[Any, ...]]:
        sql, given = self._dialect.compile(statement)
        self._refuse_closed()
        with (
            self._server.reading() as connection,
            connection.cursor(binary=True) as cursor,
            stopped_in_time(connection.cancel_safe),
        ):
            return cursor.execute(sql, given).fetchall()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"release {self._manifest.id[:12]} was closed; open it again")
