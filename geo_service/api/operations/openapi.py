"""The OpenAPI document, with problems where FastAPI has errors of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from geo_service.api.operations.asgi import PROBLEM_JSON
from geo_service.api.problems import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["describe_problems", "with_problems"]

_ALWAYS = (400, 401, 403, 404, 405, 406, 413, 414, 421, 429, 431, 500, 503, 504)
_OF_BODIES = (409, 415, 422)
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_PROBLEM = {
    "title": "ProblemDetails",
    "description": "What is wrong and what would be right (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "The kind of problem; these stay.",
            "enum": [kind.type for kind in Problem],
        },
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "Where it is and what to do."},
        "instance": {"type": "string", "format": "uri", "description": "The request, as the log has it."},
        "parameter": {"type": "string", "description": "The parameter or header that is wrong."},
        "allowed": {"type": "array", "items": {"type": "string"}, "description": "What would be right."},
    },
    "additionalProperties": True,
}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of `geo-service tokens`, or a signed one of the issuer; nobody needs one for what is public.",
}


def describe_problems(app: FastAPI) -> None:
    """Have the app's document say its problems."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            app.openapi_schema = with_problems(made)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """A document of FastAPI, changed in place: each operation answers mistakes with problems, and takes a token or none."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["ProblemDetails"] = _PROBLEM
    components.setdefault("securitySchemes", {})["bearer"] = _BEARER
    components.setdefault("responses", {}).update(_responses())
    for path in document.get("paths", {}).values():
        for method, operation in path.items():
            if method in _METHODS:
                _with_problems(operation)
    return document


def _with_problems(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status in (*_ALWAYS, *(_OF_BODIES if "requestBody" in operation else ())):
        given = responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        if "$ref" not in given and "content" not in given:
            given["content"] = _content()
    operation.setdefault("security", [{}, {"bearer": []}])


def _responses() -> dict[str, Any]:
    kinds: dict[int, list[str]] = {}
    for kind in Problem:
        kinds.setdefault(kind.status, []).append(kind.title)
    return {
        f"Problem{status}": {"description": "; ".join(titles), "content": _content()}
        for status, titles in kinds.items()
    }


def _content() -> dict[str, Any]:
    return {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
