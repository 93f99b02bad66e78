"""`geo-service audit`: numbers in print that contradict each other."""

from __future__ import annotations

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
from geo_service.wording import Wording, in_language

__all__ = ["audit_command"]

WHERE = Wording(
    en="where",
    ru="место",
    kk="орны",
)
PRINTED = Wording(
    en="printed",
    ru="напечатано",
    kk="басылған",
)
FOLLOWS = Wording(
    en="follows",
    ru="следует",
    kk="шығатыны",
)
WHAT = Wording(
    en="what",
    ru="что не так",
    kk="не дұрыс емес",
)
BASE = Wording(
    en="The printed one would be",
    ru="Напечатанное — это",
    kk="Басылғаны:",
)
SUMMARY = Wording(
    en="errors: {errors}, warnings: {warnings}; {tables} tables looked at",
    ru="ошибок: {errors}, предупреждений: {warnings}; просмотрено таблиц: {tables}",
    kk="қателер: {errors}, ескертулер: {warnings}; қаралған кестелер: {tables}",
)
_SEVERITIES = {
    Severity.ERROR: Wording(en="error", ru="ошибка", kk="қате"),
    Severity.WARNING: Wording(en="warning", ru="внимание", kk="ескерту"),
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
    reporter.say(in_language(SUMMARY(**counts), language))
    if output is not None:
        reporter.wrote(output)
    reporter.finish({"figures": str(figures), **counts, "faults": [_record(one, language) for one in faults]})
    if errors:
        raise typer.Exit(1)


def _table(faults: list[FigureFault], language: Language) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("")
    table.add_column(in_language(WHERE(), language), overflow="fold", ratio=2)
    table.add_column(in_language(PRINTED(), language), justify="right")
    table.add_column(in_language(FOLLOWS(), language), justify="right")
    table.add_column(in_language(WHAT(), language), overflow="fold", ratio=3)
    for one in faults:
        base = (
            "" if one.base is None else f". {in_language(BASE(), language)} {in_language(one.base, language)}"
        )
        table.add_row(
            f"[{_COLOURS[one.severity]}]{in_language(_SEVERITIES[one.severity](), language)}[/]",
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
