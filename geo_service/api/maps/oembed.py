"""oEmbed 1.0: other sites ask how a map of this service is put into their pages."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import AskedCurrent
from geo_service.api.maps.embed import embed_code
from geo_service.api.maps.parameters import SENT, asked_model, question_of
from geo_service.api.maps.pictures import picture_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import GeoServiceError
from geo_service.maps.question import MapKind
from geo_service.vocabulary import Language

__all__ = ["OEmbed", "oembed", "router"]

router = APIRouter(tags=["maps"])

WIDTH, HEIGHT = 800, 600
"""Of a map in another page, in pixels, where nothing smaller is asked for."""
_CACHE_S = 3_600


class OEmbed(BaseModel):
    """How a map is put into another page; https://oembed.com."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    title: str
    provider_name: str = "geo-service"
    provider_url: str
    cache_age: Annotated[int, Field(description="Seconds.")] = _CACHE_S
    html: Annotated[str, Field(description="What is put into the page.")]
    width: int
    height: int


@router.get(
    "/oembed",
    response_model=OEmbed,
    operation_id="oembed",
    name="oembed",
    summary="How a map is embedded (oEmbed)",
    responses={
        200: {"description": "The answer.", "content": {"text/xml": {"schema": {"type": "string"}}}},
        501: {"$ref": "#/components/responses/Problem501"},
    },
)
def oembed(
    request: Request,
    asked: AskedCurrent,
    url: Annotated[
        str,
        Query(
            min_length=1,
            max_length=8_000,
            description="The whole URL of a map's page of this service, such as https://…/maps/access.html?service=hospital.",
        ),
    ],
    format: Annotated[  # noqa: A002 - the parameter's name
        Annotated[str, Field(max_length=40), WithJsonSchema({"type": "string", "enum": ["json", "xml"]})],
        Query(description="`json` or `xml`."),
    ] = "json",
    maxwidth: Annotated[
        Annotated[int, Field(ge=1, le=100_000)] | SkipJsonSchema[None],
        Query(description="Pixels: no wider than that."),
    ] = None,
    maxheight: Annotated[
        Annotated[int, Field(ge=1, le=100_000)] | SkipJsonSchema[None],
        Query(description="Pixels: no higher than that."),
    ] = None,
) -> Response:
    """How a map's page is put into another page: an iframe of it."""
    if format not in {"json", "xml"}:
        raise ProblemError(
            Problem.NOT_IMPLEMENTED,
            "oEmbed answers are JSON or XML",
            parameter="format",
            allowed=["json", "xml"],
        )
    kind, given = _asked_map(url, asked.base)
    number = given.pop("round", None)
    language = given.pop("lang", None) or asked.language
    try:
        with ExitStack() as stack:
            edition = asked.release
            if number is not None:
                release = asked.live.of_round(number)
                edition = stack.enter_context(asked.live.lease(release, asked.role))
                request.state.release = release
            title = picture_of(edition, asked.role, question_of(kind, **given), Language(language)).title
    except (GeoServiceError, ProblemError) as error:
        if isinstance(error, ProblemError) and error.problem is not Problem.INVALID_PARAMETER:
            raise
        raise _nothing_there(str(error)) from error
    width, height = min(WIDTH, maxwidth or WIDTH), min(HEIGHT, maxheight or HEIGHT)
    said = OEmbed(
        title=title,
        provider_url=f"{asked.base}/",
        html=embed_code(url, title, width, height),
        width=width,
        height=height,
    ).model_dump()
    if format == "json":
        return JSONResponse(said)
    return Response(_xml(said), media_type="text/xml")


def _asked_map(url: str, base: str) -> tuple[MapKind, dict[str, Any]]:
    """Which map a URL is of, and its parameters.

    Raises:
        ProblemError: It is of no map of this service.
    """
    here = urlsplit(f"{base}/maps/")
    try:
        # Of what cannot be seen some is taken out by who reads a URL, and some is not.
        parts = urlsplit(url if url.isprintable() and " " not in url else "")
        is_here = (parts.scheme, parts.netloc) == (here.scheme, here.netloc)
        name = parts.path.removeprefix(here.path)
        is_map = parts.path.startswith(here.path) and name.endswith(".html") and not parts.fragment
        kind = MapKind(name.removesuffix(".html")) if is_here and is_map else None
        if kind is None:
            raise _nothing_there(f"ask for a page below {base}/maps/")
        pairs = parse_qsl(
            parts.query, keep_blank_values=True, strict_parsing=bool(parts.query), errors="strict"
        )
        if len(dict(pairs)) < len(pairs):
            raise _nothing_there("a parameter is given twice")
        given = _models()[kind].model_validate(dict(pairs)).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise _nothing_there(f"'{first['loc'][0]}': {first['msg']}") from error
    except ValueError as error:
        raise _nothing_there("ask for one of " + ", ".join(MapKind)) from error
    return kind, {name: value for name, value in given.items() if name not in SENT}


def _nothing_there(why: str) -> ProblemError:
    return ProblemError(
        Problem.NOT_FOUND, f"there is no map of this service at that URL: {why[:400]}", parameter="url"
    )


@cache
def _models() -> dict[MapKind, type[BaseModel]]:
    return {kind: asked_model(kind) for kind in MapKind}


def _xml(said: dict[str, Any]) -> bytes:
    root = ET.Element("oembed")
    for name, value in said.items():
        ET.SubElement(root, name).text = str(value)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>{body}'.encode()
