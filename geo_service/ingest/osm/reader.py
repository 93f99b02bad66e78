"""From an OpenStreetMap extract to the objects that a tag table wants, each with its geometry.

The file is read twice: first its relations, then everything. pyosmium filters both in C++, so only objects with a wanted key reach
Python and only wanted ones are kept; its area assembler makes the areas of relations. What it cannot assemble is
explained by `outlines`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.errors import InputError, MissingExtraError
from geo_service.findings import FindingCode, Findings, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.ingest.osm.tags import Tags, TagTable

__all__ = ["Extract", "Loose", "OsmObject", "Outline", "Progress", "Shapes", "centre_of", "read_shapes"]

Progress = Callable[[str, int], None]
"""Is told what is being read, and how many objects were found in it so far."""

AREA_TYPES = ("multipolygon", "boundary")
"""The types of relations that stand for an area. OSM wiki: Relation:multipolygon; Relation:boundary."""
SITE_TYPE = "site"
"""A relation that only groups what belongs to one place. OSM wiki: Relation:site."""

_LABEL_ROLES = frozenset({"label", "admin_centre", "admin_center"})
_NOT_UPLOADED = "its number is below zero, as an editor numbers what it has not uploaded"
_RING_PLACES = 4
_TELL_EVERY = 1000


@dataclass(frozen=True, slots=True)
class OsmObject:
    """An object that the tag table wants.

    Attributes:
        osm_id: `node/1`, `way/1` or `relation/1`.
        tags: All its tags.
        geometry: A point, line, polygon or multipolygon, EPSG:4326; null where nothing of it is known.
        labels: The nodes that a relation names as its label or centre.
    """

    osm_id: str
    tags: Tags
    geometry: shapely.Geometry | None
    labels: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int]:
        """Nodes before relations before ways, each by number."""
        kind, _, number = self.osm_id.partition("/")
        return kind, int(number)


@dataclass(slots=True)
class Loose:
    """An object that the table wants, whose line or area cannot be made.

    Attributes:
        osm_id: As in `OsmObject`.
        tags: All its tags.
        reason: What is wrong, as the end of a sentence.
        places: Longitude and latitude of those of its nodes that are known, each once.
        labels: As in `OsmObject`.
    """

    osm_id: str
    tags: Tags
    reason: str
    places: list[tuple[float, float]]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A relation that the table wants.

    Attributes:
        tags: All its tags.
        labels: The nodes that it names as its label or centre.
    """

    tags: Tags
    labels: tuple[str, ...]


@dataclass(slots=True)
class Shapes:
    """What the two passes found.

    Attributes:
        objects: Those with a geometry.
        loose: Ways and areas that are broken.
        failed: Numbers of the relations of `AREA_TYPES` that did not become an area, and of all wanted sites.
        wanted: The wanted relations, by number.
    """

    objects: list[OsmObject] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    wanted: dict[int, Outline] = field(default_factory=dict)


class Extract:
    """An extract that is being read.

    Args:
        path: The file.
        table: What is wanted of it.
        findings: Takes what is wrong with it.
        node_index: pyosmium's index of node locations.
        progress: Is told how far it is.

    Raises:
        MissingExtraError: pyosmium is not installed.
        InputError: `node_index` is not one of pyosmium's.
    """

    def __init__(
        self,
        path: Path,
        table: TagTable,
        findings: Findings,
        *,
        node_index: str = "flex_mem",
        progress: Progress | None = None,
    ) -> None:
        """Find pyosmium and make the index of node locations."""
        self.path = path
        self.table = table
        self.findings = findings
        self.place = Place(str(path))
        self.osmium = _pyosmium()
        self.locations = _location_index(self.osmium, node_index)
        self._progress = progress

    def tell(self, stage: str, found: int) -> None:
        """Tell how far it is."""
        if self._progress is not None:
            self._progress(stage, found)

    def read(self, *filters: Any, entities: Any = None, areas: bool = False, stage: str) -> Iterator[Any]:
        """The objects of the file that pass every filter; each is valid until the next one is asked for.

        Raises:
            FindingsError: The file is damaged, or is no OpenStreetMap extract.
        """
        processor = self.osmium.FileProcessor(str(self.path), entities or self.osmium.osm.ALL)
        if areas:
            processor = processor.with_locations(self.locations).with_areas()
        for each in filters:
            processor = processor.with_filter(each)
        number = 0
        try:
            for number, found in enumerate(processor, start=1):
                if number % _TELL_EVERY == 0:
                    self.tell(stage, number)
                yield found
        except (RuntimeError, self.osmium.InvalidLocationError) as error:
            self._unreadable(error)
        self.tell(stage, number)

    def _unreadable(self, error: Exception) -> None:
        self.findings.error(
            FindingCode.UNREADABLE,
            f"the OpenStreetMap extract cannot be read: {error}",
            self.place,
            suggestion="The file may be cut short, damaged or of another format: download or export it again",
        )
        self.findings.raise_errors()


