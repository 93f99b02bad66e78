"""What stands on the cover and on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.report.source import Source

__all__ = ["Front", "front"]


@dataclass(frozen=True, slots=True)
class Front:
    """The cover.

    Attributes:
        title: Of the document.
        subtitle: The round, the country and when it was collected.
        banners: What every page has to say: that data are synthetic, that it is the edition for the public. A short line each.
    """

    title: str
    subtitle: str
    banners: tuple[str, ...]


def front(source: Source) -> Front:
    """The cover of a release's report."""
    return Front("Report", f"Round {source.manifest.round and source.manifest.round.number}", ())
