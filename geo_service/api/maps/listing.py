"""The maps that a release can be drawn as, for who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import AskedOfRound
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import TABLES, TableFormat, described
from geo_service.api.questions.reading import shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.maps.question import MapKind
from geo_service.maps.released_offers import maps_of
from geo_service.vocabulary import POPULATION_GROUPS, SERVICES, PopulationGroup, Service
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from geo_service.maps.released_offers import MapOffer
    from geo_service.vocabulary.term import Term

__all__ = ["MAP_TITLES", "MapList", "MapRow", "list_of_maps", "router"]

router = APIRouter(tags=["maps"])

_TITLE = Wording(en="Maps of the release", ru="Карты выпуска", kk="Шығарылым карталары")
MAP_TITLES = {
    MapKind.CONCENTRATION: Wording(
        en="Where people are: {what}", ru="Где находятся люди: {what}", kk="Адамдар қайда: {what}"
    ),
    MapKind.ACCESS: Wording(
        en="Access to the service: {what}", ru="Доступ к услуге: {what}", kk="Қызметке қолжетімділік: {what}"
    ),
    MapKind.GAPS: Wording(
        en="Communities without: {what}",
        ru="Сообщества, где нет услуги: {what}",
        kk="Қызметі жоқ қауымдастықтар: {what}",
    ),
    MapKind.COVERAGE: Wording(en="What was assessed", ru="Что было обследовано", kk="Не зерттелді"),
    MapKind.CHANGE: Wording(
        en="Change since an earlier round: {what}",
        ru="Изменение с прошлого раунда: {what}",
        kk="Алдыңғы раундтан бергі өзгеріс: {what}",
    ),
    MapKind.AGREEMENT: Wording(
        en="Reported against measured access: {what}",
        ru="Сообщённый и измеренный доступ: {what}",
        kk="Хабарланған және өлшенген қолжетімділік: {what}",
    ),
}


class MapRow(Row):
    """One map that can be asked for."""

    map: Annotated[str, Field(description="Its kind: /maps/{kind}.html, .json, .png, .svg, .pdf.")]
    title: str
    group: Annotated[
        PopulationGroup | None, Field(description="The population group; null for a map of none.")
    ]
    service: Annotated[Service | None, Field(description="The service; null for a map of none.")]
    levels: Annotated[str, Field(description="What `by` can be, with commas.")]
    bases: Annotated[
        str | None, Field(description="What `basis` can be, with commas; null where there is no choice.")
    ]
    href: Annotated[str, Field(description="Its page.")]


class MapList(Envelope):
    """The maps that there are."""

    about: About
    rows: list[MapRow]


@router.get(
    "/maps",
    response_model=MapList,
    **described(
        "maps",
        "The maps that there are",
        "Every map that the release can be drawn as, for who asks. Each is there as a page to look at or embed, as JSON, and as PNG, SVG and PDF.",
        TABLES,
        "maps",
        "maps?lang=ru&f=html",
    ),
)
def list_of_maps(request: Request, asked: AskedOfRound, f: TableFormat = None) -> Response:
    """The maps of the release."""
    kept = {name: request.query_params[name] for name in ("lang", "round") if name in request.query_params}
    rows: list[dict[str, str | None]] = []
    for offer in maps_of(asked.release.manifest):
        for given, what in _subjects(offer):
            query = urlencode(given | kept)
            rows.append(
                {
                    "map": offer.kind.value,
                    "title": in_language(MAP_TITLES[offer.kind](what=what), asked.language),
                    "group": given.get("group"),
                    "service": given.get("service"),
                    "levels": ", ".join(offer.levels),
                    "bases": ", ".join(offer.bases) or None,
                    "href": f"{asked.base}/maps/{offer.kind}.html" + (f"?{query}" if query else ""),
                }
            )
    names = ("map", "title", "group", "service", "levels", "bases", "href")
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="maps",
        about=about_of(asked, None, title=in_language(_TITLE(), asked.language)),
        rows=shaped(asked, table, MapRow),
    )


def _subjects(offer: MapOffer) -> list[tuple[dict[str, str], Term | str]]:
    """What each map of a kind is of: the parameter that says so, and what people call it."""
    groups = [({"group": one.value}, POPULATION_GROUPS[one]) for one in offer.groups]
    services = [({"service": one.value}, SERVICES[one]) for one in offer.services]
    return [*groups, *services] or [({}, "")]
