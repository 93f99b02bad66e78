"""A report as the bytes of a file, in each format."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.errors import OutputError
from geo_service.export.staging import staged

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.report.document import Report

__all__ = ["ReportFormat", "format_of", "report_bytes", "write_report"]


class ReportFormat(StrEnum):
    """What a report can be written as."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    XLSX = "xlsx"


def report_bytes(report: Report, kind: ReportFormat) -> bytes:
    """A report as a file: the same bytes for the same report.

    Args:
        report: The report.
        kind: PDF, typeset and tagged; DOCX with real styles; HTML, one page that needs no internet; XLSX, all tables with HXL rows.

    Raises:
        MissingExtraError: What writes that format is not installed.
        OutputError: The format cannot hold the report.
    """
    # Each brings large libraries of its own.
    match kind:
        case ReportFormat.PDF:
            from geo_service.report.pdf import pdf_bytes  # noqa: PLC0415

            return pdf_bytes(report)
        case ReportFormat.DOCX:
            from geo_service.report.docx import docx_bytes  # noqa: PLC0415

            return docx_bytes(report)
        case ReportFormat.HTML:
            from geo_service.report.html import html_bytes  # noqa: PLC0415

            return html_bytes(report)
        case ReportFormat.XLSX:
            from geo_service.report.workbook import workbook_bytes  # noqa: PLC0415

            return workbook_bytes(report)


def format_of(path: Path) -> ReportFormat:
    """The format that the name of a file asks for.

    Raises:
        OutputError: There is no such format.
    """
    try:
        return ReportFormat(path.suffix.lower().removeprefix("."))
    except ValueError as error:
        known = ", ".join(f".{one}" for one in ReportFormat)
        raise OutputError(f"{path}: a report is written as {known}, not as '{path.suffix}'") from error


def write_report(report: Report, path: Path, *, overwrite: bool = False) -> None:
    """Write a report to a file, whole or not at all.

    Args:
        report: The report.
        path: Ends in .pdf, .docx, .html or .xlsx.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        OutputError: There is no such format, or the file is there already.
        MissingExtraError: What writes that format is not installed.
    """
    kind = format_of(path)
    with staged([path], overwrite=overwrite) as [beside]:
        beside.write_bytes(report_bytes(report, kind))
