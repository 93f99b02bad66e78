"""Tables of a document: rows of figures, and key figures side by side."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from geo_service.report.document import Figure, plain
from geo_service.report.docx.elements import clean, node, paragraph, run, text_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.oxml.xmlchemy import BaseOxmlElement

    from geo_service.report.document import KeyFigures, Runs, TableBlock

__all__ = ["data_table", "key_figure_table"]

_TEXT_WIDTH = 9638
"""Twentieths of a point: 170 mm."""
_TOGETHER = 16
"""Rows that still go on one page as a whole; longer tables break, under a repeated header."""
_TOGETHER_AT_ENDS = 3
"""Rows of a longer table that never stand alone at the end or the beginning of a page."""
_WRAPPED = 40
"""Letters from which a text is rather broken into lines than given a wider column."""
_SHORT = 12
"""Letters up to which a heading is one line; longer ones are two."""
_LETTER = 112
"""A bold letter of the tables' size, in twentieths of a point: as wide as Cyrillic is on average."""
_PADDING = 200
"""Left and right of a cell's text, with some room for letters that are wider."""
_BREAKS = re.compile(r"[ \u2013-]")
_A_ROW = {1: 1, 2: 2, 3: 3, 4: 4, 5: 3, 6: 3, 7: 4, 8: 4}


def data_table(block: TableBlock, title: str) -> BaseOxmlElement:
    """A table with a header row that is repeated on each page, and a first column that says what a row is of.

    Args:
        block: Its rows.
        title: Said to those who cannot see it.
    """
    numeric = [any(_has_figure(row[at]) for row in block.rows) for at in range(len(block.headings))]
    widths = _widths(block)
    styles = ["TableHeadingNumber" if one else "TableHeading" for one in numeric]
    header = _row(
        [paragraph(style, [run(text)]) for style, text in zip(styles, block.headings, strict=True)],
        widths,
        is_header=True,
    )
    rows = []
    for index, row in enumerate(block.rows):
        keep = [node("w:keepNext")] if _is_kept(index, len(block.rows), has_note=bool(block.note)) else []
        texts = [
            paragraph("TableNumber" if is_number else "TableText", text_runs(cell), properties=keep)
            for cell, is_number in zip(row, numeric, strict=True)
        ]
        rows.append(_row(texts, widths))
    return _table("ReportTable", widths, [header, *rows], title=title)


def key_figure_table(block: KeyFigures, title: str) -> BaseOxmlElement:
    """Large numbers over their labels, up to four in a row, without lines.

    Args:
        block: The figures.
        title: Said to those who cannot see it.
    """
    across = _A_ROW.get(len(block.items), 4)
    widths = _shared([1.0] * across)
    rows = []
    for start in range(0, len(block.items), across):
        items = block.items[start : start + across]
        cells = [
            [
                paragraph("KeyFigure", text_runs((one.figure,), "NoKeyFigure")),
                paragraph("KeyFigureLabel", [run(one.label)]),
            ]
            for one in items
        ]
        cells += [[paragraph("KeyFigureLabel")] for _ in range(across - len(items))]
        rows.append(node("w:tr", _row_properties(), *map(_cell, cells, widths)))
    return _table("KeyFigures", widths, rows, title=title)


def _is_kept(row: int, rows: int, *, has_note: bool) -> bool:
    """Whether a row stays on the page of what follows it: a short table is in one piece, each with the note below it."""
    if row == rows - 1:
        return has_note
    return rows <= _TOGETHER or not _TOGETHER_AT_ENDS - 1 <= row < rows - _TOGETHER_AT_ENDS


def _has_figure(runs: Runs) -> bool:
    return any(isinstance(one, Figure) for one in runs)


def _table(
    style: str, widths: Sequence[int], rows: Iterable[BaseOxmlElement], *, title: str
) -> BaseOxmlElement:
    is_data = int(style == "ReportTable")
    return node(
        "w:tbl",
        node(
            "w:tblPr",
            node("w:tblStyle", w_val=style),
            node("w:tblW", w_w=sum(widths), w_type="dxa"),
            node("w:tblLayout", w_type="fixed"),
            node(
                "w:tblLook",
                w_val="04A0" if is_data else "0600",
                w_firstRow=is_data,
                w_lastRow=0,
                w_firstColumn=is_data,
                w_lastColumn=0,
                w_noHBand=1 - is_data,
                w_noVBand=1,
            ),
            node("w:tblCaption", w_val=clean(title)),
        ),
        node("w:tblGrid", *(node("w:gridCol", w_w=width) for width in widths)),
        *rows,
    )


def _row(
    texts: Iterable[BaseOxmlElement], widths: Sequence[int], *, is_header: bool = False
) -> BaseOxmlElement:
    cells = (_cell([text], width) for text, width in zip(texts, widths, strict=True))
    return node("w:tr", _row_properties(is_header=is_header), *cells)


def _row_properties(*, is_header: bool = False) -> BaseOxmlElement:
    repeated = [node("w:tblHeader")] if is_header else []
    return node("w:trPr", node("w:cantSplit"), *repeated)


def _cell(content: Iterable[BaseOxmlElement], width: int) -> BaseOxmlElement:
    return node("w:tc", node("w:tcPr", node("w:tcW", w_w=width, w_type="dxa")), *content)


def _widths(block: TableBlock) -> list[int]:
    """Columns as wide as their texts ask for, and no narrower than their longest word where there is room."""
    wanted, least = [], []
    for at, heading in enumerate(block.headings):
        texts = [plain(row[at]) for row in block.rows]
        words = [len(word) for text in (heading, *texts) for word in _BREAKS.split(text)]
        asked = [*map(len, texts), len(heading) if len(heading) <= _SHORT else len(heading) // 2]
        longest = min(max(asked), _WRAPPED)
        least.append(max(words, default=1) * _LETTER + _PADDING)
        wanted.append(max(least[-1], longest * _LETTER + _PADDING))
    room = _TEXT_WIDTH - sum(least)
    if sum(wanted) <= _TEXT_WIDTH or room <= 0:
        return _shared(wanted if room > 0 else least)
    more = sum(wanted) - sum(least)
    return _shared([low + (high - low) * room / more for low, high in zip(least, wanted, strict=True)])


def _shared(weights: Sequence[float]) -> list[int]:
    """The width of the text, shared out; the parts have exactly its sum."""
    whole = sum(weights)
    ends = [round(_TEXT_WIDTH * sum(weights[: at + 1]) / whole) for at in range(len(weights))]
    return [end - start for start, end in pairwise([0, *ends])]
