"""Rounds of few people for hypothesis: numbers so small that most tables have cells to hide. All made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from frames import facilities
from hypothesis import strategies as st
from rounds import parts_of_groups, round_units, small_round

from geo_service.coverage.access import access
from geo_service.coverage.report_tables import report_tables
from geo_service.release.tables import access_tables
from geo_service.vocabulary import Language


def few_people(villages, seed, most_people=12, most_households=9, unassigned=4, top=2):
    """All tables of a round of few people: its report tables and those of measured access, by name."""
    random = np.random.default_rng(seed)
    made = small_round(villages, seed % 5)
    places, mobility = made.villages.copy(), made.mobility.copy()
    places["households"] = pd.array(random.integers(0, most_households, villages), dtype="Int64")
    places["population"] = places["households"] * 4
    if unassigned:
        places.loc[random.integers(0, unassigned, villages) == 0, "adm2_pcode"] = pd.NA
        nowhere = random.integers(0, 2 * unassigned, villages) == 0
        places.loc[nowhere, ["adm1_pcode", "adm2_pcode"]] = pd.NA
        places.loc[random.integers(0, 2 * unassigned, villages) == 0, "households"] = pd.NA
    is_there = mobility["present"].to_numpy(dtype=bool)
    people = np.where(is_there, random.integers(1, most_people, len(mobility)), 0)
    mobility["individuals"] = pd.array(people, dtype="Int64")
    mobility["households"] = pd.array(np.minimum(people, 1), dtype="Int64")
    breakdowns = parts_of_groups(mobility, random).astype(made.breakdowns.dtypes.to_dict())
    made = replace(made, villages=places, mobility=mobility, breakdowns=breakdowns)
    measured = access(
        places,
        {
            one: facilities([(60.5 + shift, 50.5), (62.9, 50.2)], one)
            for shift, one in enumerate(("hospital", "school"))
        },
    )
    units = round_units()
    return report_tables(made, units=units, access=measured, top=top) | access_tables(
        measured, units, Language.EN
    )


@st.composite
def worlds_of_few(draw):
    """As `few_people`, of few villages or many."""
    return few_people(
        draw(st.integers(1, 8)),
        draw(st.integers(0, 100_000)),
        most_people=draw(st.sampled_from([3, 8, 40])),
        most_households=draw(st.sampled_from([3, 9, 30])),
        unassigned=draw(st.sampled_from([0, 3])),
        top=draw(st.integers(1, 4)),
    )
