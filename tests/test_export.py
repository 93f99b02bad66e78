"""Layers and tables to files: every format read back, nothing lost silently, nothing half-written."""

from __future__ import annotations

import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from frames import facilities, units, villages

from geo_service.coverage.access import access
from geo_service.coverage.tables import access_by_band
from geo_service.errors import OutputError
from geo_service.export.fields import mapping_path, short_names
from geo_service.export.staging import staged
from geo_service.export.tables import TABLE_FORMATS, write_table
from geo_service.export.vector import LAYER_FORMATS, write_layer
from geo_service.schemas import ACCESS_COLUMNS


@pytest.fixture
def layer():
    points = villages([(71.43, 51.13), (76.94, 43.25), None], [120, None, 5])
    points["village_name"] = pd.array(["Қосшы", "Алматы <&>", None], dtype="string")
    rows = access(points, {"hospital": facilities([(71.5, 51.2)])})
    kept = rows[[*ACCESS_COLUMNS, "geometry"]]
    kept.attrs = rows.attrs
    return kept


def read_back(path):
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".xlsx":
        return pd.read_excel(path, engine="openpyxl")
    return gpd.read_file(path)


@pytest.mark.parametrize("suffix", LAYER_FORMATS)
def test_every_format_gives_back_every_row_and_column(layer, tmp_path, suffix):
    path = tmp_path / f"access{suffix}"

    write_layer(layer, path)

    found = read_back(path)
    names = short_names(ACCESS_COLUMNS) if suffix == ".shp" else {name: name for name in ACCESS_COLUMNS}
    assert len(found) == 3
    for column, name in names.items():
        expected = [None if pd.isna(value) else str(value) for value in layer[column]]
        got = [None if pd.isna(value) or value == "" else str(value) for value in found[name]]
        if column in {"distance_m", "households"}:
            assert [None if one is None else round(float(one), 3) for one in got] == [
                None if one is None else round(float(one), 3) for one in expected
            ]
        else:
            assert got == expected


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".kml"])
def test_geometries_come_back_to_a_centimetre_and_null_stays_null(layer, tmp_path, suffix):
    path = tmp_path / f"access{suffix}"
    write_layer(layer, path)

    found = read_back(path)

    assert found.crs.equals("EPSG:4326", ignore_axis_order=True)
    for expected, got in zip(layer.geometry, found.geometry, strict=True):
        assert (got is None) if expected is None else got.distance(expected) < 1e-7


def test_a_geoparquet_has_a_covering_box_and_zstd(layer, tmp_path):
    write_layer(layer, tmp_path / "a.parquet")

    file = pq.ParquetFile(tmp_path / "a.parquet")
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert "bbox" in geo["columns"]["geometry"]["covering"]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_what_the_frame_says_of_itself_goes_along_where_the_format_has_a_place(layer, tmp_path):
    for suffix in (".geojson", ".gpkg", ".xlsx", ".csv"):
        write_layer(layer, tmp_path / f"access{suffix}")

    assert "upper edge" in json.loads((tmp_path / "access.geojson").read_text())["description"]
    assert "upper edge" in pyogrio.read_info(tmp_path / "access.gpkg")["layer_metadata"]["about"]
    about = openpyxl.load_workbook(tmp_path / "access.xlsx")["about"]
    assert ("basis", "measured") in list(about.iter_rows(values_only=True))
    beside = json.loads((tmp_path / "access.csv-metadata.json").read_text())
    assert beside["notes"][0]["basis"] == "measured"
    assert [column["titles"] for column in beside["tableSchema"]["columns"]][-2:] == ["longitude", "latitude"]


@pytest.mark.parametrize(
    ("suffix", "types"), [(".shp", {"households": "Int64"}), (".kml", {"households": "text"})]
)
def test_shapefile_and_kml_come_with_a_mapping_of_their_fields(layer, tmp_path, suffix, types):
    path = tmp_path / f"access{suffix}"
    write_layer(layer, path)

    mapping = pd.read_csv(mapping_path(path)).set_index("column")

    assert set(mapping.index) == set(ACCESS_COLUMNS)
    assert set(mapping["field"]) <= set(gpd.read_file(path).columns)
    assert mapping.loc["households", "field_type"] == types["households"]


def test_kml_shows_the_name_of_a_village(layer, tmp_path):
    write_layer(layer, tmp_path / "a.kml")
    assert gpd.read_file(tmp_path / "a.kml")["Name"].tolist()[0] == "Қосшы"


def test_short_names_are_ten_characters_and_all_different():
    names = short_names(["household_count_a", "household_count_b", "HOUSEHOLD_c", "facility_name"])
    assert names["facility_name"] == "facil_name"
    assert len({name.casefold() for name in names.values()}) == 4
    assert max(map(len, names.values())) <= 10


