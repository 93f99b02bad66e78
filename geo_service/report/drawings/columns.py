"""Charts of columns: one a year, its number above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.printed.fonts import LEADING
from geo_service.maps.printed.parts import Box
from geo_service.report.drawings.bars import bars_plan
from geo_service.report.drawings.colours import ASIDE, ONE
from geo_service.report.drawings.plan import (
    SIZE,
    STUB,
    Bar,
    Plan,
    across,
    add_text,
    add_unit,
    label_runs,
    stub_of,
    wrapped,
)

if TYPE_CHECKING:
    from geo_service.report.document import Chart

__all__ = ["columns_plan"]

_HIGHEST = 120.0
"""Of the tallest column, in points, and no more than this share of the width."""
_SHARE = 0.42
_WIDEST = 64.0
_FILLED = 0.66
_ROOM = 0.96


def columns_plan(chart: Chart, width: float) -> Plan:
    """Columns of one series; bars where their numbers or names have no room beside each other."""
    figures = chart.series[0].figures
    slot = width / max(len(figures), 1)
    columns = [
        label_runs(figure, chart.beside[number] if chart.beside else None)
        for number, figure in enumerate(figures)
    ]
    widest = max((across(text, face) for runs in columns for text, face, _ in runs), default=0.0)
    words = max((across(word) for one in chart.categories for word in one.split()), default=0.0)
    values = [one.value for one in figures if one.value is not None]
    if len(chart.series) > 1 or max(widest, words) > _ROOM * slot or min([0.0, *values]) < 0:
        return bars_plan(chart, width)
    plan = Plan(width)
    add_unit(plan, chart.unit)
    lines = max((len(runs) for runs in columns), default=1)
    top = plan.height + lines * LEADING * SIZE
    tallest = min(_HIGHEST, _SHARE * width)
    base, wide = top + tallest, min(_FILLED * slot, _WIDEST)
    reach = max(values, default=0.0) or 1.0
    names = [wrapped(one, SIZE, _ROOM * slot) for one in chart.categories]
    for number, figure in enumerate(figures):
        middle = (number + 0.5) * slot
        high = STUB if figure.value is None else figure.value / reach * tallest
        box = Box(middle - wide / 2, base - high, wide, high)
        if figure.value is None:
            plan.bars.append(stub_of(figure, box))
        elif high:
            plan.bars.append(Bar(box, ASIDE if number >= len(figures) - chart.aside else ONE))
        y = base - high - 0.4 * SIZE
        for text, face, ink in reversed(columns[number]):
            add_text(plan, middle - across(text, face) / 2, y, text, face=face, colour=ink)
            y -= LEADING * SIZE
        for row, line in enumerate(names[number]):
            text = line.runs[0][1].text
            add_text(plan, middle - across(text) / 2, base + (row * LEADING + 1.2) * SIZE, text)
    plan.lines.append((0, base, width, base))
    plan.height = base + (max(map(len, names), default=0) * LEADING + 0.4) * SIZE
    return plan
