"""Maps of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.maps.picture import Picture

__all__ = ["map_png", "map_svg"]


def map_svg(picture: Picture, *, width_mm: float = 170) -> bytes:
    """A map as SVG with its texts as text."""
    raise NotImplementedError


def map_png(picture: Picture, *, width_mm: float = 170, dpi: int = 200) -> bytes:
    """A map as PNG."""
    raise NotImplementedError
