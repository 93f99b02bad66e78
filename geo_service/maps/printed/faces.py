"""The faces that texts are set in, without loading what draws them."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Face"]


class Face(StrEnum):
    """A file of a typeface."""

    REGULAR = "DejaVuSans.ttf"
    BOLD = "DejaVuSans-Bold.ttf"
    SANS_REGULAR = "SourceSansPro-Regular.ttf"
    SANS_SEMIBOLD = "SourceSansPro-Semibold.ttf"

    @property
    def is_sans(self) -> bool:
        """Whether it is of Source Sans Pro."""
        return self in {Face.SANS_REGULAR, Face.SANS_SEMIBOLD}
