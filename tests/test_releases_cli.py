"""`geo-service releases`: publish, list, show, verify, diff, use, prune; push and pull with a real PostGIS."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pyogrio
import pytest
from frames import facilities, villages
from rounds import round_units, small_round
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.export.vector import write_layer
from geo_service.ingest.survey.store import save_round
from geo_service.release.manifest import read_manifest
from geo_service.settings import RoundSettings
from tests.conftest import skip_or_fail
from tests.postgis_server import postgis_binaries, temporary_postgis

PLACES = [(71.0 + i * 0.2, 51.0) for i in range(8)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Villages and hospitals of two days, boundaries and an imported round; each test has copies."""
    made = tmp_path_factory.mktemp("releases")
    write_layer(villages(PLACES), made / "villages.gpkg")
    write_layer(facilities([PLACES[0], PLACES[4]]), made / "hospitals.geojson")
    write_layer(facilities([PLACES[0]]), made / "fewer.geojson")
    units = round_units()
    write_layer(units[units["level"] == 1], made / "regions.gpkg")
    save_round(small_round(), RoundSettings(directory=made / "rounds"))
    return made


@pytest.fixture
def folder(files, tmp_path, monkeypatch):
    """Villages and hospitals of two days, boundaries, an imported round, and an empty store."""
    monkeypatch.setenv("GEO_SERVICE_RELEASES_DIRECTORY", str(tmp_path / "releases"))
    monkeypatch.setenv("GEO_SERVICE_ROUNDS_DIRECTORY", str(tmp_path / "rounds"))
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path / "sets"))
    monkeypatch.delenv("GEO_SERVICE_STORE", raising=False)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def releases(folder):
    assert not (folder / "releases").exists()

    def run(command, *arguments):
        return CliRunner().invoke(app, ["releases", command, *map(str, arguments)])

    return run


@pytest.fixture
def publish(folder, releases):
    def run(hospitals="hospitals.geojson", *arguments):
        given = ("--villages", folder / "villages.gpkg", "-f", f"hospital={folder / hospitals}", *arguments)
        result = releases("publish", *given, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)["id"]

    return run


def answer(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_same_inputs_give_the_same_release_in_another_folder_too(publish, folder, releases):
    first = publish()
    assert publish() == first
    assert [one["id"] for one in answer(releases("list", "--json"))["releases"]] == [first]
    assert publish("hospitals.geojson", "--store", folder / "elsewhere") == first
    ours, other = folder / "releases" / first, folder / "elsewhere" / first
    for path in ours.rglob("*.*"):
        assert path.read_bytes() == (other / path.relative_to(ours)).read_bytes(), path.name


def test_a_release_names_its_inputs_by_checksum_and_no_folder(publish, folder):
    path = folder / "releases" / publish() / "manifest.json"
    manifest = read_manifest(path.read_text(encoding="utf-8"), path.name)
    assert [(one.role, one.name) for one in manifest.inputs] == [
        ("facilities", "hospitals.geojson"),
        ("villages", "villages.gpkg"),
    ]
    assert str(folder) not in path.read_text(encoding="utf-8")
    assert manifest.parameters["presence_km"] == 2.0


def test_a_round_is_published_with_everything_it_has(folder, releases):
    given = ("--round", 3, "--country", "KAZ", "--boundaries", folder / "regions.gpkg")
    result = releases("publish", *given)
    assert result.exit_code == 0, result.output
    assert "KAZ round 3" in result.output
    shown = answer(releases("show", "--json"))
    assert {"mobility", "reported_access", "groups_by_region"} <= {
        one["name"] for one in shown["collections"]
    }
    assert shown["round"]["number"] == 3
    assert {one["role"] for one in shown["inputs"]} >= {"boundaries"}


def test_a_parameter_makes_another_release_and_diff_says_what_changed(publish, folder, releases):
    first, second = publish(), publish("fewer.geojson")
    found = answer(releases("diff", first[:8], second[:8], "--json", "-o", folder / "changes.csv"))
    services = {row["collection"]: row for row in found["services"]}
    assert services["access"]["service"] == "hospital"
    assert services["access"]["changed"] > 0
    changes = pd.read_csv(folder / "changes.csv")
    assert {"village_id", "before", "after"} <= set(changes)
    said = releases("diff", first[:8], second[:8])
    assert "By service" in said.output
    assert "Both hold the same rows" in releases("diff", first, first).output


def test_use_goes_back_and_prune_keeps_what_is_current(publish, releases):
    first, second = publish(), publish("fewer.geojson")
    assert answer(releases("use", first[:6], "--json"))["current"] == first
    third = publish("fewer.geojson", "--bands", "1,2,3")
    assert answer(releases("use", first, "--json"))["current"] == first
    assert answer(releases("prune", "--keep", 1, "--json"))["taken"] == [second]
    left = {one["id"]: one["current"] for one in answer(releases("list", "--json"))["releases"]}
    assert left == {first: True, third: False}
    assert "Nothing to take away" in releases("prune", "--keep", 5).output


def test_verify_exits_with_1_where_a_byte_is_changed(publish, folder, releases):
    release = publish()
    assert "is whole" in releases("verify").output
    path = folder / "releases" / release / "villages.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    result = releases("verify", "--json")
    assert result.exit_code == 1
    assert [one["where"] for one in json.loads(result.stdout)["faults"]] == ["villages.parquet"]
    assert "villages.parquet" in releases("verify").output


def test_what_is_half_made_is_named(publish, folder, releases):
    publish()
    (folder / "releases" / ".writing-left").mkdir()
    assert ".writing-left" in releases("list").output


def test_an_empty_store_says_so(releases):
    assert "There is no release" in releases("list").output
    result = releases("show")
    assert result.exit_code == 1
    assert "Error:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "give a round"),
        (("--round", 3), 2, "of a country"),
        (("--round", 3, "--country", "KAZ", "--villages", "x.gpkg"), 2, "give a round"),
        (("--round", 9, "--country", "KAZ"), 1, "round 9 of KAZ is not in"),
        (("--villages", "missing.gpkg"), 1, "missing.gpkg"),
    ],
)
def test_what_cannot_be_published_is_refused_before_anything_is_written(
    folder, releases, arguments, status, said
):
    result = releases("publish", *arguments)
    assert result.exit_code == status, result.output
    assert said in " ".join(result.output.split())
    assert not list((folder / "releases").glob("*/manifest.json"))


