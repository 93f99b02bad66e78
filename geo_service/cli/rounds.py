"""`geo-service rounds`: forms out, workbooks in, what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import (
    FindingsOption,
    JsonOption,
    LanguageOption,
    OverwriteOption,
    QuietOption,
    Reporter,
)
from geo_service.cli.layers import EncodingOption
from geo_service.cli.round_inputs import (
    CountryOption,
    EarlierOption,
    RoundOption,
    UnitsOption,
    earlier_round,
    load_units,
)
from geo_service.cli.round_tables import compare_command, tables_command
from geo_service.coverage.mobility import mobility_by_group
from geo_service.coverage.report_tables import synthetic_note
from geo_service.export.staging import make_folder, refuse_existing, refuse_twice, staged
from geo_service.export.tables import table_outputs, write_table
from geo_service.findings import Findings
from geo_service.ingest.layers import read_villages
from geo_service.ingest.survey.crosswalk import read_crosswalk
from geo_service.ingest.survey.forms.b2 import YEARS_ASKED
from geo_service.ingest.survey.forms.steps import Step, survey_form
from geo_service.ingest.survey.forms.xlsform import xlsform_bytes
from geo_service.ingest.survey.read_round import read_round
from geo_service.ingest.survey.store import refuse_stored, round_folder, save_round, stored_rounds
from geo_service.schemas import SurveyRound
from geo_service.settings import RoundSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Language

__all__ = ["app", "forms_command", "import_command", "list_command", "validate_command"]

app = typer.Typer(
    help="Survey rounds: the forms of B1 and B2, workbooks in, tables out.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command("tables")(tables_command)
app.command("compare")(compare_command)

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="What the forms gave back: XLSX of KoboToolbox, ZIP or CSV of ODK Central, a plain workbook or CSV set.",
    ),
]
VillagesOption = Annotated[
    str | None,
    typer.Option(
        "--villages", metavar="FILE", help="The villages that are known, to recognise those of the survey."
    ),
]
CrosswalkOption = Annotated[
    Path | None,
    typer.Option(
        "--crosswalk", metavar="FILE", help="Reviewed pairs of names, as `validate --proposals` writes them."
    ),
]


@app.command("forms")
def forms_command(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where to; made if it is not there.")
    ],
    country: CountryOption = "KAZ",
    boundaries: UnitsOption = None,
    years: Annotated[
        list[int] | None,
        typer.Option("--year", metavar="YEAR", help="A year of arrival or departure to ask about, one each."),
    ] = None,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the forms of B1 and B2 as XLSForms for KoboToolbox or ODK, in English, Russian and Kazakh.

    `--lang` says which of the three a phone shows first.

    Example: `geo-service rounds forms -o forms`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    make_folder(output)
    paths = [output / f"{step}.xlsx" for step in Step]
    refuse_existing(paths, overwrite=overwrite)
    units = load_units(country, boundaries, Findings())
    with staged(paths, overwrite=overwrite) as besides:
        for step, beside in zip(Step, besides, strict=True):
            form = survey_form(step, units, years or YEARS_ASKED, country)
            beside.write_bytes(xlsform_bytes(form, language))
    for path in paths:
        reporter.wrote(path)
    reporter.finish({"outputs": paths})


@app.command("validate")
def validate_command(
    files: FilesArgument,
    country: CountryOption,
    number: RoundOption = 1,
    boundaries: UnitsOption = None,
    villages: VillagesOption = None,
    crosswalk: CrosswalkOption = None,
    earlier: EarlierOption = None,
    encoding: EncodingOption = None,
    proposals: Annotated[
        Path | None,
        typer.Option(
            "--proposals",
            metavar="FILE",
            help="Write the names that were not matched with their candidates, .csv or .xlsx, to be reviewed.",
        ),
    ] = None,
    findings_file: FindingsOption = None,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check the files of a round and keep nothing. Exit status 1 when there are errors.

    Example: `geo-service rounds validate B1.xlsx B2.xlsx --country KAZ --lang ru --findings findings.csv`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    if proposals is not None:
        refuse_existing(table_outputs(proposals), overwrite=overwrite)
        refuse_twice([proposals, *([] if findings_file is None else [findings_file])])
    with reporter.findings(findings_file, overwrite=overwrite, language=language) as findings:
        asked = _Asked(files, number, country, boundaries, villages, crosswalk, earlier, encoding)
        survey, candidates = _read(asked, findings, reporter)
        if proposals is not None:
            write_table(candidates, proposals, overwrite=overwrite)
            reporter.wrote(proposals)
        findings.raise_errors()
    _show(survey, reporter, language)
    reporter.finish(_answer(survey, findings))


@app.command("import")
def import_command(
    files: FilesArgument,
    number: RoundOption,
    country: CountryOption,
    boundaries: UnitsOption = None,
    villages: VillagesOption = None,
    crosswalk: CrosswalkOption = None,
    earlier: EarlierOption = None,
    encoding: EncodingOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the round that is there already.")
    ] = False,
    findings_file: FindingsOption = None,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check the files of a round and keep it: wholly, or with any error not at all.

    Example: `geo-service rounds import B1.xlsx B2.xlsx --round 3 --country KAZ`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    settings = RoundSettings()
    if not replace:
        refuse_stored(country, number, settings)
    with reporter.findings(findings_file, overwrite=overwrite, language=language) as findings:
        asked = _Asked(files, number, country, boundaries, villages, crosswalk, earlier, encoding)
        survey, _ = _read(asked, findings, reporter)
        findings.raise_errors()
        folder = save_round(survey, settings, replace=replace)
    _show(survey, reporter, language)
    reporter.say(f"Kept in {escape(str(folder.parent))}")
    reporter.say(
        f"Its tables: geo-service rounds tables --round {number} --country {country} -o round-{number}.xlsx"
    )
    reporter.finish(_answer(survey, findings) | {"kept": folder.parent})


@app.command("list")
def list_command(as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show the rounds that are kept here.

    Example: `geo-service rounds list`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    settings = RoundSettings()
    kept = stored_rounds(settings)
    table = Table(title="Rounds", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("country", "round", "from", "to", "villages", "key informants", "data"):
        table.add_column(heading, justify="right" if heading in {"round", "villages"} else "left")
    for about in kept:
        data = "[yellow]synthetic[/]" if about["synthetic"] else "surveyed"
        days = [about[name] or "–" for name in ("collected_from", "collected_to")]
        counts = [f"{about[name]:,}" for name in ("villages", "key_informants")]
        table.add_row(about["country"], str(about["number"]), *days, *counts, data)
    reporter.say(table if kept else f"No round is kept in {escape(str(settings.directory))}.")
    reporter.finish({"directory": settings.directory, "rounds": kept})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a command was given about a round."""

    files: list[Path]
    number: int
    country: str
    boundaries: list[str] | None
    villages: str | None
    crosswalk: Path | None
    earlier: int | None
    encoding: str | None


