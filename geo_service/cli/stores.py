"""What the commands that ask stores of releases share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.release.stores import open_store

if TYPE_CHECKING:
    from geo_service.release.folder_store import FolderStore
    from geo_service.release.postgis_store import PostgisStore

__all__ = ["ReleaseOption", "StoreOption", "opened"]

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR_OR_URL",
        envvar="GEO_SERVICE_STORE",
        help="The store of releases: a folder or postgresql://…; else GEO_SERVICE_RELEASES_DIRECTORY.",
    ),
]
ReleaseOption = Annotated[
    str | None,
    typer.Option("--release", metavar="ID", help="The release, or how its id begins; else the current one."),
]


@contextmanager
def opened(where: str | None) -> Iterator[FolderStore | PostgisStore]:
    """A store that is closed when the block ends.

    Raises:
        StoreError: It cannot be reached.
    """
    store = open_store(where)
    try:
        yield store
    finally:
        store.close()
