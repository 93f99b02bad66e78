"""Parts of collections that were asked for lately, kept in memory: a release never changes, so that they stay right."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import pyarrow as pa

__all__ = ["KeptTables"]


class KeptTables:
    """Tables by key; those asked for last stay. Safe for many threads at once.

    Args:
        most: How many bytes are kept; 0 keeps nothing.
    """

    def __init__(self, most: int) -> None:
        """Keep nothing yet."""
        self.most = most
        self.bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, pa.Table] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], pa.Table]) -> pa.Table:
        """The table of a key, read where it is not kept; two threads may read the same at once."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        table = read()
        with self._lock:
            if key not in self._kept and table.nbytes <= self.most:
                self._kept[key] = table
                self.bytes += table.nbytes
                while self.bytes > self.most:
                    self.bytes -= self._kept.popitem(last=False)[1].nbytes
        return table

    def forget(self, goes: Callable[[Hashable], bool]) -> None:
        """Let go of the tables of these keys."""
        with self._lock:
            for key in [one for one in self._kept if goes(one)]:
                self.bytes -= self._kept.pop(key).nbytes

    def keys(self) -> list[Hashable]:
        """The keys of what is kept, those asked for last at the end."""
        with self._lock:
            return list(self._kept)
