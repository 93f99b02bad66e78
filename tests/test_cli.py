"""The command line as a user types it: what it prints, writes, and exits with."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from frames import facilities, units, villages
from typer.testing import CliRunner

from geo_service import __version__
from geo_service.cli.app import app
from geo_service.export.vector import LAYER_FORMATS, write_layer
from geo_service.schemas import ACCESS_COLUMNS


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path / "sets"))

    def run_command(*arguments):
        return CliRunner().invoke(app, [str(one) for one in arguments])

    return run_command


@pytest.fixture
def world(tmp_path):
    """Three villages in two districts, one hospital and two schools, as files."""
    folder = tmp_path / "in"
    folder.mkdir()
    write_layer(villages([(0.1, 0.5), (1.5, 0.5), (1.9, 0.5)], [100, 20, 3]), folder / "villages.gpkg")
    write_layer(facilities([(0.1, 0.51)]), folder / "hospitals.geojson")
    write_layer(facilities([(1.5, 0.5), (1.9, 0.6)], "school"), folder / "schools.csv")
    write_layer(
        units({"D1": shapely.box(0, 0, 1, 1), "D2": shapely.box(1, 0, 2, 1)}), folder / "districts.gpkg"
    )
    return folder


def access_arguments(world, *more):
    return ["access", world / "villages.gpkg", "-f", f"hospital={world / 'hospitals.geojson'}", *more]


def test_access_prints_the_band_table_and_writes_layer_and_table(run, world, tmp_path):
    result = run(
        *access_arguments(world, "-f", f"school={world / 'schools.csv'}"),
        *("--boundaries", world / "districts.gpkg", "--by", "district", "--k", 2),
        *("-o", tmp_path / "access.gpkg", "--table", tmp_path / "bands.csv"),
    )

    assert result.exit_code == 0, result.output
    assert "Hospital: households by km" in result.stdout
    assert "not by road" in result.stdout
    layer = gpd.read_file(tmp_path / "access.gpkg")
    assert list(layer) == [*ACCESS_COLUMNS, "geometry"]
    assert len(layer) == 3 * 2 * 2
    assert layer["adm2_pcode"].tolist()[::2] == ["D1", "D2", "D2"] * 2
    table = pd.read_csv(tmp_path / "bands.csv")
    assert list(table) == ["service", "pcode", "name", "band", "status", "villages", "households", "share"]
    assert table.groupby("service")["households"].sum().tolist() == [123, 123]


def test_without_by_the_table_has_no_units(run, world, tmp_path):
    result = run(*access_arguments(world, "--table", tmp_path / "bands.csv"))

    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "bands.csv")
    assert list(table) == ["service", "band", "status", "villages", "households", "share"]
    assert table["households"].tolist() == [100, 0, 0, 0, 0, 23]


@pytest.mark.parametrize("suffix", LAYER_FORMATS)
def test_every_format_can_be_asked_for(run, world, tmp_path, suffix):
    result = run(*access_arguments(world, "-o", tmp_path / f"access{suffix}", "-q"))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert (tmp_path / f"access{suffix}").stat().st_size > 100


def test_json_says_all_that_the_tables_say(run, world):
    result = run(*access_arguments(world, "--json", "--bands", "1,2.5"))

    answer = json.loads(result.stdout)
    assert answer["about"]["basis"] == "measured"
    assert answer["about"]["edges_km"] == [1, 2.5]
    assert [row["band"] for row in answer["table"]] == ["0-1", "1-2.5", ">2.5"]
    assert sum(row["households"] for row in answer["table"]) == 123
    assert answer["errors"] == 0


def test_labels_come_in_the_language_asked_for(run, world):
    russian, kazakh = (run(*access_arguments(world, "--lang", language)).stdout for language in ("ru", "kk"))
    assert "Домохозяйства по расстоянию до ближайшего объекта, км" in russian
    assert "Больница" in russian
    assert "не по дорогам" in russian
    assert "Аурухана" in kazakh
    assert "жол бойымен емес" in kazakh
    by_unit = ("--boundaries", world / "districts.gpkg", "--by", "district", "--lang", "ru")
    shown = run(*access_arguments(world, *by_unit)).stdout
    assert "Больница: домохозяйства по расстоянию" in shown
    assert "Район D1" in shown


def test_household_points_count_one_each(run, world):
    answer = json.loads(run(*access_arguments(world, "--household-points", "--json")).stdout)
    assert sum(row["households"] for row in answer["table"]) == 3


def test_villages_without_counts_are_counted_as_villages(run, world, tmp_path):
    gpd.read_file(world / "villages.gpkg").drop(columns="households").to_file(tmp_path / "v.gpkg")
    result = run("access", tmp_path / "v.gpkg", "-f", f"hospital={world / 'hospitals.geojson'}")
    assert result.exit_code == 0, result.output
    assert "Villages by km" in result.stdout
    assert "no_household_counts" in result.stderr


def test_an_error_in_the_input_exits_with_1_says_where_and_writes_nothing_but_the_findings(
    run, world, tmp_path
):
    broken = tmp_path / "v.csv"
    broken.write_text("id,longitude,latitude,households\na,1,0.5,-3\na,1.5,0.5,ten\n")

    result = run(
        *("access", broken, "-f", f"hospital={world / 'hospitals.geojson'}"),
        *("-o", tmp_path / "a.gpkg", "--table", tmp_path / "t.csv", "--findings", tmp_path / "f.json"),
    )

    assert result.exit_code == 1
    assert "Nothing was written" in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "a.gpkg").exists()
    assert not (tmp_path / "t.csv").exists()
    found = {
        (one["code"], one["row"], one["column"]) for one in json.loads((tmp_path / "f.json").read_text())
    }
    assert {
        ("negative_households", 2, "households"),
        ("non_numeric_households", 3, "households"),
        ("duplicate_id", 3, "id"),
    } <= found


def test_warnings_do_not_stop_a_run_and_can_be_kept(run, world, tmp_path):
    table = tmp_path / "v.csv"
    table.write_text("id,longitude,latitude,households\na,0.1,0.5,3\nb,,,4\n")

    result = run(
        "access",
        table,
        "-f",
        f"hospital={world / 'hospitals.geojson'}",
        "--findings",
        tmp_path / "f.csv",
        "--json",
    )

    assert result.exit_code == 0, result.output
    assert pd.read_csv(tmp_path / "f.csv")["code"].tolist() == ["no_geometry"]
    statuses = {
        row["status"]: row["households"] for row in json.loads(result.stdout)["table"] if row["households"]
    }
    assert statuses == {"ok": 3, "no_location": 4}


def test_existing_outputs_are_kept_unless_overwrite_is_given(run, world, tmp_path):
    out = tmp_path / "a.geojson"
    out.write_text("mine")

    refused = run(*access_arguments(world, "-o", out))
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert out.read_text() == "mine"
    assert run(*access_arguments(world, "-o", out, "--overwrite", "-q")).exit_code == 0
    assert len(gpd.read_file(out)) == 3


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-f", "hospice=x.gpkg"], "not a service"),
        (["-f", "x.gpkg"], "SERVICE=FILE"),
        (["-f", "hospital=again.gpkg"], "given twice"),
        (["--bands", "5,3"], "bands need edges"),
        (["--bands", "near,far"], "not a list of km"),
        (["--by", "district"], "--boundaries"),
        (["--by", "country"], "without --by"),
        (["--k", "0"], "--k"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_exits_with_2(run, world, more, said):
    result = run(*access_arguments(world, *more))
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-o", "out.docx"], "not a format of layers"),
        (["--table", "out.gpkg"], "not a format of tables"),
        (["--findings", "found.txt"], "findings are written as"),
        (["--snap-km", "1000", "--boundaries", "kaz-adm1"], "give 0 to 100"),
        (["--max-km", "inf"], "the limit is inf km"),
        (["--boundaries", "atlantis"], "atlantis"),
        (["--boundaries", "kaz-adm1", "--by", "district"], "no units of the level district"),
        (["--crs", "EPSG:nonsense"], "not a coordinate reference system"),
        (["--id", "nonsense"], "no column 'nonsense'"),
    ],
)
def test_bad_input_exits_with_1_and_one_clear_error(run, world, monkeypatch, tmp_path, more, said):
    monkeypatch.chdir(tmp_path)
    result = run(*access_arguments(world, *more))
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_a_layer_and_a_table_of_the_same_name_are_refused(run, world, tmp_path):
    for option in ("--table", "--findings"):
        result = run(*access_arguments(world, "-o", tmp_path / "a.csv", option, tmp_path / "a.csv"))
        assert result.exit_code == 1
        assert "written twice" in result.stderr
    assert not (tmp_path / "a.csv").exists()


def test_nearest_prints_the_nearest_facilities_of_a_place(run, world):
    result = run("nearest", 1.5, 0.5, "-f", f"school={world / 'schools.csv'}", "--k", 3, "--json")

    answer = json.loads(result.stdout)
    assert [row["facility_id"] for row in answer["nearest"]] == ["school-0", "school-1", None]
    assert answer["nearest"][0]["distance_m"] == 0
    assert answer["nearest"][2]["status"] == "no_facility"
    shown = run("nearest", 1.5, 0.5, "-f", f"school={world / 'schools.csv'}").stdout
    assert "School 0" in shown


def test_nearest_takes_negative_coordinates_after_two_dashes(run, world):
    assert run("nearest", "-f", f"school={world / 'schools.csv'}", "--", "-1.5", "-0.5").exit_code == 0


def test_nearest_refuses_a_place_that_is_not_on_earth(run, world):
    assert run("nearest", 200, 0, "-f", f"school={world / 'schools.csv'}").exit_code == 2


def test_locate_gives_each_village_its_district_and_counts_them(run, world, tmp_path):
    out = tmp_path / "located.geojson"
    result = run("locate", world / "villages.gpkg", "--boundaries", world / "districts.gpkg", "-o", out)

    assert result.exit_code == 0, result.output
    assert gpd.read_file(out)["adm2_pcode"].tolist() == ["D1", "D2", "D2"]
    answer = json.loads(
        run("locate", world / "villages.gpkg", "--boundaries", world / "districts.gpkg", "--json").stdout
    )
    assert [(row["pcode"], row["villages"], row["households"]) for row in answer["units"]] == [
        ("D1", 1, 100),
        ("D2", 2, 23),
    ]


def test_vocabulary_prints_the_words_of_a_language(run):
    shown = run("vocabulary", "--lang", "ru").stdout
    assert "Трудящиеся-мигранты" in shown
    assert "Returnees" not in shown
    answer = json.loads(run("vocabulary", "--json").stdout)
    assert answer["services"]["hospital"] == {"en": "Hospital", "ru": "Больница", "kk": "Аурухана"}


def test_the_version_is_said(run):
    assert run("--version").stdout.strip() == f"geo-service {__version__}"


@pytest.mark.parametrize(
    "command", ["access", "nearest", "locate", "osm", "vocabulary", "demo", "boundaries", "boundaries fetch"]
)
def test_every_command_has_help_and_the_main_ones_an_example(run, command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout or command == "boundaries"


def test_a_file_with_several_layers_takes_the_one_that_is_named(run, world, tmp_path):
    both = tmp_path / "both.gpkg"
    gpd.read_file(world / "villages.gpkg").to_file(both, layer="villages")
    gpd.read_file(world / "hospitals.geojson").to_file(both, layer="hospitals")

    refused = run("access", both, "-f", f"hospital={world / 'hospitals.geojson'}")
    assert refused.exit_code == 1
    assert "layername" in refused.stderr
    assert (
        run(
            "access", f"{both}|layername=villages", "-f", f"hospital={both}|layername=hospitals", "-q"
        ).exit_code
        == 0
    )


EXTRACT = """<?xml version='1.0'?>
<osm version="0.6">
 <node id="1" lat="0.5" lon="0.1" version="1"><tag k="place" v="village"/><tag k="name" v="Qosshy"/></node>
 <node id="2" lat="0.5" lon="0.12" version="1"><tag k="amenity" v="hospital"/></node>
 <node id="3" lat="0.6" lon="0.12" version="1"><tag k="amenity" v="school"/><tag k="name" v="No 1"/></node>
