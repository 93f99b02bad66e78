"""The tables of the synthetic Round 3 are those of the report, number for number; where it contradicts itself the computed number stands."""

from __future__ import annotations

import json

import pytest

from geo_service.coverage.report_tables import report_tables
from geo_service.demo.figures import ROUND_3_PATH
from geo_service.demo.synthetic_round import synthetic_round_3
from geo_service.vocabulary import Band, PopulationGroup, Service

PRINTED = json.loads(ROUND_3_PATH.read_text(encoding="utf-8"))
ACCESS = PRINTED["service_access"]
HOSPITAL_TOTAL = 536_751
"""What the report's bands add up to; it prints 522,046."""
LABOUR_MIGRANT_GROWTH = {"2023_vs_2022": 90, "2023_vs_2020": 383}
"""What follows from the report's years; it prints 47 and 79."""


@pytest.fixture(scope="module")
def report():
    return report_tables(synthetic_round_3())


def by_code(table, code="code", column="individuals"):
    return table.set_index(code)[column].to_dict()


@pytest.mark.parametrize("group", PopulationGroup)
def test_groups_are_as_large_and_as_wide_spread_as_printed(report, group):
    printed = PRINTED[group]
    row = report["groups"].set_index("group").loc[group]
    for column in {"individuals", "households", "villages_present", "countries"} & set(printed):
        assert row[column] == printed[column], column
    in_regions = by_code(report[f"{group}_by_region"], "pcode")
    if "by_region" in printed:
        assert {region: count for region, count in in_regions.items() if count} == printed["by_region"]
    years = by_code(report[f"{group}_by_year"])
    assert {year: years.get(year) for year in printed.get("by_year", {})} == printed.get("by_year", {})


@pytest.mark.parametrize(
    ("group", "figure"),
    [("labour_migrants", "by_nationality"), ("returnees", "by_country"), ("emigrants", "by_country")],
)
def test_the_five_largest_countries_are_those_printed_in_their_order(report, group, figure):
    table = report[f"{group}_top_countries"]
    assert table["code"].tolist() == [*PRINTED[group][figure], "rest", "unknown"]
    assert table["individuals"].tolist()[:5] == list(PRINTED[group][figure].values())
    assert table["individuals"].sum() == PRINTED[group]["individuals"]


@pytest.mark.parametrize("group", ["labour_migrants", "returnees", "emigrants"])
def test_growth_is_as_printed_but_for_labour_migrants_where_the_print_errs(report, group):
    grown = by_code(report[f"{group}_growth"], ["year", "base_year"], "growth")
    printed = PRINTED[group]["growth_printed"] | (LABOUR_MIGRANT_GROWTH if group == "labour_migrants" else {})
    follows = {pair: round(100 * grown[tuple(pair.split("_vs_"))]) for pair in printed}
    assert follows == printed


def test_key_informants_are_as_printed(report):
    assert by_code(report["key_informants"], "role", "informants") == PRINTED["key_informants"]["by_role"]
    shares = by_code(report["key_informants_by_sex"], "sex", "share")
    printed = PRINTED["key_informants"]["share_by_sex"]
    assert {sex: round(100 * shares[sex], 1) for sex in printed} == printed


@pytest.mark.parametrize("service", Service)
def test_services_and_the_households_without_them_are_as_printed(report, service):
    printed = ACCESS["households_by_distance_km"][service]
    row = report["services"].set_index("service").loc[service]
    assert round(100 * row["share_with"]) == ACCESS["share_of_communities_with_service"][service]
    total = HOSPITAL_TOTAL if service is Service.HOSPITAL else printed["total_printed"]
    assert row["households_without"] == total
    table = report["households_without_service"]
    bands = by_code(table[(table["service"] == service).to_numpy()], "band", "households")
    assert bands == {band: printed[band] for band in Band} | {"unknown": 0}
