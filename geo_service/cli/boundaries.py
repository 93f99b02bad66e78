"""`geo-service boundaries`: list, fetch, check and add sets of admin units."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from geo_service.cli.console import JsonOption, OverwriteOption, QuietOption
from geo_service.cli.layers import CrsOption, EncodingOption
from geo_service.export.staging import refuse_existing
from geo_service.findings import Findings, Severity, refuse_unwritable
from geo_service.ingest.boundaries.catalog import Source, find_source, list_sources
from geo_service.ingest.boundaries.checks import MIN_AREA_KM2
from geo_service.ingest.boundaries.columns import UnitColumns
from geo_service.ingest.boundaries.load import check_units, load_boundaries, read_units_as_they_are
from geo_service.ingest.boundaries.sources import add, fetch
from geo_service.ingest.boundaries.store import (
    SHIPPED_SETS,
    SetMetadata,
    credits_of,
    read_metadata,
    set_path,
    stored_names,
)
from geo_service.settings import BoundarySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["add_command", "app", "check_command", "fetch_command", "list_command"]

app = typer.Typer(
    help="Sets of admin units: what there is, fetching larger ones, checking and adding your own.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Sources = Annotated[
    Path | None,
    typer.Option(
        "--sources", metavar="FILE", help="Another list of sets, of the form of boundaries/sources.toml."
    ),
]
Layer = Annotated[str | None, typer.Option(metavar="NAME", help="The layer of a file that has several.")]
Level = Annotated[int | None, typer.Option(min=0, max=2, help="0 country, 1 region, 2 district.")]


@app.command("list")
def list_command(sources: Sources = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show the sets that are here and those that can be fetched.

    Example: [bold]geo-service boundaries list[/bold]
    """
    settings = BoundarySettings()
    rows = [*_shipped_rows(settings), *_stored_rows(settings), *_source_rows(sources, settings)]
    if as_json:
        _print_json(rows)
    elif not quiet:
        table = Table(title="Boundaries", title_justify="left")
        for column in ("Name", "Level", "Units", "Here", "Licence", "What it is"):
            table.add_column(column, no_wrap=column == "Name")
        for row in rows:
            here = {"shipped": "yes", "stored": "yes", "source": "fetch it"}[row["state"]]
            cells = (row["name"], row["level"], row["units"], here, row["licence"], row["title"])
            table.add_row(*("" if cell is None else str(cell) for cell in cells))
        Console().print(table)


def _shipped_rows(settings: BoundarySettings) -> Iterator[dict[str, Any]]:
    for name in SHIPPED_SETS:
        units = load_boundaries(name, settings, findings=Findings())
        licence, attribution = credits_of(name, settings)
        yield {
            "name": name,
            "state": "shipped",
            "level": int(units["level"].iloc[0]),
            "units": len(units),
            "licence": licence,
            "attribution": attribution,
            "title": "Kazakhstan: 20 regions and cities (ADM1), simplified",
            "parameters": [],
        }


def _stored_rows(settings: BoundarySettings) -> Iterator[dict[str, Any]]:
    for name in stored_names(settings):
        known = asdict(read_metadata(name, settings))
        kept = ("name", "level", "units", "licence", "attribution", "title")
        yield {**{key: known[key] for key in kept}, "state": "stored", "parameters": []}


def _source_rows(sources: Path | None, settings: BoundarySettings) -> Iterator[dict[str, Any]]:
    stored = set(stored_names(settings))
    for source in list_sources(sources):
        if source.name not in stored:
            kept = source.model_dump(include={"name", "level", "licence", "attribution", "title"})
            yield {**kept, "state": "source", "units": None, "parameters": list(source.parameters)}


