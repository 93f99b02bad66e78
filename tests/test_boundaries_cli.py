"""`geo-service boundaries`, as its user meets it."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from shapely import box
from typer.testing import CliRunner

from geo_service.cli.boundaries import app
from geo_service.errors import FindingsError, InputError, OutputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.settings import BoundarySettings


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path / "sets"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def districts(tmp_path):
    path = tmp_path / "rayons.gpkg"
    columns = {"CODE": ["A", "B"], "NAME": ["Восток", "Запад"], "UP": ["KAZ014", "KAZ014"]}
    gpd.GeoDataFrame(columns, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326).to_file(path)
    return path


@pytest.fixture
def faulty(tmp_path):
    path = tmp_path / "faulty.geojson"
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    columns = {"ADM1_PCODE": ["A", "B"], "ADM0_PCODE": ["AA", "AA"]}
    gpd.GeoDataFrame(columns, geometry=[bow_tie, box(5, 0, 6, 1)], crs=4326).to_file(path)
    return path


def fetchable(folder, path):
    """A list with one set that lies in `path`."""
    listed = folder / "sources.toml"
    listed.write_text(
        '[sets.near]\ntitle = "Near"\nlevel = 2\nlicence = "CC0"\nattribution = "Us"\n'
        'homepage = "https://example.org"\n'
        'columns = { pcode = "CODE", name_ru = "NAME", parent_pcode = "UP" }\n'
        f'[[sets.near.files]]\nurl = "{path.as_uri()}"\n',
        encoding="utf-8",
    )
    return listed


def test_list_shows_what_is_here_and_what_can_be_fetched_with_licences(run):
    shown = run("list").stdout
    for text in ("kaz-adm1", "kaz-adm2-geokz", "geoboundaries", "CC BY 4.0", "fetch it"):
        assert text in shown


def test_list_as_json_has_a_row_a_set(run, districts, tmp_path):
    run("fetch", "near", "--sources", fetchable(tmp_path, districts))
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    assert (rows["kaz-adm1"]["state"], rows["kaz-adm1"]["units"]) == ("shipped", 20)
    assert (rows["near"]["state"], rows["near"]["units"], rows["near"]["licence"]) == ("stored", 2, "CC0")
    assert (rows["cod-ab"]["state"], rows["cod-ab"]["parameters"]) == ("source", ["iso3", "level"])


def test_fetch_says_what_came_and_how_to_use_it(run, districts, tmp_path):
    result = run("fetch", "near", "--sources", fetchable(tmp_path, districts))
    assert "near: 2 units of level 2" in result.stdout
    assert "--boundaries near" in result.stdout


def test_fetch_as_json_prints_the_metadata(run, districts, tmp_path):
    shown = json.loads(run("fetch", "near", "--json", "--sources", fetchable(tmp_path, districts)).stdout)
    assert (shown["name"], shown["units"], shown["findings"]) == ("near", 2, [])
    assert len(shown["original"][0]["sha256"]) == 64


def test_quiet_prints_nothing(run, districts, tmp_path):
    result = run("fetch", "near", "--quiet", "--sources", fetchable(tmp_path, districts))
    assert (result.output, result.exit_code) == ("", 0)
    assert run("list", "--quiet").output == ""
    assert run("check", "kaz-adm1", "--quiet").output == ""


def test_fetch_draws_a_bar_where_there_is_a_terminal(run, districts, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "rayons.gpkg" in run("fetch", "near", "--sources", fetchable(tmp_path, districts)).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("fetch", "geoboundaries", "--level", "1"),
        ("fetch", "geoboundaries", "--iso3", "KGZ"),
        ("fetch", "kaz-adm2-geokz", "--iso3", "KAZ"),
        ("fetch", "geoboundaries", "--iso3", "KGZ", "--level", "3"),
        ("fetch",),
        ("add", "x.gpkg"),
        ("add", "x.gpkg", "--name", "x", "--name-en", "NAME"),
        ("add", "x.gpkg", "--name", "x", "--pcode", "CODE"),
        ("add", "x.gpkg", "--name", "x", "--valid-on", "31.12.2024"),
        ("check", "x.gpkg", "--parent", "UP"),
        ("check", "x.gpkg", "--pcode", "CODE"),
    ],
)
def test_wrong_usage_ends_with_status_2(run, arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("command", ["list", "fetch", "check", "add"])
def test_every_help_has_an_example(run, command):
    assert f"geo-service boundaries {command}" in run(command, "--help").stdout


def test_check_of_the_shipped_set_finds_nothing(run):
    result = run("check", "kaz-adm1")
    assert (result.exit_code, result.stdout.strip()) == (0, "20 units: 0 errors, 0 warnings")


def test_check_ends_with_status_1_and_a_table_when_there_are_errors(run, faulty, tmp_path):
    result = run("check", faulty, "--findings", tmp_path / "found.csv")
    assert result.exit_code == 1
    assert "invalid_unit" in result.stdout
    assert "2 units: 1 errors, 0 warnings" in result.stdout
    assert "invalid_unit" in (tmp_path / "found.csv").read_text(encoding="utf-8")


def test_check_as_json_prints_findings(run, faulty):
    result = run("check", faulty, "--json")
    assert result.exit_code == 1
    assert [(one["code"], one["row"]) for one in json.loads(result.stdout)] == [("invalid_unit", 1)]


def test_check_takes_parents_by_name_and_columns_by_option(run, districts):
    good = run("check", districts, "--level", 2, "--pcode", "CODE", "--parent", "UP", "--parents", "kaz-adm1")
    assert good.exit_code == 0
    bad = run(
        "check", districts, "--level", 2, "--pcode", "CODE", "--parent", "NAME", "--parents", "kaz-adm1"
    )
    assert bad.exit_code == 1
    assert "orphaned_unit" in bad.stdout


def test_check_of_a_layer_that_cannot_be_read_still_writes_the_findings(run, districts, tmp_path):
    with pytest.raises(FindingsError):
        run("check", districts, "--findings", tmp_path / "found.json")
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))[0]["code"] == "missing_column"


def test_check_of_the_real_districts_ends_with_status_1(run, real_data):
    result = run("check", real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp", "--json")
    assert result.exit_code == 1
    invalid = [one for one in json.loads(result.stdout) if one["code"] == "invalid_unit"]
    assert [one["row"] for one in invalid] == [195]


def test_an_added_layer_is_a_set(run, districts):
    arguments = (
        "--level",
        2,
        "--pcode",
        "CODE",
        "--name-ru",
        "NAME",
        "--parent",
        "UP",
        "--valid-on",
        "2024-12-31",
    )
    result = run("add", districts, "--name", "mine", *arguments, "--licence", "CC0", "--attribution", "Us")
    assert "mine: 2 units of level 2" in result.stdout
    units = load_boundaries("mine", BoundarySettings(), findings=Findings())
    assert list(units["name_ru"]) == ["Восток", "Запад"]
    assert set(units["valid_on"]) == {"2024-12-31"}
    with pytest.raises(OutputError, match="--overwrite"):
        run("add", districts, "--name", "mine", *arguments)
    assert run("add", districts, "--name", "mine", *arguments, "--overwrite").exit_code == 0


def test_warnings_of_an_added_layer_go_to_standard_error(run, faulty):
    result = run("add", faulty, "--name", "mended")
    assert "was invalid" in result.stderr
    assert "was invalid" not in result.stdout


def test_the_name_of_the_shipped_set_cannot_be_taken(run, districts):
    with pytest.raises(InputError, match="ships with"):
        run("add", districts, "--name", "kaz-adm1", "--level", 2, "--pcode", "CODE")
