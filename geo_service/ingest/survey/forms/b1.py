"""B1: what key informants of a district are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms.counts import count
from geo_service.ingest.survey.forms.form import Form, Section, labelled
from geo_service.ingest.survey.forms.groups import presence
from geo_service.ingest.survey.forms.lists import YES_NO_LIST, yes_no_choices
from geo_service.ingest.survey.forms.places import (
    date_question,
    place_choices,
    place_section,
    unit_questions,
    village_code,
    village_name,
)
from geo_service.vocabulary import POPULATION_GROUPS, PopulationGroup
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["b1_form"]

ESTIMATE = Wording(
    en="{group}: about how many individuals?",
    ru="{group}: примерно сколько человек?",
    kk="{group}: шамамен неше адам?",
)
TO_VISIT = Wording(en="Villages to visit", ru="Населённые пункты для посещения", kk="Баратын елді мекендер")


def b1_form(units: gpd.GeoDataFrame | None = None) -> Form:
    """The form of B1, one submission a district.

    Args:
        units: Schema `ADMIN_UNITS`, regions and maybe districts to choose from; a level that is not there is written as text.
    """
    is_anyone_there = " or ".join(f"{_present(group)} = 'yes'" for group in PopulationGroup)
    return Form(
        "B1",
        "B1 District assessment",
        (
            place_section(date_question(), *unit_questions(units)),
            *(_group(group) for group in PopulationGroup),
            Section(
                q.TO_VISIT,
                TO_VISIT(),
                (village_code(q.TO_VISIT_CODE), village_name(q.TO_VISIT_NAME)),
                repeats=True,
                relevant=is_anyone_there,
            ),
        ),
        {YES_NO_LIST: yes_no_choices(), **place_choices(units)},
    )


def _group(group: PopulationGroup) -> Section:
    estimate = count(
        q.estimate_question(group),
        ESTIMATE(group=POPULATION_GROUPS[group]),
        lowest=1,
        relevant=f"{_present(group)} = 'yes'",
    )
    return Section(group.value, labelled(POPULATION_GROUPS[group]), (presence(group), estimate))


def _present(group: PopulationGroup) -> str:
    return f"${{{q.group_question(group, 'present')}}}"
