"""What the sections of a report are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors import NotFoundError
from geo_service.maps.released import released_picture

if TYPE_CHECKING:
    from geo_service.maps.picture import Picture
    from geo_service.maps.question import MapQuestion
    from geo_service.release.manifest import Manifest
    from geo_service.release.protocol import Release
    from geo_service.report.sheets import Sheets
    from geo_service.vocabulary import Language

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A release as sections ask it.

    Attributes:
        release: The release, or what of it somebody is shown.
        sheets: Its tables in the language.
    """

    release: Release
    sheets: Sheets

    @property
    def language(self) -> Language:
        """Of all texts."""
        return self.sheets.language

    @property
    def manifest(self) -> Manifest:
        """What the release says of itself."""
        return self.release.manifest

    def map(self, question: MapQuestion) -> Picture | None:
        """A map of the release; null where what is shown of it does not have what the map needs."""
        try:
            return released_picture(self.release, question, self.language)
        except NotFoundError:
            return None
