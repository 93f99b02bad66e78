"""Where a group is, or which places it left: regions, districts and a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released_frames import Frames
from geo_service.report.document import MapBlock, TableBlock
from geo_service.report.messages import paragraph
from geo_service.report.sections.groups.ranking import (
    Place,
    Ranking,
    item,
    listed,
    next_places,
    place_item,
    ranking,
)
from geo_service.report.sections.groups.subject import Way, is_more_than_none
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.document import Block, Figure, Runs
    from geo_service.report.sections.groups.subject import Subject
    from geo_service.report.sheets import Row, Sheet

__all__ = ["place_blocks"]


def place_blocks(subject: Subject, title: str) -> list[Block]:
    """Text about regions and districts, a table of all regions, and a map of the smallest units that are shown."""
    regions, districts = subject.sheet("by_region"), subject.sheet("by_district")
    if not any(sheet and any(map(is_more_than_none, sheet.rows)) for sheet in (regions, districts)):
        return []
    said: list[Runs] = []
    if regions is not None:
        found = ranking(_units(regions), subject.total)
        said += [_regions(subject, found), next_places(subject, found)]
    if districts is not None:
        said.append(_districts(subject, districts, regions))
    tables = [_table(subject, regions, title)] if regions is not None else []
    return [*paragraph(*said), *tables, *_map(subject, districts)]


def _units(sheet: Sheet) -> list[Row]:
    """Those that are a unit; what is in none of them is not ranked."""
    return [row for row in sheet.rows if row["pcode"] is not None]


def _regions(subject: Subject, found: Ranking) -> Runs:
    m = subject.m
    rows = listed(subject, found.firsts, place_item)
    if subject.way is Way.OUT:
        said = {
            Place.ALL: m.say("All of them left one region: {rows}.", rows=rows),
            Place.HALF: m.say("More than half of them left one region: {rows}.", rows=rows),
            Place.FIRST: m.say("The region that the largest number left is {rows}.", rows=rows),
            Place.TIED: m.say(
                "The regions that the largest numbers left, equally many each, are {rows}.", rows=rows
            ),
        }
    else:
        said = {
            Place.ALL: m.say("All of them are in one region: {rows}.", rows=rows),
            Place.HALF: m.say("More than half of them are in one region: {rows}.", rows=rows),
            Place.FIRST: m.say("The region with the largest number is {rows}.", rows=rows),
            Place.TIED: m.say(
                "The regions with the largest numbers, equally many each, are {rows}.", rows=rows
            ),
        }
    said[Place.SHOWN] = m.say("Of the regions whose numbers are shown, the highest: {rows}.", rows=rows)
    return said.get(found.place, ())


def _districts(subject: Subject, sheet: Sheet, regions: Sheet | None) -> Runs:
    """The districts with the most people, each with its region; nothing where a hidden one may have more."""
    m = subject.m
    found = ranking(_units(sheet), subject.total)
    if found.place in {Place.NONE, Place.SHOWN}:
        return ()
    region_of = _regions_of_districts(subject, regions)

    def one(_subject: Subject, row: Row) -> Runs:
        district, region = row.text("name"), region_of.get(str(row["pcode"]), "")
        named = m.text("{district}, {region}", district=district, region=region) if region else district
        return item(named, subject, row)

    rows = _semicolons([one(subject, row) for row in (*found.firsts, *found.nexts)])
    if subject.way is Way.OUT:
        return m.say("The districts that the largest numbers left: {rows}.", rows=rows)
    return m.say("The districts with the largest numbers: {rows}.", rows=rows)


def _regions_of_districts(subject: Subject, regions: Sheet | None) -> dict[str, str]:
    """The name of the region by the P-code of a district."""
    frames = Frames(subject.source.release)
    layer = frames.layer_of(AdminLevel.DISTRICT)
    if layer is None or regions is None:
        return {}
    names = {str(row["pcode"]): row.text("name") for row in _units(regions)}
    units = frames.read(layer, fields=["pcode", "parent_pcode"])
    parents = zip(units["pcode"], units["parent_pcode"].fillna(""), strict=True)
    return {str(pcode): names[parent] for pcode, parent in parents if parent in names}


def _semicolons(items: Sequence[Runs]) -> Runs:
    """A list whose items have commas of their own."""
    found: list[str | Figure] = []
    for runs in items:
        found += ["; ", *runs] if found else runs
    return tuple(found)


def _table(subject: Subject, sheet: Sheet, title: str) -> TableBlock:
    """All regions, the largest first."""
    m = subject.m
    rows = [row for row in sheet.rows if row["pcode"] is not None or is_more_than_none(row)]
    rows.sort(key=_in_table)
    present = (
        m.text("Of these, with departures") if subject.way is Way.OUT else m.text("Of these, with the group")
    )
    columns = {
        "villages": m.text("Villages assessed"),
        "villages_present": present,
        "households": m.text("Households"),
        "individuals": m.text("Individuals"),
        "share": m.text("Share"),
    }
    if all(row["households"] is None for row in rows):
        del columns["households"]
    return TableBlock(
        subject.anchor("places", "table"),
        subject.caption(title),
        note=subject.note(sheet),
        headings=(m.text("Region"), *columns.values()),
        rows=tuple(
            (
                (row.text("name") or m.text("In no region"),),
                *((row.figure(column),) for column in columns),
            )
            for row in rows
        ),
        table=sheet.name,
    )


def _in_table(row: Row) -> tuple[bool, int, int]:
    """Where a row stands: hidden ones after those that are shown and before those with nobody, and never among themselves by their numbers."""
    people = row["individuals"]
    if people is None:
        return row["pcode"] is None, 1, 0
    return row["pcode"] is None, 0 if people else 2, -people


def _map(subject: Subject, districts: Sheet | None) -> list[MapBlock]:
    """By district where all districts are shown, else by region, which hides less; its own notes say what it is not."""
    m = subject.m
    by_district = districts is not None and not any(row.is_suppressed for row in districts.rows)
    levels = (
        [AdminLevel.DISTRICT, AdminLevel.REGION] if by_district else [AdminLevel.REGION, AdminLevel.DISTRICT]
    )
    for level in levels:
        question = MapQuestion(MapKind.CONCENTRATION, group=subject.group, by=level)
        picture = subject.source.map(question)
        if picture is None:
            continue
        if level is AdminLevel.DISTRICT:
            caption = m.say("{group} by district", group=subject.label)
        else:
            caption = m.say("{group} by region", group=subject.label)
        return [MapBlock(subject.anchor("places", "map"), caption, picture=picture)]
    return []
