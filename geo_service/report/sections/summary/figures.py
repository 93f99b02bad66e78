"""The key figures, and the first paragraph of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import KeyFigure, KeyFigures
from geo_service.report.messages import joined, paragraph
from geo_service.report.sections.common import country_name, days, first_lower, round_number
from geo_service.report.sections.summary.rows import group_rows, main_countries, whole_row
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Paragraph, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row
    from geo_service.report.source import Source

__all__ = ["key_figures", "lead"]

_LEAST_KEY_FIGURES = 2


def key_figures(m: Messages, source: Source) -> list[Block]:
    """The numbers that a reader takes away: those that are known."""
    found: list[KeyFigure] = []
    if (informants := _informants(source)) is not None:
        found.append(KeyFigure(informants.figure("all_informants"), m.text("Key informants interviewed")))
    if (whole := whole_row(source)) is not None:
        found.append(KeyFigure(whole.figure("villages"), m.text("Villages assessed")))
    found += [KeyFigure(row.figure("individuals"), row.text()) for row in group_rows(source)]
    if len(countries := main_countries(source, PopulationGroup.EMIGRANTS)) == 1:
        [country] = countries
        label = m.text("Emigrants, country of destination: {country}", country=country.text())
        found.append(KeyFigure(country.figure("individuals"), label))
    known = tuple(one for one in found if one.figure.is_known)
    return [KeyFigures(known)] if len(known) >= _LEAST_KEY_FIGURES else []


def lead(m: Messages, source: Source) -> list[Paragraph]:
    """Where, when, whom: the round in a paragraph."""
    said: list[Runs] = []
    if (whole := whole_row(source)) is not None:
        said.append(
            m.say_n(
                "In Round {round} of the Baseline Mobility Assessment ({country}), {n} village was assessed.",
                "In Round {round} of the Baseline Mobility Assessment ({country}), {n} villages were assessed.",
                whole.figure("villages"),
                round=round_number(source),
                country=country_name(source),
            )
        )
        if whole["regions"]:
            said.append(
                m.say_n("They are in {n} region.", "They are in {n} regions.", whole.figure("regions"))
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
        for row in group_rows(source)
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


def _informants(source: Source) -> Row | None:
    by_sex = source.sheets.get("key_informants_by_sex")
    return by_sex.rows[0] if by_sex else None
