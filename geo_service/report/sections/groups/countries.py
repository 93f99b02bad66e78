"""Countries: of nationality of labour migrants, that returnees came back from, and that emigrants went to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import ChartKind
from geo_service.report.sections.groups.parts import is_told, told
from geo_service.report.sections.groups.ranking import (
    Place,
    Ranking,
    listed,
    next_places,
    place_item,
    ranking,
)
from geo_service.report.sections.groups.subject import ASIDE, OTHER, REST
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.sections.groups.subject import Subject

__all__ = ["country_blocks"]


def country_blocks(subject: Subject, title: str) -> list[Block]:
    """Text and bars of the largest countries, the rest and the unknown."""
    sheet = subject.sheet("top_countries")
    if sheet is None or not is_told(sheet):
        return []
    m = subject.m
    found = ranking(sheet.rows, subject.total)
    said = told(
        subject,
        sheet,
        lambda n, share: m.say("The country is not known for {n} individuals ({share}).", n=n, share=share),
        _firsts(subject, found),
        next_places(subject, found),
        _rest(subject),
    )
    rows = [row for row in sheet.rows if row["code"] not in ASIDE or row["individuals"] != 0]
    names = [m.text("Other countries") if row["code"] == REST else row.text() for row in rows]
    return [*said, *subject.chart("countries", title, sheet, ChartKind.BARS, rows, names)]


def _firsts(subject: Subject, found: Ranking) -> Runs:
    m = subject.m
    rows = listed(subject, found.firsts, place_item)
    match subject.group:
        case PopulationGroup.LABOUR_MIGRANTS:
            every = m.say("All of them are citizens of one country: {rows}.", rows=rows)
            half = m.say("More than half of them are citizens of one country: {rows}.", rows=rows)
        case PopulationGroup.RETURNEES:
            every = m.say("All of them returned from one country: {rows}.", rows=rows)
            half = m.say("More than half of them returned from one country: {rows}.", rows=rows)
        case _:
            every = m.say("All of them went to one country: {rows}.", rows=rows)
            half = m.say("More than half of them went to one country: {rows}.", rows=rows)
    said = {
        Place.ALL: every,
        Place.HALF: half,
        Place.FIRST: m.say("The country reported for the largest number is {rows}.", rows=rows),
        Place.TIED: m.say(
            "The countries reported for the largest numbers, equally many each, are {rows}.", rows=rows
        ),
        Place.SHOWN: m.say("Of the countries whose numbers are shown, the highest: {rows}.", rows=rows),
    }
    return said.get(found.place, ())


def _rest(subject: Subject) -> Runs:
    """The countries that are not named; how many they are only where none of them is just another country."""
    top, every = subject.sheet("top_countries"), subject.sheet("by_country")
    row = top.row(code=REST) if top else None
    if row is None or not row["individuals"]:
        return ()
    m, people, share = subject.m, row.figure("individuals"), row.figure("share")
    if every is None or every.row(code=OTHER) is not None:
        return m.say(
            "All other countries together account for {people} ({share}).", people=people, share=share
        )
    return m.say_n(
        "{n} other country accounts for {people} ({share}).",
        "{n} other countries together account for {people} ({share}).",
        row.figure("codes"),
        people=people,
        share=share,
    )
