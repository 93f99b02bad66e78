"""Maps as they stand in a report: without the title, facts and sources that its captions and notes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.printed import bare_figure_of

if TYPE_CHECKING:
    from geo_service.maps.picture import Picture

__all__ = ["map_both", "map_png", "map_svg"]


def map_svg(picture: Picture, *, width_mm: float = 170) -> bytes:
    """A map with its legend and warnings as SVG: the same bytes for the same picture. Safe to call from several threads, which wait for each other.

    Args:
        picture: The picture; its layers that are shown are drawn, simplified to what can be seen in print.
        width_mm: How wide it is; how high it is depends on its extent.

    Returns:
        An SVG file in Source Sans Pro, its texts as text, without ids that another SVG of the same page could have.

    Raises:
        MissingExtraError: matplotlib or the typeface is not installed.
        InputError: The texts of the picture are too long.
    """
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.svg_of(lambda: bare_figure_of(picture, width_mm), picture.language)


def map_both(picture: Picture, *, width_mm: float = 170, dpi: int = 200) -> tuple[bytes, bytes]:
    """The same as SVG and as PNG, laid out once."""
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.both_of(lambda: bare_figure_of(picture, width_mm), picture.language, dpi)


def map_png(picture: Picture, *, width_mm: float = 170, dpi: int = 200) -> bytes:
    """The same as PNG on white, with so many dots per inch."""
    from geo_service.report.drawings import files  # noqa: PLC0415

    return files.png_of(lambda: bare_figure_of(picture, width_mm), dpi)
