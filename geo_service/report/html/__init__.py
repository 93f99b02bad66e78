"""A report as one HTML file: text, charts, interactive maps, typeface, styles and scripts. It asks no host for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError
from geo_service.report.html.policy import csp_of

if TYPE_CHECKING:
    from geo_service.report.document import Report

__all__ = ["csp_of", "html_bytes"]


def html_bytes(report: Report) -> bytes:
    """A report as one HTML file, in UTF-8: the same bytes for the same report.

    Args:
        report: The report; its texts stay texts, whatever is in them.

    Returns:
        A page that asks no host for anything and works from a folder: charts are SVG, maps are drawn by a script when they come into view and are
        still pictures until then. A number in print is a `<data value data-cell="table#row.column">`, its row counted from 0; one that is hidden or not
        known is a `<span data-cell data-state>`. Its content security policy allows its own script and styles only; `csp_of` reads it.

    Raises:
        MissingExtraError: Jinja, matplotlib, the typeface or Leaflet is not installed.
    """
    try:
        from geo_service.report.html.page import page_of  # noqa: PLC0415

        return page_of(report)
    except ModuleNotFoundError as error:
        raise MissingExtraError("a report as HTML", "report") from error
