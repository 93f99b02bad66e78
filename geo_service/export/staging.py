"""Outputs that are whole or not there: written beside, then renamed, and never over what exists unless told to."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["make_folder", "refuse_existing", "refuse_twice", "staged"]


def make_folder(folder: Path) -> None:
    """Make a folder for outputs, with those around it, where it is not there yet.

    Raises:
        OutputError: It cannot be made, or a file of that name is in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made a folder: {error.strerror}") from error


def refuse_twice(paths: Iterable[Path]) -> None:
    """Stop before any work is done when two outputs would be the same file.

    Raises:
        OutputError: One of `paths` is there twice.
    """
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise OutputError(f"{path} is to be written twice; give each output its own name")
        seen.add(path.resolve())


def refuse_existing(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Stop before any work is done when an output is there already, or its folder is not.

    Raises:
        OutputError: One of `paths` exists and may not be overwritten, is a folder, or lies in no folder.
    """
    for path in paths:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file")
        if not path.parent.is_dir():
            raise OutputError(f"{path}: there is no folder {path.parent}; create it first")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} is there already; give another name, or --overwrite to replace it")


@contextmanager
def staged(paths: Iterable[Path], *, overwrite: bool = False) -> Iterator[list[Path]]:
    """Paths to write instead of `paths`; when the block ends well all that was written there is renamed into place.

    Whatever else is written into the folder of a given path, such as the parts of a shapefile, goes along. When the block raises,
    nothing is left behind and what was there stays.

    Raises:
        OutputError: As `refuse_existing`; or a folder cannot be written to.
    """
    paths = list(paths)
    refuse_existing(paths, overwrite=overwrite)
    with ExitStack() as stack:
        try:
            folders = [
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent)))
                for path in paths
            ]
        except OSError as error:
            raise OutputError(f"cannot write there: {error}") from error
        yield [folder / path.name for folder, path in zip(folders, paths, strict=True)]
        moves = [
            (written, path.with_name(written.name))
            for folder, path in zip(folders, paths, strict=True)
            # The file that was asked for goes last: once it is there, so are its companions.
            for written in sorted(folder.iterdir(), key=lambda one: one.name == path.name)
        ]
        refuse_existing([target for _, target in moves], overwrite=overwrite)
        for written, target in moves:
            written.replace(target)
