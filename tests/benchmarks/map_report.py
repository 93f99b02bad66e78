"""What came out of the benchmark of maps, as Markdown, JSON and tables on the screen."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from tests.benchmarks.map_data import MapData
    from tests.benchmarks.map_paint import Paint, ServedSize
    from tests.benchmarks.runner import Row

__all__ = ["MapConditions", "MapRow", "case_table", "map_row", "verdicts", "write_map_report"]

LIBRARIES = (
    "geo-service",
    "geopandas",
    "folium",
    "branca",
    "mapclassify",
    "matplotlib",
    "shapely",
    "XStatic-Leaflet",
    "XStatic-jQuery",
    "XStatic-D3",
    "playwright",
)
HEADINGS = (
    "map",
    "write s, median",
    "min-max s",
    "x ours",
    "kB",
    "x ours",
    "kB gzipped",
    "first paint ms",
    "drawn ms",
    "files of other hosts",
    "drawn without network",
    "peak MB",
    "notes",
)
PRINTED_COLUMNS = (0, 1, 2, 3, 4, 5, 11, 12)
OURS, EXPLORE = "geo_service access", "geopandas explore"
SMALLER, LARGEST_KB, SLOWEST_S = 5.0, 1_500.0, 1.0


@dataclass(slots=True)
class MapConditions:
    """Under which the run was made.

    Attributes:
        date: ISO.
        cores: Of the machine.
        python: Its version.
        versions: Of libraries and of Chromium.
        data: What was drawn.
        load_before: The mean number of busy processes in the last minute before the run.
        load_after: The same at its end.
    """

    date: str
    cores: int
    python: str
    versions: dict[str, str]
    data: str
    load_before: float
    load_after: float = float("nan")

    @classmethod
    def now(cls, data: str, program: str | None) -> MapConditions:
        """Those of this run; nothing that names the machine."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        versions = {name: found for name in LIBRARIES if (found := _version(name)) is not None}
        if program:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
            found = re.search(r"\d+[\d.]+", said)
            versions["Chromium"] = found[0] if found else "unknown"
        today = datetime.now(tz=UTC).date().isoformat()
        return cls(today, cores, platform.python_version(), versions, data, os.getloadavg()[0])


