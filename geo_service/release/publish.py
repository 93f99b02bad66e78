"""Publishing into a folder: written beside, synced, read back, renamed, and only then named by `current`.

A process that dies at any moment leaves the release that counts as it was; what it left is cleaned away by the next that publishes.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from geo_service.errors import DamagedReleaseError, InputError
from geo_service.release.layout import (
    MANIFEST,
    SUMS,
    clean,
    make_folder,
    new_file,
    output_errors,
    pointed,
    pointer,
    release_ids,
    sync_folder,
    writing_folder,
)
from geo_service.release.locks import Lease, clean_leases, publishing_lock
from geo_service.release.manifest import Manifest
from geo_service.release.parts import Part
from geo_service.release.verify import faults_of, load_manifest, sums_text
from geo_service.release.writer import file_of, write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.release.manifest import Collection
    from geo_service.release.parts import Contents
    from geo_service.release.protocol import Fault

__all__ = ["changing", "publish", "receive"]

_NO_ID = "0" * 32


@contextmanager
def changing(
    directory: Path, failed: str, progress: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Be the only one who changes a folder of releases, without what others left half-made.

    Args:
        directory: The folder; made where it is not there.
        failed: What was not done, if it fails.
        progress: Told of what is cleaned away.

    Raises:
        BusyError: Somebody else is.
        OutputError: In place of an OSError.
    """
    with output_errors(directory, failed):
        make_folder(directory)
        with publishing_lock(directory):
            progress("alone in the folder")
            for name in clean(directory):
                progress(f"cleaned away {name}, which somebody who was stopped left half-made")
            clean_leases(directory, release_ids(directory))
            yield


def publish(
    directory: Path, contents: Contents, progress: Callable[[str], None] = lambda _: None
) -> Manifest:
    """Publish a release and make it the one that counts.

    Args:
        directory: The folder of releases; made where it is not there.
        contents: What it is made of.
        progress: Told of each step before it is taken.

    Returns:
        Its manifest; that of the release that is there already when it has the same content. What is there is then checked, and
        mended where it is damaged.

    Raises:
        InputError: There are no parts, or one that cannot be written.
        BusyError: Somebody else is publishing.
        OutputError: The disk is full, read-only or not this user's.
        DamagedReleaseError: What was written cannot be read back.
    """
    if not contents.parts:
        raise InputError("there is nothing to publish: a release has one part or more")
    with (
        changing(directory, "the release cannot be published", progress),
        writing_folder(directory) as folder,
    ):
        collections = []
        for number, part in enumerate(contents.parts, start=1):
            progress(f"writing {part.name} ({number} of {len(contents.parts)})")
            collections.append(_write(folder, part))
        manifest = Manifest(
            id=_NO_ID,
            round=contents.round,
            inputs=contents.inputs,
            parameters=contents.parameters,
            versions=contents.versions,
            licences=contents.licences,
            notes=contents.notes,
            collections=tuple(collections),
        ).identified()
        faults = _faults_there(directory, manifest.id, progress)
        if faults == []:
            return _point(directory, manifest.id, progress)
        manifest = manifest.model_copy(update={"parent": _parent(directory, manifest.id, faults)})
        return _place(directory, folder, manifest, faults, progress)


