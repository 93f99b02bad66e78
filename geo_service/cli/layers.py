"""Layers as the commands are given them: any file, an OpenStreetMap extract, or the name of a boundary set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import typer

from geo_service.cli.console import Reporter
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.layers import LayerOptions, read_facilities, read_households, read_villages
from geo_service.ingest.osm.layers import OSM_ATTRIBUTION, OsmLayers, is_osm_extract, read_osm
from geo_service.ingest.osm.tags import TagTable, load_tag_table
from geo_service.vocabulary import Service

__all__ = [
    "BoundariesOption",
    "CrsOption",
    "EncodingOption",
    "FacilityIdOption",
    "FacilityLatOption",
    "FacilityLonOption",
    "FacilityNameOption",
    "LatOption",
    "LayerSource",
    "LonOption",
    "TagsOption",
    "facility_options",
    "osm_attribution",
    "parse_facilities",
    "read_extract",
]

CrsOption = Annotated[
    str | None,
    typer.Option(
        "--crs", metavar="CRS", help="The reference system of files that name none, such as EPSG:4326."
    ),
]
LonOption = Annotated[
    str | None, typer.Option("--lon", metavar="COLUMN", help="Longitude or easting in a table.")
]
LatOption = Annotated[
    str | None, typer.Option("--lat", metavar="COLUMN", help="Latitude or northing in a table.")
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of CSV files and shapefiles, such as cp1251.")
]
BoundariesOption = Annotated[
    str | None,
    typer.Option(
        "--boundaries", metavar="FILE_OR_NAME", help="Admin units: a file, or a name from `boundaries list`."
    ),
]
FacilityLonOption = Annotated[
    str | None,
    typer.Option("--facility-lon", metavar="COLUMN", help="Longitude in tables of facilities; else found."),
]
FacilityLatOption = Annotated[
    str | None,
    typer.Option("--facility-lat", metavar="COLUMN", help="Latitude in tables of facilities; else found."),
]
FacilityIdOption = Annotated[
    str | None,
    typer.Option("--facility-id", metavar="COLUMN", help="The column of facility ids; else found."),
]
FacilityNameOption = Annotated[
    str | None,
    typer.Option("--facility-name", metavar="COLUMN", help="The column of facility names; else found."),
]
TagsOption = Annotated[
    Path | None,
    typer.Option(
        "--osm-tags", metavar="FILE", help="Your own table of OpenStreetMap tags; see `osm --show-tags`."
    ),
]


def parse_facilities(given: list[str]) -> dict[Service, str]:
    """The layer of each service from `SERVICE=FILE`; a bare OpenStreetMap extract stands for all six.

    Raises:
        typer.BadParameter: One is neither, names no service or a service twice.
    """
    layers: dict[Service, str] = {}
    for one in given:
        code, equals, file = one.partition("=")
        if not equals and is_osm_extract(Path(one)):
            named = dict.fromkeys(Service, one)
        elif not equals or not file:
            raise typer.BadParameter(f"'{one}' is not SERVICE=FILE, such as hospital=hospitals.geojson")
        elif code not in list(Service):
            raise typer.BadParameter(f"'{code}' is not a service; use one of {', '.join(Service)}")
        else:
            named = {Service(code): file}
        for service, path in named.items():
            if service in layers:
                raise typer.BadParameter(f"{service} is given twice; put its facilities into one file")
            layers[service] = path
    return layers


def osm_attribution(files: Iterable[str]) -> dict[str, str]:
    """What a result that was made from OpenStreetMap extracts must say; empty where it was not."""
    used = any(is_osm_extract(Path(file)) for file in files)
    return {"sources": OSM_ATTRIBUTION} if used else {}


def read_extract(
    path: Path, tags: TagTable, findings: Findings, reporter: Reporter, *, node_index: str = "flex_mem"
) -> OsmLayers:
    """Read an OpenStreetMap extract and show how far it is; arguments and errors are those of `read_osm`."""
    with reporter.progress() as progress:
        task = progress.add_task(f"Reading {path.name}", total=None)

        def tell(stage: str, found: int) -> None:
            progress.update(task, description=f"Reading {path.name}: {stage}", completed=found)

        return read_osm(path, tags=tags, findings=findings, progress=tell, node_index=node_index)


def facility_options(
    crs: str | None, encoding: str | None, lon: str | None, lat: str | None, id_: str | None, name: str | None
) -> LayerOptions:
    """How to read files of facilities, from the options that name their columns."""
    return LayerOptions(
        crs=crs, lon=lon, lat=lat, id=id_, name=name, encoding=encoding, option_prefix="--facility-"
    )


class LayerSource:
    """Reads the layers of one run, an OpenStreetMap extract once even when it stands for several.

    Args:
        findings: Where problems are added.
        options: What the file of the villages does not say by itself.
        facility_options: The same for the files of facilities.
        reporter: Shows progress.
        tags: The user's table of OpenStreetMap tags; null for the one that ships.
    """

    def __init__(
        self,
        findings: Findings,
        reporter: Reporter,
        options: LayerOptions = LayerOptions(),
        *,
        facility_options: LayerOptions = LayerOptions(),
        tags: Path | None = None,
    ) -> None:
        """Read nothing yet."""
        self._findings = findings
        self._options = options
        self._facility_options = facility_options
        self._reporter = reporter
        self._tags = load_tag_table(tags)

    def read(
        self, villages: str | None, facilities: Mapping[Service, str], *, each_a_household: bool = False
    ) -> tuple[gpd.GeoDataFrame | None, dict[Service, gpd.GeoDataFrame]]:
        """The villages (null when none are asked for) and the facilities of each service.

        Args:
            villages: Their file; null for none.
            facilities: A file for each service.
            each_a_household: Whether each row of `villages` is one household.
        """
        asked = [*facilities.items(), (None, villages)]
        extracts = {
            file: self._extract(file, {service for service, of in asked if of == file})
            for file in dict.fromkeys(of for _, of in asked if of is not None and is_osm_extract(Path(of)))
        }
        points = None
        if villages in extracts:
            points = extracts[villages].villages
            if points.empty:
                self._findings.error(FindingCode.EMPTY_LAYER, "there are no villages in it", Place(villages))
        elif villages is not None:
            read = read_households if each_a_household else read_villages
            points = read(villages, self._findings, self._options)
        sites = {
            service: extracts[file].facilities[service]
            if file in extracts
            else read_facilities(file, service, self._findings, self._facility_options)
            for service, file in facilities.items()
        }
        return points, sites

    def _extract(self, file: str, wanted: set[Service | None]) -> OsmLayers:
        services = [service for service in Service if service in wanted]
        tags = self._tags.only(services, villages=None in wanted)
        return read_extract(Path(file), tags, self._findings, self._reporter)
