"""Access to services as key informants report it: who has them, how far the others are, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import Section
from geo_service.report.messages import Messages
from geo_service.report.sections.services.distances import distance_sections
from geo_service.report.sections.services.places import place_sections
from geo_service.report.sections.services.presence import presence_blocks

if TYPE_CHECKING:
    from geo_service.report.source import Source

__all__ = ["service_sections"]


def service_sections(source: Source) -> list[Section]:
    """The part on services as reported; none where the release has none of its tables."""
    m = Messages(source.language, "services")
    blocks = (*presence_blocks(source, m), *distance_sections(source, m), *place_sections(source, m))
    return [Section("services", m.text("Access to services, as reported"), blocks)] if blocks else []
