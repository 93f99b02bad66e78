"""How many they are, of how many countries, and in how many villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import KeyFigure, KeyFigures
from geo_service.report.messages import paragraph
from geo_service.report.sections.groups.subject import Way
from geo_service.report.sections.groups.titles import country_title
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.sections.groups.subject import Subject

__all__ = ["lead_blocks"]

_FEWEST = 2
"""Key figures: one alone stands in the text."""


def lead_blocks(subject: Subject) -> list[Block]:
    """What a reader in a hurry reads of a group."""
    if subject.total == 0 and not subject.row["villages_present"]:
        return [*paragraph(_none(subject), _not_asked(subject), is_lead=True)]
    said = paragraph(
        _people(subject), _households(subject), _countries(subject), _villages(subject), is_lead=True
    )
    return [*said, *_key_figures(subject), *paragraph(_not_asked(subject), _not_counted(subject))]


def _key_figures(subject: Subject) -> list[KeyFigures]:
    m, row = subject.m, subject.row
    where = m.text("Villages they left") if subject.way is Way.OUT else m.text("Villages where they are")
    labels = {
        "individuals": subject.label,
        "households": m.text("Households"),
        "countries": country_title(subject),
        "villages_present": where,
    }
    known = [(row.figure(column), label) for column, label in labels.items() if row[column] is not None]
    items = tuple(KeyFigure(figure, label) for figure, label in known)
    return [KeyFigures(items)] if len(items) >= _FEWEST else []


def _none(subject: Subject) -> Runs:
    m = subject.m
    return m.say(
        "Key informants reported nobody of this group in the {n} villages assessed.",
        n=subject.row.figure("villages"),
    )


def _people(subject: Subject) -> Runs:
    m, n = subject.m, subject.row.figure("individuals")
    match subject.group:
        case PopulationGroup.LABOUR_MIGRANTS:
            return m.say_n(
                "Key informants reported {n} labour migrant in the villages assessed.",
                "Key informants reported {n} labour migrants in the villages assessed.",
                n,
            )
        case PopulationGroup.RETURNEES:
            return m.say_n(
                "Key informants reported {n} returnee in the villages assessed.",
                "Key informants reported {n} returnees in the villages assessed.",
                n,
            )
        case PopulationGroup.EMIGRANTS:
            return m.say_n(
                "Key informants reported {n} emigrant from the villages assessed, now abroad.",
                "Key informants reported {n} emigrants from the villages assessed, now abroad.",
                n,
            )
        case PopulationGroup.INTERNAL_MIGRANTS:
            return m.say_n(
                "Key informants reported {n} internal migrant in the villages assessed.",
                "Key informants reported {n} internal migrants in the villages assessed.",
                n,
            )
        case PopulationGroup.INTERNAL_EMIGRANTS:
            return m.say_n(
                "Key informants reported {n} internal emigrant from the villages assessed, now elsewhere in the country.",
                "Key informants reported {n} internal emigrants from the villages assessed, now elsewhere in the country.",
                n,
            )


def _households(subject: Subject) -> Runs:
    m = subject.m
    return m.say_n(
        "They make up {n} household.", "They make up {n} households.", subject.row.figure("households")
    )


def _countries(subject: Subject) -> Runs:
    m, n = subject.m, subject.row.figure("countries")
    match subject.group:
        case PopulationGroup.LABOUR_MIGRANTS:
            return m.say_n("They are citizens of {n} country.", "They are citizens of {n} countries.", n)
        case PopulationGroup.RETURNEES:
            return m.say_n("They returned from {n} country.", "They returned from {n} countries.", n)
        case _:
            return m.say_n("They went to {n} country.", "They went to {n} countries.", n)


def _villages(subject: Subject) -> Runs:
    """Of those that were asked where some were not, else of all."""
    m, row = subject.m, subject.row
    share = row.figure("share_present")
    if row["villages_unknown"]:
        n = row.figure("villages_present")
        if subject.way is Way.OUT:
            return m.say_n(
                "Departures were reported from {n} village, {share} of those that were asked about them.",
                "Departures were reported from {n} villages, {share} of those that were asked about them.",
                n,
                share=share,
            )
        return m.say_n(
            "Their presence was reported in {n} village, {share} of those that were asked about them.",
            "Their presence was reported in {n} villages, {share} of those that were asked about them.",
            n,
            share=share,
        )
    n, present = row.figure("villages"), row.figure("villages_present")
    if subject.way is Way.OUT:
        return m.say_n(
            "Departures were reported from {present} of the {n} village assessed ({share}).",
            "Departures were reported from {present} of the {n} villages assessed ({share}).",
            n,
            present=present,
            share=share,
        )
    return m.say_n(
        "Their presence was reported in {present} of the {n} village assessed ({share}).",
        "Their presence was reported in {present} of the {n} villages assessed ({share}).",
        n,
        present=present,
        share=share,
    )


def _not_asked(subject: Subject) -> Runs:
    m, row = subject.m, subject.row
    if not row["villages_unknown"]:
        return ()
    return m.say_n(
        "In {n} village of those assessed nobody was asked about this group.",
        "In {n} villages of those assessed nobody was asked about this group.",
        row.figure("villages_unknown"),
    )


def _not_counted(subject: Subject) -> Runs:
    m, row = subject.m, subject.row
    if not row["villages_uncounted"]:
        return ()
    return m.say_n(
        "In {n} village the group was reported without a number; its people there are not counted in the figures here.",
        "In {n} villages the group was reported without a number; its people there are not counted in the figures here.",
        row.figure("villages_uncounted"),
    )
