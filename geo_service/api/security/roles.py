"""What somebody may see and do."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Role"]

_ORDER = ("public", "analyst", "editor")


class Role(StrEnum):
    """A role; each may do all that the one before it may.

    The public sees boundaries, facilities, and guarded numbers from districts up. Analysts see all of a release. Editors also make releases.
    """

    PUBLIC = "public"
    ANALYST = "analyst"
    EDITOR = "editor"

    def includes(self, other: Role) -> bool:
        """Whether it may do all that `other` may."""
        return _ORDER.index(self.value) >= _ORDER.index(other.value)
