"""What is kept to: the conformance classes, each of them tested."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Format
from geo_service.api.context import AskedCurrent
from geo_service.api.ogc.documents import document

__all__ = ["CONFORMANCE", "conformance", "router"]

router = APIRouter()

_CLASSES = {
    "ogcapi-common-1/1.0": ("core", "landing-page", "json", "html", "oas30"),
    "ogcapi-common-2/1.0": ("collections",),
    "ogcapi-features-1/1.0": ("core", "geojson", "html", "oas30"),
    "ogcapi-features-2/1.0": ("crs",),
    "ogcapi-features-3/1.0": ("queryables", "queryables-query-parameters", "filter", "features-filter"),
    "ogcapi-features-5/1.0": (
        "schemas",
        "core-roles-features",
        "returnables-and-receivables",
        "queryables",
        "sortables",
    ),
    "cql2/1.0": (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
    ),
    "ogcapi-tiles-1/1.0": ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"),
    "tms/2.0": ("tilematrixset", "json-tilematrixset"),
}

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/{standard}/conf/{name}"
    for standard, names in _CLASSES.items()
    for name in names
)
"""The URIs of the classes."""


@router.get("/ogc/conformance", include_in_schema=False)
def conformance(request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The conformance classes."""
    content = {"title": "Conformance", "conformsTo": list(CONFORMANCE)}
    return document(asked, request, f, ("conformance",), lambda _: dict(content))
