"""What came out of the benchmark of the API, as Markdown, JSON and tables on the screen."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from tests.benchmarks.api_cases import ApiCase
    from tests.benchmarks.api_wrk import Timing

__all__ = ["ApiConditions", "ApiRow", "case_table", "verdicts", "write_api_report"]

OURS, PYGEOAPI, TIPG = "geo_service", "pygeoapi", "tipg"
LIBRARIES = (
    "geo-service",
    "pygeoapi",
    "tipg",
    "uvicorn",
    "starlette",
    "fastapi",
    "duckdb",
    "psycopg",
    "asyncpg",
    "orjson",
)
ITEMS, FIRST, DEEP, UNCHANGED = "items 1,000", "items 1,000", "deep page", "unchanged"
TIMES_PYGEOAPI, TIMES_TIPG, AS_FAST, SERVER_MS = 5.0, 2.0, 0.9, 1.0


@dataclass(slots=True)
class ApiConditions:
    """Under which the run was made.

    Attributes:
        date: ISO.
        cores: Of the machine.
        python: Its version.
        versions: Of libraries.
        data: What was served.
        seconds: Of each service and case.
        connections: Kept open.
        load_before: The mean number of busy processes in the last minute before the run.
        load_after: The same at its end.
    """

    date: str
    cores: int
    python: str
    versions: dict[str, str]
    data: str
    seconds: float
    connections: int
    load_before: float
    load_after: float = float("nan")

    @classmethod
    def now(cls, data: str, seconds: float, connections: int) -> ApiConditions:
        """Those of this run; nothing that names the machine."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        versions = {name: found for name in LIBRARIES if (found := _version(name)) is not None}
        today = datetime.now(tz=UTC).date().isoformat()
        load = os.getloadavg()[0]
        return cls(today, cores, platform.python_version(), versions, data, seconds, connections, load)


@dataclass(slots=True)
class ApiRow:
    """What one service did with one case.

    Attributes:
        name: The service.
        timing: With all connections; null where it was not measured.
        bytes: Of one answer.
        once_s: Seconds that one request took when nobody else asked.
        cpu_ms: Milliseconds of processor time a request, with the database's.
        skipped: Why it was not measured.
        alone: With one connection.
        trivial: The same, of a path that costs nothing.
        server_ms: Milliseconds a request that the server itself says it took.
    """

    name: str
    timing: Timing | None = None
    bytes: int = 0
    cpu_ms: float | None = None
    once_s: float | None = None
    skipped: str | None = None
    alone: Timing | None = None
    trivial: Timing | None = None
    server_ms: float | None = field(default=None)

    @property
    def is_ours(self) -> bool:
        """Whether it is this project's."""
        return self.name.startswith(OURS)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _columns(rows: Sequence[ApiRow]) -> list[str]:
    ours = [f"x {row.name}" for row in rows if row.is_ours and row.timing]
    return ["service", "requests/s", "p50 ms", "p99 ms", "CPU ms", "MB/s", "kB an answer", *ours, "notes"]


def _cells(row: ApiRow, rows: Sequence[ApiRow]) -> list[str]:
    """A row; `x ours` is how many times as many requests a second ours answers."""
    ours = [one.timing for one in rows if one.is_ours and one.timing]
    if row.timing is None:
        return [row.name, *[""] * (6 + len(ours)), f"absent: {row.skipped}"]
    timing = row.timing
    notes = []
    if not timing.requests and row.once_s is not None:
        notes.append(f"it answered nothing in time; alone one answer took {row.once_s:.1f} s")
    if timing.errors:
        notes.append(f"{timing.errors} errors")
    if row.alone and row.trivial:
        more = row.alone.p50_ms - row.trivial.p50_ms
        notes.append(f"one connection: p50 {row.alone.p50_ms:.3f} ms, {more:+.3f} ms beside a trivial path")
    if row.server_ms is not None:
        notes.append(f"{row.server_ms:.3f} ms of server time by its own metrics")
    ratios = [f"{_ratio(one, timing):.2f}" if timing.per_second else "" for one in ours]
    speeds = [f"{timing.per_second:,.1f}", f"{timing.p50_ms:,.2f}", f"{timing.p99_ms:,.2f}"]
    return [
        row.name,
        *speeds,
        "" if row.cpu_ms is None else f"{row.cpu_ms:,.2f}",
        f"{timing.mb_per_second:,.1f}",
        f"{row.bytes / 1e3:,.1f}",
        *ratios,
        "; ".join(notes),
    ]


def _ratio(ours: Timing, other: Timing) -> float:
    return ours.per_second / other.per_second if other.per_second else float("inf")


def case_table(case: ApiCase, rows: Sequence[ApiRow]) -> Table:
    """One case for the screen."""
    table = Table(title=f"{case.name}: {case.title}", title_justify="left")
    for heading in _columns(rows):
        table.add_column(heading, justify="left" if heading in {"service", "notes"} else "right")
    for row in rows:
        table.add_row(*_cells(row, rows))
    return table


