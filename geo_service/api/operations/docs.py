"""The OpenAPI document for people: Swagger UI, from this machine."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from geo_service.api.problems import Problem, ProblemError

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>geo-service: all questions</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="swagger-ui"><noscript>This page needs JavaScript; the same is in <a href="openapi.json">openapi.json</a>.</noscript></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """"use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"""
_SHIPPED = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
"""Files of the package `fastapi-offline`, which ships Swagger UI as it is released."""
_KEEP = "public, max-age=86400"


@router.get("/docs")
async def docs() -> Response:
    """All questions, to be tried out."""
    return HTMLResponse(_PAGE, headers={"Cache-Control": "public, max-age=300"})


@router.get("/docs/start.js")
async def start() -> Response:
    """What starts Swagger UI: a file, as the page's policy allows no scripts inside it."""
    return Response(_START, media_type="text/javascript", headers={"Cache-Control": _KEEP})


@router.get("/docs/{name}")
async def shipped(name: str) -> Response:
    """A file of Swagger UI."""
    if name not in _SHIPPED:
        raise ProblemError(Problem.NOT_FOUND, "there is no such file")
    body = await to_thread.run_sync(_read, name)
    return Response(body, media_type=_SHIPPED[name], headers={"Cache-Control": _KEEP})


@cache
def _read(name: str) -> bytes:
    spec = importlib.util.find_spec("fastapi_offline")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "static" / name
        if path.is_file():
            return path.read_bytes()
    raise ProblemError(
        Problem.NOT_FOUND,
        "Swagger UI is not installed here; the document is at /openapi.json",
    )
