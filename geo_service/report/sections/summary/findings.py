"""The main findings on groups and services, one a bullet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import Bullets, Note, NoteKind
from geo_service.report.messages import joined, sentences
from geo_service.report.sections.common import first_lower, leaders
from geo_service.report.sections.summary.rows import group_rows, main_countries, whole_row
from geo_service.vocabulary import Band, PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages, Value
    from geo_service.report.sheets import Row
    from geo_service.report.source import Source

__all__ = ["findings"]


def findings(m: Messages, source: Source) -> list[Block]:
    """A bullet a group and two on services, what their shares are of, and that they are reported."""
    of_groups = [one for row in group_rows(source) if (one := _of_group(m, source, row))]
    of_services = _of_services(m, source)
    blocks: list[Block] = []
    if items := (*of_groups, *of_services):
        blocks.append(Bullets(items))
    if blocks:
        blocks += [
            Note(NoteKind.BASE, _base(m, bool(of_groups), bool(of_services))),
            Note(NoteKind.REPORTED, _reported(m)),
        ]
    return [*blocks, *_synthetic(m, source)]


def _base(m: Messages, has_groups: bool, has_services: bool) -> Runs:
    """What shares are of."""
    return sentences(
        [
            m.say(
                "Shares of villages are of those that were asked about the group; shares of countries and regions are of the individuals of the group."
            )
            if has_groups
            else (),
            m.say("Shares of communities are of those where it is known whether the service is there.")
            if has_services
            else (),
        ]
    )


def _reported(m: Messages) -> Runs:
    return m.say(
        "Numbers of people, and which services there are, are what key informants reported; they were not measured."
    )


def _of_group(m: Messages, source: Source, row: Row) -> Runs:
    """Where a group is, its main country and its main region."""
    group = PopulationGroup(row["group"])
    if row["villages_present"] == 0:
        return m.say("{group}: reported in no village.", group=row.text())
    values: dict[str, Value] = {"group": row.text(), "share": row.figure("share_present")}
    if row["villages_unknown"] == 0:
        said = m.say_n(
            "{group}: reported in {present} of {n} village ({share}).",
            "{group}: reported in {present} of {n} villages ({share}).",
            row.figure("villages"),
            present=row.figure("villages_present"),
            **values,
        )
    else:
        said = m.say_n(
            "{group}: reported in {n} village, {share} of those that were asked about the group.",
            "{group}: reported in {n} villages, {share} of those that were asked about the group.",
            row.figure("villages_present"),
            **values,
        )
    if not said or not row["individuals"]:
        return said
    return sentences([said, _main_country(m, source, group), _main_region(m, source, group)])


def _main_country(m: Messages, source: Source, group: PopulationGroup) -> Runs:
    found = main_countries(source, group)
    if len(found) != 1:
        return ()
    values: dict[str, Value] = {"country": found[0].text(), "share": found[0].figure("share")}
    match group:
        case PopulationGroup.LABOUR_MIGRANTS:
            return m.say("Most frequent country of nationality: {country} ({share}).", **values)
        case PopulationGroup.RETURNEES:
            return m.say("Country that the largest number returned from: {country} ({share}).", **values)
        case _:
            return m.say("Most frequent country of destination: {country} ({share}).", **values)


def _main_region(m: Messages, source: Source, group: PopulationGroup) -> Runs:
    sheet = source.sheets.get(f"{group}_by_region")
    found = leaders(sheet.rows, "individuals") if sheet else []
    if len(found) != 1:
        return ()
    values: dict[str, Value] = {"region": found[0].text("name"), "share": found[0].figure("share")}
    if group in {PopulationGroup.EMIGRANTS, PopulationGroup.INTERNAL_EMIGRANTS}:
        return m.say("Region that the largest number left: {region} ({share}).", **values)
    return m.say("Region with the largest number: {region} ({share}).", **values)


def _of_services(m: Messages, source: Source) -> list[Runs]:
    """Which share of communities has each service; the one that the smallest share has, and who lives far from it."""
    sheet = source.sheets.get("services")
    known = [row for row in sheet.rows if row["share_with"] is not None] if sheet else []
    shares = [
        m.say("{service} ({share})", service=first_lower(row.text()), share=row.figure("share_with"))
        for row in sorted(known, key=lambda row: -row["share_with"])
    ]
    said = [
        m.say(
            "Shares of communities that have each service: {services}.",
            services=joined(shares, source.language),
        )
    ]
    least = min((row["share_with"] for row in known), default=None)
    fewest = [row for row in known if row["share_with"] == least]
    if sheet is not None and len(sheet.rows) == len(known) > len(fewest) == 1:
        [row] = fewest
        said.append(
            sentences(
                [
                    m.say(
                        "Service that the smallest share of communities has: {service} ({share}).",
                        service=first_lower(row.text()),
                        share=row.figure("share_with"),
                    ),
                    m.say_n(
                        "{n} community is reported to be without it.",
                        "{n} communities are reported to be without it.",
                        row.figure("villages_without"),
                    ),
                    _far(m, source, row),
                ]
            )
        )
    return [one for one in said if one]


def _far(m: Messages, source: Source, service: Row) -> Runs:
    sheet = source.sheets.get("households_without_service")
    row = sheet.row(service=service["service"], band=Band.OVER_25_KM.value) if sheet else None
    if row is None:
        return ()
    return m.say_n(
        "For {n} household of these communities the nearest one is reported to be more than {km} km away.",
        "For {n} households of these communities the nearest one is reported to be more than {km} km away.",
        row.figure("households"),
        km=Band.OVER_25_KM.value.removeprefix(">"),
    )


def _synthetic(m: Messages, source: Source) -> list[Note]:
    whole = whole_row(source)
    if whole is None or not whole["villages_synthetic"]:
        return []
    said = m.say(
        "Synthetic data: the answers about {synthetic} of {villages} villages are made up, not surveyed.",
        synthetic=whole.figure("villages_synthetic"),
        villages=whole.figure("villages"),
    )
    return [Note(NoteKind.SYNTHETIC, said)]
