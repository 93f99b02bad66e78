"""The key findings, and where the round was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import Section
from geo_service.report.messages import Messages
from geo_service.report.sections.summary.coverage import coverage_sections
from geo_service.report.sections.summary.figures import key_figures, lead
from geo_service.report.sections.summary.findings import findings

if TYPE_CHECKING:
    from geo_service.report.source import Source

__all__ = ["summary_sections"]


def summary_sections(source: Source) -> list[Section]:
    """The key findings with the key figures; then where villages were assessed."""
    m = Messages(source.language, "summary")
    blocks = (*key_figures(m, source), *lead(m, source), *findings(m, source))
    sections = [Section("summary", m.text("Key findings"), blocks)] if blocks else []
    return [*sections, *coverage_sections(m, source)]
