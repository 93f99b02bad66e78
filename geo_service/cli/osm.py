"""`geo-service osm`: villages and services of an OpenStreetMap extract, a file each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import shapely
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import FindingsOption, JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.layers import read_extract
from geo_service.errors import OutputError
from geo_service.export.staging import make_folder, refuse_existing, refuse_twice, staged
from geo_service.export.vector import write_layer_unstaged
from geo_service.ingest.osm.layers import OSM_ATTRIBUTION, OsmLayers
from geo_service.ingest.osm.tags import TagTable, default_tag_table_text, load_tag_table

__all__ = ["LayerFormat", "osm"]

_KINDS = ("points", "lines", "areas")


class LayerFormat(StrEnum):
    """The format of the layers."""

    GEOJSON = "geojson"
    GPKG = "gpkg"


def _show_tags(value: bool) -> None:
    if value:
        typer.echo(default_tag_table_text(), nl=False)
        raise typer.Exit


def osm(
    extract: Annotated[
        Path, typer.Argument(metavar="EXTRACT", help="An extract: .osm.pbf, .osm, .osm.gz or .osm.bz2.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="DIR", help="The folder of the layers; made when it is not there."
        ),
    ],
    tags: Annotated[
        Path | None,
        typer.Option(
            "--tags",
            "--osm-tags",
            metavar="FILE",
            help="Your own table of tags, TOML; see --show-tags.",
        ),
    ] = None,
    show_tags: Annotated[  # noqa: ARG001 - its callback prints and ends
        bool,
        typer.Option(
            "--show-tags", callback=_show_tags, is_eager=True, help="Print the table of tags and end."
        ),
    ] = False,
    layer_format: Annotated[
        LayerFormat, typer.Option("--format", help="The format of the layers.")
    ] = LayerFormat.GEOJSON,
    node_index: Annotated[
        str,
        typer.Option(
            help="Where node locations are kept; sparse_file_array,FILE for an extract too large for memory."
        ),
    ] = "flex_mem",
    findings: FindingsOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the villages and the six services of an OpenStreetMap extract, a layer each.

    Villages that are mapped as an area have it in `village_footprints` too. What is made from an extract is
    © OpenStreetMap contributors, ODbL 1.0.

    Example: `geo-service osm kazakhstan-latest.osm.pbf -o layers`

    Example: `geo-service osm --show-tags > tags.toml`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    table = load_tag_table(tags)
    paths = {name: output / f"{name}.{layer_format}" for name in _layer_names(table)}
    _refuse_outputs(output, [*paths.values()], findings, overwrite=overwrite)
    with reporter.findings(findings, overwrite=overwrite) as found:
        layers = _by_name(read_extract(extract, table, found, reporter, node_index=node_index))
    make_folder(output)
    with staged(paths.values(), overwrite=overwrite) as beside:
        for name, path in zip(paths, beside, strict=True):
            write_layer_unstaged(layers[name], path)
    counts = {name: _count(layer) for name, layer in layers.items()}
    reporter.say(_summary(counts))
    reporter.say(f"Wrote {len(paths)} layers into {escape(str(output))}")
    reporter.finish(
        {
            "extract": extract,
            "layers": [{"layer": name, **counts[name], "output": path} for name, path in paths.items()],
            "warnings": len(found.warnings),
        }
    )


def _layer_names(table: TagTable) -> list[str]:
    return ["villages", "village_footprints", *table.services]


def _refuse_outputs(folder: Path, paths: list[Path], findings: Path | None, *, overwrite: bool) -> None:
    if folder.exists():
        if not folder.is_dir():
            raise OutputError(f"{folder} is a file; give the name of a folder")
        refuse_existing(paths, overwrite=overwrite)
    refuse_twice([*paths, *([findings] if findings else [])])


def _by_name(layers: OsmLayers) -> dict[str, gpd.GeoDataFrame]:
    """The layers as they are written, in the order of their names in `_layer_names`."""
    footprint = layers.villages["footprint"]
    outlines = layers.villages[["village_id", "village_name", "place"]].set_geometry(footprint)
    named = {
        "villages": layers.villages.drop(columns="footprint"),
        "village_footprints": outlines[footprint.notna()].rename_geometry("geometry"),
    }
    named |= dict(layers.facilities.items())
    for layer in named.values():
        layer.attrs["attribution"] = OSM_ATTRIBUTION
    return named


def _count(layer: gpd.GeoDataFrame) -> dict[str, int]:
    dimensions = shapely.get_dimensions(layer.geometry.to_numpy())
    return {kind: int((dimensions == dimension).sum()) for dimension, kind in enumerate(_KINDS)}


def _summary(counts: dict[str, dict[str, int]]) -> Table:
    table = Table(title="Layers", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("layer")
    for kind in _KINDS:
        table.add_column(kind, justify="right")
    for name, of_kind in counts.items():
        table.add_row(name.replace("_", " "), *(f"{of_kind[kind]:,}" for kind in _KINDS))
    return table
