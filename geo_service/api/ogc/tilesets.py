"""Which tiles there are: the tile matrix set of web maps, the tileset of each collection, and the same as TileJSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Format, Link
from geo_service.api.context import Asked, AskedCurrent
from geo_service.api.ogc.crs import CRS84, epsg_uri
from geo_service.api.ogc.documents import document
from geo_service.api.ogc.layers import Layer, layer_of
from geo_service.api.ogc.links import REL, Urls
from geo_service.api.ogc.schemas import property_schema
from geo_service.errors import NotFoundError
from geo_service.export.headings import column_heading
from geo_service.query.properties import FID, PropertyType

__all__ = [
    "DEEPEST",
    "MVT",
    "WEB_MERCATOR_QUAD",
    "router",
    "tile_matrix_set",
    "tile_matrix_sets",
    "tilejson",
    "tileset",
    "tilesets",
]

router = APIRouter()

WEB_MERCATOR_QUAD = "WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"

DEEPEST = 22
"""The last zoom level."""

_SCHEME = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR_QUAD}"
_EDGE_M = 20037508.342789244
_TILE_PIXELS = 256
_PIXEL_M = 0.00028
_MERCATOR_EDGE = 85.0511287798066
_DIMENSIONS = {"Point": 0, "MultiPoint": 0, "LineString": 1, "MultiLineString": 1}


@router.get("/ogc/tileMatrixSets", include_in_schema=False)
def tile_matrix_sets(request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The tile matrix sets: one."""

    def made(urls: Urls) -> dict[str, Any]:
        link = Link(
            urls.at("tileMatrixSets", WEB_MERCATOR_QUAD, f="json"), "self", "application/json", "JSON"
        )
        one = {"id": WEB_MERCATOR_QUAD, "title": WEB_MERCATOR_QUAD, "uri": _SCHEME, "links": [link.to_json()]}
        return {"title": "Tile matrix sets", "tileMatrixSets": [one]}

    return document(asked, request, f, ("tileMatrixSets",), made)


