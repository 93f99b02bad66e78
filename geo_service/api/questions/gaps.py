"""Which communities do not have a service, or have it only far away."""

from __future__ import annotations

from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import Asked, AskedPageOfRound
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.gap_filters import order_of
from geo_service.api.questions.gap_models import AccessGaps, GapOrder, GapRow, GapsAbout
from geo_service.api.questions.gap_question import GapQuestion, gap_question
from geo_service.api.questions.parameters import (
    LAYERS,
    AdmParameter,
    BasisParameter,
    LayerFormat,
    LimitParameter,
    OneService,
    described,
)
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import has, shaped
from geo_service.api.questions.replies import about_of, page_size, reply
from geo_service.api.security.roles import Role
from geo_service.query.questions import Features
from geo_service.vocabulary import SERVICES, Basis, Language, Service
from geo_service.wording import Wording, in_language

__all__ = ["access_gaps", "gap_rows", "gap_rule", "gaps_about", "router"]

router = APIRouter(tags=["access"])

_WITHOUT = Wording(
    en="Communities without: {service}",
    ru="Сообщества, где нет услуги: {service}",
    kk="Қызметі жоқ қауымдастықтар: {service}",
)
_FARTHER = Wording(
    en="Communities farther than {km} km from: {service}",
    ru="Сообщества дальше {km} км от услуги: {service}",
    kk="Қызметтен {km} км-ден алыс қауымдастықтар: {service}",
)
_NOT_THERE = Wording(
    en="communities where key informants said that the service is not there",
    ru="сообщества, где, по словам ключевых информаторов, услуги нет",
    kk="негізгі ақпарат берушілердің айтуынша қызмет жоқ қауымдастықтар",
)
_NOT_WITHIN = Wording(
    en="communities without a facility of the service within {km} km",
    ru="сообщества, где в пределах {km} км нет объекта услуги",
    kk="{km} км ішінде қызмет нысаны жоқ қауымдастықтар",
)
_SAID_FARTHER = Wording(
    en="communities without the service, where key informants said that the nearest one is farther than {km} km",
    ru="сообщества без услуги, где, по словам ключевых информаторов, ближайшая — дальше {km} км",
    kk="негізгі ақпарат берушілердің айтуынша ең жақын қызмет {km} км-ден алыс қауымдастықтар",
)
_MEASURED_FARTHER = Wording(
    en="communities whose nearest facility is farther than {km} km, or that have none to reach",
    ru="сообщества, от которых до ближайшего объекта больше {km} км или объекта нет",
    kk="ең жақын нысанға дейін {km} км-ден асатын немесе нысаны жоқ қауымдастықтар",
)
_NEAREST_IS_MEASURED = Wording(
    en="distance_m, facility_id and facility_name are those of the nearest facility as measured in a straight line, also where the basis is reported",
    ru="distance_m, facility_id и facility_name — ближайший объект, измеренный по прямой, также и при сообщённом основании",
    kk="distance_m, facility_id және facility_name — түзу сызықпен өлшенген ең жақын нысан, негізі хабарланған болса да",
)


