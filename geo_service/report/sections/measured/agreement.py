"""What key informants report beside what is measured, for the same villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.report.described import described
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    MapBlock,
    Note,
    NoteKind,
    Section,
    Series,
    TableBlock,
)
from geo_service.report.messages import paragraph
from geo_service.report.sections.services.listed import first_and_last, in_sentence
from geo_service.vocabulary import Service

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Sheet
    from geo_service.report.source import Source

__all__ = ["agreement_sections"]

_COLUMNS = ("compared", "equal", "share_equal", "one_apart", "two_or_more_apart", "share_two_or_more_apart")


def agreement_sections(source: Source, m: Messages) -> list[Section]:
    """What the tables `agreement` and `reported_and_measured` say; nothing where the first is not there."""
    sheet = source.sheets.get("agreement")
    if sheet is None:
        return []
    blocks: list[Block] = [
        *paragraph(*_said_of_hospitals(sheet, m), is_lead=True),
        *paragraph(*_said_of_all(sheet, m)),
        Note(
            NoteKind.BASE,
            m.say(
                "Only villages of which both are known are compared. A service that is reported to be in the village counts as the band 0-5 km. "
                "The comparison does not say which of the two is right."
            ),
        ),
        _table(sheet, m),
        *_side_by_side(source, m),
    ]
    picture = source.map(MapQuestion(MapKind.AGREEMENT, service=Service.HOSPITAL))
    if picture is not None:
        blocks.append(MapBlock(anchor="measured-agreement-map", caption=(picture.title,), picture=picture))
    return [Section("measured-agreement", m.text("Reported and measured access compared"), tuple(blocks))]


def _said_of_hospitals(sheet: Sheet, m: Messages) -> list[Runs]:
    row = sheet.row(service=Service.HOSPITAL.value)
    if row is None:
        return []
    return [
        m.say_n(
            "The distance to the nearest hospital is both reported and measured for {n} village: the two are in the same distance band in {equal} of them ({share}), and two or more "
            "bands apart in {apart} ({share_apart}).",
            "The distance to the nearest hospital is both reported and measured for {n} villages: the two are in the same distance band in {equal} of them ({share}), and two or more "
            "bands apart in {apart} ({share_apart}).",
            row.figure("compared"),
            equal=row.figure("equal"),
            share=row.figure("share_equal"),
            apart=row.figure("two_or_more_apart"),
            share_apart=row.figure("share_two_or_more_apart"),
        ),
        m.say(
            "Villages where the measured band is farther than the reported one: {farther}; where it is nearer: {nearer}.",
            farther=row.figure("measured_farther"),
            nearer=row.figure("measured_nearer"),
        ),
    ]


def _said_of_all(sheet: Sheet, m: Messages) -> list[Runs]:
    ends = first_and_last(sheet.rows, "share_equal")
    if ends is None:
        return []
    most, fewest = ends
    return [
        m.say(
            "The share of villages in the same band ranges from {low} ({fewest}) to {high} ({most}).",
            low=fewest.figure("share_equal"),
            fewest=in_sentence(fewest.text()),
            high=most.figure("share_equal"),
            most=in_sentence(most.text()),
        )
    ]


def _table(sheet: Sheet, m: Messages) -> TableBlock:
    return TableBlock(
        anchor="measured-agreement-table",
        caption=m.say("Villages by how far reported and measured access are apart"),
        note=m.say("Shares are of the villages compared."),
        headings=(
            m.text("Service"),
            m.text("Villages compared"),
            m.text("Same band"),
            m.text("Share"),
            m.text("One band apart"),
            m.text("Two or more apart"),
            m.text("Share"),
        ),
        rows=tuple(((row.text(),), *((row.figure(column),) for column in _COLUMNS)) for row in sheet.rows),
        table=sheet.name,
    )


def _side_by_side(source: Source, m: Messages) -> list[Block]:
    """The villages by their distance to the nearest hospital, as reported and as measured."""
    sheet = source.sheets.get("reported_and_measured")
    rows = [] if sheet is None else sheet.where(service=Service.HOSPITAL.value)
    if not rows:
        return []
    chart = Chart(
        ChartKind.PAIRS,
        tuple(row.text("band_label") for row in rows),
        (
            Series(m.text("As reported"), tuple(row.figure("villages_reported") for row in rows)),
            Series(m.text("As measured"), tuple(row.figure("villages_measured") for row in rows)),
        ),
        m.text("villages"),
    )
    return [
        ChartBlock(
            anchor="measured-side-by-side",
            caption=m.say("Villages by distance to the nearest hospital, as reported and as measured"),
            note=m.say("The same villages in both. Measured in a straight line."),
            chart=chart,
            description=described(chart, m.language),
        )
    ]
