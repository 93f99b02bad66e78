"""Tables to CSV, XLSX and JSON, each with what it says about itself."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.errors import MissingExtraError, OutputError
from geo_service.export.staging import refuse_existing, staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "TABLE_FORMATS",
    "WORKBOOK_MADE",
    "column_cells",
    "column_width",
    "metadata_path",
    "open_workbook",
    "refuse_long_sheet",
    "table_document",
    "table_outputs",
    "write_about_sheet",
    "write_csv_metadata",
    "write_table",
    "write_table_unstaged",
]

_XLSX_ROWS = 1_048_576
_MOST_COLUMN_WIDTH = 40
_NUMBER_WIDTH = 9

WORKBOOK_MADE = datetime(1980, 1, 1)  # noqa: DTZ001
"""When every workbook says that it was made, so that the same tables are the same bytes; a workbook knows no time zone."""


def write_table(
    table: pd.DataFrame, path: Path | str, *, hxl: Mapping[str, str] | None = None, overwrite: bool = False
) -> None:
    """Write a table in the format of its extension: one of `TABLE_FORMATS`.

    Args:
        table: Any table. Its `attrs`, such as basis, rule and edges, go into a second sheet of a workbook, the `about`
            of JSON, and beside a CSV into `NAME.csv-metadata.json` (CSV on the Web, W3C).
        path: Where to.
        hxl: The HXL hashtag of each column that has one, for a row of them under the header (in JSON, an object); null for none.
        overwrite: Whether to replace what is there.

    Raises:
        OutputError: The extension is not known, the file exists, or a sheet has no room for the rows.
        MissingExtraError: XLSX is asked for and its writer is not installed.
    """
    path = Path(path)
    refuse_existing(table_outputs(path), overwrite=overwrite)
    with staged([path], overwrite=overwrite) as [beside]:
        write_table_unstaged(table, beside, hxl)


def table_outputs(path: Path) -> list[Path]:
    """The files that writing a table to `path` makes, for a check before any work is done.

    Raises:
        OutputError: The extension is not known.
    """
    suffix = path.suffix.lower()
    if suffix not in TABLE_FORMATS:
        raise OutputError(
            f"{path}: '{suffix}' is not a format of tables; use one of {', '.join(TABLE_FORMATS)}"
        )
    return [path, metadata_path(path)] if suffix == ".csv" else [path]


def write_table_unstaged(table: pd.DataFrame, path: Path, hxl: Mapping[str, str] | None = None) -> None:
    """As `write_table`, straight to `path`: for a path of `staged`."""
    TABLE_FORMATS[path.suffix.lower()](table, path, hxl)


def metadata_path(path: Path) -> Path:
    """Where CSV on the Web looks for what a CSV says about itself."""
    return path.with_name(f"{path.name}-metadata.json")


def _write_csv(table: pd.DataFrame, path: Path, hxl: Mapping[str, str] | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        if hxl is not None:
            writer.writerow(hxl.get(name, "") for name in table)
        table.to_csv(file, index=False, header=False, lineterminator="\n")
    types = {str(name): _csvw_type(table[name]) for name in table}
    write_csv_metadata(path, table.attrs, types, header_rows=1 if hxl is None else 2)


def write_csv_metadata(
    path: Path, about: Mapping[Any, Any], types: Mapping[str, str], *, header_rows: int = 1
) -> None:
    """Write what a CSV says about itself beside the one at `path`.

    Args:
        path: The CSV.
        about: Anything that goes into JSON.
        types: The datatype of each column, as CSV on the Web names it.
        header_rows: How many rows of the CSV are no data.
    """
    document = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "notes": [about],
        "dialect": {"headerRowCount": header_rows},
        "tableSchema": {"columns": [{"titles": name, "datatype": kind} for name, kind in types.items()]},
    }
    metadata_path(path).write_text(
        json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )


def _csvw_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column.dtype) else "string"


def table_document(table: pd.DataFrame, hxl: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A table as an object for JSON: what it says about itself, its hashtags where they are given, and its rows."""
    rows = json.loads(table.to_json(orient="records", double_precision=15))
    tags = {} if hxl is None else {"hxl": dict(hxl)}
    return {"about": table.attrs, **tags, "rows": rows}


def _write_json(table: pd.DataFrame, path: Path, hxl: Mapping[str, str] | None) -> None:
    document = table_document(table, hxl)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _write_xlsx(table: pd.DataFrame, path: Path, hxl: Mapping[str, str] | None) -> None:
    first = 1 if hxl is None else 2
    refuse_long_sheet(path, len(table), first)
    with open_workbook(path) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(path.stem[:31])
        sheet.freeze_panes(first, 0)
        for number, name in enumerate(table):
            sheet.set_column(number, number, column_width(table[name]))
        sheet.write_row(0, 0, list(table), heading)
        if hxl is not None:
            sheet.write_row(1, 0, [hxl.get(name, "") for name in table])
        columns = [column_cells(table[name]) for name in table]
        for row, cells in enumerate(zip(*columns, strict=True), start=first):
            sheet.write_row(row, 0, cells)
        if len(table):
            sheet.autofilter(first - 1, 0, first - 1 + len(table), len(columns) - 1)
        write_about_sheet(book, table.attrs)


@contextmanager
def open_workbook(path: Path) -> Iterator[Any]:
    """A new workbook of `xlsxwriter` that holds no more than a row in memory, written when the block ends.

    Raises:
        MissingExtraError: Its writer is not installed.
        OutputError: There is no room for it.
    """
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"writing the workbook {path.name}", "excel") from error
    try:
        with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
            book.set_properties({"created": WORKBOOK_MADE})
            yield book
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OutputError(f"{path.name} cannot be written: {error}") from error


def refuse_long_sheet(path: Path, rows: int, first: int) -> None:
    """Stop before any work is done when a sheet has no room.

    Args:
        path: The workbook.
        rows: How many rows of data.
        first: How many rows are above them.

    Raises:
        OutputError: There are more rows than a sheet holds.
    """
    if rows + first > _XLSX_ROWS:
        raise OutputError(
            f"{path.name}: a sheet holds {_XLSX_ROWS - first:,} rows, these are {rows:,}; use .csv or .parquet"
        )


def write_about_sheet(book: Any, about: Mapping[Any, Any]) -> None:
    """Add a sheet `about`: a name and a value in each row."""
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 1, _MOST_COLUMN_WIDTH)
    for row, (name, value) in enumerate(about.items()):
        sheet.write_row(row, 0, [name, value if isinstance(value, (int, float, str)) else str(value)])


def column_cells(column: pd.Series) -> list[Any]:
    """The values of a column as a workbook's writer takes them; null where there is none."""
    return [None if pd.isna(value) else value for value in column.astype(object)]


def column_width(column: pd.Series) -> int:
    """How many characters wide the column of a sheet should be; a number with decimals is shown rounded."""
    if pd.api.types.is_float_dtype(column.dtype):
        shown = _NUMBER_WIDTH
    else:
        shown = column.head(200).astype("string").str.len().max()
    longest = max(len(str(column.name)), 0 if pd.isna(shown) else int(shown))
    return min(longest + 3, _MOST_COLUMN_WIDTH)


TABLE_FORMATS: Mapping[str, Callable[[pd.DataFrame, Path, Mapping[str, str] | None], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".json": _write_json,
}
"""Writers by extension."""
