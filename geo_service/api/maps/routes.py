"""Maps over HTTP: a page, what its viewer reads, and images for print, each at an address that says all of the question."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from geo_service.api.context import Asked, AskedOfRelease, AskedOfRound
from geo_service.api.formats.static import static_url
from geo_service.api.maps.parameters import SENT, MapFormat, MapSize, parameters_of, question_of
from geo_service.api.maps.pictures import DPI, picture_of, printed_map, shapes_bytes, shapes_urls
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.parameters import UnitLevel
from geo_service.api.security.roles import Role
from geo_service.errors import InputError, NotFoundError
from geo_service.maps.base_map import BaseMap
from geo_service.maps.question import MapKind, MapQuestion
from geo_service.settings import ApiSettings
from geo_service.vocabulary import AdminLevel

__all__ = ["base_map_of", "map_of_no_kind", "map_shapes", "oembed_url", "router"]

router = APIRouter(tags=["maps"])

_TYPES = {
    MapFormat.HTML: "text/html; charset=utf-8",
    MapFormat.JSON: "application/json",
    MapFormat.PNG: "image/png",
    MapFormat.SVG: "image/svg+xml",
    MapFormat.PDF: "application/pdf",
}
_ABOUT = {
    MapKind.CONCENTRATION: (
        "Map: where a group is concentrated",
        "Units coloured by a measure of a population group, with circles of its people; the numbers of /mobility/concentration.",
        "maps/concentration.html?group=labour_migrants&by=region",
    ),
    MapKind.ACCESS: (
        "Map: access to a service",
        "Units coloured by the share of households beyond a distance, and for analysts communities by distance band and facilities.",
        "maps/access.html?service=hospital&by=region&lang=ru",
    ),
    MapKind.GAPS: (
        "Map: communities without a service",
        "Units coloured by their communities without the service, or farther than `beyond_km` from it, and for analysts those communities: the numbers of /access/gaps.",
        "maps/gaps.html?service=hospital&beyond_km=25",
    ),
    MapKind.COVERAGE: (
        "Map: what was assessed",
        "Units coloured by the communities that were assessed, and for analysts the communities: the numbers of /coverage/assessment.",
        "maps/coverage.html",
    ),
    MapKind.CHANGE: (
        "Map: change since an earlier round",
        "Units coloured by how a population group changed in the communities of both rounds: the numbers of /mobility/changes.",
        None,
    ),
    MapKind.AGREEMENT: (
        "Map: reported against measured access",
        "Units coloured by the share of communities where reported and measured access agree: the numbers of /access/agreement.",
        "maps/agreement.html?service=school",
    ),
}
_PICTURE_SCHEMA = {
    "type": "object",
    "description": "The map as its viewer reads it; polygons of units are in /maps/shapes.",
    "required": ["name", "language", "title", "summary", "bounds", "facts", "notes", "sources", "layers"],
}
_BYTES = {"type": "string", "format": "binary"}
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors {ancestors}"
_IMAGE_POLICY = "default-src 'none'; frame-ancestors {ancestors}"
_FOR_EVER = "public, max-age=31536000, immutable"


def oembed_url(base: str, map_url: str) -> str:
    """Where the oEmbed answer about a map's page is."""
    return f"{base}/oembed?{urlencode({'url': map_url, 'format': 'json'})}"


def base_map_of(settings: ApiSettings) -> BaseMap | None:
    """The base map that is configured; null for none."""
    return BaseMap(settings.tile_url, settings.tile_attribution) if settings.tile_url else None


def _answer(
    asked: Asked, kind: MapKind, form: MapFormat, size: MapSize | None, dpi: int | None, given: dict[str, Any]
) -> Response:
    question = question_of(kind, **given)
    details = "" if question.adm is None else "_part"
    try:
        picture = picture_of(asked.release, asked.role, question, asked.language)
    except NotFoundError:
        raise
    except InputError as error:
        # What is left is about the units that are asked for, or about classes.
        wrong = "adm" if question.adm else "edges" if question.edges else "k"
        raise ProblemError(Problem.INVALID_PARAMETER, str(error), parameter=wrong) from error
    name = f"{picture.name}{details}_{asked.language}_{asked.release.manifest.id[:12]}.{form}"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    if form is MapFormat.HTML:
        return _page(asked, question, headers)
    ancestors = " ".join(asked.settings.frame_ancestors) or "'none'"
    if form is MapFormat.JSON:
        from geo_service.maps.encoding import json_text, picture_json  # noqa: PLC0415

        content = json_text(picture_json(picture)).encode()
        return Response(content, media_type=_TYPES[form], headers=headers)
    content = printed_map(
        asked.release, asked.role, question, asked.language, form, size or MapSize.PAGE, dpi or DPI
    )
    policy = _SVG_POLICY if form is MapFormat.SVG else _IMAGE_POLICY
    headers["Content-Security-Policy"] = policy.format(ancestors=ancestors)
    if asked.role is Role.PUBLIC:
        # Other sites may show what everybody may see.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return Response(content, media_type=_TYPES[form], headers=headers)


