"""`geo-service access`: villages and facilities in, households by distance band out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer

from geo_service.cli.band_table import band_footer, band_tables
from geo_service.cli.console import FindingsOption, JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.layers import (
    BoundariesOption,
    CrsOption,
    EncodingOption,
    FacilityIdOption,
    FacilityLatOption,
    FacilityLonOption,
    FacilityNameOption,
    LatOption,
    LayerSource,
    LonOption,
    TagsOption,
    facility_options,
    osm_attribution,
    parse_facilities,
)
from geo_service.cli.measuring import (
    DEFAULT_EDGES,
    BandsOption,
    MaxKmOption,
    PresenceOption,
    RanksOption,
    SnapOption,
    parse_bands,
)
from geo_service.coverage.access import DEFAULT_PRESENCE_KM, access, access_layer
from geo_service.coverage.bands import Bands
from geo_service.coverage.tables import access_by_band
from geo_service.errors import InputError
from geo_service.export.staging import refuse_existing, refuse_twice, staged
from geo_service.export.tables import table_outputs, write_table_unstaged
from geo_service.export.vector import layer_outputs, write_layer_unstaged
from geo_service.findings import Findings, Place
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.layers import LayerOptions
from geo_service.settings import BoundarySettings
from geo_service.spatial.locate import DEFAULT_SNAP_KM, locate
from geo_service.vocabulary import AdminLevel, Language, Service

__all__ = ["access_command"]

SHIPPED_REGIONS = "kaz-adm1"


def access_command(
    villages: Annotated[
        str,
        typer.Argument(
            metavar="VILLAGES", help="Villages: any GIS layer, a table with coordinates, an OSM extract."
        ),
    ],
    facilities: Annotated[
        list[str],
        typer.Option(
            "--facilities",
            "-f",
            metavar="SERVICE=FILE",
            help="The facilities of a service; again for each service. An OSM extract without SERVICE= gives all six.",
        ),
    ],
    households: Annotated[
        str | None,
        typer.Option("--households", metavar="COLUMN", help="The column of household counts; else found."),
    ] = None,
    household_points: Annotated[
        bool, typer.Option("--household-points", help="Each row of VILLAGES is one household.")
    ] = False,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column of village ids; else found.")
    ] = None,
    name_column: Annotated[
        str | None, typer.Option("--name", metavar="COLUMN", help="The column of village names; else found.")
    ] = None,
    boundaries: BoundariesOption = None,
    by: Annotated[
        AdminLevel | None, typer.Option("--by", help="Split the table by region or district.")
    ] = None,
    bands: BandsOption = DEFAULT_EDGES,
    k: RanksOption = 1,
    max_km: MaxKmOption = None,
    presence_km: PresenceOption = DEFAULT_PRESENCE_KM,
    snap_km: SnapOption = DEFAULT_SNAP_KM,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="The layer: .geojson .gpkg .fgb .parquet .shp .csv .xlsx .kml",
        ),
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--table", metavar="TABLE", help="The band table: .csv .xlsx .json")
    ] = None,
    findings: FindingsOption = None,
    crs: CrsOption = None,
    lon: LonOption = None,
    lat: LatOption = None,
    encoding: EncodingOption = None,
    facility_lon: FacilityLonOption = None,
    facility_lat: FacilityLatOption = None,
    facility_id: FacilityIdOption = None,
    facility_name: FacilityNameOption = None,
    osm_tags: TagsOption = None,
    language: Annotated[
        Language, typer.Option("--lang", help="The language of labels and unit names.")
    ] = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure every village's distance to the nearest facilities and count households by distance band.

    Distances are straight over the WGS84 ellipsoid, exact, and not by road.

    Example: `geo-service access villages.gpkg -f hospital=hospitals.geojson -f school=schools.csv
    --boundaries kaz-adm1 --by region -o access.gpkg --table bands.csv`
    """
    layers = parse_facilities(facilities)
    edges = parse_bands(bands)
    if by is AdminLevel.COUNTRY:
        raise typer.BadParameter("the table of the whole is printed without --by", param_hint="--by")
    if by is not None and boundaries is None:
        raise typer.BadParameter(
            "needs --boundaries: a file or a name from `geo-service boundaries list`", param_hint="--by"
        )
    _refuse_outputs(output, table, findings, overwrite=overwrite)

    reporter = Reporter(as_json=as_json, quiet=quiet)
    options = LayerOptions(
        crs=crs, lon=lon, lat=lat, id=id_column, name=name_column, households=households, encoding=encoding
    )
    with reporter.findings(findings, overwrite=overwrite) as found:
        of_facilities = facility_options(
            crs, encoding, facility_lon, facility_lat, facility_id, facility_name
        )
        source = LayerSource(found, reporter, options, facility_options=of_facilities, tags=osm_tags)
        points, sites = source.read(villages, layers, each_a_household=household_points)
        units = _units(boundaries, by, found, crs)
        if units is not None:
            points = locate(points, units, snap_km=snap_km, findings=found, place=Place(villages))
        found.raise_errors()
        rows = _measure(points, sites, k, max_km, edges, presence_km, reporter)
        rows.attrs |= osm_attribution([villages, *layers.values()])
        banded = access_by_band(rows, by, units=_named_units(units, by), language=language)
        written = _write(rows, banded, output, table, overwrite=overwrite)

    for one in band_tables(banded, language):
        reporter.say(one, "")
    reporter.say(f"[dim]{band_footer(edges.edges_km, language)}[/]")
    for path in written:
        reporter.wrote(path)
    reporter.finish(
        {
            "about": rows.attrs,
            "table": banded.astype(object).where(banded.notna(), None).to_dict("records"),
            "outputs": written,
            "errors": len(found.errors),
            "warnings": len(found.warnings),
        }
    )


