"""A release in a folder, asked with DuckDB inside this process.

Opening one opens nothing. The first question makes a database in memory that can read the files of this one release and nothing else: no
network, no other folder, no extension from outside, settings locked. Questions with spatial functions get a second one, with the spatial
extension of the package `duckdb-extension-spatial`, which takes some 0.2 s to load and can only be loaded before the doors are closed.
"""

from __future__ import annotations

import importlib.util
import re
import tempfile
import threading
import uuid
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from geo_service.errors import DamagedReleaseError, FilterError, MissingExtraError, StoreError
from geo_service.query.dialects import DuckdbDialect
from geo_service.query.properties import FID
from geo_service.query.sql import sa
from geo_service.release.deadlines import stopped_in_time
from geo_service.release.row_groups import RowGroups
from geo_service.release.sql_release import SqlRelease
from geo_service.release.writer import BBOX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb
    from sqlalchemy import FromClause, Select

    from geo_service.query.questions import Features
    from geo_service.release.manifest import Collection, Manifest
    from geo_service.settings import ReleaseSettings

__all__ = ["DuckdbRelease"]

_CLOSED_DOORS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
_SPATIAL = re.compile(r"\bST_(?!AsWKB\b)", re.IGNORECASE)
"""Functions of the extension; `ST_AsWKB` is of DuckDB itself."""

_IN_MEMORY = "in_memory_"
"""How tables are called that hold a small collection."""
_NAMED = re.compile(rf"\b{_IN_MEMORY}([a-z0-9_]+)\b")

_OUT_OF_MEMORY = "Out of Memory Error"
_LOST = ("FATAL Error", "INTERNAL Error")
"""After these a database answers nothing any more; the next question makes another."""
_OF_QUESTIONS = ("Out of Range Error", "Conversion Error", "Invalid Input Error")
"""How DuckDB's messages begin when numbers overflow or a function refuses its arguments."""
_OF_FILES = re.compile(r"read file|magic bytes|parquet|thrift|decompress", re.IGNORECASE)
"""What they say when it is a file that is not in order."""


