"""The features of a collection: a page of them, or all of them as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Answer, Format, Link
from geo_service.api.context import Asked, AskedNow
from geo_service.api.formats.details import details_of
from geo_service.api.formats.media import LAYER_FORMATS, alternates, bare_type, with_parameter
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.formats.respond import respond
from geo_service.api.ogc.collections import FILES
from geo_service.api.ogc.criteria import Criteria, chosen_columns, criteria_of, refuse_others
from geo_service.api.ogc.crs import CRS84, transformed
from geo_service.api.ogc.kept import shelf_of
from geo_service.api.ogc.layers import OTHER_PARAMETERS, Layer, layer_of
from geo_service.api.ogc.links import urls_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import FilterError
from geo_service.export.headings import column_heading
from geo_service.query.cursors import question_of
from geo_service.query.properties import ID

__all__ = ["asked_format", "content_crs", "in_degrees_only", "items", "router", "said"]

router = APIRouter()


@router.get(
    "/ogc/collections/{name}/items", include_in_schema=False, openapi_extra={"x-more-parameters": True}
)
def items(name: str, request: Request, asked: AskedNow) -> Response:
    """Features of a collection, as the parameters of `OTHER_PARAMETERS` and those named after its properties ask."""
    layer = layer_of(asked, name)
    query = request.query_params
    refuse_others(query, {*OTHER_PARAMETERS, *layer.parameters}, layer.name)
    criteria = criteria_of(query, layer, asked.settings)
    chosen = asked_format(request)
    in_degrees_only(chosen, criteria.crs)
    try:
        if chosen in FILES and criteria.limit is None and "cursor" not in query:
            answer = _whole(asked, layer, criteria, chosen, request)
        else:
            page = _page(asked, layer, criteria, chosen, request)
            answer = respond(page, chosen, request)
            # For formats that have no place for them.
            answer.headers["OGC-NumberMatched"] = str(page.matched)
            answer.headers["OGC-NumberReturned"] = str(page.rows.num_rows)
    except FilterError as error:
        raise ProblemError(Problem.INVALID_FILTER, f"filter: {error}", parameter="filter") from error
    answer.headers["Content-Crs"] = content_crs(criteria.crs)
    return answer


def asked_format(request: Request) -> Format:
    """The format of features that a request asks for.

    Raises:
        ProblemError: There is none such.
    """
    f = request.query_params.get("f")
    if f is None:
        return chosen_format(request, None, LAYER_FORMATS)
    if f not in set(Format):
        there = [one.value for one in LAYER_FORMATS]
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"f: '{f[:60]}' is not a format; there are: {', '.join(there)}",
            parameter="f",
            allowed=there,
        )
    return chosen_format(request, Format(f), LAYER_FORMATS)


def in_degrees_only(chosen: Format, crs: str) -> None:
    """Refuse another reference system than that of the standard but in GeoJSON.

    Raises:
        ProblemError: The format has another meaning of coordinates, or a map that needs degrees.
    """
    if crs != CRS84 and chosen is not Format.GEOJSON:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"crs: only GeoJSON comes in other reference systems, and f={chosen.value} was asked for; leave crs out, or take f=geojson",
            parameter="crs",
            allowed=[CRS84],
        )


def content_crs(uri: str) -> str:
    """The value of `Content-Crs`."""
    return f"<{uri}>"


def said(asked: Asked, layer: Layer) -> tuple[dict[str, Any], dict[str, str]]:
    """What numbers of a collection mean, and what people call its properties."""

    def made() -> tuple[dict[str, Any], dict[str, str]]:
        manifest = asked.release.manifest
        about: dict[str, Any] = dict(layer.collection.about)
        about["release"] = manifest.id
        if manifest.round is not None:
            about["round"] = manifest.round.number
        about["notes"] = [note[asked.language] for note in manifest.notes]
        about["attributions"] = list(manifest.licences)
        return about, {one: column_heading(one, asked.language) for one in layer.queryables.names()}

    key = (asked.release.manifest.id, asked.role, layer.name, "said", asked.language)
    kept: tuple[dict[str, Any], dict[str, str]] = shelf_of(asked).layers.get(key, made)
    return kept


def _page(asked: Asked, layer: Layer, criteria: Criteria, chosen: Format, request: Request) -> Answer:
    limit = criteria.limit or asked.settings.default_limit
    found = asked.release.page(layer.name, criteria.features, limit, request.query_params.get("cursor"))
    rows = found.features
    columns = chosen_columns(criteria.features)
    if columns is not None:
        rows = rows.select(columns)
    offered = LAYER_FORMATS if criteria.crs == CRS84 else (Format.GEOJSON,)
    links = alternates(asked.url, offered, chosen)
    if found.next is not None:
        url = with_parameter(asked.url, "cursor", found.next)
        links.append(Link(url, "next", bare_type(chosen), "The next page"))
    here = ("collections", layer.name)
    links += urls_of(asked, request).both(
        *here, rel="collection", media="application/json", title="The collection"
    )
    about, labels = said(asked, layer)
    return Answer(
        name=layer.name,
        title=layer.collection.title[asked.language],
        rows=transformed(rows, layer.geometry, criteria.crs),
        about=about,
        geometry=layer.geometry,
        feature_id=ID,
        links=tuple(links),
        matched=_matched(asked, layer, criteria),
        details=details_of(criteria.features),
        language=asked.language.value,
        labels=labels,
    )


def _matched(asked: Asked, layer: Layer, criteria: Criteria) -> int:
    """How many features there are on all pages: counted once for a question, of whatever page."""
    if criteria.is_whole:
        return layer.collection.rows
    features = replace(criteria.features, sort=(), fields=None)
    key = (asked.release.manifest.id, asked.role, question_of(layer.name, features))
    return shelf_of(asked).counts.get(key, lambda: asked.release.count(layer.name, features))


def _whole(asked: Asked, layer: Layer, criteria: Criteria, chosen: Format, request: Request) -> Response:
    # Here, so that pages need none of what files do.
    from geo_service.api.formats.download import download  # noqa: PLC0415

    return download(asked, layer.name, criteria.features, chosen, request, limit=None)
