"""What files of features say of themselves, and what each format can and cannot hold."""

from __future__ import annotations

import datetime as dt
import json
import sys

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from releases import BIG, small_contents
from rows_release import RowsRelease, manifest_of, rows_part

from geo_service.errors import InputError, OutputError
from geo_service.export.features import FEATURE_FORMATS, write_features
from geo_service.query.filters import Filter
from geo_service.query.questions import Features, TimeInterval
from geo_service.release.frames import KEY_FIELDS
from geo_service.vocabulary import Language
from tests import export_rows
from tests.export_rows import FIELDS, HARD, field, read_rows

hard, small, noted = export_rows.hard, export_rows.small, export_rows.noted


# What files say of themselves


def test_what_the_release_says_of_itself_goes_along(small, tmp_path):
    for suffix in (".geojson", ".gpkg", ".fgb", ".parquet", ".csv", ".xlsx", ".kml"):
        write_features(small, "access", Features(), tmp_path / f"a{suffix}")

    def metadata(suffix, key):
        return json.loads(pyogrio.read_info(tmp_path / f"a{suffix}")["layer_metadata"][key])

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["about"]
    said = [
        metadata(".geojson", "DESCRIPTION"),
        metadata(".gpkg", "about"),
        metadata(".fgb", "DESCRIPTION"),
        gpd.read_parquet(tmp_path / "a.parquet").attrs,
        json.loads((tmp_path / "a.csv-metadata.json").read_text())["notes"][0],
        dict(sheet.iter_rows(values_only=True)),
    ]
    expected = {
        "title": "Access (en)",
        "release": small.manifest.id,
        "round": 3,
        "synthetic": True,
        "basis": "measured",
        "method": "geodesic",
        "note": "Synthetic data (en)",
        "attribution": "Synthetic, made for tests",
    }
    for one in said:
        assert one.items() >= expected.items()
    assert json.dumps("Access (en)") in (tmp_path / "a.kml").read_text()


def test_a_parquet_of_a_frame_says_what_it_is_where_pandas_looks(small, tmp_path):
    write_features(small, "mobility", Features(), tmp_path / "m.parquet")
    assert pd.read_parquet(tmp_path / "m.parquet").attrs["title"] == "Mobility (en)"


def test_notes_and_titles_are_in_the_language_that_was_asked_for(small, tmp_path):
    write_features(small, "villages", Features(), tmp_path / "v.csv", language=Language.KK)
    [about] = json.loads((tmp_path / "v.csv-metadata.json").read_text())["notes"]
    assert (about["title"], about["note"]) == ("Villages (kk)", "Synthetic data (kk)")


def test_what_a_table_says_by_language_is_said_in_one(small, tmp_path):
    collection = small.collection("mobility").model_copy(
        update={"about": {"base": {"en": "of villages", "ru": "от сёл", "kk": "ауылдардан"}, "edges_km": [5]}}
    )
    release = RowsRelease(
        manifest_of(small_contents(), (collection,)),
        {"mobility": lambda: small.table("mobility").to_batches()},
    )
    write_features(release, "mobility", Features(), tmp_path / "m.csv", language=Language.RU)
    [about] = json.loads((tmp_path / "m.csv-metadata.json").read_text())["notes"]
    assert (about["base"], about["edges_km"]) == ("от сёл", [5])


def test_a_part_of_a_collection_says_which_part_it_is(small, tmp_path):
    asked = Features(
        filter=Filter({"op": ">", "args": [{"property": "households"}, 100]}),
        box=(60.0, 40.5, 70.0, 50.0),
        time=TimeInterval(dt.date(2024, 1, 1), None),
        ids=("KZ-0001",),
    )
    # A release of rows in memory filters nothing; only what the file says is looked at.
    release = RowsRelease(small.manifest, {"villages": lambda: small.table("villages").to_batches()})
    release.count = lambda *_: 40
    write_features(release, "villages", asked, tmp_path / "v.csv")
    [about] = json.loads((tmp_path / "v.csv-metadata.json").read_text())["notes"]
    assert about["bbox"] == "60,40.5,70,50"
    assert about["datetime"] == "2024-01-01/.."
    assert json.loads(about["filter"])["op"] == ">"
    assert about["ids"] == "KZ-0001"


# What each format can and cannot hold


def test_a_geopackage_has_fid_as_its_own_key(small, tmp_path):
    write_features(small, "villages", Features(), tmp_path / "v.gpkg")
    info = pyogrio.read_info(tmp_path / "v.gpkg")
    assert info["fid_column"] == "fid"
    assert "fid" not in info["fields"]
    assert info["layer_name"] == "villages"


