"""The service's description: OpenAPI 3.0.3 of what the caller is shown, with a path for each collection."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service._version import __version__
from geo_service.api.answers import Format
from geo_service.api.context import Asked, AskedCurrent
from geo_service.api.formats.media import LAYER_FORMATS, bare_type
from geo_service.api.ogc.description_parts import components, parameter_of
from geo_service.api.ogc.documents import document
from geo_service.api.ogc.landing import OPENAPI
from geo_service.api.ogc.layers import OTHER_PARAMETERS, Layer, layers_of
from geo_service.api.ogc.links import SCHEMA_JSON, Urls
from geo_service.api.ogc.pages import framed
from geo_service.api.ogc.tiles import TILE_PARAMETERS
from geo_service.api.ogc.tilesets import DEEPEST, MVT, WEB_MERCATOR_QUAD
from geo_service.api.ogc.wording import DESCRIPTION, TITLE
from geo_service.wording import in_language

__all__ = ["description", "openapi", "router"]

router = APIRouter()

_DOCUMENT = ("application/json", "text/html")


@router.get("/ogc/api", include_in_schema=False)
def description(request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The service's description."""
    return document(
        asked,
        request,
        f,
        ("api",),
        lambda urls: openapi(asked, urls),
        media=OPENAPI,
        linked=False,
        shown=_page,
    )


def openapi(asked: Asked, urls: Urls) -> dict[str, Any]:
    """The document."""
    layers = layers_of(asked)
    paths: dict[str, Any] = {
        "/": _get("landing", "The landing page", "Capabilities", "landingPage"),
        "/conformance": _get("conformance", "What is kept to", "Capabilities", "confClasses"),
        "/api": _get("api", "This document", "Capabilities", "anything", media=(OPENAPI, "text/html")),
        "/collections": _get("collections", "The collections", "Capabilities", "collections"),
        "/tileMatrixSets": _get("tileMatrixSets", "The tile matrix sets", "Tiles", "anything"),
        f"/tileMatrixSets/{WEB_MERCATOR_QUAD}": _get(
            "tileMatrixSet", "The tile matrix set of web maps", "Tiles", "anything"
        ),
    }
    for layer in layers:
        paths |= _paths(asked, layer)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": in_language(TITLE(), asked.language),
            "description": in_language(DESCRIPTION(), asked.language),
            "version": __version__,
            "x-release": asked.release.manifest.id,
        },
        "servers": [{"url": urls.root}],
        "tags": [{"name": "Capabilities"}, {"name": "Data"}, {"name": "Tiles"}],
        "paths": paths,
        "components": components(asked.settings),
        "security": [{}, {"bearer": []}],
    }


def _paths(asked: Asked, layer: Layer) -> dict[str, Any]:
    name, title = layer.name, layer.collection.title[asked.language]
    here = f"/collections/{name}"
    own = [parameter_of(layer, one, asked.language) for one in layer.parameters.values()]
    schemas = (SCHEMA_JSON, "text/html")
    features = [_shared(one) for one in OTHER_PARAMETERS if one not in {"crs", "bbox-crs", "filter-crs"}]
    systems = {one: _system(one, layer) for one in ("crs", "bbox-crs", "filter-crs")}
    items = _operation(
        f"{name}.items",
        title,
        "Data",
        [*features, *systems.values(), *own],
        {bare_type(one): _content(one, "featureCollectionGeoJSON") for one in LAYER_FORMATS},
    )
    items["responses"]["200"]["headers"] = _crs_header()
    feature = _operation(
        f"{name}.feature",
        f"{title}: one",
        "Data",
        [_shared("featureId"), _shared("f"), _shared("lang"), systems["crs"]],
        {bare_type(one): _content(one, "featureGeoJSON") for one in LAYER_FORMATS},
        missing=True,
    )
    feature["responses"]["200"]["headers"] = _crs_header()
    tiles = f"{here}/tiles/{WEB_MERCATOR_QUAD}"
    return {
        here: _get(f"{name}.collection", f"{title}: what it is", "Capabilities", "collection"),
        f"{here}/queryables": _get(
            f"{name}.queryables", f"{title}: what filters may name", "Data", "anything", schemas
        ),
        f"{here}/sortables": _get(f"{name}.sortables", f"{title}: what sorts", "Data", "anything", schemas),
        f"{here}/schema": _get(f"{name}.schema", f"{title}: what features have", "Data", "anything", schemas),
        f"{here}/items": {"get": items},
        f"{here}/items/{{featureId}}": {"get": feature},
        f"{here}/tiles": _get(f"{name}.tilesets", f"{title}: tilesets", "Tiles", "anything"),
        tiles: _get(f"{name}.tileset", f"{title}: the tileset", "Tiles", "anything"),
        f"{tiles}/tilejson": _get(f"{name}.tilejson", f"{title}: TileJSON", "Tiles", "anything"),
        f"{tiles}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": {
            "get": _tile(f"{name}.tile", title, [*own, systems["filter-crs"]])
        },
    }


