"""The PostgreSQL server of a store: its name without its password, connections, a pool for readers, its errors in one sentence."""

from __future__ import annotations

import logging
import math
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
from psycopg import conninfo, errors
from psycopg_pool import ConnectionPool, PoolTimeout

from geo_service.errors import BusyError, FilterError, GeoServiceError, StoreError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.settings import PostgisSettings

__all__ = ["PostgisServer"]

# What goes wrong is raised; without a logger of the application's, Python would print it a second time.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

OLDEST_POSTGRESQL = 14
OLDEST_POSTGIS = (3, 1)
_SHORTEST_CONNECT_S = 2
"""libpq waits no shorter."""

ABOUT = """
SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), extension.extversion, namespace.nspname
FROM (SELECT) AS one
LEFT JOIN pg_catalog.pg_extension AS extension ON extension.extname = 'postgis'
LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace
"""

# Nothing but PostGIS and pg_catalog is looked up by a bare name, so that no other schema can shadow a function.
SETUP = """
SELECT set_config('search_path', quote_ident(%(postgis)s), false),
    set_config('statement_timeout', %(statement_ms)s, false),
    set_config('lock_timeout', %(lock_ms)s, false),
    set_config('idle_in_transaction_session_timeout', '0', false),
    set_config('client_connection_check_interval', '1s', false),
    set_config('tcp_keepalives_idle', '30', false),
    set_config('jit', 'off', false)
"""


class PostgisServer:
    """One database with PostGIS, reached when it is first needed.

    Args:
        url: `postgresql://user:password@host:port/database`, or what else libpq takes as a URL.
        settings: Timeouts and the size of the pool.

    Raises:
        StoreError: The URL cannot be read.
    """

    def __init__(self, url: str, settings: PostgisSettings) -> None:
        """Read the URL; connect to nothing."""
        try:
            given = {key: str(value) for key, value in conninfo.conninfo_to_dict(url).items()}
        except psycopg.Error:
            given = None
        if given is None or _is_misread(given):
            raise StoreError(
                "the URL of the store cannot be read; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
                "with special characters of the password as %40 and the like"
            )
        self.settings = settings
        self.name = _name(given)
        self._password = given.get("password", "")
        wait_s = max(_SHORTEST_CONNECT_S, math.ceil(settings.connect_timeout_s))
        own = {"connect_timeout": str(wait_s), "client_encoding": "UTF8"}
        self._conninfo = conninfo.make_conninfo(**({"application_name": "geo-service"} | given | own))
        self._lock = threading.Lock()
        self._pool: ConnectionPool[psycopg.Connection] | None = None
        self._postgis: str | None = None
        self._closed = False

    def __repr__(self) -> str:
        """Its name: no password."""
        return f"PostgisServer({self.name!r})"

    @contextmanager
    def connection(self, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
        """A connection of one's own, without a limit for statements; what was not committed at the end is undone.

        Raises:
            StoreError: The server cannot be reached, is not fit for a store, or refuses what it is asked.
            BusyError: Somebody holds what is asked for.
        """
        connection = self.connect(autocommit=autocommit)
        try:
            with self.errors():
                yield connection
        finally:
            connection.close()

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        """As `connection`, to be closed by the caller.

        Raises:
            StoreError: The server cannot be reached or is not fit for a store.
        """
        self._refuse_closed()
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True, prepare_threshold=None)
        except psycopg.Error as error:
            raise StoreError(f"{self.name} cannot be reached: {self._said(error)}") from None
        try:
            with self.errors():
                self._postgis = self._fit(connection)
                self._set_up(connection, statement_s=0)
                connection.autocommit = autocommit
        except GeoServiceError:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection]:
        """A pooled connection in a transaction that only reads, each statement within its time.

        Raises:
            StoreError: The server cannot be reached, or a question fails or takes too long.
        """
        pool = self._opened()
        try:
            connection = self._alive(pool)
        except (PoolTimeout, psycopg.Error):
            # That says why, where the server is away or the store was closed.
            self.connect().close()
            raise StoreError(
                f"{self.name}: all {self.settings.pool_max} connections have been in use for "
                f"{self.settings.connect_timeout_s:g} s; ask again later, or raise GEO_SERVICE_POSTGIS_POOL_MAX"
            ) from None
        try:
            with self.errors(), connection.transaction():
                yield connection
        finally:
            pool.putconn(connection)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say what the server refuses in one sentence.

        Raises:
            StoreError: For every error of the server or of the way to it.
            BusyError: Somebody holds what is asked for.
            FilterError: What is asked for is larger than a number can be.
        """
        try:
            yield
        except psycopg.Error as error:
            raise self._in_words(error) from error

    def close(self) -> None:
        """Close the pool; nothing can be asked afterwards."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            pool.close()

    def _opened(self) -> ConnectionPool[psycopg.Connection]:
        with self._lock:
            self._refuse_closed()
            if self._pool is None:
                # A pool only says that it waited; a connection says why there is none.
                self.connect().close()
                self._pool = ConnectionPool(
                    self._conninfo,
                    kwargs={"prepare_threshold": None},
                    min_size=min(self.settings.pool_min, self.settings.pool_max),
                    max_size=self.settings.pool_max,
                    timeout=self.settings.connect_timeout_s,
                    configure=self._for_reading,
                    open=True,
                )
            return self._pool

    def _alive(self, pool: ConnectionPool[psycopg.Connection]) -> psycopg.Connection:
        """A connection of the pool that was not lost; its own check waits for seconds between two that were."""
        for _ in range(self.settings.pool_max):
            connection = pool.getconn()
            try:
                ConnectionPool.check_connection(connection)
            except psycopg.Error:
                pool.putconn(connection)
                # Says at once that the server is away.
                self.connect().close()
            else:
                return connection
        return pool.getconn()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"{self.name} was closed; open the store again")

    def _for_reading(self, connection: psycopg.Connection) -> None:
        self._set_up(connection, statement_s=self.settings.statement_timeout_s)
        connection.commit()
        connection.read_only = True

    def _set_up(self, connection: psycopg.Connection, *, statement_s: float) -> None:
        given = {
            "postgis": self._postgis,
            "statement_ms": str(math.ceil(statement_s * 1000)),
            "lock_ms": str(math.ceil(self.settings.lock_timeout_s * 1000)),
        }
        connection.execute(SETUP, given)

    def _fit(self, connection: psycopg.Connection) -> str:
        """The schema that PostGIS is in."""
        row = connection.execute(ABOUT).fetchone()
        version, encoding, postgis, schema = row or (0, "", None, None)
        if version < OLDEST_POSTGRESQL * 10_000:
            raise StoreError(
                f"{self.name} is PostgreSQL {version // 10_000}; a store needs {OLDEST_POSTGRESQL} or newer"
            )
        if encoding != "UTF8":
            raise StoreError(
                f"{self.name} keeps text as {encoding}; make the database with: CREATE DATABASE … ENCODING 'UTF8'"
            )
        if postgis is None:
            raise StoreError(
                f"{self.name} has no PostGIS; an administrator has to run there: CREATE EXTENSION postgis"
            )
        if tuple(int(part) for part in postgis.split(".")[:2]) < OLDEST_POSTGIS:
            oldest = ".".join(map(str, OLDEST_POSTGIS))
            raise StoreError(f"{self.name} has PostGIS {postgis}; a store needs {oldest} or newer")
        return str(schema)

    def _said(self, error: psycopg.Error) -> str:
        """What the server or libpq said, on one line, without the password."""
        said = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
        return said.replace(self._password, "***") if self._password else said

    def _in_words(self, error: psycopg.Error) -> GeoServiceError:
        kind, words = next(
            ((kind, words) for classes, kind, words in _IN_WORDS if isinstance(error, classes)),
            (StoreError, _LOST if error.sqlstate is None else "{name}: {said}"),
        )
        return kind(
            words.format(
                name=self.name,
                said=self._said(error),
                detail=(error.diag.message_detail or self._said(error)).partition("\n")[0],
                lock_s=f"{self.settings.lock_timeout_s:g}",
                reader=self.settings.reader,
            )
        )


