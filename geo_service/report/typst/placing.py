"""Which blocks of a report stand beside each other on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from geo_service.report.document import ChartBlock, ChartKind, Paragraph, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.report.document import Block

__all__ = ["GUTTER_MM", "HALF_MM", "Beside", "placed"]

HALF_MM = 81.0
GUTTER_MM = 8.0

_MOST_COLUMNS = 6
_MOST_BARS = 6
_LONGEST_NAME = 34
_SHORTEST_TEXT = 140


@dataclass(frozen=True, slots=True)
class Beside:
    """Blocks in two columns."""

    cells: tuple[tuple[Block, ...], ...]


Placed: TypeAlias = "Block | Beside"


def placed(blocks: Sequence[Block]) -> Iterator[Placed]:
    """Blocks in their order: a small chart beside the paragraph before it, or beside another small chart."""
    place = 0
    while place < len(blocks):
        here, after = blocks[place], blocks[place + 1] if place + 1 < len(blocks) else None
        if after is not None and _is_small(after) and (_is_small(here) or _is_told_beside(here)):
            yield Beside(((here,), (after,)))
            place += 2
        else:
            yield here
            place += 1


def _is_told_beside(block: Block) -> bool:
    """Whether a paragraph is long enough to stand beside a chart."""
    if not isinstance(block, Paragraph) or block.is_lead:
        return False
    text = plain(block.runs)
    return len(text) >= _SHORTEST_TEXT and max(map(len, text.split())) <= _LONGEST_NAME


def _is_small(block: Block) -> bool:
    """Whether half the width is enough for a chart."""
    if not isinstance(block, ChartBlock):
        return False
    chart = block.chart
    most = {
        ChartKind.COLUMNS: _MOST_COLUMNS,
        ChartKind.BARS: _MOST_BARS,
        ChartKind.PAIRS: _MOST_BARS,
        ChartKind.PARTS: _MOST_BARS,
        ChartKind.STACKED: 0,
    }[chart.kind]
    longest = max((len(one) for one in chart.categories), default=0)
    return (
        len(chart.categories) <= most
        and longest <= _LONGEST_NAME
        and len(plain(block.caption)) <= 2 * _LONGEST_NAME
    )
