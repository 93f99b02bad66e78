"""CSV files and workbooks as frames of text, each row knowing its number in the file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.errors import MissingExtraError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import Columns, is_hxl_row

if TYPE_CHECKING:
    from pathlib import Path
    from numpy.typing import NDArray

__all__ = ["CSV_SUFFIXES", "WORKBOOK_SUFFIXES", "Table", "numbers", "read_table"]

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

_SAMPLE_BYTES = 65_536
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of cells.

    Attributes:
        frame: One row a record, every cell text (dtype string), null where it is empty; RangeIndex.
        rows: The line of each record as a spreadsheet shows it (the header is 1), shape (n,).
        columns: The names and, where the file has such a row, the HXL hashtags.
        place: The file and sheet.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    columns: Columns
    place: Place


def read_table(
    path: Path, findings: Findings, *, sheet: str | None = None, encoding: str | None = None
) -> Table:
    """Read a CSV (its delimiter found) or a sheet of a workbook (the first unless `sheet` is given).

    Raises:
        FindingsError: It cannot be read; why is among `findings`.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    if path.suffix.lower() in CSV_SUFFIXES:
        place = Place(str(path))
        frame = _read_csv(path, findings, place, encoding)
    else:
        frame, place = _read_sheet(path, findings, sheet)
    rows = np.arange(2, len(frame) + 2)
    hxl: dict[str, str] = {}
    for position in range(min(2, len(frame))):
        cells = frame.iloc[position].dropna()
        if is_hxl_row(list(cells)):
            hxl = {str(name): str(tag).strip() for name, tag in cells.items()}
            frame, rows = frame.drop(index=frame.index[position]), np.delete(rows, position)
            break
    is_record = frame.notna().any(axis=1).to_numpy()
    frame = frame[is_record].reset_index(drop=True)
    return Table(frame, rows[is_record], Columns(tuple(map(str, frame.columns)), hxl), place)


def _read_csv(path: Path, findings: Findings, place: Place, encoding: str | None) -> pd.DataFrame:
    content = path.read_bytes()
    encoding = encoding or ("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    try:
        text = content.decode(encoding)
    except LookupError:
        findings.error(FindingCode.WRONG_ENCODING, f"there is no encoding named '{encoding}'", place)
        findings.raise_errors()
        raise
    except UnicodeDecodeError as error:
        findings.error(
            FindingCode.WRONG_ENCODING,
            f"the text is not {error.encoding}: byte {content[error.start]:#04x} cannot be read",
            place,
            row=content.count(b"\n", 0, error.start) + 1,
            suggestion="Save it as UTF-8, or say how it was saved, for Cyrillic often --encoding cp1251",
        )
        findings.raise_errors()
        raise
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=_delimiter(text[:_SAMPLE_BYTES], path),
            dtype="string",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            skipinitialspace=True,
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        findings.error(FindingCode.UNREADABLE, f"the rows cannot be told apart: {error}".strip(), place)
        findings.raise_errors()
        raise


def _delimiter(sample: str, path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    try:
        return csv.Sniffer().sniff(sample, delimiters=_DELIMITERS).delimiter
    except csv.Error:
        header = sample.partition("\n")[0]
        return max(_DELIMITERS, key=header.count)


def _read_sheet(path: Path, findings: Findings, sheet: str | None) -> tuple[pd.DataFrame, Place]:
    try:
        import python_calamine  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"reading the workbook {path}", "excel") from error
    place = Place(str(path), sheet)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        findings.error(FindingCode.UNREADABLE, f"it is not a workbook that can be opened: {error}", place)
        findings.raise_errors()
        raise
    if sheet is not None and sheet not in book.sheet_names:
        findings.error(
            FindingCode.UNREADABLE,
            f"there is no sheet '{sheet}'; there are {', '.join(book.sheet_names)}",
            place,
        )
        findings.raise_errors()
    place = Place(str(path), sheet or book.sheet_names[0])
    cells = book.get_sheet_by_name(place.layer).to_python(skip_empty_area=False)
    if not cells:
        return pd.DataFrame(), place
    header = [str(cell).strip() or f"column {number}" for number, cell in enumerate(cells[0], start=1)]
    texts = [[_cell_text(cell) for cell in row] for row in cells[1:]]
    return pd.DataFrame(texts, columns=_distinct(header), dtype="string"), place


def _cell_text(cell: object) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text or None


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}.{seen[name] - 1}")
    return distinct


def numbers(column: pd.Series, *, decimal_comma: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers from a column of numbers or text.

    Args:
        column: Shape (n,). Text may have spaces between thousands (`2 303`).
        decimal_comma: Whether `43,25` means 43.25; else it is not a number, as it may mean 4325.

    Returns:
        Values, NaN where there is none, and whether a cell holds something that is not a number; both shape (n,).
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan), np.zeros(len(column), dtype=bool)
    text = column.astype("string").str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    if decimal_comma:
        text = text.str.replace(r"^([+-]?\d+),(\d+)$", r"\1.\2", regex=True)
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    says_nothing = text.isna() | text.str.casefold().isin(["", "nan", "null", "none", "n/a", "na", "-"])
    return values, np.isnan(values) & ~says_nothing.to_numpy(dtype=bool)
