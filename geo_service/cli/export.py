"""`geo-service export`: features of a release out, in every format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.markup import escape

from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.stores import ReleaseOption, StoreOption, opened
from geo_service.errors import FilterError
from geo_service.export.features import write_features
from geo_service.export.staging import refuse_existing
from geo_service.export.vector import layer_outputs
from geo_service.query.criteria import parse_box, parse_fields, parse_sort, parse_time
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Features
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from geo_service.release.protocol import Release

__all__ = ["export_command"]

T = TypeVar("T")


def export_command(
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="As `geo-service releases show` lists them.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A layer: .geojson .gpkg .fgb .parquet .shp .csv .xlsx .kml; a table: .csv .xlsx .parquet .gpkg",
        ),
    ],
    where: Annotated[
        str | None,
        typer.Option(
            "--where", metavar="CQL2", help="Only features for which it is true; CQL2 text or JSON."
        ),
    ] = None,
    bbox: Annotated[
        str | None,
        typer.Option("--bbox", metavar="W,S,E,N", help="Only features in this box, in degrees."),
    ] = None,
    datetime: Annotated[
        str | None,
        typer.Option(
            "--datetime", metavar="DAY/DAY", help="Only features of these days; `..` where it is open."
        ),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option("--fields", metavar="A,B,…", help="Only these columns beside fid, id and the geometry."),
    ] = None,
    geometry: Annotated[
        bool, typer.Option("--geometry/--no-geometry", help="Whether the geometry comes along.")
    ] = True,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="-A,B,…", help="Sorted by these columns, `-` for the largest first."),
    ] = None,
    release: ReleaseOption = None,
    store: StoreOption = None,
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write features of a release to a file, of any size, whole or not at all.

    Distances in a release are straight over the WGS84 ellipsoid, and not by road.

    Example: `geo-service export access -o far.gpkg --where "service = 'hospital' AND distance_m > 25000"`
    """
    refuse_existing(layer_outputs(output), overwrite=overwrite)
    features = Features(
        filter=_given(parse_filter, where, "--where"),
        box=_given(parse_box, bbox, "--bbox"),
        time=_given(parse_time, datetime, "--datetime"),
        sort=_given(parse_sort, sort, "--sort") or (),
        fields=_given(parse_fields, fields, "--fields"),
        geometry=geometry,
    )
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept, kept.open(release) as found, reporter.progress() as progress:
        features = _with_geometry(features, found, collection)
        total = found.count(collection, features)
        task = progress.add_task(f"Writing {output.name}", total=total)
        rows = write_features(
            found,
            collection,
            features,
            output,
            overwrite=overwrite,
            language=language,
            progress=lambda written: progress.update(task, completed=written),
        )
        release_id = found.manifest.id
    counted = "1 feature" if rows == 1 else f"{rows:,} features"
    reporter.say(
        f"Wrote {counted} of {escape(collection)}, release {release_id[:12]}, to {escape(str(output))}"
    )
    reporter.finish({"release": release_id, "collection": collection, "rows": rows, "output": output})


def _with_geometry(features: Features, release: Release, collection: str) -> Features:
    """The same with the geometry among the fields, where fields are named and it is wanted."""
    name = release.collection(collection).geometry
    if features.fields is None or name is None or name in features.fields:
        return features
    return replace(features, fields=(*features.fields, name)) if features.geometry else features


def _given(parse: Callable[[str], T], text: str | None, option: str) -> T | None:
    """What an option says, null where it was not given.

    Raises:
        typer.BadParameter: It cannot be read.
    """
    if text is None:
        return None
    try:
        return parse(text)
    except FilterError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
