"""Tables of a document: rows of figures, and key figures side by side."""

from __future__ import annotations

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
_WRAPPED = 34
"""Letters from which a text is rather broken into lines than given a wider column."""
_PADDING = 3
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
    is_together = len(block.rows) <= _TOGETHER
    last = len(block.rows) - 1
    rows = []
    for index, row in enumerate(block.rows):
        # A table stays with the note below it, and a short one in one piece.
        keep = (
            [node("w:keepNext")] if (is_together and index < last) or (index == last and block.note) else []
        )
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
    """Columns as wide as their longest text asks for, texts that can be broken up to a limit."""
    weights = []
    for at, heading in enumerate(block.headings):
        longest = max((min(len(plain(row[at])), _WRAPPED) for row in block.rows), default=0)
        word = max((len(one) for one in heading.split()), default=1)
        weights.append(float(max(longest, word, min(len(heading), 12)) + _PADDING))
    return _shared(weights)


def _shared(weights: Sequence[float]) -> list[int]:
    whole = sum(weights)
    ends = [round(_TEXT_WIDTH * sum(weights[: at + 1]) / whole) for at in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
