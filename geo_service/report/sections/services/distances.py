"""How far the nearest service is reported to be from the communities that do not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.coverage.labels import UNKNOWN
from geo_service.report.described import described
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    Note,
    NoteKind,
    Section,
    Series,
    TableBlock,
)
from geo_service.report.messages import paragraph, sentences
from geo_service.report.sections.services.listed import (
    all_known,
    first_and_last,
    in_sentence,
    listed,
    sorted_down,
)
from geo_service.vocabulary import Band, Service

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["BEYOND", "distance_sections"]

BEYOND = f"{DEFAULT_BANDS.edges_km[-1]:.0f}"
"""Kilometres: where the last band of the survey begins."""

_NEAR = f"{DEFAULT_BANDS.edges_km[0]:.0f}"
_HALF = 0.5


def distance_sections(source: Source, m: Messages) -> list[Section]:
    """What the table `households_without_service` says; nothing where there is none."""
    sheet = source.sheets.get("households_without_service")
    if sheet is None:
        return []
    totals = source.sheets.get("services")
    blocks: list[Block] = [
        *paragraph(*_said_of_hospitals(sheet, totals, m), is_lead=True),
        *paragraph(*_said_of_all(sheet, totals, m)),
        *paragraph(*_said_of_unknown(sheet, m)),
        _table(sheet, totals, m),
        _chart(sheet, m),
        Note(NoteKind.BASE, _base(sheet, m)),
    ]
    return [
        Section("services-distance", m.text("Distance to the nearest facility, as reported"), tuple(blocks))
    ]


def _said_of_hospitals(sheet: Sheet, totals: Sheet | None, m: Messages) -> list[Runs]:
    far = sheet.row(service=Service.HOSPITAL.value, band=Band.OVER_25_KM.value)
    total = None if totals is None else totals.row(service=Service.HOSPITAL.value)
    if far is None or total is None:
        return []
    return [
        m.say(
            "Of the {total} households in communities without a hospital, {far} ({share}) are reported to be over {km} km from the nearest one.",
            total=total.figure("households_without"),
            far=far.figure("households"),
            share=far.figure("share"),
            km=BEYOND,
        )
    ]


def _said_of_all(sheet: Sheet, totals: Sheet | None, m: Messages) -> list[Runs]:
    far = sheet.where(band=Band.OVER_25_KM.value)
    said: list[Runs] = []
    if all_known(far, "households"):
        ordered = sorted_down(far, "households")
        said.append(
            m.say(
                "Households over {km} km from the nearest facility, from the largest number to the smallest: {services}.",
                km=BEYOND,
                services=listed(ordered, "households", map(_name, ordered), m.language),
            )
        )
    ends = first_and_last(far, "share")
    of = {row["service"]: row for row in totals.rows} if totals is not None else {}
    if ends is not None and all(row["service"] in of for row in ends):
        largest, smallest = ends
        said.append(
            m.say(
                "Of the households in communities without the service, the share over {km} km from the nearest facility is largest for {most} ({high} of {most_of}) and "
                "smallest for {least} ({low} of {least_of}).",
                km=BEYOND,
                most=_name(largest),
                high=largest.figure("share"),
                most_of=of[largest["service"]].figure("households_without"),
                least=_name(smallest),
                low=smallest.figure("share"),
                least_of=of[smallest["service"]].figure("households_without"),
            )
        )
    near = sorted_down(sheet.where(band=Band.KM_0_5.value), "share")
    over_half = [row for row in near if (row["share"] or 0) > _HALF]
    said.append(
        m.say(
            "More than half of the households in communities without the service are reported to have it within {km} km: {services}.",
            km=_NEAR,
            services=listed(over_half, "share", map(_name, over_half), m.language),
        )
    )
    return said


def _said_of_unknown(sheet: Sheet, m: Messages) -> list[Runs]:
    unknown = [row for row in sheet.where(band=UNKNOWN) if row["households"]]
    said = [
        m.say(
            "Households of communities without the service for which nobody named a distance: {services}.",
            services=listed(unknown, "households", map(_name, unknown), m.language),
        )
    ]
    if any(row["villages_uncounted"] for row in sheet.rows):
        said.append(
            m.say("Communities whose number of households is not known are not part of these numbers.")
        )
    return said


def _base(sheet: Sheet, m: Messages) -> Runs:
    said = [
        m.say(
            "Households were not asked themselves: the distance that key informants named for a community counts for each of its households."
        ),
        m.say("A distance band includes its upper limit: exactly 5 km is in 0-5 km, 5.4 km is in 6-10 km."),
    ]
    if any(row.is_suppressed for row in sheet.rows):
        said.append(m.say("Hidden numbers are not zero."))
    return sentences(said)


def _bands(sheet: Sheet) -> list[Row]:
    """A row for each band, in order; unknown distances only where there are some."""
    service = sheet.rows[0]["service"]
    is_open = any(row["households"] != 0 for row in sheet.where(band=UNKNOWN))
    return [row for row in sheet.where(service=service) if row["band"] != UNKNOWN or is_open]


def _cells(sheet: Sheet, bands: list[Row]) -> dict[str, list[Row]]:
    """By service, in order, its row of each band."""
    found: dict[str, list[Row]] = {}
    for row in sheet.rows:
        if any(row["band"] == band["band"] for band in bands):
            found.setdefault(row["service"], []).append(row)
    return found


def _table(sheet: Sheet, totals: Sheet | None, m: Messages) -> TableBlock:
    bands = _bands(sheet)
    rows: list[tuple[Runs, ...]] = []
    for service, cells in _cells(sheet, bands).items():
        total = totals.row(service=service) if totals is not None else None
        end: list[Runs] = [] if totals is None else [_total(total)]
        rows.append(
            ((cells[0].text("service_label"),), *((row.figure("households"),) for row in cells), *end)
        )
    return TableBlock(
        anchor="services-distances",
        caption=m.say(
            "Households of communities without the service, by reported distance to the nearest facility"
        ),
        note=m.say("The total is of all households of the communities without the service."),
        headings=(
            m.text("Service"),
            *(band.text("band_label") for band in bands),
            *([] if totals is None else [m.text("Total")]),
        ),
        rows=tuple(rows),
        table=sheet.name,
    )


def _total(row: Row | None) -> Runs:
    return ("",) if row is None else (row.figure("households_without"),)


def _chart(sheet: Sheet, m: Messages) -> ChartBlock:
    bands = _bands(sheet)
    cells = _cells(sheet, bands)
    chart = Chart(
        ChartKind.STACKED,
        tuple(rows[0].text("service_label") for rows in cells.values()),
        tuple(
            Series(band.text("band_label"), tuple(rows[place].figure("share") for rows in cells.values()))
            for place, band in enumerate(bands)
        ),
        m.text("% of households of communities without the service"),
        aside=sum(band["band"] == UNKNOWN for band in bands),
    )
    return ChartBlock(
        anchor="services-distances-chart",
        caption=m.say("Households of communities without the service, share by reported distance"),
        note=m.say("100% is all households of the communities without the service."),
        chart=chart,
        description=described(chart, m.language),
    )


def _name(row: Row) -> str:
    return in_sentence(row.text("service_label"))
