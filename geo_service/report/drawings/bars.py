"""Charts of horizontal bars, each with its number at its end: one a category, or one a series of each category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.printed.fonts import LEADING
from geo_service.maps.printed.parts import Box
from geo_service.report.drawings.colours import ASIDE, LESS, MORE, part_colours
from geo_service.report.drawings.plan import (
    SIZE,
    STUB,
    Bar,
    Plan,
    across,
    add_legend,
    add_text,
    add_unit,
    label_runs,
    natural,
    stub_of,
    wrapped,
)

if TYPE_CHECKING:
    from geo_service.report.document import Chart, Figure

__all__ = ["bars_plan", "category_column"]

_MOST_LABEL = 0.42
_GAP = 0.8 * SIZE
_WORD_GAP = 0.55 * SIZE
_THICK = 1.5 * SIZE
_THIN = 1.25 * SIZE
_BETWEEN = 0.62 * SIZE
_HELD = 0.35 * SIZE
"""Between the bars of one category."""


def bars_plan(chart: Chart, width: float) -> Plan:
    """Bars of one series, or several side by side with a legend."""
    plan = Plan(width)
    is_paired = len(chart.series) > 1
    add_unit(plan, chart.unit)
    colours = part_colours(len(chart.series))
    if is_paired:
        add_legend(plan, [one.name for one in chart.series], colours)
    left, labels = category_column(chart.categories, width)
    scale = _Scale(chart, left, width)
    thick = _THIN if is_paired else _THICK
    top = plan.height
    for number, rows in enumerate(labels):
        figures = [one.figures[number] for one in chart.series]
        beside = chart.beside[number] if chart.beside else None
        bars = len(figures) * thick + (len(figures) - 1) * _HELD * bool(is_paired)
        high = max(bars, len(rows) * LEADING * SIZE)
        _add_category(plan, rows, top, high)
        at = top + (high - bars) / 2
        is_aside = number >= len(labels) - chart.aside
        for figure, colour in zip(figures, colours, strict=True):
            _add_bar(plan, scale, figure, beside, at, thick, ASIDE if is_aside else colour)
            at += thick + _HELD
        top += high + _BETWEEN
    plan.height = top - _BETWEEN * bool(labels) + 2.0
    base = scale.at(0)
    plan.lines.append((base, plan.height - 2.0, base, _first(plan, labels)))
    return plan


def category_column(categories: tuple[str, ...], width: float) -> tuple[float, list[list[str]]]:
    """Names of categories in lines, and where what stands beside them begins."""
    room = max(map(natural, categories), default=0.0)
    room = min(room + 0.1, _MOST_LABEL * width)
    labels = [[row.runs[0][1].text for row in wrapped(one, SIZE, room)] for one in categories]
    return room + _GAP, labels


class _Scale:
    """Where numbers are, from left to right; labels have room at the ends."""

    def __init__(self, chart: Chart, left: float, width: float) -> None:
        labelled = [
            (figure.value, _label_width(figure, chart.beside[number] if chart.beside else None) + _WORD_GAP)
            for series in chart.series
            for number, figure in enumerate(series.figures)
        ]
        self.low = min([0.0, *(value for value, _ in labelled if value is not None)])
        self.high = max([0.0, *(value for value, _ in labelled if value is not None)])
        self.is_signed = self.low < 0
        before = [wide for value, wide in labelled if value is not None and value < 0]
        after = [wide for value, wide in labelled if value is not None and value >= 0]
        stubs = [wide + STUB for value, wide in labelled if value is None]
        self.left = left + max(before, default=0.0)
        right = width - max(after, default=0.0)
        if stubs and self.is_signed:
            share = -self.low / (self.high - self.low)
            right = min(right, self.left + (width - max(stubs) - self.left) / share)
        self.right = max(right, self.left + 2 * STUB)

    def at(self, value: float) -> float:
        reach = self.high - self.low or 1.0
        return self.left + (value - self.low) / reach * (self.right - self.left)


def _label_width(figure: Figure, beside: Figure | None) -> float:
    runs = label_runs(figure, beside)
    return sum(across(text, face) for text, face, _ in runs) + (len(runs) - 1) * _WORD_GAP


def _add_category(plan: Plan, rows: list[str], top: float, high: float) -> None:
    first = top + (high - len(rows) * LEADING * SIZE) / 2
    for number, row in enumerate(rows):
        add_text(plan, 0, first + (number * LEADING + 0.97) * SIZE, row)


def _add_bar(
    plan: Plan, scale: _Scale, figure: Figure, beside: Figure | None, top: float, thick: float, colour: str
) -> None:
    base = scale.at(0)
    wide = _label_width(figure, beside)
    if figure.value is None:
        plan.bars.append(stub_of(figure, Box(base, top, STUB, thick)))
        x = base + STUB + _WORD_GAP
    else:
        end = scale.at(figure.value)
        if scale.is_signed:
            colour = LESS if figure.value < 0 else MORE
        if figure.value:
            plan.bars.append(Bar(Box(min(base, end), top, max(abs(end - base), 0.4), thick), colour))
        x = end - _WORD_GAP - wide if figure.value < 0 else end + _WORD_GAP
    y = top + thick / 2 + 0.33 * SIZE
    for text, face, ink in label_runs(figure, beside):
        x = add_text(plan, x, y, text, face=face, colour=ink) + _WORD_GAP


def _first(plan: Plan, labels: list[list[str]]) -> float:
    tops = [bar.box.top for bar in plan.bars if bar.box.height > SIZE]
    return min(tops, default=plan.height) - 2.0 if labels else plan.height
