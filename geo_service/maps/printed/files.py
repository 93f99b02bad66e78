"""A picture as the bytes of a file. matplotlib is imported when a picture is printed, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError
from geo_service.maps.printed.sheet import PrintFormat, PrintSize

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from geo_service.maps.picture import Picture

__all__ = ["PrintFormat", "PrintSize", "bare_figure_of", "figure_of", "printed_bytes"]

SCREEN_DPI = 96
POINTS_PER_MM = 72 / 25.4


def printed_bytes(
    picture: Picture,
    kind: PrintFormat,
    /,
    *,
    size: PrintSize = PrintSize.PAGE,
    dpi: int = 300,
) -> bytes:
    """A picture as a file: the same bytes for the same picture. Safe to call from several threads, which wait for each other.

    Args:
        picture: The picture; its layers that are shown are printed.
        kind: PNG, SVG with its texts as text, or PDF with its fonts in it.
        size: What it is for.
        dpi: Dots per inch of a PNG.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: The texts of the picture are too long for the sheet.
    """
    try:
        from geo_service.maps.printed import drawing, writers  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("printing maps", "maps") from error
    with writers.own_settings():
        figure = drawing.figure(picture, size)
        return writers.WRITERS[kind](figure, picture, dpi)


def figure_of(picture: Picture, size: PrintSize = PrintSize.PAGE) -> Figure:
    """A picture as a figure of matplotlib, in its true size, to be drawn upon or saved by who asks.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: The texts of the picture are too long for the sheet.
    """
    try:
        from geo_service.maps.printed import drawing, writers  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("printing maps", "maps") from error
    with writers.own_settings():
        return drawing.figure(picture, size)


def bare_figure_of(picture: Picture, width_mm: float) -> Figure:
    """A picture as a figure for a page that says its title, facts and sources itself: the map, its legend and its warnings.

    Args:
        picture: The picture.
        width_mm: How wide the figure is; how high it is depends on the extent.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InputError: The texts of the picture are too long.
    """
    try:
        from geo_service.maps.printed import drawing, writers  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("printing maps", "maps") from error
    with writers.own_settings():
        return drawing.bare_figure(picture, width_mm * POINTS_PER_MM)
