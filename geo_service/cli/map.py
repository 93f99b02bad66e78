"""`geo-service map`: a map of a release as a page that needs no internet, or for print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.cli.console import JsonOption, LanguageOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.stores import ReleaseOption, RoundOption, StoreOption, opened, release_of_round
from geo_service.errors import OutputError
from geo_service.export.staging import refuse_existing, staged
from geo_service.maps.base_map import BaseMap
from geo_service.maps.classes import Scheme
from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.maps.printed import PrintFormat, PrintSize, printed_bytes
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released import released_picture
from geo_service.vocabulary import AdminLevel, Basis, Language, PopulationGroup, Service

if TYPE_CHECKING:
    from geo_service.maps.picture import Picture

__all__ = ["map_command"]

_PAGE = ".html"
_PRINTED = {f".{one.value}": one for one in PrintFormat}


def map_command(
    kind: Annotated[
        MapKind,
        typer.Argument(
            metavar="KIND",
            help="concentration and change of a group; access to a service, gaps, agreement; coverage.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A page that needs no internet: .html; for print: .png .svg .pdf",
        ),
    ],
    group: Annotated[
        PopulationGroup | None,
        typer.Option("--group", metavar="GROUP", help="The population group, such as labour_migrants."),
    ] = None,
    service: Annotated[
        Service | None, typer.Option("--service", metavar="SERVICE", help="The service, such as hospital.")
    ] = None,
    basis: Annotated[
        Basis | None,
        typer.Option("--basis", help="Access as key informants reported it, or as measured; else reported."),
    ] = None,
    beyond_km: Annotated[
        float | None,
        typer.Option(
            "--beyond-km",
            metavar="KM",
            min=0,
            help="What is farther than so many kilometres; where reported an edge of the distance bands.",
        ),
    ] = None,
    by: Annotated[
        AdminLevel | None,
        typer.Option(
            "--by", metavar="LEVEL", help="Colour by region or district; else by region where there are some."
        ),
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(
            "--measure",
            metavar="MEASURE",
            help=f"Of concentration: {', '.join(Measure)}; of change: {', '.join(ChangeMeasure)}.",
        ),
    ] = None,
    scheme: Annotated[
        Scheme | None,
        typer.Option("--classes", help="How the edges of classes are found; else as suits the map."),
    ] = None,
    k: Annotated[int | None, typer.Option("--k", min=2, max=9, help="How many classes; else 5.")] = None,
    edges: Annotated[
        str | None,
        typer.Option(
            "--edges", metavar="A,B,…", help="Upper edges of classes, rising; shares as fractions of 1."
        ),
    ] = None,
    adm: Annotated[
        str | None,
        typer.Option("--adm", metavar="A,B,…", help="Only what is inside these units: P-codes."),
    ] = None,
    round_: RoundOption = None,
    release: ReleaseOption = None,
    store: StoreOption = None,
    public: Annotated[
        bool,
        typer.Option("--public", help="Only what everybody may see: no villages, small numbers hidden."),
    ] = False,
    size: Annotated[
        PrintSize, typer.Option("--size", help="What a printed map is for: a page, half of one, a slide.")
    ] = PrintSize.PAGE,
    dpi: Annotated[int, typer.Option("--dpi", min=50, max=1_200, help="Dots per inch of a .png.")] = 300,
    tiles: Annotated[
        str | None,
        typer.Option(
            "--tiles",
            metavar="URL",
            help="A base map under a page, with {z}/{x}/{y}; the page then asks that host for it.",
        ),
    ] = None,
    tile_attribution: Annotated[
        str, typer.Option("--tile-attribution", metavar="TEXT", help="Who made the base map.")
    ] = "",
    language: LanguageOption = Language.EN,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw a map of a release into one file, whole or not at all.

    A page has all its scripts, styles and data in it and works without internet. Maps say on which basis their numbers stand and of which
    release they are.

    Example: `geo-service map concentration --group labour_migrants --by district --lang ru -o migrants.pdf`
    """
    if output.suffix.lower() not in {_PAGE, *_PRINTED}:
        raise OutputError(
            f"{output} is no map that can be written; name a file that ends with {', '.join([_PAGE, *_PRINTED])}"
        )
    refuse_existing([output], overwrite=overwrite)
    if round_ is not None and release is not None:
        raise typer.BadParameter("a release is of one round; leave one of them out", param_hint="--round")
    base_map = None if tiles is None else BaseMap(tiles, tile_attribution)
    question = MapQuestion(
        kind=kind,
        group=group,
        service=service,
        basis=basis,
        beyond_km=beyond_km,
        by=by,
        measure=None if measure is None else _measure(kind, measure),
        scheme=scheme,
        classes=k,
        edges=() if edges is None else _edges(edges),
        adm=adm,
    )
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with reporter.progress() as progress:
        task = progress.add_task("Reading the release", total=2)
        with opened(store) as kept:
            wanted = release if round_ is None else release_of_round(kept, round_)
            with kept.open(wanted) as found:
                edition = edition_for(found, Role.PUBLIC if public else Role.ANALYST)
                picture = released_picture(edition, question, language)
                release_id = found.manifest.id
        progress.update(task, completed=1, description=f"Drawing {output.name}")
        with staged([output], overwrite=overwrite) as [path]:
            path.write_bytes(_drawn(picture, output.suffix.lower(), size, dpi, base_map))
    reporter.say(f"{escape(picture.title)}, release {release_id[:12]}")
    reporter.wrote(output)
    reporter.finish(
        {
            "release": release_id,
            "map": kind.value,
            "title": picture.title,
            "summary": picture.summary,
            "output": output,
            "bytes": output.stat().st_size,
        }
    )


def _drawn(picture: Picture, suffix: str, size: PrintSize, dpi: int, tiles: BaseMap | None) -> bytes:
    if suffix != _PAGE:
        return printed_bytes(picture, _PRINTED[suffix], size=size, dpi=dpi)
    # Here: a printed map needs no Folium.
    from geo_service.maps.folium_map import folium_map  # noqa: PLC0415

    return folium_map(picture, tiles=tiles).to_html().encode()


def _measure(kind: MapKind, text: str) -> Measure | ChangeMeasure:
    measures: type[Measure | ChangeMeasure] = ChangeMeasure if kind is MapKind.CHANGE else Measure
    if text not in set(measures):
        raise typer.BadParameter(
            f"'{text}' is none of {', '.join(measures)}, which the map '{kind}' can show",
            param_hint="--measure",
        )
    return measures(text)


def _edges(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' has a part that is no number; write edges such as 0.05,0.1,0.25", param_hint="--edges"
        ) from error
