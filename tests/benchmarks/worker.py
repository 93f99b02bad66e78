"""Contenders in processes of their own, so that memory is each one's own, run in turns, so that all meet the same machine."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.contender import Contender, UnavailableError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tests.benchmarks.inputs import Inputs

__all__ = ["Measured", "Worker"]

PREPARE_SECONDS = 600
RUN_SECONDS = 1800
SLOW_SECONDS = 30
"""A contender that takes longer is run three times in all, the first of which counts too."""


@dataclass(slots=True)
class Measured:
    """What one contender did.

    Attributes:
        name: The contender.
        rows: Rows it was given.
        scale: What its seconds were multiplied by, because it was given a sample.
        seconds: One a run, scaled.
        parts: Median seconds of named parts, scaled.
        peak_mb: The most memory its process ever had, or its server.
        beyond_mb: The same, less what it had with its inputs read; null for a server.
        note: What a reader must know.
        skipped: Why it was not measured.
        answer: Positions, shape (rows, k); null when not compared.
    """

    name: str
    note: str
    rows: int
    scale: float = 1.0
    seconds: list[float] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)
    peak_mb: float | None = None
    beyond_mb: float | None = None
    skipped: str | None = None
    answer: np.ndarray | None = None

    @property
    def median_s(self) -> float:
        """The median of its runs, in seconds."""
        return float(np.median(self.seconds))


class Worker:
    """A contender in its own process.

    Args:
        contender: Which.
        inputs: What it reads.
        rows: How many households.
        details: What else its case says.
    """

    def __init__(
        self, contender: type[Contender], inputs: Inputs, rows: int, details: dict[str, Any]
    ) -> None:
        """Start the process; nothing is measured yet."""
        self.contender = contender
        self.measured = Measured(contender.name, contender.note, rows)
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, contender, inputs, rows, details), daemon=True
        )
        self._process.start()
        other.close()

    def prepare(self) -> None:
        """Let it read its inputs and do the work once untimed, unless it is slow."""
        told = self._receive(PREPARE_SECONDS)
        if told is not None:
            self.measured.rows, self.measured.scale = told
            self.run(warm_up=True)

    def run(self, *, warm_up: bool = False) -> None:
        """Let it do the work once. A warm-up counts only where it was slow."""
        if self.is_done:
            return
        self._connection.send("run")
        told = self._receive(RUN_SECONDS)
        if told is not None:
            seconds, parts = told
            if not warm_up or seconds > SLOW_SECONDS:
                self.measured.seconds.append(seconds * self.measured.scale)
                self.measured.parts = {name: part * self.measured.scale for name, part in parts.items()}

    @property
    def is_done(self) -> bool:
        """Whether it has been run as often as is useful, or cannot be."""
        seconds = self.measured.seconds
        is_slow = bool(seconds) and seconds[0] / self.measured.scale > SLOW_SECONDS
        return self.measured.skipped is not None or len(seconds) >= (3 if is_slow else self.contender.repeats)

    def finish(self) -> Measured:
        """What it did; its process is over."""
        if self.measured.skipped is None:
            self._connection.send("finish")
            told = self._receive(PREPARE_SECONDS)
            if told is not None:
                self.measured.peak_mb, self.measured.beyond_mb, self.measured.answer, remark = told
                self.measured.note = "; ".join(part for part in (remark, self.measured.note) if part)
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()
        return self.measured

    def _receive(self, seconds: float) -> Any:
        try:
            if not self._connection.poll(seconds):
                self._process.terminate()
                self.measured.skipped = f"it took longer than {seconds:,} s"
                return None
            kind, told = self._connection.recv()
        except (EOFError, OSError):
            self.measured.skipped = "its process ended: was there too little memory?"
            return None
        if kind == "skipped":
            self.measured.skipped = told
            return None
        return told


def _serve(
    connection: Connection, kind: type[Contender], inputs: Inputs, rows: int, details: dict[str, Any]
) -> None:
    # What a peer warns of is its own affair; what it answers is compared.
    warnings.simplefilter("ignore")
    contender = kind(inputs, rows, **details)
    try:
        contender.prepare()
        gc.collect()
        before_mb = _reset_peak_mb()
        connection.send(("ready", (contender.rows, contender.scale)))
        result = None
        while connection.recv() == "run":
            result = None
            start = time.perf_counter()
            result = contender.run()
            connection.send(("ran", (time.perf_counter() - start, contender.parts)))
        peak_mb, helpers_mb = _peak_mb(), contender.helpers_peak_mb()
        memory = (peak_mb, peak_mb - before_mb) if helpers_mb is None else (helpers_mb, None)
        connection.send(("finished", (*memory, contender.answer(result), contender.remark(result))))
    except UnavailableError as error:
        connection.send(("skipped", str(error)))
    except Exception as error:  # noqa: BLE001 - a peer that fails is a row of the report, not the end of the run
        connection.send(("skipped", f"{type(error).__name__}: {error}"[:300]))
    finally:
        contender.close()


def _reset_peak_mb() -> float:
    """Make the peak start from now where the system can, and say how much memory is in use, in MB."""
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")
    return _status_mb("VmRSS")


def _peak_mb() -> float:
    return _status_mb("VmHWM")


def _status_mb(name: str) -> float:
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split(f"{name}:")[1].split()[0]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
