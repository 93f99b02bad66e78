"""Layers of every format, reference system and kind of damage."""

from __future__ import annotations

import json
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from geo_service.errors import CrsError, FindingsError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.layers import LayerOptions, read_villages
from geo_service.ingest.readers import read_layer, split_layer_name
from geo_service.schemas import VILLAGES, validated

METRES_PER_DEGREE = 111_320
FORMATS = [
    "geojson",
    "gpkg",
    "shp",
    "fgb",
    "kml",
    "geojsonl",
    "gml",
    "sqlite",
    "tab",
    "parquet",
    "csv",
    "xlsx",
]


def sites(crs=4326):
    frame = gpd.GeoDataFrame(
        {"village_id": ["010101001", "7", "x 3"], "name": ["Алматы", None, "Ә, б"], "hh": [10, 20, 30]},
        geometry=[Point(70.123456, 50.654321), Point(71, 51), Point(72.5, 49.25)],
        crs=4326,
    )
    return frame.to_crs(crs)


def save(frame, path, **options):
    """In the format of the extension, as a GIS would write it."""
    suffix = path.suffix[1:]
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix in {"csv", "xlsx"}:
        table = pd.DataFrame(frame.drop(columns="geometry")).assign(
            lon=frame.geometry.x, lat=frame.geometry.y
        )
        table.to_csv(path, index=False) if suffix == "csv" else table.to_excel(path, index=False)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            driver = "LIBKML" if suffix == "kml" else None
            pyogrio.write_dataframe(frame, path, driver=driver, **options)
    return path


def farthest_off_m(frame):
    off_degrees = shapely.distance(frame.geometry.array, sites().geometry.array)
    return off_degrees.max() * METRES_PER_DEGREE


