"""Charts and maps in a document: vectors where Word draws them, and pixels everywhere."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm

from geo_service.report.document import ChartBlock
from geo_service.report.docx.elements import clean, node
from geo_service.report.drawings import chart_both, chart_png, map_both, map_png

if TYPE_CHECKING:
    from docx.document import Document as Docx
    from docx.oxml.xmlchemy import BaseOxmlElement

    from geo_service.report.document import MapBlock
    from geo_service.vocabulary import Language

__all__ = ["TEXT_WIDTH_MM", "picture_run"]

TEXT_WIDTH_MM = 170
_HIGHEST_MM = 205
_FALLBACK_DPI = 150
"""For programs that show no vectors: LibreOffice before 7.6, Word before 2016, most viewers."""
_ONLY_DPI = 300
_NOT_IN_WORD = b"<pattern"
"""Word is not known to draw patterns, and what is suppressed must not lose its hatching: such drawings are pixels only."""
_FONTS = re.compile(rb"font-family: [^;\"]+")
_FONT = b"font-family: Calibri, Carlito, 'Source Sans Pro', sans-serif"
"""That of the document, as wide as Source Sans Pro: writers do not have what the drawings are set in."""
_SVG = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{link}"/>'
    "</a:ext></a:extLst>"
)


def picture_run(document: Docx, block: ChartBlock | MapBlock, language: Language) -> BaseOxmlElement:
    """A run with the chart or map of a block, as wide as the text, with its words for those who cannot see it."""
    svg, png = _drawn(block, language)
    inline = document.part.new_pic_inline(BytesIO(png), width=Mm(TEXT_WIDTH_MM))
    _fit(inline)
    properties = inline.docPr
    properties.set("id", str(block.number))
    properties.set("name", clean(block.anchor))
    properties.set(
        "descr", clean(block.description if isinstance(block, ChartBlock) else block.picture.description)
    )
    if svg is not None:
        [blip] = inline.iter(qn("a:blip"))
        blip.append(parse_xml(_SVG.format(link=_linked(document, svg, block.number))))
    return node("w:r", node("w:drawing", inline))


def _drawn(block: ChartBlock | MapBlock, language: Language) -> tuple[bytes | None, bytes]:
    """As vectors, null where Word could not draw them, and as pixels."""
    if isinstance(block, ChartBlock):
        svg, png = chart_both(block.chart, language, width_mm=TEXT_WIDTH_MM, dpi=_FALLBACK_DPI)
    else:
        svg, png = map_both(block.picture, width_mm=TEXT_WIDTH_MM, dpi=_FALLBACK_DPI)
    if _NOT_IN_WORD not in svg:
        return _FONTS.sub(_FONT, svg), png
    if isinstance(block, ChartBlock):
        return None, chart_png(block.chart, language, width_mm=TEXT_WIDTH_MM, dpi=_ONLY_DPI)
    return None, map_png(block.picture, width_mm=TEXT_WIDTH_MM, dpi=_ONLY_DPI)


def _fit(inline: BaseOxmlElement) -> None:
    """Put a picture between the margins, smaller where it is higher than a page."""
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")
    scale = Mm(_HIGHEST_MM) / int(inline.extent.cy)
    if scale < 1:
        for size in (inline.extent, *inline.iter(qn("a:ext"))):
            if size.get("cx"):
                size.set("cx", str(round(int(size.get("cx")) * scale)))
                size.set("cy", str(round(int(size.get("cy")) * scale)))


def _linked(document: Docx, svg: bytes, number: int) -> str:
    """The id of a relationship to a drawing, put into the package; python-docx has no SVG of its own."""
    name = PackURI(f"/word/media/drawing{number}.svg")
    part = Part(name, "image/svg+xml", svg, document.part.package)
    return document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
