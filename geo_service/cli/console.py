"""What the commands share: where they print, how they show progress, findings and errors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from geo_service.export.staging import refuse_existing
from geo_service.findings import Finding, Findings, Severity, refuse_unwritable

__all__ = [
    "FindingsOption",
    "JsonOption",
    "OverwriteOption",
    "QuietOption",
    "Reporter",
    "print_findings",
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace outputs that are there already.")]
FindingsOption = Annotated[
    Path | None,
    typer.Option(
        "--findings",
        metavar="FILE",
        help="Keep all findings in FILE, .csv or .json; also when the run stops.",
    ),
]

_MOST_SHOWN = 20


class Reporter:
    """Prints for people, for programs or not at all.

    Args:
        as_json: Print one JSON object at the end instead of tables.
        quiet: Print nothing but errors.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        """Choose where to print."""
        self.as_json = as_json
        self.for_people = not (as_json or quiet)
        self.out = Console(quiet=not self.for_people)
        self.progress_console = Console(stderr=True, quiet=not self.for_people)

    def say(self, *what: Any) -> None:
        """Print for people."""
        self.out.print(*what)

    def wrote(self, path: Path) -> None:
        """Say that a file was written."""
        self.say(f"Wrote {escape(str(path))}")

    def finish(self, answer: dict[str, Any]) -> None:
        """Print the answer for programs."""
        if self.as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False, default=str))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress display that goes away when the work is done."""
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.progress_console,
            transient=True,
            disable=not self.progress_console.is_terminal,
        ) as progress:
            yield progress

    @contextmanager
    def findings(self, path: Path | None, *, overwrite: bool = False) -> Iterator[Findings]:
        """Findings that are written to `path` whether or not the block ends well, and counted for people when it does.

        Raises:
            OutputError: `path` is neither `.csv` nor `.json`, or is there already and may not be replaced.
        """
        if path is not None:
            refuse_unwritable(path)
            refuse_existing([path], overwrite=overwrite)
        found = Findings()
        try:
            yield found
        finally:
            if path is not None:
                found.write(path)
        if len(found) and self.for_people:
            print_findings(found, Console(stderr=True), kept=path)


def print_findings(findings: Findings, console: Console, *, kept: Path | None = None) -> None:
    """A table of the first findings, errors first, and how many there are of each code."""
    everything = [*findings.errors, *findings.warnings]
    table = Table(title="Findings", title_justify="left", show_edge=False, pad_edge=False)
    for column in ("", "where", "what"):
        table.add_column(column, overflow="fold")
    shown: Counter[str] = Counter()
    for one in everything:
        shown[one.code] += 1
        if one.severity is Severity.ERROR or shown[one.code] <= 3:
            table.add_row(_severity(one), escape(_where(one)), escape(_what(one)))
        if table.row_count == _MOST_SHOWN:
            break
    console.print(table)
    counts = Counter((one.severity, one.code) for one in everything)
    summary = ", ".join(f"{count:,} {code}" for (_, code), count in counts.items())
    console.print(
        f"{_count(len(findings.errors), 'error')}, {_count(len(findings.warnings), 'warning')}: {summary}"
    )
    if table.row_count < len(everything):
        keep = f"All are in {kept}." if kept else "Keep them all with --findings FILE."
        console.print(f"{table.row_count} are shown. {keep}", style="dim")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _severity(finding: Finding) -> str:
    return "[red]error[/]" if finding.severity is Severity.ERROR else "[yellow]warning[/]"


def _where(finding: Finding) -> str:
    parts = [Path(finding.file).name if finding.file else None, finding.layer]
    parts += [f"row {finding.row}" if finding.row is not None else None]
    parts += [f"column '{finding.column}'" if finding.column and finding.column != "geometry" else None]
    return ", ".join(part for part in parts if part)


def _what(finding: Finding) -> str:
    value = f" ({finding.value})" if finding.value and finding.column != "geometry" else ""
    advice = f". {finding.suggestion}" if finding.suggestion else ""
    return f"{finding.message}{value}{advice}"
