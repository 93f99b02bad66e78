"""Charts as SVG that stands in a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

from geo_service.report.document import plain
from geo_service.report.drawings import chart_svg

if TYPE_CHECKING:
    from geo_service.report.document import ChartBlock
    from geo_service.vocabulary import Language

__all__ = ["WIDTHS_MM", "inlined_chart"]

WIDTHS_MM = {"wide": 150.0, "narrow": 85.0}
"""A column of text, and a telephone: type would be too small if one drawing were made to fit both."""

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NAMED = ("aria-labelledby", "aria-describedby")
_OWN = ("width", "height", "version", "role", "lang", "{http://www.w3.org/XML/1998/namespace}lang", *_NAMED)
_LEFT_OUT = ("title", "desc", "metadata", "style")
_INHERITED = ("font-family",)
_NO_TURN = re.compile(r"rotate\(-?0 [^)]*\)")


def inlined_chart(block: ChartBlock, language: Language, width: str) -> Markup:
    """The chart of a block as an element of a page: as wide as its place, named by its caption, its ids its own.

    Args:
        block: What is drawn; its description is the text alternative.
        language: Of its texts.
        width: One of `WIDTHS_MM`.
    """
    drawn = ET.fromstring(chart_svg(block.chart, language, width_mm=WIDTHS_MM[width]))  # noqa: S314 - our own
    prefix = f"{block.anchor}_{width}_"
    for one in drawn.iter():
        # On a page elements of SVG have no namespace.
        one.tag = one.tag.removeprefix(_SVG)
        _own(one, prefix)
    for parent in list(drawn.iter()):
        for one in [child for child in parent if child.tag in _LEFT_OUT]:
            parent.remove(one)
    for name in _OWN:
        drawn.attrib.pop(name, None)
    drawn.set("stroke-linejoin", "round")
    for name, text in (("desc", block.description), ("title", plain(block.caption))):
        said = ET.Element(name, {"id": f"{prefix}{name}"})
        said.text = text
        drawn.insert(0, said)
    drawn.set("role", "img")
    drawn.set("aria-labelledby", f"{prefix}title")
    drawn.set("aria-describedby", f"{prefix}desc")
    drawn.set("class", width)
    return Markup(ET.tostring(drawn, encoding="unicode"))  # noqa: S704 - written by an XML writer, which escapes


def _own(element: ET.Element, prefix: str) -> None:
    """Prefix ids, and turn styles into attributes: the policy of the page forbids styles of elements. The page says the typeface."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value and name.strip() not in _INHERITED:
            element.set(name.strip(), value.strip())
    if _NO_TURN.fullmatch(element.get("transform", "")):
        del element.attrib["transform"]
    if linked := element.attrib.pop(_LINK, ""):
        element.set("href", linked)
    for name, value in element.attrib.items():
        if name == "id":
            element.set(name, prefix + value)
        elif name == "href" and value.startswith("#"):
            element.set(name, f"#{prefix}{value[1:]}")
        else:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))
