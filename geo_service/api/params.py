"""Strict query parameters: those that a route does not have, and those that are given twice, are refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request

from geo_service.api.problems import Problem, ProblemError

__all__ = ["refuse_unknown"]

_SHOWN = 60


async def refuse_unknown(request: Request) -> None:
    """A dependency of every router: refuse query parameters that the route does not declare.

    A route may take more than it declares by `openapi_extra={"x-more-parameters": True}`; it then has to refuse them itself.

    Raises:
        ProblemError: One is unknown or given twice, or is no text.
    """
    _refuse_no_text(request.scope.get("query_string", b""))
    route = request.scope["route"]
    if (getattr(route, "openapi_extra", None) or {}).get("x-more-parameters"):
        return
    declared = _declared(route)
    for name in request.query_params:
        if name not in declared:
            raise ProblemError(
                Problem.UNKNOWN_PARAMETER,
                f"'{name[:_SHOWN]}' is not a parameter here; there are: {', '.join(declared) or 'none'}",
                parameter=name[:_SHOWN],
                allowed=declared,
            )
        if len(request.query_params.getlist(name)) > 1:
            raise ProblemError(
                Problem.INVALID_PARAMETER,
                f"'{name}' is given more than once; give it once, several values with commas",
                parameter=name,
            )


def _refuse_no_text(query: bytes) -> None:
    """Refuse bytes that are no UTF-8: they would be read as other letters than were meant."""
    if b"%" not in query:
        return
    for part in query.split(b"&"):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            name = unquote_to_bytes(part.partition(b"=")[0]).decode(errors="replace")[:_SHOWN]
            raise ProblemError(
                Problem.INVALID_PARAMETER,
                f"'{name}' is not UTF-8; write letters beyond ASCII as percent-encoded UTF-8",
                parameter=name,
            ) from None


def _declared(route: Any) -> list[str]:
    cached = getattr(route, "_geo_service_parameters", None)
    if cached is None:
        cached = sorted(_named(route.dependant))
        route._geo_service_parameters = cached  # noqa: SLF001 - the route is where it belongs
    return list(cached)


def _named(dependant: Any) -> set[str]:
    below = (_named(one) for one in dependant.dependencies)
    return {one.alias for one in dependant.query_params}.union(*below)
