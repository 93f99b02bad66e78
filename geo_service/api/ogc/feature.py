"""One feature."""

from __future__ import annotations

import orjson
import pyarrow as pa
from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Answer, Format
from geo_service.api.context import AskedCurrent
from geo_service.api.formats.geojson import features_bytes
from geo_service.api.formats.media import LAYER_FORMATS, MEDIA_TYPES, alternates
from geo_service.api.formats.names import link_header
from geo_service.api.formats.respond import respond
from geo_service.api.ogc.criteria import reference_system, refuse_others
from geo_service.api.ogc.crs import CRS84, transformed
from geo_service.api.ogc.items import asked_format, content_crs, in_degrees_only, said
from geo_service.api.ogc.layers import layer_of
from geo_service.api.ogc.links import urls_of
from geo_service.query.properties import ID

__all__ = ["feature", "router"]

router = APIRouter()

_PARAMETERS = ("crs", "f", "lang")


@router.get(
    "/ogc/collections/{name}/items/{feature_id:path}",
    include_in_schema=False,
    openapi_extra={"x-more-parameters": True},
)
def feature(name: str, feature_id: str, request: Request, asked: AskedCurrent) -> Response:
    """One feature by its id."""
    layer = layer_of(asked, name)
    query = request.query_params
    refuse_others(query, _PARAMETERS, "one feature")
    crs = reference_system(query, "crs", layer)
    chosen = asked_format(request)
    in_degrees_only(chosen, crs)
    rows = transformed(asked.release.feature(layer.name, feature_id), layer.geometry, crs)
    links = [
        *alternates(asked.url, LAYER_FORMATS if crs == CRS84 else (Format.GEOJSON,), chosen),
        *urls_of(asked, request).both(
            "collections", layer.name, rel="collection", media="application/json", title="The collection"
        ),
    ]
    about, labels = said(asked, layer)
    if chosen is Format.GEOJSON:
        members = {
            "links": [one.to_json() for one in links],
            "about": about,
        }
        texts = {key: pa.array([orjson.dumps(value).decode()], pa.string()) for key, value in members.items()}
        body = features_bytes(rows, layer.geometry, ID, members=texts)
        headers = {"Content-Type": MEDIA_TYPES[chosen], "Content-Language": asked.language.value}
        answer = Response(body, headers=headers | {"Link": link_header(links[:1])})
    else:
        answer = respond(
            Answer(
                name=layer.name,
                title=layer.collection.title[asked.language],
                rows=rows,
                about=about,
                geometry=layer.geometry,
                feature_id=ID,
                links=tuple(links),
                matched=1,
                details=feature_id,
                language=asked.language.value,
                labels=labels,
            ),
            chosen,
            request,
        )
    answer.headers["Content-Crs"] = content_crs(crs)
    return answer
