"""`geo-service releases publish`: a round, or villages and facilities, in; a release out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer
from rich.markup import escape

from geo_service.cli.console import FindingsOption, JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.layers import (
    CrsOption,
    EncodingOption,
    LayerSource,
    TagsOption,
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
from geo_service.cli.release_views import show_release
from geo_service.cli.round_inputs import EarlierOption, UnitsOption, earlier_round, load_units, usual_units
from geo_service.cli.stores import StoreOption, opened
from geo_service.coverage.access import DEFAULT_PRESENCE_KM
from geo_service.errors import InputError
from geo_service.findings import Findings, Place
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.ingest.boundaries.store import credits_of, set_path
from geo_service.ingest.inhabitants import read_inhabitants
from geo_service.ingest.layers import LayerOptions
from geo_service.ingest.osm.layers import OSM_ATTRIBUTION, is_osm_extract
from geo_service.ingest.readers import split_layer_name
from geo_service.ingest.survey.store import load_round
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.inputs import file_input
from geo_service.release.manifest import Input, Manifest
from geo_service.schemas import SurveyRound
from geo_service.settings import BoundarySettings, RoundSettings, SuppressionSettings
from geo_service.spatial.locate import DEFAULT_SNAP_KM, locate
from geo_service.vocabulary import Service

__all__ = ["publish_command"]


def publish_command(
    number: Annotated[
        int | None, typer.Option("--round", metavar="NUMBER", min=1, help="A round that was imported.")
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CODE", help="Its country, ISO 3166-1 alpha-3.")
    ] = None,
    villages: Annotated[
        str | None,
        typer.Option("--villages", metavar="FILE", help="Villages, for a release without a round."),
    ] = None,
    facilities: Annotated[
        list[str] | None,
        typer.Option(
            "--facilities",
            "-f",
            metavar="SERVICE=FILE",
            help="The facilities of a service, to measure access; again for each service. An OSM extract alone gives all six.",
        ),
    ] = None,
    boundaries: UnitsOption = None,
    earlier: EarlierOption = None,
    inhabitants: Annotated[
        Path | None,
        typer.Option("--inhabitants", metavar="FILE", help="All inhabitants of units: pcode, inhabitants."),
    ] = None,
    bands: BandsOption = DEFAULT_EDGES,
    k: RanksOption = 1,
    max_km: MaxKmOption = None,
    presence_km: PresenceOption = DEFAULT_PRESENCE_KM,
    snap_km: SnapOption = DEFAULT_SNAP_KM,
    attributions: Annotated[
        list[str] | None,
        typer.Option("--attribution", metavar="TEXT", help="Who must be named for a file, and its licence."),
    ] = None,
    crs: CrsOption = None,
    encoding: EncodingOption = None,
    osm_tags: TagsOption = None,
    store: StoreOption = None,
    findings_file: FindingsOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute everything of a round, or of villages, and publish it as a release, which becomes the current one.

    The same inputs, options and versions give the same release, byte for byte.

    Example: `geo-service releases publish --round 3 --country KAZ -f hospital=hospitals.geojson`

    Example: `geo-service releases publish --villages villages.gpkg -f kazakhstan.osm.pbf --boundaries kaz-adm1`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    _refuse_both(number, country, villages)
    asked = _Asked(villages, parse_facilities(facilities or []), boundaries, crs, encoding, osm_tags, snap_km)
    edges = parse_bands(bands)
    with opened(store) as kept, reporter.findings(findings_file, overwrite=overwrite) as findings:
        if not isinstance(kept, FolderStore):
            raise InputError(
                f"{kept.name} is a database; publish into a folder, then: geo-service releases push URL"
            )
        kept.refuse_unwritable()
        there = kept.ids()
        made = _of_round(number, country, asked, findings, reporter) if number else None
        layers = made or _of_villages(asked, findings, reporter)
        before = (
            None
            if number is None or country is None
            else earlier_round(country, number, earlier, RoundSettings())
        )
        findings.raise_errors()
        people = None if inhabitants is None else read_inhabitants(inhabitants)
        inputs = [*layers.inputs]
        if inhabitants is not None and people is not None:
            inputs.append(file_input("inhabitants", inhabitants, rows=len(people)))
        manifest = _publish(
            kept,
            reporter,
            len(layers.villages),
            survey_round=layers.survey,
            villages=None if layers.survey else layers.villages,
            facilities=layers.facilities,
            units=layers.units,
            earlier=before,
            inhabitants=people,
            findings=findings,
            inputs=inputs,
            attributions=attributions or [],
            parameters=asked.parameters(is_round=layers.survey is not None),
            k=k,
            max_distance_km=max_km,
            bands=edges,
            presence_km=presence_km,
            suppression=SuppressionSettings(),
        )
        show_release(manifest, reporter)
        is_new = manifest.id not in there
        done = "Published in" if is_new else "Nothing changed: it is there already, and current now, in"
        reporter.say(f"{done} {escape(kept.name)}")
        reporter.finish(
            {"id": manifest.id, "new": is_new, "store": kept.name, "warnings": len(findings.warnings)}
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command was given of layers."""

    villages: str | None
    services: dict[Service, str]
    boundaries: list[str] | None
    crs: str | None
    encoding: str | None
    osm_tags: Path | None
    snap_km: float

    def parameters(self, *, is_round: bool) -> dict[str, Any]:
        """With what the files are read and joined; what was not asked for is null."""
        joined = self.boundaries and not is_round
        return {"snap_km": self.snap_km if joined else None, "crs": self.crs, "encoding": self.encoding}