def test_a_geojson_has_the_id_as_that_of_the_feature_and_integers_with_all_digits(hard, tmp_path):
    write_features(hard, "villages", Features(), tmp_path / "v.geojson")
    first = json.loads((tmp_path / "v.geojson").read_text())["features"][0]
    assert first["id"] == "i-0"
    assert first["properties"]["register_number"] == BIG
    assert first["properties"]["interviewed_on"] == "2024-02-29"


def test_ids_of_digits_stay_text_in_geojson(small, tmp_path):
    points = with_ids_of_digits(small)
    write_features(points, "villages", Features(), tmp_path / "v.geojson")
    assert {type(one["id"]) for one in json.loads((tmp_path / "v.geojson").read_text())["features"]} == {str}


def with_ids_of_digits(release):
    table = release.table("villages")
    digits = pa.array([str(one) for one in range(len(table))])
    table = table.set_column(1, table.schema.field(1), digits)
    return RowsRelease(release.manifest, {"villages": lambda: iter(table.to_batches())})


def test_a_flatgeobuf_has_an_index_where_each_feature_has_a_place(small, tmp_path):
    write_features(small, "adm1", Features(), tmp_path / "a.fgb")
    write_features(small, "villages", Features(), tmp_path / "v.fgb")
    assert pyogrio.read_info(tmp_path / "a.fgb")["capabilities"]["fast_spatial_filter"]
    assert not pyogrio.read_info(tmp_path / "v.fgb")["capabilities"]["fast_spatial_filter"]


def test_an_empty_text_is_not_null_where_the_format_can_tell(tmp_path):
    columns = {name: values[:2] for name, values in HARD.items()} | {"village_name": ["", None]}
    release = rows_part("villages", FIELDS, columns)
    for suffix in (".geojson", ".gpkg", ".fgb", ".parquet", ".csv", ".kml"):
        path = tmp_path / f"e{suffix}"
        write_features(release, "villages", Features(), path)
        rows = read_rows(path, release.schema("villages", Features()))
        assert [row["village_name"] for row in rows] == ["", None], suffix


def test_an_empty_geometry_is_null_and_never_a_place(tmp_path):
    columns = {name: values[:2] for name, values in HARD.items()}
    columns["geometry"] = [shapely.Point(), shapely.Point(1, 2)]
    release = rows_part("villages", FIELDS, columns)
    for suffix in (".geojson", ".fgb", ".csv", ".kml", ".shp", ".xlsx"):
        path = tmp_path / f"e{suffix}"
        write_features(release, "villages", Features(), path)
        rows = read_rows(path, release.schema("villages", Features()))
        assert [row["geometry"] for row in rows] == [None, shapely.Point(1, 2)], suffix


def test_texts_in_a_sheet_are_never_formulas_links_or_rounded_numbers(tmp_path):
    columns = HARD | {"name": ["https://example.org", "{=1}", "+7", "-1", "007"]}
    write_features(rows_part("villages", FIELDS, columns), "villages", Features(), tmp_path / "v.xlsx")
    book = openpyxl.load_workbook(tmp_path / "v.xlsx")
    sheet = book["villages"]
    header = [cell.value for cell in sheet[1]]
    for name in ("name", "village_name", "register_number"):
        cells = [row[header.index(name)] for row in sheet.iter_rows(min_row=2)]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        assert not any(cell.hyperlink for cell in cells)
    assert {row[header.index("households")].data_type for row in sheet.iter_rows(min_row=2)} == {"n"}
    assert "15 digits" in sheet.cell(1, header.index("register_number") + 1).comment.text
    assert ("integers_as_text", "register_number") in list(book["about"].iter_rows(values_only=True))


def test_a_sheet_refuses_what_it_has_no_room_for(tmp_path, monkeypatch):
    ring = shapely.Point(0, 0).buffer(1, quad_segs=1000)
    areas = rows_part("areas", (*KEY_FIELDS, FIELDS[-1]), {"geometry": [ring]})
    with pytest.raises(OutputError, match=r"row 2 has .* characters in one column, a cell holds 32,767"):
        write_features(areas, "areas", Features(), tmp_path / "a.xlsx")
    assert write_features(areas, "areas", Features(geometry=False), tmp_path / "b.xlsx") == 1
    monkeypatch.setattr("geo_service.export.tables._XLSX_ROWS", 1)
    with pytest.raises(OutputError, match="a sheet holds 0 rows, these are 1"):
        write_features(areas, "areas", Features(geometry=False), tmp_path / "a.xlsx")
    assert [one.name for one in tmp_path.iterdir()] == ["b.xlsx"]


@pytest.mark.parametrize("number", [10**18, -(10**17), 2**63 - 1, -(2**63)])
def test_a_shapefile_refuses_integers_that_it_would_round(tmp_path, number):
    columns = {name: values[:1] for name, values in HARD.items()} | {"register_number": [number]}
    with pytest.raises(OutputError, match=r"'register_number' has whole numbers of more than 18 characters"):
        write_features(rows_part("villages", FIELDS, columns), "villages", Features(), tmp_path / "v.shp")
    assert not list(tmp_path.iterdir())