_LOST = "{name}: the server failed or the connection was lost: {said}"
_IN_WORDS: tuple[tuple[tuple[type[psycopg.Error], ...], type[GeoServiceError], str], ...] = (
    (
        (errors.LockNotAvailable, errors.DeadlockDetected),
        BusyError,
        "{name}: somebody has been using what this has to change for {lock_s} s; nothing was changed, try again later",
    ),
    (
        (errors.InsufficientPrivilege,),
        StoreError,
        "{name}: this user lacks a right: {said}; an administrator has to grant it, to readers with: GRANT {reader} TO THE_USER",
    ),
    (
        (errors.QueryCanceled,),
        TimedOutError,
        "{name}: {said}; ask for less, or raise GEO_SERVICE_POSTGIS_STATEMENT_TIMEOUT_S",
    ),
    (
        (errors.NumericValueOutOfRange,),
        FilterError,
        "a value of the answer is larger than a number can be ({said}); ask for fewer features",
    ),
    (
        (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn),
        StoreError,
        "{name}: {said}; the release was taken away or changed, see: geo-service releases verify",
    ),
    (
        (errors.DependentObjectsStillExist,),
        StoreError,
        "{name}: somebody built on what has to go: {detail}; drop that first",
    ),
    ((psycopg.OperationalError, psycopg.InterfaceError), StoreError, _LOST),
)
"""What the server refuses in one sentence each; the first that fits."""


def _is_misread(given: dict[str, str]) -> bool:
    """Whether a part of a password with an `@` or `/` that is not escaped is taken for a host, port or database, which messages say."""
    ports = given.get("port", "").replace(",", "")
    return "@" in given.get("host", "") + given.get("dbname", "") or not (ports.isdigit() or not ports)


def _name(given: dict[str, Any]) -> str:
    user = f"{quote(given['user'], safe='')}@" if "user" in given else ""
    host = given.get("host", "")
    port = f":{given['port']}" if "port" in given else ""
    database = given.get("dbname", "")
    if host.startswith("/"):
        return f"postgresql://{user}{port}/{database}?host={quote(host, safe='')}"
    return f"postgresql://{user}{host}{port}/{database}"
