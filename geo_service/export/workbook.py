"""Many tables as one: a styled workbook with a contents sheet, a JSON document, or a folder of CSV files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.errors import MissingExtraError, OutputError
from geo_service.export.headings import column_heading
from geo_service.export.references import References, write_references
from geo_service.export.staging import make_folder, refuse_existing, staged
from geo_service.export.tables import (
    WORKBOOK_MADE,
    column_cells,
    column_width,
    table_document,
    table_outputs,
    write_table_unstaged,
)
from geo_service.export.workbook_words import (
    BACK,
    BASE,
    BASIS,
    COLLECTED,
    CONTENTS,
    ROWS,
    RULE,
    SHEET,
    SOURCES,
    TABLE,
)
from geo_service.vocabulary import BASES, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from geo_service.wording import Wording

__all__ = [
    "Publication",
    "publication_bytes",
    "publication_outputs",
    "write_publication",
]

_XLSX_ROWS = 1_048_576
_WHOLE_SHEET = f"A1:XFD{_XLSX_ROWS}"
_LONGEST_SHEET_NAME = 31
_SHORT_WORDS = {
    "_and_region": "_region",
    "_and_district": "_district",
    "_by_": "_",
    "migrants": "migr",
    "households": "hh",
    "internal": "int",
}
_SHADE = "#EAF1F8"
_ACCENT = "#1F4E79"
_WARNING = "#B00020"

_NUMBER_FORMATS = {
    "area_km2": "#,##0",
    "distance_m": "#,##0",
    "per_1000_inhabitants": "#,##0.0",
    "per_km2": "#,##0.0000",
}


@dataclass(frozen=True, slots=True)
class Publication:
    """Tables that are published together.

    Attributes:
        title: What they are, one line.
        tables: By machine name. `attrs` of each may have `title`, `basis` and more; they are written with it.
        notes: What a reader must know of all of them, such as that they are synthetic; a sentence each.
        sources: Where the numbers come from, a line each.
        hxl: Gives the HXL hashtag of each column of a table; null for no hashtags.
        language: Of the headings around the tables.
        references: A sheet of a workbook that refers to cells of the tables; null for none.
    """

    title: str
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    hxl: Callable[[pd.DataFrame], Mapping[str, str]] | None = None
    language: Language = Language.EN
    references: References | None = None

    def hashtags(self, table: pd.DataFrame) -> Mapping[str, str] | None:
        """The hashtags of a table's columns, null when none are wanted."""
        return None if self.hxl is None else self.hxl(table)


def write_publication(publication: Publication, path: Path, *, overwrite: bool = False) -> list[Path]:
    """Write all tables to `path` and return the files that were made, all of them or none.

    A path that ends in `.xlsx` becomes a workbook with a contents sheet, one that ends in `.json` a document with an object a
    table, any other a folder with a CSV (and its metadata) a table.

    Raises:
        OutputError: A file is there already and may not be replaced, or a table does not fit into a sheet.
        MissingExtraError: A workbook is asked for and its writer is not installed.
    """
    outputs = publication_outputs(publication, path, overwrite=overwrite)
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".json"}:
        with staged([path], overwrite=overwrite) as [beside]:
            (_write_workbook if suffix == ".xlsx" else _write_document)(publication, beside)
        return outputs
    make_folder(path)
    tables = {path / f"{name}.csv": table for name, table in publication.tables.items()}
    with staged(tables, overwrite=overwrite) as besides:
        for table, beside in zip(tables.values(), besides, strict=True):
            write_table_unstaged(table, beside, publication.hashtags(table))
    return outputs


def publication_bytes(publication: Publication) -> bytes:
    """A workbook of all tables, as `write_publication` writes it: the same bytes for the same publication.

    Raises:
        OutputError: A table does not fit into a sheet.
        MissingExtraError: The writer of workbooks is not installed.
    """
    target = BytesIO()
    _write_workbook(publication, target)
    return target.getvalue()


