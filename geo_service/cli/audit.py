"""`geo-service audit`: numbers in print that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.coverage.audit.faults import FigureFault, faults_frame
from geo_service.coverage.audit.rounding import number
from geo_service.coverage.audit.rules import audit
from geo_service.coverage.audit.tables import publication
from geo_service.export.staging import refuse_existing
from geo_service.export.tables import table_outputs, write_table
from geo_service.findings import Severity
from geo_service.ingest.figures import read_figure_tree
from geo_service.vocabulary import Language
from geo_service.wording import in_language

__all__ = ["audit_command"]


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What stands around the faults, in one language."""

    where: str
    printed: str
    follows: str
    what: str
    base: str
    severities: dict[Severity, str]
    summary: str


_PHRASES = {
    Language.EN: _Phrases(
        where="where",
        printed="printed",
        follows="follows",
        what="what",
        base="The printed one would be",
        severities={Severity.ERROR: "error", Severity.WARNING: "warning"},
        summary="errors: {errors}, warnings: {warnings}; {tables} tables looked at",
    ),
    Language.RU: _Phrases(
        where="место",
        printed="напечатано",
        follows="следует",
        what="что не так",
        base="Напечатанное — это",
        severities={Severity.ERROR: "ошибка", Severity.WARNING: "внимание"},
        summary="ошибок: {errors}, предупреждений: {warnings}; просмотрено таблиц: {tables}",
    ),
    Language.KK: _Phrases(
        where="орны",
        printed="басылған",
        follows="шығатыны",
        what="не дұрыс емес",
        base="Басылғаны:",
        severities={Severity.ERROR: "қате", Severity.WARNING: "ескерту"},
        summary="қателер: {errors}, ескертулер: {warnings}; қаралған кестелер: {tables}",
    ),
}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def audit_command(
    figures: Annotated[
        Path,
        typer.Argument(
            metavar="FIGURES", help="Published figures: .json, or a workbook with a sheet a table."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the faults to FILE: .csv, .xlsx or .json."
        ),
    ] = None,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the printed numbers that contradict each other, without being told where to look.

    Looked for are totals that their parts do not give, shares that their counts do not give, growth from another base, shares that do
    not add up to 100, households above people, and cells that one table has and its like has not. docs/audit.md says how names are read.

    The exit status is 0 when no printed number contradicts another (warnings about missing cells may be there), and 1 when one does, or
    when the figures cannot be read.

    Example: `geo-service audit figures.json --lang ru -o faults.xlsx`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    if output is not None:
        refuse_existing(table_outputs(output), overwrite=overwrite)
    tree = read_figure_tree(figures)
    faults = audit(tree)
    if output is not None:
        table = faults_frame(faults, language)
        table.attrs["figures"] = figures.name
        write_table(table, output, overwrite=overwrite)
    errors = sum(one.severity is Severity.ERROR for one in faults)
    counts = {
        "tables": len(publication(tree).tables),
        "errors": errors,
        "warnings": len(faults) - errors,
    }
    if faults:
        reporter.say(_table(faults, language))
    reporter.say(_PHRASES[language].summary.format(**counts))
    if output is not None:
        reporter.wrote(output)
    reporter.finish({"figures": str(figures), **counts, "faults": [_record(one, language) for one in faults]})
    if errors:
        raise typer.Exit(1)


def _table(faults: list[FigureFault], language: Language) -> Table:
    say = _PHRASES[language]
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    table.add_column(say.where, overflow="fold", ratio=2)
    table.add_column(say.printed, justify="right")
    table.add_column(say.follows, justify="right")
    table.add_column(say.what, overflow="fold", ratio=3)
    for one in faults:
        base = "" if one.base is None else f". {say.base} {in_language(one.base, language)}"
        table.add_row(
            f"[{_COLOURS[one.severity]}]{say.severities[one.severity]}[/]",
            escape(one.place),
            _label(one.printed, language),
            _label(one.follows, language),
            escape(f"{in_language(one.message, language)}{base}"),
        )
    return table


def _label(value: Decimal | None, language: Language) -> str:
    return "" if value is None else number(value).label(language)


def _record(fault: FigureFault, language: Language) -> dict[str, str | int | float | None]:
    return {
        "kind": fault.kind.value,
        "severity": fault.severity.value,
        "place": fault.place,
        "printed": _plain(fault.printed),
        "follows": _plain(fault.follows),
        "base": None if fault.base is None else in_language(fault.base, language),
        "message": in_language(fault.message, language),
    }


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
