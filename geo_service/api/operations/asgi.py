"""What the layers of the service share: headers of requests, the state of one, and a problem as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from geo_service.api.problems import ProblemError

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = [
    "PROBLEM_JSON",
    "header",
    "header_values",
    "is_upload",
    "problem_response",
    "route_of",
    "state_of",
]

PROBLEM_JSON = "application/problem+json"

_UPLOADS = ("/rounds", "/facilities/", "/uploads/")
_UNKNOWN_ROUTE = "unmatched"
_NOT_MODIFIED = "not modified"
"""Answers of 304 are given before a route is looked for."""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name (lower case); null for none."""
    for key, value in scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return None


def header_values(scope: Scope, name: bytes) -> list[str]:
    """All headers of this name (lower case)."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def state_of(scope: Scope) -> dict[str, Any]:
    """What the layers tell one another and the routes of a request: `request.state`."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return state


def route_of(scope: Scope) -> str:
    """The template of the route that answered, `unmatched` where there was none: never a part of the URL itself."""
    context = (scope.get("fastapi") or {}).get("effective_route_context")
    path = getattr(context, "path_format", None) or getattr(scope.get("route"), "path_format", None)
    if isinstance(path, str):
        return path
    return _NOT_MODIFIED if state_of(scope).get("not_modified") else _UNKNOWN_ROUTE


def is_upload(scope: Scope) -> bool:
    """Whether editors send files there."""
    path: str = scope["path"]
    return scope["method"] == "POST" and path.startswith(_UPLOADS)


def problem_response(error: ProblemError, scope: Scope) -> Response:
    """A problem as an answer, with the id of the request: JSON, or a page where `app.state.problem_page` makes one of it."""
    in_words = getattr(scope["app"].state, "problem_page", None) if "app" in scope else None
    page: Response | None = in_words(error, scope) if in_words else None
    if page is not None:
        return page
    body = orjson.dumps(error.to_json(state_of(scope).get("request_id")), default=str)
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(body, error.problem.status, headers=headers, media_type=PROBLEM_JSON)