def receive(
    directory: Path,
    manifest: Manifest,
    rows: Callable[[str], Iterator[pa.RecordBatch]],
    progress: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Keep a copy of a release of another store, with its id and parent, and make it the one that counts.

    Args:
        directory: The folder of releases; made where it is not there.
        manifest: The release's.
        rows: All rows of a collection by its name, in the order of `fid`; not asked for when the release is here and whole.
        progress: Told of each step before it is taken.

    Returns:
        The manifest of the release as it is here.

    Raises:
        BusyError: Somebody else is publishing.
        OutputError: The disk is full, read-only or not this user's.
        DamagedReleaseError: Rows are not those of the manifest, or what was written cannot be read back.
    """
    _refuse_strange(manifest)
    with (
        changing(directory, "the release cannot be copied here", progress),
        writing_folder(directory) as folder,
    ):
        faults = _faults_there(directory, manifest.id, progress)
        if faults == []:
            return _point(directory, manifest.id, progress)
        for number, one in enumerate(manifest.collections, start=1):
            progress(f"copying {one.name} ({number} of {len(manifest.collections)})")
            if (written := _write(folder, Part.of(one, partial(rows, one.name)))) != one:
                raise DamagedReleaseError(_differing(manifest, one, written))
        return _place(directory, folder, manifest, faults, progress)


def _write(folder: Path, part: Part) -> Collection:
    path = folder / file_of(part.kind, part.name)
    path.parent.mkdir(exist_ok=True)
    with new_file(path) as file:
        return write_part(part, file)


def _faults_there(directory: Path, release: str, progress: Callable[[str], None]) -> list[Fault] | None:
    """What is wrong with a release that is here already; null when it is not here."""
    if not (directory / release).is_dir():
        return None
    progress(f"checking release {release[:12]}, which has this content and is here already")
    return faults_of(directory / release, release)


def _parent(directory: Path, release: str, faults: list[Fault] | None) -> str | None:
    """What a release that is here already says is its parent, else the release that counts."""
    if faults is not None and not any(fault.where in {MANIFEST, SUMS} for fault in faults):
        return load_manifest(directory / release).parent
    # A pointer that is damaged names no parent, and is put right by what is being published.
    with suppress(DamagedReleaseError):
        former = pointed(directory)
        if former is not None and former != release and (directory / former).is_dir():
            return former
    return None


def _place(
    directory: Path,
    folder: Path,
    manifest: Manifest,
    faults: list[Fault] | None,
    progress: Callable[[str], None],
) -> Manifest:
    progress("writing the manifest")
    for name, text in ((MANIFEST, manifest.to_json()), (SUMS, sums_text(manifest))):
        with new_file(folder / name) as file:
            file.write(text.encode())
    for one in (*(path for path in folder.iterdir() if path.is_dir()), folder):
        sync_folder(one)
    progress("reading back what was written")
    _refuse(faults_of(folder, manifest.id), directory)
    return _point(directory, manifest.id, progress, folder, faults)


def _point(
    directory: Path,
    release: str,
    progress: Callable[[str], None],
    folder: Path | None = None,
    faults: list[Fault] | None = None,
) -> Manifest:
    """Make a release the one that counts, after it was put in its place or mended with what is in `folder`."""
    kept = directory / release
    # Made by whoever may write here, so that readers who may not can hold it.
    Lease(directory, release).release()
    with pointer(directory, release) as move:
        if folder is not None and faults:
            progress(f"mending {len(faults)} faults of release {release[:12]}")
            _mend(kept, folder, faults)
        elif folder is not None:
            progress(f"putting release {release[:12]} in its place")
            folder.rename(kept)
            sync_folder(directory)
        progress("making it the release that counts")
        move()
    progress(f"release {release[:12]} counts")
    return load_manifest(kept)


def _mend(kept: Path, folder: Path, faults: list[Fault]) -> None:
    """Put whole files, which are in `folder`, where faulty ones are in `kept`, each in one step."""
    for where in {fault.where for fault in faults}:
        path = kept / where
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not (folder / where).is_file():
            path.unlink(missing_ok=True)
    # The checksums come last: until then they say that something is wrong.
    for path in sorted(folder.rglob("*"), key=lambda path: (path.name == SUMS, str(path))):
        if path.is_file():
            to = kept / path.relative_to(folder)
            to.parent.mkdir(exist_ok=True)
            path.replace(to)
            sync_folder(to.parent)
    sync_folder(kept)
    _refuse(faults_of(kept, kept.name), kept.parent)


def _refuse(faults: list[Fault], directory: Path) -> None:
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise DamagedReleaseError(
            f"{directory}: what was written cannot be read back as it was: {faults[0].where} {faults[0].what}{more}; "
            "check the disk"
        )


def _refuse_strange(manifest: Manifest) -> None:
    if manifest.id != manifest.content_id():
        raise DamagedReleaseError(
            f"release {manifest.id[:12]} has the content of another: its id does not fit"
        )
    for one in manifest.collections:
        if one.file != file_of(one.kind, one.name):
            raise DamagedReleaseError(
                f"release {manifest.id[:12]} keeps {one.name} in '{one.file}', which is no place for it"
            )


def _differing(manifest: Manifest, wanted: Collection, written: Collection) -> str:
    where = f"release {manifest.id[:12]}, {wanted.name}"
    if written.rows != wanted.rows:
        return f"{where}: {written.rows} rows came instead of {wanted.rows}"
    made = manifest.versions.get("pyarrow", pa.__version__)
    if made != pa.__version__:
        return (
            f"{where}: written with pyarrow {pa.__version__} the bytes are others than with {made}, which made it; "
            f"use pyarrow {made} to copy and check it"
        )
    return f"{where}: the rows that came are not those of its manifest (SHA-256 {written.sha256}, not {wanted.sha256})"