def _tile(name: str, title: str, own: list[dict[str, Any]]) -> dict[str, Any]:
    places = [
        {
            "name": one,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": most},
        }
        for one, most in (("tileMatrix", DEEPEST), ("tileRow", 2**DEEPEST - 1), ("tileCol", 2**DEEPEST - 1))
    ]
    shared = [_shared("fTile" if one == "f" else one) for one in TILE_PARAMETERS if one != "filter-crs"]
    binary = {"schema": {"type": "string", "format": "binary"}}
    tile = _operation(
        name, f"{title}: a tile", "Tiles", [*places, *shared, *own], {MVT: binary}, missing=True
    )
    tile["responses"]["204"] = {"description": "Nothing is there."}
    return tile


def _content(one: Format, schema: str) -> dict[str, Any]:
    if one is Format.GEOJSON:
        return {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    is_text = one in {Format.HTML, Format.CSV, Format.NDJSON, Format.GEOJSONSEQ}
    return {"schema": {"type": "string"} if is_text else {"type": "string", "format": "binary"}}


def _crs_header() -> dict[str, Any]:
    return {
        "Content-Crs": {
            "description": "The reference system of the coordinates.",
            "schema": {"type": "string"},
        }
    }


def _system(name: str, layer: Layer) -> dict[str, Any]:
    said = {
        "crs": "The reference system of the answer; others than CRS84 in GeoJSON only.",
        "bbox-crs": "That of `bbox`.",
        "filter-crs": "That of geometries in `filter`.",
    }
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": said[name],
        "schema": {"type": "string", "format": "uri", "enum": list(layer.crs), "default": layer.crs[0]},
        "style": "form",
        "explode": False,
    }


def _shared(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _get(
    name: str, summary: str, tag: str, schema: str, media: tuple[str, ...] = _DOCUMENT
) -> dict[str, Any]:
    content = {
        one: {
            "schema": {"type": "string"} if one == "text/html" else {"$ref": f"#/components/schemas/{schema}"}
        }
        for one in media
    }
    return {
        "get": _operation(
            name, summary, tag, [_shared("fDocument"), _shared("lang"), _shared("cursor")], content
        )
    }


def _operation(
    name: str,
    summary: str,
    tag: str,
    parameters: list[dict[str, Any]],
    content: dict[str, Any],
    *,
    missing: bool = False,
) -> dict[str, Any]:
    failures = ["400", "401", "406", "429", "503", "504"] + ["404"] * missing
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": {"200": {"description": summary, "content": content}}
        | {status: {"$ref": "#/components/responses/Problem"} for status in failures},
    }


def _page(whole: dict[str, Any], urls: Urls) -> bytes:
    parts = [
        f"<p>{escape(whole['info']['description'])}</p>",
        f'<p><a href="{escape(urls.at("api", f="json"))}">OpenAPI {escape(whole["openapi"])}</a></p>',
    ]
    shared = whole["components"]["parameters"]
    for path, operations in whole["paths"].items():
        operation = operations["get"]
        url = whole["servers"][0]["url"] + path
        said = f"<code>{escape(url)}</code>"
        linked = said if "{" in path else f'<a href="{escape(url)}">{said}</a>'
        names = [
            shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in operation["parameters"]
        ]
        rows = "".join(
            f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['schema'].get('type', ''))}</td>"
            f"<td>{escape(one.get('description', ''))}</td></tr>"
            for one in names
        )
        parts.append(
            f"<section><h2>{escape(operation['summary'])}</h2><p>GET {linked}</p>"
            f"<table><tbody>{rows}</tbody></table></section>"
        )
    return framed(whole["info"]["title"], "".join(parts), urls)
