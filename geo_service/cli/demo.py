"""`geo-service demo`: the whole way from settlements to tables, layers and maps, on data that ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer
from rich.markup import escape
from rich.panel import Panel

from geo_service.cli.band_table import band_footer, reported_and_measured_tables
from geo_service.cli.console import JsonOption, QuietOption, Reporter
from geo_service.cli.round_tables import publication_of
from geo_service.coverage.access import access, access_layer
from geo_service.coverage.report_tables import synthetic_note
from geo_service.coverage.reported import reported_access_rows
from geo_service.coverage.tables import access_by_band
from geo_service.demo.data import SETTLEMENTS_ATTRIBUTION, SYNTHETIC_NOTE, facilities_where_reported
from geo_service.demo.exports import write_kobo
from geo_service.demo.synthetic_round import synthetic_round_3
from geo_service.errors import GeoServiceError, MissingExtraError
from geo_service.export.staging import make_folder, staged
from geo_service.export.tables import write_table_unstaged
from geo_service.export.vector import write_layer_unstaged
from geo_service.export.workbook import write_publication
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.boundaries.sources import fetch
from geo_service.ingest.boundaries.store import set_path, stored_names
from geo_service.ingest.survey.read_round import read_round
from geo_service.ingest.survey.store import save_round
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import file_input
from geo_service.release.manifest import Manifest
from geo_service.report.written import ReportFormat
from geo_service.schemas import SurveyRound
from geo_service.settings import BoundarySettings, ReleaseSettings, RoundSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import AdminLevel, Language, Service

__all__ = ["demo_command"]

REGIONS = "kaz-adm1"
DISTRICTS = "kaz-adm2-geokz"
COUNTRY, ROUND = "KAZ", 3
FETCH_WITHIN_S = 10.0
RELEASES = "releases"
_STEPS = 7
BOUNDARIES_ATTRIBUTION = {
    REGIONS: "Regions: OCHA COD-AB, CC BY-IGO; names: geokz by Alexander Rodionov, CC BY 4.0",
    DISTRICTS: "Districts: geokz by Alexander Rodionov, CC BY 4.0, derived from OCHA COD-AB",
}
HOW_TO_GET_DISTRICTS = f"For districts: geo-service boundaries fetch {DISTRICTS}, then run this again; or --boundaries FILE for your own."


def demo_command(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where to; made if it is not there.")
    ] = Path("out"),
    boundaries: Annotated[
        str | None,
        typer.Option(
            "--boundaries",
            metavar="FILE_OR_NAME",
            envvar="GEO_SERVICE_DEMO_BOUNDARIES",
            help="Admin units; else districts if they can be had, else the regions that ship.",
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try to fetch districts.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run the main job on a synthetic round of Kazakhstan, and leave tables, layers, survey files and maps.

    The round has the totals of the published Round 3; its villages are the real settlements of GeoNames and made-up ones, and all answers are
    made up. It is written as KoboToolbox would give it, imported like any other, measured against facilities that are made up too, and
    tabulated. Existing files of an earlier run are replaced.

    Example: `geo-service demo -o out`
    """
    try:
        from geo_service.demo.gallery import write_gallery  # noqa: PLC0415
        from geo_service.demo.reports import report_paths, write_reports  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("the maps and reports of the demo", "report") from error
    reporter = Reporter(as_json=as_json, quiet=quiet)
    findings = Findings()
    make_folder(output)
    name, units = _units(boundaries, reporter, findings, offline=offline)
    by = AdminLevel.DISTRICT if units["level"].max() == AdminLevel.DISTRICT.number else AdminLevel.REGION
    regions = load_boundaries(REGIONS)
    with reporter.progress() as progress:
        task = progress.add_task("Making up Round 3", total=_STEPS)
        files = _survey_files(output, regions)
        progress.update(task, description="Importing it", advance=1)
        survey = _imported(
            files, regions if by is AdminLevel.REGION else _both(regions, units), output, findings
        )
        progress.update(task, description="Measuring access", advance=1)
        facilities = facilities_where_reported(survey)
        located = locate(survey.villages, units, findings=findings)
        survey = replace(survey, villages=_with_districts(survey.villages, located))
        rows = access(located, facilities)
        progress.update(task, description="Writing tables and layers", advance=1)
        rows.attrs |= {
            "synthetic": True,
            "note": f"{synthetic_note(survey)} {SYNTHETIC_NOTE}",
            "sources": f"{SETTLEMENTS_ATTRIBUTION}. {_attribution(name)}",
        }
        whole, by_unit = access_by_band(rows), access_by_band(rows, by, units=units)
        publication = publication_of(survey, units=_both(regions, units), access=rows, hxl=True)
        written = [*files, *_write(output, rows, facilities, whole, by_unit, findings)]
        for path in (
            output / "round-3" / "tables.xlsx",
            output / "round-3" / "tables.json",
            output / "round-3" / "tables",
        ):
            write_publication(publication, path, overwrite=True)
            written.append(path)
        progress.update(task, description="Publishing a release", advance=1)
        store, release = _published(output, survey, facilities, _both(regions, units), name, findings)
        progress.update(task, description="Writing the report", advance=1)
        reports = report_paths(output, ROUND)
        written += write_reports(
            output / RELEASES,
            release.id,
            reports,
            progress=lambda title: progress.update(task, description=title),
        )
        progress.update(task, description="Drawing maps", advance=1)
        with store.open(release.id) as published:
            index, *_ = write_gallery(
                published,
                by,
                output,
                reports=reports,
                progress=lambda title: progress.update(task, description=title),
            )
        written.append(index)
        progress.update(task, advance=1)

    reported = reported_access_rows(survey.villages, survey.reported_access)
    for table in reported_and_measured_tables(reported, rows):
        reporter.say(table, "")
    reporter.say(f"[dim]{band_footer(rows.attrs['edges_km'])}[/]")
    reporter.say(f"[yellow]{rows.attrs['note']}[/]\n")
    reporter.say(_what_to_open(by, name, written, output, release.id))
    reporter.finish(
        {
            "by": by,
            "boundaries": name,
            "about": rows.attrs,
            "outputs": written,
            "release": release.id,
            "warnings": len(findings.warnings),
        }
    )