@dataclass(frozen=True, slots=True)
class _Layers:
    """What a release is made from."""

    villages: gpd.GeoDataFrame
    facilities: dict[Service, gpd.GeoDataFrame]
    units: gpd.GeoDataFrame | None
    survey: SurveyRound | None
    inputs: list[Input]


def _refuse_both(number: int | None, country: str | None, villages: str | None) -> None:
    if (number is None) == (villages is None):
        raise typer.BadParameter("give a round that was imported, or --villages FILE", param_hint="--round")
    if (number is None) != (country is None):
        raise typer.BadParameter("a round is of a country: give both", param_hint="--country")


def _of_round(
    number: int, country: str | None, asked: _Asked, findings: Findings, reporter: Reporter
) -> _Layers:
    survey = load_round(country or "", number, RoundSettings())
    units = load_units(survey.country, asked.boundaries, findings)
    _, sites = _source(asked, findings, reporter).read(None, asked.services)
    names = asked.boundaries or usual_units(survey.country)
    counts = units.groupby("level", sort=False).size()
    inputs = _inputs(asked, dict(zip(names, counts, strict=True)), sites, None)
    return _Layers(survey.villages, sites, units, survey, inputs)


def _of_villages(asked: _Asked, findings: Findings, reporter: Reporter) -> _Layers:
    points, sites = _source(asked, findings, reporter).read(asked.villages, asked.services)
    if points is None:
        raise InputError("there are no villages; give them with --villages FILE")
    units = None
    layers = {
        name: load_boundaries(name, BoundarySettings(), findings=findings, crs=asked.crs)
        for name in asked.boundaries or []
    }
    if layers:
        units = gpd.GeoDataFrame(pd.concat(layers.values(), ignore_index=True), crs="EPSG:4326")
        points = locate(
            points, units, snap_km=asked.snap_km, findings=findings, place=Place(asked.villages or "")
        )
    inputs = _inputs(asked, {name: len(layer) for name, layer in layers.items()}, sites, points)
    return _Layers(points, sites, units, None, inputs)


def _source(asked: _Asked, findings: Findings, reporter: Reporter) -> LayerSource:
    options = LayerOptions(crs=asked.crs, encoding=asked.encoding)
    return LayerSource(findings, reporter, options, facility_options=options, tags=asked.osm_tags)


def _inputs(
    asked: _Asked,
    boundaries: Mapping[str, int],
    sites: dict[Service, gpd.GeoDataFrame],
    points: gpd.GeoDataFrame | None,
) -> list[Input]:
    """Every file of the layers with its checksum; `boundaries` has the number of units of each."""
    found = (
        [] if points is None or asked.villages is None else [_file("villages", asked.villages, len(points))]
    )
    for file in dict.fromkeys(asked.services.values()):
        rows = sum(len(sites[service]) for service, of in asked.services.items() if of == file)
        found.append(_file("facilities", file, rows))
    if asked.osm_tags is not None:
        found.append(file_input("osm_tags", asked.osm_tags))
    settings = BoundarySettings()
    for name, units in boundaries.items():
        path = set_path(name, settings)
        licence, attribution = credits_of(name, settings)
        where = split_layer_name(name)[0] if path is None else path
        called = None if path is None else name
        found.append(
            file_input("boundaries", where, name=called, rows=units, licence=licence, attribution=attribution)
        )
    return found


def _file(role: str, file: str, rows: int) -> Input:
    path, _ = split_layer_name(file)
    attribution = OSM_ATTRIBUTION if is_osm_extract(path) else None
    return file_input(role, path, rows=rows, attribution=attribution)


def _publish(kept: FolderStore, reporter: Reporter, count: int, **options: Any) -> Manifest:
    with ExitStack() as stack:
        progress = stack.enter_context(reporter.progress())
        task = progress.add_task(f"Measuring {count:,} villages", total=count)
        contents = stack.enter_context(
            release_contents(**options, progress=lambda done: progress.update(task, completed=done))
        )
        progress.update(task, description="Publishing", completed=0, total=None)

        def tell(step: str) -> None:
            progress.update(task, description=f"Publishing: {step}", advance=1)

        return kept.publish(contents, tell)