def _page(asked: Asked, question: MapQuestion, headers: dict[str, str]) -> Response:
    from geo_service.maps.page import page_html  # noqa: PLC0415

    discovery = oembed_url(asked.base, asked.url)
    page = page_html(
        picture_of(asked.release, asked.role, question, asked.language),
        shapes=shapes_urls(asked.base, asked.release.manifest.id),
        static=lambda name: static_url(asked.base, name),
        oembed_url=discovery,
        tiles=base_map_of(asked.settings),
    )
    return Response(page, media_type=_TYPES[MapFormat.HTML], headers=headers)


def _route(kind: MapKind) -> Callable[..., Response]:
    """The function of a map's route, with the parameters of its kind."""

    def draw(**given: Any) -> Response:
        given.pop("request")
        asked, form = given.pop("asked"), given.pop("format")
        size, dpi = given.pop("size"), given.pop("dpi")
        return _answer(asked, kind, form, size, dpi, given)

    required = {
        "request": Request,
        "asked": AskedOfRound,
        "format": Annotated[MapFormat, Path(description="What the map comes as.")],
    }
    optional = parameters_of(kind) | {name: (annotation, None) for name, annotation in SENT.items()}
    keyword = inspect.Parameter.KEYWORD_ONLY
    draw.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            *(inspect.Parameter(name, keyword, annotation=one) for name, one in required.items()),
            *(
                inspect.Parameter(
                    name,
                    keyword,
                    annotation=annotation,
                    default=inspect.Parameter.empty if default is ... else default,
                )
                for name, (annotation, default) in optional.items()
            ),
        ]
    )
    draw.__name__ = f"{kind}_map"
    draw.__doc__ = _ABOUT[kind][1]
    return draw


def _described(kind: MapKind) -> dict[str, Any]:
    summary, what, example = _ABOUT[kind]
    runs = f"\n\nExamples:\n\n- [`/{example}`]({example})" if example else ""
    contents = {
        "text/html": {"schema": {"type": "string"}},
        "application/json": {"schema": _PICTURE_SCHEMA},
        "image/png": {"schema": _BYTES},
        "image/svg+xml": {"schema": {"type": "string"}},
        "application/pdf": {"schema": _BYTES},
    }
    return {
        "operation_id": f"{kind}_map",
        "name": f"{kind}_map",
        "summary": summary,
        "description": what + runs,
        "responses": {200: {"description": "The map.", "content": contents}},
        "response_class": Response,
    }


for _kind in MapKind:
    router.add_api_route(
        f"/maps/{_kind}.{{format}}", _route(_kind), methods=["GET"], response_model=None, **_described(_kind)
    )


@router.get(
    "/maps/shapes/{level}.json",
    operation_id="map_shapes",
    name="map_shapes",
    summary="Polygons of units, for maps",
    response_class=Response,
    responses={
        200: {
            "description": "The polygons, simplified; they never change at an address that names its release.",
            "content": {
                "application/json": {"schema": {"type": "object", "required": ["level", "ids", "shapes"]}}
            },
        }
    },
)
def map_shapes(
    request: Request, asked: AskedOfRelease, level: Annotated[UnitLevel, Path(description="Which units.")]
) -> Response:
    """The polygons of the units of a level, in the order and with the ids that maps have: whole numbers of 1/1,000 of a degree, each position as the difference to the one before."""
    content = shapes_bytes(asked.release, AdminLevel(level.value))
    headers = {"Cache-Control": _FOR_EVER} if "release" in request.query_params else {}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/maps/{kind}.{format}", include_in_schema=False)
def map_of_no_kind(kind: str, format: str) -> Response:  # noqa: A002 - the parameter's name
    """Say which maps there are."""
    there = [one.value for one in MapKind]
    raise ProblemError(
        Problem.NOT_FOUND,
        f"there is no map '{kind[:40]}' as '{format[:10]}'; there are {', '.join(there)}, each as {', '.join(MapFormat)}",
        parameter="kind",
        allowed=there,
    )
