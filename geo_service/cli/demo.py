"""`geo-service demo`: the whole way from settlements to tables, layers and a map, on data that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer
from rich.markup import escape
from rich.panel import Panel

from geo_service.cli.band_table import band_footer, band_tables
from geo_service.cli.console import JsonOption, QuietOption, Reporter
from geo_service.coverage.access import access, access_layer
from geo_service.coverage.tables import access_by_band
from geo_service.demo.data import (
    PEOPLE_A_HOUSEHOLD,
    SETTLEMENTS_ATTRIBUTION,
    SYNTHETIC_NOTE,
    demo_settlements,
    synthetic_facilities,
)
from geo_service.errors import GeoServiceError, MissingExtraError
from geo_service.export.staging import make_folder, staged
from geo_service.export.tables import write_table_unstaged
from geo_service.export.vector import write_layer_unstaged
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.boundaries.sources import fetch
from geo_service.ingest.boundaries.store import stored_names
from geo_service.settings import BoundarySettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import AdminLevel, Service

__all__ = ["demo_command"]

REGIONS = "kaz-adm1"
DISTRICTS = "kaz-adm2-geokz"
BEYOND_KM = 25.0
FETCH_WITHIN_S = 10.0
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
    """Run the main job on Kazakhstan's settlements and a synthetic facility layer, and leave tables, layers and a map.

    The settlements (GeoNames) and regions (COD-AB) are real; the facilities are made up. Existing files of an earlier run are replaced.

    Example: `geo-service demo -o out`
    """
    try:
        from geo_service.maps.beyond import households_beyond_map  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("the map of the demo", "maps") from error
    reporter = Reporter(as_json=as_json, quiet=quiet)
    findings = Findings()
    make_folder(output)
    settlements = demo_settlements(findings)
    facilities = synthetic_facilities(settlements)
    name, units = _units(boundaries, reporter, findings, offline=offline)
    by = AdminLevel.DISTRICT if units["level"].max() == AdminLevel.DISTRICT.number else AdminLevel.REGION
    rows = access(locate(settlements, units, findings=findings), facilities)
    rows.attrs |= {
        "synthetic": True,
        "note": SYNTHETIC_NOTE,
        "households": f"population of GeoNames divided by {PEOPLE_A_HOUSEHOLD:g}, an assumption",
        "sources": f"{SETTLEMENTS_ATTRIBUTION}. {BOUNDARIES_ATTRIBUTION.get(name, name)}",
    }
    whole, by_unit = access_by_band(rows), access_by_band(rows, by, units=units)
    page = households_beyond_map(
        rows,
        units,
        Service.HOSPITAL,
        BEYOND_KM,
        sources=[SETTLEMENTS_ATTRIBUTION, BOUNDARIES_ATTRIBUTION.get(name, name)],
        note=SYNTHETIC_NOTE,
    )
    written = _write(output, rows, facilities, whole, by_unit, page.to_html(), findings)

    for table in band_tables(whole):
        reporter.say(table, "")
    reporter.say(f"[dim]{band_footer(rows.attrs['edges_km'])}[/]")
    reporter.say(f"[yellow]{SYNTHETIC_NOTE}[/]")
    reporter.say(f"[dim]Households are {rows.attrs['households']}.[/]\n")
    reporter.say(_what_to_open(by, name, written, output))
    reporter.finish(
        {
            "by": by,
            "boundaries": name,
            "about": rows.attrs,
            "outputs": written,
            "warnings": len(findings.warnings),
        }
    )


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
    page: str,
    findings: Findings,
) -> list[Path]:
    layer = access_layer(rows)
    sites = pd.concat(facilities.values(), ignore_index=True)
    sites.attrs = facilities[Service.HOSPITAL].attrs
    layers = {"access.geojson": layer, "access.gpkg": layer, "synthetic-facilities.geojson": sites}
    tables = {
        "access.xlsx": layer.drop(columns="geometry"),
        "bands.csv": whole,
        "bands-by-unit.csv": by_unit,
        "bands-by-unit.xlsx": by_unit,
    }
    tables["access.xlsx"].attrs = rows.attrs
    map_name = f"households-beyond-{BEYOND_KM:g}-km-of-a-hospital.html"
    names = [*layers, *tables, map_name, "findings.csv"]
    with staged([output / name for name in names], overwrite=True) as beside:
        for path in beside:
            if path.name in layers:
                write_layer_unstaged(layers[path.name], path)
            elif path.name in tables:
                write_table_unstaged(tables[path.name], path)
            elif path.name == map_name:
                path.write_text(page, encoding="utf-8")
            else:
                findings.write(path)
    return [output / name for name in names]


def _what_to_open(by: AdminLevel, name: str, written: list[Path], output: Path) -> Panel:
    what = {
        ".html": "the map; one file, no internet needed",
        ".geojson": "layer for any GIS and the web",
        ".gpkg": "layer for QGIS",
        ".xlsx": "workbook",
        ".csv": "table",
    }
    lines = [
        f"[bold]{escape(str(path))}[/]  {what[path.suffix]}"
        for path in sorted(written, key=lambda one: one.suffix != ".html")
    ]
    lines += ["", f"Split by {by}, from the boundaries '{name}'."]
    lines += [HOW_TO_GET_DISTRICTS] if by is AdminLevel.REGION else []
    lines += [f"To serve the folder: python3 -m http.server --bind 127.0.0.1 --directory {output} 8000"]
    return Panel("\n".join(lines), title="What to open", title_align="left", expand=False)
