"""What the commands that ask stores of releases share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.errors import NotFoundError
from geo_service.release.stores import open_store

if TYPE_CHECKING:
    from geo_service.release.folder_store import FolderStore
    from geo_service.release.postgis_store import PostgisStore
    from geo_service.release.protocol import Store

__all__ = ["ReleaseOption", "RoundOption", "StoreOption", "opened", "release_of_round"]

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
RoundOption = Annotated[
    int | None,
    typer.Option("--round", metavar="N", min=0, help="The release of this round; else the current one."),
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


def release_of_round(store: Store, number: int) -> str:
    """The release of a round: the current one where it is of it, else the one that came last.

    Raises:
        NotFoundError: There is none.
    """
    whole = [one for one in store.entries() if one.manifest is not None and one.manifest.round is not None]
    rounds = [(one, one.manifest.round.number) for one in whole if one.manifest and one.manifest.round]
    for one, of in sorted(rounds, key=lambda pair: not pair[0].is_current):
        if of == number:
            return one.id
    there = ", ".join(map(str, sorted({of for _, of in rounds})))
    raise NotFoundError(f"{store.name} has no release of round {number}; it has rounds: {there or 'none'}")
