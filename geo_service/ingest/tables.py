"""CSV files and workbooks as frames of text, each row knowing its number in the file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import Columns, is_hxl_row
from geo_service.ingest.delimited import read_delimited
from geo_service.ingest.workbooks import opened_workbook, sheet_cells
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["CSV_SUFFIXES", "WORKBOOK_SUFFIXES", "Table", "as_text", "numbers", "read_table", "table_of"]

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

_HEADER_WITHIN_ROWS = 10
_HXL_WITHIN_ROWS = 2
_NOTHING = frozenset({"", "nan", "null", "none", "n/a", "na", "<na>", "-"})
_GROUPED = re.compile(r"^([+-]?\d{1,3})((?:[ \u00a0\u2009\u202f]\d{3})+)(?=[.,]|$)")

_NOTHING_IN_IT = Wording(
    en="there is nothing in it, not even a header",
    ru="здесь ничего нет, даже заголовка",
    kk="мұнда ештеңе жоқ, тіпті тақырып та жоқ",
)
_NAMED_TWICE = Wording(
    en="more than one column has this name; the first is used",
    ru="так называются несколько столбцов; взят первый",
    kk="бірнеше бағанның атауы осындай; біріншісі алынды",
)
_NO_SHEET = Wording(
    en="there is no sheet '{sheet}'; there are {sheets}",
    ru="листа «{sheet}» нет; есть {sheets}",
    kk="«{sheet}» парағы жоқ; бар парақтар: {sheets}",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of cells.

    Attributes:
        frame: One row a record; from a CSV or sheet every cell is text (dtype string), null where it is empty; RangeIndex.
        rows: The line of each record as a spreadsheet shows it (the header is 1), shape (n,).
        columns: The names and, where the file has such a row, the HXL hashtags.
        place: The file and sheet.
        sheets: The names of all sheets of a workbook.
        titles: The header of each column as it stands in the file, empty where it has none; a name tells apart what is headed alike.
        header_row: The line of the header; null where the names are not from a row.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    columns: Columns
    place: Place
    sheets: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    header_row: int | None = None


def read_table(
    path: Path, findings: Findings, *, sheet: str | None = None, encoding: str | None = None
) -> Table:
    """Read a CSV (its delimiter found) or a sheet of a workbook (the first unless `sheet` is given).

    The header is the first row that names longitude and latitude, else the row above HXL hashtags, else the first that
    has more than one cell: titles may stand above it.

    Raises:
        FindingsError: It cannot be read; why is among `findings`.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    suffix = path.suffix.lower()
    sheets: tuple[str, ...] = ()
    first_row = 1
    if suffix in CSV_SUFFIXES:
        place = Place(str(path))
        cells, first_row = read_delimited(
            path.read_bytes(),
            place,
            findings,
            header_row=_header_row,
            encoding=encoding,
            tabs=suffix == ".tsv",
        )
    else:
        cells, place, sheets = _read_sheet(path, findings, sheet)
    table = table_of(cells, place, findings, header_row=_header_row, first_row=first_row, sheets=sheets)
    for title, count in Counter(filter(None, table.titles)).items():
        if count > 1:
            code = FindingCode.READER_WARNING
            findings.warning(code, _NAMED_TWICE(), place, row=table.header_row, column=title)
    return table


def table_of(
    cells: pd.DataFrame,
    place: Place,
    findings: Findings,
    *,
    header_row: Callable[[list[list[str]]], int],
    first_row: int = 1,
    sheets: tuple[str, ...] = (),
) -> Table:
    """Cells as a table: the header and HXL hashtags told from the records, empty rows and columns left out.

    Args:
        cells: All rows, header and all, as text (dtype string), null where a cell is empty; RangeIndex.
        place: The file and sheet.
        findings: Where it is said that there is nothing in them.
        header_row: Which of the first rows is the header, from their texts.
        first_row: The line of the first row as a spreadsheet shows it.
        sheets: The names of all sheets of the workbook.

    Raises:
        FindingsError: No cell holds anything.
    """
    is_filled = cells.notna().to_numpy()
    if not is_filled.any():
        findings.stop(FindingCode.EMPTY_LAYER, _NOTHING_IN_IT(), place)
    head = [_texts(cells, row) for row in range(min(_HEADER_WITHIN_ROWS + _HXL_WITHIN_ROWS, len(cells)))]
    header = header_row(head[:_HEADER_WITHIN_ROWS])
    below = head[header + 1 : header + 1 + _HXL_WITHIN_ROWS]
    tags = header if is_hxl_row(head[header]) else None
    tags = next((header + 1 + at for at, texts in enumerate(below) if is_hxl_row(texts)), tags)
    start = header + 1 if tags is None else tags + 1
    is_record = is_filled.any(axis=1)
    is_record[:start] = False
    titles = head[header]
    is_column = [bool(title) or bool(is_filled[is_record, at].any()) for at, title in enumerate(titles)]
    names = _distinct([title or f"column {number}" for number, title in enumerate(titles, start=1)])
    hxl = {} if tags is None else {name: tag for name, tag in zip(names, head[tags], strict=True) if tag}
    kept = list(compress(names, is_column))
    rows = np.flatnonzero(is_record).astype(np.int64) + first_row
    records = cells.set_axis(names, axis="columns")[kept]
    # Most files have no empty rows, and are large.
    records = records.iloc[start:] if is_record[start:].all() else records[is_record]
    frame = records.reset_index(drop=True)
    columns = Columns(tuple(kept), hxl)
    return Table(frame, rows, columns, place, sheets, tuple(compress(titles, is_column)), header + first_row)


