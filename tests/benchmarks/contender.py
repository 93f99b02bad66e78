"""What is measured: something that is prepared, run several times and asked for its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from tests.benchmarks.inputs import Inputs

__all__ = ["Contender", "UnavailableError", "first_of_each"]


class UnavailableError(Exception):
    """A peer cannot be measured here; the message says why."""


class Contender(ABC):
    """One way of doing the work of a case. Only `run` is timed.

    Attributes:
        name: How the report calls it.
        note: What a reader must know of it.
        sample: How many rows it is given when it is too slow for all; null for all. Its time is scaled linearly.
        repeats: The most times it is run.
    """

    name: ClassVar[str]
    note: ClassVar[str] = ""
    sample: ClassVar[int | None] = None
    repeats: ClassVar[int] = 7

    def __init__(self, inputs: Inputs, rows: int, **details: Any) -> None:
        """Keep what is wanted; nothing is read yet.

        Args:
            inputs: The files.
            rows: How many households the case has.
            details: What else the case says, such as `k`.
        """
        self.inputs = inputs
        self.rows = rows if self.sample is None else min(rows, self.sample)
        self.scale = rows / self.rows if self.rows else 1.0
        self.details = details
        self.parts: dict[str, float] = {}

    @abstractmethod
    def prepare(self) -> None:
        """Read the inputs in the form that this way starts from.

        Raises:
            UnavailableError: It cannot be run here.
        """

    @abstractmethod
    def run(self) -> Any:
        """Do the work once, setting `parts` (seconds) where a part of it is worth telling."""

    def answer(self, result: Any) -> np.ndarray | None:  # noqa: ARG002 - not every result is compared
        """The result as positions of facilities or units, shape (rows, k), -1 for none; null when it is not compared."""
        return None

    def remark(self, result: Any) -> str:  # noqa: ARG002 - not every result needs one
        """What the result says for itself."""
        return ""

    def helpers_peak_mb(self) -> float | None:
        """Peak memory of a server that does the work; null where this process does."""
        return None

    def close(self) -> None:  # noqa: B027 - most start nothing
        """Stop what was started."""


def first_of_each(row: np.ndarray, chosen: np.ndarray, rows: int) -> np.ndarray:
    """The least choice of each row where a join gives several, shape (rows, 1); -1 for none."""
    answer = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(answer, row, chosen)
    answer[answer == np.iinfo(np.int64).max] = -1
    return answer[:, None]