def test_a_shapefile_that_cannot_hold_the_text_is_refused(layer, tmp_path):
    layer["village_name"] = pd.array(["x" * 300] * 3, dtype="string")
    with pytest.raises(OutputError, match=r"use \.gpkg instead"):
        write_layer(layer, tmp_path / "a.shp")
    assert not list(tmp_path.iterdir())


def test_a_shapefile_of_mixed_geometries_is_refused(tmp_path):
    mixed = facilities([(0, 0), shapely.box(0, 0, 1, 1)])
    with pytest.raises(OutputError, match="one type of geometry"):
        write_layer(mixed, tmp_path / "a.shp")


def test_areas_and_mixed_layers_go_into_the_other_formats(tmp_path):
    mixed = facilities([(0, 0), shapely.box(0, 0, 1, 1)])
    for suffix in (".geojson", ".gpkg", ".fgb", ".parquet", ".kml", ".csv"):
        write_layer(mixed, tmp_path / f"mixed{suffix}")
    assert set(read_back(tmp_path / "mixed.fgb").geom_type) == {"Point", "Polygon"}, (
        "in the order of its spatial index"
    )
    assert read_back(tmp_path / "mixed.csv")["geometry_wkt"].tolist()[0] == "POINT (0 0)"
    write_layer(units({"A": shapely.box(0, 0, 1, 1)}), tmp_path / "areas.shp")


def test_an_empty_layer_can_be_written(layer, tmp_path):
    for suffix in LAYER_FORMATS:
        write_layer(layer.iloc[:0], tmp_path / f"empty{suffix}")
        assert len(read_back(tmp_path / f"empty{suffix}")) == 0


@pytest.mark.parametrize(
    ("name", "companion"),
    [("a.csv", "a.csv-metadata.json"), ("a.shp", "a.dbf"), ("a.kml", "a.kml.fields.csv")],
)
def test_a_companion_that_exists_is_kept_too(layer, tmp_path, name, companion):
    (tmp_path / companion).write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        write_layer(layer, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [companion]


def test_coordinates_in_a_table_are_longitude_and_latitude_whatever_the_layer_is_in(layer, tmp_path):
    write_layer(layer.to_crs(3857), tmp_path / "a.csv")
    assert read_back(tmp_path / "a.csv")["longitude"].tolist()[0] == pytest.approx(71.43)


def test_a_second_geometry_is_kept_in_geoparquet_only(tmp_path):
    points = villages([(0, 0)])
    points["footprint"] = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    write_layer(points, tmp_path / "v.parquet")
    write_layer(points, tmp_path / "v.gpkg")
    assert "footprint" in read_back(tmp_path / "v.parquet")
    assert "footprint" not in read_back(tmp_path / "v.gpkg")


def test_what_exists_is_kept_unless_told_to_replace_it(layer, tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        write_layer(layer, path)
    assert path.read_text() == "mine"

    write_layer(layer, path, overwrite=True)
    assert len(gpd.read_file(path)) == 3


@pytest.mark.parametrize("write", [write_layer, write_table])
def test_an_unknown_extension_is_refused_with_those_that_are_known(layer, tmp_path, write):
    with pytest.raises(OutputError, match=r"\.csv"):
        write(layer, tmp_path / "a.docx")


def test_a_missing_folder_and_a_folder_in_the_way_are_refused(layer, tmp_path):
    with pytest.raises(OutputError, match="create it first"):
        write_layer(layer, tmp_path / "no" / "a.gpkg")
    (tmp_path / "b.gpkg").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_layer(layer, tmp_path / "b.gpkg", overwrite=True)


def test_a_run_that_fails_leaves_nothing_behind_and_the_old_files_in_place(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("old")

    def fail():
        with staged([first, second], overwrite=True) as [beside, _]:
            beside.write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert first.read_text() == "old"


@pytest.mark.parametrize("suffix", TABLE_FORMATS)
def test_tables_come_back_with_what_they_say_of_themselves(tmp_path, suffix):
    table = access_by_band(access(villages([(0, 0)], [7]), facilities([(0, 0)])))
    path = tmp_path / f"bands{suffix}"

    write_table(table, path)

    if suffix == ".json":
        content = json.loads(path.read_text())
        rows, about = content["rows"], content["about"]
    else:
        rows = read_back(path).to_dict("records")
        about = {"basis": "measured"}
    assert [row["households"] for row in rows] == [7, 0, 0, 0, 0, 0]
    assert about["basis"] == "measured"


def test_a_text_that_begins_like_a_formula_stays_text(tmp_path):
    write_table(pd.DataFrame({"name": ["=1+1", "@x", "+7"]}), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert [row[0].data_type for row in sheet.iter_rows(min_row=2)] == ["s", "s", "s"]


def test_a_sheet_that_has_no_room_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geo_service.export.tables._XLSX_ROWS", 3)
    with pytest.raises(OutputError, match="a sheet holds 2 rows, these are 3"):
        write_table(pd.DataFrame({"a": [1, 2, 3]}), tmp_path / "t.xlsx")
