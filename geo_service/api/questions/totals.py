"""How many communities and households do not have a service, or have it only far away, by admin unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import Asked, AskedOfRound
from geo_service.api.questions.basis import basis_of
from geo_service.api.questions.gap_models import AccessTotals, TotalsAbout, TotalsRow
from geo_service.api.questions.gap_question import counted_by, gap_question
from geo_service.api.questions.gaps import gap_rule
from geo_service.api.questions.guarded_totals import TOTALS_TABLES, guarded_totals
from geo_service.api.questions.parameters import (
    TABLES,
    AdmParameter,
    BasisParameter,
    ByParameter,
    OneService,
    TableFormat,
    described,
)
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.security.roles import Role
from geo_service.vocabulary import SERVICES, AdminLevel, Basis, Service
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from geo_service.api.questions.places import Within

__all__ = ["Totals", "access_totals", "router", "totals_of"]

router = APIRouter(tags=["access"])

_TITLE = Wording(
    en="Communities and households without: {service}",
    ru="Сообщества и домохозяйства, где нет услуги: {service}",
    kk="Қызметі жоқ қауымдастықтар мен үй шаруашылықтары: {service}",
)
_FARTHER = Wording(
    en="Communities and households farther than {km} km from: {service}",
    ru="Сообщества и домохозяйства дальше {km} км от услуги: {service}",
    kk="Қызметтен {km} км-ден алыс қауымдастықтар мен үй шаруашылықтары: {service}",
)
_BASE = Wording(
    en="share: of the households of all communities of the unit",
    ru="share: от домохозяйств всех сообществ территории",
    kk="share: аумақтағы барлық қауымдастықтардың үй шаруашылықтарынан",
)
_UNIT_COLUMNS = {AdminLevel.REGION: "adm1_pcode", AdminLevel.DISTRICT: "adm2_pcode"}

Totals = tuple[TotalsAbout, list[dict[str, Any]]]
"""What the numbers mean, and the rows: fields of `TotalsRow`."""


@router.get(
    "/access/totals",
    response_model=AccessTotals,
    **described(
        "access_totals",
        "Communities and households without a service, by unit",
        "How many communities and households of each unit do not have a service, or with `beyond_km` have it only farther away: the totals of /access/gaps. "
        "Open to all: the public is shown guarded numbers, and with `beyond_km` only edges of the distance bands.",
        TABLES,
        "access/totals?service=hospital",
        "access/totals?service=hospital&by=region&basis=measured&beyond_km=25",
        "access/totals?service=school&by=district&adm=KAZ901&f=csv",
    ),
)
def access_totals(
    request: Request,
    asked: AskedOfRound,
    service: OneService,
    basis: BasisParameter = None,
    beyond_km: Annotated[
        Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] | SkipJsonSchema[None],
        Query(
            description="Kilometres: communities whose nearest is farther; null for those without the service."
        ),
    ] = None,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """Communities and households without a service, by unit."""
    about, rows = totals_of(asked, service, basis, beyond_km, by, adm)
    columns = {
        name: [row.get(name) for row in rows] for name in TotalsRow.model_fields if name != "synthetic"
    }
    parts = (about.basis, beyond_km and f"beyond_{beyond_km:g}_km", about.by, adm)
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=f"totals_{service}",
        about=about,
        rows=shaped(asked, pa.table(columns), TotalsRow),
        details="_".join(part for part in parts if part),
    )


def totals_of(
    asked: Asked,
    service: Service,
    basis: Basis | None,
    beyond_km: float | None,
    by: AdminLevel | None,
    adm: str | None,
) -> Totals:
    """The totals as a role may see them: of the communities themselves, or of the guarded tables.

    Args:
        asked: The request.
        service: The service.
        basis: Reported or measured; null for reported where there is that.
        beyond_km: Kilometres; null for communities without the service.
        by: The level of the rows; null for the whole, or with `adm` the level of its units.
        adm: Inside which units, P-codes with commas; null for all.

    Returns:
        What the numbers mean, and the rows by name of their unit, those in no unit last.

    Raises:
        ProblemError: There is nothing of that to be seen.
    """
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    if asked.role.includes(Role.ANALYST):
        question = gap_question(asked, service, basis, beyond_km, adm)
        basis, source = question.basis, question.source
        column = _UNIT_COLUMNS.get(within.by)
        of_all = counted_by(question, question.of_service, column)
        found = counted_by(question, question.gaps, column)
        unknown = counted_by(question, question.unknown, column)
        rows = [
            {
                "pcode": code,
                "villages": every.communities,
                "villages_without": found[code].communities if code in found else 0,
                "villages_unknown": unknown[code].communities if code in unknown else 0,
                "households": every.households,
                "households_without": found[code].households if code in found else 0,
                "suppressed": False,
            }
            for code, every in of_all.items()
        ]
    else:
        reported, measured = (TOTALS_TABLES[one] for one in (Basis.REPORTED, Basis.MEASURED))
        basis = basis_of(asked, basis, reported=reported, measured=measured)
        source, rows = guarded_totals(asked, service, basis, beyond_km, within)
    title = (
        _TITLE(service=SERVICES[service])
        if beyond_km is None
        else _FARTHER(service=SERVICES[service], km=f"{beyond_km:g}")
    )
    about = about_of(
        asked,
        asked.release.collection(source),
        within,
        title=in_language(title, asked.language),
        basis=basis.value,
        rule=gap_rule(asked, basis, beyond_km),
        base=in_language(_BASE(), asked.language),
    )
    about_totals = TotalsAbout(**about.model_dump(), service=service, beyond_km=beyond_km)
    return about_totals, _in_order(asked, rows, service, within)


def _in_order(
    asked: Asked, rows: list[dict[str, Any]], service: Service, within: Within
) -> list[dict[str, Any]]:
    """With names, shares and the service, by name."""
    places, language = places_of(asked.release), asked.language
    label = SERVICES[service].label(language)
    for row in rows:
        households, without = row["households"], row["households_without"]
        is_known = households and without is not None
        row |= {
            "name": places.name(row["pcode"], language),
            "service": service.value,
            "service_label": label,
            "share": without / households if is_known else None,
        }
    if within.by is AdminLevel.COUNTRY:
        return rows
    return sorted(rows, key=lambda row: (row["pcode"] is None, row["name"] or row["pcode"] or ""))