def _survey_files(output: Path, regions: gpd.GeoDataFrame) -> list[Path]:
    """A synthetic round as the workbooks of its two forms."""
    folder = output / "round-3"
    make_folder(folder)
    b2, b1 = folder / "B2.xlsx", folder / "B1.xlsx"
    write_kobo(synthetic_round_3(), b2, b1, units=regions, overwrite=True)
    return [b2, b1]


def _imported(files: list[Path], units: gpd.GeoDataFrame, output: Path, findings: Findings) -> SurveyRound:
    """The round as anyone's is imported, kept beside the other outputs.

    Raises:
        FindingsError: It has errors.
    """
    survey = read_round(files, found := Findings(), number=ROUND, country=COUNTRY, units=units)
    found.raise_errors()
    findings.extend(found)
    save_round(survey, RoundSettings(directory=output / "rounds"), replace=True)
    return survey


def _published(
    output: Path,
    survey: SurveyRound,
    facilities: dict[Service, gpd.GeoDataFrame],
    units: gpd.GeoDataFrame,
    boundaries: str,
    findings: Findings,
) -> tuple[FolderStore, Manifest]:
    """Everything as a release, in the embedded store, beside the other outputs."""
    attributions = [SETTLEMENTS_ATTRIBUTION, _attribution(boundaries)]
    sets = {name: set_path(name, BoundarySettings()) for name in dict.fromkeys([REGIONS, boundaries])}
    inputs = [
        file_input("boundaries", Path(name) if path is None else path, name=name if path else None)
        for name, path in sets.items()
    ]
    store = FolderStore(ReleaseSettings(directory=output / RELEASES))
    with release_contents(
        survey_round=survey,
        facilities=facilities,
        units=units,
        findings=findings,
        inputs=inputs,
        attributions=attributions,
        notes=[SYNTHETIC_NOTE],
    ) as contents:
        return store, store.publish(contents)


def _attribution(boundaries: str) -> str:
    """Whose the units are; of a file of somebody's own its name, and not where it lies."""
    return BOUNDARIES_ATTRIBUTION.get(boundaries) or f"Boundaries: {Path(boundaries).name}"


