"""Features of a release to files: every format read back against the rows, nothing lost silently, nothing half-written."""

from __future__ import annotations

import datetime as dt
import math

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from rows_release import RowsRelease, rows_part

from geo_service.errors import OutputError, StoreError
from geo_service.export.features import FEATURE_FORMATS, WITHOUT_GEOMETRY, write_features
from geo_service.query.questions import Features
from tests import export_rows
from tests.export_rows import FIELDS, read_rows

hard, small, noted = export_rows.hard, export_rows.small, export_rows.noted


def told(value, suffix):
    """A value as the format holds it."""
    if value is None or isinstance(value, shapely.Geometry):
        return value
    if suffix == ".kml" and not isinstance(value, str):
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if suffix == ".xlsx" and isinstance(value, dt.date):
        days_of_sheets = value >= dt.date(1900, 3, 1)
        return dt.datetime.combine(value, dt.time()) if days_of_sheets else value.isoformat()
    return value


def assert_same(found, release, name, suffix, fields=None):
    schema = release.schema(name, Features(fields=fields))
    expected = release.table(name).select(schema.names).to_pylist()
    as_text = {"register_number"} if suffix == ".xlsx" else set()
    assert len(found) == len(expected)
    for got, want in zip(found, expected, strict=True):
        for one in schema:
            wanted = told(want[one.name], suffix)
            if one.name == "geometry":
                shape = shapely.from_wkb(want["geometry"])
                assert (got["geometry"] is None) == (shape is None), (suffix, want["id"])
                assert shape is None or shapely.equals_exact(
                    got["geometry"].normalize(), shape.normalize(), tolerance=1e-7
                )
            elif one.name in as_text:
                assert got[one.name] == (None if wanted is None else str(wanted))
            elif isinstance(wanted, float):
                assert math.isclose(got[one.name], wanted, rel_tol=1e-15, abs_tol=1e-15)
            elif suffix == ".kml" and isinstance(want[one.name], float):
                assert float(got[one.name]) == want[one.name]
            else:
                assert got[one.name] == wanted, (suffix, one.name)
                assert type(got[one.name]) is type(wanted), (suffix, one.name)


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
@pytest.mark.parametrize("name", ["villages", "adm1", "access"])
def test_every_format_gives_back_every_row_of_a_layer(small, tmp_path, name, suffix):
    path = tmp_path / f"out{suffix}"

    rows = write_features(small, name, Features(), path)

    assert rows == small.collection(name).rows
    assert_same(read_rows(path, small.schema(name, Features())), small, name, suffix)


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_nulls_large_integers_quotes_formulas_and_old_dates_come_back(hard, tmp_path, suffix):
    path = tmp_path / f"hard{suffix}"

    write_features(hard, "villages", Features(), path)

    assert_same(read_rows(path, hard.schema("villages", Features())), hard, "villages", suffix)


@pytest.mark.parametrize("suffix", WITHOUT_GEOMETRY)
@pytest.mark.parametrize("name", ["mobility", "coverage_by_region"])
def test_frames_and_tables_go_into_the_formats_that_need_no_geometry(small, tmp_path, name, suffix):
    path = tmp_path / f"out{suffix}"

    write_features(small, name, Features(), path)

    assert_same(read_rows(path, small.schema(name, Features())), small, name, suffix)


