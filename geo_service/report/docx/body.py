"""The sections of a report as the body of a document."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from geo_service.report.document import (
    Bullets,
    ChartBlock,
    Definitions,
    KeyFigures,
    MapBlock,
    Note,
    NoteKind,
    Numbered,
    Paragraph,
    Report,
    Section,
    TableBlock,
    plain,
)
from geo_service.report.docx.elements import bookmarked, field, node, paragraph, run, text_runs
from geo_service.report.docx.pictures import picture_run
from geo_service.report.docx.tables import data_table, key_figure_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docx.document import Document as Docx
    from docx.oxml.xmlchemy import BaseOxmlElement

    from geo_service.report.document import Block

__all__ = ["Body", "bookmark_names"]

_DEEPEST = 3
_LONGEST_NAME = 40
_NUMBERED_LIST = 1
"""The list of `template/numbering.xml` that counts."""


class Body:
    """Writes blocks as the elements of a document.

    Args:
        document: Gets pictures and lists.
        report: Whose blocks they are.
        bookmarks: The name of the bookmark of each anchor.
    """

    def __init__(self, document: Docx, report: Report, bookmarks: dict[str, str]) -> None:
        """Start counting bookmarks."""
        self._document = document
        self._report = report
        self._bookmarks = bookmarks
        self._ids = count(1)

    def elements(self) -> Iterator[BaseOxmlElement]:
        """Paragraphs and tables of all sections; the first begins a page, after cover and contents."""
        for index, section in enumerate(self._report.sections):
            yield from self._section(section, 1, starts_page=index == 0)

    def _section(
        self, section: Section, depth: int, *, starts_page: bool = False
    ) -> Iterator[BaseOxmlElement]:
        yield paragraph(
            f"Heading{min(depth, _DEEPEST)}",
            self._marked(section.anchor, [run(section.title)]),
            properties=[node("w:pageBreakBefore")] if starts_page else [],
        )
        for block in section.blocks:
            if isinstance(block, Section):
                yield from self._section(block, depth + 1)
            else:
                yield from self._block(block, section)

    def _block(self, block: Block, section: Section) -> Iterator[BaseOxmlElement]:
        match block:
            case Paragraph():
                yield paragraph("Lead" if block.is_lead else "Normal", text_runs(block.runs))
            case Note():
                style = "Warning" if block.kind is NoteKind.SYNTHETIC else "Note"
                yield paragraph(style, text_runs(block.runs))
            case Bullets():
                yield from self._list(block)
            case Definitions():
                for word, meaning in block.items:
                    yield paragraph("Definition", [run(word, "Strong"), run(" – "), *text_runs(meaning)])
            case KeyFigures():
                yield key_figure_table(block, section.title)
                yield paragraph("AfterTable")
            case TableBlock():
                yield from self._table(block)
            case ChartBlock() | MapBlock():
                yield from self._picture(block)

    def _list(self, block: Bullets) -> Iterator[BaseOxmlElement]:
        if not block.is_numbered:
            yield from (paragraph("ListBullet", text_runs(item)) for item in block.items)
            return
        # Each list counts from 1, and goes on counting when a writer adds an item.
        numbering = self._document.part.numbering_part.element
        made = numbering.add_num(_NUMBERED_LIST)
        made.add_lvlOverride(ilvl=0).add_startOverride(1)
        of_list = node("w:numPr", node("w:ilvl", w_val=0), node("w:numId", w_val=made.numId))
        for item in block.items:
            yield paragraph("ListNumber", text_runs(item), properties=[of_list.__copy__()])

    def _table(self, block: TableBlock) -> Iterator[BaseOxmlElement]:
        yield self._caption(block)
        yield data_table(block, plain(block.caption))
        yield paragraph("FigureNote", text_runs(block.note)) if block.note else paragraph("AfterTable")

    def _picture(self, block: ChartBlock | MapBlock) -> Iterator[BaseOxmlElement]:
        yield self._caption(block)
        yield paragraph(
            "Picture",
            [picture_run(self._document, block, self._report.language)],
            properties=[node("w:keepNext")] if block.note else [],
        )
        if block.note:
            yield paragraph("FigureNote", text_runs(block.note))

    def _caption(self, block: Numbered) -> BaseOxmlElement:
        """Its number counts itself, so that a writer who puts in a figure gets those after it renumbered."""
        pattern = self._report.words["table_number" if isinstance(block, TableBlock) else "figure_number"]
        before, _, after = pattern.partition("{number}")
        style = "CaptionNumber"
        number = field(f"SEQ {_counter(pattern)} \\* ARABIC", [run(str(block.number), style)], style)
        label = [
            *([run(before, style)] if before else []),
            *number,
            *([run(after, style)] if after else []),
        ]
        marked = self._marked(block.anchor, label)
        return paragraph("Caption", [*marked, run(". ", style), *text_runs(block.caption)])

    def _marked(self, anchor: str, children: Iterable[BaseOxmlElement]) -> list[BaseOxmlElement]:
        return bookmarked(children, self._bookmarks[anchor], next(self._ids))


def bookmark_names(report: Report) -> dict[str, str]:
    """The name of a bookmark for each anchor: what Word allows, and no two the same whatever their case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for block in report.blocks():
        if isinstance(block, Section | Numbered):
            wanted = re.sub(r"\W", "_", block.anchor)
            if not wanted[:1].isalpha():
                wanted = f"part_{wanted}"
            name = wanted[:_LONGEST_NAME]
            again = count(2)
            while name.casefold() in taken:
                end = f"_{next(again)}"
                name = wanted[: _LONGEST_NAME - len(end)] + end
            taken.add(name.casefold())
            found[block.anchor] = name
    return found


def _counter(pattern: str) -> str:
    """What Word's own captions of that language count under: "Figure", "Таблица", "Сурет"."""
    return re.sub(r"[\W_]", "", pattern.replace("{number}", "")).capitalize()
