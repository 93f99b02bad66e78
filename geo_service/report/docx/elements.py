"""Parts of a DOCX as XML: paragraphs, runs, fields and bookmarks. Texts are only ever texts: nothing in them is read as markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from geo_service.report.document import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docx.oxml.xmlchemy import BaseOxmlElement

    from geo_service.report.document import Runs

__all__ = ["bookmarked", "clean", "field", "node", "page_numbers", "paragraph", "run", "text_runs"]

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile("[\t\n\r\u2028\u2029]+")
_PLACE = re.compile(r"\{(number|all)\}")
_FIELDS = {"number": "PAGE", "all": "NUMPAGES"}


def node(tag: str, /, *children: BaseOxmlElement, **attributes: str | int) -> BaseOxmlElement:
    """An element, such as `w:tab`.

    Args:
        tag: With its prefix.
        children: What is in it, in the order of the standard.
        attributes: Their prefix parted by an underscore: `w_val`.
    """
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(name.replace("_", ":", 1)), str(value))
    made.extend(children)
    return made


def clean(text: str) -> str:
    """A text in one line, without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", _SPACE.sub(" ", text))


def run(text: str, style: str | None = None) -> BaseOxmlElement:
    """A text in the look of its paragraph, or of a character style."""
    words = node("w:t")
    words.text = clean(text)
    words.set(qn("xml:space"), "preserve")
    return _run(words, style)


def text_runs(runs: Runs, no_number: str = "NoNumber") -> list[BaseOxmlElement]:
    """A text with figures; a word where there is no number has a character style of its own, quieter than numbers."""
    return [
        run(one.text, None if one.is_known else no_number) if isinstance(one, Figure) else run(one)
        for one in runs
    ]


def paragraph(
    style: str, children: Iterable[BaseOxmlElement] = (), *, properties: Iterable[BaseOxmlElement] = ()
) -> BaseOxmlElement:
    """A paragraph.

    Args:
        style: The id of its style.
        children: Its runs.
        properties: What it has over its style, in the order of the standard.
    """
    return node("w:p", node("w:pPr", node("w:pStyle", w_val=style), *properties), *children)


def field(
    instruction: str, shown: Iterable[BaseOxmlElement], style: str | None = None
) -> list[BaseOxmlElement]:
    """A field with what it shows until Word computes it anew."""
    asked = node("w:instrText")
    asked.text = f" {instruction} "
    asked.set(qn("xml:space"), "preserve")
    return [
        _run(node("w:fldChar", w_fldCharType="begin"), style),
        _run(asked, style),
        _run(node("w:fldChar", w_fldCharType="separate"), style),
        *shown,
        _run(node("w:fldChar", w_fldCharType="end"), style),
    ]


def bookmarked(children: Iterable[BaseOxmlElement], name: str, number: int) -> list[BaseOxmlElement]:
    """Runs between the ends of a bookmark.

    Args:
        children: The runs.
        name: At most 40 letters, digits and underscores, unique in the document whatever its case.
        number: Its id, unique in the document.
    """
    start = node("w:bookmarkStart", w_id=number, w_name=name)
    return [start, *children, node("w:bookmarkEnd", w_id=number)]


def page_numbers(pattern: str) -> Iterator[BaseOxmlElement]:
    """The page and how many there are, in a pattern such as "Page {number} of {all}"."""
    end = 0
    for place in _PLACE.finditer(pattern):
        if place.start() > end:
            yield run(pattern[end : place.start()])
        yield from field(_FIELDS[place[1]], [run("1")])
        end = place.end()
    if end < len(pattern):
        yield run(pattern[end:])


def _run(content: BaseOxmlElement, style: str | None) -> BaseOxmlElement:
    if style is None:
        return node("w:r", content)
    return node("w:r", node("w:rPr", node("w:rStyle", w_val=style)), content)
