"""CSV files and workbooks as frames of text, each row knowing its number in the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_service.errors import MissingExtraError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import Columns, is_hxl_row

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["CSV_SUFFIXES", "WORKBOOK_SUFFIXES", "Table", "as_text", "numbers", "read_table"]

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 20
_DELIMITERS = ",;\t|"
_HEADER_WITHIN_ROWS = 10
_HXL_WITHIN_ROWS = 2
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NOTHING = frozenset({"", "nan", "null", "none", "n/a", "na", "<na>", "-"})
_GROUPED = re.compile(r"^([+-]?\d{1,3})((?:[ \u00a0\u2009\u202f]\d{3})+)(?=[.,]|$)")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of cells.

    Attributes:
        frame: One row a record; from a CSV or sheet every cell is text (dtype string), null where it is empty; RangeIndex.
        rows: The line of each record as a spreadsheet shows it (the header is 1), shape (n,).
        columns: The names and, where the file has such a row, the HXL hashtags.
        place: The file and sheet.
        sheets: The names of all sheets of a workbook.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    columns: Columns
    place: Place
    sheets: tuple[str, ...] = ()


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
    if path.suffix.lower() in CSV_SUFFIXES:
        place = Place(str(path))
        cells, first_row = _read_csv(path, findings, place, encoding)
        return _as_table(cells, first_row, place, (), findings)
    cells, place, sheets = _read_sheet(path, findings, sheet)
    return _as_table(cells, 1, place, sheets, findings)


def _as_table(
    cells: pd.DataFrame, first_row: int, place: Place, sheets: tuple[str, ...], findings: Findings
) -> Table:
    is_filled = cells.notna().to_numpy()
    if not is_filled.any():
        findings.stop(FindingCode.EMPTY_LAYER, "there is nothing in it, not even a header", place)
    head = [_texts(cells, row) for row in range(min(_HEADER_WITHIN_ROWS + _HXL_WITHIN_ROWS, len(cells)))]
    header = _header_row(head)
    below = head[header + 1 : header + 1 + _HXL_WITHIN_ROWS]
    tags = header if is_hxl_row(head[header]) else None
    tags = next((header + 1 + at for at, texts in enumerate(below) if is_hxl_row(texts)), tags)
    is_record = is_filled.any(axis=1)
    is_record[: header + 1 if tags is None else tags + 1] = False
    titles = head[header]
    is_column = [bool(title) or bool(is_filled[is_record, at].any()) for at, title in enumerate(titles)]
    names = _distinct([title or f"column {number}" for number, title in enumerate(titles, start=1)])
    hxl = {} if tags is None else {name: tag for name, tag in zip(names, head[tags], strict=True) if tag}
    kept = [name for name, keep in zip(names, is_column, strict=True) if keep]
    for title in (title for title, count in Counter(filter(None, titles)).items() if count > 1):
        message = "more than one column has this name; the first is used"
        findings.warning(FindingCode.READER_WARNING, message, place, row=header + first_row, column=title)
    rows = np.flatnonzero(is_record).astype(np.int64) + first_row
    frame = cells.set_axis(names, axis="columns").loc[is_record, kept].reset_index(drop=True)
    return Table(frame, rows, Columns(tuple(kept), hxl), place, sheets)


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


# CSV


def _read_csv(path: Path, findings: Findings, place: Place, encoding: str | None) -> tuple[pd.DataFrame, int]:
    """The cells, header and all, and the number of the first row."""
    text = _decoded(path, findings, place, encoding)
    # A spreadsheet takes this line for an instruction and does not show it.
    instruction = re.match(r"sep=(.)\r?\n", text)
    text = text[instruction.end() :] if instruction else text
    blank = re.match(r"(?:[ \t]*(?:\r\n|\r|\n))*", text)
    blank_lines = len(text[: blank.end()].splitlines()) if blank else 0
    text = text[blank.end() :] if blank else text
    if not text.strip():
        return pd.DataFrame(), 1
    delimiter = instruction[1] if instruction else _delimiter(text[:_SAMPLE_CHARACTERS], path)
    first_row = 1 + blank_lines
    try:
        cells = pd.read_csv(
            io.BytesIO(text.encode()),
            sep=delimiter,
            header=None,
            dtype="string",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            skipinitialspace=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        if unclosed := re.search(r"EOF inside string starting at row (\d+)", str(error)):
            findings.stop(
                FindingCode.UNREADABLE,
                "a quotation mark opens in this row and does not close",
                place,
                row=int(unclosed[1]) + first_row,
                suggestion="Close it, or write it twice where it belongs to the text",
            )
        cells = _read_uneven(text, delimiter, findings, place, first_row)
    return cells, first_row


def _decoded(path: Path, findings: Findings, place: Place, encoding: str | None) -> str:
    content = path.read_bytes()
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    encoding = marked or encoding or "utf-8"
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        findings.stop(
            FindingCode.WRONG_ENCODING,
            f"the text is not {encoding}: byte {content[at]:#04x} cannot be read",
            place,
            row=content.count(b"\n", 0, at) + 1,
            suggestion="Save it as UTF-8, or say how it was saved, for Cyrillic often --encoding cp1251",
        )
    if "\0" in text:
        findings.stop(
            FindingCode.WRONG_ENCODING,
            "it holds bytes that are zero, so it is UTF-16 or no text at all",
            place,
            suggestion="Save it as UTF-8, or say how it was saved, such as --encoding utf-16",
        )
    return text


def _delimiter(sample: str, path: Path) -> str:
    """What splits most of the first records into the same number of cells, and into the most of them."""
    if path.suffix.lower() == ".tsv":
        return "\t"

    def evenness(delimiter: str) -> tuple[int, int]:
        records = islice(csv.reader(io.StringIO(sample, newline=None), delimiter=delimiter), _SAMPLE_RECORDS)
        try:
            widths = Counter(len(record) for record in records if len(record) > 1)
        except csv.Error:
            return 0, 0
        width, count = max(widths.items(), key=lambda item: item[::-1], default=(0, 0))
        return count, width

    return max(_DELIMITERS, key=evenness)


def _read_uneven(text: str, delimiter: str, findings: Findings, place: Place, first_row: int) -> pd.DataFrame:
    """Rows of different lengths; one that has more cells than the header has columns is an error."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        findings.stop(FindingCode.UNREADABLE, f"its rows cannot be told apart: {error}", place)
    width = max(map(len, records))
    padded = [[cell or None for cell in record] + [None] * (width - len(record)) for record in records]
    cells = pd.DataFrame(padded, dtype="string")
    header = _header_row([[cell or "" for cell in record] for record in padded[:_HEADER_WITHIN_ROWS]])
    columns = len(records[header])
    lengths = np.zeros(len(cells), dtype=np.int64)
    for at in range(columns, width):
        lengths[cells[at].notna().to_numpy()] = at + 1
    lengths[:header] = 0
    for row in np.flatnonzero(lengths > columns).tolist():
        findings.error(
            FindingCode.UNREADABLE,
            f"it has {lengths[row]} cells where the header has {columns}",
            place,
            row=row + first_row,
            suggestion=f"Put text that holds '{delimiter}' into quotation marks",
        )
    findings.raise_errors()
    return cells[range(columns)]


# Workbooks


def _read_sheet(
    path: Path, findings: Findings, sheet: str | None
) -> tuple[pd.DataFrame, Place, tuple[str, ...]]:
    try:
        import python_calamine  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"reading the workbook {path}", "excel") from error
    place = Place(str(path), sheet)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = tuple(book.sheet_names)
        if sheet is not None and sheet not in sheets:
            message = f"there is no sheet '{sheet}'; there are {', '.join(sheets)}"
            findings.stop(FindingCode.UNREADABLE, message, place)
        place = Place(str(path), sheet or sheets[0])
        cells = book.get_sheet_by_name(place.layer).to_python(skip_empty_area=False)
    except python_calamine.PasswordError:
        message = "it is protected by a password"
        findings.stop(FindingCode.UNREADABLE, message, place, suggestion="Save it without one")
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        findings.stop(FindingCode.UNREADABLE, f"it is not a workbook that can be opened: {error}", place)
    return pd.DataFrame([[_cell_text(cell) for cell in row] for row in cells], dtype="string"), place, sheets


def _cell_text(cell: object) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None


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
