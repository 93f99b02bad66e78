"""The key findings, and where the round was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.report.document import (
    Bullets,
    KeyFigure,
    KeyFigures,
    MapBlock,
    Note,
    NoteKind,
    Section,
    TableBlock,
)
from geo_service.report.messages import Messages, joined, paragraph, sentences
from geo_service.report.sections.common import (
    country_name,
    days,
    first_lower,
    in_order,
    leaders,
    round_number,
)
from geo_service.vocabulary import OTHER_COUNTRY, UNKNOWN_COUNTRY, Band, PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Paragraph, Runs
    from geo_service.report.messages import Value
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["summary_sections"]

_LEAST_KEY_FIGURES = 2
_NO_COUNTRY = {"rest", OTHER_COUNTRY, UNKNOWN_COUNTRY}


def summary_sections(source: Source) -> list[Section]:
    """The key findings with the key figures; then where villages were assessed."""
    m = Messages(source.language, "summary")
    findings = (*_key_figures(m, source), *_lead(m, source), *_findings(m, source))
    sections = [Section("summary", m.text("Key findings"), findings)] if findings else []
    return [*sections, *_coverage(m, source)]


def _whole(source: Source) -> Row | None:
    coverage = source.sheets.get("coverage")
    return coverage.rows[0] if coverage else None


def _informants(source: Source) -> Row | None:
    by_sex = source.sheets.get("key_informants_by_sex")
    return by_sex.rows[0] if by_sex else None


def _groups(source: Source) -> list[Row]:
    groups = source.sheets.get("groups")
    return groups.rows if groups else []


def _key_figures(m: Messages, source: Source) -> list[Block]:
    found: list[KeyFigure] = []
    if (informants := _informants(source)) is not None:
        found.append(KeyFigure(informants.figure("all_informants"), m.text("Key informants interviewed")))
    if (whole := _whole(source)) is not None:
        found.append(KeyFigure(whole.figure("villages"), m.text("Villages assessed")))
    found += [KeyFigure(row.figure("individuals"), row.text()) for row in _groups(source)]
    if len(countries := _main_countries(source, PopulationGroup.EMIGRANTS)) == 1:
        [country] = countries
        label = m.text("Emigrants, country of destination: {country}", country=country.text())
        found.append(KeyFigure(country.figure("individuals"), label))
    known = tuple(one for one in found if one.figure.is_known)
    return [KeyFigures(known)] if len(known) >= _LEAST_KEY_FIGURES else []


def _lead(m: Messages, source: Source) -> list[Paragraph]:
    said: list[Runs] = []
    if (whole := _whole(source)) is not None:
        said.append(
            m.say_n(
                "In Round {round} of the Baseline Mobility Assessment ({country}), {n} village was assessed.",
                "In Round {round} of the Baseline Mobility Assessment ({country}), {n} villages were assessed.",
                whole.figure("villages"),
                round=round_number(source),
                country=country_name(source),
            )
        )
    said.append(_collected(m, source))
    if (informants := _informants(source)) is not None:
        said.append(
            m.say_n(
                "{n} key informant was interviewed.",
                "{n} key informants were interviewed.",
                informants.figure("all_informants"),
            )
        )
    items = [
        m.say("{group} ({individuals})", group=first_lower(row.text()), individuals=row.figure("individuals"))
        for row in _groups(source)
    ]
    said.append(
        m.say(
            "Key informants reported, in individuals: {groups}.",
            groups=joined([one for one in items if one], source.language),
        )
    )
    return paragraph(*said, is_lead=True)


def _collected(m: Messages, source: Source) -> Runs:
    collected = days(source)
    if collected is None:
        return ()
    first, last = collected
    if first == last:
        return m.say("Data were collected on {day}.", day=first)
    return m.say("Data were collected from {first} to {last}.", first=first, last=last)


def _findings(m: Messages, source: Source) -> list[Block]:
    of_groups = [one for row in _groups(source) if (one := _of_group(m, source, row))]
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
                "Shares of villages are of those where it was asked about the group; shares of countries and regions are of the individuals of the group."
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
        said = m.say(
            "{group}: present in {present} of {villages} villages ({share}).",
            present=row.figure("villages_present"),
            villages=row.figure("villages"),
            **values,
        )
    else:
        said = m.say_n(
            "{group}: present in {n} village, {share} of those where it was asked.",
            "{group}: present in {n} villages, {share} of those where it was asked.",
            row.figure("villages_present"),
            **values,
        )
    if not said or not row["individuals"]:
        return said
    return sentences([said, _main_country(m, source, group), _main_region(m, source, group)])


def _main_countries(source: Source, group: PopulationGroup) -> list[Row]:
    """The country of the most individuals of a group, or several; those not told apart are none."""
    sheet = source.sheets.get(f"{group}_top_countries")
    if sheet is None:
        return []
    found = leaders(
        [row for row in sheet.rows if row["code"] not in {"rest", UNKNOWN_COUNTRY}], "individuals"
    )
    return [] if any(row["code"] in _NO_COUNTRY for row in found) else found


def _main_country(m: Messages, source: Source, group: PopulationGroup) -> Runs:
    found = _main_countries(source, group)
    if len(found) != 1:
        return ()
    values: dict[str, Value] = {"country": found[0].text(), "share": found[0].figure("share")}
    match group:
        case PopulationGroup.LABOUR_MIGRANTS:
            return m.say("Country of citizenship of the largest number: {country} ({share}).", **values)
        case PopulationGroup.RETURNEES:
            return m.say("Country that the largest number returned from: {country} ({share}).", **values)
        case _:
            return m.say("Country that the largest number went to: {country} ({share}).", **values)


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
    """The service that the smallest share of communities has, and who lives far from it."""
    sheet = source.sheets.get("services")
    rows = [row for row in sheet.rows if row["share_with"] is not None] if sheet else []
    if not rows:
        return []
    least = min(row["share_with"] for row in rows)
    found = [row for row in rows if row["share_with"] == least]
    if len(found) != 1 or len(rows) == 1:
        return []
    [row] = found
    said = [
        m.say(
            "Service that the smallest share of communities has: {service} ({share}).",
            service=first_lower(row.text()),
            share=row.figure("share_with"),
        ),
        m.say_n(
            "{n} community is without it.", "{n} communities are without it.", row.figure("villages_without")
        ),
        _far(m, source, row),
    ]
    return [one] if (one := sentences(said)) else []


def _far(m: Messages, source: Source, service: Row) -> Runs:
    sheet = source.sheets.get("households_without_service")
    row = sheet.row(service=service["service"], band=Band.OVER_25_KM.value) if sheet else None
    if row is None:
        return ()
    return m.say_n(
        "For {n} household of these communities the nearest one is more than {km} km away.",
        "For {n} households of these communities the nearest one is more than {km} km away.",
        row.figure("households"),
        km=Band.OVER_25_KM.value.removeprefix(">"),
    )


def _synthetic(m: Messages, source: Source) -> list[Note]:
    whole = _whole(source)
    if whole is None or not whole["villages_synthetic"]:
        return []
    said = m.say(
        "Synthetic data: the answers about {synthetic} of {villages} villages are made up, not surveyed.",
        synthetic=whole.figure("villages_synthetic"),
        villages=whole.figure("villages"),
    )
    return [Note(NoteKind.SYNTHETIC, said)]


def _coverage(m: Messages, source: Source) -> list[Section]:
    whole = _whole(source)
    by_region = source.sheets.get("coverage_by_region")
    if whole is None:
        return []
    blocks: list[Block] = [
        *paragraph(
            m.say_n(
                "The assessment covered {n} village, with {households} households and {population} inhabitants.",
                "The assessment covered {n} villages, with {households} households and {population} inhabitants.",
                whole.figure("villages"),
                households=whole.figure("households"),
                population=whole.figure("population"),
            ),
            _most_assessed(m, by_region),
            is_lead=True,
        ),
        *paragraph(*_not_known(m, whole)),
    ]
    picture = source.map(MapQuestion(MapKind.COVERAGE))
    if picture is not None:
        blocks.append(
            MapBlock(anchor="map-coverage", caption=m.say("Where villages were assessed"), picture=picture)
        )
    if by_region is not None:
        blocks += _by_region(m, by_region)
    return [Section("coverage", m.text("Geographic coverage"), tuple(blocks))]


def _most_assessed(m: Messages, by_region: Sheet | None) -> Runs:
    rows = [row for row in by_region.rows if row["pcode"] is not None] if by_region else []
    found = leaders(rows, "villages")
    if len(found) != 1 or len(in_order(rows, "villages")) == 1:
        return ()
    return m.say(
        "The region with the most villages assessed: {region} ({villages}).",
        region=found[0].text("name"),
        villages=found[0].figure("villages"),
    )


def _not_known(m: Messages, whole: Row) -> list[Runs]:
    said: list[Runs] = []
    if whole["villages_uncounted"]:
        said.append(
            m.say_n(
                "The number of households of {n} village is not known and is not in these totals.",
                "The numbers of households of {n} villages are not known and are not in these totals.",
                whole.figure("villages_uncounted"),
            )
        )
    if whole["villages_located"] is not None and whole["villages_located"] != whole["villages"]:
        said.append(
            m.say(
                "Villages with known coordinates: {located} of {villages}; the others are not drawn as points on maps.",
                located=whole.figure("villages_located"),
                villages=whole.figure("villages"),
            )
        )
    return said


def _by_region(m: Messages, sheet: Sheet) -> list[Block]:
    rows = in_order(sheet.rows, "villages")
    if not rows:
        return []
    return [
        TableBlock(
            anchor="table-coverage-by-region",
            caption=m.say("Villages assessed, by region"),
            note=m.say(
                "Regions without an assessed village are not listed. Households and inhabitants are those of the villages assessed, not of the whole region."
            ),
            headings=(m.text("Region"), m.text("Villages"), m.text("Households"), m.text("Inhabitants")),
            rows=tuple(
                (
                    (row.text("name") or m.text("In no region"),),
                    (row.figure("villages"),),
                    (row.figure("households"),),
                    (row.figure("population"),),
                )
                for row in rows
            ),
            table=sheet.name,
        )
    ]
