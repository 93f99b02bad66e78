"""What was worked out once and is asked for again: documents, and how many features a question has.

Releases never change, so that nothing kept is ever wrong; what was not used for longest goes first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from geo_service.api.context import Asked
from geo_service.api.live import LiveReleases

__all__ = ["Kept", "Shelf", "shelf_of"]

_Value = TypeVar("_Value")

_DOCUMENTS = 128
_COUNTS = 4_096
_LAYERS = 1_024


class Kept(Generic[_Value]):
    """The values of the keys that were asked for last. Safe for many threads.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int) -> None:
        """Keep nothing yet."""
        self._most = most
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of a key; made where it is not kept, and not kept where that fails.

        Two threads may make the same value at once: neither waits for the other.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


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
