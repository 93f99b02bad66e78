"""The numbers of charts, maps and tables, in reading order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.report.document import Numbered, Section, TableBlock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.report.document import Block

__all__ = ["numbered"]


def numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections with their charts, maps and tables numbered in reading order.

    Raises:
        ValueError: Two parts have the same anchor.
    """
    numbering = _Numbering()
    return tuple(numbering.section(section) for section in sections)


class _Numbering:
    """Counts what has a caption: charts and maps together, tables for themselves."""

    def __init__(self) -> None:
        self.figures = 0
        self.tables = 0
        self.anchors: set[str] = set()

    def section(self, section: Section) -> Section:
        self._once(section.anchor)
        return Section(section.anchor, section.title, tuple(self._block(one) for one in section.blocks))

    def _block(self, block: Block) -> Block:
        if isinstance(block, Section):
            return self.section(block)
        if not isinstance(block, Numbered):
            return block
        self._once(block.anchor)
        if isinstance(block, TableBlock):
            self.tables += 1
            return replace(block, number=self.tables)
        self.figures += 1
        return replace(block, number=self.figures)

    def _once(self, anchor: str) -> None:
        if anchor in self.anchors:
            raise ValueError(f"two parts of the report are called '{anchor}'")
        self.anchors.add(anchor)
