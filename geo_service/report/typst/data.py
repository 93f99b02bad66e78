"""A report as the data of its template, and the files of its drawings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.maps.picture import Points
from geo_service.maps.printed.fonts import covered
from geo_service.report.document import (
    Bullets,
    ChartBlock,
    Definitions,
    Figure,
    KeyFigures,
    MapBlock,
    Note,
    NoteKind,
    Numbered,
    Paragraph,
    Section,
    TableBlock,
    plain,
)
from geo_service.report.drawings import chart_svg, map_svg
from geo_service.report.typst.columns import columns_of
from geo_service.report.typst.heights import (
    drawing_needs,
    needs,
    section_needs,
    table_needs,
    title_size,
)
from geo_service.report.typst.placing import GUTTER_MM, HALF_MM, Beside, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.maps.picture import Picture
    from geo_service.report.document import Block, Report, Runs

__all__ = ["Typeset", "typeset"]

WIDTH_MM = 170.0
_POINTS_PER_MM = 72 / 25.4
_MAP_MM = 130.0
"""Maps with a short legend are not as wide as the page, so that one of them and a table of regions stand on it."""
_LONG_LEGEND = 11
_FINE = "sources"
"""The section that is set in smaller type, being looked up rather than read."""
_MOST_TILES = 4
_LONG = 3
"""A section with so many sections, charts, maps and tables in it is a chapter."""


@dataclass(slots=True)
class Typeset:
    """What the template is given.

    Attributes:
        data: As JSON.
        files: By name.
    """

    data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def typeset(report: Report) -> Typeset:
    """Lay a report out for the template. Letters that the typefaces do not have are boxes.

    Raises:
        MissingExtraError: matplotlib or the typeface is not installed.
    """
    writer = _Writer(report)
    sections = [writer.section(one) for one in report.sections]
    date = report.date
    writer.made.data = {
        "language": report.language.value,
        "title": covered(report.title),
        "title_size": title_size(report.title),
        "subtitle": covered(report.subtitle),
        "banners": [covered(one) for one in report.banners],
        "date": date and {"year": date.year, "month": date.month, "day": date.day},
        "release": report.release,
        "words": {name: report.words[name] for name in ("contents", "page", "release")},
        "sections": sections,
    }
    return writer.made


class _Writer:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.made = Typeset()

    def section(self, section: Section) -> dict[str, Any]:
        blocks = self.blocks(section.blocks)
        return {
            "kind": "section",
            "anchor": section.anchor,
            "title": covered(section.title),
            "is_chapter": _is_long(section),
            "is_fine": section.anchor == _FINE,
            "needs": section_needs(blocks),
            "blocks": blocks,
        }

    def blocks(self, blocks: Sequence[Block]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for one in placed(blocks):
            made = self.beside(one) if isinstance(one, Beside) else self.block(one, WIDTH_MM)
            if found and made["kind"] == "notes" and _is_alike(found[-1], made):
                found[-1]["items"] += made["items"]
            else:
                found.append(made)
        return found

    def beside(self, one: Beside) -> dict[str, Any]:
        cells = [[self.block(block, HALF_MM) for block in cell] for cell in one.cells]
        highest = max(sum(needs(made) for made in cell) for cell in cells)
        return {
            "kind": "beside",
            "needs": highest,
            "columns": [HALF_MM] * len(cells),
            "gutter": GUTTER_MM,
            "cells": cells,
        }

    def block(self, block: Block, width_mm: float) -> dict[str, Any]:  # noqa: PLR0911
        match block:
            case Section():
                return self.section(block)
            case Paragraph():
                return {"kind": "lead" if block.is_lead else "paragraph", "text": _text(block.runs)}
            case Bullets():
                return {
                    "kind": "numbers" if block.is_numbered else "bullets",
                    "items": [_text(one) for one in block.items],
                }
            case Definitions():
                return {
                    "kind": "definitions",
                    "items": [[covered(word), _text(said)] for word, said in block.items],
                }
            case Note():
                return {
                    "kind": "notes",
                    "is_warning": block.kind is NoteKind.SYNTHETIC,
                    "items": [_text(block.runs)],
                }
            case KeyFigures():
                return self.tiles(block)
            case ChartBlock():
                svg = chart_svg(block.chart, self.report.language, width_mm=width_mm)
                return self.drawing(block, svg, block.description)
            case MapBlock():
                svg = map_svg(block.picture, width_mm=min(width_mm, _map_width(block.picture)))
                return self.drawing(block, svg, block.picture.description)
            case TableBlock():
                return self.table(block)

    def tiles(self, block: KeyFigures) -> dict[str, Any]:
        items = [
            {"figure": one.figure.text, "is_known": one.figure.is_known, "label": covered(one.label)}
            for one in block.items
        ]
        rows = -(-len(items) // _MOST_TILES)
        return {"kind": "tiles", "items": items, "columns": -(-len(items) // rows) if rows else 1}

    def drawing(self, block: ChartBlock | MapBlock, svg: bytes, description: str) -> dict[str, Any]:
        name = f"drawing-{len(self.made.files) + 1}.svg"
        self.made.files[name] = svg
        return {
            "kind": "drawing",
            "image": name,
            "description": covered(description),
            "needs": drawing_needs(svg),
            **self.captioned(block),
        }

    def table(self, block: TableBlock) -> dict[str, Any]:
        headings = [covered(one) for one in block.headings]
        rows = [[_text(cell) for cell in row] for row in block.rows]
        columns = columns_of(headings, rows, WIDTH_MM * _POINTS_PER_MM)
        return {
            "kind": "table",
            "headings": headings,
            "rows": rows,
            "numbers": [_is_of_numbers(block, place) for place in range(len(headings))],
            "size": columns.size,
            "inset": columns.inset,
            "widths": columns.widths,
            "needs": table_needs(rows, columns),
            **self.captioned(block),
        }

    def captioned(self, block: ChartBlock | MapBlock | TableBlock) -> dict[str, Any]:
        return {
            "anchor": block.anchor,
            "label": self.report.label(block),
            "caption": _text(block.caption),
            "note": _text(block.note),
        }


def _is_long(section: Section) -> bool:
    """Whether a section of the first level is a chapter."""
    inside = [
        block for one in section.blocks for block in (one.blocks if isinstance(one, Section) else (one,))
    ]
    return sum(isinstance(one, (Numbered, Section)) for one in inside) >= _LONG


def _map_width(picture: Picture) -> float:
    """In millimetres. A long legend is higher than a map that is not as wide as the page."""
    shown = [one for one in picture.layers if one.is_shown and one.classes]
    rows = sum(len(one.classes) + len(one.sizes if isinstance(one, Points) else ()) for one in shown)
    return WIDTH_MM if rows > _LONG_LEGEND else _MAP_MM


def _is_alike(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two notes are set as one."""
    return first["kind"] == "notes" and bool(first["is_warning"] == second["is_warning"])


def _text(runs: Runs) -> str:
    return covered(plain(runs))


def _is_of_numbers(block: TableBlock, place: int) -> bool:
    """Whether a column is of numbers, which stand under each other by their ends."""
    cells = [row[place] for row in block.rows if row[place]]
    return bool(cells) and all(isinstance(cell[0], Figure) for cell in cells)
