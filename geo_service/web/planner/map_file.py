"""A map of the page as one HTML file that needs nothing else: no internet, and not this service."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from geo_service.api.context import asked_of, language_of
from geo_service.api.formats.names import disposition
from geo_service.api.maps.parameters import SENT, asked_model, question_of
from geo_service.api.maps.pictures import picture_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.maps.question import MapKind  # noqa: TC001 - FastAPI reads the annotation

if TYPE_CHECKING:
    from pydantic import BaseModel

    from geo_service.api.context import Asked
    from geo_service.maps.question import MapQuestion

__all__ = ["map_file", "router"]

router = APIRouter()


@router.get("/map-files/{kind}.html", include_in_schema=False, openapi_extra={"x-more-parameters": True})
async def map_file(request: Request, kind: MapKind) -> Response:
    """A map with the parameters of its page at `/maps`, to be saved.

    Raises:
        ProblemError: A parameter cannot be used, or who asks is not shown what the map needs.
    """
    given = _given(request, kind)
    language, round_ = given.pop("lang") or language_of(request), given.pop("round")
    for name in SENT:
        given.pop(name)
    question = question_of(kind, **given)
    async with asked_of(request, language, round_) as asked:
        name, content = await to_thread.run_sync(_drawn, asked, question)
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type="text/html; charset=utf-8")


def _drawn(asked: Asked, question: MapQuestion) -> tuple[str, bytes]:
    # Here, so that the service starts without Folium.
    from geo_service.maps.folium_map import folium_map  # noqa: PLC0415

    picture = picture_of(asked.release, asked.role, question, asked.language)
    name = f"{picture.name}_{asked.language}_{asked.release.manifest.id[:12]}.html"
    return name, folium_map(picture).to_html().encode()


def _given(request: Request, kind: MapKind) -> dict[str, Any]:
    pairs = request.query_params.multi_items()
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ProblemError(Problem.INVALID_PARAMETER, "a parameter is given more than once; give it once")
    try:
        return _model(kind)(**values).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])[:60]
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"'{name}' {str(first['msg'])[:1].lower()}{str(first['msg'])[1:]}",
            parameter=name,
        ) from error


@cache
def _model(kind: MapKind) -> type[BaseModel]:
    return asked_model(kind)
