"""The store that a place names, and copies of releases from one store to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.errors import MissingExtraError
from geo_service.query.questions import Features
from geo_service.release.folder_store import FolderStore
from geo_service.settings import PostgisSettings, ReleaseSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from geo_service.release.postgis_store import PostgisStore
    from geo_service.release.protocol import Release, Store

__all__ = ["copy_release", "is_database", "open_store", "release_rows"]

_POSTGIS_PACKAGES = {"psycopg", "psycopg_pool", "pgpq"}
_SCHEMES = ("postgresql://", "postgres://")


def is_database(where: str | Path | None) -> bool:
    """Whether `where` is the URL of a database, not a folder."""
    return isinstance(where, str) and where.lower().startswith(_SCHEMES)


def open_store(where: str | Path | None = None, **settings: Any) -> FolderStore | PostgisStore:
    """The store at `where`; close it afterwards.

    Args:
        where: `postgresql://…` or `postgres://…` for PostGIS, a folder otherwise; null for the folder of `ReleaseSettings`.
        settings: Of `ReleaseSettings`, for a folder; those of them that `PostgisSettings` has too, for PostGIS.

    Raises:
        MissingExtraError: The extra `releases` or `postgis` is not installed.
        StoreError: The URL cannot be read.
    """
    if isinstance(where, str) and is_database(where):
        scheme, _, rest = where.partition("://")
        known = {name: value for name, value in settings.items() if name in PostgisSettings.model_fields}
        try:
            from geo_service.release.postgis_store import PostgisStore  # noqa: PLC0415 - an optional extra
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _POSTGIS_PACKAGES:
                raise
            raise MissingExtraError("a store in PostGIS", "postgis") from error
        return PostgisStore(f"{scheme.lower()}://{rest}", PostgisSettings(**known))
    place: dict[str, Any] = {} if where is None else {"directory": Path(where)}
    return FolderStore(ReleaseSettings(**place, **settings))


def release_rows(release: Release) -> Callable[[str], Iterator[pa.RecordBatch]]:
    """What `receive` of a store asks for: the rows of each collection of an open release, by its name."""

    def rows(name: str) -> Iterator[pa.RecordBatch]:
        with release.batches(name, Features()) as batches:
            yield from batches

    return rows


def copy_release(
    source: Store,
    target: FolderStore | PostgisStore,
    release: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> str:
    """Copy a release from one store to another, where it becomes the one that counts; returns its id.

    Args:
        source: The store that has it.
        target: The store that takes it.
        release: Its id or the beginning of it; null for the one that counts.
        progress: Told each step.

    Raises:
        NotFoundError: There is no such release.
        BusyError: Somebody is publishing to `target`.
        OutputError: A folder cannot be written.
        StoreError: A store fails; the target is as it was.
    """
    with source.open(release) as opened:
        return target.receive(opened.manifest, release_rows(opened), progress).id
