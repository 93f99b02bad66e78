"""Answers in every format, read back by other libraries than those that wrote them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from releases import BIG
from starlette.requests import Request

from geo_service.api.answers import Answer, Format, Link
from geo_service.api.formats import files
from geo_service.api.formats.geojson import collection_bytes, features_bytes
from geo_service.api.formats.geometry_text import geometry_column
from geo_service.api.formats.json_text import json_column
from geo_service.api.formats.media import EXTENSIONS, LAYER_FORMATS, MEDIA_TYPES, TABLE_FORMATS, alternates
from geo_service.api.formats.respond import respond
from geo_service.api.formats.sending import PiecesResponse
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import OutputError
from tests import export_rows
from tests.export_rows import HARD, read_rows

hard = export_rows.hard

URL = "http://testserver/items?f=csv"
REQUEST = Request(
    {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("testserver", 80),
        "path": "/items",
        "headers": [],
    }
)


@pytest.fixture(autouse=True)
def _pages(monkeypatch):
    monkeypatch.setattr("geo_service.api.formats.pages.base_url", lambda _: "http://testserver")


def answer_of(rows, geometry="geometry", **values):
    said = {
        "release": "71ddc62b04df" + "0" * 20,
        "basis": "measured",
        "round": {"number": 3},
        "notes": ["Synthetic"],
    }
    layer = geometry is not None
    links = tuple(alternates(URL, LAYER_FORMATS if layer else TABLE_FORMATS))
    given_values = {"about": said, "links": links, "feature_id": "id" if layer else None} | values
    return Answer("villages", "Villages", rows, geometry=geometry, **given_values)


def body_of(response):
    if isinstance(response, PiecesResponse):
        try:
            return b"".join(response._pieces)
        finally:
            response._close()
    return response.body


def many(rows):
    """Enough rows of the same for the way that many rows take."""
    return pa.concat_tables([rows] * 60)


# Each format, read back


@pytest.mark.parametrize("format_", [Format.CSV, Format.XLSX, Format.GPKG, Format.FGB, Format.PARQUET])
def test_every_file_has_the_rows(hard, tmp_path, format_):
    rows = hard.table("villages")
    if format_ is Format.XLSX:
        rows = rows.drop_columns("geometry")
    response = respond(
        answer_of(rows, "geometry" if "geometry" in rows.column_names else None), format_, REQUEST
    )
    path = tmp_path / f"villages{EXTENSIONS[format_]}"
    path.write_bytes(body_of(response))
    expected = rows.to_pylist()
    for row in expected:
        if "geometry" in row:
            row["geometry"] = row["geometry"] and shapely.from_wkb(row["geometry"])
        if format_ is Format.XLSX:
            day = row["interviewed_on"]
            row["interviewed_on"] = day and (
                day.isoformat() if day.year < 1900 else dt.datetime.combine(day, dt.time())
            )
            row["register_number"] = None if row["register_number"] is None else str(row["register_number"])
    assert read_rows(path, rows.schema) == expected
    assert response.headers["content-type"] == MEDIA_TYPES[format_]
    assert (
        response.headers["content-disposition"]
        == f'attachment; filename="villages_71ddc62b04df{EXTENSIONS[format_]}"'
    )
    assert int(response.headers["content-length"]) == path.stat().st_size


@pytest.mark.parametrize("times", [1, 60])
def test_geojson_has_the_rows(hard, times):
    rows = pa.concat_tables([hard.table("villages")] * times)
    found = json.loads(body_of(respond(answer_of(rows, matched=500), Format.GEOJSON, REQUEST)))
    assert list(found) == [
        "type",
        "timeStamp",
        "numberMatched",
        "numberReturned",
        "links",
        "about",
        "features",
    ]
    assert (found["type"], found["numberMatched"], found["numberReturned"]) == (
        "FeatureCollection",
        500,
        5 * times,
    )
    assert dt.datetime.fromisoformat(found["timeStamp"]).tzinfo is not None
    assert found["about"]["basis"] == "measured"
    assert found["links"][0] == {
        "href": URL,
        "rel": "self",
        "type": "application/geo+json",
        "title": "GeoJSON",
    }
    for feature, row in zip(found["features"], rows.to_pylist(), strict=True):
        assert list(feature) == ["type", "id", "geometry", "properties"]
        assert feature["id"] == row.pop("id")
        shape = row.pop("geometry")
        expected = None if shape is None else shapely.geometry.mapping(shapely.from_wkb(shape))
        assert feature["geometry"] == (
            expected and {**expected, "coordinates": list(expected["coordinates"])}
        )
        row["interviewed_on"] = row["interviewed_on"] and row["interviewed_on"].isoformat()
        assert feature["properties"] == row
        assert type(feature["properties"]["share_of_all"]) in (float, type(None))


def test_geojson_is_read_by_gdal(hard, tmp_path):
    path = tmp_path / "villages.geojson"
    path.write_bytes(body_of(respond(answer_of(many(hard.table("villages"))), Format.GEOJSON, REQUEST)))
    info = pyogrio.read_info(path)
    assert info["features"] == 300
    assert info["crs"] == "EPSG:4326"
    types = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert types["register_number"] == "int64"
    assert types["share_of_all"] == "float64"
    assert types["has_a_school"] == "bool"
    assert types["interviewed_on"].startswith("datetime64")


def test_a_time_is_said_only_where_it_is_wanted(hard):
    found = json.loads(
        body_of(respond(answer_of(hard.table("villages")), Format.GEOJSON, REQUEST, timestamp=False))
    )
    assert "timeStamp" not in found
    assert "numberMatched" not in found


@pytest.mark.parametrize("times", [1, 60])
def test_json_has_what_is_said_the_rows_and_links(hard, times):
    rows = pa.concat_tables([hard.table("villages").drop_columns("geometry")] * times)
    found = json.loads(body_of(respond(answer_of(rows, None), Format.JSON, REQUEST)))
    assert list(found) == ["about", "rows", "links"]
    assert found["about"]["title"] == "Villages"
    expected = rows.to_pylist()
    for row in expected:
        row["interviewed_on"] = row["interviewed_on"] and row["interviewed_on"].isoformat()
    assert found["rows"] == expected


def test_lines_are_features_each_and_a_sequence_has_record_separators(hard):
    answer = answer_of(many(hard.table("villages")))
    lines = body_of(respond(answer, Format.NDJSON, REQUEST)).decode().splitlines()
    collection = json.loads(body_of(respond(answer, Format.GEOJSON, REQUEST)))
    assert [json.loads(line) for line in lines] == collection["features"]
    sequence = body_of(respond(answer, Format.GEOJSONSEQ, REQUEST))
    texts = sequence.split(b"\x1e")
    assert texts[0] == b""
    assert all(one.endswith(b"}\n") for one in texts[1:])
    assert [json.loads(one) for one in texts[1:]] == collection["features"]


def test_a_sequence_is_read_by_gdal(hard, tmp_path):
    path = tmp_path / "villages.geojsons"
    path.write_bytes(body_of(respond(answer_of(hard.table("villages")), Format.GEOJSONSEQ, REQUEST)))
    assert pyogrio.read_info(path, force_feature_count=True)["features"] == 5


def test_lines_of_rows_without_a_geometry_are_the_rows(hard):
    rows = hard.table("villages").select(["fid", "households"])
    lines = body_of(respond(answer_of(rows, None), Format.NDJSON, REQUEST)).decode().splitlines()
    assert [json.loads(line) for line in lines] == rows.to_pylist()


def test_csv_is_utf_8_without_a_mark_and_keeps_texts_as_they_are(hard):
    content = body_of(respond(answer_of(hard.table("villages")), Format.CSV, REQUEST))
    assert content.startswith(b"fid,id,village_name")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["village_name"] for row in rows] == [one or "" for one in HARD["village_name"]]
    assert [row["register_number"] for row in rows] == [
        "" if one is None else str(one) for one in HARD["register_number"]
    ]
    assert (rows[0]["longitude"], rows[0]["latitude"]) == ("71.4306", "51.1283")


def test_a_workbook_has_formulas_as_text_and_a_sheet_of_what_it_is(hard):
    book = openpyxl.load_workbook(
        io.BytesIO(body_of(respond(answer_of(hard.table("villages")), Format.XLSX, REQUEST)))
    )
    sheet, about = book.worksheets
    names = [cell.value for cell in sheet[1]]
    cell = sheet.cell(5, names.index("village_name") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    said = dict(about.iter_rows(values_only=True))
    assert said["title"] == "Villages"
    assert json.loads(said["round"]) == {"number": 3}


def test_parquet_says_what_it_is_and_where_the_geometry_is(hard):
    content = body_of(respond(answer_of(hard.table("villages")), Format.PARQUET, REQUEST))
    metadata = pq.read_metadata(io.BytesIO(content)).metadata
    assert json.loads(metadata[b"geo"])["primary_column"] == "geometry"
    assert json.loads(metadata[b"PANDAS_ATTRS"])["basis"] == "measured"


@pytest.mark.parametrize("format_", TABLE_FORMATS)
def test_no_rows_are_a_whole_answer(format_):
    rows = pa.table({"id": pa.array([], pa.string()), "n": pa.array([], pa.int64())})
    assert body_of(respond(answer_of(rows, None), format_, REQUEST)) or format_ is Format.NDJSON


@pytest.mark.parametrize("format_", LAYER_FORMATS)
def test_no_features_are_a_whole_answer(format_):
    rows = pa.table({"id": pa.array([], pa.string()), "geometry": pa.array([], pa.binary())})
    is_of_lines = format_ in {Format.NDJSON, Format.GEOJSONSEQ}
    assert bool(body_of(respond(answer_of(rows), format_, REQUEST))) is not is_of_lines


@pytest.mark.parametrize("format_", TABLE_FORMATS)
def test_rows_of_unusual_types_go_into_every_format(format_):
    rows = pa.table(
        {
            "small": pa.array([1, None], pa.int16()),
            "half": pa.array([0.5, float("nan")], pa.float32()),
            "label": pa.array(["a", None]).dictionary_encode(),
            "large": pa.array(["ё", 'q"'], pa.large_string()),
            "money": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "since": pa.array(
                [dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")
            ),
            "list": pa.array([[1, 2], None]),
            "object": pa.array([{"a": 1}, None]),
            "nothing": pa.nulls(2),
        }
    )
    assert body_of(respond(answer_of(rows, None), format_, REQUEST))


def test_a_name_that_is_no_name_of_a_layer_is_made_one(hard):
    answer = answer_of(hard.table("villages"))
    odd = Answer(**({one: getattr(answer, one) for one in answer.__slots__} | {"name": "2 Gaps: Қала"}))
    content = body_of(respond(odd, Format.GPKG, REQUEST))
    assert content.startswith(b"SQLite format 3")


# Links and names


def test_a_format_without_links_says_them_in_its_header(hard):
    following = Link("http://testserver/items?cursor=x", "next", "text/csv")
    answer = answer_of(hard.table("villages"))
    with_next = Answer(
        **({one: getattr(answer, one) for one in answer.__slots__} | {"links": (*answer.links, following)})
    )
    said = respond(with_next, Format.CSV, REQUEST).headers["link"]
    assert said.count('rel="alternate"') == len(LAYER_FORMATS) - 1
    assert '<http://testserver/items?cursor=x>; rel="next"; type="text/csv"' in said
    said = respond(with_next, Format.GEOJSON, REQUEST).headers["link"]
    assert "alternate" not in said
    assert 'rel="next"' in said


def test_only_files_are_to_be_saved(hard):
    answer = answer_of(hard.table("villages"), details="households > 100")
    kept = (Format.GEOJSON, Format.HTML, Format.CSV)
    named = {one: respond(answer, one, REQUEST).headers.get("content-disposition") for one in kept}
    assert named[Format.GEOJSON] is named[Format.HTML] is None
    assert named[Format.CSV] == 'attachment; filename="villages_households-gt-100_71ddc62b04df.csv"'


# What cannot be


def test_a_layer_format_without_a_geometry_is_refused(hard):
    rows = hard.table("villages").drop_columns("geometry")
    with pytest.raises(ProblemError, match="f=csv") as refused:
        respond(answer_of(rows, None), Format.FGB, REQUEST)
    assert (refused.value.problem, refused.value.parameter) == (Problem.INVALID_PARAMETER, "f")


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written(hard, monkeypatch):
    monkeypatch.setattr(files, "SHEET_ROWS", 4)
    with pytest.raises(ProblemError, match="a sheet holds 4 rows, these are 5; use f=csv") as refused:
        respond(answer_of(hard.table("villages")), Format.XLSX, REQUEST)
    assert refused.value.problem is Problem.INVALID_PARAMETER


def test_a_text_that_no_cell_holds_is_refused_without_a_path():
    rows = pa.table({"id": ["x" * 40_000]})
    with pytest.raises(ProblemError, match=r"villages\.xlsx: row 2 has 40,000 characters") as refused:
        respond(answer_of(rows, None), Format.XLSX, REQUEST)
    assert refused.value.problem is Problem.INVALID_PARAMETER


@pytest.mark.parametrize(
    "error", [OSError("No space left: /scratch/x"), OutputError("/scratch/x cannot be written")]
)
def test_a_file_that_cannot_be_written_says_no_path(hard, monkeypatch, error):
    def fails(_, path):
        raise OutputError(f"{path} cannot be written") from error

    monkeypatch.setitem(files.FEATURE_FORMATS, ".gpkg", fails)
    with pytest.raises(ProblemError, match="could not be written here") as refused:
        respond(answer_of(hard.table("villages")), Format.GPKG, REQUEST)
    assert refused.value.problem is Problem.INTERNAL
    assert "/" not in refused.value.detail


def test_too_many_files_at_once_are_asked_to_come_again(hard, monkeypatch):
    monkeypatch.setattr(files, "_PATIENCE_S", 0.01)
    for _ in range(files._AT_ONCE):
        files._WRITING.acquire()
    try:
        with pytest.raises(ProblemError) as refused:
            respond(answer_of(hard.table("villages")), Format.GPKG, REQUEST)
    finally:
        for _ in range(files._AT_ONCE):
            files._WRITING.release()
    assert refused.value.problem is Problem.BUSY
    assert refused.value.headers["Retry-After"]
    assert respond(answer_of(hard.table("villages")), Format.CSV, REQUEST).status_code == 200


def test_nothing_of_a_file_stays(hard, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    response = respond(answer_of(hard.table("villages")), Format.GPKG, REQUEST)
    assert list(tmp_path.iterdir()) == []
    assert body_of(response).startswith(b"SQLite format 3")


# JSON of columns


@given(st.lists(st.none() | st.text()))
def test_any_text_is_json(values):
    assert [json.loads(one) for one in json_column(pa.array(values, pa.string())).to_pylist()] == values


@given(st.lists(st.none() | st.floats()))
def test_any_number_is_json_and_the_same_when_read(values):
    column = pa.array(values, pa.float64(), from_pandas=False)
    found = [
        json.loads(one, parse_int=lambda _: pytest.fail("an integer"))
        for one in json_column(column).to_pylist()
    ]
    expected = [None if one is None or not np.isfinite(one) else one for one in values]
    assert found == expected


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_any_integer_keeps_all_digits(values):
    assert [json.loads(one) for one in json_column(pa.array(values, pa.int64())).to_pylist()] == values


def test_a_part_of_a_column_is_that_part():
    column = pa.array(['"', "a", None, "\\b\n", "c"])
    assert json_column(column.slice(1, 1)).to_pylist() == ['"a"']
    assert json_column(column.slice(2)).to_pylist() == ["null", '"\\\\b\\n"', '"c"']
    points = pa.array([*shapely.to_wkb(shapely.points([[1, 2], [3, 4]])), None])
    assert geometry_column(points.slice(1)).to_pylist() == ['{"type":"Point","coordinates":[3,4]}', "null"]


def test_integers_beyond_2_53_are_exact_in_few_rows_and_many():
    for rows in (1, 500):
        table = pa.table({"n": [BIG] * rows})
        assert features_bytes(table, None, None).count(b'"n":9007199254740993') == rows


SHAPES = [
    None,
    shapely.Point(1, 2),
    shapely.Point(),
    shapely.LineString([[0, 0], [1.5, 2.25]]),
    shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2)),
    shapely.MultiPoint([[1, 2], [3, 4]]),
    shapely.MultiLineString([[[0, 0], [1, 1]], [[2, 2], [3, 3]]]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    shapely.MultiPolygon(),
    shapely.GeometryCollection([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)]),
    shapely.Point(1, 2, 3),
]


@pytest.mark.parametrize("order", [0, 1])
def test_every_kind_of_geometry_is_geojson(order):
    found = geometry_column(pa.array(shapely.to_wkb(SHAPES, byte_order=order), pa.binary())).to_pylist()
    for shape, text in zip(SHAPES, found, strict=True):
        if shape is None or shape.is_empty:
            assert text == "null"
        else:
            assert shapely.from_geojson(text) == shapely.force_2d(shape)


def test_geometries_of_one_kind_are_geojson():
    for shape in SHAPES[1:]:
        found = geometry_column(pa.array(shapely.to_wkb([shape, shape]), pa.binary()))
        assert len(found) == 2
    assert geometry_column(pa.array([None, None], pa.binary())).to_pylist() == ["null", "null"]


def test_a_position_that_is_nowhere_is_still_json():
    column = pa.array(shapely.to_wkb([shapely.Point(float("inf"), 1), shapely.Point(1, float("nan"))]))
    for text in geometry_column(column).to_pylist():
        json.loads(text, parse_constant=pytest.fail)


def test_positions_keep_all_of_their_digits():
    point = shapely.Point(71.43061234567891, -0.1 + 1e-15)
    text = geometry_column(pa.array([shapely.to_wkb(point)])).to_pylist()[0]
    assert shapely.from_geojson(text).equals_exact(point, 0)


@pytest.mark.parametrize("rows", [2, 500])
def test_features_can_have_links_of_their_own_and_only_some_properties(rows):
    table = pa.table({"id": ["a"] * rows, "n": [1] * rows, "m": [2] * rows})
    links = pa.array(['[{"href":"x"}]'] * rows)
    found = json.loads(collection_bytes(table, None, "id", properties=["m"], members={"links": links}))
    assert (
        found["features"]
        == [
            {"type": "Feature", "id": "a", "geometry": None, "properties": {"m": 2}, "links": [{"href": "x"}]}
        ]
        * rows
    )
    found = json.loads(collection_bytes(table, None, None, properties=[]))
    assert found["features"][0] == {"type": "Feature", "geometry": None, "properties": {}}
