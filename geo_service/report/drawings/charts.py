"""Charts of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.report.document import Chart
    from geo_service.vocabulary import Language

__all__ = ["chart_png", "chart_svg"]


def chart_svg(chart: Chart, language: Language, *, width_mm: float = 170) -> bytes:
    """A chart as SVG with its texts as text: the same bytes for the same chart."""
    raise NotImplementedError


def chart_png(chart: Chart, language: Language, *, width_mm: float = 170, dpi: int = 200) -> bytes:
    """A chart as PNG."""
    raise NotImplementedError
