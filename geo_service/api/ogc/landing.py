"""The landing page, from which everything else is found."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from geo_service.api.answers import Format, Link
from geo_service.api.context import Asked, AskedCurrent
from geo_service.api.ogc.documents import document
from geo_service.api.ogc.links import REL, Urls
from geo_service.api.ogc.wording import DESCRIPTION, TITLE
from geo_service.wording import in_language

__all__ = ["OPENAPI", "landing", "router"]

router = APIRouter()

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
"""The media type of the service's description."""


@router.get("/ogc", include_in_schema=False)
@router.get("/ogc/", include_in_schema=False)
def landing(request: Request, asked: AskedCurrent, f: Format | None = None) -> Response:
    """The landing page."""
    return document(asked, request, f, (), lambda urls: _landing(asked, urls))


def _landing(asked: Asked, urls: Urls) -> dict[str, Any]:
    manifest = asked.release.manifest
    links = [
        Link(urls.at("api", f="json"), "service-desc", OPENAPI, "OpenAPI 3.0"),
        Link(urls.at("api", f="html"), "service-doc", "text/html", "OpenAPI, as a page"),
    ]
    for rel in ("conformance", f"{REL}conformance"):
        links += urls.both("conformance", rel=rel, media="application/json", title="Conformance")
    for rel in ("data", f"{REL}data"):
        links += urls.both("collections", rel=rel, media="application/json", title="Collections")
    links += urls.both(
        "tileMatrixSets", rel=f"{REL}tiling-schemes", media="application/json", title="Tile matrix sets"
    )
    return {
        "title": in_language(TITLE(), asked.language),
        "description": " ".join(
            [in_language(DESCRIPTION(), asked.language), *(note[asked.language] for note in manifest.notes)]
        ),
        "attribution": "; ".join(manifest.licences),
        "release": manifest.id,
        "round": manifest.round.model_dump() if manifest.round else None,
        "links": [one.to_json() for one in links],
    }