@router.get(
    "/access/gaps",
    response_model=AccessGaps,
    **described(
        "access_gaps",
        "Communities without a service",
        "The communities that do not have a service, or with `beyond_km` those whose nearest is farther: with their households, and the nearest facility "
        "and its distance where that was measured. `about` says how many communities and households there are in all, of how many. "
        "By village, so it needs the role analyst.",
        LAYERS,
        "access/gaps?service=hospital",
        "access/gaps?service=hospital&basis=measured&beyond_km=25",
        "access/gaps?service=hospital&basis=reported&beyond_km=25&f=geojson",
    ),
)
def access_gaps(
    request: Request,
    asked: AskedPageOfRound,
    service: OneService,
    basis: BasisParameter = None,
    beyond_km: Annotated[
        Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] | SkipJsonSchema[None],
        Query(
            description="Kilometres: only communities whose nearest is farther. With basis=reported an edge of the report's distance bands."
        ),
    ] = None,
    adm: AdmParameter = None,
    q: Annotated[
        Annotated[str, Field(min_length=1, max_length=100)] | SkipJsonSchema[None],
        Query(
            description="Only communities whose name has this in it, in Latin or Cyrillic letters.",
            examples=["nar"],
        ),
    ] = None,
    sort: Annotated[
        GapOrder | SkipJsonSchema[None],
        Query(description="What comes first; else the farthest where measured, else most households."),
    ] = None,
    limit: LimitParameter = None,
    f: LayerFormat = None,
) -> Response:
    """The communities that do not have a service, by village."""
    if not asked.role.includes(Role.ANALYST):
        raise ProblemError(
            Problem.FORBIDDEN,
            "which communities have gaps is shown by village, for which a token of the role analyst is needed; "
            "/access/bands is open to all",
            role=Role.ANALYST.value,
        )
    question = gap_question(asked, service, basis, beyond_km, adm)
    about = gaps_about(question)
    sort = sort or (GapOrder.DISTANCE if question.basis is Basis.MEASURED else GapOrder.HOUSEHOLDS)
    size = page_size(asked, chosen_format(request, f, LAYERS), limit, asked.settings.default_limit)
    named = question.named(q)
    page = asked.release.page(
        question.source, Features(filter=named, sort=order_of(sort)), size, request.query_params.get("cursor")
    )
    if q is not None:
        found = question.counted(named)
        about = about.model_copy(
            update={
                "q": q,
                "communities": found.communities,
                "communities_uncounted": found.uncounted,
                "households": found.households,
            }
        )
    parts = (question.basis, beyond_km and f"beyond_{beyond_km:g}_km", adm, q)
    return reply(
        asked,
        request,
        f,
        LAYERS,
        name=f"gaps_{service}",
        about=about,
        rows=gap_rows(question, page.features),
        geometry="geometry",
        feature_id="village_id",
        following=page.next,
        matched=about.communities,
        details="_".join(part for part in parts if part),
    )


def gaps_about(question: GapQuestion) -> GapsAbout:
    """What the numbers of a question mean, and how many communities and households it finds of how many."""
    asked, basis = question.asked, question.basis
    found, of_all = question.counted(question.gaps), question.counted(question.of_service)
    is_beside = basis is Basis.REPORTED and has(asked, "access")
    about = about_of(
        asked,
        asked.release.collection(question.source),
        None if question.within.adm is None else question.within,
        title=_title(question.service, question.beyond_km, asked.language),
        basis=basis.value,
        by=None,
        rule=gap_rule(asked, basis, question.beyond_km),
        base=None,
        presence_km=asked.release.manifest.parameters.get("presence_km"),
        notes=[in_language(_NEAREST_IS_MEASURED(), asked.language)] if is_beside else [],
    )
    return GapsAbout(
        **about.model_dump(),
        service=question.service,
        beyond_km=question.beyond_km,
        q=None,
        communities=found.communities,
        communities_uncounted=found.uncounted,
        households=found.households,
        communities_unknown=question.counted(question.unknown).communities,
        of_communities=of_all.communities,
        of_households=of_all.households,
    )


def gap_rows(question: GapQuestion, rows: pa.Table) -> pa.Table:
    """Rows of the question's collection in the columns of `GapRow`, the geometry last where they have it."""
    asked = question.asked
    places, language = places_of(asked.release), asked.language

    def names(column: str) -> pa.Array:
        if column not in rows.column_names:
            return pa.nulls(rows.num_rows, pa.string())
        return pa.array([places.name(code, language) for code in rows[column].to_pylist()], pa.string())

    called = {} if question.side_by_side else {"measured_present": "present", "measured_band": "band"}
    return shaped(
        asked,
        rows,
        GapRow,
        called,
        adm1_name=names("adm1_pcode"),
        adm2_name=names("adm2_pcode"),
        service_label=SERVICES[question.service].label(language),
        distance_km=pc.round(pc.divide(rows["distance_m"], 1000.0), 3),
    )


def _title(service: Service, beyond_km: float | None, language: Language) -> str:
    term = SERVICES[service]
    if beyond_km is None:
        return in_language(_WITHOUT(service=term), language)
    return in_language(_FARTHER(service=term, km=f"{beyond_km:g}"), language)


def gap_rule(asked: Asked, basis: Basis, beyond_km: float | None) -> str:
    """Which communities are a gap, in the language asked for."""
    if basis is Basis.REPORTED:
        worded = _NOT_THERE() if beyond_km is None else _SAID_FARTHER(km=f"{beyond_km:g}")
    elif beyond_km is None:
        worded = _NOT_WITHIN(km=f"{asked.release.manifest.parameters.get('presence_km') or 0:g}")
    else:
        worded = _MEASURED_FARTHER(km=f"{beyond_km:g}")
    return in_language(worded, asked.language)
