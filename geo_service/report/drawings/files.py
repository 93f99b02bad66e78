"""Figures of matplotlib as the bytes of files: small, without dates, the same each time."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

from geo_service.maps.printed.writers import own_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from geo_service.vocabulary import Language

__all__ = ["both_of", "png_of", "svg_of"]

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r' id="([^"]*)"')
_LINKED = re.compile(r"#([^\")\s]+)")
_COLOURS = 256


def both_of(drawing: Callable[[], Figure], language: Language, dpi: int) -> tuple[bytes, bytes]:
    """A figure as SVG and as PNG, laid out once."""
    with own_settings():
        figure = drawing()
        return svg_of(lambda: figure, language), png_of(lambda: figure, dpi)


def svg_of(drawing: Callable[[], Figure], language: Language) -> bytes:
    """A figure as SVG: places in hundredths of a point, ids only where they are used, its language said."""
    with own_settings(), BytesIO() as file:
        canvas: Any = FigureCanvasSVG(drawing())
        canvas.print_svg(file, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        text = file.getvalue().decode()
    text = _METADATA.sub("", text)
    linked = set(_LINKED.findall(text))
    text = _ID.sub(lambda one: one[0] if one[1] in linked else "", text)
    text = _TAG.sub(lambda tag: _LONG_NUMBER.sub(_rounded, tag[0]), text)
    return text.replace("<svg ", f'<svg xml:lang="{language.value}" ', 1).encode()


def png_of(drawing: Callable[[], Figure], dpi: int) -> bytes:
    """A figure as PNG on white."""
    with own_settings():
        figure = drawing()
        figure.set_dpi(dpi)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    with BytesIO() as file:
        # The rims of letters have few colours here: a palette is a third of the size and looks the same.
        image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            file, "PNG", dpi=(dpi, dpi)
        )
        return file.getvalue()


def _rounded(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
