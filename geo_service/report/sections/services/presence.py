"""The communities that have a service, and those that have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.described import described
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    Definitions,
    Note,
    NoteKind,
    Series,
    TableBlock,
)
from geo_service.report.messages import paragraph
from geo_service.report.sections.services.listed import (
    all_known,
    first_and_last,
    in_sentence,
    listed,
    sorted_down,
)
from geo_service.vocabulary import Service

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["presence_blocks"]


def presence_blocks(source: Source, m: Messages) -> list[Block]:
    """What the table `services` says; nothing where there is none."""
    sheet = source.sheets.get("services")
    if sheet is None:
        return []
    base = m.say("Shares are of the communities of which it is known whether the service is there.")
    return [
        *paragraph(*_said_of_health_care(sheet, m), is_lead=True),
        *paragraph(*_said_of_all(sheet, m)),
        Note(
            NoteKind.REPORTED,
            m.say(
                "What key informants say is reported, not measured. An answer is about the community as a whole."
            ),
        ),
        *_definitions(sheet, m),
        _table(sheet, m, base),
        _chart(sheet, m, base),
    ]


def _said_of_health_care(sheet: Sheet, m: Messages) -> list[Runs]:
    hospital, polyclinic = (sheet.row(service=one.value) for one in (Service.HOSPITAL, Service.POLYCLINIC))
    if hospital is None or polyclinic is None:
        return []
    shares = {"hospital": hospital.figure("share_with"), "polyclinic": polyclinic.figure("share_with")}
    said = [
        m.say_n(
            "According to key informants, of the {n} community assessed, {hospital} have no hospital and {polyclinic} have no polyclinic.",
            "According to key informants, of the {n} communities assessed, {hospital} have no hospital and {polyclinic} have no polyclinic.",
            hospital.figure("villages"),
            hospital=hospital.figure("villages_without"),
            polyclinic=polyclinic.figure("villages_without"),
        )
    ]
    if hospital["villages_unknown"] == 0 and polyclinic["villages_unknown"] == 0:
        said.append(
            m.say(
                "There is a hospital in {hospital} of the communities and a polyclinic in {polyclinic}.",
                **shares,
            )
        )
    else:
        said.append(
            m.say(
                "Of the communities where this is known, {hospital} have a hospital and {polyclinic} have a polyclinic.",
                **shares,
            )
        )
    return said


def _said_of_all(sheet: Sheet, m: Messages) -> list[Runs]:
    said: list[Runs] = []
    ends = first_and_last(sheet.rows, "share_with")
    if ends is not None:
        most, fewest = ends
        said.append(
            m.say(
                "The share of communities that have a service ranges from {low} ({fewest}) to {high} ({most}).",
                low=fewest.figure("share_with"),
                fewest=_name(fewest),
                high=most.figure("share_with"),
                most=_name(most),
            )
        )
    if all_known(sheet.rows, "villages_without"):
        missing = sorted_down(sheet.rows, "villages_without")
        said.append(
            m.say(
                "Communities without the service, from the largest number to the smallest: {services}.",
                services=listed(missing, "villages_without", map(_name, missing), m.language),
            )
        )
    open_ones = [row for row in sorted_down(sheet.rows, "villages_unknown") if row["villages_unknown"]]
    said.append(
        m.say(
            "Communities of which it is not known whether the service is there: {services}.",
            services=listed(open_ones, "villages_unknown", map(_name, open_ones), m.language),
        )
    )
    return said


def _definitions(sheet: Sheet, m: Messages) -> list[Block]:
    """What sets a hospital apart from a polyclinic, in the report's own sense."""
    meanings = (
        (
            Service.HOSPITAL,
            m.say("Gives comprehensive medical care: emergency care, surgery and in-patient care."),
        ),
        (
            Service.POLYCLINIC,
            m.say("Gives out-patient care: routine check-ups, minor treatment and prevention."),
        ),
    )
    known = [(sheet.row(service=service.value), meaning) for service, meaning in meanings]
    items = tuple((row.text(), meaning) for row, meaning in known if row is not None)
    return [Definitions(items)] if items else []


def _table(sheet: Sheet, m: Messages, base: Runs) -> TableBlock:
    has_unknown = any(row["villages_unknown"] != 0 for row in sheet.rows)
    columns = ["villages_with", "share_with", "villages_without", *["villages_unknown"] * has_unknown]
    headings = [
        m.text("Service"),
        m.text("Yes, communities"),
        m.text("Yes, share"),
        m.text("No, communities"),
        *[m.text("Not known, communities")] * has_unknown,
    ]
    return TableBlock(
        anchor="services-presence",
        caption=m.say("Communities with and without each service, as reported"),
        note=base,
        headings=tuple(headings),
        rows=tuple(((row.text(),), *((row.figure(column),) for column in columns)) for row in sheet.rows),
        table=sheet.name,
    )


def _chart(sheet: Sheet, m: Messages, base: Runs) -> ChartBlock:
    rows = sorted_down(sheet.rows, "share_with")
    chart = Chart(
        ChartKind.BARS,
        tuple(row.text() for row in rows),
        (Series(m.text("Communities with the service"), tuple(row.figure("share_with") for row in rows)),),
        m.text("% of communities"),
        tuple(row.figure("villages_with") for row in rows),
    )
    return ChartBlock(
        anchor="services-presence-chart",
        caption=m.say("Communities that have the service, as reported: share and number"),
        note=base,
        chart=chart,
        description=described(chart, m.language),
    )


def _name(row: Row) -> str:
    return in_sentence(row.text())