def geojson(path, *geometries, **more):
    features = [
        {"type": "Feature", "properties": {"id": str(number)}, "geometry": geometry}
        for number, geometry in enumerate(geometries, start=1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return path


def read(path, **options):
    findings = Findings()
    layer = read_layer(path, findings, **options)
    assert not len(findings)
    return layer


def refused(path, **options):
    findings = Findings()
    with pytest.raises(FindingsError):
        read_layer(path, findings, **options)
    (error,) = findings.errors
    assert error.file == split_layer_name(path)[0].as_posix()
    return error


def villages(path, findings=None, **options):
    findings = Findings() if findings is None else findings
    frame = read_villages(path, findings, LayerOptions(**options))
    return validated(frame, VILLAGES, "villages")


# Formats


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_gives_the_same_villages(tmp_path, suffix):
    frame = villages(save(sites(), tmp_path / f"sites.{suffix}")).sort_values("village_id", ignore_index=True)
    assert frame["village_id"].tolist() == ["010101001", "7", "x 3"]
    assert frame["village_name"].fillna("none").tolist() == ["Алматы", "none", "Ә, б"]
    assert frame["households"].tolist() == [10, 20, 30]
    assert frame.geometry.geom_equals_exact(sites().geometry, 1e-9).all()
    assert frame.crs.to_epsg() == 4326
    first = 2 if suffix in {"csv", "xlsx"} else 1
    assert sorted(frame["source_row"]) == [first, first + 1, first + 2]


@pytest.mark.parametrize(
    "crs", ["EPSG:32642", "EPSG:3857", "EPSG:28412", "EPSG:20012", "EPSG:4284", "OGC:CRS84"]
)
@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_a_layer_in_any_reference_system_comes_back_to_the_centimetre(tmp_path, crs, suffix):
    layer = read(save(sites(crs), tmp_path / f"sites.{suffix}"))
    assert farthest_off_m(layer.frame) < 0.01


def test_longitude_comes_first_whatever_the_axis_order_of_the_reference_system(tmp_path):
    for number, crs in enumerate(["EPSG:4326", "OGC:CRS84", "EPSG:4258"]):
        frame = sites().set_crs(crs, allow_override=True)
        layer = read(save(frame, tmp_path / f"{number}.gpkg"))
        assert layer.frame.geometry.x.round(3).tolist() == [70.123, 71, 72.5]


def test_a_table_in_metres_is_read_with_its_reference_system(tmp_path):
    path = save(sites(32642), tmp_path / "sites.csv")
    path.write_text(path.read_text().replace("lon,lat", "easting,northing"))
    frame = read(path, crs="EPSG:32642", lon="easting", lat="northing").frame
    assert farthest_off_m(frame) < 0.001


def test_the_old_crs_member_of_geojson_is_honoured(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}
    path = geojson(tmp_path / "a.geojson", {"type": "Point", "coordinates": [500000, 5500000]}, crs=crs)
    assert read(path).frame.geometry[0].x == pytest.approx(69)


def test_zero_stays_zero_in_metres_so_that_it_is_told_from_a_place(tmp_path):
    frame = gpd.GeoDataFrame({"id": [1, 2]}, geometry=[Point(0, 0), Point(500000, 5500000)], crs=32642)
    findings = Findings()
    found = villages(save(frame, tmp_path / "a.gpkg"), findings)
    assert found.geometry.isna().tolist() == [True, False]
    (zero,) = [one for one in findings if one.code == FindingCode.ZERO_COORDINATES]
    assert zero.row == 1


@pytest.mark.parametrize("name", ["sites.shp", "sites.parquet"])
def test_no_reference_system_is_refused_with_the_remedy_which_works(tmp_path, name):
    path = save(sites(), tmp_path / name)
    if name.endswith("shp"):
        path.with_suffix(".prj").unlink()
    else:
        sites().set_crs(None, allow_override=True).to_parquet(path)
    error = refused(path)
    assert error.code == FindingCode.NO_CRS
    assert "--crs EPSG:4326" in error.suggestion
    assert len(read(path, crs="EPSG:4326").rows) == 3


@pytest.mark.parametrize("crs", ['LOCAL_CS["site",UNIT["m",1]]', "EPSG:5773", "EPSG:4978"])
def test_a_reference_system_that_does_not_lead_to_the_map_is_refused(tmp_path, crs):
    path = save(sites(), tmp_path / "sites.shp")
    path.with_suffix(".prj").unlink()
    error = refused(path, crs=crs)
    assert error.code == FindingCode.UNUSABLE_CRS
    assert "--crs" in error.suggestion


def test_a_reference_system_that_is_none_is_refused_before_the_file_is_read(tmp_path):
    with pytest.raises(CrsError, match="'rubbish' is not a coordinate reference system"):
        read_layer(tmp_path / "none.gpkg", Findings(), crs="rubbish")


def test_a_reference_system_that_cannot_be_left_is_refused(tmp_path, monkeypatch):
    def cannot(*_):
        raise CrsError("the layer cannot be brought from 'x' to WGS84")

    monkeypatch.setattr("geo_service.ingest.readers.to_wgs84", cannot)
    assert refused(save(sites(), tmp_path / "a.gpkg")).code == FindingCode.UNUSABLE_CRS


# Layers and archives


def test_a_layer_is_named_as_qgis_does():
    assert [str(part) for part in split_layer_name("a/b.gpkg|layername=two words")] == [
        "a/b.gpkg",
        "two words",
    ]
    assert split_layer_name("b.gpkg")[1] is None


def test_of_several_layers_one_must_be_named(tmp_path):
    path = tmp_path / "many.gpkg"
    for layer in ("north", "south"):
        save(sites(), path, layer=layer)
    error = refused(path)
    assert error.message == "it has 2 layers: north, south"
    assert error.suggestion == f"Name the one you mean: '{path}|layername=north'"
    layer = read(f"{path}|layername=south")
    assert (layer.place.layer, len(layer.rows)) == ("south", 3)
    error = refused(f"{path}|layername=west")
    assert (error.code, error.layer) == (FindingCode.UNREADABLE, "west")


def test_a_table_beside_a_layer_does_not_stand_in_its_way(tmp_path):
    save(sites(), tmp_path / "a.gpkg", layer="sites")
    save(pd.DataFrame({"note": ["x"]}), tmp_path / "a.gpkg", layer="notes")
    assert len(read(tmp_path / "a.gpkg").rows) == 3


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>"""
FOLDER = """<Folder><name>{0}</name><Placemark><name>{0} 1</name><description><![CDATA[<b>x</b>]]></description>
<ExtendedData><Data name="households"><value>12</value></Data></ExtendedData>
<Point><coordinates>70,50,100</coordinates></Point></Placemark></Folder>"""


def test_a_folder_of_google_earth_is_a_layer(tmp_path):
    path = tmp_path / "places.kml"
    path.write_text(KML.format(FOLDER.format("North") + FOLDER.format("South")))
    assert refused(path).message == "it has 2 layers: North, South"
    findings = Findings()
    (village,) = villages(f"{path}|layername=South", findings).itertuples()
    assert (village.village_id, village.village_name, village.households) == ("1", "South 1", 12)
    assert village.geometry.wkt == "POINT (70 50)"
    assert findings.codes() == {FindingCode.GENERATED_IDS}


def test_a_kml_without_a_layer_is_empty(tmp_path):
    path = tmp_path / "a.kml"
    path.write_text(KML.format(""))
    assert refused(path).code == FindingCode.EMPTY_LAYER


def test_a_zipped_kml_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML.format(FOLDER.format("North")))
    assert len(read(tmp_path / "a.kmz").rows) == 1


def zipped(tmp_path, name, *stems, folder="", suffix="shp", more=()):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        for stem in stems:
            path = save(sites(), tmp_path / f"{stem}.{suffix}")
            for part in tmp_path.glob(f"{stem}.*"):
                archive.write(part, folder + part.name)
                part.unlink()
            assert not path.exists()
        for extra in more:
            archive.writestr(extra, "x")
    return tmp_path / name


@pytest.mark.parametrize("name", ["a.zip", "a.shp.zip"])
@pytest.mark.parametrize("folder", ["", "data/", "one/two and three/"])
@pytest.mark.parametrize("suffix", ["shp", "geojson", "gpkg"])
def test_a_layer_in_an_archive_is_read_from_whatever_folder(tmp_path, name, folder, suffix):
    more = ("readme.txt", "__MACOSX/._sites.shp", "empty/")
    layer = read(zipped(tmp_path, name, "sites", folder=folder, suffix=suffix, more=more))
    assert layer.frame["village_id"].tolist() == ["010101001", "7", "x 3"]
    assert layer.frame["name"][0] == "Алматы"


def test_of_two_layers_in_an_archive_one_must_be_named(tmp_path):
    path = zipped(tmp_path, "a.zip", "sites", "wells", folder="data/")
    error = refused(path)
    assert error.message == "it has 2 layers: data/sites.shp, data/wells.shp"
    assert f"'{path}|layername=data/sites.shp'" in error.suggestion
    for layer in ("data/sites.shp", "wells.shp", "wells"):
        assert len(read(f"{path}|layername={layer}").rows) == 3
    assert refused(f"{path}|layername=springs").code == FindingCode.UNREADABLE


def test_a_layer_of_a_file_in_an_archive_can_be_named(tmp_path):
    path = zipped(tmp_path, "a.zip", "sites", suffix="gpkg")
    assert len(read(f"{path}|layername=sites").rows) == 3


def test_a_table_in_an_archive_is_refused_with_the_remedy(tmp_path):
    error = refused(zipped(tmp_path, "a.zip", more=["data/sites.csv"]))
    assert error.suggestion == "Take data/sites.csv out of it first"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"junk" * 99])
def test_bytes_that_are_no_archive_are_one_clear_error(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    assert "not a ZIP archive" in refused(tmp_path / "a.zip").message


def test_an_archive_of_nothing_is_one_clear_error(tmp_path):
    assert refused(zipped(tmp_path, "a.zip", more=["readme.txt"])).code == FindingCode.UNREADABLE


# Files that are none

SUFFIXES = [
    "csv",
    "xlsx",
    "gpkg",
    "parquet",
    "geojson",
    "json",
    "shp",
    "fgb",
    "kml",
    "kmz",
    "gml",
    "xls",
    "ods",
    "foo",
]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [bytes(range(256)) * 9, b'{"a": 1}\xff', b"PK\x03\x04" + b"\0" * 99])
def test_junk_by_any_name_is_one_clear_error(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    error = refused(path)
    assert error.code in {FindingCode.UNREADABLE, FindingCode.WRONG_ENCODING}
    assert "prefixing" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_of_no_bytes_is_empty_by_any_name(tmp_path, suffix):
    (tmp_path / f"a.{suffix}").touch()
    assert refused(tmp_path / f"a.{suffix}").code == FindingCode.EMPTY_LAYER


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_or_nothing_by_any_name_is_one_clear_error(tmp_path, suffix):
    assert refused(tmp_path / f"none.{suffix}").message == "there is no such file"
    (tmp_path / f"a.{suffix}").mkdir()
    assert refused(tmp_path / f"a.{suffix}").code == FindingCode.UNREADABLE


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "geojson", "fgb", "xlsx"])
def test_a_file_cut_in_half_is_one_clear_error_or_what_was_left(tmp_path, suffix):
    path = save(pd.concat([sites()] * 200), tmp_path / f"a.{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    findings = Findings()
    try:
        layer = read_layer(path, findings)
    except FindingsError:
        assert len(findings.errors) == 1
    else:
        assert len(layer.rows) < 600
        assert findings.warnings


# Shapefiles and encodings


def test_a_missing_part_of_a_shapefile_is_named(tmp_path):
    path = save(sites(), tmp_path / "a.shp")
    path.with_suffix(".dbf").unlink()
    findings = Findings()
    read_layer(path, findings)
    assert findings.warnings[0].message == "the .dbf beside it, which has its columns, is missing"
    path.with_suffix(".shx").unlink()
    assert ".shp, .shx, .dbf and .prj" in refused(path).suggestion


def test_names_of_a_shapefile_in_another_encoding_are_warned_of_and_read_with_the_option(tmp_path):
    path = save(sites(), tmp_path / "a.shp", encoding="cp1251")
    path.with_suffix(".cpg").unlink()
    findings = Findings()
    villages(path, findings)
    (warning,) = findings.warnings
    assert (warning.code, warning.row, warning.column) == (FindingCode.WRONG_ENCODING, 1, "name")
    assert "--encoding cp1251" in warning.suggestion
    assert villages(path, encoding="cp1251")["village_name"][0] == "Алматы"


def test_a_shapefile_is_not_read_in_an_encoding_that_it_is_not_in(tmp_path):
    path = save(sites(), tmp_path / "a.shp", encoding="cp1251")
    path.with_suffix(".cpg").unlink()
    error = refused(path, encoding="utf-8")
    assert error.code == FindingCode.WRONG_ENCODING
    assert "--encoding cp1251" in error.suggestion


@pytest.mark.parametrize("encoding", ["klingon", "hex"])
@pytest.mark.parametrize("suffix", ["csv", "shp", "gpkg"])
def test_an_encoding_that_there_is_not_is_refused(tmp_path, encoding, suffix):
    error = refused(save(sites(), tmp_path / f"a.{suffix}"), encoding=encoding)
    assert error.message == f"there is no encoding named '{encoding}'"
    assert "--encoding utf-8" in error.suggestion


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "fgb", "kml"])
def test_an_encoding_given_for_another_file_leaves_formats_alone_that_have_their_own(tmp_path, suffix):
    path = save(sites().iloc[:1], tmp_path / f"a.{suffix}")
    assert villages(path, encoding="cp1251")["village_name"][0] == "Алматы"


def test_geojson_in_another_encoding_is_refused_and_read_with_the_option(tmp_path):
    path = save(sites(), tmp_path / "a.geojson")
    path.write_bytes(path.read_text(encoding="utf-8").replace("Ә", "А").encode("cp1251"))
    assert refused(path).suggestion == "Save it as UTF-8"
    assert read(path, encoding="cp1251").frame["name"][0] == "Алматы"


# GeoParquet and tables without geometry


def test_parquet_and_geopackage_tables_with_coordinates_are_points(tmp_path):
    table = pd.DataFrame({"id": ["1", "2"], "longitude": [70.5, None], "latitude": [50, 51]})
    table.to_parquet(tmp_path / "a.parquet")
    pyogrio.write_dataframe(table, tmp_path / "a.gpkg", layer="another name")
    for name in ("a.parquet", "a.gpkg"):
        layer = read(tmp_path / name)
        assert layer.frame.geometry[0].wkt == "POINT (70.5 50)"
        assert layer.frame.geometry[1] is None
        assert layer.rows.tolist() == [1, 2]


def test_a_table_without_geometry_or_coordinates_is_one_clear_error(tmp_path):
    table = pd.DataFrame({"id": ["1"]})
    table.to_parquet(tmp_path / "a.parquet")
    pyogrio.write_dataframe(table, tmp_path / "a.gpkg")
    table.to_csv(tmp_path / "a.csv")
    table.to_excel(tmp_path / "a.xlsx")
    for name in ("a.parquet", "a.gpkg", "a.csv"):
        error = refused(tmp_path / name)
        assert error.code == FindingCode.MISSING_COLUMN
        assert error.message.startswith("no column looks like longitude or latitude; there are")
        assert error.suggestion == "Name it with --lon COLUMN and --lat COLUMN"
    assert "layername" not in refused(tmp_path / "a.xlsx").suggestion


def test_another_sheet_is_proposed_where_there_is_one(tmp_path):
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="About")
        pd.DataFrame({"lon": [70], "lat": [50]}).to_excel(book, sheet_name="Sites")
    assert refused(tmp_path / "a.xlsx").suggestion.endswith(f"'{tmp_path}/a.xlsx|layername=Sites'")
    assert len(read(f"{tmp_path}/a.xlsx|layername=Sites").rows) == 1


def test_an_index_with_a_name_is_a_column(tmp_path):
    sites().set_index("village_id").to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").columns.names == ("village_id", "name", "hh")


def test_the_geometry_may_have_any_name_and_a_column_may_be_called_geometry(tmp_path):
    frame = sites().rename_geometry("point")
    frame["geometry"] = "none"
    frame.to_parquet(tmp_path / "a.parquet")
    layer = read(tmp_path / "a.parquet")
    assert layer.frame.geometry.x.round().tolist() == [70, 71, 72]
    assert "geometry.1" in layer.columns.names


@pytest.mark.parametrize(
    "meta",
    [
        "{",
        {"primary_column": "nope"},
        {"columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": {"a": 1}}}},
        {},
    ],
)
def test_geoparquet_with_wrong_metadata_or_geometry_is_one_clear_error(tmp_path, meta):
    about = {"version": "1.0.0", "primary_column": "geometry"}
    about["columns"] = {"geometry": {"encoding": "WKB", "geometry_types": []}}
    about = meta if isinstance(meta, str) else json.dumps(about | meta)
    wkb = b"\0\1" if meta == {} else Point(70, 50).wkb
    table = pa.table({"id": ["1"], "geometry": [wkb]}).replace_schema_metadata({"geo": about})
    pq.write_table(table, tmp_path / "a.parquet")
    assert "it is not Parquet that can be read" in refused(tmp_path / "a.parquet").message


# Well-known text


@pytest.mark.parametrize("column", ["WKT", "geometry_wkt", "geom", "geometry"])
def test_a_column_of_well_known_text_is_the_geometry(tmp_path, column):
    wkts = [Point(70, 50).wkt, box(70, 50, 71, 51).wkt, None]
    pd.DataFrame({"id": [1, 2, 3], column: wkts}).to_csv(tmp_path / "a.csv", index=False)
    geometry = read(tmp_path / "a.csv").frame.geometry
    assert geometry[:2].geom_type.tolist() == ["Point", "Polygon"]
    assert geometry[2] is None


def test_columns_of_coordinates_count_more_than_well_known_text(tmp_path):
    (tmp_path / "a.csv").write_text("id,geometry,lon,lat\n1,here,70,50\n")
    assert read(tmp_path / "a.csv").frame.geometry[0].wkt == "POINT (70 50)"


def test_text_that_is_not_well_known_is_an_error_with_its_row(tmp_path):
    (tmp_path / "a.csv").write_text("id,wkt\n1,POINT (70 50)\n2,here\n")
    findings = Findings()
    read_layer(tmp_path / "a.csv", findings)
    (error,) = findings.errors
    assert (error.code, error.row, error.column, error.value) == (
        FindingCode.UNSUPPORTED_GEOMETRY,
        3,
        "wkt",
        "here",
    )


def test_binary_geometry_in_plain_parquet_is_read(tmp_path):
    pd.DataFrame({"id": [1, 2], "geom": [Point(70, 50).wkb, None]}).to_parquet(tmp_path / "a.parquet")
    geometry = read(tmp_path / "a.parquet").frame.geometry
    assert geometry[0].wkt == "POINT (70 50)"
    assert geometry[1] is None


# Coordinates in cells


@pytest.mark.parametrize(
    ("cell", "code", "severity"),
    [
        ("x", FindingCode.NON_NUMERIC_COORDINATES, "error"),
        ("70°30'E", FindingCode.NON_NUMERIC_COORDINATES, "error"),
        ("70 30", FindingCode.NON_NUMERIC_COORDINATES, "error"),
        ("inf", FindingCode.NON_NUMERIC_COORDINATES, "error"),
        ("NaN", FindingCode.NAN_COORDINATES, "warning"),
        ("n/a", FindingCode.NAN_COORDINATES, "warning"),
    ],
)
@pytest.mark.parametrize("column", ["lon", "lat"])
def test_a_coordinate_that_is_no_number_is_found_in_its_cell(tmp_path, cell, code, severity, column):
    row = {"lon": "70", "lat": "50"} | {column: cell}
    (tmp_path / "a.csv").write_text(f"id,lon,lat\n1,70,50\n\n2,{row['lon']},{row['lat']}\n")
    findings = Findings()
    layer = read_layer(tmp_path / "a.csv", findings)
    (one,) = findings
    assert (one.code, one.severity, one.row, one.column, one.value) == (code, severity, 4, column, cell)
    assert layer.frame.geometry.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lon": "e"}, "there is no column 'e'; there are 'id', 'lon', 'lat'"),
        ({"lon": "lat"}, "longitude and latitude are both read from column 'lat'"),
    ],
)
def test_columns_of_coordinates_that_cannot_be_are_refused(tmp_path, options, message):
    (tmp_path / "a.csv").write_text("id,lon,lat\n1,70,50\n")
    assert refused(tmp_path / "a.csv", **options).message == message


def test_only_one_coordinate_is_asked_for_where_the_other_is_found(tmp_path):
    (tmp_path / "a.csv").write_text("id,x coordinate,lat\n1,70,50\n")
    assert refused(tmp_path / "a.csv").suggestion == "Name it with --lon COLUMN"


# Rings


def ring(*positions, kind="Polygon"):
    rings = [[list(position) for position in positions]]
    return {"type": kind, "coordinates": rings if kind == "Polygon" else [rings]}


def test_rings_that_do_not_close_are_closed_and_said(tmp_path):
    corners = (70, 50), (71, 50), (71, 51), (70, 51)
    path = geojson(
        tmp_path / "a.geojson",
        ring(*corners, corners[0]),
        ring(*corners),
        ring(*corners, kind="MultiPolygon"),
        {"type": "LineString", "coordinates": [[70, 50]]},
        None,
    )
    findings = Findings()
    geometry = read_layer(path, findings).frame.geometry
    assert geometry[1].equals(Polygon(corners))
    assert geometry[2].equals(MultiPolygon([Polygon(corners)]))
    assert geometry.isna().tolist() == [False, False, False, True, True]
    broken = {one.row: one.message for one in findings if one.code == FindingCode.BROKEN_RING}
    assert broken == {
        2: "a ring does not close or has too few positions; it was closed",
        3: "a ring does not close or has too few positions; it was closed",
        4: "it has a line of a single position; it was left out",
    }
    assert not findings.errors


def test_what_gdal_says_is_kept_as_a_warning(tmp_path):
    path = geojson(tmp_path / "a.geojson", {"type": "Point", "coordinates": []})
    findings = Findings()
    assert read_layer(path, findings).frame.geometry.isna().all()
    assert {(one.code, one.severity) for one in findings} == {(FindingCode.READER_WARNING, "warning")}


def test_an_empty_layer_is_a_layer_of_no_rows(tmp_path):
    layer = read(geojson(tmp_path / "a.geojson"))
    assert len(layer.rows) == len(layer.frame) == 0
    assert isinstance(layer.rows, np.ndarray)
