"""One case after another, its contenders in turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.agreement import Agreement, compare, compare_units
from tests.benchmarks.cases import Ceiling, Wanted
from tests.benchmarks.worker import Measured, Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.cases import Case
    from tests.benchmarks.inputs import Inputs

__all__ = ["CaseResult", "Row", "Verdict", "run_case"]


@dataclass(slots=True)
class Row:
    """A contender in the report.

    Attributes:
        measured: What it did.
        ratio: Its median over ours; null where either was not measured.
        agreement: How its answer compares with ours; null where it is not compared.
    """

    measured: Measured
    ratio: float | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wanted of ours and what it is.

    Attributes:
        text: What was wanted.
        measured: What it is, in `unit`.
        unit: `times`, `s` or `MB`.
        is_met: Whether it is enough.
    """

    text: str
    measured: float
    unit: str
    is_met: bool


@dataclass(slots=True)
class CaseResult:
    """A case with all that came out of it; the first row is ours."""

    name: str
    rows: list[Row]
    verdicts: list[Verdict] = field(default_factory=list)


def run_case(case: Case, inputs: Inputs, repeats: int, tell: Callable[[str], None]) -> CaseResult:
    """Run the contenders of a case in turns, each at most `repeats` times, every second round in the other order."""
    workers = []
    for contender, rows, details in case.contenders:
        tell(f"{contender.name}: reading its inputs and warming up")
        worker = Worker(contender, inputs, rows, details)
        worker.prepare()
        workers.append(worker)
    for turn in range(repeats):
        for worker in workers if turn % 2 == 0 else reversed(workers):
            if not worker.is_done:
                tell(f"{worker.contender.name}: run {turn + 1} of {repeats}")
                worker.run()
    rows = [Row(worker.finish()) for worker in workers]
    _compare(case, inputs, rows)
    verdicts = [verdict for wanted in case.wanted if (verdict := _verdict(wanted, rows)) is not None]
    for row in rows:
        row.measured.answer = None
    return CaseResult(case.name, rows, verdicts)


def _compare(case: Case, inputs: Inputs, rows: list[Row]) -> None:
    ours = rows[0].measured
    for row in rows[1:]:
        other = row.measured
        if ours.seconds and other.seconds:
            row.ratio = other.median_s / ours.median_s
        if ours.answer is None or other.answer is None or len(other.answer) > len(ours.answer):
            continue
        if case.geodesic:
            points, facilities = inputs.lon_lat("households", other.rows), inputs.lon_lat("facilities-0")
            row.agreement = compare(ours.answer, other.answer, points, facilities)
        else:
            row.agreement = compare_units(ours.answer, other.answer)


def _verdict(wanted: Wanted | Ceiling, rows: list[Row]) -> Verdict | None:
    if isinstance(wanted, Ceiling):
        return _within(wanted, rows)
    ratio = next((row.ratio for row in rows if row.measured.name == wanted.peer.name), None)
    if ratio is None:
        return None
    if wanted.at_most:
        text = f"at most {wanted.times:g} times {wanted.peer.name}"
        return Verdict(text, 1 / ratio, "times", 1 / ratio <= wanted.times)
    text = f"at least {wanted.times:g} times faster than {wanted.peer.name}"
    return Verdict(text, ratio, "times", ratio >= wanted.times)


def _within(wanted: Ceiling, rows: list[Row]) -> Verdict | None:
    found = next((row.measured for row in rows if row.measured.name == wanted.contender.name), None)
    if found is None or not found.seconds:
        return None
    measured = getattr(found, wanted.measure)
    if measured is None:
        return None
    unit = "s" if wanted.measure == "median_s" else "MB"
    return Verdict(f"at most {wanted.most:g} {unit} of {found.name}", measured, unit, measured <= wanted.most)
