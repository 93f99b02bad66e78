"""Tables to CSV, XLSX and JSON, each with what it says about itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.errors import MissingExtraError, OutputError
from geo_service.export.staging import refuse_existing, staged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TABLE_FORMATS", "metadata_path", "table_outputs", "write_table", "write_table_unstaged"]

_XLSX_ROWS = 1_048_576
_MOST_COLUMN_WIDTH = 40


def write_table(table: pd.DataFrame, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a table in the format of its extension: one of `TABLE_FORMATS`.

    Args:
        table: Any table. Its `attrs`, such as basis, rule and edges, go into a second sheet of a workbook, the `about`
            of JSON, and beside a CSV into `NAME.csv-metadata.json` (CSV on the Web, W3C).
        path: Where to.
        overwrite: Whether to replace what is there.

    Raises:
        OutputError: The extension is not known, the file exists, or a sheet has no room for the rows.
        MissingExtraError: XLSX is asked for and its writer is not installed.
    """
    path = Path(path)
    refuse_existing(table_outputs(path), overwrite=overwrite)
    with staged([path], overwrite=overwrite) as [beside]:
        write_table_unstaged(table, beside)


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


def write_table_unstaged(table: pd.DataFrame, path: Path) -> None:
    """As `write_table`, straight to `path`: for a path of `staged`."""
    TABLE_FORMATS[path.suffix.lower()](table, path)


def metadata_path(path: Path) -> Path:
    """Where CSV on the Web looks for what a CSV says about itself."""
    return path.with_name(f"{path.name}-metadata.json")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)
    about = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "notes": [table.attrs],
        "tableSchema": {"columns": [{"titles": name, "datatype": _csvw_type(table[name])} for name in table]},
    }
    metadata_path(path).write_text(
        json.dumps(about, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )


def _csvw_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column.dtype) else "string"


def _write_json(table: pd.DataFrame, path: Path) -> None:
    rows = json.loads(table.to_json(orient="records", double_precision=15))
    about = {"about": table.attrs, "rows": rows}
    path.write_text(json.dumps(about, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"writing the workbook {path.name}", "excel") from error
    if len(table) >= _XLSX_ROWS:
        raise OutputError(
            f"{path.name}: a sheet holds {_XLSX_ROWS - 1:,} rows, these are {len(table):,}; use .csv or .parquet"
        )
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(path.stem[:31])
        sheet.freeze_panes(1, 0)
        for number, name in enumerate(table):
            sheet.set_column(number, number, _width(table[name]))
        sheet.write_row(0, 0, list(table), heading)
        columns = [_cells(table[name]) for name in table]
        for row, cells in enumerate(zip(*columns, strict=True), start=1):
            sheet.write_row(row, 0, cells)
        if len(table):
            sheet.autofilter(0, 0, len(table), len(columns) - 1)
        about = book.add_worksheet("about")
        about.set_column(0, 1, _MOST_COLUMN_WIDTH)
        for row, (name, value) in enumerate(table.attrs.items()):
            about.write_row(row, 0, [name, value if isinstance(value, (int, float, str)) else str(value)])


def _cells(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.astype(object)]


def _width(column: pd.Series) -> int:
    shown = column.head(200).astype("string").str.len().max()
    longest = max(len(str(column.name)), 0 if pd.isna(shown) else int(shown))
    return min(longest + 3, _MOST_COLUMN_WIDTH)


TABLE_FORMATS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".json": _write_json,
}
"""Writers by extension."""
