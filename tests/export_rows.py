"""Rows that are hard to write, and many of them, for tests of exports. All rows are synthetic."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from releases import BIG, small_contents
from rows_release import release_of, rows_part

from geo_service.export.fields import mapping_path
from geo_service.query.properties import PropertyType
from geo_service.release.frames import KEY_FIELDS
from geo_service.release.manifest import CollectionField
from geo_service.release.parts import Contents, Part
from geo_service.vocabulary import Language

__all__ = ["FIELDS", "GDAL", "HARD", "field", "hard", "noted", "read_rows", "small"]

GDAL = (".geojson", ".gpkg", ".fgb", ".shp", ".kml")


def field(name, kind):
    return CollectionField(name=name, type=PropertyType(kind))


FIELDS = (
    *KEY_FIELDS,
    field("village_name", "text"),
    field("name", "text"),
    field("households", "integer"),
    field("register_number", "integer"),
    field("share_of_all", "number"),
    field("has_a_school", "boolean"),
    field("interviewed_on", "date"),
    field("geometry", "geometry"),
)

HARD = {
    "village_name": ["Қызылжар «Ә»", 'say "hi",\n\t;x', None, "=1+1", "@SUM(A1)"],
    "name": ["a", "<b>&amp;", "ё", None, "O'Neil; DROP TABLE"],
    "households": [0, None, -5, 120, 7],
    "register_number": [BIG, -BIG, None, 10**17, 1],
    "share_of_all": [0.1, None, 12345678.9, -1e-6, 0.0],
    "has_a_school": [True, False, None, True, None],
    "interviewed_on": [dt.date(2024, 2, 29), None, dt.date(1899, 12, 30), dt.date(2024, 1, 1), None],
    "geometry": [
        shapely.Point(71.4306, 51.1283),
        shapely.Point(-180, 90),
        None,
        shapely.Point(180, -90),
        shapely.Point(66.7, 48.9),
    ],
}


@pytest.fixture
def hard():
    return rows_part("villages", FIELDS, HARD)


@pytest.fixture(scope="module")
def small():
    return release_of(small_contents())


def read_rows(path, schema):
    """The rows of a file as plain values under the names of `schema`, geometries as shapely's, in the order of `fid`."""
    names = schema.names
    suffix = path.suffix
    if suffix == ".parquet":
        rows = pq.read_table(path).select(names).to_pylist()
    elif suffix == ".csv":
        rows = _from_csv(path, schema)
    elif suffix == ".xlsx":
        [names_of, *lines] = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        rows = [dict(zip(names_of, line, strict=True)) for line in lines]
    elif suffix == ".fgb":
        rows = _from_flatgeobuf(path)
    else:
        _, table = pyogrio.raw.read_arrow(path, return_fids=suffix == ".gpkg")
        rows = table.to_pylist()
    for row in rows:
        if suffix in {".shp", ".kml"}:
            mapping = pd.read_csv(mapping_path(path)).set_index("column")["field"]
            row.update({name: row[mapping[name]] for name in names if name != "geometry"})
        if "geometry" in names:
            row["geometry"] = _shape(row)
    return sorted(({name: row[name] for name in names} for row in rows), key=lambda row: int(row["fid"]))


def _from_csv(path, schema):
    with path.open() as file:
        header = file.readline().strip().split(",")
    types = {one: schema.field(one).type if one in schema.names else None for one in header}
    types |= dict.fromkeys(("longitude", "latitude"), pa.float64()) | {"geometry_wkt": pa.string()}
    options = pa.csv.ConvertOptions(
        column_types={one: types[one] for one in header},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    return pa.csv.read_csv(path, convert_options=options, parse_options=parse).to_pylist()


def _from_flatgeobuf(path):
    # GDAL's Arrow reader of FlatGeobuf cannot read a null geometry, and gives days as instants.
    _, table = pyogrio.raw.read_arrow(path, read_geometry=False)
    for number, one in enumerate(table.schema):
        if pa.types.is_timestamp(one.type):
            table = table.set_column(number, one.name, table[one.name].cast(pa.date32()))
    _, _, shapes, _ = pyogrio.raw.read(path, columns=[])
    return [row | {"geometry": shape} for row, shape in zip(table.to_pylist(), shapes, strict=True)]


def _shape(row):
    if "longitude" in row:
        return None if row["longitude"] is None else shapely.Point(row["longitude"], row["latitude"])
    if "geometry_wkt" in row:
        return shapely.from_wkt(row["geometry_wkt"])
    return shapely.from_wkb(next(row[one] for one in ("geometry", "wkb_geometry", "geom") if one in row))


class Alive:
    """Batches of many rows, and how many of them are held at once."""

    def __init__(self, batches, rows):
        self.batches, self.rows = batches, rows
        self.most = 0

    def __call__(self):
        schema = pa.schema(
            [("fid", pa.int64()), ("id", pa.string()), ("note", pa.string()), ("geometry", pa.binary())]
        )
        point = shapely.to_wkb(shapely.Point(66, 48))
        before = pa.total_allocated_bytes()
        for number in range(self.batches):
            fids = range(number * self.rows + 1, (number + 1) * self.rows + 1)
            batch = pa.RecordBatch.from_arrays(
                [
                    pa.array(fids, pa.int64()),
                    pa.array([str(one) for one in fids]),
                    pa.array(["x" * 1000] * self.rows),
                    pa.array([point] * self.rows),
                ],
                schema=schema,
            )
            yield batch
            del batch
            self.most = max(self.most, pa.total_allocated_bytes() - before)


@pytest.fixture
def noted():
    """A release of notes, a kilobyte each, that come in batches of 500."""

    def of(batches):
        rows = Alive(batches, 500)
        fields = (*KEY_FIELDS, field("note", "text"), field("geometry", "geometry"))
        part = Part("notes", "layer", {Language.EN: "Notes"}, fields, rows, "geometry")
        release = release_of(Contents(parts=(part,)))
        release.count = lambda *_: batches * 500
        release.aggregate = lambda *_: pa.table({"min_fid": [1], "max_fid": [batches * 500]})
        rows.most = 0
        return release, rows

    return of