def publication_outputs(publication: Publication, path: Path, *, overwrite: bool) -> list[Path]:
    """The files that `write_publication` makes, for a check before any work is done.

    Raises:
        OutputError: One is there already and may not be replaced.
    """
    if path.suffix.lower() in {".xlsx", ".json"}:
        outputs = [path]
    else:
        if path.suffix and not path.is_dir():
            raise OutputError(f"{path}: tables are written to .xlsx, .json or a folder, not '{path.suffix}'")
        outputs = [one for name in publication.tables for one in table_outputs(path / f"{name}.csv")]
        if not path.is_dir():
            return outputs
    refuse_existing(outputs, overwrite=overwrite)
    return outputs


def _write_document(publication: Publication, path: Path) -> None:
    document = {
        "title": publication.title,
        "notes": publication.notes,
        "sources": publication.sources,
        "tables": {
            name: table_document(table, publication.hashtags(table))
            for name, table in publication.tables.items()
        },
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


# The workbook


def _write_workbook(publication: Publication, target: Path | BytesIO) -> None:
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError as error:
        name = getattr(target, "name", publication.title)
        raise MissingExtraError(f"writing the workbook {name}", "excel") from error
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "in_memory": isinstance(target, BytesIO),
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties(
            {
                "title": publication.title,
                "comments": " ".join(publication.notes),
                "created": WORKBOOK_MADE,
            }
        )
        style = _Style(book)
        sheets = _sheet_names([*publication.tables])
        contents = book.add_worksheet(CONTENTS().in_language(publication.language))
        references = publication.references and book.add_worksheet(publication.references.title)
        first_rows = {
            name: _write_sheet(book.add_worksheet(sheets[name]), publication, name, table, style)
            for name, table in publication.tables.items()
        }
        _write_contents(contents, publication, sheets, style)
        if publication.references is not None:
            cells = {name: (sheets[name], first) for name, first in first_rows.items()}
            write_references(references, publication, cells, style)


class _Style:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": _ACCENT})
        self.note = book.add_format({"italic": True, "font_color": "#555555"})
        self.warning = book.add_format({"bold": True, "font_color": _WARNING})
        self.head = book.add_format(
            {"bold": True, "bg_color": _SHADE, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.machine = book.add_format({"font_color": "#777777", "font_size": 9})
        self.link = book.add_format({"font_color": _ACCENT, "underline": 1})
        self.text = book.add_format({"num_format": "@"})
        self.indented = book.add_format({"num_format": "@", "indent": 1})
        self.flag = book.add_format({"align": "left"})
        self.count = book.add_format({"num_format": "#,##0"})
        self.number = book.add_format({"num_format": "#,##0.00"})
        self.share = book.add_format({"num_format": "0.0%"})
        self.named = {
            name: book.add_format({"num_format": pattern}) for name, pattern in _NUMBER_FORMATS.items()
        }

    def of(self, column: pd.Series) -> Any:
        """Codes and names as text, shares in percent, counts with thousands."""
        name = str(column.name)
        if pd.api.types.infer_dtype(column, skipna=True) == "boolean":
            return self.flag
        if pd.api.types.is_integer_dtype(column.dtype):
            return self.text if name == "year" else self.count
        if pd.api.types.is_float_dtype(column.dtype):
            is_share = name.startswith(("share", "growth")) or name.endswith(("_share", "_relative"))
            return self.share if is_share else self.named.get(name, self.number)
        return self.text


def _sheet_names(names: list[str]) -> dict[str, str]:
    """A name of at most 31 characters for each table, all different; long words are shortened where they must be."""
    chosen: dict[str, str] = {}
    for name in names:
        number, short = 1, _shortened(name)[:_LONGEST_SHEET_NAME]
        while short in chosen.values():
            number += 1
            short = f"{name[: _LONGEST_SHEET_NAME - len(str(number)) - 1]}~{number}"
        chosen[name] = short
    return chosen


def _shortened(name: str) -> str:
    for word, short in _SHORT_WORDS.items():
        if len(name) <= _LONGEST_SHEET_NAME:
            break
        name = name.replace(word, short)
    return name


def _write_contents(sheet: Any, publication: Publication, sheets: dict[str, str], style: _Style) -> None:
    language = publication.language
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 3, 16)
    sheet.write(0, 0, publication.title, style.title)
    row = 1
    for note in publication.notes:
        sheet.write(row, 0, note, style.warning)
        row += 1
    for days in dict.fromkeys(filter(None, map(_collected, publication.tables.values()))):
        sheet.write(row, 0, f"{COLLECTED().in_language(language)}: {days}", style.note)
        row += 1
    row += 1
    headings = [one().in_language(language) for one in (SHEET, TABLE, ROWS, BASIS)]
    sheet.write_row(row, 0, headings, style.head)
    if publication.references is not None:
        row += 1
        title = publication.references.title
        sheet.write_url(row, 0, f"internal:'{title}'!A1", style.link, title)
        sheet.write(row, 1, title)
        sheet.write(row, 2, len(publication.references.rows), style.count)
    for name, table in publication.tables.items():
        row += 1
        sheet.write_url(row, 0, f"internal:'{sheets[name]}'!A1", style.link, sheets[name])
        sheet.write(row, 1, str(table.attrs.get("title", name)))
        sheet.write(row, 2, len(table), style.count)
        sheet.write(row, 3, _basis(table, language))
    row += 2
    if publication.sources:
        sheet.write(row, 0, SOURCES().in_language(language), style.head)
        for source in publication.sources:
            row += 1
            sheet.write(row, 0, source)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_sheet(sheet: Any, publication: Publication, name: str, table: pd.DataFrame, style: _Style) -> int:
    """A table under what it says of itself, each column under its heading, its machine name and where wanted its hashtag; where its rows begin."""
    language = publication.language
    contents = CONTENTS().in_language(language)
    sheet.write_url(0, 0, f"internal:'{contents}'!A1", style.link, BACK().in_language(language))
    sheet.write(1, 0, str(table.attrs.get("title", name)), style.title)
    row = 2
    for note in (*publication.notes, *_further_notes(publication, table)):
        sheet.write(row, 0, note, style.warning)
        row += 1
    for heading, said in _about(table, language):
        sheet.write(row, 0, f"{heading().in_language(language)}: {said}", style.note)
        row += 1
    header = row + 1
    tags = publication.hashtags(table)
    first = header + (2 if tags is None else 3)
    if first + len(table) > _XLSX_ROWS:
        raise OutputError(
            f"{name}: a sheet holds {_XLSX_ROWS - first:,} rows, these are {len(table):,}; use a folder"
        )
    for number, column in enumerate(table):
        cells = table[column]
        called = column_heading(str(column), language)
        longest_word = max(map(len, called.split()))
        sheet.set_column(number, number, max(column_width(cells), longest_word + 3), style.of(cells))
        sheet.write_string(header, number, called, style.head)
        sheet.write_string(header + 1, number, str(column), style.machine)
        if tags is not None:
            sheet.write_string(header + 2, number, tags.get(column, ""), style.machine)
        sheet.write_column(first, number, column_cells(cells), style.of(cells))
    sheet.freeze_panes(first, 0)
    if len(table):
        sheet.autofilter(first - 1, 0, first + len(table) - 1, len(table.columns) - 1)
    # Codes such as years are text on purpose.
    sheet.ignore_errors({"number_stored_as_text": _WHOLE_SHEET})
    sheet.repeat_rows(header, first - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return first


def _about(table: pd.DataFrame, language: Language) -> Iterator[tuple[Wording, str]]:
    """What a table says of itself, each with what it is called."""
    lines = (
        (BASIS, _basis(table, language)),
        (RULE, table.attrs.get("rule")),
        (BASE, table.attrs.get("base")),
        (COLLECTED, _collected(table)),
        (SOURCES, table.attrs.get("sources")),
    )
    return ((heading, said) for heading, said in lines if said)


def _further_notes(publication: Publication, table: pd.DataFrame) -> Iterator[str]:
    """Notes of this table that are not those of all tables, such as that an earlier round is synthetic."""
    said = (table.attrs.get(key) for key in ("note", "earlier_note"))
    return (note for note in said if note and note not in publication.notes)


def _basis(table: pd.DataFrame, language: Language) -> str:
    said = {basis.value: term.label(language) for basis, term in BASES.items()}
    return ", ".join(said.get(code, code) for code in str(table.attrs.get("basis", "")).split(", "))


def _collected(table: pd.DataFrame) -> str:
    """The first and last day of a round, such as `2023-12-01 – 2024-01-31`; empty where none is known."""
    days = (table.attrs.get(key) for key in ("collected_from", "collected_to"))
    return " – ".join(dict.fromkeys(day for day in days if day))
