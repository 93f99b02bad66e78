"""Features of a release as tables: CSV, a workbook, Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely

from geo_service.errors import OutputError
from geo_service.export.streams import geometries_of
from geo_service.export.tables import (
    column_width,
    open_workbook,
    refuse_long_sheet,
    write_about_sheet,
    write_csv_metadata,
)
from geo_service.release.parts import Part
from geo_service.release.writer import write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from geo_service.export.streams import FeatureStream

__all__ = ["csv_chunks", "write_csv", "write_parquet", "write_xlsx"]

_EXACT_IN_A_SHEET = 10**15
"""A sheet keeps 15 digits of a number."""

_CELL_CHARACTERS = 32_767
_SHEET_NAME_CHARACTERS = 31

_FIRST_DAY_OF_SHEETS = dt.date(1900, 3, 1)
"""Before it spreadsheets disagree, because one of them had a 29 February 1900."""

_LARGE_INTEGERS = "Whole numbers of more than 15 digits are in this column; they are text, because a sheet would round them."


def write_csv(stream: FeatureStream, path: Path) -> None:
    """CSV in UTF-8: null is an empty field, an empty text `""`; what the file says of itself lies beside it.

    Texts are as they are in the release, also those that a spreadsheet takes for a formula; a workbook has them as text.
    """
    with stream.batches() as batches, path.open("wb") as file:
        for chunk in csv_chunks(stream, batches):
            file.write(chunk)
    schema, _ = _flat(stream)
    write_csv_metadata(path, stream.about, {one.name: _csvw_type(one.type) for one in schema})


def csv_chunks(stream: FeatureStream, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """The same CSV in pieces: the names of columns, then a piece a batch.

    Args:
        stream: What the batches are of.
        batches: With the columns of `stream.whole_schema`.
    """
    schema, flat = _flat(stream)
    yield _csv_header(schema.names)
    options = pa.csv.WriteOptions(include_header=False)
    for batch in batches:
        piece = pa.BufferOutputStream()
        pa.csv.write_csv(flat(batch), piece, options)
        yield bytes(piece.getvalue())


def _csv_header(names: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def _csvw_type(kind: pa.DataType) -> str:
    names = {pa.bool_(): "boolean", pa.int64(): "integer", pa.float64(): "number", pa.date32(): "date"}
    return names.get(kind, "string")


def write_parquet(stream: FeatureStream, path: Path) -> None:
    """GeoParquet 1.1, or Parquet where there is no geometry, with what it says of itself where pandas looks for `attrs`."""
    fields = {one.name: one for one in stream.collection.fields}
    with stream.batches() as batches, path.open("wb") as file:
        part = Part(
            stream.name,
            stream.collection.kind,
            stream.collection.title,
            tuple(fields[name] for name in stream.whole_schema.names),
            lambda: batches,
            stream.geometry,
        )
        write_part(part, file, numbered=False, metadata={"PANDAS_ATTRS": stream.about_text})


# The workbook


def write_xlsx(stream: FeatureStream, path: Path) -> None:
    """A sheet of the features and one that says what they are; integers that a sheet would round are text.

    Raises:
        OutputError: There are more rows than a sheet holds, or a text is longer than a cell.
    """
    refuse_long_sheet(path, stream.count, 1)
    schema, flat = _flat(stream)
    as_text = {
        name
        for name, (low, high) in stream.ranges().items()
        if max(-low, high) >= _EXACT_IN_A_SHEET and name in schema.names
    }
    rows = 0
    with open_workbook(path) as book, stream.batches() as batches:
        sheet = book.add_worksheet(stream.name[:_SHEET_NAME_CHARACTERS])
        cells = _Cells(sheet, book.add_format({"num_format": "yyyy-mm-dd"}), path.name)
        heading = book.add_format({"bold": True, "bottom": 1})
        sheet.freeze_panes(1, 0)
        for number, name in enumerate(schema.names):
            sheet.write_string(0, number, name, heading)
            if name in as_text:
                sheet.write_comment(0, number, _LARGE_INTEGERS)
        writers = [cells.writer(one.type, as_text=one.name in as_text) for one in schema]
        for batch in map(flat, batches):
            if not rows:
                for number, column in enumerate(batch.columns):
                    sheet.set_column(number, number, _width(schema.names[number], column))
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                rows += 1
                for number, value in enumerate(row):
                    if value is not None:
                        writers[number](rows, number, value)
        if rows:
            sheet.autofilter(0, 0, rows, len(schema) - 1)
        written_as_text = {"integers_as_text": ", ".join(sorted(as_text))} if as_text else {}
        write_about_sheet(book, stream.about | written_as_text)


def _width(name: str, column: pa.Array) -> int:
    return column_width(column.slice(0, 200).to_pandas(integer_object_nulls=True).rename(name))


class _Cells:
    """Writes values into the cells of a sheet, each as what it is."""

    def __init__(self, sheet: Any, day: Any, name: str) -> None:
        self._sheet = sheet
        self._day = day
        self._name = name

    def writer(self, kind: pa.DataType, *, as_text: bool) -> Callable[[int, int, Any], None]:
        if pa.types.is_boolean(kind):
            write: Callable[[int, int, Any], None] = self._sheet.write_boolean
        elif pa.types.is_date(kind):
            write = self._date
        elif pa.types.is_string(kind) or as_text:
            write = self._text
        else:
            write = self._number
        return write

    def _text(self, row: int, column: int, value: str | int) -> None:
        text = str(value)
        if len(text) > _CELL_CHARACTERS:
            raise OutputError(
                f"{self._name}: row {row + 1} has {len(text):,} characters in one column, a cell holds {_CELL_CHARACTERS:,}; "
                "use .csv or .gpkg, or leave that column out"
            )
        self._sheet.write_string(row, column, text)

    def _number(self, row: int, column: int, value: float) -> None:
        if math.isfinite(value):
            self._sheet.write_number(row, column, value)

    def _date(self, row: int, column: int, value: dt.date) -> None:
        if value < _FIRST_DAY_OF_SHEETS:
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, value, self._day)


# A geometry as columns


def _flat(stream: FeatureStream) -> tuple[pa.Schema, Callable[[pa.RecordBatch], pa.RecordBatch]]:
    """The columns without the geometry but with its place, and what makes them of a batch.

    A layer of points gets `longitude` and `latitude`, another one `geometry_wkt`.
    """
    names = [one.name for one in stream.properties]
    geometry = stream.geometry
    places: list[pa.Field] = []
    if geometry is not None:
        is_of_points = stream.geometry_types() <= {"Point"}
        columns = {"longitude": pa.float64(), "latitude": pa.float64()}
        if not is_of_points:
            columns = {"geometry_wkt": pa.string()}
        places = [pa.field(_free(name, names), kind) for name, kind in columns.items()]
    schema = pa.schema([*(pa.field(one.name, one.type) for one in stream.properties), *places])

    def flat(batch: pa.RecordBatch) -> pa.RecordBatch:
        arrays = [batch[name] for name in names]
        if geometry is not None:
            arrays.extend(_places(batch[geometry], as_points=len(places) == 2))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    return schema, flat


def _free(name: str, taken: list[str]) -> str:
    """The name, or where a column has it already the same with `_`."""
    while name in taken:
        name += "_"
    return name


def _places(column: pa.Array, *, as_points: bool) -> Iterator[pa.Array]:
    shapes = geometries_of(column)
    if not as_points:
        yield pa.array(shapely.to_wkt(shapes, rounding_precision=-1), pa.string())
        return
    for ordinate in (shapely.get_x(shapes), shapely.get_y(shapes)):
        yield pa.array(ordinate, pa.float64(), mask=np.isnan(ordinate))
