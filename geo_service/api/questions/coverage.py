"""How much was assessed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import AskedOfRound
from geo_service.api.questions.models import About, Envelope, UnitRow
from geo_service.api.questions.parameters import (
    TABLES,
    AdmParameter,
    ByParameter,
    TableFormat,
    described,
)
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import in_language, read_rows, shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.questions.splits import table_of
from geo_service.vocabulary import AdminLevel

__all__ = ["CoverageAssessment", "CoverageRow", "coverage_assessment", "router"]

router = APIRouter(tags=["coverage"])


class CoverageRow(UnitRow):
    """What was assessed in one unit, or in all."""

    villages: Annotated[int | None, Field(description="Communities that were assessed.")]
    villages_located: Annotated[int | None, Field(description="Of them those with a location.")]
    villages_synthetic: Annotated[int | None, Field(description="Of them those that are made up.")]
    villages_uncounted: Annotated[
        int | None, Field(description="Of them those whose households nobody counted.")
    ]
    households: Annotated[int | None, Field(description="Null where none is known, or suppressed.")]
    population: Annotated[int | None, Field(description="Null where none is known, or suppressed.")]


class CoverageAssessment(Envelope):
    """How much was assessed."""

    about: About
    rows: list[CoverageRow]


@router.get(
    "/coverage/assessment",
    response_model=CoverageAssessment,
    **described(
        "coverage_assessment",
        "How much was assessed",
        "The communities that a round assessed, with their households and residents.",
        TABLES,
        "coverage/assessment",
        "coverage/assessment?by=region&f=csv",
    ),
)
def coverage_assessment(
    request: Request,
    asked: AskedOfRound,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """What was assessed."""
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, "coverage", within, "assessment of a survey round")
    rows = in_language(read_rows(asked, name, within.of_units), asked.language)
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="coverage_assessment",
        about=about_of(asked, asked.release.collection(name), within),
        rows=shaped(asked, rows, CoverageRow),
        details="_".join(part for part in (within.by, adm) if part),
    )