def _refuse_outputs(
    output: Path | None, table: Path | None, findings: Path | None, *, overwrite: bool
) -> None:
    paths = [*(layer_outputs(output) if output else []), *(table_outputs(table) if table else [])]
    refuse_twice([*paths, *([findings] if findings else [])])
    refuse_existing(paths, overwrite=overwrite)


def _units(
    boundaries: str | None, by: AdminLevel | None, found: Findings, crs: str | None
) -> gpd.GeoDataFrame | None:
    if boundaries is None:
        return None
    units = load_boundaries(boundaries, BoundarySettings(), findings=found, crs=crs)
    lowest = units["level"].max()
    if by is not None and lowest < by.number:
        raise InputError(
            f"the boundaries '{boundaries}' have no units of the level {by}; give some that have, or another --by"
        )
    return units


def _named_units(units: gpd.GeoDataFrame | None, by: AdminLevel | None) -> gpd.GeoDataFrame | None:
    """The units with, for a table by region of districts, the regions that ship: a district knows only its region's code."""
    if units is None or by is not AdminLevel.REGION or units["level"].max() == by.number:
        return units
    return pd.concat([units, load_boundaries(SHIPPED_REGIONS)], ignore_index=True)


def _measure(
    points: gpd.GeoDataFrame,
    sites: dict[Service, gpd.GeoDataFrame],
    k: int,
    max_km: float | None,
    edges: Bands,
    presence_km: float,
    reporter: Reporter,
) -> gpd.GeoDataFrame:
    with reporter.progress() as progress:
        task = progress.add_task(f"Measuring {len(points):,} villages", total=len(sites))
        return access(
            points,
            sites,
            k=k,
            max_distance_km=max_km,
            bands=edges,
            presence_km=presence_km,
            progress=lambda _: progress.advance(task),
        )


def _write(
    rows: gpd.GeoDataFrame, banded: pd.DataFrame, output: Path | None, table: Path | None, *, overwrite: bool
) -> list[Path]:
    """Write the layer and the table, both or neither."""
    paths = [path for path in (output, table) if path is not None]
    with staged(paths, overwrite=overwrite) as beside:
        for path, wanted in zip(beside, paths, strict=True):
            if wanted is output:
                write_layer_unstaged(access_layer(rows), path)
            else:
                write_table_unstaged(banded, path)
    return paths
