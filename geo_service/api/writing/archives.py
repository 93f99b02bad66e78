"""Files that could do more than be read: archives that are far larger inside, databases that name other files."""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from geo_service.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DamagedArchiveError", "TooMuchInsideError", "refuse_bomb", "refuse_virtual_tables"]

_CHUNK = 1 << 20
_MOST_FILES = 10_000
_SQLITE = b"SQLite format 3\0"
_TABLES = "SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
_ELSEWHERE = re.compile(r"create\s+virtual\b(?!.*?\busing\s+rtree\b[^;]*\)\s*$)", re.IGNORECASE | re.DOTALL)


class DamagedArchiveError(InputError):
    """It cannot be opened, or is not what it says of itself."""


class TooMuchInsideError(InputError):
    """It would be too large unpacked."""


def refuse_bomb(path: Path, most: int) -> None:
    """Stop at an archive that is too large inside. All of it is read, since what it says of itself may be untrue.

    Args:
        path: A ZIP, or a workbook, which is one too; any other file passes.
        most: How many bytes it may have inside.

    Raises:
        DamagedArchiveError: It is none that can be read.
        TooMuchInsideError: It has more inside, or very many files.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
            if sum(one.file_size for one in inside) > most or len(inside) > _MOST_FILES:
                raise TooMuchInsideError("there is too much in it")
            for one in inside:
                # It stops at the size that the archive says, and fails where that leaves something.
                with archive.open(one) as file:
                    while file.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DamagedArchiveError("it is damaged, encrypted, or packed in an unusual way") from error


def refuse_virtual_tables(path: Path) -> None:
    """Stop at a GeoPackage with tables that are other files.

    Args:
        path: A layer; any other file than a SQLite database passes.

    Raises:
        InputError: It has such tables, or is damaged.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as database:
            virtual = any(_ELSEWHERE.match(str(sql)) for (sql,) in database.execute(_TABLES))
    except sqlite3.Error as error:
        raise InputError(f"{path.name} is a damaged GeoPackage; send it again") from error
    if virtual:
        raise InputError(f"{path.name} has tables that are kept elsewhere; send a plain GeoPackage")
