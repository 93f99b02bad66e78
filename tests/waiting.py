"""Waiting for what another thread or process does, however busy the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["wait_until"]


def wait_until(is_so: Callable[[], object], within_s: float = 60.0) -> None:
    """Ask again and again, and fail when it is not so in time.

    Args:
        is_so: What is waited for.
        within_s: How long, far above what it takes.
    """
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
