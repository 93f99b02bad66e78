"""The collections and each of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Format, Link
from geo_service.api.context import Asked, AskedCurrent
from geo_service.api.formats.media import FORMAT_NAMES, LAYER_FORMATS, bare_type
from geo_service.api.ogc.crs import CRS84
from geo_service.api.ogc.documents import document
from geo_service.api.ogc.layers import Layer, layer_of, layers_of
from geo_service.api.ogc.links import REL, SCHEMA_JSON, Urls
from geo_service.api.ogc.wording import MEASURED, REPORTED
from geo_service.vocabulary import Basis
from geo_service.wording import in_language

__all__ = ["FILES", "collection", "collections", "described", "router"]

router = APIRouter()

FILES = tuple(one for one in LAYER_FORMATS if one not in {Format.GEOJSON, Format.HTML})
"""The formats in which a whole collection comes at once where no `limit` is given."""

_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_BASES = {Basis.REPORTED.value: REPORTED, Basis.MEASURED.value: MEASURED}


@router.get("/ogc/collections", include_in_schema=False)
def collections(request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """All collections."""

    def made(urls: Urls) -> dict[str, Any]:
        layers = layers_of(asked)
        every = list(dict.fromkeys(uri for layer in layers for uri in layer.crs)) or [CRS84]
        return {
            "title": "Collections",
            "crs": every,
            "collections": [described(asked, layer, urls) for layer in layers],
        }

    return document(asked, request, f, ("collections",), made)


@router.get("/ogc/collections/{name}", include_in_schema=False)
def collection(name: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """One collection."""
    layer = layer_of(asked, name)
    path = ("collections", layer.name)

    def made(urls: Urls) -> dict[str, Any]:
        whole = described(asked, layer, urls)
        # `document` puts links to itself first, as the entry in the list has them.
        whole["links"] = whole["links"][2:]
        return whole

    return document(asked, request, f, path, made)


def described(asked: Asked, layer: Layer, urls: Urls) -> dict[str, Any]:
    """A collection as it stands in the list."""
    one = layer.collection
    manifest = asked.release.manifest
    extent: dict[str, Any] = {}
    if one.extent is not None:
        extent["spatial"] = {"bbox": [list(one.extent)], "crs": CRS84}
    if one.interval is not None:
        interval = [f"{one.interval[0]}T00:00:00Z", f"{one.interval[1]}T23:59:59Z"]
        extent["temporal"] = {"interval": [interval], "trs": _GREGORIAN}
    basis = one.about.get("basis")
    said = [in_language(_BASES[basis](), asked.language)] if basis in _BASES else []
    said += [note[asked.language] for note in manifest.notes]
    whole = {
        "id": one.name,
        "title": one.title[asked.language],
        "description": " ".join(dict.fromkeys(said)),
        "attribution": "; ".join(manifest.licences),
        "extent": extent,
        "itemType": "feature",
        "crs": list(layer.crs),
        "storageCrs": CRS84,
        "numberMatched": one.rows,
        "geometryTypes": list(one.geometry_types),
        "release": manifest.id,
        "round": manifest.round.number if manifest.round else None,
        "about": one.about,
        "links": [link.to_json() for link in _links(layer, urls)],
    }
    return {key: value for key, value in whole.items() if value not in (None, "", {})}


def _links(layer: Layer, urls: Urls) -> list[Link]:
    here = ("collections", layer.name)
    links = [
        Link(urls.at(*here, f="json"), "self", "application/json", "JSON"),
        Link(urls.at(*here, f="html"), "alternate", "text/html", "HTML"),
    ]
    links += [
        Link(urls.at(*here, "items", f=one.value), "items", bare_type(one), FORMAT_NAMES[one])
        for one in LAYER_FORMATS
    ]
    links += [
        Link(
            urls.at(*here, "items", f=one.value),
            "enclosure",
            bare_type(one),
            f"{FORMAT_NAMES[one]}: the whole collection",
        )
        for one in FILES
    ]
    for rel, path in (("queryables", "queryables"), ("sortables", "sortables"), ("schema", "schema")):
        links += urls.both(*here, path, rel=f"{REL}{rel}", media=SCHEMA_JSON, title=path.capitalize())
    links.append(Link(urls.at(*here, "schema", f="json"), "describedby", SCHEMA_JSON, "Schema"))
    links += urls.both(
        *here, "tiles", rel=f"{REL}tilesets-vector", media="application/json", title="Vector tiles"
    )
    links.append(
        Link(
            urls.at(*here, "tiles", "WebMercatorQuad", "tilejson"), "tilejson", "application/json", "TileJSON"
        )
    )
    links.append(Link(urls.at(f="html"), "license", "text/html", "Licences and attributions"))
    return links
