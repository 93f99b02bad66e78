"""Files that several processes share: locked while somebody works, written as a whole."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from geo_service.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has none
    fcntl = None  # type: ignore[assignment]

__all__ = ["age", "is_free", "locked", "write_whole"]


def locked(path: Path) -> int:
    """A descriptor of a file, made where it is not there, that is locked until it and all that inherited it are closed.

    Raises:
        StoreError: There are no locks here.
    """
    if fcntl is None:  # pragma: no cover
        raise StoreError("uploads need locks that this operating system lacks")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def is_free(path: Path) -> bool:
    """Whether nobody has a file locked any more; one that is not there is free."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def age(path: Path, now: float) -> float:
    """Seconds since a file or folder was changed; of what is gone already none."""
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees all of it or what was there before."""
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