</osm>
"""


def test_an_extract_stands_for_the_villages_and_for_all_services(run, tmp_path):
    extract = tmp_path / "town.osm"
    extract.write_text(EXTRACT)

    answer = json.loads(run("access", extract, "-f", extract, "--json").stdout)

    found = {(row["service"], row["band"], row["status"]) for row in answer["table"] if row["villages"]}
    assert {("hospital", "0-5", "ok"), ("school", "11-15", "ok"), ("market", None, "no_facility")} <= found
    assert (
        json.loads(run("nearest", 0.1, 0.5, "-f", f"school={extract}", "--json").stdout)["nearest"][0][
            "facility_name"
        ]
        == "No 1"
    )


def test_an_extract_without_villages_is_an_error(run, tmp_path):
    extract = tmp_path / "empty.osm"
    extract.write_text("<osm version='0.6'></osm>")
    result = run("access", extract, "-f", extract)
    assert result.exit_code == 1
    assert "no villages" in " ".join(result.stderr.replace("│", " ").split())


def test_an_unexpected_error_is_not_hidden(run, world, monkeypatch):
    def broken(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("geo_service.cli.access.access", broken)
    assert isinstance(run(*access_arguments(world)).exception, ZeroDivisionError)


def test_many_findings_are_counted_and_the_first_of_each_kind_shown(run, world, tmp_path):
    table = tmp_path / "v.csv"
    table.write_text("id,longitude,latitude,households\n" + "".join(f"{n},0.1,0.5,-1\n" for n in range(40)))
    result = run("access", table, "-f", f"hospital={world / 'hospitals.geojson'}")
    assert result.exit_code == 1
    assert "40 errors, 0 warnings: 40 negative_households" in " ".join(result.stderr.split())
    assert "20 are shown" in result.stderr


def test_villages_outside_every_unit_have_their_row_in_the_printed_table(run, world):
    result = run(
        *(
            "access",
            world / "districts.gpkg",
            "-f",
            f"hospital={world / 'hospitals.geojson'}",
            "--household-points",
        ),
        *("--boundaries", "kaz-adm1", "--by", "region"),
    )
    assert result.exit_code == 0, result.output
    assert "not assigned" in result.stdout


def test_columns_of_facilities_are_named_with_their_own_options(run, world, tmp_path):
    odd = tmp_path / "h.csv"
    odd.write_text("nr,E,N,what\n7,0.1,0.51,North\n")

    refused = run("nearest", 0.1, 0.5, "-f", f"hospital={odd}")
    assert refused.exit_code == 1
    assert "--facility-lon COLUMN" in " ".join(refused.stderr.split())

    named = ("--facility-lon", "E", "--facility-lat", "N", "--facility-id", "nr", "--facility-name", "what")
    answer = json.loads(run("nearest", 0.1, 0.5, "-f", f"hospital={odd}", *named, "--json").stdout)
    assert (answer["nearest"][0]["facility_id"], answer["nearest"][0]["facility_name"]) == ("7", "North")
    assert run("access", world / "villages.gpkg", "-f", f"hospital={odd}", *named, "-q").exit_code == 0


def test_a_projected_crs_is_not_applied_to_tables_in_degrees_and_says_so(run, world, tmp_path):
    metres = tmp_path / "v.csv"
    place = gpd.GeoSeries.from_xy([0.1], [0.5], crs=4326).to_crs(32631).iloc[0]
    metres.write_text(f"id,x,y,households\na,{place.x},{place.y},5\n")

    result = run("access", metres, "-f", f"school={world / 'schools.csv'}", "--crs", "EPSG:32631", "--json")

    assert result.exit_code == 0, result.output
    expected = json.loads(run("nearest", 0.1, 0.5, "-f", f"school={world / 'schools.csv'}", "--json").stdout)
    assert expected["nearest"][0]["distance_m"] > 100_000
    assert [row["households"] for row in json.loads(result.stdout)["table"]] == [0, 0, 0, 0, 0, 5]
    assert json.loads(result.stdout)["warnings"] == 1


def test_brackets_in_names_are_shown_and_not_read_as_markup(run, tmp_path):
    layer = facilities([(1, 1)], ids=["a[/b]"])
    layer["facility_name"] = "Больница [red] №1"
    write_layer(layer, tmp_path / "h[x].geojson")
    result = run("nearest", 1, 1, "-f", f"hospital={tmp_path / 'h[x].geojson'}")
    assert result.exit_code == 0, result.output
    assert "a[/b]" in result.stdout
    assert "Больница [red] №1" in result.stdout


def test_the_attribution_of_an_extract_goes_along(run, tmp_path):
    extract = tmp_path / "town.osm"
    extract.write_text(EXTRACT)
    assert "ODbL" in json.loads(run("access", extract, "-f", extract, "--json").stdout)["about"]["sources"]


def test_a_table_by_region_of_districts_names_the_regions(run, world, tmp_path):
    districts = units({"KAZ014001": shapely.box(0, 0, 2, 1)}, parent="KAZ014")
    write_layer(districts, tmp_path / "d.gpkg")
    result = run(*access_arguments(world, "--boundaries", tmp_path / "d.gpkg", "--by", "region", "--json"))
    assert {row["name"] for row in json.loads(result.stdout)["table"]} == {"Mangystau Region"}


def test_households_that_nobody_counted_are_null_and_not_zero(run, world, tmp_path):
    gpd.read_file(world / "villages.gpkg").drop(columns="households").to_file(tmp_path / "v.gpkg")
    answer = json.loads(
        run("locate", tmp_path / "v.gpkg", "--boundaries", world / "districts.gpkg", "--json").stdout
    )
    assert {row["households"] for row in answer["units"]} == {None}


def test_a_setting_that_is_wrong_is_named(run, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_MAX_BYTES", "many")
    result = run("boundaries", "list")
    assert result.exit_code == 1
    assert "GEO_SERVICE_BOUNDARIES_MAX_BYTES" in result.stderr


def test_findings_that_cannot_be_written_are_one_clear_error(run, world, tmp_path):
    result = run(*access_arguments(world, "--findings", tmp_path / "no" / "f.csv"))
    assert result.exit_code == 1
    assert "create it first" in result.stderr
    checked = run("boundaries", "check", world / "districts.gpkg", "--findings", tmp_path / "no" / "f.csv")
    assert checked.exit_code == 1
    assert "create it first" in checked.stderr
