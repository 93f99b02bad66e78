"""`geo-service report`: the publication of a round, from a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.stores import ReleaseOption, RoundOption, StoreOption, opened, release_of_round
from geo_service.export.staging import refuse_existing, refuse_twice, staged
from geo_service.report.written import ReportFormat, format_of, report_bytes
from geo_service.vocabulary import Language

__all__ = ["report_command"]


def report_command(
    outputs: Annotated[
        list[Path],
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Where to: {', '.join(f'.{one}' for one in ReportFormat)}; several make the same report in each form.",
        ),
    ],
    round_: RoundOption = None,
    release: ReleaseOption = None,
    store: StoreOption = None,
    public: Annotated[
        bool,
        typer.Option("--public", help="Only what everybody may see: no villages, small numbers hidden."),
    ] = False,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the report of a round: typeset, to be edited, with maps to explore, or as a workbook of its tables.

    Its text is written from the numbers of the release, and each number is a cell of a table. Numbers that contradict each other stop it, and then
    nothing is written. The same release and language make the same bytes.

    Example: `geo-service report --round 3 --lang ru -o report.pdf -o report.docx`
    """
    forms = [format_of(path) for path in outputs]
    refuse_twice(outputs)
    refuse_existing(outputs, overwrite=overwrite)
    if round_ is not None and release is not None:
        raise typer.BadParameter("a release is of one round; leave one of them out", param_hint="--round")
    # Here, so that what is wrong with the names of files is said at once.
    from geo_service.report.made import made_report  # noqa: PLC0415

    reporter = Reporter(as_json=as_json, quiet=quiet)
    with reporter.progress() as progress:
        task = progress.add_task("Reading the release", total=1 + len(outputs))
        with opened(store) as kept:
            wanted = release if round_ is None else release_of_round(kept, round_)
            with kept.open(wanted) as found:
                edition = edition_for(found, Role.PUBLIC if public else Role.ANALYST)
                report = made_report(edition, language, whole=found)
        progress.advance(task)
        with staged(outputs, overwrite=overwrite) as beside:
            for path, output, form in zip(beside, outputs, forms, strict=True):
                progress.update(task, description=f"Writing {output.name}")
                path.write_bytes(report_bytes(report, form))
                progress.advance(task)
    reporter.say(f"{escape(report.title)}, {escape(report.subtitle)}, release {report.release[:12]}")
    for output in outputs:
        reporter.wrote(output)
    reporter.finish(
        {
            "release": report.release,
            "title": report.title,
            "subtitle": report.subtitle,
            "language": report.language.value,
            "figures": sum(1 for _ in report.figures()),
            "outputs": [{"file": one, "bytes": one.stat().st_size} for one in outputs],
        }
    )
