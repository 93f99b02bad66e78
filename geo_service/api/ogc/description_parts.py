"""What many paths of the service's description share: parameters, schemas, responses."""

from __future__ import annotations

from typing import Any

from geo_service.api.answers import Format
from geo_service.api.formats.media import LAYER_FORMATS
from geo_service.api.ogc.criteria import FILTER_LANGUAGES
from geo_service.api.ogc.layers import Layer
from geo_service.api.ogc.schemas import property_schema
from geo_service.query.limits import LARGEST_NUMBER
from geo_service.query.properties import Property, PropertyType
from geo_service.settings import ApiSettings
from geo_service.vocabulary import Language

__all__ = ["components", "parameter_of"]

_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_KEPT = ("type", "format")
_WHOLE = (PropertyType.INTEGER, PropertyType.NUMBER)


def parameter_of(layer: Layer, one: Property, language: Language) -> dict[str, Any]:
    """The query parameter of a property."""
    whole = property_schema(layer, one, language)
    # Without the list of values: one that no feature has finds none, as any other.
    schema = {key: whole[key] for key in _KEPT if key in whole}
    if one.type in _WHOLE:
        schema |= {"minimum": 1 - LARGEST_NUMBER, "maximum": LARGEST_NUMBER - 1}
    return _query(one.name, f"{whole['title']}: only features with this value.", schema)


def components(settings: ApiSettings) -> dict[str, Any]:
    """The member `components` of the document."""
    return {
        "parameters": _parameters(settings),
        "schemas": _schemas(),
        "responses": {
            "Problem": {
                "description": "A problem, RFC 9457.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
            }
        },
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _parameters(settings: ApiSettings) -> dict[str, Any]:
    text = {"type": "string"}
    formats = [one.value for one in LAYER_FORMATS] + [Format.JSON.value]
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": settings.max_limit,
        "default": settings.default_limit,
    }
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    feature_id = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": "Its id.",
        "schema": text,
    }
    made = {
        "limit": _query(
            "limit", "How many features a page has; more than the maximum is cut down to it.", limit
        ),
        "bbox": _query("bbox", "West, south, east, north; or six numbers with heights.", box),
        "datetime": _query("datetime", "A day or moment, or two with / between; `..` for an open end.", text),
        "filter": _query("filter", "CQL2.", text),
        "filter-lang": _query(
            "filter-lang",
            "The language of `filter`.",
            text | {"enum": [*FILTER_LANGUAGES], "default": FILTER_LANGUAGES[0]},
        ),
        "sortby": _query("sortby", "Properties with commas between; with - the largest first.", text),
        "properties": _query("properties", "Only these properties, with commas between.", text),
        "cursor": _query(
            "cursor", "Where the page begins: from the `next` link of the page before it.", text
        ),
        "lang": _query(
            "lang", "The language of titles and notes.", text | {"enum": [one.value for one in Language]}
        ),
        "f": _query("f", "The format.", text | {"enum": formats}),
        "featureId": feature_id,
    }
    made["fDocument"] = _query("f", "The format.", text | {"enum": ["json", "html"]})
    made["fTile"] = _query("f", "The format.", text | {"enum": ["mvt", "pbf"]})
    return made


def _schemas() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    feature = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": text | {"enum": ["Feature"]},
            "id": text,
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": _LINKS,
        },
    }
    return {
        "anything": {"type": "object"},
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": {
                "href": text,
                "rel": text,
                "type": text,
                "title": text,
                "templated": {"type": "boolean"},
            },
        },
        "landingPage": {
            "type": "object",
            "required": ["links"],
            "properties": {"title": text, "description": text, "links": _LINKS},
        },
        "confClasses": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": {"conformsTo": {"type": "array", "items": text}},
        },
        "collections": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": {
                "links": _LINKS,
                "crs": {"type": "array", "items": text},
                "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
            },
        },
        "collection": {
            "type": "object",
            "required": ["id", "links"],
            "properties": {
                "id": text,
                "title": text,
                "description": text,
                "extent": {"type": "object"},
                "itemType": text,
                "crs": {"type": "array", "items": text},
                "storageCrs": text,
                "links": _LINKS,
            },
        },
        "featureGeoJSON": feature,
        "featureCollectionGeoJSON": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": text | {"enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
                "links": _LINKS,
                "timeStamp": {"type": "string", "format": "date-time"},
                "numberMatched": number,
                "numberReturned": number,
            },
        },
        "problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "instance": text,
                "parameter": text,
                "allowed": {"type": "array", "items": text},
            },
        },
    }
