"""`geo-service osm`."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import typer
from typer.testing import CliRunner

from geo_service.cli.osm import osm
from geo_service.errors import InputError, OutputError
from geo_service.ingest.osm.tags import default_tag_table_text
from geo_service.vocabulary import Service

RING = "".join(
    f'<node id="{at + 1}" lon="{lon}" lat="{lat}"/>'
    for at, (lon, lat) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)])
)
EXTRACT = (
    f'<osm version="0.6">{RING}'
    '<node id="9" lon="0.5" lat="0.5"><tag k="place" v="village"/><tag k="name" v="A"/></node>'
    '<node id="10" lon="5" lat="5"><tag k="amenity" v="school"/></node>'
    '<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>'
    '<tag k="place" v="village"/><tag k="name" v="A"/></way></osm>'
)
NAMES = ["villages", "village_footprints", *Service]


@pytest.fixture
def run(tmp_path):
    (tmp_path / "place.osm").write_text(EXTRACT, encoding="utf-8")
    app = typer.Typer()
    app.command()(osm)

    def invoke(*options, extract="place.osm"):
        return CliRunner().invoke(
            app, [str(tmp_path / extract), "-o", str(tmp_path / "out"), *map(str, options)]
        )

    return invoke


@pytest.mark.parametrize("extension", ["geojson", "gpkg"])
def test_every_layer_is_a_file_in_the_folder(run, tmp_path, extension):
    result = run("--format", extension)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        f"{name}.{extension}" for name in NAMES
    )
    villages = gpd.read_file(tmp_path / "out" / f"villages.{extension}")
    assert list(villages["village_id"]) == ["node/9"]
    footprints = gpd.read_file(tmp_path / "out" / f"village_footprints.{extension}")
    assert list(footprints.geom_type) == ["Polygon"]
    assert "OpenStreetMap contributors" in text_of(tmp_path / "out" / f"school.{extension}")


def text_of(path):
    return path.read_bytes().decode("utf-8", errors="replace")


def test_a_table_counts_points_lines_and_areas(run):
    lines = {line.split()[0]: line.split()[-1] for line in run().output.splitlines() if "│" in line}
    assert lines["villages"] == "0"
    assert any(
        "footprints" in line and line.split()[-1] == "1" for line in run("--overwrite").output.splitlines()
    )


def test_programs_get_one_json_object(run, tmp_path):
    answer = json.loads(run("--json").stdout)
    layers = {layer["layer"]: layer for layer in answer["layers"]}
    assert list(layers) == NAMES
    assert layers["school"] == {
        "layer": "school", "points": 1, "lines": 0, "areas": 0, "output": str(tmp_path / "out" / "school.geojson"),
    }  # fmt: skip
    assert answer["warnings"] == 5


def test_quiet_prints_nothing(run):
    assert run("--quiet").output == ""


def test_findings_are_kept_in_a_file(run, tmp_path):
    run("--findings", tmp_path / "findings.json")
    found = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert {one["code"] for one in found} == {"empty_layer"}


def test_outputs_that_are_there_are_kept_unless_told_otherwise(run, tmp_path):
    (tmp_path / "out").mkdir()
    kept = tmp_path / "out" / "school.geojson"
    kept.write_text("mine", encoding="utf-8")
    assert isinstance(run().exception, OutputError)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["school.geojson"]
    assert kept.read_text(encoding="utf-8") == "mine"
    assert run("--overwrite").exit_code == 0
    assert kept.read_text(encoding="utf-8") != "mine"


def test_a_folder_that_cannot_be_made_is_one_clear_error(run, tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    result = run()
    assert isinstance(result.exception, OutputError)
    assert "is a file; give the name of a folder" in str(result.exception)


def test_a_damaged_extract_writes_findings_and_nothing_else(run, tmp_path):
    (tmp_path / "bad.osm").write_text("<osm", encoding="utf-8")
    result = run("--findings", tmp_path / "findings.csv", extract="bad.osm")
    assert result.exit_code == 1
    assert "Nothing was written" in result.stderr
    assert "unreadable" in (tmp_path / "findings.csv").read_text(encoding="utf-8")
    assert not (tmp_path / "out").exists()


def test_an_own_tag_table_is_used_and_a_wrong_one_refused(run, tmp_path):
    own = tmp_path / "tags.toml"
    own.write_text('[services.school]\nmatch = [{ amenity = "college" }]', encoding="utf-8")
    answer = json.loads(run("--json", "--tags", own).stdout)
    assert {layer["points"] for layer in answer["layers"] if layer["layer"] == "school"} == {0}
    own.write_text("[village]\nmatch = 1", encoding="utf-8")
    assert isinstance(run("--tags", own).exception, InputError)


def test_show_tags_prints_the_shipped_table_and_needs_no_extract():
    app = typer.Typer()
    app.command()(osm)
    result = CliRunner().invoke(app, ["--show-tags"])
    assert result.exit_code == 0
    assert result.output == default_tag_table_text()
