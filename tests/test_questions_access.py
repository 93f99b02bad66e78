"""Planners' questions about access, their numbers counted again from the frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from api_world import DISTRICTS, REGIONS, WITHOUT_A_POINT, world, world_facilities
from pyproj import Geod
from questions import Questions, measured, questions_of, reported

from geo_service.api.security.roles import Role
from geo_service.coverage.gaps import villages_without
from geo_service.vocabulary import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["world"]

pytestmark = pytest.mark.xdist_group("api world")


@pytest.fixture(scope="module", name="ask")
def _ask(world: Path) -> Iterator[Questions]:
    with questions_of(world) as questions:
        yield questions


def of_service(rows: pd.DataFrame, service: str = "hospital") -> pd.DataFrame:
    return rows[(rows["service"] == service).to_numpy()]


# Gaps


def test_reported_gaps_are_the_communities_where_informants_said_that_there_is_none(ask: Questions) -> None:
    answer = ask.answer("/access/gaps?service=hospital&limit=1000")
    rows = of_service(reported())
    without = rows[(rows["present"] == False).fillna(value=False)]  # noqa: E712 - of three values
    assert {row["village_id"] for row in answer["rows"]} == set(without["village_id"])
    about = answer["about"]
    assert about["basis"] == "reported"
    assert about["communities"] == len(without)
    assert about["households"] == without["households"].sum()
    assert about["communities_uncounted"] == without["households"].isna().sum()
    assert about["communities_unknown"] == rows["present"].isna().sum()
    assert (about["of_communities"], about["of_households"]) == (len(rows), rows["households"].sum())
    households = [row["households"] for row in answer["rows"]]
    known = [one for one in households if one is not None]
    assert households[: len(known)] == sorted(known, reverse=True)
    assert all(row["reported_present"] is False for row in answer["rows"])


@pytest.mark.parametrize("beyond_km", [None, 25, 40.5])
def test_measured_gaps_are_those_of_the_frames_the_farthest_first(
    ask: Questions, beyond_km: float | None
) -> None:
    beyond = "" if beyond_km is None else f"&beyond_km={beyond_km}"
    answer = ask.answer(f"/access/gaps?service=hospital&basis=measured&limit=1000{beyond}")
    expected = villages_without(measured(), Service.HOSPITAL, beyond_km=beyond_km).set_index("village_id")
    found = pd.DataFrame(answer["rows"]).set_index("village_id")
    assert set(found.index) == set(expected.index)
    assert found["distance_m"].is_monotonic_decreasing
    assert (found["distance_m"] - expected["distance_m"].reindex(found.index)).abs().max() < 1e-6
    assert (found["facility_id"] == expected["facility_id"].reindex(found.index)).all()
    assert answer["about"]["communities_unknown"] == len(WITHOUT_A_POINT)
    assert answer["about"]["households"] == expected["households"].sum()
    assert answer["about"]["beyond_km"] == beyond_km


def test_reported_gaps_beyond_an_edge_are_those_of_the_bands_after_it(ask: Questions) -> None:
    answer = ask.answer("/access/gaps?service=market&basis=reported&beyond_km=20&limit=1000")
    rows = of_service(reported(), "market")
    without = rows[(rows["present"] == False).fillna(value=False)]  # noqa: E712 - of three values
    farther = without[without["band"].isin(["21-25", ">25"])]
    assert {row["village_id"] for row in answer["rows"]} == set(farther["village_id"])
    unknown = rows["present"].isna().sum() + without["band"].isna().sum()
    assert answer["about"]["communities_unknown"] == unknown


def test_between_the_edges_of_bands_what_was_reported_cannot_be_asked(ask: Questions) -> None:
    problem = ask.problem("/access/gaps?service=market&basis=reported&beyond_km=7", 404)
    assert problem["parameter"] == "beyond_km"
    assert problem["allowed"] == ["0", "5", "10", "15", "20", "25"]


def test_pages_of_gaps_are_the_whole_in_its_order(ask: Questions) -> None:
    whole = ask.answer("/access/gaps?service=school&basis=measured&beyond_km=5&limit=1000")
    url: str | None = "/access/gaps?service=school&basis=measured&beyond_km=5&limit=7&round=3"
    rows: list[dict[str, object]] = []
    pages = 0
    while url is not None:
        page = ask.answer(url)
        assert page["about"]["communities"] == whole["about"]["communities"]
        rows += page["rows"]
        pages += 1
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert rows == whole["rows"]
    assert pages == -(-len(rows) // 7)


def test_a_cursor_of_another_question_or_round_is_refused(ask: Questions) -> None:
    page = ask.answer("/access/gaps?service=school&basis=measured&limit=2")
    url = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert ask.problem(url.replace("service=school", "service=market"), 400)["type"].endswith(
        "invalid-cursor"
    )
    assert ask.problem(f"{url}&round=2", 400)["parameter"] == "cursor"


@pytest.mark.parametrize(
    "adm", [REGIONS[0], f"{DISTRICTS[0]},{DISTRICTS[5]}", f"{REGIONS[2]},{DISTRICTS[0]}"]
)
def test_gaps_inside_units_are_those_of_their_villages(ask: Questions, adm: str) -> None:
    answer = ask.answer(f"/access/gaps?service=hospital&basis=measured&beyond_km=10&adm={adm}&limit=1000")
    without = villages_without(measured(), Service.HOSPITAL, beyond_km=10)
    codes = adm.split(",")
    inside = without[without["adm1_pcode"].isin(codes) | without["adm2_pcode"].isin(codes)]
    assert {row["village_id"] for row in answer["rows"]} == set(inside["village_id"])
    assert answer["about"]["adm"] == codes
    assert all(row["adm1_name"].startswith("Synthetic Region") for row in answer["rows"])


def test_a_unit_that_there_is_not_is_refused_with_those_near_it(ask: Questions) -> None:
    problem = ask.problem("/access/gaps?service=hospital&adm=KAZ904", 404)
    assert problem["parameter"] == "adm"
    assert set(problem["allowed"]) <= {*REGIONS, *DISTRICTS}
    assert problem["allowed"]


def test_gaps_are_a_layer_whose_features_are_villages(ask: Questions) -> None:
    layer = ask.answer("/access/gaps?service=hospital&f=geojson&limit=1000")
    plain = ask.answer("/access/gaps?service=hospital&limit=1000")
    assert [one["id"] for one in layer["features"]] == [row["village_id"] for row in plain["rows"]]
    for feature, row in zip(layer["features"], plain["rows"], strict=True):
        if feature["geometry"] is None:
            assert row["longitude"] is None
        else:
            assert feature["geometry"]["coordinates"] == [row["longitude"], row["latitude"]]
    assert any(one["geometry"] is None for one in layer["features"])


def test_the_public_is_told_which_role_sees_villages(ask: Questions) -> None:
    problem = ask.problem("/access/gaps?service=hospital", 403, Role.PUBLIC)
    assert problem["role"] == "analyst"
    assert "analyst" in problem["detail"]


# Bands, summary, agreement


@pytest.mark.parametrize("by", ["region", "district"])
def test_measured_bands_are_the_households_of_the_frames(ask: Questions, by: str) -> None:
    found = ask.rows(f"/access/bands?service=hospital&basis=measured&by={by}")
    column = {"region": "adm1_pcode", "district": "adm2_pcode"}[by]
    rows = of_service(measured()).assign(band=lambda one: one["band"].astype("string"))
    expected = rows.groupby([column, "band"], dropna=False)["households"].agg(["size", "sum"])
    for row in found[found["villages"] > 0].itertuples():
        key = (
            row.pcode if isinstance(row.pcode, str) else pd.NA,
            row.band if isinstance(row.band, str) else pd.NA,
        )
        counted = expected[
            [(_same(one, key[0]) and _same(band, key[1])) for one, band in expected.index]
        ].iloc[0]
        assert (row.villages, row.households) == (counted["size"], counted["sum"])
    assert found["households"].sum() == rows["households"].sum()
    assert set(found["basis"]) == {"measured"}


def _same(one: object, other: object) -> bool:
    return (pd.isna(one) and pd.isna(other)) or (one is other or str(one) == str(other))


def test_reported_bands_are_the_households_of_communities_without_the_service(ask: Questions) -> None:
    found = ask.rows("/access/bands?basis=reported").dropna(subset="band").set_index(["service", "band"])
    rows = reported()
    without = rows[(rows["present"] == False).fillna(value=False)]  # noqa: E712 - of three values
    expected = without.dropna(subset="band").groupby(["service", "band"], observed=True)["households"].sum()
    for (service, band), households in expected.items():
        assert found.loc[(service, band), "households"] == households
    unknown = without[without["band"].isna()]
    assert found.loc[(slice(None), "unknown"), "households"].sum() == unknown["households"].sum()
    assert found["households"].sum() == without["households"].sum()


def test_bands_inside_a_region_by_district_are_those_of_its_districts(ask: Questions) -> None:
    found = ask.answer(f"/access/bands?service=school&basis=measured&by=district&adm={REGIONS[1]}")
    assert {row["pcode"] for row in found["rows"]} == {one for one in DISTRICTS if one.startswith(REGIONS[1])}
    assert {row["pcode"] for row in ask.answer(f"/access/bands?adm={REGIONS[1]}")["rows"]} == {REGIONS[1]}


@pytest.mark.parametrize("by", ["country", "region"])
def test_rows_that_are_not_inside_a_unit_are_refused(ask: Questions, by: str) -> None:
    problem = ask.problem(f"/access/bands?by={by}&adm={DISTRICTS[0]}", 400)
    assert (problem["parameter"], problem["allowed"]) == ("by", ["district"])


def test_the_summary_keeps_both_bases_apart(ask: Questions) -> None:
    rows = ask.rows("/access/summary")
    said = reported().groupby("service", observed=True)["present"]
    presence = rows[rows["table"] == "presence"].set_index(["basis", "service"])
    for service in Service:
        assert presence.loc[("reported", service.value), "villages_with"] == said.sum()[service.value]
        first = of_service(measured(), service.value)
        assert presence.loc[("measured", service.value), "villages_with"] == first["present"].sum()
    bands = rows[rows["table"] == "bands"]
    assert set(bands["basis"]) == {"reported", "measured"}
    of_all = bands[bands["basis"] == "measured"].groupby("service")["households"].sum()
    assert set(of_all) == {of_service(measured())["households"].sum()}
    assert set(ask.rows("/access/summary?basis=measured")["basis"]) == {"measured"}


def test_the_rule_of_the_bands_is_said_once_in_the_language_that_was_asked_for(ask: Questions) -> None:
    begins = {
        "en": "bands end at 5, 10, 15, 20, 25 km",
        "ru": "верхние границы",
        "kk": "аралықтардың жоғарғы шегі",
    }
    for url in ("/access/bands?basis=measured", "/tables/access_by_band?", "/access/gaps?service=hospital"):
        for lang, words in begins.items():
            about = ask.answer(f"{url}&lang={lang}")["about"]
            assert about["bands"]["rule"].startswith(words)
            assert words not in str(about["rule"])


def test_agreement_accounts_for_every_community(ask: Questions) -> None:
    for row in ask.answer("/access/agreement?by=district")["rows"]:
        asked_or_not = row["not_asked"] + row["no_band_reported"] + row["not_measured"]
        assert row["compared"] + asked_or_not == row["villages"]
        assert row["equal"] + row["one_apart"] + row["two_or_more_apart"] == row["compared"]
    whole = ask.answer("/access/agreement?service=school")["rows"]
    assert [row["villages"] for row in whole] == [len(of_service(reported(), "school"))]


def test_numbers_of_households_that_the_public_sees_are_those_of_analysts_or_null(ask: Questions) -> None:
    for by in ("country", "region", "district"):
        for basis in ("reported", "measured"):
            url = f"/access/bands?by={by}&basis={basis}"
            shown, whole = ask.answer(url, Role.PUBLIC), ask.answer(url)
            assert shown["about"]["suppressed"]["threshold"] == 5
            assert shown["about"]["rule"] == whole["about"]["rule"]
            assert whole["about"]["suppressed"] is None
            for public, row in zip(shown["rows"], whole["rows"], strict=True):
                assert (public["pcode"], public["service"], public["band"]) == (
                    row["pcode"],
                    row["service"],
                    row["band"],
                )
                is_hidden = public["households"] is None and row["households"] is not None
                assert public["households"] in {None, row["households"]}
                assert public["suppressed"] or not is_hidden
                assert public["households"] not in {1, 2, 3, 4}


# The nearest


@pytest.mark.parametrize(("lon", "lat"), [(66.2, 47.1), (-179.99, -64.0), (180, 90), (0, -90)])
def test_the_nearest_facilities_are_those_of_measuring_every_one(
    ask: Questions, lon: float, lat: float
) -> None:
    answer = ask.answer(f"/access/nearest?lon={lon}&lat={lat}&service=market&k=9", Role.PUBLIC)
    layer = world_facilities()[Service.MARKET]
    metres = Geod(ellps="WGS84").inv(
        [lon] * len(layer), [lat] * len(layer), layer.geometry.x, layer.geometry.y
    )[2]
    every = sorted(zip([round(one, 3) for one in metres], layer["facility_id"], strict=True))[:9]
    assert [row["facility_id"] for row in answer["rows"]] == [facility for _, facility in every]
    assert [round(row["distance_m"], 3) for row in answer["rows"]] == [one for one, _ in every]
    assert [row["rank"] for row in answer["rows"]] == list(range(1, 10))
    assert (answer["about"]["method"], answer["about"]["facilities"]) == ("geodesic", len(layer))


def test_more_than_there_are_is_all_that_there_are(ask: Questions) -> None:
    answer = ask.answer("/access/nearest?lon=66&lat=47&service=hospital&k=50")
    assert len(answer["rows"]) == len(world_facilities()[Service.HOSPITAL])


@pytest.mark.parametrize(
    "wrong", ["lon=181&lat=0", "lon=0&lat=-90.1", "lon=nan&lat=0", "lon=0&lat=0&k=51", "lat=0"]
)
def test_a_place_that_is_not_on_earth_is_refused(ask: Questions, wrong: str) -> None:
    ask.problem(f"/access/nearest?service=hospital&{wrong}", 400, Role.PUBLIC)


def test_an_earlier_round_without_facilities_says_what_it_lacks(ask: Questions) -> None:
    earlier = ask.answer("/access/gaps?service=hospital&round=2")
    assert (earlier["about"]["round"]["number"], earlier["about"]["method"]) == (2, None)
    assert {row["distance_m"] for row in earlier["rows"]} == {None}
    assert not any("distance_m" in note for note in earlier["about"]["notes"])
    lacking = ask.problem("/access/gaps?service=hospital&basis=measured&round=2", 404)
    assert lacking["allowed"] == ["reported"]
    for url in ("/access/nearest?lon=66&lat=47&service=hospital", "/access/agreement?by=region"):
        assert "facilities" in ask.problem(f"{url}&round=2", 404)["detail"]