@router.get("/ogc/tileMatrixSets/{scheme}", include_in_schema=False)
def tile_matrix_set(scheme: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The tile matrix set of web maps, OGC 17-083r4."""
    _known(scheme)
    return document(asked, request, f, ("tileMatrixSets", scheme), lambda _: _web_mercator_quad())


@router.get("/ogc/collections/{name}/tiles", include_in_schema=False)
def tilesets(name: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The tilesets of a collection: one."""
    layer = layer_of(asked, name)
    path = ("collections", layer.name, "tiles")

    def made(urls: Urls) -> dict[str, Any]:
        whole = _tileset(asked, layer, urls)
        here = Link(urls.at(*path, WEB_MERCATOR_QUAD, f="json"), "self", "application/json", "JSON")
        whole["links"] = [here.to_json(), *whole["links"]]
        kept = ("title", "dataType", "crs", "tileMatrixSetURI", "links")
        return {"title": whole["title"], "tilesets": [{key: whole[key] for key in kept}]}

    return document(asked, request, f, path, made)


@router.get("/ogc/collections/{name}/tiles/{scheme}", include_in_schema=False)
def tileset(
    name: str, scheme: str, request: Request, asked: AskedCurrent, f: Format | None = None
) -> Response:
    """The tileset of a collection."""
    layer = layer_of(asked, name)
    _known(scheme)
    path = ("collections", layer.name, "tiles", scheme)
    return document(asked, request, f, path, lambda urls: _tileset(asked, layer, urls))


@router.get("/ogc/collections/{name}/tiles/{scheme}/tilejson", include_in_schema=False)
def tilejson(
    name: str, scheme: str, request: Request, asked: AskedCurrent, f: Format | None = None
) -> Response:
    """The tileset of a collection as TileJSON 3.0.0."""
    layer = layer_of(asked, name)
    _known(scheme)
    path = ("collections", layer.name, "tiles", scheme, "tilejson")
    return document(asked, request, f, path, lambda urls: _tilejson(asked, layer, urls), linked=False)


def _known(scheme: str) -> None:
    if scheme != WEB_MERCATOR_QUAD:
        raise NotFoundError(f"'{scheme[:80]}' is not a tile matrix set here; there is {WEB_MERCATOR_QUAD}")


def _templates(layer: Layer, urls: Urls) -> str:
    return f"{urls.root}/collections/{layer.name}/tiles/{WEB_MERCATOR_QUAD}/{{z}}/{{y}}/{{x}}"


def _tileset(asked: Asked, layer: Layer, urls: Urls) -> dict[str, Any]:
    one = layer.collection
    template = _templates(layer, urls)
    template = template.replace("{z}", "{tileMatrix}").replace("{y}", "{tileRow}").replace("{x}", "{tileCol}")
    path = ("collections", layer.name)
    links = [
        Link(template, "item", MVT, "Tiles", templated=True),
        Link(
            urls.at("tileMatrixSets", WEB_MERCATOR_QUAD, f="json"),
            f"{REL}tiling-scheme",
            "application/json",
            WEB_MERCATOR_QUAD,
        ),
        Link(
            urls.at(*path, "tiles", WEB_MERCATOR_QUAD, "tilejson"),
            "describedby",
            "application/json",
            "TileJSON",
        ),
        Link(urls.at(*path, f="json"), f"{REL}geodata", "application/json", one.title[asked.language]),
    ]
    fields = {
        field.name: property_schema(layer, field, asked.language)
        for field in layer.queryables.properties
        if field.type is not PropertyType.GEOMETRY and field.name != FID
    }
    whole: dict[str, Any] = {
        "title": one.title[asked.language],
        "dataType": "vector",
        "crs": epsg_uri(3857),
        "tileMatrixSetURI": _SCHEME,
        "tileMatrixSetId": WEB_MERCATOR_QUAD,
        "layers": [
            {
                "id": layer.name,
                "title": one.title[asked.language],
                "dataType": "vector",
                "geometryDimension": max(
                    (_DIMENSIONS.get(kind, 2) for kind in one.geometry_types), default=0
                ),
                "minTileMatrix": "0",
                "maxTileMatrix": str(DEEPEST),
                "propertiesSchema": {"type": "object", "properties": fields},
            }
        ],
        "links": [link.to_json() for link in links],
    }
    if one.extent is not None:
        west, south, east, north = one.extent
        whole["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84}
    return whole


def _tilejson(asked: Asked, layer: Layer, urls: Urls) -> dict[str, Any]:
    one = layer.collection
    west, south, east, north = one.extent or (-180.0, -90.0, 180.0, 90.0)
    return {
        "tilejson": "3.0.0",
        "name": one.name,
        "description": one.title[asked.language],
        "attribution": "; ".join(asked.release.manifest.licences),
        "tiles": [_templates(layer, urls)],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "bounds": [west, max(south, -_MERCATOR_EDGE), east, min(north, _MERCATOR_EDGE)],
        "vector_layers": [
            {
                "id": layer.name,
                "minzoom": 0,
                "maxzoom": DEEPEST,
                "fields": {
                    field.name: column_heading(field.name, asked.language)
                    for field in layer.queryables.properties
                    if field.type is not PropertyType.GEOMETRY and field.name != FID
                },
            }
        ],
    }


def _web_mercator_quad() -> dict[str, Any]:
    matrices = []
    for zoom in range(DEEPEST + 1):
        cell = 2 * _EDGE_M / (_TILE_PIXELS * 2**zoom)
        matrices.append(
            {
                "id": str(zoom),
                "scaleDenominator": cell / _PIXEL_M,
                "cellSize": cell,
                "pointOfOrigin": [-_EDGE_M, _EDGE_M],
                "tileWidth": _TILE_PIXELS,
                "tileHeight": _TILE_PIXELS,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
        )
    return {
        "id": WEB_MERCATOR_QUAD,
        "title": "Web maps (Google Maps compatible)",
        "uri": _SCHEME,
        "crs": epsg_uri(3857),
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    }