def _pyosmium() -> Any:
    try:
        return importlib.import_module("osmium")
    except ImportError as error:
        raise MissingExtraError("reading OpenStreetMap extracts", "osm") from error


def _location_index(osmium: Any, node_index: str) -> Any:
    try:
        return osmium.index.create_map(node_index)
    except RuntimeError as error:
        known = ", ".join(osmium.index.map_types())
        raise InputError(f"node index '{node_index}' cannot be used ({error}); use one of {known}") from error


def read_shapes(extract: Extract) -> Shapes:
    """Read the extract twice and make the geometry of all that is wanted.

    Raises:
        FindingsError: The file is damaged, or is no OpenStreetMap extract.
    """
    shapes = Shapes()
    area_relations = _read_relations(extract, shapes)
    drafts = _Drafts(extract)
    _read_everything(extract, shapes, drafts, area_relations)
    drafts.finish(shapes)
    return shapes


def _read_relations(extract: Extract, shapes: Shapes) -> list[int]:
    """Fill `shapes.wanted`, and `shapes.failed` with all that an area may still be made of; return the latter."""
    osmium = extract.osmium
    kinds = osmium.filter.TagFilter(*(("type", kind) for kind in (*AREA_TYPES, SITE_TYPE)))
    areas = []
    for relation in extract.read(kinds, entities=osmium.osm.RELATION, stage="relations"):
        is_site = relation.tags["type"] == SITE_TYPE
        tags = dict(relation.tags)
        is_wanted = extract.table.wants(tags)
        if relation.id <= 0:
            if is_wanted:
                shapes.loose.append(Loose(f"relation/{relation.id}", tags, _NOT_UPLOADED, []))
            continue
        if is_wanted:
            shapes.wanted[relation.id] = Outline(tags, _labels(relation))
        if is_wanted or not is_site:
            shapes.failed.add(relation.id)
        if not is_site:
            areas.append(relation.id)
    return areas


def _labels(relation: Any) -> tuple[str, ...]:
    return tuple(
        f"node/{member.ref}"
        for member in relation.members
        if member.type == "n" and member.role in _LABEL_ROLES
    )


def _read_everything(extract: Extract, shapes: Shapes, drafts: _Drafts, area_relations: list[int]) -> None:
    osmium = extract.osmium
    kinds = osmium.osm
    has_key = osmium.filter.KeyFilter(*(extract.table.first_keys() or ("",)))
    # Closed ways become areas here, in bulk; of pyosmium's areas only those of relations are wanted (their ids are odd).
    of_relation = osmium.filter.IdFilter([2 * number + 1 for number in area_relations])
    filters = (
        osmium.filter.EntityFilter(kinds.NODE | kinds.WAY | kinds.AREA),
        has_key.enable_for(kinds.NODE | kinds.WAY),
        of_relation.enable_for(kinds.AREA),
    )
    for found in extract.read(*filters, areas=True, stage="places and services"):
        if found.is_area():
            _take_area(found, shapes, drafts)
            continue
        tags = dict(found.tags)
        if extract.table.wants(tags):
            drafts.take_node(found, tags) if found.is_node() else drafts.take_way(found, tags)