class DuckdbRelease(SqlRelease):
    """A release whose files DuckDB reads.

    Args:
        folder: Where `manifest.json` and the files are.
        manifest: What it says of itself; the files are not looked at before they are asked.
        settings: Memory, threads and the key of cursors.
        row_groups: Keeps what pages of whole collections read; shared by the releases of a store. Null for one that keeps none.
        on_close: Called once, when it is closed.

    Raises:
        MissingExtraError: DuckDB is not installed.
    """

    in_order: ClassVar[bool] = True

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        settings: ReleaseSettings,
        *,
        row_groups: RowGroups | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        """Open nothing yet."""
        if importlib.util.find_spec("duckdb") is None:
            raise MissingExtraError("asking releases", "releases")
        super().__init__(manifest, DuckdbDialect(), settings.cursor_key.get_secret_value().encode())
        self._folder = folder.resolve()
        self._settings = settings
        self._row_groups = row_groups or RowGroups(0)
        self._on_close = on_close
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        self._databases: dict[bool, duckdb.DuckDBPyConnection] = {}
        self._in_memory: dict[bool, set[str]] = {False: set(), True: set()}
        self._asking: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False

    def close(self) -> None:
        """Let go of it: questions that other threads are asking, and streams that are being read, end with a StoreError."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for connection in self._asking:
                connection.interrupt()
        self._close_idle()
        self._row_groups.forget(self._folder)
        self._on_close()

    def _page_rows(
        self,
        collection: Collection,
        features: Features,
        limit: int,
        after: tuple[Any, ...] | None,
        schema: pa.Schema,
    ) -> pa.Table:
        """As every release's, but pages of a whole collection without asking the database."""
        if features.sort or features.narrows:
            return super()._page_rows(collection, features, limit, after, schema)
        if self._closed:
            raise self._is_closed()
        names = [one.name for one in collection.fields]
        first = 0 if after is None else max(0, after[-1])
        # No database to interrupt, and yet no time to begin when none is left.
        with self._in_words(), stopped_in_time(_nothing):
            found = self._row_groups.rows(self._folder / collection.file, names, first, limit)
            return _as_schema(found.select(schema.names), schema)

    def _source(self, collection: Collection) -> FromClause:
        names = [one.name for one in collection.fields] + ([BBOX] if collection.geometry else [])
        if collection.bytes <= self._settings.in_memory:
            return sa.table(f"{_IN_MEMORY}{collection.name}", *(sa.column(name) for name in names))
        rows = sa.func.read_parquet(str(self._folder / collection.file))
        return rows.table_valued(*(sa.column(name) for name in names), name=collection.name)

    def _page_statement(
        self, collection: Collection, features: Features, limit: int, after: tuple[Any, ...] | None
    ) -> Select[Any]:
        """Find sorted features by what they are sorted by, and only then read the rest of those few: ten times faster of a million."""
        if not features.sort:
            return super()._page_statement(collection, features, limit, after)
        narrow = self._features(collection, replace(features, fields=()), limit=limit, after=after)
        wide = replace(features, filter=None, box=None, time=None, ids=None)
        source = self._source(collection)
        found = source.c[FID].in_(sa.select(narrow.subquery().c[FID]))
        return self._features(collection, wide, limit=limit, source=source).where(found)

    def _fetch(self, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        with self._answer(statement) as answer, self._in_words(answer):
            return _as_schema(answer.to_arrow_table(), schema)

    def _scalar(self, statement: Select[Any]) -> Any:
        with self._answer(statement) as answer, self._in_words(answer):
            row = answer.fetchone()
            return row[0] if row else None

    @contextmanager
    def _stream(self, statement: Select[Any], schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatchReader]:
        with self._answer(statement) as answer:
            with self._in_words(answer):
                reader = answer.to_arrow_reader(rows)
            yield pa.RecordBatchReader.from_batches(schema, self._batches(answer, reader, schema))

    def _batches(
        self, answer: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader, schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        while not self._closed:
            with self._in_words(answer):
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                converted = _as_schema(pa.Table.from_batches([batch]), schema).to_batches()
            yield from converted
        raise self._is_closed()

    @contextmanager
    def _answer(self, statement: Select[Any]) -> Iterator[duckdb.DuckDBPyConnection]:
        sql, values = self._dialect.compile(statement)
        spatial = bool(_SPATIAL.search(sql))
        with self._connection(spatial=spatial) as connection:
            with self._in_words(connection):
                self._read_into_memory(connection, set(_NAMED.findall(sql)), spatial=spatial)
                answer = connection.execute(sql, values)
            yield answer

    def _read_into_memory(
        self, connection: duckdb.DuckDBPyConnection, names: set[str], *, spatial: bool
    ) -> None:
        """Small collections are read from their files once: a page of a filter then takes a third of the time."""
        there = self._in_memory[spatial]
        if names <= there:
            return
        with self._reading:
            for name in sorted(names - there):
                file = _literal(self._folder / self.collection(name).file)
                # A collection's name is letters, digits and `_`, and one of this manifest.
                made = f"CREATE TABLE IF NOT EXISTS {_IN_MEMORY}{name} AS SELECT * FROM read_parquet({file})"  # noqa: S608
                connection.execute(made)
                there.add(name)

    @contextmanager
    def _connection(self, *, spatial: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            if self._closed:
                raise self._is_closed()
            if spatial not in self._databases:
                with self._in_words():
                    self._databases[spatial] = self._database(spatial=spatial)
            connection = self._databases[spatial].cursor()
            self._asking.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._asking.discard(connection)
                connection.close()
            self._close_idle()

    def _close_idle(self) -> None:
        """After `close` and the last question: closing a database would close the connections of those who still ask."""
        with self._lock:
            if self._closed and not self._asking:
                for database in self._databases.values():
                    database.close()
                self._databases.clear()

    def _database(self, *, spatial: bool) -> duckdb.DuckDBPyConnection:
        # Here, so that opening a release does not wait for it.
        import duckdb  # noqa: PLC0415

        scratch = Path(tempfile.gettempdir()) / f"geo-service-{uuid.uuid4().hex}"
        config: dict[str, Any] = _CLOSED_DOORS | {
            "memory_limit": self._settings.memory,
            "temp_directory": str(scratch),
        }
        if self._settings.threads is not None:
            config["threads"] = self._settings.threads
        database = duckdb.connect(":memory:", config=config)
        try:
            if spatial:
                database.execute(f"LOAD {_literal(_spatial_extension(duckdb.__version__))}")
            # In Jupyter without its widgets it is off, and DuckDB refuses to set it.
            if database.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (True,):
                database.execute("SET enable_progress_bar = false")
            database.execute("SET parquet_metadata_cache = true")
            database.execute(f"SET allowed_directories = [{_literal(self._folder)}]")
            database.execute("SET enable_external_access = false; SET lock_configuration = true")
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def _in_words(self, asked: duckdb.DuckDBPyConnection | None = None) -> Iterator[None]:
        """What DuckDB raises as what a user can act on; what is asked on a connection has its time.

        In the middle of a stream Arrow hands it on as an OSError, so that only its text tells what it was.
        """
        import duckdb  # noqa: PLC0415

        with stopped_in_time(asked.interrupt) if asked is not None else nullcontext():
            try:
                yield
            except (duckdb.Error, OSError, pa.ArrowException) as error:
                raise self._told(str(error).partition("\n")[0]) from error

    def _told(self, message: str) -> Exception:
        release = f"release {self._manifest.id[:12]}"
        if self._closed:
            return self._is_closed()
        if message.startswith(_LOST):
            with self._lock:
                self._databases.clear()
                self._in_memory = {False: set(), True: set()}
        if message.startswith(_OUT_OF_MEMORY):
            return StoreError(
                f"{release} cannot be asked this with {self._settings.memory} of memory: {message}; "
                "ask for less, or give more with GEO_SERVICE_RELEASES_MEMORY"
            )
        if message.startswith(_OF_QUESTIONS) and not _OF_FILES.search(message):
            return FilterError(f"the question cannot be answered: {message}")
        return DamagedReleaseError(
            f"{release} in {self._folder} cannot be read: {message}; "
            f"see what is wrong with it: geo-service releases verify {self._manifest.id[:12]}"
        )

    def _is_closed(self) -> StoreError:
        return StoreError(f"release {self._manifest.id[:12]} was closed; open it again")


def _nothing() -> None:
    """For what ends by itself."""


def _as_schema(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows with exactly this schema; DuckDB adds up integers as wider ones, and marks nothing as WKB."""
    columns = [
        one if one.type == field.type else one.cast(field.type)
        for one, field in zip(found.columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _spatial_extension(version: str) -> Path:
    try:
        spec = importlib.util.find_spec("duckdb_extension_spatial")
        folders = list(spec.submodule_search_locations or ()) if spec else []
    except (ImportError, ValueError):
        folders = []
    for folder in folders:
        file = Path(folder) / "extensions" / f"v{version}" / "spatial.duckdb_extension"
        if file.is_file():
            return file
    raise MissingExtraError(f"asking releases by geometry with DuckDB {version}", "releases")


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
