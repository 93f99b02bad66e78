"""What a document has around its sections: properties, cover, contents, headers and footers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from docx.oxml.ns import qn

from geo_service.report.document import Section
from geo_service.report.docx.elements import clean, field, node, page_numbers, paragraph, run
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docx.document import Document as Docx
    from docx.oxml.xmlchemy import BaseOxmlElement

    from geo_service.report.document import Block, Report

__all__ = ["CONTENTS_DEPTH", "contents", "cover", "set_language", "set_properties", "write_margins"]

CONTENTS_DEPTH = 2
_TAGS = {Language.EN: "en-GB", Language.RU: "ru-RU", Language.KK: "kk-KZ"}
_SHORT_ID = 12
_LONGEST_PROPERTY = 255


def set_language(document: Docx, language: Language) -> None:
    """Say what language texts are in: for spelling, screen readers and the font's forms of letters."""
    tag = _TAGS[language]
    for one in (
        *document.styles.element.iter(qn("w:lang")),
        *document.settings.element.iter(qn("w:themeFontLang")),
    ):
        one.set(qn("w:val"), tag)


def set_properties(document: Docx, report: Report) -> None:
    """Say what the document is. It has no author, and its only date is that of the data."""
    about = document.core_properties
    about.title = clean(report.title)[:_LONGEST_PROPERTY]
    about.subject = clean(report.subtitle)[:_LONGEST_PROPERTY]
    about.keywords = clean("; ".join(report.banners))[:_LONGEST_PROPERTY]
    about.language = _TAGS[report.language]
    about.identifier = report.release
    if report.date is not None:
        about.created = about.modified = dt.datetime.combine(report.date, dt.time())


def cover(report: Report) -> Iterator[BaseOxmlElement]:
    """Title, round, warnings, and which release it was made from."""
    yield paragraph("Title", [run(report.title)])
    yield paragraph("Subtitle", [run(report.subtitle)])
    for banner in report.banners:
        yield paragraph("Warning", [run(banner)])
    yield paragraph("Imprint", [run(f"{report.words['release']}: {report.release}")])


def contents(report: Report, bookmarks: Mapping[str, str]) -> BaseOxmlElement:
    """A page of contents that Word makes anew when asked, filled in with the headings and without page numbers until then.

    Args:
        report: Whose sections it lists.
        bookmarks: The name of the bookmark of each anchor.
    """
    entries = [
        paragraph(
            f"TOC{depth}",
            [node("w:hyperlink", run(section.title), w_anchor=bookmarks[section.anchor], w_history=1)],
        )
        for section, depth in _headings(report.sections, 1)
    ]
    begin, asked, separate, end = field(f'TOC \\o "1-{CONTENTS_DEPTH}" \\h \\z \\u', [])
    if entries:
        for place, one in enumerate((begin, asked, separate), start=1):
            entries[0].insert(place, one)
    else:
        entries = [paragraph("Normal", [begin, asked, separate])]
    entries[-1].append(end)
    gallery = node(
        "w:docPartObj",
        node("w:docPartGallery", w_val="Table of Contents"),
        node("w:docPartUnique"),
    )
    heading = paragraph("TOCHeading", [run(report.words["contents"])], properties=[node("w:pageBreakBefore")])
    return node("w:sdt", node("w:sdtPr", gallery), node("w:sdtContent", heading, *entries))


def write_margins(document: Docx, report: Report) -> None:
    """Write headers and footers: what every page has to say, the release, and the page. The cover has no header."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    _filled(
        section.header.part.element,
        [paragraph("Header", [run(report.title), node("w:r", node("w:br")), run(report.subtitle)])],
    )
    _filled(section.first_page_header.part.element, [paragraph("Normal")])
    for footer in (section.footer, section.first_page_footer):
        lines = [paragraph("Banner", [run(" · ".join(report.banners))])] if report.banners else []
        release = run(f"{report.words['release']}: {report.release[:_SHORT_ID]}")
        page = page_numbers(report.words["page"])
        lines.append(paragraph("Footer", [release, node("w:r", node("w:tab")), *page]))
        _filled(footer.part.element, lines)


def _filled(part: BaseOxmlElement, lines: list[BaseOxmlElement]) -> None:
    for one in list(part):
        part.remove(one)
    part.extend(lines)


def _headings(blocks: tuple[Block, ...], depth: int) -> Iterator[tuple[Section, int]]:
    for block in blocks:
        if isinstance(block, Section) and depth <= CONTENTS_DEPTH:
            yield block, depth
            yield from _headings(block.blocks, depth + 1)
