"""Survey rounds for hypothesis: those of `rounds`, with villages that are not assigned and answers that are not known. All made up."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from rounds import small_round

ONE_IN = 4
base_round = cache(small_round)
"""A small round that is made once; never to be changed in place."""


@st.composite
def round_worlds(draw, most_villages=6, number=3):
    """A round whose parts are never more than their group where its number is known, with whatever the schemas allow to be unknown."""
    count = draw(st.integers(1, most_villages))
    made = base_round(count, draw(st.integers(0, 4)), number)
    random = np.random.default_rng(draw(st.integers(0, 10_000)))

    def some(rows):
        return random.integers(0, ONE_IN, rows) == 0

    villages = made.villages.copy()
    villages.loc[some(count), "adm2_pcode"] = pd.NA
    villages.loc[some(count), ["adm1_pcode", "adm2_pcode"]] = pd.NA
    villages.loc[some(count), "households"] = pd.NA
    mobility = made.mobility.copy()
    not_asked, not_counted = (
        some(len(mobility)),
        some(len(mobility)) & mobility["present"].fillna(value=False),
    )
    mobility.loc[not_asked, "present"] = pd.NA
    mobility.loc[not_asked | not_counted, ["individuals", "households"]] = pd.NA
    # Parts may be given where their total is not.
    asked = mobility.loc[~not_asked, ["village_id", "group"]]
    breakdowns = made.breakdowns.merge(asked, on=["village_id", "group"])
    breakdowns = breakdowns.astype(made.breakdowns.dtypes.to_dict())
    reported = made.reported_access.copy()
    reported.loc[some(len(reported)), "band"] = None
    not_said = some(len(reported))
    reported.loc[not_said, "present"] = pd.NA
    reported.loc[not_said, "band"] = None
    return replace(
        made, villages=villages, mobility=mobility, breakdowns=breakdowns, reported_access=reported
    )
