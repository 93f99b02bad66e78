"""The report of a round as a file."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from geo_service.api.context import LanguageParameter, asked_of
from geo_service.api.formats.names import disposition
from geo_service.api.reports.files import report_file
from geo_service.report.written import ReportFormat

__all__ = ["REPORT_TYPES", "report_of_round", "router"]

router = APIRouter(tags=["reports"])


_OFFICE = "application/vnd.openxmlformats-officedocument"
REPORT_TYPES = {
    ReportFormat.PDF: "application/pdf",
    ReportFormat.DOCX: f"{_OFFICE}.wordprocessingml.document",
    ReportFormat.HTML: "text/html; charset=utf-8",
    ReportFormat.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
}
"""The media type of each form."""

_BYTES = {"type": "string", "format": "binary"}
_TO_LOOK_AT = {ReportFormat.PDF, ReportFormat.HTML}
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {ancestors}"


@router.get(
    "/reports/{round}.{format}",
    operation_id="report_of_round",
    name="report_of_round",
    summary="The report of a round",
    description=(
        "Key figures, coverage, key informants, population groups, access to services and comparison with an earlier round: text by rules, charts, maps and tables, "
        "all of the same cells as /tables. PDF for reading and print, DOCX to be edited, HTML with maps to explore, XLSX with all tables and HXL rows. "
        "The public's has no villages and small numbers are hidden. The first of a release takes some ten seconds.\n\nExamples:\n\n- [`/reports/3.pdf?lang=ru`](reports/3.pdf?lang=ru)"
    ),
    response_class=Response,
    responses={
        200: {
            "description": "The report.",
            "content": {
                REPORT_TYPES[form].split(";")[0]: {
                    "schema": {"type": "string"} if form is ReportFormat.HTML else _BYTES
                }
                for form in ReportFormat
            },
        }
    },
)
async def report_of_round(
    request: Request,
    round: Annotated[int, Path(ge=0, le=100_000, description="The round.")],  # noqa: A002 - the parameter's name
    format: Annotated[ReportFormat, Path(description="What the report comes as.")],  # noqa: A002 - the parameter's name
    language: LanguageParameter,
) -> Response:
    """The report of the release of a round, the current one where it is of it."""
    async with asked_of(request, language, round) as asked:
        content = await to_thread.run_sync(report_file, asked, format)
        release = asked.release.manifest.id
        ancestors = " ".join(asked.settings.frame_ancestors) or "'none'"
    name = f"report_round_{round}_{language}_{release[:12]}.{format}"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"' if format in _TO_LOOK_AT else disposition(name)
    }
    if format is ReportFormat.HTML:
        from geo_service.report.html import csp_of  # noqa: PLC0415

        headers["Content-Security-Policy"] = f"{csp_of(content)}; frame-ancestors {ancestors}"
    elif format is ReportFormat.PDF:
        headers["Content-Security-Policy"] = _PDF_POLICY.format(ancestors=ancestors)
    return Response(content, media_type=REPORT_TYPES[format], headers=headers)
