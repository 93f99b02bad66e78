"""Charts of a report as SVG, with their texts as text, and as PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError
from geo_service.report.document import ChartKind

if TYPE_CHECKING:
    from geo_service.report.document import Chart
    from geo_service.report.drawings.plan import Plan
    from geo_service.vocabulary import Language

__all__ = ["chart_both", "chart_plan", "chart_png", "chart_svg"]

_POINTS_PER_MM = 72 / 25.4


def chart_svg(chart: Chart, language: Language, *, width_mm: float = 170) -> bytes:
    """A chart as SVG: the same bytes for the same chart. Safe to call from several threads, which wait for each other.

    Args:
        chart: The chart. Its figures are printed as they are; one that is not shown has a short hatched or empty bar and its word.
        language: Of its texts.
        width_mm: How wide it is; its height is what it needs.

    Returns:
        An SVG file in Source Sans Pro, its texts as text, without ids that another SVG of the same page could have.

    Raises:
        MissingExtraError: matplotlib or the typeface is not installed.
    """
    plan = chart_plan(chart, width_mm=width_mm)
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.svg_of(plan.drawing, language)


def chart_png(chart: Chart, language: Language, *, width_mm: float = 170, dpi: int = 200) -> bytes:  # noqa: ARG001
    """The same as PNG on white, with so many dots per inch."""
    plan = chart_plan(chart, width_mm=width_mm)
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.png_of(plan.drawing, dpi)


def chart_both(
    chart: Chart, language: Language, *, width_mm: float = 170, dpi: int = 200
) -> tuple[bytes, bytes]:
    """The same as SVG and as PNG, laid out once."""
    plan = chart_plan(chart, width_mm=width_mm)
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.both_of(plan.drawing, language, dpi)


def chart_plan(chart: Chart, *, width_mm: float = 170) -> Plan:
    """Where everything of a chart stands.

    Raises:
        MissingExtraError: matplotlib or the typeface is not installed.
    """
    try:
        from geo_service.report.drawings import bars, columns, wholes  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a report", "report") from error
    made = {
        ChartKind.BARS: bars.bars_plan,
        ChartKind.PAIRS: bars.bars_plan,
        ChartKind.COLUMNS: columns.columns_plan,
        ChartKind.PARTS: wholes.parts_plan,
        ChartKind.STACKED: wholes.stacked_plan,
    }[chart.kind]
    return made(chart, width_mm * _POINTS_PER_MM)
