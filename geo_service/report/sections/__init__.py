"""What the report has to say, a module a part: text by rules, charts, maps and tables, all of the same cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.sections.about import about_sections
from geo_service.report.sections.comparison import comparison_sections
from geo_service.report.sections.groups import group_sections
from geo_service.report.sections.informants import informant_sections
from geo_service.report.sections.measured import measured_sections
from geo_service.report.sections.services import service_sections
from geo_service.report.sections.sources import source_sections
from geo_service.report.sections.summary import summary_sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.report.document import Section
    from geo_service.report.source import Source

__all__ = ["SECTIONS"]

SECTIONS: tuple[Callable[[Source], list[Section]], ...] = (
    summary_sections,
    about_sections,
    informant_sections,
    group_sections,
    service_sections,
    measured_sections,
    comparison_sections,
    source_sections,
)
"""In the order of the report. Each gives none where the release has nothing for it."""