def _with_districts(villages: gpd.GeoDataFrame, located: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The districts that the villages lie in, where those are of the region that they say."""
    is_theirs = villages["adm1_pcode"] == located["adm1_pcode"]
    return villages.assign(adm2_pcode=located["adm2_pcode"].where(is_theirs.fillna(value=False)))


def _both(regions: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Regions and the units that tables are split by, each once."""
    both = pd.concat([regions, units], ignore_index=True).drop_duplicates("pcode", ignore_index=True)
    return gpd.GeoDataFrame(both, crs=regions.crs)


def _units(
    given: str | None, reporter: Reporter, findings: Findings, *, offline: bool
) -> tuple[str, gpd.GeoDataFrame]:
    """The units given, else districts that are here or come within ten seconds, else the regions that ship."""
    settings = BoundarySettings()
    name = given or (DISTRICTS if DISTRICTS in stored_names(settings) else None)
    if name is None and not offline:
        try:
            with reporter.progress() as progress:
                progress.add_task("Looking for districts", total=None)
                fetch(DISTRICTS, settings.model_copy(update={"timeout_s": FETCH_WITHIN_S}))
            name = DISTRICTS
        except GeoServiceError as error:
            reporter.say(f"[dim]Districts could not be fetched ({escape(str(error))}).[/]\n")
    name = name or REGIONS
    return name, load_boundaries(name, settings, findings=findings)


def _write(
    output: Path,
    rows: gpd.GeoDataFrame,
    facilities: dict[Service, gpd.GeoDataFrame],
    whole: pd.DataFrame,
    by_unit: pd.DataFrame,
    findings: Findings,
) -> list[Path]:
    layer = _labelled(access_layer(rows))
    sites = pd.concat(facilities.values(), ignore_index=True)
    sites.attrs = facilities[Service.HOSPITAL].attrs
    layers = {"access.geojson": layer, "access.gpkg": layer, "synthetic-facilities.geojson": sites}
    tables = {
        "access.xlsx": access_layer(rows).drop(columns="geometry"),
        "bands.csv": whole,
        "bands-by-unit.csv": by_unit,
        "bands-by-unit.xlsx": by_unit,
    }
    tables["access.xlsx"].attrs = rows.attrs
    tables = {name: _labelled(table) for name, table in tables.items()}
    names = [*layers, *tables, "findings.csv"]
    with staged([output / name for name in names], overwrite=True) as beside:
        for path in beside:
            if path.name in layers:
                write_layer_unstaged(layers[path.name], path)
            elif path.name in tables:
                write_table_unstaged(tables[path.name], path)
            else:
                findings.write(path)
    return [output / name for name in names]


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a column that says in every row that it is synthetic."""
    labelled = frame.assign(synthetic=True)
    labelled.attrs = dict(frame.attrs)
    return labelled


_FORMS = {
    ReportFormat.PDF: "typeset",
    ReportFormat.DOCX: "to be edited",
    ReportFormat.HTML: "with maps to explore, needs no internet",
    ReportFormat.XLSX: "its tables, and the cell of each number",
}


def _what_to_open(by: AdminLevel, name: str, written: list[Path], output: Path, release: str) -> Panel:
    what = {
        ".html": "all maps, in English, Russian and Kazakh: pages that need no internet, pictures, PDF for print",
        ".geojson": "layer for any GIS and the web",
        ".gpkg": "layer for QGIS",
        ".xlsx": "workbook",
        ".json": "all tables of the report for programs",
        ".csv": "table",
        "": "every table of the report as CSV with HXL hashtags",
    }
    named = {
        **{
            f"round-{ROUND}-{one}.{form}": f"the report of Round {ROUND}, {words}"
            for one in Language
            for form, words in _FORMS.items()
        },
        "tables.xlsx": "every table of the report, with contents",
        "B1.xlsx": "the districts' answers, as KoboToolbox gives them",
        "B2.xlsx": "the villages' answers, as KoboToolbox gives them",
    }
    kept, published = (escape(str(output / folder)) for folder in ("rounds", "releases"))
    first = {"tables.xlsx": 1, "index.html": 0}
    lines = [
        f"[bold]{escape(str(path))}[/]  {named.get(path.name) or what[path.suffix]}"
        for path in sorted(written, key=lambda one: first.get(one.name, 2))
    ]
    lines += ["", f"Split by {by}, from the boundaries '{name}'."]
    lines += [HOW_TO_GET_DISTRICTS] if by is AdminLevel.REGION else []
    lines += [
        f"To ask the round: GEO_SERVICE_ROUNDS_DIRECTORY={kept} geo-service rounds list",
        f"All of it is release {release[:12]}: geo-service releases show --store {published}",
        f"To export from it: geo-service export access --store {published} --where \"band = '>25'\" -o far.gpkg",
        f"To serve it to planners, QGIS and scripts: geo-service serve --store {published}",
        f"To look at the folder in a browser: python3 -m http.server --bind 127.0.0.1 --directory {output} 8000",
    ]
    return Panel("\n".join(lines), title="What to open", title_align="left", expand=False)
