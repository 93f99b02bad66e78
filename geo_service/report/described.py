"""Charts in words, for those who cannot see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import ChartKind
from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from geo_service.report.document import Chart

__all__ = ["described"]

_KINDS = {
    ChartKind.BARS: Wording(
        en="Horizontal bars, {unit}.",
        ru="Горизонтальная столбчатая диаграмма, {unit}.",
        kk="Көлденең бағанды диаграмма, {unit}.",
    ),
    ChartKind.COLUMNS: Wording(
        en="Columns, {unit}.",
        ru="Вертикальная столбчатая диаграмма, {unit}.",
        kk="Тік бағанды диаграмма, {unit}.",
    ),
    ChartKind.PAIRS: Wording(
        en="Horizontal bars side by side, {unit}.",
        ru="Сгруппированная столбчатая диаграмма, {unit}.",
        kk="Топтастырылған бағанды диаграмма, {unit}.",
    ),
    ChartKind.PARTS: Wording(
        en="One bar divided into the parts of a whole, {unit}.",
        ru="Полоса, разделённая на части целого, {unit}.",
        kk="Бүтіннің бөліктеріне бөлінген жолақ, {unit}.",
    ),
    ChartKind.STACKED: Wording(
        en="Bars divided into the parts of a whole, {unit}.",
        ru="Полосы, разделённые на части целого, {unit}.",
        kk="Бүтіннің бөліктеріне бөлінген жолақтар, {unit}.",
    ),
}


def described(chart: Chart, language: Language | str) -> str:
    """All figures of a chart in words: its kind, its unit, then each category with its figures.

    Args:
        chart: The chart; its categories and figures are in the language already.
        language: Of the words around them.

    Returns:
        Such as "Horizontal bars, individuals. Uzbekistan: 491,284 (76.8%); Russia: 70,018 (10.9%)."
    """
    kind = _KINDS[chart.kind](unit=chart.unit).in_language(Language(language))
    categories = "; ".join(f"{name}: {_figures(chart, index)}" for index, name in enumerate(chart.categories))
    return f"{kind} {categories}." if categories else kind


def _figures(chart: Chart, index: int) -> str:
    """The figures of a category, named by their series where there are several."""
    if len(chart.series) > 1:
        return ", ".join(f"{one.name} {one.figures[index].text}" for one in chart.series)
    beside = f" ({chart.beside[index].text})" if chart.beside else ""
    return f"{chart.series[0].figures[index].text}{beside}"
