"""Whether the files of a release are what its manifest says: every changed, missing and extra byte."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from geo_service.errors import DamagedReleaseError
from geo_service.release.layout import MANIFEST, SUMS
from geo_service.release.manifest import read_manifest
from geo_service.release.protocol import Fault
from geo_service.release.writer import file_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.release.manifest import Collection, Manifest

__all__ = ["faults_of", "load_manifest", "missing_files", "sums_text"]

_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")
_CHUNK = 1 << 20


def load_manifest(folder: Path) -> Manifest:
    """The manifest of the release in a folder.

    Raises:
        DamagedReleaseError: It is not there, cannot be read, or is another release's.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DamagedReleaseError(f"{path} cannot be read: {why}") from error
    manifest = read_manifest(text, str(path))
    if manifest.id != folder.name:
        raise DamagedReleaseError(f"{path} is the manifest of release {manifest.id}")
    return manifest


def sums_text(manifest: Manifest) -> str:
    """What `SHA256SUMS` holds, as `sha256sum` writes it: the manifest and each file, sorted by name."""
    sums = {one.file: one.sha256 for one in manifest.collections}
    sums[MANIFEST] = hashlib.sha256(manifest.to_json().encode()).hexdigest()
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def missing_files(folder: Path, manifest: Manifest) -> list[Fault]:
    """The files of a manifest that are not there or do not have their length; none is read."""
    faults = []
    for one in manifest.collections:
        path = folder / one.file
        if not path.is_file():
            faults.append(Fault(one.file, "is missing"))
        elif (size := path.stat().st_size) != one.bytes:
            faults.append(Fault(one.file, f"has {size} bytes instead of {one.bytes}"))
    return faults


def faults_of(folder: Path, release: str, progress: Callable[[str], None] = lambda _: None) -> list[Fault]:
    """Everything in which the files of a release are not what its manifest says.

    Args:
        folder: That of the release; any name.
        release: The id that it should have.
        progress: Told of each file before it is read.

    Returns:
        Empty when the release is whole.
    """
    faults: list[Fault] = []
    found = dict(_files(folder))
    sums = _sums(folder, found, faults)
    manifest = _manifest(folder, release, sums, faults)
    expected = {MANIFEST, SUMS}
    if manifest is not None:
        listed = {MANIFEST, *(one.file for one in manifest.collections)}
        expected |= listed
        if sums is not None:
            faults += [Fault(SUMS, f"does not list {name}") for name in sorted(listed - sums.keys())]
            faults += [Fault(SUMS, f"lists {name} too") for name in sorted(sums.keys() - listed)]
        for one in manifest.collections:
            progress(one.file)
            faults += [Fault(one.file, what) for what in _collection_faults(folder, one, sums, found)]
    elif sums is not None:
        expected |= sums.keys()
        for name in sorted(sums.keys() - {MANIFEST}):
            progress(name)
            faults += [Fault(name, what) for what in _file_faults(folder, name, sums[name], found)]
    folders = {name.rpartition("/")[0] for name in expected} - {""}
    for name, mode in sorted(found.items()):
        if name not in (folders if stat.S_ISDIR(mode) else expected):
            faults.append(Fault(name, "is not of this release"))
    return faults


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Everything under a folder with its mode; links are not followed."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)  # noqa: PTH118
            yield os.path.relpath(path, folder).replace(os.sep, "/"), os.lstat(path).st_mode


def _sums(folder: Path, found: dict[str, int], faults: list[Fault]) -> dict[str, str] | None:
    if SUMS not in found:
        faults.append(Fault(SUMS, "is missing"))
        return None
    try:
        text = (folder / SUMS).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        faults.append(Fault(SUMS, "cannot be read"))
        return None
    lines = [_LINE.fullmatch(line) for line in text.split("\n")[:-1]]
    sums = {line[2]: line[1] for line in lines if line is not None}
    as_written = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    if text != as_written:
        faults.append(Fault(SUMS, "is not as it was written"))
    return sums


def _manifest(
    folder: Path, release: str, sums: dict[str, str] | None, faults: list[Fault]
) -> Manifest | None:
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        faults.append(Fault(MANIFEST, "is missing" if missing else f"cannot be read: {error.strerror}"))
        return None
    if sums is not None and MANIFEST in sums and hashlib.sha256(text).hexdigest() != sums[MANIFEST]:
        faults.append(Fault(MANIFEST, f"is not what {SUMS} says: its SHA-256 is another"))
    try:
        manifest = read_manifest(text.decode("utf-8"), MANIFEST)
    except (DamagedReleaseError, UnicodeDecodeError) as error:
        faults.append(Fault(MANIFEST, f"cannot be used: {error}"))
        return None
    if manifest.id != release:
        faults.append(Fault(MANIFEST, f"is that of release {manifest.id}, not of {release}"))
    return manifest


def _collection_faults(
    folder: Path, collection: Collection, sums: dict[str, str] | None, found: dict[str, int]
) -> Iterator[str]:
    if sums is not None and sums.get(collection.file, collection.sha256) != collection.sha256:
        yield f"has another SHA-256 in {SUMS} than in {MANIFEST}"
    wrong = list(_file_faults(folder, collection.file, collection.sha256, found, collection.bytes))
    yield from wrong
    if not wrong:
        yield from _row_faults(folder, collection)


def _file_faults(
    folder: Path, name: str, sha256: str, found: dict[str, int], size: int | None = None
) -> Iterator[str]:
    if name not in found:
        yield "is missing"
        return
    if not stat.S_ISREG(found[name]):
        yield "is not a file"
        return
    try:
        actual, actual_size = _sha256(folder / name)
    except OSError as error:
        yield f"cannot be read: {error.strerror or error}"
        return
    if size is not None and actual_size != size:
        yield f"has {actual_size} bytes instead of {size}"
    elif actual != sha256:
        yield f"was changed: its SHA-256 is {actual} instead of {sha256}"


def _row_faults(folder: Path, collection: Collection) -> Iterator[str]:
    try:
        with pq.ParquetFile(folder / collection.file) as file:
            columns = file.schema_arrow.remove_metadata()
            rows = sum(batch.num_rows for batch in file.iter_batches(use_threads=False))
    except (pa.ArrowException, OSError) as error:
        yield f"cannot be read as Parquet: {error}"
        return
    if rows != collection.rows:
        yield f"has {rows} rows instead of {collection.rows}"
    if not columns.equals(file_schema(collection)):
        yield "has other columns than the manifest says"


def _sha256(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            # What is read should be what the disk has, not what was in memory when it was written.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