@pytest.mark.parametrize("suffix", sorted(set(FEATURE_FORMATS) - set(WITHOUT_GEOMETRY)))
def test_a_format_of_layers_refuses_a_frame_and_names_those_that_work(small, tmp_path, suffix):
    with pytest.raises(OutputError, match=r"no geometry.*\.csv, \.xlsx, \.parquet, \.gpkg"):
        write_features(small, "mobility", Features(), tmp_path / f"out{suffix}")
    with pytest.raises(OutputError, match="no geometry here"):
        write_features(small, "villages", Features(geometry=False), tmp_path / f"out{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_geopandas_and_pandas_read_them_with_their_reference_system_and_letters(small, tmp_path, suffix):
    path = tmp_path / f"villages{suffix}"
    write_features(small, "villages", Features(), path)

    if suffix == ".csv":
        frame = pd.read_csv(path)
    elif suffix == ".xlsx":
        frame = pd.read_excel(path, engine="openpyxl")
    else:
        frame = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
        assert frame.crs.equals("EPSG:4326", ignore_axis_order=True)
    names = frame["vill_name" if suffix == ".shp" else "village_name"]
    assert "Қызылжар 0" in set(names)
    assert "bbox" not in frame


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_only_the_fields_that_were_asked_for_are_written(small, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    fields = ("village_name", "register_number", "geometry")

    write_features(small, "villages", Features(fields=fields), path)

    assert_same(
        read_rows(path, small.schema("villages", Features(fields=fields))), small, "villages", suffix, fields
    )
    if suffix == ".parquet":
        assert pq.read_schema(path).names == [
            "fid",
            "id",
            "village_name",
            "register_number",
            "geometry",
            "bbox",
        ]


@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
@pytest.mark.parametrize("fields", [FIELDS, FIELDS[:3]])
def test_an_empty_answer_is_a_file_without_rows(tmp_path, suffix, fields):
    with_geometry = fields is FIELDS
    if not with_geometry and suffix not in WITHOUT_GEOMETRY:
        return
    empty = rows_part("villages", fields, {one.name: [] for one in fields[2:]})
    path = tmp_path / f"none{suffix}"

    assert write_features(empty, "villages", Features(), path) == 0

    assert read_rows(path, empty.schema("villages", Features())) == []


@pytest.mark.parametrize("error", [StoreError("the server went away"), KeyboardInterrupt("^C")])
@pytest.mark.parametrize("suffix", FEATURE_FORMATS)
def test_an_error_in_the_middle_is_raised_as_it_is_and_leaves_the_old_file(hard, tmp_path, suffix, error):
    path = tmp_path / f"out{suffix}"
    write_features(hard, "villages", Features(), path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    [whole] = hard.table("villages").to_batches()

    def breaking():
        yield whole
        raise error

    broken = RowsRelease(hard.manifest, {"villages": breaking})
    with pytest.raises(type(error)) as raised:
        write_features(broken, "villages", Features(), path, overwrite=True)
    assert raised.value.args == error.args
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_what_exists_is_kept_unless_told_to_replace_it(hard, tmp_path):
    (tmp_path / "a.shp.fields.csv").write_text("mine")
    with pytest.raises(OutputError, match="--overwrite"):
        write_features(hard, "villages", Features(), tmp_path / "a.shp")
    with pytest.raises(OutputError, match="not a format"):
        write_features(hard, "villages", Features(), tmp_path / "a.docx")
    assert [one.name for one in tmp_path.iterdir()] == ["a.shp.fields.csv"]


def held(most, pytestconfig):
    """How many batches may be held: code whose lines are counted for the first time keeps one longer than it does otherwise."""
    return most if pytestconfig.getoption("--lines") is None else most + 1


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".csv", ".kml", ".xlsx"])
def test_no_more_than_three_batches_are_ever_held(noted, tmp_path, suffix, pytestconfig):
    release, rows = noted(40)
    said = []

    written = write_features(release, "notes", Features(), tmp_path / f"n{suffix}", progress=said.append)

    assert written == 20_000
    assert said == [500 * one for one in range(1, 41)]
    assert rows.most < held(3, pytestconfig) * 500 * 1100


def test_a_geoparquet_holds_no_more_than_its_row_groups(noted, tmp_path, pytestconfig):
    release, rows = noted(200)

    assert write_features(release, "notes", Features(), tmp_path / "n.parquet") == 100_000

    assert pq.read_metadata(tmp_path / "n.parquet").num_row_groups == 7
    # The one that is collected, the last one, and the last one as it was written.
    assert rows.most < held(3, pytestconfig) * 16_384 * 1100
