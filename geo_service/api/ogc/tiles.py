"""Tiles of a collection, made by the store."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from geo_service.api.context import AskedCurrent
from geo_service.api.ogc.criteria import criteria_of, refuse_others
from geo_service.api.ogc.layers import layer_of
from geo_service.api.ogc.tilesets import DEEPEST, MVT, WEB_MERCATOR_QUAD
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import FilterError, NotFoundError

__all__ = ["TILE_PARAMETERS", "router", "tile"]

router = APIRouter()

TILE_PARAMETERS = ("datetime", "f", "filter", "filter-crs", "filter-lang", "lang", "properties")
"""Parameters of tiles beside those named after properties."""

_NUMBER = re.compile(r"\d{1,8}", re.ASCII)
_FORMATS = ("mvt", "pbf")


@router.get(
    "/ogc/collections/{name}/tiles/{scheme}/{z}/{y}/{x}",
    include_in_schema=False,
    openapi_extra={"x-more-parameters": True},
)
def tile(name: str, scheme: str, z: str, y: str, x: str, request: Request, asked: AskedCurrent) -> Response:
    """A tile, 204 where it is empty."""
    layer = layer_of(asked, name)
    zoom, row, column = (_number(one) for one in (z, y, x))
    if scheme != WEB_MERCATOR_QUAD or not (zoom <= DEEPEST and row < 2**zoom and column < 2**zoom):
        raise NotFoundError(
            f"there is no tile {z[:20]}/{y[:20]}/{x[:20]} of {scheme[:40]}: in {WEB_MERCATOR_QUAD} levels go from 0 to {DEEPEST}, and "
            "rows and columns from 0 to 2^level - 1"
        )
    query = request.query_params
    refuse_others(query, {*TILE_PARAMETERS, *layer.parameters}, f"a tile of {layer.name}")
    if query.get("f", _FORMATS[0]) not in _FORMATS:
        raise ProblemError(
            Problem.NOT_ACCEPTABLE, "f: tiles come as mvt only", parameter="f", allowed=list(_FORMATS)
        )
    criteria = criteria_of(query, layer, asked.settings)
    try:
        content = asked.release.tile(layer.name, criteria.features, zoom, column, row)
    except FilterError as error:
        raise ProblemError(Problem.INVALID_FILTER, f"filter: {error}", parameter="filter") from error
    return Response(content, 200 if content else 204, media_type=MVT)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotFoundError(
            f"'{text[:20]}' is not a level, row or column of tiles; they are whole numbers from 0"
        )
    return int(text)
