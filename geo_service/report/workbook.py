"""A report as a workbook: every table behind its figures, and each figure in print as a formula that takes its number from its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.coverage.hxl import hxl_tags
from geo_service.export.references import Reference, References
from geo_service.export.workbook import Publication, publication_bytes
from geo_service.report.document import (
    Bullets,
    KeyFigures,
    Note,
    Numbered,
    Paragraph,
    Section,
    figures_in,
    plain,
)
from geo_service.vocabulary import BANDS, INFORMANT_ROLES, POPULATION_GROUPS, SERVICES, SEXES, STATUSES
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from geo_service.report.document import Block, Figure, Report
    from geo_service.vocabulary import Language, Term

__all__ = ["workbook_bytes"]

SECTION = Wording(en="Section", ru="Раздел", kk="Бөлім")
PLACE = Wording(en="Place", ru="Место", kk="Орны")
OF = Wording(en="Of", ru="К чему относится", kk="Неге қатысты")
PRINTED = Wording(en="As printed", ru="Как напечатано", kk="Басылғандай")
TEXT = Wording(en="Text", ru="Текст", kk="Мәтін")
NOTE = Wording(en="Note", ru="Примечание", kk="Ескертпе")
LIST = Wording(en="List", ru="Перечень", kk="Тізім")
KEY_FIGURES = Wording(en="Key figures", ru="Ключевые показатели", kk="Негізгі көрсеткіштер")

_KINDS = {Paragraph: TEXT, Note: NOTE, Bullets: LIST, KeyFigures: KEY_FIGURES}


_TERMS: dict[str, Mapping[Any, Term]] = {
    "group": POPULATION_GROUPS,
    "role": INFORMANT_ROLES,
    "sex": SEXES,
    "service": SERVICES,
    "band": BANDS,
    "status": STATUSES,
}
"""The words of codes, for tables without labels."""
_OF_ALL = "all_"
"""Columns that begin so are of the whole table, or of all of a unit, in each of its rows."""
_YEARS = {"base_individuals": ("base_year",), "individuals": ("year",)}
"""Of which year a number is in a row that compares two; what is not here is of both."""


def workbook_bytes(report: Report) -> bytes:
    """The report's tables with HXL rows, under contents, and a sheet of all figures in print.

    Args:
        report: The report. Its banners stand on each sheet, its sources under the contents.

    Returns:
        XLSX; the same bytes for the same report. A number that is hidden or not known is an empty cell, its word stands in print, and no formula points to it.

    Raises:
        MissingExtraError: What writes workbooks is not installed.
        OutputError: A table has more rows than a sheet.
    """
    release = f"{report.words['release']}: {report.release}"
    return publication_bytes(
        Publication(
            title=f"{report.title}. {report.subtitle}",
            tables=report.tables,
            notes=report.banners,
            sources=(*report.sources, release),
            hxl=hxl_tags,
            language=report.language,
            references=_references(report),
        )
    )


def _references(report: Report) -> References:
    used = {(figure.table, figure.column) for figure in report.figures()}
    labels = {
        (table, column): _row_labels(report.tables[table], column, report.language) for table, column in used
    }
    rows = tuple(
        Reference(
            (title, place, labels[figure.table, figure.column][figure.row], figure.text),
            figure.table,
            figure.row,
            figure.column,
            figure.value,
        )
        for section in report.sections
        for title, place, figure in _placed(section, section.title, report)
    )
    headings = tuple(one().in_language(report.language) for one in (SECTION, PLACE, OF, PRINTED))
    return References(report.words["figures"], headings, rows)


def _placed(block: Block, title: str, report: Report) -> Iterator[tuple[str, str, Figure]]:
    """Each figure with the title of its section and what it stands in, in reading order."""
    if isinstance(block, Section):
        for one in block.blocks:
            yield from _placed(one, block.title, report)
        return
    place = _place(block, report)
    for figure in figures_in(block):
        yield title, place, figure


def _place(block: Block, report: Report) -> str:
    if isinstance(block, Numbered):
        return f"{report.label(block)}. {plain(block.caption)}"
    kind = next((wording for one, wording in _KINDS.items() if isinstance(block, one)), TEXT)
    return kind().in_language(report.language)


def _row_labels(table: pd.DataFrame, column: str, language: Language) -> list[str]:
    """What each row's number in a column is of, such as its unit, service and band; empty where it is of the whole table."""
    said = [_texts(table, name) for name in _label_columns(table, column)]
    if not column.startswith(_OF_ALL):
        said += _coded(table, language)
    return [", ".join(dict.fromkeys(filter(None, row))) for row in zip(*said, strict=True)] or [""] * len(
        table
    )


def _label_columns(table: pd.DataFrame, column: str) -> list[str]:
    if column.startswith(_OF_ALL):
        names: tuple[str, ...] = ("name",)
    else:
        both = ("base_year", "year")
        years = _YEARS.get(column, both) if set(both) <= set(table) else both
        names = ("name", "label", "service_label", "band_label", *years)
    return [one for one in names if one in table]


def _coded(table: pd.DataFrame, language: Language) -> list[list[str]]:
    """The words of codes that the table has no labels of: where there is no band, why there is none."""
    if "label" in table:
        return []
    said: dict[str, list[str]] = {}
    for name, terms in _TERMS.items():
        if name in table and f"{name}_label" not in table:
            said[name] = [
                terms[code].label(language) if code in terms else code for code in _texts(table, name)
            ]
    if "band" in table and "status" in said:
        bands = _texts(table, "band")
        said["status"] = ["" if band else why for band, why in zip(bands, said["status"], strict=True)]
    return list(said.values())


def _texts(table: pd.DataFrame, name: str) -> list[str]:
    return [*table[name].astype("string").fillna("")]
