"""Sex, kinds of migration and reasons: parts of a group, with what is not known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import ChartKind
from geo_service.report.messages import paragraph
from geo_service.report.sections.groups.ranking import (
    Place,
    Ranking,
    label_item,
    listed,
    next_labels,
    ranking,
)
from geo_service.report.sections.groups.subject import MUCH, OTHER, UNKNOWN, is_more_than_none
from geo_service.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.report.document import Block, Figure, Paragraph, Runs
    from geo_service.report.sections.groups.subject import Subject
    from geo_service.report.sheets import Sheet

__all__ = ["is_told", "kind_blocks", "reason_blocks", "sex_blocks", "told"]


def is_told(sheet: Sheet) -> bool:
    """Whether a breakdown says more of its individuals than that they are unknown."""
    return any(is_more_than_none(row) for row in sheet.rows if row["code"] != UNKNOWN)


def told(
    subject: Subject, sheet: Sheet, unknown: Callable[[Figure, Figure], Runs], *said: Runs
) -> list[Paragraph]:
    """A paragraph about a breakdown, with what is not known of it: first where that is much, else last.

    Args:
        subject: The group.
        sheet: The breakdown.
        unknown: A sentence of the number and the share of the unknown.
        said: The sentences about all others.
    """
    row = sheet.row(code=UNKNOWN)
    if row is None or not row["individuals"]:
        return paragraph(*said)
    m = subject.m
    last = unknown(row.figure("individuals"), row.figure("share"))
    if last and row["share"] > MUCH:
        return paragraph(last, m.say("All shares here are of the whole group, these included."), *said)
    return paragraph(*said, last)


def sex_blocks(subject: Subject, title: str) -> list[Block]:
    """Men and women."""
    sheet = subject.sheet("by_sex")
    if sheet is None or not is_told(sheet):
        return []
    m = subject.m
    men, women = sheet.row(code=Sex.MALE.value), sheet.row(code=Sex.FEMALE.value)
    both: Runs = ()
    if men is not None and women is not None:
        both = m.say(
            "Men make up {men} of the group and women {women}.",
            men=men.figure("share"),
            women=women.figure("share"),
        )
    said = told(
        subject,
        sheet,
        lambda n, share: m.say("The sex is not known for {n} individuals ({share}).", n=n, share=share),
        both,
    )
    return [*said, *subject.counts("sex", title, sheet, ChartKind.PARTS)]


def kind_blocks(subject: Subject, title: str) -> list[Block]:
    """For how long they move."""
    sheet = subject.sheet("by_kind")
    if sheet is None or not is_told(sheet):
        return []
    m = subject.m
    found = ranking(sheet.rows, subject.total)
    said = told(
        subject,
        sheet,
        lambda n, share: m.say(
            "The kind of migration is not known for {n} individuals ({share}).", n=n, share=share
        ),
        _kinds(subject, found),
        next_labels(subject, found),
        _other(
            sheet,
            lambda n, share: m.say("Other kinds account for {n} ({share}).", n=n, share=share),
        ),
    )
    return [*said, *subject.counts("kinds", title, sheet, ChartKind.PARTS)]


def reason_blocks(subject: Subject, title: str) -> list[Block]:
    """Why they moved, as key informants say."""
    sheet = subject.sheet("by_reason")
    if sheet is None or not is_told(sheet):
        return []
    m = subject.m
    found = ranking(sheet.rows, subject.total)
    said = told(
        subject,
        sheet,
        lambda n, share: m.say("The reason is not known for {n} individuals ({share}).", n=n, share=share),
        _reasons(subject, found),
        next_labels(subject, found),
        _other(
            sheet,
            lambda n, share: m.say("Other reasons account for {n} ({share}).", n=n, share=share),
        ),
    )
    return [*said, *subject.counts("reasons", title, sheet, ChartKind.BARS)]


def _kinds(subject: Subject, found: Ranking) -> Runs:
    m = subject.m
    rows = listed(subject, found.firsts, label_item)
    said = {
        Place.ALL: m.say("For all of them the migration is of one kind: {rows}.", rows=rows),
        Place.HALF: m.say("For more than half of them the migration is of one kind: {rows}.", rows=rows),
        Place.FIRST: m.say("The most frequent kind of migration: {rows}.", rows=rows),
        Place.TIED: m.say("The most frequent kinds of migration, equally frequent: {rows}.", rows=rows),
        Place.SHOWN: m.say(
            "Of the kinds of migration whose numbers are shown, the highest: {rows}.", rows=rows
        ),
    }
    return said.get(found.place, ())


def _reasons(subject: Subject, found: Ranking) -> Runs:
    m = subject.m
    rows = listed(subject, found.firsts, label_item)
    said = {
        Place.ALL: m.say("One reason was given for all of them: {rows}.", rows=rows),
        Place.HALF: m.say("One reason was given for more than half of them: {rows}.", rows=rows),
        Place.FIRST: m.say("The reason given for the largest number: {rows}.", rows=rows),
        Place.TIED: m.say("The reasons given for the largest numbers, equally many each: {rows}.", rows=rows),
        Place.SHOWN: m.say("Of the reasons whose numbers are shown, the highest: {rows}.", rows=rows),
    }
    return said.get(found.place, ())


def _other(sheet: Sheet, say: Callable[[Figure, Figure], Runs]) -> Runs:
    row = sheet.row(code=OTHER)
    if row is None or not row["individuals"]:
        return ()
    return say(row.figure("individuals"), row.figure("share"))
