"""Public editions of report tables: an attacker who reads all of them computes no hidden number."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from rounds import round_units
from suppression_attacker import BANDS, Attacker
from suppression_worlds import few_people, worlds_of_few

from geo_service.coverage import guarded_tables, suppress_system
from geo_service.coverage.report_tables import report_tables
from geo_service.coverage.suppression import Guard, guard, public_tables
from geo_service.errors import InputError
from geo_service.vocabulary import Dimension, Language, PopulationGroup

THRESHOLD = 5
TABLES = few_people(9, 11, most_people=30)
PUBLIC = public_tables(TABLES)

GROWTH_SEED = 8
"""Of a round where a year of a region is hidden and the one before is shown."""

NOT_PUBLIC = ("key_informants", "contradictions", "change_since")


def attacked(tables, **options):
    """The attacker of the public editions, and the names of what is hidden in them that was known."""
    public = public_tables(tables, **options)
    truth = Attacker({name: tables[name].assign(suppressed=False) for name in public}).known
    attacker = Attacker(public)
    return attacker, {name for name in attacker.hidden if truth[name] > 0}


@given(worlds_of_few())
@settings(max_examples=3)
def test_no_hidden_number_can_be_narrowed_below_the_threshold(tables):
    attacker, hidden = attacked(tables)
    assert attacker.narrow(hidden, THRESHOLD - 1) == []


@given(worlds_of_few())
@settings(max_examples=2)
def test_hidden_numbers_of_people_can_have_as_many_whole_values_as_the_threshold(tables):
    attacker, hidden = attacked(tables)
    some = sorted((name for name in hidden if name[0] in {"individuals", "by"}), key=str)[::60]
    for name in some:
        assert attacker.possible(name, THRESHOLD) == THRESHOLD, name


def test_the_audit_finds_nothing_either():
    assert guard(TABLES).exposed() == []


def test_small_numbers_are_nowhere():
    for name, table in PUBLIC.items():
        for column in ("individuals", "base_individuals", "households", "households_with", "population"):
            if column in table:
                shown = table[column].dropna()
                assert not ((shown > 0) & (shown < THRESHOLD)).any(), (name, column)


def test_a_threshold_of_three_shows_threes():
    attacker, hidden = attacked(TABLES, threshold=3)
    assert attacker.narrow(hidden, 2) == []
    assert len(hidden) < len(Attacker(PUBLIC).hidden)
    assert min(value for name, value in attacker.known.items() if name[0] == "by" and value) == 3


# Mutations: each takes a part of the hiding away, and the attacker wins


def wins(tables, public):
    truth = Attacker({name: tables[name].assign(suppressed=False) for name in public}).known
    attacker = Attacker(public)
    return attacker.narrow({name for name in attacker.hidden if truth[name] > 0}, THRESHOLD - 1)


def test_without_complementary_cells_the_attacker_wins(monkeypatch):
    monkeypatch.setattr(
        suppress_system, "suppress", lambda cells, primary: primary & cells.shown & (cells.value > 0)
    )
    assert wins(TABLES, public_tables(TABLES))


@pytest.mark.parametrize(
    ("name", "column"), [("groups_by_region", "share"), ("concentration_by_region", "per_km2")]
)
def test_where_a_derived_number_is_left_the_attacker_wins(name, column):
    public = dict(PUBLIC)
    public[name] = public[name].assign(**{column: TABLES[name][column].array})
    assert wins(TABLES, public)


def test_where_growth_is_left_the_attacker_wins():
    tables = {
        name: table
        for name, table in few_people(14, GROWTH_SEED, most_people=200).items()
        if name.startswith(("groups", "returnees"))
    }
    public = public_tables(tables)
    name = "returnees_growth_by_region"
    one_shown = public[name]["base_individuals"].notna() ^ public[name]["individuals"].notna()
    assert (one_shown & tables[name]["difference"].notna()).any()
    left = public[name].assign(difference=tables[name]["difference"].array)
    assert wins(tables, public | {name: left})


def test_where_a_cell_is_shown_in_one_table_of_two_it_is_noticed():
    name = "groups_by_region"
    public = PUBLIC | {name: PUBLIC[name].assign(individuals=TABLES[name]["individuals"].array)}
    with pytest.raises(AssertionError, match=r"is hidden in one table|is .* and"):
        Attacker(public)


# What the tables look like


def test_the_public_sees_no_informants_and_no_villages():
    earlier = {f"change_since_round_2{end}": TABLES["groups"] for end in ("", "_by_region")}
    public = public_tables(TABLES | earlier | {"villages_to_visit": TABLES["groups"]})
    assert set(public) == set(PUBLIC)
    assert not [name for name in public if name.startswith((*NOT_PUBLIC, "villages"))]
    assert not [name for table in public.values() for name in table if name.startswith("village_")]


def test_breakdowns_and_growth_end_at_regions():
    for group, dimension in itertools.product(PopulationGroup, Dimension):
        name = f"{group}_by_{dimension}"
        assert (name in TABLES) == (name in PUBLIC) == (f"{name}_and_region" in PUBLIC)
        assert f"{name}_and_district" not in PUBLIC
        assert f"{group}_growth_by_district" not in PUBLIC
    assert "returnees_by_district" in PUBLIC


def test_columns_stay_and_one_says_what_is_suppressed():
    for name, table in PUBLIC.items():
        assert list(table) == [*TABLES[name], "suppressed"]
        assert table["suppressed"].dtype == bool
        assert table.attrs["suppressed_below"] == THRESHOLD
        assert table.attrs["title"] == TABLES[name].attrs["title"]


def test_a_null_that_is_not_suppressed_was_not_known():
    for name, table in PUBLIC.items():
        if "code" in table:
            continue
        withheld = table.attrs.get("withheld", [])
        for column in set(TABLES[name]) - set(withheld):
            gone = table[column].isna() & TABLES[name][column].notna()
            assert table["suppressed"][gone].all(), (name, column)


def test_a_row_that_lost_nothing_is_not_suppressed():
    for name, table in PUBLIC.items():
        if "code" not in table:
            rest = [column for column in TABLES[name] if column not in table.attrs.get("withheld", [])]
            lost = (table[rest].isna() & TABLES[name][rest].notna()).any(axis=1)
            assert (table["suppressed"] == lost).all(), name


def test_households_of_groups_and_countries_of_units_are_withheld():
    assert PUBLIC["groups_by_region"].attrs["withheld"] == ["households", "countries"]
    assert PUBLIC["groups_by_region"]["households"].isna().all()
    assert PUBLIC["groups_by_region"]["countries"].isna().all()
    assert PUBLIC["groups"].attrs["withheld"] == ["households"]
    assert PUBLIC["groups"]["countries"].notna().any()
    assert set(guarded_tables.WITHHELD) == {"households", "countries"}


def test_counts_of_villages_stay():
    for name in ("agreement_by_district", "service_presence_and_district"):
        pd.testing.assert_frame_equal(PUBLIC[name].drop(columns="suppressed"), TABLES[name])
        assert not PUBLIC[name]["suppressed"].any()
    assert PUBLIC["services"]["share_with"].equals(TABLES["services"]["share_with"])


def test_a_number_of_one_village_is_hidden_unless_it_may_be_shown():
    of_one = TABLES["groups_by_district"]["villages_present"] == 1
    assert of_one.any()
    assert PUBLIC["groups_by_district"].loc[of_one, "individuals"].isna().all()
    any_village = public_tables(TABLES, least_villages=1)["groups_by_district"]
    assert any_village.loc[of_one, "individuals"].notna().any()


def test_hidden_rows_come_after_shown_ones_so_that_their_place_says_nothing():
    hidden_rows = 0
    for name, table in PUBLIC.items():
        if "code" not in table or not name.endswith(("_by_country", "_by_reason", "_top_countries")):
            continue
        named = table[~table["code"].isin(["other", "rest", "unknown"])]
        is_hidden = named["individuals"].isna().to_numpy()
        hidden_rows += is_hidden.sum()
        assert (np.diff(is_hidden.astype(int)) >= 0).all(), name
        assert named.loc[is_hidden, "code"].is_monotonic_increasing, name
        assert named["individuals"].dropna().is_monotonic_decreasing, name
    assert hidden_rows > 0


def test_units_have_their_codes_in_the_order_of_the_whole():
    for group in PopulationGroup:
        whole = list(PUBLIC[f"{group}_by_reason"]["code"])
        by_unit = PUBLIC[f"{group}_by_reason_and_region"]
        for _, rows in by_unit.groupby("pcode", dropna=False):
            assert list(rows["code"]) == whole


def test_the_tables_of_each_language_are_guarded_alike():
    made = guard(TABLES)
    assert isinstance(made, Guard)
    for name, table in made.tables(TABLES).items():
        pd.testing.assert_frame_equal(table, PUBLIC[name])


def test_the_tables_given_are_left_as_they_are():
    before = {name: table.copy() for name, table in TABLES.items()}
    public_tables(TABLES)
    for name, table in TABLES.items():
        pd.testing.assert_frame_equal(table, before[name])


# Tables that are not as they should be


def test_a_threshold_of_one_is_refused():
    with pytest.raises(InputError, match="give 2 or more"):
        public_tables(TABLES, threshold=1)


def test_tables_by_district_stay_away_where_nobody_knows_the_region_of_one():
    stray = TABLES | {
        name: table.assign(pcode=table["pcode"].str.replace("KAZ901001", "XX1"))
        for name, table in TABLES.items()
        if name.endswith("_district")
    }
    public = public_tables(stray)
    assert not [name for name in public if name.endswith("_district")]
    assert "groups_by_region" in public
    units = round_units().replace({"pcode": {"KAZ901001": "XX1"}})
    assert set(public_tables(stray, units=units)) == set(PUBLIC)


def test_tables_by_district_stay_away_where_they_are_more_than_their_region():
    table = TABLES["groups_by_district"].copy()
    table["individuals"] = table["individuals"] + 100
    public = public_tables(TABLES | {"groups_by_district": table})
    assert not [name for name in public if name.endswith("_district")]


def test_tables_that_contradict_one_another_are_refused():
    table = TABLES["groups"].copy()
    table["individuals"] = table["individuals"] + 1
    with pytest.raises(InputError, match="contradict one another"):
        public_tables(TABLES | {"groups": table})


def test_tables_by_region_that_contradict_one_another_are_refused():
    whole = {name: table for name, table in TABLES.items() if not name.endswith("_district")}
    table = TABLES["groups_by_region"].copy()
    table["individuals"] = table["individuals"] + 1
    with pytest.raises(InputError, match="contradict one another"):
        public_tables(whole | {"groups_by_region": table})


def test_districts_without_regions_make_the_country():
    districts = {name: table for name, table in TABLES.items() if not name.endswith("_region")}
    made = guard(districts)
    assert made.exposed() == []
    assert "groups_by_district" in made.tables(districts)


def test_without_the_largest_countries_of_the_whole_those_of_units_say_which_they_are():
    rest = {name: table for name, table in TABLES.items() if not name.endswith("top_countries")}
    made = guard(rest)
    assert made.exposed() == []
    assert set(made.tables(rest)) == {name for name in PUBLIC if not name.endswith("top_countries")}


def test_without_the_tables_of_groups_no_table_of_a_group_is_public():
    rest = {name: table for name, table in TABLES.items() if not name.startswith("groups")}
    public = public_tables(rest)
    assert not [name for name in public if name.startswith((*PopulationGroup, "concentration"))]
    assert "coverage" in public


def test_access_in_other_bands_is_not_shown_beside_what_is_compared():
    table = TABLES["access_by_band"].copy()
    table["band"] = table["band"].cat.rename_categories(dict(zip(BANDS, "abcdef", strict=True)))
    public = public_tables(TABLES | {"access_by_band": table})
    assert not [name for name in public if name.startswith("reported_and_measured")]


def test_access_alone_is_guarded_by_its_own_sums():
    only = {name: table for name, table in TABLES.items() if name.startswith(("access", "service_presence"))}
    public = public_tables(only)
    assert set(public) == set(only)
    assert guard(only).exposed() == []
    shown = public["access_by_band_and_district"]["households"].dropna()
    assert not ((shown > 0) & (shown < THRESHOLD)).any()


def test_no_tables_have_no_public_edition():
    assert public_tables({}) == {}


@pytest.mark.xdist_group("round 3")
def test_round_3_is_guarded_by_region(round_3):
    tables = report_tables(round_3, language=Language.RU)
    made = guard(tables)
    assert made.exposed() == []
    public = made.tables(tables)
    assert public["groups_by_region"]["suppressed"].any() == bool(made.hidden.individuals)
    assert public["labour_migrants_by_year"]["individuals"].notna().all()
