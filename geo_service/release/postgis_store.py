"""Releases in a PostgreSQL database with PostGIS: the store of an organisation, open to everybody who may read.

Whoever has a release open holds a lock of the session on it, on one connection that all open releases of a store share; taking a release
away needs that lock alone. A pooler in between has to keep sessions together.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

import psycopg

from geo_service.errors import (
    DamagedReleaseError,
    InputError,
    NotFoundError,
)
from geo_service.release.ids import CURRENT, by_beginning
from geo_service.release.kept_tables import KeptTables
from geo_service.release.manifest import read_manifest
from geo_service.release.postgis_publish import point, publishing, receive, release_key, take_away
from geo_service.release.postgis_release import PostgisRelease
from geo_service.release.postgis_schema import (
    has_registry,
)
from geo_service.release.postgis_server import PostgisServer
from geo_service.release.postgis_verify import wrong_tables, wrong_views
from geo_service.release.protocol import Fault, ReleaseEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from geo_service.release.manifest import Manifest
    from geo_service.settings import PostgisSettings

__all__ = ["PostgisStore"]

TRIES = 10
BATCH = 16_384
IDS = "SELECT id FROM geo_service.releases ORDER BY arrived DESC, id"
ENTRIES = """
SELECT release.id, release.manifest, release.arrived, pointer.id IS NOT NULL
FROM geo_service.releases AS release
LEFT JOIN geo_service.current_release AS pointer USING (id)
ORDER BY release.arrived DESC, release.id
"""


class PostgisStore:
    """A `Store` in PostGIS; safe for many threads at once.

    Args:
        url: `postgresql://user:password@host:port/database`; the password is never said again.
        settings: Timeouts, the pool and the role of readers.

    Raises:
        StoreError: The URL cannot be read.
    """

    def __init__(self, url: str, settings: PostgisSettings) -> None:
        """Connect to nothing yet."""
        self._server = PostgisServer(url, settings)
        self._holds = _Holds(self._server)
        self._kept = KeptTables(settings.page_memory)

    def __repr__(self) -> str:
        """Its name: no password."""
        return f"PostgisStore({self.name!r})"

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()

    @property
    def name(self) -> str:
        """Its URL without a password."""
        return self._server.name

    def entries(self) -> list[ReleaseEntry]:
        """Every release, the one that came last first; none where nothing was ever published.

        Raises:
            StoreError: The server cannot be asked.
        """
        with self._server.reading() as connection:
            rows = connection.execute(ENTRIES).fetchall() if has_registry(connection) else []
        entries = []
        for release, text, arrived, is_current in rows:
            manifest, damage = None, None
            try:
                manifest = self._manifest(release, text)
            except DamagedReleaseError as error:
                damage = str(error)
            entries.append(ReleaseEntry(release, is_current, arrived.astimezone(dt.UTC), manifest, damage))
        return entries

    def current(self) -> str | None:
        """The id of the release that counts; null when there is none.

        Raises:
            StoreError: The server cannot be asked.
        """
        with self._server.reading() as connection:
            if not has_registry(connection):
                return None
            row = connection.execute("SELECT id FROM geo_service.current_release").fetchone()
        return row[0] if row else None

    def find(self, release: str | None = None) -> str:
        """The whole id of a release: of its beginning (6 digits or more), of `current` or null for the one that counts.

        Raises:
            NotFoundError: There is none, or several begin so.
            StoreError: The server cannot be asked.
        """
        if release is None or release == CURRENT:
            current = self.current()
            if current is None:
                raise NotFoundError(f"no release counts in {self.name}; push one to it")
            return current
        return by_beginning(release, self._ids(), self.name)

    def open(self, release: str | None = None) -> PostgisRelease:
        """A release; null for the one that counts. It is not taken away until it is closed.

        Raises:
            NotFoundError: There is none.
            DamagedReleaseError: Its manifest cannot be read.
            StoreError: The server cannot be asked.
        """
        for _ in range(TRIES):
            found = self.find(release)
            self._holds.hold(found)
            try:
                text = self._text(found)
                if text is not None:
                    manifest = self._manifest(found, text)
                    return PostgisRelease(
                        self._server,
                        manifest,
                        kept=self._kept,
                        on_close=partial(self._holds.let_go, found),
                    )
            except BaseException:
                self._holds.let_go(found)
                raise
            # It was taken away between finding and holding it.
            self._holds.let_go(found)
        raise NotFoundError(
            f"release '{release or 'current'}' went from {self.name} while it was being opened"
        )

    def use(self, release: str) -> None:
        """Make a release the one that counts: the pointer and the views of `current`.

        Raises:
            NotFoundError: There is none.
            DamagedReleaseError: Its manifest cannot be read.
            BusyError: Somebody is publishing, or reads the views for longer than `lock_timeout_s`.
            StoreError: The server cannot be asked, or this user may not.
        """
        found = self.find(release)
        with publishing(self._server) as connection:
            manifest = self._manifest(found, self._text(found) or "")
            with connection.transaction():
                connection.execute("SELECT set_config('synchronous_commit', 'on', true)")
                point(connection, manifest, self._server)

    def receive(
        self,
        manifest: Manifest,
        rows: Callable[[str], Iterator[pa.RecordBatch]],
        progress: Callable[[str], None] | None = None,
    ) -> Manifest:
        """Take a release from another store, id and manifest as they are, and make it the one that counts.

        Args:
            manifest: Of the release.
            rows: The rows of a collection, by its name, in the order of `fid`, as `Release.batches` gives them.
            progress: Told each step.

        Returns:
            The manifest that is in the store then: of a release that was there before, its own.

        Raises:
            BusyError: Somebody else is publishing, or reads what has to be replaced.
            StoreError: The server fails or refuses, or other rows came than the manifest says; nothing was changed.
        """
        return receive(self._server, manifest, rows, progress or (lambda _: None))

    def prune(self, keep: int) -> list[str]:
        """Take away all but the `keep` last releases, never the one that counts nor one that is open; returns those taken.

        One that somebody reads at this moment, or on which somebody built a view, stays.

        Raises:
            InputError: `keep` is below 0.
            BusyError: Somebody is publishing.
            StoreError: The server cannot be asked, or this user may not.
        """
        if keep < 0:
            raise InputError(f"{keep} releases cannot be kept; give 0 or more")
        with publishing(self._server) as connection:
            return [release for release in self._ids()[keep:] if take_away(connection, release)]

    def verify(
        self, release: str | None = None, progress: Callable[[str], None] | None = None
    ) -> list[Fault]:
        """Everything in which a release is not what its manifest says; empty when it is whole.

        Each collection is written again from its rows, to nowhere, and their SHA-256 compared; indexes and the views of `current` are looked at.

        Raises:
            NotFoundError: There is no such release.
            StoreError: The server cannot be asked.
        """
        found = self.find(release)
        self._holds.hold(found)
        try:
            text = self._text(found)
            if text is None:
                raise NotFoundError(f"release {found[:12]} was taken away from {self.name} a moment ago")
            try:
                manifest = self._manifest(found, text)
            except DamagedReleaseError as error:
                return [Fault("manifest", str(error))]
            with self._server.reading() as connection:
                return wrong_tables(connection, manifest, progress) + wrong_views(connection, manifest)
        finally:
            self._holds.let_go(found)

    def close(self) -> None:
        """Let go of everything."""
        self._server.close()
        self._holds.close()

    def _ids(self) -> list[str]:
        with self._server.reading() as connection:
            rows = connection.execute(IDS).fetchall() if has_registry(connection) else []
        return [row[0] for row in rows]

    def _text(self, release: str) -> str | None:
        with self._server.reading() as connection:
            row = connection.execute(
                "SELECT manifest FROM geo_service.releases WHERE id = %s", [release]
            ).fetchone()
        return row[0] if row else None

    def _manifest(self, release: str, text: str) -> Manifest:
        manifest = read_manifest(text, f"release {release[:12]} in {self.name}")
        if manifest.id != release:
            raise DamagedReleaseError(
                f"release {release[:12]} in {self.name} has the manifest of release {manifest.id[:12]}"
            )
        return manifest


class _Holds:
    """The releases that are open, each locked against being taken away, on one connection."""

    def __init__(self, server: PostgisServer) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._open: Counter[str] = Counter()

    def hold(self, release: str) -> None:
        with self._lock:
            connection = self._alive()
            with self._server.errors():
                connection.execute("SELECT pg_advisory_lock_shared(%s)", [release_key(release)])
            self._open[release] += 1

    def let_go(self, release: str) -> None:
        with self._lock:
            self._open[release] -= 1
            self._open += Counter()
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.execute("SELECT pg_advisory_unlock_shared(%s)", [release_key(release)])

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _alive(self) -> psycopg.Connection:
        """The connection; where it was lost, a new one with the locks of all that is open."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT")
            except psycopg.Error:
                self._connection.close()
            else:
                return self._connection
        connection = self._server.connect(autocommit=True)
        with self._server.errors():
            for release in self._open.elements():
                connection.execute("SELECT pg_advisory_lock_shared(%s)", [release_key(release)])
        self._connection = connection
        return connection
