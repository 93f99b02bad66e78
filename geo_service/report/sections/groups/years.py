"""When they came, came back or left, and how each year compares with an earlier one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from geo_service.report.document import ChartKind, FigureStyle
from geo_service.report.sections.groups.parts import is_told, told
from geo_service.report.sections.groups.subject import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Value
    from geo_service.report.sections.groups.subject import Subject
    from geo_service.report.sheets import Row, Sheet

__all__ = ["year_blocks"]

_FEWEST = 2
"""Pairs of years that make a trend."""


def year_blocks(subject: Subject, title: str) -> list[Block]:
    """Growth from each year to the next and from the first to the last, and a column a year."""
    sheet = subject.sheet("by_year")
    if sheet is None or not is_told(sheet):
        return []
    m = subject.m
    growth = subject.sheet("growth")
    pairs = growth.rows if growth else []
    steps, whole = _steps(pairs)
    said = told(
        subject,
        sheet,
        lambda n, share: m.say("The year is not known for {n} individuals ({share}).", n=n, share=share),
        _trend(subject, steps),
        *(_step(subject, row) for row in steps),
        *(_span(subject, row) for row in whole),
        _unfinished(subject, sheet),
    )
    return [*said, *subject.counts("years", title, sheet, ChartKind.COLUMNS, _meant(subject))]


def _steps(pairs: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """From each year to the next, and over more than that."""
    steps = [row for row in pairs if int(row["year"]) - int(row["base_year"]) == 1]
    return steps, [row for row in pairs if int(row["year"]) - int(row["base_year"]) > 1]


def _trend(subject: Subject, steps: Sequence[Row]) -> Runs:
    """That it went one way in every year; nothing where it did not, or a number is hidden."""
    differences = [row["difference"] for row in steps]
    if len(steps) < _FEWEST or any(one is None for one in differences):
        return ()
    m, way = subject.m, subject.way
    years = {"first": steps[0].text("base_year"), "last": steps[-1].text("year")}
    rose = {
        Way.IN: m.say(
            "By year of arrival the numbers rise from each year to the next, from {first} to {last}.", **years
        ),
        Way.BACK: m.say(
            "By year of return the numbers rise from each year to the next, from {first} to {last}.", **years
        ),
        Way.OUT: m.say(
            "By year of departure the numbers rise from each year to the next, from {first} to {last}.",
            **years,
        ),
    }
    fell = {
        Way.IN: m.say(
            "By year of arrival the numbers fall from each year to the next, from {first} to {last}.", **years
        ),
        Way.BACK: m.say(
            "By year of return the numbers fall from each year to the next, from {first} to {last}.", **years
        ),
        Way.OUT: m.say(
            "By year of departure the numbers fall from each year to the next, from {first} to {last}.",
            **years,
        ),
    }
    if all(one > 0 for one in differences):
        return rose[way]
    return fell[way] if all(one < 0 for one in differences) else ()


def _step(subject: Subject, row: Row) -> Runs:
    """How many in a year, against the year before."""
    m = subject.m
    counted = _counted(subject, row)
    base: dict[str, Value] = {"base_year": row.text("base_year"), "base": row.figure("base_individuals")}
    if not counted:
        return ()
    growth = row.figure("growth", FigureStyle.MAGNITUDE)
    match _sign(row):
        case None:
            return m.say("{counted}, after {base} in {base_year}.", counted=counted, **base)
        case 0:
            return m.say("{counted}, as many as in {base_year}.", counted=counted, **base)
        case 1:
            return m.say(
                "{counted}, {growth} more than in {base_year} ({base}).",
                counted=counted,
                growth=growth,
                **base,
            )
        case _:
            return m.say(
                "{counted}, {growth} fewer than in {base_year} ({base}).",
                counted=counted,
                growth=growth,
                **base,
            )


def _counted(subject: Subject, row: Row) -> Runs:
    m, n, year = subject.m, row.figure("individuals"), row.text("year")
    match subject.way:
        case Way.IN:
            return m.say_n("In {year}, {n} of them arrived", "In {year}, {n} of them arrived", n, year=year)
        case Way.BACK:
            return m.say_n("In {year}, {n} of them returned", "In {year}, {n} of them returned", n, year=year)
        case Way.OUT:
            return m.say_n("In {year}, {n} of them left", "In {year}, {n} of them left", n, year=year)


def _span(subject: Subject, row: Row) -> Runs:
    """The last year against the first."""
    m = subject.m
    values: dict[str, Value] = {
        "year": row.text("year"),
        "n": row.figure("individuals"),
        "base_year": row.text("base_year"),
        "base": row.figure("base_individuals"),
    }
    growth = row.figure("growth", FigureStyle.MAGNITUDE)
    match _sign(row):
        case None:
            return ()
        case 0:
            return m.say("The number for {year} ({n}) is the same as for {base_year}.", **values)
        case 1:
            return m.say(
                "The number for {year} ({n}) is {growth} above that for {base_year} ({base}).",
                growth=growth,
                **values,
            )
        case _:
            return m.say(
                "The number for {year} ({n}) is {growth} below that for {base_year} ({base}).",
                growth=growth,
                **values,
            )


def _sign(row: Row) -> int | None:
    """Which way it went; null where there is nothing that growth could be of."""
    difference = row["difference"]
    if row["growth"] is None or difference is None:
        return None
    return int(difference > 0) - int(difference < 0)


def _meant(subject: Subject) -> Runs:
    """What the individuals of a year are."""
    m = subject.m
    match subject.way:
        case Way.IN:
            return m.say(
                "Each year counts those of the group who arrived in that year. Those who arrived and have left again are not counted, so that these are not all arrivals of the year."
            )
        case Way.BACK:
            return m.say(
                "Each year counts those of the group who returned in that year. Those who returned and have left again are not counted, so that these are not all returns of the year."
            )
        case Way.OUT:
            return m.say(
                "Each year counts those of the group who left in that year. Those who left and have come back are not counted, so that these are not all departures of the year."
            )


def _unfinished(subject: Subject, sheet: Sheet) -> Runs:
    """That the last year was not over yet when the first were asked."""
    survey = subject.source.manifest.round
    begun = survey.collected_from if survey else None
    last = max((row.text("code") for row in sheet.rows if row.text("code").isdigit()), default="")
    if begun is None or begun[:4] != last:
        return ()
    m = subject.m
    day = subject.source.sheets.numbers.date(dt.date.fromisoformat(begun))
    return m.say(
        "Data collection began on {day}, before the end of {year}: the number for that year may not be complete.",
        day=day,
        year=last,
    )
