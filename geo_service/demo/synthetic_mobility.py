"""The frames of made-up people: who is in which village (`MOBILITY`), and by what they are broken down (`BREAKDOWNS`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.demo.synthetic_groups import breakdown_of, households_of, individuals_of, parts_of
from geo_service.vocabulary import Dimension, PopulationGroup

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.demo.figures import Figures

__all__ = ["synthetic_mobility"]

_LIVE_HERE = (PopulationGroup.LABOUR_MIGRANTS, PopulationGroup.RETURNEES, PopulationGroup.INTERNAL_MIGRANTS)
_GROUP = pd.CategoricalDtype([*PopulationGroup])
_DIMENSION = pd.CategoricalDtype([*Dimension])


def synthetic_mobility(
    figures: Figures, villages: pd.DataFrame, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The people of every group in every village, with totals as printed.

    Args:
        figures: What is printed; about a group that is not, nobody was asked.
        villages: Schema `ASSESSED_VILLAGES`, each with households and population: where it can be, no group has more.
        random: Where the draw comes from.

    Returns:
        Frames of schemas `MOBILITY` and `BREAKDOWNS`, in the order of the villages.

    Raises:
        InputError: No villages can have these figures; the message says which.
    """
    region = villages["adm1_pcode"].to_numpy(dtype=object, na_value=None)
    population = villages["population"].to_numpy(dtype=np.int64)
    own_households = villages["households"].to_numpy(dtype=np.int64)
    groups, room = figures.groups(), population
    answers, parts = [], []
    for group in PopulationGroup:
        printed = groups.get(group)
        if printed is None:
            answers.append(_answers(group, None, None, len(villages)))
            continue
        within = room if group in _LIVE_HERE else population
        individuals = individuals_of(printed, region, within, list(figures.regions), group, random)
        households = households_of(printed, individuals, own_households, group, random)
        answers.append(_answers(group, individuals, households, len(villages)))
        parts += [
            breakdown_of(individuals, counts, random).assign(group=group.value, dimension=dimension.value)
            for dimension, counts in parts_of(printed, group).items()
        ]
        if group in _LIVE_HERE:
            room = room - individuals
    nothing = pd.DataFrame({"village": [], "group": [], "dimension": [], "code": [], "individuals": []})
    mobility = _by_village(pd.concat(answers), villages)
    breakdowns = _by_village(pd.concat(parts) if parts else nothing, villages)
    breakdowns = breakdowns.astype({"dimension": _DIMENSION, "code": "string", "individuals": "int64"})
    return mobility, breakdowns[["village_id", "group", "dimension", "code", "individuals"]]


def _answers(
    group: PopulationGroup,
    individuals: NDArray[np.int64] | None,
    households: NDArray[np.int64] | None,
    villages: int,
) -> pd.DataFrame:
    """The rows of one group, null where nothing is printed about it."""
    nothing = [pd.NA] * villages
    return pd.DataFrame(
        {
            "village": np.arange(villages),
            "group": group.value,
            "present": pd.array(nothing if individuals is None else individuals > 0, dtype="boolean"),
            "individuals": pd.array(nothing if individuals is None else individuals, dtype="Int64"),
            "households": pd.array(nothing if households is None else households, dtype="Int64"),
        }
    )


def _by_village(rows: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """The rows village by village, with its `village_id` in place of its position."""
    rows = rows.sort_values("village", kind="stable", ignore_index=True)
    ids = villages["village_id"].array.take(rows.pop("village").to_numpy(dtype=np.intp))
    rows.insert(0, "village_id", ids)
    return rows.astype({"group": _GROUP})
