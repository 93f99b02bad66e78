"""Which tests go to which worker: groups first, then the others some at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

__all__ = ["Scheduling"]

_TOGETHER = 8
"""Few enough that both workers end at about the same time."""


class Scheduling(LoadGroupScheduling):
    """As xdist keeps groups on one worker; tests without a group stay with others of their file.

    xdist sends each of them alone, and after each test looks through all that a worker has ever done: with 8,000 tests that takes
    longer than many of them. And what a file makes for its tests is made by each worker that gets some.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._counts: Counter[str] = Counter()
        self._units: dict[str, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        if group != nodeid:
            return group
        if nodeid not in self._units:
            file = nodeid.partition("::")[0]
            self._units[nodeid] = f"{file} {self._counts[file] // _TOGETHER}"
            self._counts[file] += 1
        return self._units[nodeid]

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget a unit with its last test."""
        unit = self._split_scope(self.registered_collections[node][item_index])
        super().mark_test_complete(node, item_index, duration)
        units = self.assigned_work[node]
        if all(units[unit].values()):
            del units[unit]
