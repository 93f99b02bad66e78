"""Locks of a folder of releases: one publisher at a time, and releases that are open are not pruned.

They are locks of the operating system (`flock`), which are let go of when a process ends, however it ends.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from geo_service.errors import BusyError, StoreError
from geo_service.release.layout import LEASES, LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has none
    fcntl = None  # type: ignore[assignment]

__all__ = ["Lease", "clean_leases", "prune_lock", "publishing_lock"]


@contextmanager
def publishing_lock(directory: Path) -> Iterator[None]:
    """Be the only one who changes a folder of releases.

    Raises:
        BusyError: Somebody else is; the message says who and since when.
        StoreError: This operating system has no such locks.
        OSError: The lock's file cannot be written.
    """
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _flock(descriptor, exclusive=True, wait=False):
            raise BusyError(f"{directory}: {_holder(descriptor)}; try again when that is done")
        try:
            _sign(descriptor)
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
            # Said, not left to the closing: a process that was forked in the meantime has the file open too.
            _flock(descriptor, exclusive=None)
    finally:
        os.close(descriptor)


class Lease:
    """Keeps a release from being pruned, until `release()` or the end of the process.

    Args:
        directory: The folder of releases.
        release: The id of one that is there, or may have gone a moment ago: look after taking the lease.
    """

    def __init__(self, directory: Path, release: str) -> None:
        """Wait for the moment that pruning takes, and take it."""
        self._descriptor = _shared(directory / LEASES / release)

    def release(self) -> None:
        """Let go; nothing the second time."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # Only closed, not unlocked: a process that was forked may still read from the release.
            os.close(descriptor)


@contextmanager
def prune_lock(directory: Path, release: str) -> Iterator[bool]:
    """Whether nobody has a release open; while it is so, who opens it waits. The lease's file is gone afterwards if it was so.

    Raises:
        OSError: The lease's file cannot be written.
    """
    path = directory / LEASES / release
    path.parent.mkdir(exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        alone = _flock(descriptor, exclusive=True, wait=False)
        yield alone
        if alone:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def clean_leases(directory: Path, releases: Iterable[str]) -> None:
    """Take away the files of leases of releases that are not there."""
    with suppress(FileNotFoundError):
        for name in {path.name for path in (directory / LEASES).iterdir()} - set(releases):
            with prune_lock(directory, name):
                """Being the only one who holds it is enough."""


def _shared(path: Path) -> int | None:
    while True:
        descriptor = _opened(path)
        if descriptor is None:
            return None
        _flock(descriptor, exclusive=False)
        # Pruning removes the file: a lock on one that is gone holds nobody back.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)


def _opened(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return os.open(path, os.O_RDONLY)
    try:
        path.parent.mkdir(exist_ok=True)
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
    except OSError as error:
        # A copy on a disk that this reader cannot write to; publishing makes the file, so this is a copy made by hand.
        if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC}:
            return None
        raise


def _flock(descriptor: int, *, exclusive: bool | None, wait: bool = True) -> bool:
    if fcntl is None:  # pragma: no cover
        raise StoreError("releases in a folder need locks that this operating system lacks; use PostGIS")
    kind = fcntl.LOCK_UN if exclusive is None else fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int) -> None:
    since = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
    about = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(about).encode(), 0)


def _holder(descriptor: int) -> str:
    try:
        about = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {about['pid']} on {about['host']} has been publishing since {about['since']}"
    except (ValueError, KeyError, TypeError):
        # It has the lock, and has not said yet who it is.
        return "another process is publishing"
