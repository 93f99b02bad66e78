"""`geo-service export`: features of a release out, in every format."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.stores import ReleaseOption, StoreOption, opened
from geo_service.export.features import write_features
from geo_service.export.staging import refuse_existing
from geo_service.export.vector import layer_outputs
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Box, Features, SortKey, TimeInterval
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from geo_service.release.protocol import Release

__all__ = ["export_command"]


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
        filter=None if where is None else parse_filter(where),
        box=None if bbox is None else _box(bbox),
        time=None if datetime is None else _time(datetime),
        sort=() if sort is None else _sort_keys(sort),
        fields=None if fields is None else tuple(_names(fields)),
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


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' is not west,south,east,north in degrees, such as 66,42,80,55", param_hint="--bbox"
        ) from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise typer.BadParameter(
            f"'{text}' is not west,south,east,north: longitudes from -180 to 180, latitudes from -90 to 90, south first",
            param_hint="--bbox",
        )
    return west, south, east, north


def _time(text: str) -> TimeInterval:
    """One day, or the first and the last with `/` between them, `..` for none."""
    first, slash, last = text.partition("/")
    try:
        interval = TimeInterval(_day(first, bool(slash)), _day(last if slash else first, bool(slash)))
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' is not a day or two, such as 2024-01-01/2024-03-31 or 2024-01-01/..",
            param_hint="--datetime",
        ) from error
    if interval.first and interval.last and interval.first > interval.last:
        raise typer.BadParameter(f"'{text}' ends before it begins", param_hint="--datetime")
    return interval


def _day(text: str, may_be_open: bool) -> dt.date | None:
    return None if may_be_open and text in {"", ".."} else dt.date.fromisoformat(text)


def _sort_keys(text: str) -> tuple[SortKey, ...]:
    return tuple(SortKey(name.lstrip("+-"), descending=name.startswith("-")) for name in _names(text))


def _names(text: str) -> list[str]:
    return [name for one in text.split(",") if (name := one.strip())]
