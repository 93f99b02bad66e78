"""What to do with objects of an OpenStreetMap extract whose line or area cannot be made, and how to say so.

An area that the tag table wants is never lost silently: it is kept as a point, at the mean of those of its nodes that are in the
extract, unless the node at its centre stands for it already. Other broken multipolygons are reported, because they say
something about the extract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.findings import FindingCode
from geo_service.ingest.osm.places import names_of
from geo_service.ingest.osm.reader import SITE_TYPE, Extract, Loose, OsmObject, Shapes, centre_of

if TYPE_CHECKING:
    from geo_service.ingest.osm.tags import Tags, TagTable

__all__ = ["keep_loose_as_points", "report_failed_relations"]

_MEND = "Mend it in OpenStreetMap, or cut the extract so that multipolygons stay whole"
_SAY_TAGS = ("name", "boundary", "natural", "landuse", "leisure", "building", "place")
_MAX_NAMED = 5


@dataclass(slots=True)
class _Failed:
    """A relation that did not become an area."""

    number: int
    tags: Tags
    ways: list[int]
    nodes: list[int]

    @property
    def osm_id(self) -> str:
        return f"relation/{self.number}"


@dataclass(slots=True)
class _Way:
    places: list[tuple[float, float]]
    unknown: int


def report_failed_relations(extract: Extract, shapes: Shapes) -> None:
    """Say why each relation of `shapes.failed` is no area; those that the table wants become `shapes.loose`.

    Only these relations and their member ways are read again. A boundary that nobody wants and that reaches beyond the extract
    is to be expected of every extract: all of them are one finding. Any other is a finding of its own.
    """
    if not shapes.failed:
        return
    failed = _read_failed(extract, shapes.failed)
    ways = _read_ways(extract, sorted({way for one in failed for way in one.ways if way > 0}))
    cut_boundaries = []
    for one in failed:
        reason = _reason(one, ways)
        outline = shapes.wanted.get(one.number)
        if outline is not None:
            places = _places(extract, one, ways)
            shapes.loose.append(Loose(one.osm_id, outline.tags, reason, places, outline.labels))
        elif one.tags.get("type") == "boundary" and not _is_whole(one, ways):
            cut_boundaries.append(one)
        else:
            _report_other(extract, one, reason)
    if cut_boundaries:
        _report_cut_boundaries(extract, cut_boundaries)


def _read_failed(extract: Extract, numbers: set[int]) -> list[_Failed]:
    osmium = extract.osmium
    chosen = osmium.filter.IdFilter(numbers)
    return [
        _Failed(
            relation.id,
            dict(relation.tags),
            [member.ref for member in relation.members if member.type == "w"],
            [member.ref for member in relation.members if member.type == "n"],
        )
        for relation in extract.read(chosen, entities=osmium.osm.RELATION, stage="broken relations")
    ]


def _read_ways(extract: Extract, numbers: list[int]) -> dict[int, _Way]:
    osmium = extract.osmium
    chosen = osmium.filter.IdFilter(numbers)
    ways = {}
    for way in extract.read(chosen, entities=osmium.osm.WAY, stage="broken relations"):
        refs = [node.ref for node in way.nodes]
        places = _locate(extract, refs)
        ways[way.id] = _Way(places, len(refs) - len(places))
    return ways


def _locate(extract: Extract, refs: list[int]) -> list[tuple[float, float]]:
    """Where those nodes are that the extract has."""
    places = []
    for ref in refs:
        try:
            location = extract.locations.get(ref)
        except (KeyError, TypeError):  # a number below zero is no number to the index
            continue
        if location.valid():
            places.append((location.lon, location.lat))
    return places


def _is_whole(one: _Failed, ways: dict[int, _Way]) -> bool:
    return bool(one.ways) and all(way in ways and not ways[way].unknown for way in one.ways)


def _reason(one: _Failed, ways: dict[int, _Way]) -> str:
    if one.tags.get("type") == SITE_TYPE:
        return "a site has no outline"
    if not one.ways:
        return "it has no ways of its own"
    missing = sum(way not in ways for way in one.ways)
    if missing:
        return f"this extract lacks {missing} of its {len(one.ways)} ways"
    unknown = sum(ways[way].unknown for way in one.ways)
    if unknown:
        return f"this extract lacks {unknown} nodes of its ways"
    return "its ways do not close into rings, or cross"


def _places(extract: Extract, one: _Failed, ways: dict[int, _Way]) -> list[tuple[float, float]]:
    of_ways = [place for way in one.ways if way in ways for place in ways[way].places]
    # A label or an admin centre is no part of an outline; of a site, nodes are parts like any other.
    of_nodes = _locate(extract, one.nodes) if one.tags.get("type") == SITE_TYPE or not of_ways else []
    return list(dict.fromkeys([*of_ways, *of_nodes]))


def _report_other(extract: Extract, one: _Failed, reason: str) -> None:
    extract.findings.warning(
        FindingCode.BROKEN_RING,
        f"{one.osm_id}{_bracketed(one.tags, _SAY_TAGS)} is not an area: {reason}; it is neither a village nor a service, so"
        " nothing is lost",
        extract.place,
        column="geometry",
        value=one.osm_id,
    )


def _report_cut_boundaries(extract: Extract, cut: list[_Failed]) -> None:
    named = [f"{one.osm_id}{_bracketed(one.tags, ('name',))}" for one in cut[:_MAX_NAMED]]
    more = f" and {len(cut) - len(named)} more" if len(cut) > len(named) else ""
    extract.findings.warning(
        FindingCode.BROKEN_RING,
        f"{len(cut)} boundaries reach beyond this extract and are not areas: {', '.join(named)}{more}; none is a village or a service,"
        " so nothing is lost",
        extract.place,
        column="geometry",
        value=" ".join(one.osm_id for one in cut),
    )


def keep_loose_as_points(extract: Extract, shapes: Shapes) -> None:
    """Move `shapes.loose` to `shapes.objects`, as points, each with a finding.

    One that a node stands for is left out. One of which no node is known has no geometry; a village is kept so, a
    facility is lost.
    """
    centres = _Centres(shapes.objects, extract.table)
    for loose in shapes.loose:
        standing = centres.node_for(loose)
        if standing is None:
            shapes.objects.append(OsmObject(loose.osm_id, loose.tags, centre_of(loose.places)))
        _report_loose(extract, loose, standing)
    shapes.loose.clear()


class _Centres:
    """Nodes that may stand for an area that is broken."""

    def __init__(self, objects: list[OsmObject], table: TagTable) -> None:
        self._table = table
        self._nodes = [each for each in objects if each.osm_id.startswith("node/")]
        self._by_id = {each.osm_id: each for each in self._nodes}
        self._tree = shapely.STRtree(np.array([each.geometry for each in self._nodes], dtype=object))

    def node_for(self, loose: Loose) -> str | None:
        """The node of the same kind that is its label or centre, or that lies among its nodes and shares its name."""
        kinds = self._kinds(loose.tags)
        for label in loose.labels:
            if label in self._by_id and kinds & self._kinds(self._by_id[label].tags):
                return label
        among = shapely.convex_hull(shapely.MultiPoint(loose.places))
        names = names_of(loose.tags, self._table)
        for at in sorted(self._tree.query(among, predicate="covers").tolist()):
            node = self._nodes[at]
            if kinds & self._kinds(node.tags) and names & names_of(node.tags, self._table):
                return str(node.osm_id)
        return None

    def _kinds(self, tags: Tags) -> frozenset[str]:
        services = self._table.services_of(tags)
        return frozenset([*services, "village"] if self._table.is_village(tags) else services)


def _what_was_done(extract: Extract, loose: Loose, standing: str | None) -> str:
    if standing is not None:
        return f"left out, because {standing} stands for it"
    if loose.places:
        return "kept as a point at the centroid of its nodes"
    return "kept without a location" if extract.table.is_village(loose.tags) else "left out"


def _report_loose(extract: Extract, loose: Loose, standing: str | None) -> None:
    keys = [*extract.table.first_keys(), *extract.table.columns["name"]]
    is_site = loose.tags.get("type") == SITE_TYPE
    code = FindingCode.UNSUPPORTED_GEOMETRY if is_site else FindingCode.BROKEN_RING
    extract.findings.warning(
        code if loose.places else FindingCode.NO_GEOMETRY,
        f"{loose.osm_id}{_bracketed(loose.tags, keys)} has no usable geometry: {loose.reason}; "
        f"{_what_was_done(extract, loose, standing)}",
        extract.place,
        column="geometry",
        value=loose.osm_id,
        suggestion=None if is_site else _MEND,
    )


def _bracketed(tags: Tags, keys: tuple[str, ...] | list[str]) -> str:
    said = [f"{key}={tags[key]}" for key in keys if key in tags]
    return f" ({', '.join(said)})" if said else ""
