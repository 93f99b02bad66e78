"""A report as a DOCX that a writer edits: real styles, lists, captions that count themselves, tables, and pictures.

The font is Calibri: it comes with Word, it has the Kazakh letters, and Carlito, which is as wide and has them too, stands in for it in LibreOffice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError

if TYPE_CHECKING:
    from geo_service.report.document import Report

__all__ = ["docx_bytes"]


def docx_bytes(report: Report) -> bytes:
    """The report as a DOCX: the same bytes for the same report.

    Args:
        report: The report; its texts stay texts, whatever is in them. Control characters are left out.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    try:
        from geo_service.report.docx.body import Body, bookmark_names  # noqa: PLC0415
        from geo_service.report.docx.package import archived, new_document  # noqa: PLC0415
        from geo_service.report.docx.pages import (  # noqa: PLC0415
            contents,
            cover,
            set_language,
            set_properties,
            write_margins,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("a report as DOCX", "report") from error
    document = new_document()
    set_language(document, report.language)
    set_properties(document, report)
    write_margins(document, report)
    names = bookmark_names(report)
    body = document.element.body
    for one in (*cover(report), contents(report, names), *Body(document, report, names).elements()):
        body.insert_element_before(one, "w:sectPr")
    return archived(document)
