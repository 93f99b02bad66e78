"""Where the files of a folder of releases are, and how they are written so that a crash loses nothing.

```text
<directory>/
├── current             the id of the release that counts
├── publishing.lock     held by whoever publishes, moves the pointer or prunes
├── leases/<id>         held, shared, by each open release
├── <id>/               one release, never changed once it is there
│   ├── manifest.json
│   ├── SHA256SUMS      of the manifest and every other file; `sha256sum --check SHA256SUMS`
│   ├── villages.parquet, access.parquet, …
│   └── tables/<name>.parquet
└── .writing-…, .removing-…    half-made or half-removed; what a process that died left is cleaned away by the next that publishes
```
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo_service.errors import DamagedReleaseError, OutputError, StoreError
from geo_service.release.ids import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

__all__ = [
    "LEASES",
    "LOCK",
    "MANIFEST",
    "SUMS",
    "clean",
    "half_made",
    "input_errors",
    "make_folder",
    "new_file",
    "output_errors",
    "pointed",
    "pointer",
    "release_ids",
    "remove",
    "sync_folder",
    "writing_folder",
]

LOCK = "publishing.lock"
LEASES = "leases"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

_ID = re.compile(r"[0-9a-f]{32}")
_WRITING, _REMOVING, _POINTER = ".writing-", ".removing-", ".current-"

_REASONS = {
    errno.ENOSPC: "the disk is full; make room and publish again",
    errno.EDQUOT: "the disk quota is used up; make room and publish again",
    errno.EFBIG: "a file would be larger than is allowed here",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.ENOTDIR: "it is not a folder",
    errno.EEXIST: "it is not a folder",
}


@contextmanager
def output_errors(directory: Path, failed: str) -> Iterator[None]:
    """Say an error of the operating system as one sentence about a folder of releases.

    Args:
        directory: The folder.
        failed: What was not done, such as `the release cannot be published`.

    Raises:
        OutputError: In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise OutputError(f"{directory}: {failed}: {reason}") from error


@contextmanager
def input_errors(directory: Path) -> Iterator[None]:
    """Say an error of the operating system while a folder of releases is read as one sentence.

    Raises:
        StoreError: In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else directory
        why = {errno.ENOTDIR: "it is not in a folder", errno.EACCES: "this user may not read it"}
        raise StoreError(
            f"{directory} is no folder of releases that can be read: {where}: "
            f"{why.get(error.errno or 0, error.strerror or error)}"
        ) from error


def release_ids(directory: Path) -> list[str]:
    """The ids of all releases in a folder, sorted; none when there is no such folder."""
    try:
        with os.scandir(directory) as entries:
            return sorted(one.name for one in entries if _ID.fullmatch(one.name) and one.is_dir())
    except FileNotFoundError:
        return []


def half_made(directory: Path) -> list[str]:
    """The names of all that is half-made or half-removed in a folder, sorted, that of a publisher at work among them."""
    try:
        names = [path.name for path in directory.iterdir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if name.startswith((_WRITING, _REMOVING, _POINTER)))


def pointed(directory: Path) -> str | None:
    """The id that `current` names, whether or not that release is there; null when there is no `current`.

    Raises:
        DamagedReleaseError: `current` names nothing.
    """
    try:
        text = (directory / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    found = text.decode("ascii", errors="replace").strip()
    if not _ID.fullmatch(found):
        raise DamagedReleaseError(
            f"{directory / CURRENT} does not name a release; name the one that counts: geo-service releases use ID"
        )
    return found


@contextmanager
def pointer(directory: Path, release: str) -> Iterator[Callable[[], None]]:
    """Write beforehand what makes `current` name a release; calling what is given does it in one step.

    A full disk is then found out before the release is in its place.
    """
    beside = directory / f"{_POINTER}{uuid.uuid4().hex}"

    def move() -> None:
        beside.replace(directory / CURRENT)
        sync_folder(directory)

    try:
        with new_file(beside) as file:
            file.write(f"{release}\n".encode("ascii"))
        yield move
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for writing; on disk and read-only when it is left without an error.

    Raises:
        FileExistsError: There is one.
    """
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fchmod(file.fileno(), stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o444)
        os.fsync(file.fileno())


@contextmanager
def writing_folder(directory: Path) -> Iterator[Path]:
    """A folder to write a release in, beside the others; taken away when it is still there at the end."""
    folder = directory / f"{_WRITING}{uuid.uuid4().hex}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they are still there after a loss of power."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        sync_folder(one.parent)


def remove(directory: Path, release: str) -> Path:
    """Take a release from its place in one step; returns the folder that is left to be taken away."""
    away = directory / f"{_REMOVING}{release}-{uuid.uuid4().hex}"
    (directory / release).rename(away)
    sync_folder(directory)
    return away


def clean(directory: Path) -> list[str]:
    """Take away all that is half-made; returns the names. Only for whoever holds the lock: nobody is at work on them then."""
    names = half_made(directory)
    for name in names:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return names


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
