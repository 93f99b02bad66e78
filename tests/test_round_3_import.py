"""The worked example as a user runs it: workbooks of KoboToolbox in, `rounds import`, `rounds tables`, and the report's figures out of the tables.

Nothing is taken from the frames of the generator: they are written to workbooks, and only what comes back is looked at. Where the report contradicts
itself the computed number stands.
"""

from __future__ import annotations

import json

import figures_oracle as oracle
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.demo.exports import write_kobo
from geo_service.demo.figures import ROUND_3_PATH
from geo_service.vocabulary import PopulationGroup, Service

PRINTED = oracle.read(ROUND_3_PATH)
SAID = oracle.table_statements(PRINTED)
HOSPITAL_TOTAL = 536_751
"""What the report's bands add up to; it prints 522,046."""
LABOUR_MIGRANT_GROWTH = {"2023_vs_2022": 90, "2023_vs_2020": 383}
"""What follows from the report's years; it prints 47 and 79."""

pytestmark = pytest.mark.xdist_group("round 3")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The command line with a home of its own."""
    home = tmp_path_factory.mktemp("home")
    kept = {
        "GEO_SERVICE_BOUNDARIES_DIRECTORY": home / "sets",
        "GEO_SERVICE_ROUNDS_DIRECTORY": home / "rounds",
    }

    def invoke(*arguments):
        result = CliRunner().invoke(
            app, [str(one) for one in arguments], env={name: str(value) for name, value in kept.items()}
        )
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return invoke


@pytest.fixture(scope="module")
def imported(run, round_3, tmp_path_factory):
    """What `rounds import` answers to the two workbooks of the synthetic Round 3."""
    folder = tmp_path_factory.mktemp("kobo")
    files = (folder / "B2.xlsx", folder / "B1.xlsx")
    write_kobo(round_3, *files)
    return run("rounds", "import", *files, "--round", 3, "--country", "KAZ", "--json")


@pytest.fixture(scope="module")
def written(run, imported, tmp_path_factory):
    """The tables as `rounds tables` writes them: one JSON document, and a folder of CSV files."""
    folder = tmp_path_factory.mktemp("tables")
    outputs = (folder / "tables.json", folder / "csv")
    asked = [part for output in outputs for part in ("-o", output)]
    run("rounds", "tables", "--round", imported["round"], "--country", "KAZ", *asked, "--json")
    return json.loads(outputs[0].read_text(encoding="utf-8")), outputs[1]


@pytest.fixture(scope="module")
def tables(written):
    """The rows of every table by its name."""
    return {name: table["rows"] for name, table in written[0]["tables"].items()}


def test_the_round_is_taken_whole(imported):
    assert imported["villages"] == PRINTED["round"]["villages_assessed"]
    assert imported["key_informants"] == PRINTED["key_informants"]["total"]
    assert imported["synthetic"] is True


def test_every_figure_that_a_round_can_meet_is_looked_for_in_the_tables():
    assert set(SAID) == set(oracle.statements(PRINTED))
    assert len(SAID) == 185


@pytest.mark.parametrize("place", SAID)
def test_the_tables_say_what_the_report_prints(tables, place):
    printed, said = SAID[place]
    assert said(tables) == printed


@pytest.mark.parametrize("group", [group for group in PopulationGroup if "by_region" in PRINTED[group]])
def test_nobody_is_in_a_region_that_is_not_printed(tables, group):
    there = {row["pcode"]: row["individuals"] for row in tables[f"{group}_by_region"]}
    assert {pcode: count for pcode, count in there.items() if count} == PRINTED[group]["by_region"]


@pytest.mark.parametrize(
    ("group", "figure"),
    [("labour_migrants", "by_nationality"), ("returnees", "by_country"), ("emigrants", "by_country")],
)
def test_the_five_largest_countries_are_those_printed_in_their_order(tables, group, figure):
    rows = tables[f"{group}_top_countries"]
    assert [row["code"] for row in rows] == [*PRINTED[group][figure], "rest", "unknown"]
    assert sum(row["individuals"] for row in rows) == PRINTED[group]["individuals"]
    assert sum(row["share"] for row in rows) == pytest.approx(1)


@pytest.mark.parametrize("group", ["labour_migrants", "returnees", "emigrants"])
def test_growth_is_as_printed_but_for_labour_migrants_where_the_print_errs(tables, group):
    grown = {(row["year"], row["base_year"]): row["growth"] for row in tables[f"{group}_growth"]}
    printed = PRINTED[group]["growth_printed"] | (LABOUR_MIGRANT_GROWTH if group == "labour_migrants" else {})
    assert {pair: round(100 * grown[tuple(pair.split("_vs_"))]) for pair in printed} == printed


@pytest.mark.parametrize("service", Service)
def test_households_without_a_service_add_up_to_what_is_printed_but_for_hospitals(tables, service):
    printed = PRINTED["service_access"]["households_by_distance_km"][service]["total_printed"]
    total = HOSPITAL_TOTAL if service is Service.HOSPITAL else printed
    of_service = [row for row in tables["households_without_service"] if row["service"] == service]
    assert sum(row["households"] for row in of_service) == total
    assert [row["households_without"] for row in tables["services"] if row["service"] == service] == [total]
    assert [row["households"] for row in of_service if row["band"] == "unknown"] == [0]


def test_regions_add_up_to_the_whole_in_every_table(tables):
    splits = {name: tables.get(f"{name}_by_region", tables.get(f"{name}_and_region")) for name in tables}
    compared = {name: split for name, split in splits.items() if split}
    assert len(compared) > 30
    for name, split in compared.items():
        whole, regions = pd.DataFrame(tables[name]), pd.DataFrame(split)
        counted = whole.columns.intersection(["individuals", "households", "villages", "informants"])
        assert whole[counted].sum().to_dict() == regions[counted].sum().to_dict(), name


def test_what_was_not_asked_is_unknown_and_not_nobody(tables):
    groups = {row["group"]: row for row in tables["groups"]}
    assert groups["labour_migrants"]["households"] is None
    unknown = [row for row in tables["labour_migrants_by_sex"] if row["individuals"]]
    assert [(row["code"], row["share"]) for row in unknown] == [("unknown", 1)]


def test_csv_and_json_hold_the_same_and_say_that_they_are_synthetic(written):
    document, folder = written
    assert "made up" in document["notes"][0]
    for name, table in document["tables"].items():
        if table["rows"]:
            rows = pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values="")
            years = rows.columns.intersection(["year", "base_year"])
            expected = pd.DataFrame(table["rows"]).fillna(np.nan).infer_objects()
            pd.testing.assert_frame_equal(rows.astype(dict.fromkeys(years, str)), expected, check_dtype=False)
            assert rows["synthetic"].all()
        about = json.loads((folder / f"{name}.csv-metadata.json").read_text(encoding="utf-8"))
        assert about["notes"] == [table["about"]]
