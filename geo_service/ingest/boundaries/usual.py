"""The sets of admin units that a country is read with where none are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.ingest.boundaries.store import stored_names

if TYPE_CHECKING:
    from geo_service.settings import BoundarySettings

__all__ = ["usual_sets"]

_USUAL = {"KAZ": ("kaz-adm1", "kaz-adm2-geokz")}


def usual_sets(country: str, settings: BoundarySettings) -> list[str]:
    """The names of the sets, regions first: those that ship, and deeper ones where they have been fetched; empty where none are known.

    Args:
        country: ISO 3166-1 alpha-3.
        settings: Where sets are kept.
    """
    regions, *deeper = _USUAL.get(country, (None,))
    if regions is None:
        return []
    stored = stored_names(settings)
    return [regions, *(name for name in deeper if name in stored)]
