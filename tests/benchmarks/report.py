"""What came out, as Markdown, JSON and a table on the screen."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pyogrio
import shapely
from pyproj import proj_version_str
from rich.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.runner import CaseResult, Row

__all__ = ["Conditions", "as_table", "write_report"]

HEADINGS = (
    "",
    "median s",
    "min-max s",
    "x ours",
    "peak MB",
    "beyond input MB",
    "differ",
    "extra m median / max",
    "notes",
)
LIBRARIES = [
    "geo-service",
    "numpy",
    "scipy",
    "pyproj",
    "shapely",
    "geopandas",
    "pandas",
    "pyogrio",
    "osmium",
    "apache-sedona",
    "sedonadb",
    "psycopg",
    "duckdb",
    "pyarrow",
]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which the run was made."""

    date: str
    cores: int
    python: str
    versions: dict[str, str]
    data: str
    postgis: str | None

    @classmethod
    def now(cls, data: str, postgis: str | None) -> Conditions:
        """Those of this run; nothing that names the machine."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        versions = {name: found for name in LIBRARIES if (found := _version(name)) is not None}
        versions |= {
            "GEOS": shapely.geos_version_string,
            "PROJ": proj_version_str,
            "GDAL": ".".join(map(str, pyogrio.__gdal_version__)),
        }
        return cls(
            datetime.now(tz=UTC).date().isoformat(), cores, platform.python_version(), versions, data, postgis
        )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def write_report(folder: Path, conditions: Conditions, results: list[CaseResult]) -> list[Path]:
    """Write `benchmarks.md` and `benchmarks.json` into `folder`, each beside its place and then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "benchmarks.md": _markdown(conditions, results),
        "benchmarks.json": json.dumps(_document(conditions, results), indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        beside = folder / f".{name}.part"
        beside.write_text(text, encoding="utf-8")
        beside.replace(folder / name)
    return [folder / name for name in texts]


def as_table(result: CaseResult) -> Table:
    """One case for the screen; the notes are in the files."""
    table = Table(title=result.name, title_justify="left")
    for heading in HEADINGS[:-1]:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for row in result.rows:
        *cells, notes = _cells(row, several_sizes=_has_several_sizes(result))
        table.add_row(*cells)
        if not row.measured.seconds:
            table.caption = "; ".join(
                filter(None, [str(table.caption or ""), f"{row.measured.name} {notes}"])
            )
    return table


def _markdown(conditions: Conditions, results: list[CaseResult]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in conditions.versions.items())
    lines = [
        "# Benchmarks",
        "",
        f"- Date: {conditions.date}; {conditions.cores} cores; Python {conditions.python}",
        f"- Libraries: {versions}" + (f", {conditions.postgis}" if conditions.postgis else ""),
        f"- Data: {conditions.data}.",
        "",
    ]
    for result in results:
        lines += [f"## {result.name}", "", f"| {' | '.join(HEADINGS)} |"]
        lines += ["| --- |" + " ---: |" * (len(HEADINGS) - 2) + " --- |"]
        cells = [_cells(row, several_sizes=_has_several_sizes(result)) for row in result.rows]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in cells]
        lines.append("")
        for verdict in result.verdicts:
            is_met = "met" if verdict.is_met else "not met"
            lines.append(
                f"- Wanted {verdict.text}: measured {verdict.measured:,.4g} {verdict.unit}, {is_met}."
            )
        lines += [""] if result.verdicts else []
    return "\n".join(lines)


def _has_several_sizes(result: CaseResult) -> bool:
    return len({row.measured.name for row in result.rows}) < len(result.rows)


def _cells(row: Row, *, several_sizes: bool) -> list[str]:
    measured = row.measured
    name = f"{measured.name}, {measured.rows:,}" if several_sizes else measured.name
    if not measured.seconds:
        return [name, *[""] * 7, f"skipped: {measured.skipped}"]
    notes = [measured.note] if measured.note else []
    notes += [f"{part} {seconds:.2f} s" for part, seconds in measured.parts.items()]
    if measured.scale > 1:
        notes.append(f"{measured.rows:,} points measured, scaled")
    if several_sizes:
        notes = [f"{measured.median_s / measured.rows * 1e6:.2f} µs a point"]
    if measured.skipped:
        notes.append(f"ended early: {measured.skipped}")
    return [
        name,
        _seconds(measured.median_s),
        f"{_seconds(min(measured.seconds))}-{_seconds(max(measured.seconds))}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if measured.peak_mb is None else f"{measured.peak_mb:,.0f}",
        "" if measured.beyond_mb is None else f"{measured.beyond_mb:,.0f}",
        *_difference(row),
        "; ".join(notes),
    ]


def _difference(row: Row) -> tuple[str, str]:
    agreement = row.agreement
    if agreement is None:
        return "", ""
    share = "0" if not agreement.differing else f"{agreement.share:.4%} ({agreement.differing:,})"
    if agreement.median_extra_m is None:
        return share, ""
    return share, f"{_metres(agreement.median_extra_m)} / {_metres(agreement.max_extra_m)}"


def _metres(metres: float) -> str:
    return f"{metres:,.0f}" if metres >= 100 else f"{metres:.2g}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}"


def _document(conditions: Conditions, results: list[CaseResult]) -> dict[str, Any]:
    return {
        "date": conditions.date,
        "cores": conditions.cores,
        "python": conditions.python,
        "versions": conditions.versions,
        "postgis": conditions.postgis,
        "data": conditions.data,
        "cases": [
            {
                "name": result.name,
                "rows": [_row_document(row) for row in result.rows],
                "wanted": [
                    {
                        "text": verdict.text,
                        "measured": verdict.measured,
                        "unit": verdict.unit,
                        "is_met": verdict.is_met,
                    }
                    for verdict in result.verdicts
                ],
            }
            for result in results
        ],
    }


def _row_document(row: Row) -> dict[str, Any]:
    measured, agreement = row.measured, row.agreement
    return {
        "name": measured.name,
        "rows": measured.rows,
        "scale": measured.scale,
        "seconds": measured.seconds,
        "median_s": measured.median_s if measured.seconds else None,
        "parts_s": measured.parts,
        "ratio_to_ours": row.ratio,
        "peak_mb": measured.peak_mb,
        "beyond_input_mb": measured.beyond_mb,
        "rows_compared": agreement.rows if agreement else None,
        "rows_differing": agreement.differing if agreement else None,
        "median_extra_m": agreement.median_extra_m if agreement else None,
        "max_extra_m": agreement.max_extra_m if agreement else None,
        "note": measured.note,
        "skipped": measured.skipped,
    }
