"""A report as a workbook: every table behind its figures, and each figure in print as a formula that takes its number from its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from geo_service.report.document import Block, Figure, Report

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


_LABELS = ("name", "label", "service_label", "band_label", "base_year", "year")
_CODES = ("service", "band", "group", "sex", "role")


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
    used = {figure.table for figure in report.figures()}
    labels = {name: _row_labels(report.tables[name]) for name in used}
    rows = tuple(
        Reference(
            (title, place, labels[figure.table][figure.row], figure.text),
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


def _row_labels(table: pd.DataFrame) -> list[str]:
    """What each row is of, such as its unit, service and band; its codes where the table has no labels."""
    names = [name for name in _LABELS if name in table] or [name for name in _CODES if name in table]
    texts = table[names].astype("string").fillna("")
    return [", ".join(filter(None, row)) for row in texts.itertuples(index=False)]
