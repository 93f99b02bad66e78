"""To be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.report.document import Section
    from geo_service.report.source import Source

__all__ = ["about_sections"]


def about_sections(source: Source) -> list[Section]:
    """Nothing yet."""
    return []
