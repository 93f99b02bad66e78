"""The files of a release: the same bytes for the same rows, GeoParquet 1.1, and one row group of memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from releases import small_access, small_contents, small_units, small_villages, titled

from geo_service.errors import InputError
from geo_service.query.properties import PropertyType
from geo_service.release.frames import frame_part
from geo_service.release.manifest import CollectionField
from geo_service.release.parts import Part, arrow_schema
from geo_service.release.writer import ROW_GROUP, file_of, file_schema, write_part


def written(part):
    file = io.BytesIO()
    collection = write_part(part, file)
    return collection, file


def villages_part(frame=None, **options):
    frame = small_villages() if frame is None else frame
    return frame_part(
        "villages", frame, kind="layer", title=titled("Villages"), key=["village_id"], **options
    )


def cut(part, lengths):
    """The same rows in other batches."""
    table = pa.Table.from_batches(part.rows())

    def rows():
        begin = 0
        for length in lengths:
            yield from table.slice(begin, length).combine_chunks().to_batches()
            begin += length
        yield from table.slice(begin).to_batches(max_chunksize=3)

    return replace(part, rows=rows)


def many(rows, *, batch=10_000):
    """A layer of points whose rows are made as they are asked for."""
    fields = (
        CollectionField(name="fid", type=PropertyType.INTEGER, nullable=False),
        CollectionField(name="id", type=PropertyType.TEXT, nullable=False),
        CollectionField(name="value", type=PropertyType.NUMBER),
        CollectionField(name="geometry", type=PropertyType.GEOMETRY),
    )

    def batches():
        for begin in range(0, rows, batch):
            fid = np.arange(begin + 1, min(begin + batch, rows) + 1)
            points = shapely.points(np.round(fid * 1e-5, 5), 50.0)
            columns = [fid, fid.astype(str), np.sin(fid), shapely.to_wkb(points)]
            yield pa.RecordBatch.from_arrays(
                [pa.array(one, kind) for one, kind in zip(columns, arrow_schema(fields).types, strict=True)],
                schema=arrow_schema(fields),
            )

    return Part("many", "layer", titled("Many"), fields, batches, "geometry")


def test_the_same_rows_are_the_same_bytes_twice():
    for first, second in zip(small_contents().parts, small_contents().parts, strict=True):
        (one, file), (other, again) = written(first), written(second)
        assert file.getvalue() == again.getvalue()
        assert one == other


def test_the_same_rows_are_the_same_bytes_in_another_process():
    script = (
        "from releases import small_contents\nfrom geo_service.release.writer import write_part\n"
        "print(*(write_part(part).sha256 for part in small_contents().parts))"
    )
    root = Path(__file__).parents[1]
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{root}:{root / 'tests'}", "PYTHONHASHSEED": "7", "TZ": "Asia/Almaty"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [write_part(part).sha256 for part in small_contents().parts]


@hypothesis_settings(max_examples=30)
@given(st.data())
def test_how_rows_are_cut_into_batches_leaves_no_trace(data):
    part = data.draw(st.sampled_from(small_contents().parts))
    lengths = data.draw(st.lists(st.integers(0, 30), max_size=8))
    assert write_part(cut(part, lengths)) == write_part(part)


def test_batches_across_row_groups_leave_no_trace():
    rows = ROW_GROUP * 2 + 77
    collection, file = written(many(rows, batch=1000))
    assert collection == write_part(many(rows, batch=rows))
    groups = pq.ParquetFile(file).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [ROW_GROUP, ROW_GROUP, 77]
    assert collection.rows == rows


def test_the_order_of_a_layers_input_leaves_no_trace():
    frame = small_villages()
    for seed in range(3):
        assert write_part(villages_part(frame.sample(frac=1, random_state=seed))) == write_part(
            villages_part(frame)
        )


def test_a_part_written_again_from_its_file_is_the_same_bytes():
    for part in small_contents().parts:
        collection, file = written(part)
        table = pq.read_table(file).select([one.name for one in collection.fields])
        assert write_part(Part.of(collection, lambda table=table: iter(table.to_batches(7)))) == collection


def test_geometries_are_the_same_bytes_in_whatever_form_they_come():
    part = villages_part()
    table = pa.Table.from_batches(part.rows())
    shapes = shapely.set_srid(shapely.from_wkb(table["geometry"].to_numpy()), 4326)
    extended = pa.array(
        shapely.to_wkb(shapes, byte_order=0, include_srid=True, flavor="extended"), pa.binary()
    )
    other = table.set_column(table.schema.get_field_index("geometry"), "geometry", extended)
    assert write_part(replace(part, rows=lambda: iter(other.to_batches()))) == write_part(part)


def test_what_the_manifest_says_of_a_file_is_so():
    for part in small_contents().parts:
        collection, file = written(part)
        assert collection.bytes == len(file.getvalue())
        assert collection.file == file_of(part.kind, part.name)
        stored = pq.ParquetFile(file)
        assert stored.metadata.num_rows == collection.rows
        assert stored.schema_arrow.remove_metadata().equals(file_schema(part))
        assert {stored.metadata.row_group(0).column(i).compression for i in range(2)} == {"ZSTD"}
        if part.geometry is None:
            assert b"geo" not in stored.metadata.metadata
            assert collection.extent is None
            continue
        frame = gpd.read_parquet(file)
        assert collection.extent == pytest.approx(tuple(frame.total_bounds), abs=0)
        assert set(collection.geometry_types) == set(frame.geom_type.dropna())


def test_the_first_and_last_date_are_those_that_occur():
    villages = small_contents().parts[0]
    days = pa.Table.from_batches(villages.rows())["interviewed_on"].drop_null().to_pylist()
    assert write_part(villages).interval == (min(days).isoformat(), max(days).isoformat())
    none = small_villages().assign(interviewed_on=pd.array([None] * 40, dtype="string"))
    part = villages_part(none, dates=["interviewed_on"], time="interviewed_on")
    assert write_part(part).interval is None


def assert_geoparquet(file):
    """The rules of GeoParquet 1.1.0 for the metadata of files, and for the covering."""
    stored = pq.ParquetFile(file)
    geo = json.loads(stored.metadata.metadata[b"geo"])
    assert geo.keys() == {"version", "primary_column", "columns"}
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] in geo["columns"]
    for name, about in geo["columns"].items():
        assert about.keys() <= {"encoding", "geometry_types", "bbox", "covering"}, "no crs is OGC:CRS84"
        assert about["encoding"] == "WKB"
        assert about["geometry_types"] == sorted(set(about["geometry_types"]))
        column = stored.schema.column(stored.schema.names.index(name))
        assert column.physical_type == "BYTE_ARRAY"
        assert column.logical_type.type == "NONE"
        assert column.max_repetition_level == 0, "at the root, not repeated"
        if "bbox" in about:
            west, south, east, north = about["bbox"]
            assert -180 <= west <= east <= 180
            assert -90 <= south <= north <= 90
    covering = geo["columns"][geo["primary_column"]]["covering"]["bbox"]
    assert covering == {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    box = stored.schema_arrow.field("bbox").type
    assert [(one.name, one.type) for one in box] == [(side, pa.float64()) for side in covering]
    table = pq.read_table(file)
    shapes = shapely.from_wkb(table[geo["primary_column"]].to_numpy())
    for shape, one in zip(shapes, table["bbox"].to_pylist(), strict=True):
        assert one == (
            None
            if shape is None or shape.is_empty
            else dict(zip(covering, shapely.bounds(shape).tolist(), strict=True))
        )
    return geo


def every_kind_of_geometry():
    shapes = [
        None,
        shapely.Point(),
        shapely.Point(71.4, 51.1, 300.0),
        shapely.LineString([(70, 50), (71, 51)]),
        shapely.Polygon(),
        shapely.box(66, 48, 67, 49),
        shapely.MultiPoint([(66, 48), (67, 49)]),
        shapely.MultiLineString([[(1, 2), (3, 4)]]),
        shapely.MultiPolygon([shapely.box(179, 60, 180, 61), shapely.box(-180, 60, -179, 61)]),
        shapely.GeometryCollection([shapely.Point(1, 2), shapely.box(3, 4, 5, 6)]),
    ]
    return gpd.GeoDataFrame(
        {"village_id": [f"v{i}" for i in range(len(shapes))], "geometry": shapes}, crs="OGC:CRS84"
    )


@pytest.mark.parametrize(
    "frame",
    [small_villages(), every_kind_of_geometry(), small_villages().iloc[:0], small_villages().iloc[6:7]],
    ids=["villages", "every kind", "no rows", "no geometry"],
)
def test_layers_are_geoparquet(frame):
    collection, file = written(villages_part(frame))
    geo = assert_geoparquet(file)
    assert tuple(geo["columns"]["geometry"]["geometry_types"]) == collection.geometry_types
    assert geo["columns"]["geometry"].get("bbox") == (collection.extent and list(collection.extent))
    read = gpd.read_parquet(file)
    assert read.crs == "OGC:CRS84"
    assert len(read) == collection.rows == len(frame)
    assert set(read["id"]) == set(frame["village_id"])


def test_every_column_comes_back_as_it_was():
    frame = small_villages()
    _, file = written(villages_part(frame))
    read = gpd.read_parquet(file).set_index("id").loc[frame["village_id"]]
    for name in ("village_name", "households", "register_number", "elevation_m", "synthetic"):
        assert read[name].isna().to_list() == frame[name].isna().to_list()
        assert read[name].dropna().to_list() == frame[name].dropna().to_list()
    assert read.geometry.dropna().to_list() == frame.geometry.dropna().to_list()


def test_geopandas_reads_a_box_with_the_covering():
    _, file = written(villages_part())
    read = gpd.read_parquet(file, bbox=(66.0, 48.0, 67.0, 49.0))
    frame = small_villages()
    assert set(read["id"]) == set(frame.cx[66.0:67.0, 48.0:49.0]["village_id"])
    assert 0 < len(read) < len(frame)


def test_a_box_leaves_out_most_row_groups():
    _, file = written(many(ROW_GROUP * 4))
    groups = pq.ParquetFile(file).metadata
    leaves = [groups.row_group(0).column(i).path_in_schema for i in range(groups.num_columns)]
    west = leaves.index("bbox.xmin")
    lows = [groups.row_group(i).column(west).statistics.min for i in range(groups.num_row_groups)]
    assert lows == sorted(set(lows))
    assert groups.row_group(0).column(leaves.index("geometry")).statistics is None


def test_gdal_reads_layers(tmp_path):
    if "Parquet" not in pyogrio.list_drivers():
        pytest.skip("the GDAL of this pyogrio reads no Parquet")
    path = tmp_path / "villages.parquet"
    path.write_bytes(written(villages_part())[1].getvalue())
    assert len(pyogrio.read_dataframe(path)) == 40


def test_more_columns_of_geometries_are_kept_and_declared():
    frame = small_units()
    frame["label_point"] = frame.geometry.representative_point()
    frame.loc[1, "label_point"] = None
    part = frame_part("adm1", frame, kind="layer", title=titled("Regions"), key=["pcode"])
    collection, file = written(part)
    geo = assert_geoparquet(file)
    assert geo["columns"].keys() == {"geometry", "label_point"}
    assert geo["columns"]["label_point"]["geometry_types"] == ["Point"]
    assert "covering" not in geo["columns"]["label_point"]
    assert collection.geometry_types == ("MultiPolygon", "Polygon")
    read = gpd.read_parquet(file)
    assert read["label_point"].isna().sum() == 1


def test_an_empty_frame_is_a_file_of_no_rows():
    frame = pd.DataFrame(
        {"village_id": pd.array([], dtype="string"), "individuals": pd.array([], dtype="Int64")}
    )
    collection, file = written(frame_part("mobility", frame, kind="frame", title=titled("Mobility")))
    assert collection.rows == 0
    assert pq.read_table(file).num_rows == 0
    assert pq.read_schema(file).names == ["fid", "id", "village_id", "individuals"]


def test_memory_holds_one_row_group():
    seen = []
    part = many(ROW_GROUP * 24, batch=4096)

    def watched():
        for batch in part.rows():
            seen.append(pa.total_allocated_bytes())
            yield batch

    before = pa.total_allocated_bytes()
    collection = write_part(replace(part, rows=watched))
    assert collection.rows == ROW_GROUP * 24
    late = max(seen[len(seen) // 2 :]) - before
    early = max(seen[: len(seen) // 4]) - before
    assert late < early * 1.5 + 1_000_000


def with_rows(part, table):
    return replace(part, rows=lambda: iter(table.to_batches()))


def test_rows_that_do_not_fit_their_part_are_refused():
    part = villages_part()
    table = pa.Table.from_batches(part.rows())
    with pytest.raises(InputError, match=r"villages: rows have the columns .* instead of"):
        write_part(with_rows(part, table.drop_columns("households")))
    with pytest.raises(InputError, match="'fid' has to count from 1 without a gap"):
        write_part(with_rows(part, table.slice(1)))
    nothing = pa.array([None] * 40, pa.string())
    with pytest.raises(InputError, match="column 'id' may not be null"):
        write_part(with_rows(part, table.cast(part_schema(table)).set_column(1, "id", nothing)))
    broken = pa.array([b"no WKB"] * 40, pa.binary())
    with pytest.raises(InputError, match="column 'geometry' has a geometry that cannot be read"):
        write_part(with_rows(part, table.set_column(table.num_columns - 1, "geometry", broken)))


def part_schema(table):
    return pa.schema([field.with_nullable(True) for field in table.schema])


def test_names_that_the_file_needs_for_itself_are_refused():
    with pytest.raises(InputError, match="may not be named 'bbox'"):
        write_part(villages_part(small_villages().assign(bbox="")))
    part = villages_part()
    with pytest.raises(InputError, match="two columns are named 'village_id'"):
        write_part(replace(part, fields=(*part.fields, part.fields[2])))


def test_an_error_of_the_file_is_what_the_caller_gets():
    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() > 2000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    with pytest.raises(OSError, match="No space left"):
        write_part(
            frame_part("access", small_access(small_villages()), kind="layer", title=titled("x")), Full()
        )
