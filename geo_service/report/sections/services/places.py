"""Where communities have no hospital, and where households are reported to be far from one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.report.document import MapBlock, Section, TableBlock
from geo_service.report.messages import paragraph, sentences
from geo_service.report.sections.services.distances import BEYOND
from geo_service.report.sections.services.listed import all_known, largest, listed, sorted_down
from geo_service.vocabulary import AdminLevel, Band, Basis, Service

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["place_sections"]

_NAMED = 3
_DISTRICTS = 10
_NOT_THERE = "–"


@dataclass(frozen=True, slots=True)
class _Places:
    """What is reported of hospitals, by unit: the communities, and their households over the last band."""

    communities: dict[str, Row]
    far: list[Row]

    @property
    def sheet(self) -> Sheet:
        return self.far[0].sheet


def place_sections(source: Source, m: Messages) -> list[Section]:
    """What the tables by region and by district say of hospitals; nothing where there are none."""
    regions, districts = (_places(source, level) for level in (AdminLevel.REGION, AdminLevel.DISTRICT))
    blocks: list[Block] = []
    if regions is not None:
        blocks += [*_said_of_regions(regions, m), _regions(regions, m)]
    blocks += _maps(source, m)
    if districts is not None:
        blocks += _districts(districts, m)
    if not blocks:
        return []
    return [Section("services-places", m.text("Communities without a hospital, by territory"), tuple(blocks))]


def _places(source: Source, level: AdminLevel) -> _Places | None:
    communities = source.sheets.get(f"services_by_{level}")
    households = source.sheets.get(f"households_without_service_by_{level}")
    if communities is None or households is None:
        return None
    found = {row.text("pcode"): row for row in communities.where(service=Service.HOSPITAL.value)}
    far = households.where(service=Service.HOSPITAL.value, band=Band.OVER_25_KM.value)
    known = [row for row in far if row.text("pcode") in found]
    return _Places(found, known) if known else None


def _said_of_regions(places: _Places, m: Messages) -> list[Block]:
    communities = [row for row in places.communities.values() if row["name"]]
    far = [row for row in places.far if row["name"]]
    said: list[Runs] = []
    if all_known(communities, "villages_without"):
        first = _first(communities, "villages_without", _NAMED)
        regions = listed(first, "villages_without", _names(first), m.language)
        said.append(
            m.say(
                "The region with the most communities without a hospital, as reported: {regions}.",
                regions=regions,
            )
            if len(first) == 1
            else m.say(
                "The regions with the most communities without a hospital, as reported: {regions}.",
                regions=regions,
            )
        )
    if all_known(far, "households"):
        first = _first(far, "households", _NAMED)
        regions = listed(first, "households", _names(first), m.language)
        said.append(
            m.say(
                "The region with the most households over {km} km from the nearest hospital, as reported: {regions}.",
                km=BEYOND,
                regions=regions,
            )
            if len(first) == 1
            else m.say(
                "The regions with the most households over {km} km from the nearest hospital, as reported: {regions}.",
                km=BEYOND,
                regions=regions,
            )
        )
    return list(paragraph(*said))


def _first(rows: list[Row], column: str, count: int) -> list[Row]:
    """So many of them at most, and never most of them: to name nearly all says nothing."""
    return largest(rows, column, max(1, min(count, len(rows) // 2)))


def _regions(places: _Places, m: Messages) -> TableBlock:
    rows: list[tuple[Runs, ...]] = [
        (
            (row.text("name") or m.text("No region"),),
            (of.figure("villages"),),
            *_cells(row, of),
        )
        for row, of in _with_communities(places, sorted_down(places.far, "households"))
    ]
    return TableBlock(
        anchor="services-regions",
        caption=m.say("Communities without a hospital and their households, by region, as reported"),
        note=_share_base(rows, m),
        headings=(m.text("Region"), m.text("Communities"), *_headings(m)),
        rows=tuple(rows),
        table=places.sheet.name,
    )


def _districts(places: _Places, m: Messages) -> list[Block]:
    if not all_known(places.far, "households"):
        return []
    first = _first([row for row in places.far if row["name"]], "households", _DISTRICTS)
    rows: list[tuple[Runs, ...]] = [
        ((row.text("name"),), (row.text("pcode"),), *_cells(row, of))
        for row, of in _with_communities(places, first)
    ]
    if not rows:
        return []
    table = TableBlock(
        anchor="services-districts",
        caption=m.say(
            "Districts with the most households over {km} km from the nearest hospital, as reported",
            km=BEYOND,
        ),
        note=_share_base(rows, m),
        headings=(m.text("District"), m.text("P-code"), *_headings(m)),
        rows=tuple(rows),
        table=places.sheet.name,
    )
    return [table]


def _headings(m: Messages) -> tuple[str, ...]:
    return (
        m.text("Communities without"),
        m.text("Their households"),
        m.text("Of these over {km} km", km=BEYOND),
        m.text("Share over {km} km", km=BEYOND),
    )


def _cells(row: Row, of: Row) -> tuple[Runs, ...]:
    return (
        (of.figure("villages_without"),),
        (of.figure("households_without"),),
        (row.figure("households"),),
        _share(row, of),
    )


def _with_communities(places: _Places, rows: list[Row]) -> list[tuple[Row, Row]]:
    return [(row, places.communities[row.text("pcode")]) for row in rows]


def _share(row: Row, of: Row) -> Runs:
    """Of nothing there is no share, which is not the same as one that nobody knows."""
    return (_NOT_THERE,) if of["households_without"] == 0 else (row.figure("share"),)


def _share_base(rows: list[tuple[Runs, ...]], m: Messages) -> Runs:
    said = [m.say("Shares are of the households of the communities without a hospital.")]
    if any((_NOT_THERE,) in row for row in rows):
        said.append(m.say("A dash: there are no such households."))
    return sentences(said)


def _maps(source: Source, m: Messages) -> list[Block]:
    gaps = source.map(MapQuestion(MapKind.GAPS, service=Service.HOSPITAL, basis=Basis.REPORTED))
    far = MapQuestion(MapKind.ACCESS, service=Service.HOSPITAL, basis=Basis.REPORTED, by=AdminLevel.DISTRICT)
    access = source.map(far) or source.map(
        MapQuestion(MapKind.ACCESS, service=Service.HOSPITAL, basis=Basis.REPORTED)
    )
    found: list[Block] = []
    if gaps is not None:
        found.append(MapBlock(anchor="services-gaps", caption=(gaps.title,), picture=gaps))
    if access is not None:
        note = m.say(
            "The shares on the map are of all households of the unit, with and without a hospital in their community."
        )
        found.append(MapBlock(anchor="services-access", caption=(access.title,), note=note, picture=access))
    return found


def _names(rows: list[Row]) -> list[str]:
    return [row.text("name") for row in rows]
