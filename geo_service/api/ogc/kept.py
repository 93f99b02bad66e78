"""What was worked out once and is asked for again: documents, and how many features a question has.

Releases never change, so that nothing kept is ever wrong; what was not used for longest goes first.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

from geo_service.api.context import Asked
from geo_service.api.kept import Kept
from geo_service.api.live import LiveReleases

__all__ = ["Shelf", "shelf_of"]

_DOCUMENTS = 128
_COUNTS = 4_096
_LAYERS = 1_024


class Shelf:
    """All that is kept for one app."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.documents: Kept[Any] = Kept(_DOCUMENTS)
        self.counts: Kept[int] = Kept(_COUNTS)
        self.layers: Kept[Any] = Kept(_LAYERS)


_SHELVES: WeakKeyDictionary[LiveReleases, Shelf] = WeakKeyDictionary()
_LOCK = threading.Lock()


def shelf_of(asked: Asked) -> Shelf:
    """What is kept for the app that a request is made to."""
    with _LOCK:
        shelf = _SHELVES.get(asked.live)
        if shelf is None:
            shelf = _SHELVES[asked.live] = Shelf()
        return shelf