@app.command("fetch")
def fetch_command(
    name: Annotated[str, typer.Argument(help="A set that 'boundaries list' shows.")],
    iso3: Annotated[
        str | None, typer.Option(metavar="CODE", help="The country, for a set of any country: KAZ.")
    ] = None,
    level: Level = None,
    overwrite: OverwriteOption = False,
    sources: Sources = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fetch a set, verify it and keep it.

    Examples:
    [bold]geo-service boundaries fetch kaz-adm2-geokz[/bold]

    [bold]geo-service boundaries fetch geoboundaries --iso3 KGZ --level 2[/bold]
    """
    _require_parameters(find_source(name, sources), iso3, level)
    findings = Findings()
    with _progress(shown=not (quiet or as_json)) as progress:
        metadata = fetch(
            name,
            BoundarySettings(),
            iso3=iso3,
            level=level,
            sources=sources,
            overwrite=overwrite,
            findings=findings,
            progress=progress,
        )
    _print_stored(metadata, findings, as_json=as_json, quiet=quiet)


def _require_parameters(source: Source, iso3: str | None, level: int | None) -> None:
    for parameter, value in (("iso3", iso3), ("level", level)):
        if parameter in source.parameters and value is None:
            raise typer.BadParameter(f"'{source.name}' needs --{parameter}", param_hint=f"--{parameter}")
        if parameter not in source.parameters and value is not None:
            raise typer.BadParameter(f"'{source.name}' takes no --{parameter}", param_hint=f"--{parameter}")


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """A callback that draws a bar a file on standard error; null when none is to be drawn."""
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(file: str, so_far_bytes: int, total_bytes: int | None) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total_bytes)
            bars.update(tasks[file], completed=so_far_bytes)

        yield advance


@app.command("check")
def check_command(
    file: Annotated[str, typer.Argument(help="A layer of admin units, or the name of a set.")],
    level: Level = None,
    parents: Annotated[
        str | None,
        typer.Option(
            metavar="FILE_OR_NAME", help="The units one level up, to find orphans and real gaps: kaz-adm1."
        ),
    ] = None,
    min_area_km2: Annotated[
        float, typer.Option(min=0, help="Pass over overlaps and gaps of this many km² or less.")
    ] = MIN_AREA_KM2,
    pcode: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of codes.")] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of the parents' codes.")
    ] = None,
    crs: CrsOption = None,
    layer: Layer = None,
    encoding: EncodingOption = None,
    findings_file: Annotated[
        Path | None,
        typer.Option("--findings", metavar="FILE", help="Also write the findings, .csv or .json."),
    ] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Name invalid, overlapping, gapped, duplicated and orphaned units, with their area in km².

    Ends with exit status 1 when there are errors. Gaps are warnings: they may be lakes or enclaves.

    Example: [bold]geo-service boundaries check districts.gpkg --parents kaz-adm1[/bold]
    """
    if pcode is None and parent is not None:
        raise typer.BadParameter("--parent needs --pcode", param_hint="--parent")
    if pcode is not None and level is None:
        raise typer.BadParameter("--pcode needs --level", param_hint="--level")
    if findings_file is not None:
        refuse_unwritable(findings_file)
        refuse_existing([findings_file], overwrite=overwrite)
    settings = BoundarySettings()
    columns = None if pcode is None else UnitColumns.named(level, pcode=pcode, parent_pcode=parent)
    findings = Findings()
    try:
        units, rows, place = read_units_as_they_are(
            set_path(file, settings) or file,
            columns,
            findings=findings,
            level=level,
            crs=crs,
            layer=layer,
            encoding=encoding,
        )
        above = None if parents is None else load_boundaries(parents, settings, findings=Findings())
        findings.extend(check_units(units, parents=above, min_area_km2=min_area_km2, rows=rows, place=place))
    finally:
        if findings_file is not None:
            findings.write(findings_file)
    _print_findings(file, findings, len(units), as_json=as_json, quiet=quiet)
    if findings.errors:
        raise typer.Exit(1)


@app.command("add")
def add_command(
    file: Annotated[str, typer.Argument(help="A layer of admin units in any format.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call the set: kgz-adm2.")],
    level: Level = None,
    pcode: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="The column of codes. Without it, columns go by their usual names."
        ),
    ] = None,
    name_en: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of English names.")
    ] = None,
    name_ru: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of Russian names.")
    ] = None,
    name_kk: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of Kazakh names.")] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of the parents' codes.")
    ] = None,
    kato: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of KATO codes.")] = None,
    iso3166_2: Annotated[
        str | None, typer.Option("--iso3166-2", metavar="COLUMN", help="The column of ISO 3166-2 codes.")
    ] = None,
    valid_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="A day on which the division was in force: 2024-12-31.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What it is, one line.")] = None,
    licence: Annotated[str | None, typer.Option(help="What it may be used under: 'CC BY 4.0'.")] = None,
    attribution: Annotated[str | None, typer.Option(help="Who must be named where it is shown.")] = None,
    crs: CrsOption = None,
    layer: Layer = None,
    encoding: EncodingOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep a layer of your own as a set, its columns mapped into the schema.

    Example: [bold]geo-service boundaries add rayons.shp --name kgz-adm2 --level 2 --pcode CODE --name-ru NAME
    --parent OBLAST --valid-on 2024-12-31 --licence "CC BY 4.0"[/bold]
    """
    given = {
        "name_en": name_en,
        "name_ru": name_ru,
        "name_kk": name_kk,
        "parent_pcode": parent,
        "kato": kato,
        "iso3166_2": iso3166_2,
    }
    if pcode is None and any(given.values()):
        raise typer.BadParameter("columns are given but not the one of codes", param_hint="--pcode")
    if pcode is not None and level is None:
        raise typer.BadParameter("the level of the units is not given", param_hint="--level")
    columns = None if pcode is None else UnitColumns.named(level, pcode=pcode, **given)
    day = None if valid_on is None else _iso_day(valid_on)
    findings = Findings()
    metadata = add(
        file,
        name,
        BoundarySettings(),
        columns,
        level=level,
        valid_on=day,
        title=title,
        licence=licence,
        attribution=attribution,
        crs=crs,
        layer=layer,
        encoding=encoding,
        overwrite=overwrite,
        findings=findings,
    )
    _print_stored(metadata, findings, as_json=as_json, quiet=quiet)


def _iso_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not a day such as 2024-12-31", param_hint="--valid-on"
        ) from None


def _print_stored(metadata: SetMetadata, findings: Findings, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        _print_json({**asdict(metadata), "findings": _records(findings)})
    elif not quiet:
        for finding in findings:
            typer.echo(f"{finding.severity}: {finding}", err=True)
        typer.echo(f"{metadata.name}: {metadata.units} units of level {metadata.level}, {metadata.title}")
        typer.echo(
            f"licence: {metadata.licence or 'not said'}; attribution: {metadata.attribution or 'not said'}"
        )
        typer.echo(f"use it with --boundaries {metadata.name}")


def _print_findings(file: str, findings: Findings, units: int, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        _print_json(_records(findings))
        return
    if quiet:
        return
    console = Console()
    if len(findings):
        table = Table(show_lines=True, title=escape(file), title_justify="left")
        for column in ("Severity", "Code", "Row", "What"):
            table.add_column(column)
        for one in findings:
            style = "red" if one.severity is Severity.ERROR else "yellow"
            row = "" if one.row is None else str(one.row)
            table.add_row(f"[{style}]{one.severity}[/]", str(one.code), row, escape(one.message))
        console.print(table)
    console.print(f"{units} units: {len(findings.errors)} errors, {len(findings.warnings)} warnings")


def _records(findings: Findings) -> list[dict[str, Any]]:
    return [asdict(one) for one in findings]


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
