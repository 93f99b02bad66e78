"""Figures as PNG, SVG and PDF: no dates, the same bytes each time, and what they show said in their metadata."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from geo_service.errors import OutputError
from geo_service.maps.printed.fonts import FAMILIES
from geo_service.maps.printed.sheet import PrintFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.figure import Figure

    from geo_service.maps.picture import Picture

__all__ = ["WRITERS", "own_settings"]

MAKER = "geo-service"
_SETTINGS = {
    "font.sans-serif": list(FAMILIES[:-1]),
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": MAKER,
    "text.hinting": "none",
}
_LOCK = threading.RLock()


@contextmanager
def own_settings() -> Iterator[None]:
    """Set what matplotlib comes with, and ours, whatever is set elsewhere. Settings are global, so one thread at a time."""
    with _LOCK, matplotlib.style.context(["default", _SETTINGS]):
        yield


def _png(figure: Figure, picture: Picture, dpi: int) -> bytes:
    figure.set_dpi(dpi)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    said = PngInfo()
    for key, text in _said(picture).items():
        said.add_itxt(key, text, lang=picture.language.value)
    with BytesIO() as file:
        # Paper is not transparent, so that a palette of a few colours could do; but the rims of letters need more.
        Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(
            file, "PNG", dpi=(dpi, dpi), pnginfo=said
        )
        return file.getvalue()


def _svg(figure: Figure, picture: Picture, dpi: int) -> bytes:  # noqa: ARG001
    metadata = {
        "Title": picture.title,
        "Creator": MAKER,
        "Description": picture.description,
        "Language": picture.language.value,
        "Date": None,
    }
    with BytesIO() as file:
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(file, metadata=metadata)
        text = file.getvalue().decode()
    title = f'<title id="title">{escape(picture.title)}</title>'
    described = f'{title}\n <desc id="summary">{escape(picture.description)}</desc>'
    text = re.sub(r"<title>.*?</title>", lambda _: described, text, count=1, flags=re.DOTALL)
    root = f'<svg role="img" aria-labelledby="title" aria-describedby="summary" xml:lang="{picture.language.value}" '
    return text.replace("<svg ", root, 1).encode()


def _pdf(figure: Figure, picture: Picture, dpi: int) -> bytes:  # noqa: ARG001
    metadata = {
        "Title": picture.title,
        "Author": MAKER,
        "Subject": picture.description,
        "Creator": MAKER,
        "CreationDate": None,
    }
    with BytesIO() as file:
        canvas: Any = FigureCanvasPdf(figure)
        canvas.print_pdf(file, metadata=metadata)
        return _in_language(file.getvalue(), picture.language.value)


def _in_language(document: bytes, language: str) -> bytes:
    """A PDF that says its language and shows its title, by an update at its end (ISO 32000-1, 7.5.6), for matplotlib cannot say them."""
    trailer = document[document.rindex(b"trailer") :]
    size, root, info, start = (
        int(_found(pattern, trailer))
        for pattern in (rb"/Size (\d+)", rb"/Root (\d+) 0 R", rb"/Info (\d+) 0 R", rb"startxref\s+(\d+)")
    )
    pages = int(_found(rb"/Pages (\d+) 0 R", document))
    said = f"/Lang ({language}) /ViewerPreferences << /DisplayDocTitle true >>"
    catalog = f"{root} 0 obj\n<< /Type /Catalog /Pages {pages} 0 R {said} >>\nendobj\n"
    table = len(document) + len(catalog)
    update = (
        f"{catalog}xref\n{root} 1\n{len(document):010d} 00000 n \n"
        f"trailer\n<< /Size {size} /Root {root} 0 R /Info {info} 0 R /Prev {start} >>\nstartxref\n{table}\n%%EOF\n"
    )
    return document + update.encode("ascii")


def _found(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text)
    if found is None:
        raise OutputError(f"matplotlib wrote a PDF without {pattern!r}")
    return found[1]


def _said(picture: Picture) -> Mapping[str, str]:
    return {
        "Title": picture.title,
        "Author": MAKER,
        "Description": picture.description,
        "Source": "; ".join(picture.sources),
        "Software": MAKER,
    }


WRITERS: Mapping[PrintFormat, Callable[[Figure, Picture, int], bytes]] = {
    PrintFormat.PNG: _png,
    PrintFormat.SVG: _svg,
    PrintFormat.PDF: _pdf,
}
"""How each format is written: of a figure, its picture and dots per inch."""
