"""`geo-service locate`: which admin unit each village lies in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import FindingsOption, JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.layers import CrsOption, EncodingOption, LatOption, LayerSource, LonOption, TagsOption
from geo_service.coverage.tables import unit_names
from geo_service.export.staging import refuse_existing, refuse_twice
from geo_service.export.vector import layer_outputs, write_layer
from geo_service.findings import Place
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.layers import LayerOptions
from geo_service.settings import BoundarySettings
from geo_service.spatial.locate import DEFAULT_SNAP_KM, locate
from geo_service.vocabulary import Language

__all__ = ["locate_command"]

_COLUMNS = [
    "village_id",
    "village_name",
    "households",
    "adm1_pcode",
    "adm2_pcode",
    "snapped",
    "snapped_m",
    "geometry",
]


def locate_command(
    villages: Annotated[str, typer.Argument(metavar="VILLAGES", help="As for `access`.")],
    boundaries: Annotated[
        str,
        typer.Option(
            "--boundaries",
            metavar="FILE_OR_NAME",
            help="Admin units: a file, or a name from `boundaries list`.",
        ),
    ],
    snap_km: Annotated[
        float,
        typer.Option("--snap-km", min=0, help="Give a village this near outside all units the nearest one."),
    ] = DEFAULT_SNAP_KM,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column of village ids; else found.")
    ] = None,
    name_column: Annotated[
        str | None, typer.Option("--name", metavar="COLUMN", help="The column of village names; else found.")
    ] = None,
    households: Annotated[
        str | None,
        typer.Option("--households", metavar="COLUMN", help="The column of household counts; else found."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="The layer: .geojson .gpkg .fgb .parquet .shp .csv .xlsx .kml",
        ),
    ] = None,
    findings: FindingsOption = None,
    crs: CrsOption = None,
    lon: LonOption = None,
    lat: LatOption = None,
    encoding: EncodingOption = None,
    osm_tags: TagsOption = None,
    language: Annotated[Language, typer.Option("--lang", help="The language of unit names.")] = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give each village its region and district, and count villages by unit.

    A point on a shared border goes to the smaller P-code; one just outside every unit to the nearest, with a warning.

    Example: `geo-service locate villages.csv --boundaries kaz-adm1 -o located.gpkg`
    """
    if output is not None:
        refuse_twice([*layer_outputs(output), *([findings] if findings else [])])
        refuse_existing(layer_outputs(output), overwrite=overwrite)
    reporter = Reporter(as_json=as_json, quiet=quiet)
    options = LayerOptions(
        crs=crs, lon=lon, lat=lat, id=id_column, name=name_column, households=households, encoding=encoding
    )
    with reporter.findings(findings, overwrite=overwrite) as found:
        points, _ = LayerSource(found, reporter, options, tags=osm_tags).read(villages, {})
        units = load_boundaries(boundaries, BoundarySettings(), findings=found, crs=crs)
        located = locate(points, units, snap_km=snap_km, findings=found, place=Place(villages))
        found.raise_errors()
        if output is not None:
            write_layer(located[_COLUMNS], output, overwrite=overwrite)

    column = "adm2_pcode" if units["level"].max() == 2 else "adm1_pcode"
    counts = located.groupby(column, dropna=False).agg(
        villages=("village_id", "size"), households=("households", _known_sum), snapped=("snapped", "sum")
    )
    names = unit_names(units, language)
    rows = [
        {
            "pcode": None if pd.isna(code) else code,
            "name": names.get(code),
            **{key: None if pd.isna(value) else int(value) for key, value in row.items()},
        }
        for code, row in counts.to_dict("index").items()
    ]
    table = Table(title="Villages by unit", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("unit", "name", "villages", "households", "snapped"):
        table.add_column(heading, justify="left" if heading in {"unit", "name"} else "right")
    for one in rows:
        numbers = (
            "" if one[key] is None else f"{one[key]:,}" for key in ("villages", "households", "snapped")
        )
        table.add_row(escape(str(one["pcode"] or "not assigned")), escape(str(one["name"] or "")), *numbers)
    reporter.say(table)
    if output is not None:
        reporter.wrote(output)
    reporter.finish({"units": rows, "outputs": [output] if output else [], "warnings": len(found.warnings)})


def _known_sum(households: pd.Series) -> Any:
    """The sum of what is known; null where nothing is."""
    return households.sum(min_count=1)
