"""Which communities do not have a service, or have it only far away."""

from __future__ import annotations

from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import Asked, AskedPageOfRound
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.basis import basis_of
from geo_service.api.questions.gap_filters import (
    measured_gaps,
    order_of,
    refuse_unknown_service,
    reported_gaps,
    unknown_gaps,
)
from geo_service.api.questions.gap_models import AccessGaps, GapOrder, GapRow, GapsAbout
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
from geo_service.api.questions.reading import all_of, equal_to, has, shaped
from geo_service.api.questions.replies import about_of, page_size, reply
from geo_service.api.security.roles import Role
from geo_service.query.filters import Filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure
from geo_service.vocabulary import SERVICES, AdminLevel, Basis, Language, Service
from geo_service.wording import Wording, in_language

__all__ = ["access_gaps", "router"]

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
    side_by_side = has(asked, "service_access")
    basis = basis_of(asked, basis, reported="service_access", measured="access")
    source = "service_access" if side_by_side else "access"
    within = places_of(asked.release).within(adm, None, AdminLevel.COUNTRY)
    of_service = all_of(
        equal_to("service", service), within.of_villages, None if side_by_side else equal_to("rank", 1)
    )
    refuse_unknown_service(asked, basis, service)
    of_all = _counted(asked, source, of_service)
    is_gap = (
        reported_gaps(beyond_km) if basis is Basis.REPORTED else measured_gaps(asked, beyond_km, side_by_side)
    )
    question = all_of(of_service, is_gap)
    sort = sort or (GapOrder.DISTANCE if basis is Basis.MEASURED else GapOrder.HOUSEHOLDS)
    size = page_size(asked, chosen_format(request, f, LAYERS), limit, asked.settings.default_limit)
    page = asked.release.page(
        source, Features(filter=question, sort=order_of(sort)), size, request.query_params.get("cursor")
    )
    found = _counted(asked, source, question)
    unknown = _counted(asked, source, all_of(of_service, unknown_gaps(basis, beyond_km, side_by_side)))
    is_beside = basis is Basis.REPORTED and has(asked, "access")
    about = about_of(
        asked,
        asked.release.collection(source),
        None if within.adm is None else within,
        title=_title(service, beyond_km, asked.language),
        basis=basis.value,
        by=None,
        rule=_rule(asked, basis, beyond_km),
        base=None,
        presence_km=asked.release.manifest.parameters.get("presence_km"),
        notes=[in_language(_NEAREST_IS_MEASURED(), asked.language)] if is_beside else [],
    )
    return reply(
        asked,
        request,
        f,
        LAYERS,
        name=f"gaps_{service}",
        about=GapsAbout(
            **about.model_dump(),
            service=service,
            beyond_km=beyond_km,
            communities=found["communities"],
            communities_uncounted=found["uncounted"],
            households=found["households"],
            communities_unknown=unknown["communities"],
            of_communities=of_all["communities"],
            of_households=of_all["households"],
        ),
        rows=_rows(asked, page.features, service, side_by_side),
        geometry="geometry",
        feature_id="village_id",
        following=page.next,
        matched=found["communities"],
        details="_".join(part for part in (basis, beyond_km and f"beyond_{beyond_km:g}_km", adm) if part),
    )


def _counted(asked: Asked, source: str, question: Filter | None) -> dict[str, Any]:
    measures = (
        Measure(name="communities"),
        Measure(Aggregate.COUNT, "households", "counted"),
        Measure(Aggregate.SUM, "households", "households"),
    )
    row = asked.release.aggregate(
        source, Aggregation(measures=measures, of=Features(filter=question))
    ).to_pylist()[0]
    nobody = 0 if row["communities"] == 0 else None
    households = nobody if row["households"] is None else int(row["households"])
    return {
        "communities": row["communities"],
        "uncounted": row["communities"] - row["counted"],
        "households": households,
    }


def _rows(asked: Asked, rows: pa.Table, service: Service, side_by_side: bool) -> pa.Table:
    places, language = places_of(asked.release), asked.language

    def names(column: str) -> pa.Array:
        if column not in rows.column_names:
            return pa.nulls(rows.num_rows, pa.string())
        return pa.array([places.name(code, language) for code in rows[column].to_pylist()], pa.string())

    called = {} if side_by_side else {"measured_present": "present", "measured_band": "band"}
    return shaped(
        asked,
        rows,
        GapRow,
        called,
        adm1_name=names("adm1_pcode"),
        adm2_name=names("adm2_pcode"),
        service_label=SERVICES[service].label(language),
        distance_km=pc.round(pc.divide(rows["distance_m"], 1000.0), 3),
    )


def _title(service: Service, beyond_km: float | None, language: Language) -> str:
    term = SERVICES[service]
    if beyond_km is None:
        return in_language(_WITHOUT(service=term), language)
    return in_language(_FARTHER(service=term, km=f"{beyond_km:g}"), language)


def _rule(asked: Asked, basis: Basis, beyond_km: float | None) -> str:
    if basis is Basis.REPORTED:
        worded = _NOT_THERE() if beyond_km is None else _SAID_FARTHER(km=f"{beyond_km:g}")
    elif beyond_km is None:
        worded = _NOT_WITHIN(km=f"{asked.release.manifest.parameters.get('presence_km') or 0:g}")
    else:
        worded = _MEASURED_FARTHER(km=f"{beyond_km:g}")
    return in_language(worded, asked.language)
