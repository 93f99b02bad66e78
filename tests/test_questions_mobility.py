"""Planners' questions about population groups, coverage, rounds and releases, their numbers counted again from the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from api_world import DISTRICTS, REGIONS, VILLAGES, world, world_round
from questions import Questions, questions_of

from geo_service.api.security.roles import Role
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["world"]

pytestmark = pytest.mark.xdist_group("api world")


@pytest.fixture(scope="module", name="ask")
def _ask(world: Path) -> Iterator[Questions]:
    with questions_of(world) as questions:
        yield questions


def with_units(frame: pd.DataFrame) -> pd.DataFrame:
    units = pd.DataFrame(world_round().villages[["village_id", "adm1_pcode", "adm2_pcode"]])
    return frame.merge(units, on="village_id")


@pytest.mark.parametrize(("by", "column"), [("region", "adm1_pcode"), ("district", "adm2_pcode")])
def test_concentration_counts_the_people_of_each_unit(ask: Questions, by: str, column: str) -> None:
    mobility = with_units(world_round().mobility)
    for group in PopulationGroup:
        found = ask.rows(f"/mobility/concentration?group={group}&by={by}").dropna(subset="pcode")
        of_group = mobility[mobility["group"] == group.value]
        expected = of_group.groupby(column)["individuals"].sum()
        assert dict(zip(found["pcode"], found["individuals"].fillna(0), strict=True)) == expected.to_dict()
        inhabitants = world_round().villages.groupby(column)["population"].sum()
        known = found.dropna(subset="per_1000_inhabitants")
        for row in known.itertuples():
            assert row.per_1000_inhabitants == pytest.approx(1000 * row.individuals / inhabitants[row.pcode])


def test_concentration_is_a_layer_of_polygons_where_a_geometry_is_asked_for(ask: Questions) -> None:
    layer = ask.answer("/mobility/concentration?group=returnees&by=district&f=geojson", Role.PUBLIC)
    polygons = [one for one in layer["features"] if one["geometry"] is not None]
    assert {one["id"] for one in polygons} == set(DISTRICTS)
    assert {one["geometry"]["type"] for one in polygons} <= {"Polygon", "MultiPolygon"}
    plain = ask.response("/mobility/concentration?group=returnees&by=district&f=csv").text
    with_shape = ask.response("/mobility/concentration?group=returnees&by=district&f=csv&geometry=true").text
    assert "POLYGON" in with_shape
    assert "POLYGON" not in plain


@pytest.mark.parametrize("dimension", ["sex", "year", "kind", "reason", "country"])
def test_a_breakdown_comes_to_the_people_of_the_group(ask: Questions, dimension: str) -> None:
    survey = world_round()
    individuals = survey.mobility.groupby("group", observed=True)["individuals"].sum()
    parts = survey.breakdowns[survey.breakdowns["dimension"] == dimension]
    rows = ask.rows(f"/mobility/breakdown?group=labour_migrants&dimension={dimension}").set_index("code")
    assert rows["individuals"].sum() == individuals["labour_migrants"]
    expected = parts[parts["group"] == "labour_migrants"].groupby("code")["individuals"].sum()
    for code, number in expected.items():
        if code not in {"unknown", "rest"} and code in rows.index:
            assert rows.loc[code, "individuals"] == number


def test_the_largest_of_each_unit_come_first(ask: Questions) -> None:
    url = "/mobility/breakdown?group=emigrants&dimension=reason&by=region"
    whole, largest = ask.rows(url), ask.rows(f"{url}&top=2")
    for pcode, rows in largest.groupby("pcode"):
        everything = whole[(whole["pcode"] == pcode) & ~whole["code"].isin(["rest", "unknown"])]
        assert list(rows["individuals"]) == sorted(everything["individuals"], reverse=True)[:2]
    assert (largest.groupby("pcode").size() == 2).all()


def test_the_largest_that_the_public_sees_tell_nothing_of_what_is_hidden(ask: Questions) -> None:
    url = "/mobility/breakdown?group=emigrants&dimension=country&by=region&top=50"
    for _, rows in ask.rows(url, Role.PUBLIC).groupby("pcode"):
        shown = rows["individuals"].dropna()
        assert list(shown) == sorted(shown, reverse=True)
        assert rows["individuals"].isna().to_numpy()[len(shown) :].all()


def test_those_who_stay_in_their_country_have_no_countries(ask: Questions) -> None:
    problem = ask.problem("/mobility/breakdown?group=internal_migrants&dimension=country", 404)
    assert problem["parameter"] == "dimension"
    assert "country" not in problem["allowed"]


def test_trends_compare_years_with_the_earlier_one(ask: Questions) -> None:
    years = ask.rows("/mobility/breakdown?group=returnees&dimension=year").set_index("code")["individuals"]
    for row in ask.answer("/mobility/trends?group=returnees")["rows"]:
        assert (row["base_individuals"], row["individuals"]) == (
            years[str(row["base_year"])],
            years[str(row["year"])],
        )
        assert row["growth"] == pytest.approx(row["difference"] / row["base_individuals"])


def test_changes_are_between_this_round_and_the_one_before(ask: Questions) -> None:
    answer = ask.answer("/mobility/changes?group=returnees")
    assert answer["about"]["earlier_round"] == 2
    [row] = answer["rows"]
    for number, column in ((2, "individuals_earlier"), (3, "individuals_later")):
        mobility = world_round(number).mobility
        assert row[column] == mobility.loc[mobility["group"] == "returnees", "individuals"].sum()
    assert "round before" in ask.problem("/mobility/changes?round=2", 404)["detail"]
    ask.problem("/mobility/changes", 404, Role.PUBLIC)


def test_numbers_of_people_that_the_public_sees_are_those_of_analysts_or_null(ask: Questions) -> None:
    hidden = 0
    for group in PopulationGroup:
        url = f"/mobility/concentration?group={group}&by=district"
        shown, whole = ask.answer(url, Role.PUBLIC)["rows"], ask.answer(url)["rows"]
        for public, row in zip(shown, whole, strict=True):
            assert public["individuals"] in {None, row["individuals"]}
            assert public["individuals"] not in {1, 2, 3, 4}
            if public["individuals"] is None and row["individuals"] is not None:
                hidden += 1
                assert public["suppressed"]
                assert public["share"] is None
    assert hidden


def test_a_table_that_the_public_is_not_shown_by_district_says_by_what_it_is(ask: Questions) -> None:
    problem = ask.problem("/mobility/breakdown?group=returnees&dimension=sex&by=district", 404, Role.PUBLIC)
    assert problem["allowed"] == ["country", "region"]
    assert "analyst" in problem["detail"]


def test_what_was_assessed_is_counted_from_the_villages(ask: Questions) -> None:
    villages = world_round().villages
    [whole] = ask.answer("/coverage/assessment")["rows"]
    assert (whole["villages"], whole["households"]) == (VILLAGES, villages["households"].sum())
    found = ask.rows("/coverage/assessment?by=district").set_index("pcode")["villages"]
    assert found[DISTRICTS[3]] == (villages["adm2_pcode"] == DISTRICTS[3]).sum()
    assert set(ask.rows(f"/coverage/assessment?adm={','.join(REGIONS[:2])}")["pcode"]) == set(REGIONS[:2])


# Rounds and releases


def test_rounds_name_the_release_that_answers(ask: Questions) -> None:
    rows = ask.answer("/rounds", Role.PUBLIC)["rows"]
    assert [row["round"] for row in rows] == [3, 2]
    assert [row["is_current"] for row in rows] == [True, False]
    for row in rows:
        about = ask.answer(f"/coverage/assessment?round={row['round']}", Role.PUBLIC)["about"]
        assert about["release"] == row["release"]
        assert about["round"]["number"] == row["round"]
        assert (row["synthetic"], row["country"]) == (True, "KAZ")


def test_a_round_that_there_is_not_is_not_found(ask: Questions) -> None:
    assert "2, 3" in ask.problem("/coverage/assessment?round=9", 404)["detail"]


def test_the_public_is_shown_the_current_release_only(ask: Questions) -> None:
    every = ask.answer("/releases")["rows"]
    assert [(row["round"], row["is_current"]) for row in every] == [(3, True), (2, False)]
    assert every[0]["parent"] == every[1]["release"]
    [current] = ask.answer("/releases", Role.PUBLIC)["rows"]
    assert (current["is_current"], current["parent"]) == (True, None)


# The audit and the tables


def test_the_numbers_of_a_release_do_not_contradict_each_other(ask: Questions) -> None:
    answer = ask.answer("/audit")
    assert answer["about"]["errors"] == 0
    assert answer["about"]["tables"] > 30
    assert ask.problem("/audit", 403, Role.PUBLIC)["role"] == "analyst"


def test_any_table_is_there_in_the_language_asked_for(ask: Questions) -> None:
    tables = {row["table"]: row for row in ask.answer("/tables")["rows"]}
    assert tables["groups_by_region"]["by"] == "region"
    answer = ask.answer("/tables/groups_by_region?lang=ru")
    fields = [one["name"] for one in answer["about"]["fields"]]
    assert fields == list(answer["rows"][0])
    assert {"label", "name"} <= set(fields)
    assert answer["rows"][0]["name"].startswith("Вымышленный регион")
    assert len(answer["rows"]) == tables["groups_by_region"]["rows"] == answer["about"]["of_rows"]


def test_a_long_table_comes_in_pages_and_whole_in_a_file(ask: Questions) -> None:
    page = ask.answer("/tables/mobility?limit=100")
    assert len(page["rows"]) == 100
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert ask.answer(following)["rows"][0] != page["rows"][0]
    file = ask.response("/tables/mobility?f=ndjson")
    assert len(file.text.splitlines()) == page["about"]["of_rows"] == 5 * VILLAGES
    limited = ask.response("/tables/mobility?f=csv&limit=10")
    assert 'rel="next"' in limited.headers["link"]


def test_the_rows_of_a_table_inside_a_unit(ask: Questions) -> None:
    assert set(ask.rows(f"/tables/groups_by_district?adm={REGIONS[0]}")["pcode"]) == set(DISTRICTS[:4])
    assert ask.problem(f"/tables/groups?adm={REGIONS[0]}", 400)["parameter"] == "adm"


@pytest.mark.parametrize("name", ["mobility", "breakdowns", "contradictions", "reported_access", "villages"])
def test_the_public_finds_no_table_by_village(ask: Questions, name: str) -> None:
    ask.problem(f"/tables/{name}", 404, Role.PUBLIC)
    assert name not in {row["table"] for row in ask.answer("/tables", Role.PUBLIC)["rows"]}


def test_a_layer_is_no_table(ask: Questions) -> None:
    assert "/ogc/collections/regions/items" in ask.problem("/tables/regions", 404)["detail"]