def test_a_shapefile_refuses_text_and_numbers_that_it_would_cut(tmp_path):
    for name, value in (("village_name", "ы" * 200), ("share_of_all", 1e300)):
        columns = {one: values[:1] for one, values in HARD.items()} | {name: [value]}
        with pytest.raises(OutputError, match=r"cannot hold all values.*use \.gpkg instead"):
            write_features(rows_part("villages", FIELDS, columns), "villages", Features(), tmp_path / "v.shp")
    assert not list(tmp_path.iterdir())


def test_a_shapefile_takes_one_type_of_geometry_and_its_multiple(tmp_path):
    def layer(*shapes):
        return rows_part("a", (*KEY_FIELDS, FIELDS[-1]), {"geometry": list(shapes)})

    point, box = shapely.Point(0, 0), shapely.box(0, 0, 1, 1)
    with pytest.raises(OutputError, match="one type of geometry, not Point, Polygon"):
        write_features(layer(point, box), "a", Features(), tmp_path / "a.shp")
    with pytest.raises(OutputError, match="not GeometryCollection"):
        write_features(layer(shapely.GeometryCollection([point])), "a", Features(), tmp_path / "a.shp")
    many = layer(point, shapely.MultiPoint([(1, 1), (2, 2)]), None)
    write_features(many, "a", Features(), tmp_path / "b.shp")
    assert [len(one.geoms) if one else 0 for one in gpd.read_file(tmp_path / "b.shp").geometry] == [1, 2, 0]
    # Of a part of a mixed layer its own geometries count, and they are looked at.
    mixed = layer(point, box)
    mixed.count = lambda *_: 1
    [last] = mixed.table("a").slice(1).to_batches()
    mixed._rows["a"] = lambda: iter([last])
    assert write_features(mixed, "a", Features(ids=("i-1",)), tmp_path / "c.shp") == 1


def test_columns_named_like_the_coordinates_or_like_fields_of_kml_keep_their_values(tmp_path):
    fields = (*KEY_FIELDS, field("longitude", "text"), field("description", "text"), FIELDS[-1])
    columns = {"longitude": ["x"], "description": ["y"], "geometry": [shapely.Point(1, 2)]}
    release = rows_part("villages", fields, columns)
    write_features(release, "villages", Features(), tmp_path / "v.csv")
    write_features(release, "villages", Features(), tmp_path / "v.kml")
    table = pd.read_csv(tmp_path / "v.csv")
    assert (
        table.to_dict("records")[0].items() >= {"longitude": "x", "longitude_": 1.0, "latitude": 2.0}.items()
    )
    assert gpd.read_file(tmp_path / "v.kml")["description_"].tolist() == ["y"]


def test_a_second_geometry_is_kept_in_geoparquet_only(tmp_path):
    footprint = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    fields = (*KEY_FIELDS, field("footprint", "geometry"), FIELDS[-1])
    release = rows_part("villages", fields, {"footprint": [footprint], "geometry": [shapely.Point(1, 2)]})
    for suffix in FEATURE_FORMATS:
        write_features(release, "villages", Features(), tmp_path / f"v{suffix}")
    assert gpd.read_parquet(tmp_path / "v.parquet")["footprint"].tolist() == [shapely.box(0, 0, 1, 1)]
    assert "footprint" not in gpd.read_file(tmp_path / "v.gpkg")
    assert "footprint" not in pd.read_csv(tmp_path / "v.csv")


def test_a_geoparquet_of_a_part_has_its_own_covering_and_types(small, tmp_path):
    rows = small.table("adm1").slice(1)
    release = RowsRelease(small.manifest, {"adm1": lambda: iter(rows.to_batches())})
    release.count = lambda *_: 2
    write_features(release, "adm1", Features(ids=("KAZ002", "KAZ003")), tmp_path / "a.parquet")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["bbox"] == [68.0, 47.0, 81.0, 53.0]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_column_named_bbox_beside_a_geometry_is_refused_in_geoparquet(tmp_path):
    fields = (*KEY_FIELDS, field("bbox", "text"), FIELDS[-1])
    release = rows_part("villages", FIELDS, HARD)
    collection = release.collection("villages").model_copy(update={"fields": fields})
    other = RowsRelease(release.manifest.model_copy(update={"collections": (collection,)}), release._rows)
    with pytest.raises(InputError, match="'bbox'"):
        write_features(other, "villages", Features(), tmp_path / "v.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of the size of files is POSIX's")
@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_a_full_disk_leaves_no_file(noted, tmp_path, suffix):
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    release, _ = noted(2)
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            write_features(release, "notes", Features(), tmp_path / f"n{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list(tmp_path.iterdir())