def test_push_asks_for_the_address_of_a_database(releases):
    result = releases("push", "somewhere")
    assert result.exit_code == 1
    assert "is not the address of a database" in result.stderr


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
def test_a_release_goes_to_postgis_and_comes_back_byte_for_byte(publish, folder, releases):
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    release = publish()
    with temporary_postgis() as url:
        assert answer(releases("push", url, "--json"))["id"] == release
        assert answer(releases("list", "--store", url, "--json"))["releases"][0]["current"]
        assert "is whole" in releases("verify", "--store", url).output
        assert answer(releases("pull", url, "--store", folder / "back", "--json"))["id"] == release
        refused = releases("publish", "--villages", folder / "villages.gpkg", "--store", url)
        assert "publish into a folder" in refused.stderr
    ours, back = folder / "releases" / release, folder / "back" / release
    files = [path for path in ours.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"manifest.json", "SHA256SUMS", "villages.parquet"}
    for path in files:
        assert path.read_bytes() == (back / path.relative_to(ours)).read_bytes(), path.name


def test_the_order_of_options_makes_no_other_release(publish, folder, releases):
    schools = ("-f", f"school={folder / 'fewer.geojson'}")
    first = publish("hospitals.geojson", *schools)
    given = (
        "--villages",
        folder / "villages.gpkg",
        *schools,
        "-f",
        f"hospital={folder / 'hospitals.geojson'}",
    )
    again = answer(releases("publish", *given, "--json"))
    assert again["id"] == first
    assert not again["new"]
    assert "Nothing changed: it is there already" in " ".join(releases("publish", *given).output.split())


def test_a_release_says_how_many_rows_came_from_each_file_and_how_they_were_joined(publish, folder):
    given = ("--boundaries", folder / "regions.gpkg", "--snap-km", 3)
    path = folder / "releases" / publish("hospitals.geojson", *given) / "manifest.json"
    manifest = read_manifest(path.read_text(encoding="utf-8"), path.name)
    rows = {one.role: one.rows for one in manifest.inputs}
    assert rows == {
        "villages": 8,
        "facilities": 2,
        "boundaries": len(pyogrio.read_dataframe(folder / "regions.gpkg")),
    }
    assert manifest.parameters["snap_km"] == 3.0
    assert "snap_km" not in read_manifest_of(folder, publish()).parameters


def read_manifest_of(folder, release):
    return read_manifest(
        (folder / "releases" / release / "manifest.json").read_text(encoding="utf-8"), release
    )


def test_show_has_what_is_cited_and_what_it_was_made_from(publish, releases):
    first, second = publish(), publish("fewer.geojson")
    said = releases("show").output
    assert f"id {second}" in said
    assert f"parent {first}" in said
    assert "facilities: fewer.geojson, 1 rows" in said
    assert "parent" not in releases("show", first).output


def test_rows_that_only_went_away_are_a_difference(folder, publish, releases):
    first = publish()
    write_layer(villages(PLACES[:6]), folder / "villages.gpkg", overwrite=True)
    said = releases("diff", first, publish()).output
    lines = [line.split("│") for line in said.splitlines()]
    rows = {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines if len(line) == 7}
    assert rows["villages"][:5] == ["8", "6", "0", "2", "0"]
    assert max(map(len, said.splitlines())) <= 80
    assert "each in a row with -o FILE" in said


@pytest.mark.parametrize(
    "command", [["list"], ["show"], ["verify"], ["prune", "--keep", 1], ["use", "123456"]]
)
def test_a_store_that_is_a_file_is_said_in_one_sentence(folder, releases, command):
    result = releases(*command, "--store", folder / "villages.gpkg")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith("Error:")
    assert "villages.gpkg" in result.stderr.replace("\n", "")


def test_a_store_that_cannot_be_written_is_refused_before_anything_is_read(folder, releases):
    result = releases(
        "publish", "--villages", "missing.gpkg", "--store", folder / "villages.gpkg" / "releases"
    )
    assert result.exit_code == 1
    assert "it is not a folder" in " ".join(result.stderr.split())
    assert releases("publish", "--villages", "missing.gpkg").exit_code == 1
    assert not (folder / "releases").exists()