def _read_sheet(
    path: Path, findings: Findings, sheet: str | None
) -> tuple[pd.DataFrame, Place, tuple[str, ...]]:
    with opened_workbook(path, findings, Place(str(path), sheet)) as book:
        sheets = tuple(book.sheet_names)
        place = Place(str(path), sheet or sheets[0])
        if place.layer not in sheets:
            message = _NO_SHEET(sheet=sheet, sheets=", ".join(sheets))
            findings.stop(FindingCode.UNREADABLE, message, place)
        return sheet_cells(book.get_sheet_by_name(place.layer)), place, sheets


# The header


def _header_row(head: list[list[str]]) -> int:
    candidates = [row for row, texts in enumerate(head[:_HEADER_WITHIN_ROWS]) if any(texts)]
    for row in candidates:
        columns = Columns(tuple(head[row]), {})
        if columns.by_role("lon") is not None and columns.by_role("lat") is not None:
            return row
    tags = next((row for row in candidates if is_hxl_row(head[row])), None)
    if tags is not None:
        return max((row for row in candidates if row < tags), default=tags)
    wide = (row for row in candidates if sum(map(bool, head[row])) > 1)
    return next(wide, candidates[0] if candidates else 0)


def _texts(cells: pd.DataFrame, row: int) -> list[str]:
    return ["" if pd.isna(cell) else str(cell).strip() for cell in cells.iloc[row]]


def _distinct(names: list[str]) -> list[str]:
    """Each name once: those that repeat an earlier one with a number behind."""
    distinct: dict[str, None] = {}
    for name in names:
        number, unused = 0, name
        while unused in distinct:
            number += 1
            unused = f"{name}.{number}"
        distinct[unused] = None
    return list(distinct)


# Cells


def as_text(column: pd.Series) -> pd.Series:
    """A column of anything as text without space around it (dtype string, RangeIndex); null where there is none.

    Whole numbers are written without a point, so that a code is the same text from each format.
    """
    if pd.api.types.is_object_dtype(column.dtype):
        column = column.map(_plain)
    text = column.astype("string").reset_index(drop=True)
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        is_whole = np.isfinite(values) & (np.abs(values) < 2.0**63) & (np.trunc(values) == values)
        text[is_whole] = values[is_whole].astype(np.int64).astype(str)
        return text
    text = text.str.strip()
    return text.mask(text == "")


def _plain(cell: object) -> object:
    return cell if pd.api.types.is_scalar(cell) and not isinstance(cell, bytes) else str(cell)


def numbers(column: pd.Series, *, decimal_comma: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers from a column of numbers or text.

    Args:
        column: Shape (n,). Text may have spaces between thousands (`2 303`).
        decimal_comma: Whether `43,25` means 43.25; else it is not a number, as it may mean 4325.

    Returns:
        Values, NaN where there is none, and whether a cell holds something that is not a number; both shape (n,).
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True), np.zeros(
            len(column), dtype=bool
        )
    text = as_text(column)
    try:
        # Many times faster than pandas, and of no use when one cell is something else.
        parsed = pd.Series(pa.array(text.array).cast(pa.float64()).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        parsed = pd.to_numeric(text, errors="coerce")
    values = parsed.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    unread = np.flatnonzero(np.isnan(values) & text.notna().to_numpy(dtype=bool))
    is_bad = np.zeros(len(values), dtype=bool)
    for at, cell in zip(unread, text.array[unread], strict=True):
        number = _number(cell, decimal_comma=decimal_comma)
        is_bad[at] = number is None and cell.casefold() not in _NOTHING
        values[at] = np.nan if number is None else number
    return values, is_bad


def _number(cell: str, *, decimal_comma: bool) -> float | None:
    """The number in a cell with a true minus sign, spaces between thousands or a decimal comma; null when it is none."""
    plain = cell.replace("\u2212", "-")
    plain = _GROUPED.sub(lambda match: match[1] + re.sub(r"\s", "", match[2]), plain)
    if decimal_comma:
        plain = plain.replace(",", ".", 1)
    return float(plain) if re.fullmatch(r"[+-]?\d+(\.\d*)?", plain, re.ASCII) else None