def verdicts(rows: Mapping[str, Sequence[ApiRow]]) -> list[dict[str, Any]]:
    """What is wanted of ours and what was measured, for each of our stores."""
    found: list[dict[str, Any]] = []

    def add(text: str, measured: float, unit: str, *, is_met: bool) -> None:
        found.append({"wanted": text, "measured": measured, "unit": unit, "is_met": bool(is_met)})

    timings = {
        name: {row.name: row.timing for row in of_case if row.timing} for name, of_case in rows.items()
    }
    items = timings.get(ITEMS, {})
    for name, ours in items.items():
        if not name.startswith(OURS):
            continue
        for other, timing in items.items():
            for peer, times in ((PYGEOAPI, TIMES_PYGEOAPI), (TIPG, TIMES_TIPG)):
                if other.startswith(peer):
                    ratio = _ratio(ours, timing)
                    text = f"items of 1,000, {name}: at least {times:g} times {other}"
                    add(text, ratio, "times", is_met=ratio >= times)
        deep = timings.get(DEEP, {}).get(name)
        if deep:
            ratio = _ratio(deep, ours)
            add(f"a deep page of {name} as fast as the first", ratio, "times", is_met=ratio >= AS_FAST)
    for row in rows.get(UNCHANGED, ()):
        if row.server_ms is not None:
            text = f"304 of {row.name} under {SERVER_MS:g} ms of server time"
            add(text, row.server_ms, "ms", is_met=row.server_ms < SERVER_MS)
    return found


def write_api_report(
    folder: Path,
    conditions: ApiConditions,
    cases: Sequence[ApiCase],
    rows: Mapping[str, Sequence[ApiRow]],
    memory: Mapping[str, float],
    notes: Mapping[str, str],
    skipped: Mapping[str, str],
    console: Console,
) -> list[Path]:
    """Write `api.md` and `api.json` into `folder`, each beside its place and then renamed, and print what is wanted.

    Args:
        folder: Made where it is not there.
        conditions: Of the run.
        cases: In their order.
        rows: Of each case by its name.
        memory: The most that each service had, in MB.
        notes: Of each service.
        skipped: Why services are absent.
        console: For the verdicts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judged = verdicts(rows)
    for one in judged:
        said = "[green]met" if one["is_met"] else "[yellow]not met"
        console.print(f"wanted {one['wanted']}: measured {one['measured']:.3g} {one['unit']}, {said}")
    for name, most in memory.items():
        console.print(f"{name}: at most {most:,.0f} MB")
    document = {
        **asdict(conditions),
        "services": [{"name": name, "peak_mb": most, "note": notes[name]} for name, most in memory.items()],
        "absent": dict(skipped),
        "cases": [
            {
                "name": case.name,
                "title": case.title,
                "note": case.note,
                "rows": [asdict(row) for row in rows[case.name]],
            }
            for case in cases
        ],
        "wanted": judged,
    }
    texts = {
        "api.md": _markdown(conditions, cases, rows, memory, notes, skipped, judged),
        "api.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        beside = folder / f".{name}.part"
        beside.write_text(text, encoding="utf-8")
        beside.replace(folder / name)
    return [folder / name for name in texts]


def _markdown(
    conditions: ApiConditions,
    cases: Sequence[ApiCase],
    rows: Mapping[str, Sequence[ApiRow]],
    memory: Mapping[str, float],
    notes: Mapping[str, str],
    skipped: Mapping[str, str],
    judged: Sequence[Mapping[str, Any]],
) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in conditions.versions.items())
    lines = [
        "# The HTTP API beside pygeoapi and tipg",
        "",
        (
            f"- Date: {conditions.date}; {conditions.cores} cores; Python {conditions.python}; "
            f"load {conditions.load_before:.1f} before and {conditions.load_after:.1f} after"
        ),
        f"- Libraries: {versions}",
        f"- Data: {conditions.data}.",
        (
            f"- Client: wrk, one thread, {conditions.connections} kept connections, {conditions.seconds:g} s a case and service, longer where it is "
            "slow; uncompressed GeoJSON; answers are compared before they are measured; CPU ms is processor time a request of "
            "the service and its database together; `x` is how many times as many requests a second ours answers"
        ),
        "",
        "| service | peak MB | notes |",
        "| --- | ---: | --- |",
        *(f"| {name} | {most:,.0f} | {notes[name]} |" for name, most in memory.items()),
        *(f"| {name} | | absent: {why} |" for name, why in skipped.items()),
        "",
        "Memory is of the service's processes, without the database.",
        "",
    ]
    for case in cases:
        headings = _columns(rows[case.name])
        lines += [f"## {case.name}", "", f"{case.title}." + (f" Note: {case.note}." if case.note else ""), ""]
        lines += [f"| {' | '.join(headings)} |", "| --- |" + " ---: |" * (len(headings) - 2) + " --- |"]
        cells = [_cells(row, rows[case.name]) for row in rows[case.name]]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in cells]
        lines.append("")
    lines += ["## Wanted", ""] if judged else []
    for one in judged:
        said = "met" if one["is_met"] else "not met"
        lines.append(f"- {one['wanted']}: measured {one['measured']:.3g} {one['unit']}, {said}.")
    return "\n".join(lines) + "\n"
