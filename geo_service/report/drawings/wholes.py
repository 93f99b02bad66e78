"""Charts of wholes in their parts: one bar to 100 %, or one a category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.printed.fonts import LEADING, Face, Run
from geo_service.maps.printed.parts import Box, paragraph
from geo_service.report.drawings.bars import bars_plan, category_column
from geo_service.report.drawings.colours import EDGE, FAINT, INK, part_colours, ramp_colours, text_on
from geo_service.report.drawings.plan import (
    SIZE,
    SMALL,
    STUB,
    Bar,
    Plan,
    across,
    add_legend,
    add_text,
    add_unit,
    is_told,
    natural,
    stub_of,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.document import Chart, Figure

__all__ = ["parts_plan", "stacked_plan"]

MOST_PARTS = 7
"""A whole of more parts is drawn as bars: so many colours cannot be told apart."""
_THICK = 2.6 * SIZE
_ROW = 2.1 * SIZE
_INSIDE = 0.35 * SIZE
"""What a number inside a part leaves free at its sides together."""
_BETWEEN = 0.55 * SIZE
_GAP = 1.8 * SIZE
_WORD_GAP = 0.55 * SIZE
_ALL = 1.0
_RIM = 0.6
_SMALLEST = 6.8
_PARTED = 2.5
"""Parts that are narrower have no white between them, which would hide them."""


def parts_plan(chart: Chart, width: float) -> Plan:
    """One bar, and under it each part with its number; bars of their own where the parts are many."""
    if len(chart.series) > 1 or len(chart.categories) > MOST_PARTS:
        return bars_plan(chart, width)
    plan = Plan(width)
    add_unit(plan, chart.unit)
    figures = chart.series[0].figures
    colours = part_colours(len(figures), chart.aside)
    _add_whole(plan, figures, colours, Box(_RIM, plan.height, width - 2 * _RIM, _THICK))
    plan.height += _THICK + _BETWEEN
    _add_parts(plan, chart, colours)
    return plan


def stacked_plan(chart: Chart, width: float) -> Plan:
    """A bar a category, its parts in the colours of a ramp that a legend explains."""
    plan = Plan(width)
    add_unit(plan, chart.unit)
    colours = ramp_colours(len(chart.series), chart.aside)
    add_legend(plan, [one.name for one in chart.series], colours, EDGE)
    left, labels = category_column(chart.categories, width)
    top = plan.height
    for number, rows in enumerate(labels):
        high = max(_ROW, len(rows) * LEADING * SIZE)
        first = top + (high - len(rows) * LEADING * SIZE) / 2
        for line, row in enumerate(rows):
            add_text(plan, 0, first + (line * LEADING + 0.97) * SIZE, row)
        figures = [one.figures[number] for one in chart.series]
        box = Box(left, top + (high - _ROW) / 2, width - left - _RIM, _ROW)
        left_out = _add_whole(plan, figures, colours, box)
        said = [f"{chart.series[place].name}\u00a0— {figures[place].text}" for place in left_out]
        below = _add_left_out(plan, said, box)
        top += max(high, box.bottom + below - top) + _BETWEEN
    plan.height = top - _BETWEEN * bool(labels) + 1.0
    return plan


def _add_left_out(plan: Plan, said: Sequence[str], box: Box) -> float:
    """Under a bar, the parts that have no room for their number; how high that is."""
    if not said:
        return 0.0
    runs = [Run(";  ".join(one.replace(" ", "\u00a0") for one in said), Face.SANS_REGULAR)]
    texts, bottom = paragraph(runs, _SMALLEST, FAINT, box.left, box.right, box.bottom + 1.0)
    plan.texts += texts
    return bottom - box.bottom


def _add_whole(plan: Plan, figures: Sequence[Figure], colours: Sequence[str], box: Box) -> list[int]:
    """Parts beside each other; what is not shown is hatched or empty after them.

    Returns:
        The places of those that are there and have no room for their number, or for the word instead of it.
    """
    left_out: list[int] = []
    whole = max(_ALL, sum(one.value or 0.0 for one in figures))
    hidden = [place for place, one in enumerate(figures) if one.value is None]
    room = box.width - (STUB * len(hidden) if sum(one.value or 0.0 for one in figures) >= _ALL else 0.0)
    x = box.left
    for place, (figure, colour) in enumerate(zip(figures, colours, strict=True)):
        if not figure.value:
            continue
        wide = figure.value / whole * room
        part = Box(x, box.top, wide, box.height)
        plan.bars.append(Bar(part, colour, "#ffffff" if wide > _PARTED else None))
        if not _is_inside(plan, figure, part, text_on(colour)):
            left_out.append(place)
        x += wide
    for number, place in enumerate(hidden):
        wide = (box.right - x) / (len(hidden) - number)
        part = Box(x, box.top, wide, box.height)
        plan.bars.append(stub_of(figures[place], part))
        if not _is_inside(plan, figures[place], part, INK):
            left_out.append(place)
        x += wide
    plan.bars.append(Bar(box, None, EDGE))
    return sorted(left_out)


def _is_inside(plan: Plan, figure: Figure, box: Box, colour: str) -> bool:
    """Put a number into its part, where it fits."""
    face = Face.SANS_SEMIBOLD if figure.is_known else Face.SANS_REGULAR
    for size in (SMALL, _SMALLEST):
        wide = across(figure.text, face, size)
        if wide + _INSIDE <= box.width:
            x, y = box.left + (box.width - wide) / 2, box.top + box.height / 2 + 0.34 * size
            add_text(plan, x, y, figure.text, face=face, size=size, colour=colour)
            return True
    return False


def _add_parts(plan: Plan, chart: Chart, colours: Sequence[str]) -> None:
    """Each part with its sign, its name and its numbers, in as many columns as have room."""
    figures = chart.series[0].figures
    sign = 0.9 * SIZE
    widths = [1.5 * sign + natural(name) for name in chart.categories]
    numbers = [
        [figure, *([chart.beside[place]] if chart.beside and is_told(figure, chart.beside[place]) else [])]
        for place, figure in enumerate(figures)
    ]
    tails = [sum(across(one.text, Face.SANS_SEMIBOLD) + _WORD_GAP for one in row) for row in numbers]
    longest = max((name + tail for name, tail in zip(widths, tails, strict=True)), default=0.0)
    columns = max(1, min(len(figures), int((plan.width + _GAP) // (longest + _GAP))))
    columns = 2 if columns == 3 and len(figures) == 4 else columns
    slot = (plan.width - (columns - 1) * _GAP) / columns
    rows = -(-len(figures) // columns)
    heights = [0.0] * rows
    names = [
        wrapped(name, SIZE, slot - 1.5 * sign - tail)
        for name, tail in zip(chart.categories, tails, strict=True)
    ]
    for place, lines in enumerate(names):
        heights[place // columns] = max(heights[place // columns], (len(lines) * LEADING + 0.15) * SIZE)
    for place, lines in enumerate(names):
        row, column = divmod(place, columns)
        x, top = column * (slot + _GAP), plan.height + sum(heights[:row])
        box = Box(x, top + 0.25 * SIZE, sign, sign)
        figure = figures[place]
        plan.bars.append(stub_of(figure, box) if figure.value is None else Bar(box, colours[place]))
        end, y = x, top
        for number, line in enumerate(lines):
            y = top + (number * LEADING + 0.97) * SIZE
            end = add_text(plan, x + 1.5 * sign, y, line.runs[0][1].text)
        for number, one in enumerate(numbers[place]):
            face = Face.SANS_REGULAR if number or not one.is_known else Face.SANS_SEMIBOLD
            ink = INK if one.is_known and not number else FAINT
            end = add_text(plan, end + _WORD_GAP, y, one.text, face=face, colour=ink)
    plan.height += sum(heights) + 0.2 * SIZE
