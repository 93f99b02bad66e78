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

from geo_service.errors import FindingsError
from geo_service.export.staging import refuse_existing
from geo_service.findings import Finding, Findings, Severity, refuse_unwritable
from geo_service.vocabulary import Language
from geo_service.wording import Wording, in_language

__all__ = [
    "FindingsOption",
    "JsonOption",
    "LanguageOption",
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

LanguageOption = Annotated[
    Language, typer.Option("--lang", help="The language of labels and messages: en, ru or kk.")
]

_MOST_SHOWN = 20

FINDINGS = Wording(en="Findings", ru="Замечания", kk="Ескертпелер")
WHERE = Wording(en="where", ru="где", kk="қайда")
WHAT = Wording(en="what", ru="что", kk="не")
ERROR = Wording(en="error", ru="ошибка", kk="қате")
WARNING = Wording(en="warning", ru="внимание", kk="назар")
ROW = Wording(en="row {row}", ru="строка {row}", kk="{row}-жол")
COLUMN = Wording(en="column '{column}'", ru="столбец «{column}»", kk="«{column}» бағаны")
ONE_ERROR = Wording(en="{count} error", ru="ошибок: {count}", kk="қателер: {count}")
ERRORS = Wording(en="{count} errors", ru="ошибок: {count}", kk="қателер: {count}")
ONE_WARNING = Wording(en="{count} warning", ru="предупреждений: {count}", kk="ескертулер: {count}")
WARNINGS = Wording(en="{count} warnings", ru="предупреждений: {count}", kk="ескертулер: {count}")
SHOWN = Wording(en="{count} are shown.", ru="Показано: {count}.", kk="Көрсетілгені: {count}.")
ALL_ARE_IN = Wording(en="All are in {file}.", ru="Все записаны в {file}.", kk="Барлығы {file} файлында.")
KEEP_THEM = Wording(
    en="Keep them all with --findings FILE.",
    ru="Сохранить все: --findings FILE.",
    kk="Барлығын сақтау: --findings FILE.",
)
NOTHING_WRITTEN = Wording(en="Nothing was written.", ru="Ничего не записано.", kk="Ештеңе жазылған жоқ.")


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
    def findings(
        self, path: Path | None, *, overwrite: bool = False, language: Language = Language.EN
    ) -> Iterator[Findings]:
        """Findings that are written to `path` whether or not the block ends well, and shown to people in both cases.

        Raises:
            OutputError: `path` is neither `.csv` nor `.json`, or is there already and may not be replaced.
            typer.Exit: With 1, once they are shown, when the block raised them.
        """
        if path is not None:
            refuse_unwritable(path)
            refuse_existing([path], overwrite=overwrite)
        found = Findings()
        try:
            yield found
        except FindingsError as error:
            # A file of their own may hold more than those of this run.
            shown = error.findings if len(error.findings) > len(found) else found
            print_findings(shown, Console(stderr=True), kept=path, language=language)
            Console(stderr=True).print(f"[red]{in_language(NOTHING_WRITTEN(), language)}[/]")
            raise typer.Exit(1) from error
        finally:
            if path is not None:
                found.write(path, language)
        if len(found) and self.for_people:
            print_findings(found, Console(stderr=True), kept=path, language=language)


def print_findings(
    findings: Findings, console: Console, *, kept: Path | None = None, language: Language = Language.EN
) -> None:
    """A table of the first findings, errors first, and how many there are of each code."""
    everything = [one.in_language(language) for one in (*findings.errors, *findings.warnings)]

    def say(wording: Wording, **values: object) -> str:
        return in_language(wording(**values), language)

    table = Table(title=say(FINDINGS), title_justify="left", show_edge=False, pad_edge=False)
    for column in ("", say(WHERE), say(WHAT)):
        table.add_column(column, overflow="fold")
    shown: Counter[str] = Counter()
    for one in everything:
        shown[one.code] += 1
        if one.severity is Severity.ERROR or shown[one.code] <= 3:
            severity = (
                f"[red]{say(ERROR)}[/]" if one.severity is Severity.ERROR else f"[yellow]{say(WARNING)}[/]"
            )
            table.add_row(severity, escape(_where(one, language)), escape(_what(one)))
        if table.row_count == _MOST_SHOWN:
            break
    console.print(table)
    counts = Counter((one.severity, one.code) for one in everything)
    summary = ", ".join(f"{count:,} {code}" for (_, code), count in counts.items())
    errors, warnings = len(findings.errors), len(findings.warnings)
    totals = [say(ONE_ERROR if errors == 1 else ERRORS, count=f"{errors:,}")]
    totals.append(say(ONE_WARNING if warnings == 1 else WARNINGS, count=f"{warnings:,}"))
    console.print(f"{', '.join(totals)}: {summary}")
    if table.row_count < len(everything):
        keep = say(ALL_ARE_IN, file=kept) if kept else say(KEEP_THEM)
        console.print(f"{say(SHOWN, count=table.row_count)} {keep}", style="dim")


def _where(finding: Finding, language: Language) -> str:
    parts = [Path(finding.file).name if finding.file else None, finding.layer]
    parts += [in_language(ROW(row=finding.row), language) if finding.row is not None else None]
    is_named = finding.column and finding.column != "geometry"
    parts += [in_language(COLUMN(column=finding.column), language) if is_named else None]
    return ", ".join(part for part in parts if part)


def _what(finding: Finding) -> str:
    value = f" ({finding.value})" if finding.value and finding.column != "geometry" else ""
    advice = f". {finding.suggestion}" if finding.suggestion else ""
    return f"{finding.message}{value}{advice}"
