"""Rounds compared: which villages both visited, and how the groups changed in those and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geo_service.coverage.labels import label_array, reported_table
from geo_service.coverage.units import code_positions, counts, ratio, sums, unit_rows, with_units
from geo_service.vocabulary import POPULATION_GROUPS, AdminLevel, Language, PopulationGroup
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from geo_service.schemas import SurveyRound

__all__ = ["compare_rounds"]

BASE = Wording(
    en="change_relative and same_change_relative: (later - earlier) / earlier, against round {earlier}",
    ru="change_relative и same_change_relative: (later - earlier) / earlier, по отношению к раунду {earlier}",
    kk="change_relative және same_change_relative: (later - earlier) / earlier, {earlier}-раундқа қатысты",
)
RULE = Wording(
    en="'same' counts the villages of both rounds where the number is known in both; the others count every village of their round",
    ru="«same» — населённые пункты обоих раундов, где численность известна в обоих; остальные столбцы — все населённые пункты своего раунда",
    kk="«same» — екі раундтың да саны белгілі елді мекендері; қалған бағандар — өз раундының барлық елді мекендері",
)


def compare_rounds(
    earlier: SurveyRound,
    later: SurveyRound,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How each population group changed between two rounds: in the same villages only, and in all.

    A round that visits other villages finds other people; only the same villages tell a change from a change of coverage.

    Args:
        earlier: The round that change is counted from.
        later: The other. A village is the same when its `village_id` is.
        by: A level of admin units to split by; null for the whole. A village of both rounds is in the unit that the later one gives it.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `group` (category), `label` and:

        - `villages_earlier`, `villages_later`, of them `villages_both`, `villages_lost` (only in the earlier), `villages_gained` (only in the later) and
          `villages_same` (in both, with a known number of the group in both), int64;
        - all villages: `individuals_earlier`, `individuals_later`, `change` (Int64), `change_relative` (float64);
        - the same villages: `same_earlier`, `same_later`, `same_change` (Int64), `same_change_relative` (float64).

        Individuals are null where there is no such village or no number is known; a change is null where either is; a relative change also where the earlier is 0.
        A row for every unit and group.

    Raises:
        InputError: A village is twice in a round, `by` is the country, or there is no such column.
    """
    both = _pairs(earlier, later)
    rows = unit_rows(both, by)
    groups = [group.value for group in PopulationGroup]
    shape = (len(rows.pcodes), len(groups))
    keys = (rows.position, code_positions(both["group"], groups))
    in_earlier, in_later = both["in_earlier"].to_numpy(), both["in_later"].to_numpy()
    is_same = (both["earlier"].notna() & both["later"].notna()).to_numpy()
    villages = {
        "villages_earlier": in_earlier,
        "villages_later": in_later,
        "villages_both": in_earlier & in_later,
        "villages_lost": in_earlier & ~in_later,
        "villages_gained": in_later & ~in_earlier,
        "villages_same": is_same,
    }
    individuals = {
        "individuals_earlier": _individuals(both["earlier"], in_earlier, shape, keys),
        "individuals_later": _individuals(both["later"], in_later, shape, keys),
        "same_earlier": _individuals(both["earlier"], is_same, shape, keys),
        "same_later": _individuals(both["later"], is_same, shape, keys),
    }
    change = individuals["individuals_later"] - individuals["individuals_earlier"]
    same_change = individuals["same_later"] - individuals["same_earlier"]
    codes = groups * len(rows.pcodes)
    return reported_table(
        rows.columns(len(groups), units, language)
        | {
            "group": pd.Categorical(codes, categories=groups),
            "label": label_array(codes, POPULATION_GROUPS, language),
        }
        | {name: counts(shape, *keys, where=where).ravel() for name, where in villages.items()}
        | {
            "individuals_earlier": individuals["individuals_earlier"],
            "individuals_later": individuals["individuals_later"],
            "change": change,
            "change_relative": ratio(change, individuals["individuals_earlier"]),
            "same_earlier": individuals["same_earlier"],
            "same_later": individuals["same_later"],
            "same_change": same_change,
            "same_change_relative": ratio(same_change, individuals["same_earlier"]),
        },
        language,
        by=rows.by,
        earlier_round=earlier.number,
        later_round=later.number,
        rule=RULE(),
        base=BASE(earlier=earlier.number),
    )


def _pairs(earlier: SurveyRound, later: SurveyRound) -> pd.DataFrame:
    """A row a village and group of either round: the individuals of each, whether each visited it, and its units."""
    columns = ["village_id", "group", "individuals"]
    first, second = (
        with_units(one.mobility[columns], one.villages).rename(columns={"individuals": name})
        for name, one in (("earlier", earlier), ("later", later))
    )
    codes = ["adm1_pcode", "adm2_pcode"]
    pairs = first.astype(dict.fromkeys(codes, "string")).merge(
        second.astype(dict.fromkeys(codes, "string")),
        how="outer",
        on=["village_id", "group"],
        suffixes=("_earlier", ""),
        indicator="visited",
    )
    in_later = pairs["visited"] != "left_only"
    units = {code: pairs[code].where(in_later, pairs[f"{code}_earlier"]) for code in codes}
    return pairs.assign(**units, in_earlier=pairs["visited"] != "right_only", in_later=in_later)


def _individuals(
    values: pd.Series,
    is_counted: NDArray[np.bool_],
    shape: tuple[int, ...],
    keys: tuple[NDArray[np.int64], ...],
) -> pd.api.extensions.ExtensionArray:
    """Their sum in every cell; null where a round has no village, as nobody was counted there."""
    counted = [key[is_counted] for key in keys]
    total = pd.Series(sums(values[is_counted], shape, *counted))
    return total.mask(counts(shape, *counted).ravel() == 0).array