@dataclass(slots=True)
class MapRow:
    """What one way of writing a map did.

    Attributes:
        name: The way.
        path: The file; only while the run lasts.
        seconds: One a run.
        ratio: Its median over ours.
        bytes: Of the file.
        gzipped: The same compressed.
        peak_mb: The most memory its process had.
        note: What a reader must know.
        skipped: Why it was not measured.
        paint: What it did in a browser.
    """

    name: str
    path: Path
    seconds: list[float]
    ratio: float | None
    bytes: int
    gzipped: int
    peak_mb: float | None
    note: str
    skipped: str | None
    paint: Paint | None = None

    @property
    def median_s(self) -> float:
        """The median of its runs, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[len(ordered) // 2]


def map_row(row: Row, path: Path) -> MapRow:
    """The row of a contender that left its file at `path`."""
    measured = row.measured
    found = re.match(r"bytes=(\d+) gzip=(\d+)(?:; )?", measured.note)
    sizes = (int(found[1]), int(found[2])) if found else (0, 0)
    note = measured.note[found.end() :] if found else measured.note
    return MapRow(
        measured.name, path, measured.seconds, row.ratio, *sizes, measured.peak_mb, note, measured.skipped
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cells(row: MapRow, rows: Sequence[MapRow]) -> list[str]:
    if not row.seconds:
        return [row.name, *[""] * (len(HEADINGS) - 2), f"skipped: {row.skipped}"]
    ours, paint = rows[0], row.paint
    offline = "" if paint is None else "yes" if paint.offline else "no"
    return [
        row.name,
        f"{row.median_s:.3g}",
        f"{min(row.seconds):.3g}-{max(row.seconds):.3g}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        f"{row.bytes / 1e3:,.0f}",
        f"{row.bytes / ours.bytes:.2f}" if row is not ours and ours.bytes else "",
        f"{row.gzipped / 1e3:,.0f}" if row.gzipped else "",
        _ms(paint.first_ms) if paint else "",
        _ms(paint.drawn_ms) if paint else "",
        str(len(paint.foreign)) if paint else "",
        offline,
        "" if row.peak_mb is None else f"{row.peak_mb:,.0f}",
        "; ".join(filter(None, [row.note, paint.note if paint else ""])),
    ]


def _ms(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"


def case_table(title: str, rows: Sequence[MapRow]) -> Table:
    """One case for the screen; the notes are in the files."""
    table = Table(title=title, title_justify="left")
    for heading in HEADINGS[:-1]:
        table.add_column(heading, justify="left" if heading == "map" else "right")
    for row in rows:
        cells = _cells(row, rows)
        table.add_row(*cells[:-1])
        if not row.seconds:
            table.caption = "; ".join(filter(None, [str(table.caption or ""), f"{row.name} {cells[-1]}"]))
    return table


def verdicts(rows: Mapping[str, Sequence[MapRow]]) -> list[dict[str, Any]]:
    """What is wanted of ours and what was measured."""
    found: list[dict[str, Any]] = []

    def add(text: str, measured: float | None, unit: str, *, is_met: bool) -> None:
        found.append({"wanted": text, "measured": measured, "unit": unit, "is_met": bool(is_met)})

    for case, of_case in rows.items():
        by_name = {row.name: row for row in of_case if row.seconds}
        ours, explore = by_name.get(OURS), by_name.get(EXPLORE)
        if ours is None or explore is None:
            continue
        smaller = explore.bytes / ours.bytes
        if case == "districts":
            add(
                f"{case}: {SMALLER:g} times smaller than explore", smaller, "times", is_met=smaller >= SMALLER
            )
            largest = max(row.bytes for name, row in by_name.items() if name.startswith("geo_service")) / 1e3
            add(f"{case}: every map under {LARGEST_KB:,.0f} kB", largest, "kB", is_met=largest < LARGEST_KB)
            slowest = max(row.median_s for name, row in by_name.items() if name.startswith("geo_service"))
            add(f"{case}: every map written in {SLOWEST_S:g} s", slowest, "s", is_met=slowest < SLOWEST_S)
        faster = explore.median_s / ours.median_s
        add(f"{case}: written no slower than explore", faster, "times as fast", is_met=faster >= 1)
        if ours.paint and explore.paint and ours.paint.drawn_ms and explore.paint.drawn_ms:
            sooner = explore.paint.drawn_ms / ours.paint.drawn_ms
            add(f"{case}: drawn no later than explore", sooner, "times as soon", is_met=sooner >= 1)
    return found


def write_map_report(
    folder: Path,
    conditions: MapConditions,
    data: Mapping[str, MapData],
    rows: Mapping[str, Sequence[MapRow]],
    printed: Sequence[MapRow],
    served: ServedSize | str,
    console: Console,
) -> list[Path]:
    """Write `maps.md` and `maps.json` into `folder`, each beside its place and then renamed, and print what is wanted.

    Args:
        folder: Made where it is not there.
        conditions: Of the run.
        data: What each case draws.
        rows: Of each case, ours first.
        printed: Maps for print.
        served: What a served page takes; else why that is not known.
        console: For the verdicts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judged = verdicts(rows)
    for one in judged:
        said = "[green]met" if one["is_met"] else "[yellow]not met"
        console.print(f"wanted {one['wanted']}: measured {one['measured']:.3g} {one['unit']}, {said}")
    document = {
        **asdict(conditions),
        "cases": [
            {"name": name, "rows": [_document(row) for row in of_case]} for name, of_case in rows.items()
        ],
        "printed": [_document(row) for row in printed],
        "served": served if isinstance(served, str) else asdict(served),
        "wanted": judged,
    }
    texts = {
        "maps.md": _markdown(conditions, data, rows, printed, served, judged),
        "maps.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        beside = folder / f".{name}.part"
        beside.write_text(text, encoding="utf-8")
        beside.replace(folder / name)
    return [folder / name for name in texts]


def _document(row: MapRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "path"}


def _markdown(
    conditions: MapConditions,
    data: Mapping[str, MapData],
    rows: Mapping[str, Sequence[MapRow]],
    printed: Sequence[MapRow],
    served: ServedSize | str,
    judged: Sequence[Mapping[str, Any]],
) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in conditions.versions.items())
    lines = [
        "# Maps beside geopandas explore and folium.Choropleth",
        "",
        (
            f"- Date: {conditions.date}; {conditions.cores} cores; Python {conditions.python}; "
            f"load {conditions.load_before:.1f} before and {conditions.load_after:.1f} after"
        ),
        f"- Libraries: {versions}",
        f"- Data: {conditions.data}.",
        "",
    ]
    everything = tuple(range(len(HEADINGS)))
    for name, of_case in rows.items():
        lines += [f"## Maps, {name}: {data[name].described}", "", *_table(of_case, everything), ""]
    lines += ["## Maps, printed", "", *_table(printed, PRINTED_COLUMNS), "", "## Maps, served", ""]
    lines += [_served(served), ""]
    lines += ["## Wanted", ""] if judged else []
    for one in judged:
        is_met = "met" if one["is_met"] else "not met"
        lines.append(f"- {one['wanted']}: measured {one['measured']:.3g} {one['unit']}, {is_met}.")
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[MapRow], columns: Sequence[int]) -> list[str]:
    headings = [HEADINGS[at] for at in columns]
    lines = [f"| {' | '.join(headings)} |", "| --- |" + " ---: |" * (len(headings) - 2) + " --- |"]
    for row in rows:
        cells = _cells(row, rows)
        lines.append(f"| {' | '.join(cells[at].replace('|', '/') for at in columns)} |")
    return lines


def _served(served: ServedSize | str) -> str:
    if isinstance(served, str):
        return f"Not measured: {served}."
    return (
        f"The map of access as the service serves it, compressed: {served.page / 1e3:,.0f} kB of page, {served.data / 1e3:,.0f} kB of data, "
        f"{served.kept / 1e3:,.0f} kB of scripts, styles and shapes that all maps share and a browser keeps. "
        f"First paint after {_ms(served.first_ms)} ms, drawn after {_ms(served.drawn_ms)} ms; again, with those kept, drawn after {_ms(served.again_ms)} ms."
    )
