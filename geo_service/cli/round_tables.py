"""`geo-service rounds tables` and `rounds compare`: what a round that is kept says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.round_inputs import (
    CountryOption,
    EarlierOption,
    RoundOption,
    UnitsOption,
    earlier_round,
    load_units,
)
from geo_service.coverage.comparison import compare_rounds
from geo_service.coverage.hxl import hxl_tags
from geo_service.coverage.report_tables import report_tables, synthetic_note
from geo_service.export.staging import refuse_twice
from geo_service.export.workbook import Publication, write_publication
from geo_service.findings import Findings
from geo_service.ingest.inhabitants import read_inhabitants
from geo_service.ingest.survey.store import load_round
from geo_service.schemas import SurveyRound
from geo_service.settings import RoundSettings
from geo_service.vocabulary import POPULATION_GROUPS, AdminLevel, Language, PopulationGroup
from geo_service.wording import Wording, in_language

__all__ = ["compare_command", "publication_of", "tables_command"]

TITLE = Wording(
    en="Mobility tracking, {country}, round {number}: tables",
    ru="Отслеживание мобильности, {country}, раунд {number}: таблицы",
    kk="Ұтқырлықты бақылау, {country}, {number}-раунд: кестелер",
)


def publication_of(
    survey: SurveyRound,
    *,
    units: gpd.GeoDataFrame | None,
    access: gpd.GeoDataFrame | None = None,
    earlier: SurveyRound | None = None,
    inhabitants: Mapping[str, float] | None = None,
    language: Language = Language.EN,
    hxl: bool = False,
) -> Publication:
    """Every table of a round's report, ready to be written.

    Arguments are those of `report_tables`; `hxl` puts a row of HXL hashtags under each header.
    """
    tables = report_tables(
        survey, units=units, access=access, earlier=earlier, inhabitants=inhabitants, language=language
    )
    note = synthetic_note(survey, language)
    return Publication(
        in_language(TITLE(country=survey.country, number=survey.number), language),
        tables,
        notes=() if note is None else (note,),
        sources=tuple(f"{one['file']} (SHA-256 {one['sha256']})" for one in survey.sources),
        hxl=hxl_tags if hxl else None,
        language=language,
    )


def tables_command(
    number: RoundOption,
    country: CountryOption,
    outputs: Annotated[
        list[Path],
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="FILE.xlsx for a workbook with a contents sheet, FILE.json for one document, else a folder with a CSV "
            "a table. May be given more than once.",
        ),
    ],
    boundaries: UnitsOption = None,
    earlier: EarlierOption = None,
    inhabitants: Annotated[
        Path | None,
        typer.Option(
            "--inhabitants",
            metavar="FILE",
            help="All inhabitants of units, a table of pcode and inhabitants; else those of the villages assessed.",
        ),
    ] = None,
    hxl: Annotated[bool, typer.Option("--hxl", help="Put a row of HXL hashtags under each header.")] = False,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write every table of a round's report: coverage, key informants, groups, services, concentration.

    Example: `geo-service rounds tables --round 3 --country KAZ -o round-3.xlsx --lang ru`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    refuse_twice(outputs)
    settings = RoundSettings()
    survey = load_round(country, number, settings)
    publication = publication_of(
        survey,
        units=load_units(country, boundaries, Findings()),
        earlier=earlier_round(country, number, earlier, settings),
        inhabitants=None if inhabitants is None else read_inhabitants(inhabitants),
        language=language,
        hxl=hxl,
    )
    written = [
        path for output in outputs for path in write_publication(publication, output, overwrite=overwrite)
    ]
    for note in publication.notes:
        reporter.say(f"[yellow]{escape(note)}[/]")
    for output in outputs:
        reporter.wrote(output)
    reporter.finish({"tables": list(publication.tables), "notes": publication.notes, "outputs": written})


def compare_command(
    earlier: Annotated[
        int, typer.Argument(metavar="EARLIER", min=1, help="The round that change is counted from.")
    ],
    later: Annotated[int, typer.Argument(metavar="LATER", min=1)],
    country: CountryOption,
    by: Annotated[AdminLevel | None, typer.Option("--by", help="Split by region or district.")] = None,
    boundaries: UnitsOption = None,
    language: LanguageOption = Language.EN,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two rounds: villages in both, gained and lost; change with the same villages only and with all.

    Example: `geo-service rounds compare 2 3 --country KAZ --by region`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    settings = RoundSettings()
    first, second = (load_round(country, number, settings) for number in (earlier, later))
    units = load_units(country, boundaries, Findings())
    table = compare_rounds(first, second, by, units=units, language=language)
    shown = Table(
        title=f"{country} {earlier} → {later}", title_justify="left", show_edge=False, pad_edge=False
    )
    for name in table:
        shown.add_column(str(name), justify="right" if pd.api.types.is_numeric_dtype(table[name]) else "left")
    for row in table.itertuples(index=False):
        shown.add_row(*map(_cell, row))
    reporter.say(shown)
    for survey in (first, second):
        note = synthetic_note(survey, language)
        if note is not None:
            reporter.say(f"[yellow]{escape(note)}[/]")
    reporter.finish(
        {"rows": table.astype(object).where(table.notna(), None).to_dict("records"), "about": table.attrs}
    )


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN is what does not equal itself
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return escape(str(POPULATION_GROUPS.get(value, value) if isinstance(value, PopulationGroup) else value))