def _read(asked: _Asked, findings: Findings, reporter: Reporter) -> tuple[SurveyRound, pd.DataFrame]:
    """The round with all that is wrong with it among `findings`, and the names to be reviewed."""
    round_folder(asked.country, asked.number, RoundSettings())
    units = load_units(asked.country, asked.boundaries, findings)
    gazetteer = None
    if asked.villages is not None:
        gazetteer = locate(read_villages(asked.villages, findings), units, findings=findings)
    decided = None if asked.crosswalk is None else read_crosswalk(asked.crosswalk, findings)
    proposals: list[pd.DataFrame] = []
    with reporter.progress() as progress:
        task = progress.add_task("Reading and checking", total=None)

        def tell(what: str) -> None:
            progress.update(task, description=f"Reading and checking {what}", advance=1)

        survey = read_round(
            asked.files,
            findings,
            number=asked.number,
            country=asked.country,
            units=units,
            gazetteer=gazetteer,
            crosswalk=decided,
            earlier=earlier_round(asked.country, asked.number, asked.earlier, RoundSettings()),
            encoding=asked.encoding,
            proposals=proposals,
            progress=tell,
        )
    return survey, pd.concat(proposals, ignore_index=True)


def _show(survey: SurveyRound, reporter: Reporter, language: Language) -> None:
    """What was read, one row a population group; of B1 alone only how many districts were asked."""
    if survey.villages.empty:
        districts = survey.district_estimates[["adm1_pcode", "adm2_pcode"]].drop_duplicates()
        reporter.say(f"B1 of {len(districts):,} districts, and no villages of B2")
        return
    groups = mobility_by_group(survey.mobility, language=language)
    title = f"{survey.country} {survey.number}: {survey.collected_from or '–'} … {survey.collected_to or '–'}"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    columns = ["label", "individuals", "households", "villages_present"]
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "label" else "right")
    for row in groups[columns].itertuples(index=False):
        table.add_row(
            *("–" if pd.isna(cell) else str(cell) if isinstance(cell, str) else f"{cell:,}" for cell in row)
        )
    reporter.say(table)
    informants = int(survey.key_informants["informants"].sum())
    reporter.say(f"{len(survey.villages):,} villages, {informants:,} key informants")
    note = synthetic_note(survey, language)
    if note is not None:
        reporter.say(f"[yellow]{escape(note)}[/]")


def _answer(survey: SurveyRound, findings: Findings) -> dict[str, Any]:
    return {
        "round": survey.number,
        "country": survey.country,
        "collected_from": survey.collected_from,
        "collected_to": survey.collected_to,
        "synthetic": survey.synthetic,
        "villages": len(survey.villages),
        "key_informants": int(survey.key_informants["informants"].sum()),
        "sources": survey.sources,
        "warnings": len(findings.warnings),
    }
