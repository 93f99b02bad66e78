"""Workbooks of many rows and zip files of CSVs, written in little memory and the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.errors import MissingExtraError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["write_sheets", "write_zipped_csvs"]

_XLSX_ROWS = 1_048_576
_ROWS_AT_ONCE = 2_000
_MADE = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def write_sheets(
    sheets: Iterable[tuple[str, pd.DataFrame]],
    path: Path,
    *,
    note: str = "",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write frames as the sheets of a workbook: numbers as numbers, all else as text, nulls as empty cells.

    Args:
        sheets: Each with its name; one is asked for when the one before it is written.
        path: Where to; what is there is replaced.
        note: What the properties of the file say.
        tags: What stands below the header of each column, by its name; null for nothing.

    Raises:
        MissingExtraError: The extra `excel` is not installed.
        OutputError: A frame has more rows than a sheet holds.
    """
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"writing the workbook {path.name}", "excel") from error
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": _MADE, "comments": note})
        for name, frame in sheets:
            most = _XLSX_ROWS - (2 if tags else 1)
            if len(frame) > most:
                raise OutputError(
                    f"{path.name}: sheet '{name}' holds {most:,} rows, these are {len(frame):,}; write CSVs"
                )
            _fill(book.add_worksheet(name), frame, tags)


def write_zipped_csvs(tables: Iterable[tuple[str, pd.DataFrame]], path: Path, *, note: str = "") -> None:
    """Write frames as the CSV files of a zip, nulls as nothing.

    Args:
        tables: Each with the name of its file; one is asked for when the one before it is written.
        path: Where to; what is there is replaced.
        note: The comment of the zip.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = note.encode()
        for name, frame in tables:
            entry = zipfile.ZipInfo(name, _MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with (
                archive.open(entry, "w", force_zip64=True) as file,
                io.TextIOWrapper(file, "utf-8", newline="") as text,
            ):
                frame.to_csv(text, index=False, lineterminator="\n")


def _fill(sheet: Any, frame: pd.DataFrame, tags: Mapping[str, str] | None) -> None:
    headers = [list(frame), *([[tags[name] for name in frame]] if tags else [])]
    for row, header in enumerate(headers):
        for column, name in enumerate(header):
            sheet.write_string(row, column, name)
    writers = [
        sheet.write_number if pd.api.types.is_numeric_dtype(dtype) else sheet.write_string
        for dtype in frame.dtypes
    ]
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        block = frame.iloc[start : start + _ROWS_AT_ONCE]
        columns = [block[name].astype(object).where(block[name].notna(), None).tolist() for name in block]
        for row, cells in enumerate(zip(*columns, strict=True), start=start + len(headers)):
            for column, (write, cell) in enumerate(zip(writers, cells, strict=True)):
                if cell is not None:
                    write(row, column, cell)
