"""A workbook of published figures, a sheet a table, as nested mappings of cells."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from geo_service.errors import InputError
from geo_service.findings import Findings, Place
from geo_service.ingest.columns import is_hxl_row
from geo_service.ingest.workbooks import opened_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Cell", "read_figure_sheets"]

_LARGEST_UNPACKED_BYTES = 200_000_000
_VISIBLE = "SheetVisibleEnum.Visible"
_PATH = re.compile(r"[^\s.]+(\.[^\s.]+)+")
_IN_THOUSANDS = re.compile(r"[1-9]\d{0,2}(\s\d{3})+")
# The heading of the one column of a table whose sheet says it all.
_VALUE_HEADINGS = frozenset(
    {
        "",
        "value",
        "values",
        "number",
        "figure",
        "figures",
        "count",
        "n",
        "значение",
        "число",
        "количество",
        "мәні",
        "саны",
    }
)


class Cell(NamedTuple):
    """What a cell holds, where it stands, and what the names of the rows are headed."""

    content: object
    place: str
    rows: str = ""


def read_figure_sheets(path: Path) -> dict[str, Any]:
    """Names to cells and further mappings: the names of a sheet's title, its columns where there are several, its rows.

    Raises:
        InputError: It is no workbook, is protected, or has a row or column of numbers without a name; the message says where.
        MissingExtraError: The reader of workbooks is not installed.
    """
    content: dict[str, Any] = {}
    for sheet, rows in _sheets(path):
        try:
            for names, cell in _cells(sheet, rows):
                _put(content, names, cell)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
    return content


def _sheets(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """The name and cells of each sheet that is not hidden; an empty cell is an empty text."""
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
        except zipfile.BadZipFile as error:
            raise InputError(f"{path}: it is not a workbook that can be opened: {error}") from error
        if unpacked > _LARGEST_UNPACKED_BYTES:
            raise InputError(f"{path}: it unpacks to {unpacked:,} bytes, far more than figures take")
    with opened_workbook(path, Findings(), Place(str(path))) as book:
        for sheet in book.sheets_metadata:
            if str(sheet.visible) == _VISIBLE:
                yield sheet.name, book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)


def _cells(sheet: str, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[list[str], Cell]]:
    header = next((at for at, row in enumerate(rows) if any(cell != "" for cell in row[1:])), None)
    if header is None:
        return
    titles = [str(row[0]).strip() for row in rows[:header] if row]
    title = next((text for text in titles if _PATH.fullmatch(text)), sheet)
    path = [part.strip() for part in title.split(".") if part.strip()]
    body = [
        (at, row)
        for at, row in enumerate(rows[header + 1 :], start=header + 1)
        if any(cell != "" for cell in row[1:])
    ]
    body = [(at, row) for at, row in body if not is_hxl_row(row)]
    headings = _headings(
        sheet, header, rows[header], {at for _, row in body for at, cell in enumerate(row) if cell != ""}
    )
    corner = str(rows[header][0]).strip()
    is_plain = [name.casefold() for name in headings.values()] in [[value] for value in _VALUE_HEADINGS]
    for at, row in body:
        key = _name(row[0], _place(sheet, at, 0))
        if not key:
            raise InputError(
                f"{_place(sheet, at, 0)} is empty, but there are numbers beside it; name the row"
            )
        for column, heading in headings.items():
            if column < len(row) and row[column] != "":
                names = [*path, key] if is_plain else [*path, heading, key]
                yield names, Cell(_printed(row[column]), _place(sheet, at, column), corner)


def _headings(sheet: str, at: int, row: Sequence[Any], filled: set[int]) -> dict[int, str]:
    """The name of each column that holds something, by its number."""
    columns = sorted(filled - {0})
    headings = {column: _name(row[column], _place(sheet, at, column)) for column in columns}
    for column, heading in headings.items():
        place = _place(sheet, at, column)
        if not heading and len(columns) > 1:
            raise InputError(f"{place} is empty, but there are numbers below it; name the column")
        if isinstance(row[column], float) and not re.fullmatch(r"(19|20)\d\d", heading):
            raise InputError(
                f"{place} is a number where a heading is looked for; put a row of headings above the numbers"
            )
    return headings


def _name(cell: object, place: str) -> str:
    if isinstance(cell, date):
        raise InputError(
            f"{place} is a date where a name is looked for; format the cell as text and write it again"
        )
    return str(_printed(cell)).strip()


def _printed(cell: object) -> object:
    """A whole number without a point, as a sheet shows it, also one that was typed with spaces between its thousands."""
    if isinstance(cell, str) and _IN_THOUSANDS.fullmatch(cell.strip()):
        return int("".join(cell.split()))
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _put(content: dict[str, Any], names: Sequence[str], cell: Cell) -> None:
    *above, name = names
    for one in above:
        content = content.setdefault(one, {})
        if isinstance(content, Cell):
            raise InputError(f"{cell.place} belongs to '{one}', which is a number itself at {content.place}")
    if name in content:
        there = content[name]
        twice = f"{there.place} too" if isinstance(there, Cell) else "a table of that name is there too"
        raise InputError(f"{cell.place} is '{'.'.join(names)}', and {twice}; give each its own name")
    content[name] = cell


def _place(sheet: str, row: int, column: int) -> str:
    """As a spreadsheet writes it: `'sheet'!B5`."""
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"'{sheet}'!{letters}{row + 1}"
