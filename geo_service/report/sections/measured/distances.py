"""How far the nearest facility is measured to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.report.described import described
from geo_service.report.document import Chart, ChartBlock, ChartKind, MapBlock, Series, TableBlock
from geo_service.report.messages import paragraph, sentences
from geo_service.report.sections.services.listed import (
    all_known,
    first_and_last,
    in_sentence,
    listed,
    sorted_down,
)
from geo_service.vocabulary import BANDS, SERVICES, STATUSES, Band, Basis, Service, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source
    from geo_service.vocabulary import Language

__all__ = ["band_name", "distance_blocks", "service_name"]

_NOT_FULLY_MEASURED = {Status.NO_FACILITY, Status.UNREACHABLE, Status.BEYOND_LIMIT}
_NOBODY = "–"


def distance_blocks(source: Source, m: Messages) -> list[Block]:
    """What the tables `access_by_band` and `service_presence` say; nothing where neither is there."""
    sheet, presence = (source.sheets.get(name) for name in ("access_by_band", "service_presence"))
    blocks: list[Block] = []
    if sheet is not None:
        blocks += [
            *paragraph(*_said_of_hospitals(sheet, m), is_lead=True),
            *paragraph(*_said_of_all(sheet, m)),
            _table(sheet, m),
            *_chart(sheet, m),
        ]
    if presence is not None:
        blocks += _presence(presence, source, m)
    question = MapQuestion(MapKind.ACCESS, service=Service.HOSPITAL, basis=Basis.MEASURED)
    picture = source.map(question) if blocks else None
    if picture is not None:
        blocks.append(MapBlock(anchor="measured-access", caption=(picture.title,), picture=picture))
    return blocks


def service_name(row: Row, language: Language) -> str:
    """What the service of a row is called; the table itself has its code only."""
    return SERVICES[Service(row["service"])].label(language)


def band_name(code: str, m: Messages) -> str:
    """What a distance band is called, also one that only this release has."""
    if code in {band.value for band in Band}:
        return BANDS[Band(code)].label(m.language)
    return m.text("{band} km", band=code)


def _measured(sheet: Sheet) -> list[Row]:
    """The rows with a band, of services whose nearest facilities were all found."""
    open_ones = {
        row["service"] for row in sheet.rows if row["status"] in _NOT_FULLY_MEASURED and row["villages"] != 0
    }
    return [row for row in sheet.rows if row["band"] is not None and row["service"] not in open_ones]


def _beyond(sheet: Sheet) -> tuple[list[Row], str]:
    """The rows of the last band, and the kilometres that it begins at."""
    rows = _measured(sheet)
    last = rows[-1]["band"] if rows else ""
    return [row for row in rows if row["band"] == last], last.removeprefix(">")


def _said_of_hospitals(sheet: Sheet, m: Messages) -> list[Runs]:
    beyond, km = _beyond(sheet)
    return [
        m.say_n(
            "By measurement, {n} household ({share} of the households of all villages) is over {km} km from the nearest hospital, in a straight line.",
            "By measurement, {n} households ({share} of the households of all villages) are over {km} km from the nearest hospital, in a straight line.",
            row.figure("households"),
            share=row.figure("share"),
            km=km,
        )
        for row in beyond
        if row["service"] == Service.HOSPITAL
    ]


def _said_of_all(sheet: Sheet, m: Messages) -> list[Runs]:
    beyond, km = _beyond(sheet)
    if not all_known(beyond, "households"):
        return []
    ordered = sorted_down(beyond, "households")
    said = [
        m.say(
            "Households over {km} km from the nearest facility, from the largest number to the smallest: {services}.",
            km=km,
            services=listed(ordered, "households", _names(ordered, m), m.language),
        )
    ]
    unlocated = [row for row in sheet.rows if row["status"] == Status.NO_LOCATION and row["villages"]]
    # A village without a point is without one for all services alike.
    said += [
        m.say_n(
            "Not measured, for want of a location: {n} household; shares are of all households, with it.",
            "Not measured, for want of a location: {n} households; shares are of all households, with these.",
            row.figure("households"),
        )
        for row in unlocated[:1]
    ]
    return said


def _table(sheet: Sheet, m: Messages) -> TableBlock:
    bands = list(dict.fromkeys(row["band"] for row in sheet.rows if row["band"] is not None))
    others = [
        status
        for status in Status
        if any(row["status"] == status and row["band"] is None for row in sheet.rows)
    ]
    first = {row["service"]: row for row in reversed(sheet.rows)}
    rows: list[tuple[Runs, ...]] = []
    for service in dict.fromkeys(row["service"] for row in sheet.rows):
        cells = [sheet.row(service=service, band=band) for band in bands]
        cells += [
            next((row for row in sheet.where(service=service, status=one.value) if row["band"] is None), None)
            for one in others
        ]
        rows.append(((service_name(first[service], m.language),), *map(_households, cells)))
    said = [
        m.say(
            "All households of the villages, those with a facility in their village among them. Straight-line distances."
        )
    ]
    if any((_NOBODY,) in row for row in rows):
        said.append(m.say("A dash: there are no such villages."))
    return TableBlock(
        anchor="measured-distances",
        caption=m.say("Households by measured distance to the nearest facility"),
        note=sentences(said),
        headings=(
            m.text("Service"),
            *(band_name(band, m) for band in bands),
            *(STATUSES[one].label(m.language) for one in others),
        ),
        rows=tuple(rows),
        table=sheet.name,
    )


def _households(row: Row | None) -> Runs:
    """A status that no village has got no row."""
    return (_NOBODY,) if row is None else (row.figure("households"),)


def _chart(sheet: Sheet, m: Messages) -> list[Block]:
    """The shares of each band, and of what has no distance."""
    rows = [row for row in sheet.rows if row["service"] in {one["service"] for one in _measured(sheet)}]
    by_service = {
        one: [row for row in rows if row["service"] == one]
        for one in dict.fromkeys(row["service"] for row in rows)
    }
    lengths = {len(of) for of in by_service.values()}
    if len(lengths) != 1:
        return []
    kinds = next(iter(by_service.values()))
    chart = Chart(
        ChartKind.STACKED,
        tuple(service_name(of[0], m.language) for of in by_service.values()),
        tuple(
            Series(_part(kind, m), tuple(of[place].figure("share") for of in by_service.values()))
            for place, kind in enumerate(kinds)
        ),
        m.text("% of households of all villages"),
        aside=sum(kind["band"] is None for kind in kinds),
    )
    return [
        ChartBlock(
            anchor="measured-distances-chart",
            caption=m.say("Households by measured distance to the nearest facility, shares"),
            note=m.say("100% is all households of the villages. Straight-line distances."),
            chart=chart,
            description=described(chart, m.language),
        )
    ]


def _part(row: Row, m: Messages) -> str:
    return (
        STATUSES[Status(row["status"])].label(m.language)
        if row["band"] is None
        else band_name(row["band"], m)
    )


def _presence(sheet: Sheet, source: Source, m: Messages) -> list[Block]:
    """The villages with a facility close by, which is how a measurement says that a service is there."""
    km = source.manifest.parameters.get("presence_km")
    if km is None:
        return []
    near = source.sheets.numbers.exact(float(km))
    said = []
    ends = first_and_last(sheet.rows, "share_with")
    if ends is not None:
        most, fewest = ends
        said.append(
            m.say(
                "The share of villages with a facility inside them or within {km} km of their point ranges from {low} ({fewest}) to {high} ({most}).",
                km=near,
                low=fewest.figure("share_with"),
                fewest=in_sentence(service_name(fewest, m.language)),
                high=most.figure("share_with"),
                most=in_sentence(service_name(most, m.language)),
            )
        )
    has_unknown = any(row["villages_unknown"] != 0 for row in sheet.rows)
    columns = ["villages_with", "share_with", "villages_without", *["villages_unknown"] * has_unknown]
    table = TableBlock(
        anchor="measured-presence",
        caption=m.say("Villages with a facility within {km} km, as measured", km=near),
        note=m.say(
            "Shares are of the villages that were measured. Not the same as what key informants report of their communities."
        ),
        headings=(
            m.text("Service"),
            m.text("Villages with a facility"),
            m.text("Share"),
            m.text("Villages without"),
            *[m.text("Not measured")] * has_unknown,
        ),
        rows=tuple(
            ((service_name(row, m.language),), *((row.figure(column),) for column in columns))
            for row in sheet.rows
        ),
        table=sheet.name,
    )
    return [*paragraph(*said), table]


def _names(rows: Sequence[Row], m: Messages) -> list[str]:
    return [in_sentence(service_name(row, m.language)) for row in rows]
