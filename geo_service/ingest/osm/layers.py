"""Villages and the six services from an OpenStreetMap extract.

An extract is a file `.osm.pbf` or `.osm` (plain, `.gz` or `.bz2`), read by pyosmium, which comes with the extra `osm`. What is
a village and what gives a service is a table of tags (`tags`). Of the objects only what the table wants is kept, so memory goes
into the locations of nodes: with the default index `flex_mem` 16 bytes for each node of the extract, a gigabyte for 60
million. Where that is too much, an index on disk such as `sparse_file_array,nodes.cache` keeps them in a new file.

© OpenStreetMap contributors, ODbL 1.0: what is made from an extract carries that attribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings, Place, collecting
from geo_service.ingest.duplicates import drop_points_in_areas
from geo_service.ingest.osm.outlines import keep_loose_as_points, report_failed_relations
from geo_service.ingest.osm.places import NAME_COLUMNS, villages_of
from geo_service.ingest.osm.reader import Extract, OsmObject, Progress, read_shapes
from geo_service.ingest.osm.tags import TagTable, load_tag_table
from geo_service.schemas import FACILITIES, VILLAGES, WGS84, validated

if TYPE_CHECKING:
    from geo_service.vocabulary import Service

__all__ = [
    "EXTENSIONS",
    "OSM_ATTRIBUTION",
    "OsmLayers",
    "is_osm_extract",
    "osm_facilities",
    "osm_villages",
    "read_osm",
]

EXTENSIONS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
"""What everything that is made from an extract must say."""
"""How the name of an extract ends."""

_FACILITY_COLUMNS = ("facility_id", "facility_name", "service", *NAME_COLUMNS)


@dataclass(frozen=True, slots=True)
class OsmLayers:
    """What one extract holds.

    Attributes:
        villages: A frame of VILLAGES; see `places.villages_of` for its further columns.
        facilities: A frame of FACILITIES for each service that was looked for, with `name_en, name_ru, name_kk`; a
            frame without rows where the extract has none.
    """

    villages: gpd.GeoDataFrame
    facilities: dict[Service, gpd.GeoDataFrame]


def is_osm_extract(path: Path | str) -> bool:
    """Whether the name of a file ends as that of an OpenStreetMap extract does."""
    return str(path).lower().endswith(EXTENSIONS)


def read_osm(
    path: Path | str,
    *,
    tags: TagTable | None = None,
    findings: Findings | None = None,
    progress: Progress | None = None,
    node_index: str = "flex_mem",
) -> OsmLayers:
    """Villages and services of an OpenStreetMap extract.

    Findings, all warnings: `broken_ring` for each way or relation whose outline cannot be made, with what was done;
    `no_geometry` where no node of an object is known; `unsupported_geometry` for a site relation; `duplicate_facility` where a
    facility is mapped both as a point and as an area; `duplicate_id`; `empty_layer` for each layer without rows.

    Args:
        path: The extract.
        tags: What is wanted; null for the shipped table. `TagTable.only` leaves out layers that nobody needs.
        findings: Takes what is wrong or doubtful; null to have errors raised.
        progress: Is told what is being read, and how many objects were found in it so far.
        node_index: One of pyosmium's indexes of node locations, with its file where it has one.

    Returns:
        Villages and facilities, EPSG:4326, ordered by kind of object and number.

    Raises:
        FindingsError: `unreadable`: there is no such file, or it is cut short, damaged, or no OpenStreetMap extract.
        InputError: `node_index` is not one of pyosmium's.
        MissingExtraError: pyosmium is not installed.
    """
    path = Path(path)
    table = load_tag_table() if tags is None else tags
    with collecting(findings) as found:
        extract = Extract(path, table, found, node_index=node_index, progress=progress)
        _require_file(path, found)
        shapes = read_shapes(extract)
        report_failed_relations(extract, shapes)
        keep_loose_as_points(extract, shapes)
        objects = _without_repeats(sorted(shapes.objects, key=lambda each: each.order), found, extract.place)
        villages = villages_of([each for each in objects if table.is_village(each.tags)], table)
        if table.village.match:
            _report_if_empty(villages, "villages", found, path)
        facilities = _facilities(objects, table, found, path)
        return OsmLayers(gpd.GeoDataFrame(validated(villages, VILLAGES, f"villages of {path}")), facilities)


def osm_villages(
    path: Path | str, *, tags: TagTable | None = None, findings: Findings | None = None
) -> gpd.GeoDataFrame:
    """The villages of an extract alone; arguments and errors are those of `read_osm`."""
    table = load_tag_table() if tags is None else tags
    return read_osm(path, tags=table.only([]), findings=findings).villages


def osm_facilities(
    path: Path | str, service: Service, *, tags: TagTable | None = None, findings: Findings | None = None
) -> gpd.GeoDataFrame:
    """The facilities of one service alone; arguments and errors are those of `read_osm`."""
    table = load_tag_table() if tags is None else tags
    return read_osm(path, tags=table.only([service], villages=False), findings=findings).facilities[service]


def _require_file(path: Path, findings: Findings) -> None:
    if not path.is_file():
        findings.stop(FindingCode.UNREADABLE, "there is no such file", Place(str(path)))


def _without_repeats(objects: list[OsmObject], findings: Findings, place: Place) -> list[OsmObject]:
    """The last version of each object: a file that was joined from several may hold one more than once."""
    last = {each.osm_id: each for each in objects}
    if len(last) < len(objects):
        findings.warning(
            FindingCode.DUPLICATE_ID,
            f"{len(objects) - len(last)} objects are in this extract more than once; the last of each counts",
            place,
            suggestion="Join extracts with a tool that merges them, such as osmium merge",
        )
    return list(last.values())


def _facilities(
    objects: list[OsmObject], table: TagTable, findings: Findings, path: Path
) -> dict[Service, gpd.GeoDataFrame]:
    given: dict[Service, list[OsmObject]] = {service: [] for service in table.services}
    for each in objects:
        if each.geometry is not None:
            for service in table.services_of(each.tags):
                given[service].append(each)
    layers = {}
    for service, of_service in given.items():
        layer = drop_points_in_areas(
            _facility_frame(of_service, service, table), findings, Place(str(path), service)
        )
        if table.services[service].match:
            _report_if_empty(layer, service, findings, path)
        layers[service] = gpd.GeoDataFrame(validated(layer, FACILITIES, f"{service} of {path}"))
    return layers


def _facility_frame(objects: list[OsmObject], service: Service, table: TagTable) -> gpd.GeoDataFrame:
    rows = [
        [
            each.osm_id,
            table.column("name", each.tags),
            service.value,
            *(table.column(name, each.tags) for name in NAME_COLUMNS),
        ]
        for each in objects
    ]
    frame = pd.DataFrame(rows, columns=_FACILITY_COLUMNS).astype("string")
    geometry = np.array([each.geometry for each in objects], dtype=object)
    return gpd.GeoDataFrame(frame, geometry=shapely.force_2d(geometry), crs=WGS84)


def _report_if_empty(layer: gpd.GeoDataFrame, name: str, findings: Findings, path: Path) -> None:
    if layer.empty:
        findings.warning(
            FindingCode.EMPTY_LAYER,
            f"this extract has no {name.replace('_', ' ')} by the tag table",
            Place(str(path), name),
            suggestion="Is the right extract given? `geo-service osm --show-tags` prints what is looked for",
        )
