"""A sheet of a workbook whose numbers are those of other sheets: each row a formula that refers to a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.export.headings import column_heading
from geo_service.export.workbook_words import BACK, CELL, COLUMN, CONTENTS, TABLE, VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.export.workbook import Publication

__all__ = ["Reference", "References", "write_references"]

_NARROWEST, _WIDEST = 12, 60


@dataclass(frozen=True, slots=True)
class Reference:
    """What was said elsewhere of one cell of a table.

    Attributes:
        words: One a heading of `References`.
        table: By its machine name.
        row: From 0, without what is above the table's rows.
        column: By its machine name.
        value: What the cell holds; null for nothing.
    """

    words: tuple[str, ...]
    table: str
    row: int
    column: str
    value: float | None


@dataclass(frozen=True, slots=True)
class References:
    """A further sheet of a workbook: each row a formula that takes its number from the cell of a table.

    Attributes:
        title: Of the sheet, at most 31 characters.
        headings: Of the words of its rows.
        rows: In their order.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[Reference, ...]


def write_references(
    sheet: Any, publication: Publication, cells: Mapping[str, tuple[str, int]], style: Any
) -> None:
    """Write each reference with its words, its number by a formula, and a link to the cell that the formula refers to.

    Args:
        sheet: An empty worksheet of `xlsxwriter`.
        publication: With references, whose tables are in sheets of the same workbook.
        cells: The name of the sheet of each table, and the row that its first one is in, from 0.
        style: The formats of the workbook.
    """
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415 - not everybody writes workbooks

    references, language = publication.references, publication.language
    if references is None:
        return
    sheet.write_url(
        0, 0, f"internal:'{CONTENTS().in_language(language)}'!A1", style.link, BACK().in_language(language)
    )
    sheet.write(1, 0, references.title, style.title)
    for row, note in enumerate(publication.notes, start=2):
        sheet.write(row, 0, note, style.warning)
    header = 3 + len(publication.notes)
    headings = (*references.headings, *(one().in_language(language) for one in (VALUE, TABLE, COLUMN, CELL)))
    sheet.write_row(header, 0, headings, style.head)
    value, link = len(references.headings), len(headings) - 1
    longest = [max(len(heading), _NARROWEST) for heading in headings]
    for row, reference in enumerate(references.rows, start=header + 1):
        table = publication.tables[reference.table]
        called = (str(table.attrs.get("title", reference.table)), column_heading(reference.column, language))
        for number, word in [*enumerate(reference.words), *enumerate(called, start=value + 1)]:
            sheet.write_string(row, number, word, style.indented if number > value else style.text)
            longest[number] = max(longest[number], len(word))
        if reference.column not in table:
            continue
        name, first = cells[reference.table]
        place = xl_rowcol_to_cell(first + reference.row, table.columns.get_loc(reference.column))
        longest[link] = max(longest[link], len(name) + len(place))
        sheet.write_url(row, link, f"internal:'{name}'!{place}", style.link, f"{name}!{place}")
        # A formula that refers to an empty cell would say 0.
        if reference.value is not None:
            sheet.write_formula(
                row,
                value,
                f"='{name}'!{place}",
                style.of(table[reference.column]),
                _as_written(reference.value),
            )
    for number, width in enumerate(longest):
        sheet.set_column(number, number, min(width + 3, _WIDEST))
    if references.rows:
        sheet.autofilter(header, 0, header + len(references.rows), link)
    sheet.freeze_panes(header + 1, 0)
    # Texts such as 1 245 are what is printed, on purpose.
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{header + 1 + len(references.rows)}"})
    sheet.repeat_rows(header)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _as_written(value: float) -> float:
    """A number with the 16 digits that the cells of a sheet hold, so that a formula's value is that of its cell to the last of them."""
    return float(f"{value:.16G}")
