"""What properties there are: the schema of features, what filters may name, and what can be sorted by.

Each is a JSON Schema, OGC API - Features - Part 5 (OGC 23-058) and Part 3 (OGC 19-079r2).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Format
from geo_service.api.context import AskedCurrent
from geo_service.api.ogc.documents import document
from geo_service.api.ogc.layers import Layer, layer_of
from geo_service.api.ogc.links import SCHEMA_JSON, Urls
from geo_service.export.headings import column_heading
from geo_service.query.properties import ID, Property, PropertyType
from geo_service.vocabulary import Language

__all__ = ["property_schema", "queryables", "router", "schema", "sortables"]

router = APIRouter()

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[PropertyType, dict[str, Any]] = {
    PropertyType.TEXT: {"type": "string"},
    PropertyType.INTEGER: {"type": "integer", "format": "int64"},
    PropertyType.NUMBER: {"type": "number", "format": "double"},
    PropertyType.BOOLEAN: {"type": "boolean"},
    PropertyType.DATE: {"type": "string", "format": "date"},
}
_GEOMETRIES = {
    ("Point",): "geometry-point",
    ("MultiPoint",): "geometry-multipoint",
    ("MultiPoint", "Point"): "geometry-point-or-multipoint",
    ("LineString",): "geometry-linestring",
    ("MultiLineString",): "geometry-multilinestring",
    ("LineString", "MultiLineString"): "geometry-linestring-or-multilinestring",
    ("Polygon",): "geometry-polygon",
    ("MultiPolygon",): "geometry-multipolygon",
    ("MultiPolygon", "Polygon"): "geometry-polygon-or-multipolygon",
}


@router.get("/ogc/collections/{name}/queryables", include_in_schema=False)
def queryables(name: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """What filters may name."""
    return _answer(asked, request, f, name, "queryables")


@router.get("/ogc/collections/{name}/sortables", include_in_schema=False)
def sortables(name: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """What can be sorted by."""
    return _answer(asked, request, f, name, "sortables")


@router.get("/ogc/collections/{name}/schema", include_in_schema=False)
def schema(name: str, request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """What features have."""
    return _answer(asked, request, f, name, "schema")


def _answer(asked: AskedCurrent, request: Request, f: Format | None, name: str, kind: str) -> Response:
    layer = layer_of(asked, name)
    path = ("collections", layer.name, kind)

    def made(urls: Urls) -> dict[str, Any]:
        there = [
            one
            for one in layer.queryables.properties
            if kind != "sortables" or one.type is not PropertyType.GEOMETRY
        ]
        properties = {
            one.name: property_schema(layer, one, asked.language) | {"x-ogc-propertySeq": at}
            for at, one in enumerate(there, 1)
        }
        whole: dict[str, Any] = {
            "$schema": _DIALECT,
            "$id": urls.at(*path, f="json"),
            "title": layer.collection.title[asked.language],
            "type": "object",
            "properties": properties,
        }
        if kind == "schema":
            whole["required"] = [one.name for one in there if not one.nullable]
        return whole | {"additionalProperties": False}

    return document(asked, request, f, path, made, media=SCHEMA_JSON, linked=False)


def property_schema(layer: Layer, one: Property, language: Language = Language.EN) -> dict[str, Any]:
    """The JSON Schema of one property."""
    title = {"title": column_heading(one.name, language)}
    if one.type is PropertyType.GEOMETRY:
        form = _GEOMETRIES.get(tuple(sorted(layer.collection.geometry_types)), "geometry-any")
        role = {"x-ogc-role": "primary-geometry"} if one.name == layer.geometry else {}
        return title | {"format": form} | role
    said = title | _TYPES[one.type]
    if one.values:
        said["enum"] = list(one.values)
    if one.name == ID:
        said["x-ogc-role"] = "id"
    elif one.name == layer.queryables.time:
        said["x-ogc-role"] = "primary-instant"
    return said
