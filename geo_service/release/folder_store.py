"""Releases as files in a folder; `release.layout` says where each file is.

Reading takes no lock but a lease on the release that is open. Publishing, verifying and pruning need nothing beside the core of this
package; opening a release needs DuckDB.
"""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from geo_service.errors import DamagedReleaseError, InputError, NotFoundError
from geo_service.release import publish as publishing
from geo_service.release.ids import CURRENT, by_beginning, named
from geo_service.release.layout import (
    MANIFEST,
    SUMS,
    half_made,
    input_errors,
    output_errors,
    pointed,
    pointer,
    release_ids,
    remove,
    writing_folder,
)
from geo_service.release.locks import Lease, prune_lock
from geo_service.release.protocol import ReleaseEntry
from geo_service.release.row_groups import RowGroups
from geo_service.release.verify import faults_of, load_manifest, missing_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from geo_service.release.duckdb_release import DuckdbRelease
    from geo_service.release.manifest import Manifest
    from geo_service.release.parts import Contents
    from geo_service.release.protocol import Fault
    from geo_service.settings import ReleaseSettings

__all__ = ["FolderStore"]

_TRIES = 10


class FolderStore:
    """A folder of releases. Safe for many threads and processes at once; keeps to `release.protocol.Store`.

    Args:
        settings: Which folder; how DuckDB asks it.
    """

    def __init__(self, settings: ReleaseSettings) -> None:
        """Only remember; the folder need not be there."""
        self._settings = settings
        self._row_groups = RowGroups(settings.page_memory)

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._directory)

    @property
    def _directory(self) -> Path:
        return self._settings.directory

    def ids(self) -> list[str]:
        """The ids of all releases, sorted."""
        with input_errors(self._directory):
            return release_ids(self._directory)

    def refuse_unwritable(self) -> None:
        """Stop before anything is computed where nothing can be published.

        Raises:
            OutputError: The folder cannot be made or written.
        """
        with output_errors(self._directory, "a release cannot be published"):
            nearest = next(
                one for one in (self._directory, *self._directory.absolute().parents) if one.exists()
            )
            with writing_folder(nearest):
                """That it can be made is enough."""

    def entries(self) -> list[ReleaseEntry]:
        """Every release, the one that came last first, damaged ones with what is wrong.

        Raises:
            StoreError: The folder cannot be read.
        """
        with input_errors(self._directory):
            return self._entries()

    def _entries(self) -> list[ReleaseEntry]:
        try:
            current = self.current()
        except DamagedReleaseError:
            current = None
        entries = []
        for release in release_ids(self._directory):
            folder = self._directory / release
            try:
                since = _since(folder)
            except FileNotFoundError:
                # It was pruned a moment ago.
                continue
            manifest, damage = _manifest_or_damage(folder)
            entries.append(ReleaseEntry(release, release == current, since, manifest, damage))
        return sorted(entries, key=lambda one: (one.since, one.id), reverse=True)

    def half_made(self) -> list[str]:
        """What publishers left that were stopped, and what one at work is making; the next that publishes cleans it away."""
        with input_errors(self._directory):
            return half_made(self._directory)

    def current(self) -> str | None:
        """The id of the release that counts; null when there is none.

        Raises:
            DamagedReleaseError: `current` names nothing.
            StoreError: The folder cannot be read.
        """
        with input_errors(self._directory):
            return pointed(self._directory)

    def find(self, release: str | None = None) -> str:
        """The whole id of a release: of its beginning (6 digits or more), of `current` or null for the one that counts.

        Raises:
            NotFoundError: There is none, or several begin so.
            DamagedReleaseError: `current` names one that is gone.
            StoreError: The folder cannot be read.
        """
        with input_errors(self._directory):
            return self._find(release)

    def _find(self, release: str | None) -> str:
        if release is None or release == CURRENT:
            return self._find_current()
        return by_beginning(release, release_ids(self._directory), self.name)

    def open(self, release: str | None = None) -> DuckdbRelease:
        """A release; null for the one that counts. It is not pruned until it is closed.

        Raises:
            NotFoundError: There is none.
            DamagedReleaseError: Its manifest cannot be read, or a file of it is missing or cut short.
            MissingExtraError: DuckDB is not installed.
            StoreError: The folder cannot be read.
        """
        with input_errors(self._directory):
            return self._open(release)

    def _open(self, release: str | None) -> DuckdbRelease:
        for _ in range(_TRIES):
            found = self.find(release)
            folder = self._directory / found
            lease = Lease(self._directory, found)
            try:
                if folder.is_dir():
                    manifest = load_manifest(folder)
                    _refuse_missing(folder, manifest)
                    # Here, so that publishing, listing and verifying do not need DuckDB.
                    from geo_service.release.duckdb_release import DuckdbRelease  # noqa: PLC0415

                    return DuckdbRelease(
                        folder,
                        manifest,
                        self._settings,
                        row_groups=self._row_groups,
                        on_close=lease.release,
                    )
            except BaseException:
                lease.release()
                raise
            # It was pruned between finding it and taking the lease.
            lease.release()
        raise NotFoundError(
            f"release '{release or CURRENT}' went from {self.name} while it was being opened; try again"
        )

    def use(self, release: str) -> None:
        """Make a release the one that counts.

        Raises:
            NotFoundError: There is none.
            DamagedReleaseError: Its manifest cannot be read, or a file of it is missing or cut short.
            BusyError: Somebody is publishing.
            OutputError: The folder cannot be written.
        """
        self.find(release)
        with publishing.changing(self._directory, "the release that counts cannot be changed"):
            found = self.find(release)
            _refuse_missing(self._directory / found, load_manifest(self._directory / found))
            with pointer(self._directory, found) as move:
                move()

    def verify(
        self, release: str | None = None, progress: Callable[[str], None] | None = None
    ) -> list[Fault]:
        """Everything in which a release is not what its manifest says; empty when it is whole.

        Args:
            release: As `find` takes it.
            progress: Told of each file before it is read.

        Raises:
            NotFoundError: There is none.
            StoreError: The folder cannot be read.
        """
        found = self.find(release)
        with input_errors(self._directory):
            lease = Lease(self._directory, found)
            try:
                if not (self._directory / found).is_dir():
                    raise NotFoundError(f"release '{found}' was pruned a moment ago")
                return faults_of(self._directory / found, found, progress or _quiet)
            finally:
                lease.release()

    def prune(self, keep: int) -> list[str]:
        """Take away all but the `keep` last releases, never the one that counts nor one that is open; returns those taken.

        Raises:
            InputError: `keep` is below 0.
            BusyError: Somebody is publishing.
            OutputError: The folder cannot be written.
            DamagedReleaseError: It is not known which one counts.
        """
        if keep < 0:
            raise InputError(f"{keep} releases cannot be kept; give 0 or more")
        if not self._directory.is_dir():
            return []
        taken = []
        with publishing.changing(self._directory, "releases cannot be pruned"):
            current = self.find() if self.current() is not None else None
            for entry in self.entries()[keep:]:
                if entry.id == current:
                    continue
                with prune_lock(self._directory, entry.id) as alone:
                    away = remove(self._directory, entry.id) if alone else None
                if away is not None:
                    taken.append(entry.id)
                    shutil.rmtree(away)
        return taken

    def publish(self, contents: Contents, progress: Callable[[str], None] | None = None) -> Manifest:
        """Publish a release and make it the one that counts; see `release.publish.publish`."""
        return publishing.publish(self._directory, contents, progress or _quiet)

    def receive(
        self,
        manifest: Manifest,
        rows: Callable[[str], Iterator[pa.RecordBatch]],
        progress: Callable[[str], None] | None = None,
    ) -> Manifest:
        """Keep a copy of a release of another store; see `release.publish.receive`."""
        return publishing.receive(self._directory, manifest, rows, progress or _quiet)

    def close(self) -> None:
        """Nothing is held; releases that are open stay so."""

    def _find_current(self) -> str:
        found = self.current()
        for _ in range(_TRIES):
            if found is None:
                raise NotFoundError(f"no release counts in {self.name}; {self._there()}")
            if (self._directory / found).is_dir():
                return found
            # Another may have been published since, and this one pruned.
            before, found = found, self.current()
            if found == before:
                break
        raise DamagedReleaseError(
            f"{self._directory / CURRENT} names release {found}, which is gone; name another: "
            f"geo-service releases use ID; {self._there()}"
        )

    def _there(self) -> str:
        return named(release_ids(self._directory))


def _quiet(_: str) -> None:
    """For those who want to hear of no progress."""


def _since(folder: Path) -> dt.datetime:
    """When a release came: its checksums are the last file that is written, and nothing is written after that."""
    for path in (folder / SUMS, folder / MANIFEST):
        # A folder that this user may not look into is listed too.
        with suppress(OSError):
            return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)
    return dt.datetime.fromtimestamp(folder.stat().st_mtime, tz=dt.UTC)


def _manifest_or_damage(folder: Path) -> tuple[Manifest | None, str | None]:
    try:
        manifest = load_manifest(folder)
    except DamagedReleaseError as error:
        return None, str(error)
    missing = missing_files(folder, manifest)
    return manifest, f"{missing[0].where} {missing[0].what}" if missing else None


def _refuse_missing(folder: Path, manifest: Manifest) -> None:
    for fault in missing_files(folder, manifest):
        raise DamagedReleaseError(
            f"release {manifest.id[:12]} is damaged: {folder / fault.where} {fault.what}; "
            "publish the same again to mend it, or use another: geo-service releases use ID"
        )
