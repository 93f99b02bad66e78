"""Which reports there are."""

from __future__ import annotations

from typing import Annotated

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import AskedCurrent
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import TABLES, TableFormat, described
from geo_service.api.questions.reading import shaped
from geo_service.api.questions.releases import rounds_there
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.reports.routes import REPORT_TYPES
from geo_service.report.written import ReportFormat
from geo_service.vocabulary import Language
from geo_service.wording import Wording, in_language

__all__ = ["ReportList", "ReportRow", "list_of_reports", "router"]

router = APIRouter(tags=["reports"])

_TITLE = Wording(en="Reports", ru="Отчёты", kk="Есептер")


class ReportRow(Row):
    """The report of a round in one language and form."""

    round: int
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3.")]
    lang: Annotated[Language, Field(description="The language of the report.")]
    format: Annotated[ReportFormat, Field(description="What it comes as.")]
    type: Annotated[str, Field(description="Its media type.")]
    release: Annotated[str, Field(description="The release that it is made from.")]
    href: str


class ReportList(Envelope):
    """The reports that there are."""

    about: About
    rows: list[ReportRow]


@router.get(
    "/reports",
    response_model=ReportList,
    **described(
        "reports",
        "The reports that there are",
        "The report of each round that has a release, in every language and form, for who asks.",
        TABLES,
        "reports",
        "reports?f=html",
    ),
)
def list_of_reports(request: Request, asked: AskedCurrent, f: TableFormat = None) -> Response:
    """The reports of all rounds, the last round first."""
    rows = [
        {
            "round": of["round"],
            "country": of["country"],
            "lang": language.value,
            "format": form.value,
            "type": REPORT_TYPES[form].partition(";")[0],
            "release": of["release"],
            "href": f"{asked.base}/reports/{of['round']}.{form}?lang={language}",
        }
        for of in rounds_there(asked, asked.release.manifest.id)
        for language in Language
        for form in ReportFormat
    ]
    table = pa.table(
        {
            name: pa.array([row[name] for row in rows], pa.int64() if name == "round" else pa.string())
            for name in ReportRow.model_fields
        }
    )
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="reports",
        about=about_of(asked, None, title=in_language(_TITLE(), asked.language), notes=[]),
        rows=shaped(asked, table, ReportRow),
    )
