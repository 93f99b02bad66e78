"""Two rounds compared: villages in both, lost and gained make up each round, and the same villages are counted alike."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_worlds import round_worlds
from rounds import REGIONS, round_units, small_round

from geo_service.coverage.comparison import compare_rounds
from geo_service.vocabulary import AdminLevel

# What it runs is run by other tests too; tracing would double its time.

LEVELS = st.sampled_from([None, AdminLevel.REGION, AdminLevel.DISTRICT])


def only(survey_round, ids):
    """The round as if it had visited only these of its villages."""
    frames = {
        name: frame[frame["village_id"].isin(ids)].reset_index(drop=True)
        for name, frame in survey_round.frames()
        if "village_id" in frame
    }
    return replace(survey_round, **frames)


@settings(max_examples=20)
@given(
    earlier=round_worlds(number=2),
    later=round_worlds(number=3),
    dropped=st.sets(st.integers(1, 9), max_size=3),
    by=LEVELS,
)
def test_both_and_lost_are_the_earlier_round_both_and_gained_the_later(earlier, later, dropped, by):
    later = only(later, set(later.villages["village_id"]) - {f"99{one:07d}" for one in dropped})

    table = compare_rounds(earlier, later, by, units=round_units())

    assert (table["villages_both"] + table["villages_lost"]).tolist() == table["villages_earlier"].tolist()
    assert (table["villages_both"] + table["villages_gained"]).tolist() == table["villages_later"].tolist()
    assert (table["villages_same"] <= table["villages_both"]).all()
    ids = [set(one.villages["village_id"]) for one in (earlier, later)]
    by_group = table.groupby("group", observed=False)
    assert by_group["villages_earlier"].sum().tolist() == [len(ids[0])] * 5
    assert by_group["villages_later"].sum().tolist() == [len(ids[1])] * 5
    assert by_group["villages_both"].sum().tolist() == [len(ids[0] & ids[1])] * 5
    for name, one in (("individuals_earlier", earlier), ("individuals_later", later)):
        expected = one.mobility.groupby("group", observed=False)["individuals"].sum()
        assert by_group[name].sum().tolist() == expected.tolist()
    both = earlier.mobility.merge(later.mobility, on=["village_id", "group"]).dropna(
        subset=["individuals_x", "individuals_y"]
    )
    assert table["same_earlier"].sum() == both["individuals_x"].sum()
    assert table["same_later"].sum() == both["individuals_y"].sum()
    known = table.dropna(subset=["same_change"])
    assert (known["same_later"] - known["same_earlier"]).tolist() == known["same_change"].tolist()
    is_relative = table["individuals_earlier"].gt(0) & table["individuals_later"].notna()
    assert table["change_relative"].notna().tolist() == is_relative.fillna(value=False).tolist()


def test_a_round_against_itself_changed_nothing():
    made = small_round(5)
    table = compare_rounds(made, made)
    assert table["change"].tolist() == table["same_change"].tolist() == [0] * 5
    assert table["villages_same"].tolist() == [5] * 5
    assert table["villages_lost"].tolist() == table["villages_gained"].tolist() == [0] * 5


def test_other_villages_change_the_whole_and_not_the_same_villages():
    first, second = small_round(2, number=2), small_round(2, number=3)
    earlier = only(first, ["990000001"])

    table = compare_rounds(earlier, second).set_index("group")

    more = second.mobility.groupby("group", observed=False)["individuals"].sum()
    assert table["villages_gained"].tolist() == [1] * 5
    assert table["same_change"].tolist() == [0] * 5
    assert table["individuals_later"].to_dict() == more.to_dict()


def test_where_a_round_visited_nobody_its_number_is_null_and_so_is_the_change():
    first, second = small_round(4, number=2), small_round(4, number=3)
    of_one_region = first.villages.loc[first.villages["adm1_pcode"] == REGIONS[0], "village_id"]

    table = compare_rounds(only(first, of_one_region), second, AdminLevel.REGION, units=round_units())

    away = table[table["pcode"] == REGIONS[1]]
    nothing = [
        "individuals_earlier",
        "change",
        "change_relative",
        "same_earlier",
        "same_later",
        "same_change",
    ]
    assert away[nothing].isna().all(axis=None)
    assert away["individuals_later"].notna().all()


def test_a_village_of_both_rounds_is_in_the_unit_of_the_later_and_a_lost_one_keeps_its_own():
    earlier, later = small_round(2, number=2), only(small_round(2, number=3), ["990000001"])
    later.villages["adm1_pcode"] = pd.array([REGIONS[1]], dtype="string")

    table = compare_rounds(earlier, later, AdminLevel.REGION)

    by_unit = table.groupby("pcode")[["villages_both", "villages_lost"]].first()
    assert by_unit.loc[REGIONS[1]].tolist() == [1, 0]
    assert by_unit.loc[REGIONS[0]].tolist() == [0, 1]


@pytest.mark.parametrize(("language", "word"), [("en", "round 2"), ("ru", "раунду 2"), ("kk", "2-раунд")])
def test_the_base_of_the_change_is_said_in_the_language(language, word):
    table = compare_rounds(small_round(1, number=2), small_round(1), language=language)
    assert word in table.attrs["base"]
    assert (table.attrs["earlier_round"], table.attrs["later_round"]) == (2, 3)
