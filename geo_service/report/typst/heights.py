"""About how high parts of a page are, in points, for what should not be parted by its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geo_service.maps.printed.fonts import Face, Run, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.typst.columns import Columns

__all__ = ["drawing_needs", "needs", "section_needs", "table_needs", "title_size"]

_FIRST_ROWS = 12
PAGE = 717.0
_MOST = 0.62
"""What asks for more of a page than this begins where it is."""
_LEAST = 72.0
_WIDTH = 481.0
_TITLE_SIZES = (34, 31, 28, 25, 22, 20, 18)
_TITLE_LINES = 3
_BOLDER = 1.05
"""How much wider titles are than the face that is measured."""
_ROW = 1.6
_CAPTION = 24.0
_NOTE = 16.0
_AFTER = 20.0
_HEADING = 40.0
_SVG_HEIGHT = re.compile(rb'<svg [^>]*height="([\d.]+)pt"')
_TILES = 62.0


def title_size(title: str) -> float:
    """The size of type, in points, in which a title has few lines."""
    for size in _TITLE_SIZES:
        if len(lines([Run(title, Face.SANS_SEMIBOLD)], size * _BOLDER, _WIDTH)) <= _TITLE_LINES:
            return size
    return _TITLE_SIZES[-1]


def drawing_needs(svg: bytes) -> float:
    """How high a drawing is with its caption and its note."""
    found = _SVG_HEIGHT.search(svg)
    return (float(found[1]) if found else 0.0) + _CAPTION + _NOTE + _AFTER


def table_needs(rows: Sequence[Sequence[str]], columns: Columns) -> float:
    """How much of a table that is longer than a page has to be on a page for it to begin there."""
    return (min(len(rows), _FIRST_ROWS) + 2) * _ROW * columns.size + _CAPTION


def section_needs(blocks: Sequence[dict[str, Any]]) -> float:
    """What has to be left of a page for a section to begin there: its heading and what follows it, up to so much that it does not look lost."""
    found = _HEADING
    for one in blocks:
        found += needs(one)
        if found >= _LEAST or one["kind"] == "section":
            break
    return round(min(found, _MOST * PAGE), 1)


def needs(block: dict[str, Any]) -> float:
    """About how high a block is, as the template is given it."""
    match block["kind"]:
        case "section" | "drawing" | "table" | "beside":
            return float(block["needs"])
        case "paragraph":
            return _text_height(block["text"], 10.0)
        case "lead":
            return _text_height(block["text"], 12.0)
        case "tiles":
            return _TILES * float(-(-len(block["items"]) // block["columns"]))
        case "definitions":
            return sum(_text_height(f"{word} {said}", 10.0) for word, said in block["items"])
        case _:
            return sum(_text_height(one, 10.0) for one in block["items"])


def _text_height(text: str, size: float) -> float:
    return (len(lines([Run(text, Face.SANS_REGULAR)], size, _WIDTH)) * 1.3 + 0.6) * size
