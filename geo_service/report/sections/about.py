"""What the Mobility Tracking Matrix is, how it is done, and whom it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import Bullets, Definitions, Note, NoteKind, Section
from geo_service.report.messages import Messages, paragraph
from geo_service.report.sections.common import country_name, round_number
from geo_service.vocabulary import POPULATION_GROUPS, PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.source import Source

__all__ = ["about_sections"]


def about_sections(source: Source) -> list[Section]:
    """The operation, its method in two steps, and the five target groups."""
    m = Messages(source.language, "about")
    values = {"round": round_number(source), "country": country_name(source)}
    blocks: tuple[Block, ...] = (
        *paragraph(
            m.say(
                "The Mobility Tracking Matrix (MTM) is a system that follows the methodology of the Displacement Tracking Matrix (DTM) of the International Organization for Migration (IOM)."
            ),
            m.say(
                "It collects, processes and disseminates information on the movements and changing needs of mobile populations, regularly and in the same way each time."
            ),
            is_lead=True,
        ),
        *paragraph(
            m.say(
                "It lets IOM and its partners set priorities, direct resources and plan on the basis of evidence."
            ),
            m.say(
                "This report presents Round {round} of its Baseline Mobility Assessment ({country}).",
                **values,
            ),
        ),
        _method(m),
        _target_groups(m),
    )
    return [Section("about", m.text("About the Mobility Tracking Matrix"), blocks)]


def _method(m: Messages) -> Section:
    return Section(
        "method",
        m.text("Method"),
        (
            *paragraph(
                m.say(
                    "The Baseline Mobility Assessment asks where people of five target groups live, how many they are, which countries they came from or went to, when they moved and why."
                ),
                m.say("Data are collected from key informants, in two steps:"),
            ),
            Bullets(
                (
                    m.say(
                        "District level (B1): in each district, key informants name the villages with many arrivals and departures and give the approximate number of people of each target group."
                    ),
                    m.say(
                        "Village level (B2): the villages that B1 points to are visited. Key informants there are interviewed about the people of each target group and about the services that the village has. Further villages are assessed where key informants recommend it."
                    ),
                ),
                is_numbered=True,
            ),
            *paragraph(m.say("The numbers in this report are for the village level (B2).")),
            Note(
                NoteKind.REPORTED,
                m.say(
                    "The numbers are estimates of key informants for the villages assessed. They are neither a census nor a sample survey, and they cannot be extended to villages, districts or regions that were not assessed."
                ),
            ),
        ),
    )


def _target_groups(m: Messages) -> Section:
    """Of whom each group is made up, in any country."""
    meanings: dict[PopulationGroup, Runs] = {
        PopulationGroup.LABOUR_MIGRANTS: m.say("Foreign citizens who came to the country to work."),
        PopulationGroup.RETURNEES: m.say(
            "Citizens of the country who came back after a stay of more than six months abroad."
        ),
        PopulationGroup.EMIGRANTS: m.say("Citizens of the country who left it and now live abroad."),
        PopulationGroup.INTERNAL_MIGRANTS: m.say(
            "People from elsewhere in the country who now live in the villages assessed."
        ),
        PopulationGroup.INTERNAL_EMIGRANTS: m.say(
            "Citizens of the country who left the villages assessed and now live elsewhere in the country."
        ),
    }
    items = tuple((POPULATION_GROUPS[group].label(m.language), said) for group, said in meanings.items())
    return Section(
        "target-groups",
        m.text("Target groups"),
        (
            Definitions(items),
            *paragraph(
                m.say(
                    "A person may be counted in more than one group and in more than one village, so that the groups must not be added up."
                )
            ),
        ),
    )