def _take_area(area: Any, shapes: Shapes, drafts: _Drafts) -> None:
    number = area.orig_id()
    rings, _ = area.num_rings()
    if area.from_way() or not rings:
        return
    shapes.failed.discard(number)
    if number in shapes.wanted:
        drafts.take_area(area, shapes.wanted[number])


class _Drafts:
    """Objects whose geometries are still WKB, to be made in bulk."""

    def __init__(self, extract: Extract) -> None:
        self._extract = extract
        self._factory = extract.osmium.geom.WKBFactory()
        self._ids: list[str] = []
        self._tags: list[Tags] = []
        self._labels: list[tuple[str, ...]] = []
        self._wkb: list[str | None] = []
        self._loose: list[Loose] = []

    def take_node(self, node: Any, tags: Tags) -> None:
        osm_id = f"node/{node.id}"
        if node.location.valid():
            self._add(osm_id, tags, self._factory.create_point(node))
        else:
            self._loose.append(Loose(osm_id, tags, "it has no usable longitude and latitude", []))

    def take_way(self, way: Any, tags: Tags) -> None:
        osm_id = f"way/{way.id}"
        known = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        unknown = len(way.nodes) - len(known)
        places = list(dict.fromkeys(known))
        if unknown:
            reason = f"this extract lacks {unknown} of its {len(way.nodes)} nodes"
            self._loose.append(Loose(osm_id, tags, reason, places))
        elif len(places) < 2:
            self._loose.append(Loose(osm_id, tags, "its nodes are all in one place", places))
        else:
            self._add(osm_id, tags, self._factory.create_linestring(way))

    def take_area(self, area: Any, outline: Outline) -> None:
        wkb = self._factory.create_multipolygon(area)
        self._add(f"relation/{area.orig_id()}", outline.tags, wkb, outline.labels)

    def _add(self, osm_id: str, tags: Tags, wkb: str, labels: tuple[str, ...] = ()) -> None:
        self._ids.append(osm_id)
        self._tags.append(tags)
        self._labels.append(labels)
        self._wkb.append(wkb)

    def finish(self, shapes: Shapes) -> None:
        """Make the geometries, and put each object where it belongs."""
        geometries = _areas_where_closed(shapely.from_wkb(np.array(self._wkb, dtype=object)), self._tags)
        is_valid = shapely.is_valid(geometries)
        for at, (osm_id, tags, labels) in enumerate(zip(self._ids, self._tags, self._labels, strict=True)):
            if is_valid[at]:
                shapes.objects.append(OsmObject(osm_id, tags, geometries[at], labels))
            else:
                reason = f"its ring is broken: {shapely.is_valid_reason(geometries[at])}"
                places = [(lon, lat) for lon, lat in shapely.get_coordinates(geometries[at]).tolist()]
                self._loose.append(Loose(osm_id, tags, reason, list(dict.fromkeys(places)), labels))
        shapes.loose.extend(self._loose)


def _areas_where_closed(geometries: NDArray[np.object_], tags: list[Tags]) -> NDArray[np.object_]:
    """Closed lines as polygons unless `area=no`, and multipolygons of one part as that part."""
    made = geometries.copy()
    is_open = np.array([one.get("area") == "no" for one in tags], dtype=bool)
    is_ring = (
        (shapely.get_type_id(made) == shapely.GeometryType.LINESTRING)
        & shapely.is_closed(made)
        & (shapely.get_num_coordinates(made) >= _RING_PLACES)
        & ~is_open
    )
    coordinates, ring = shapely.get_coordinates(made[is_ring], return_index=True)
    made[is_ring] = shapely.polygons(shapely.linearrings(coordinates, indices=ring))
    is_single = (shapely.get_type_id(made) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(made) == 1
    )
    made[is_single] = shapely.get_geometry(made[is_single], 0)
    return made


def centre_of(places: list[tuple[float, float]]) -> shapely.Point | None:
    """The mean of places in degrees, also across the antimeridian; null of none."""
    if not places:
        return None
    lon, lat = np.array(places).T
    from_first = (lon - lon[0] + 180) % 360 - 180
    mean_lon = (lon[0] + from_first.mean() + 180) % 360 - 180
    return shapely.Point(mean_lon, lat.mean())
