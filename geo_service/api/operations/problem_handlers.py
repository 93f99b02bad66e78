"""Whatever was raised, as a problem: the one table from exceptions to what whoever asked is told.

Errors of stores name folders, hosts and SQL, and errors that nobody expected name anything: of those only the request's id is told,
under which the log has the rest.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from geo_service.api.operations.asgi import problem_response, route_of, state_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import (
    BusyError,
    CursorError,
    FilterError,
    FindingsError,
    GeoServiceError,
    InputError,
    NotFoundError,
    StoreError,
    TimedOutError,
)

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.responses import Response

    from geo_service.findings import Finding

__all__ = ["add_problem_handlers", "as_problem", "internal_problem", "without_places"]

_LOG = logging.getLogger("geo_service.problems")

_MOST_FINDINGS = 1_000
_PLACE = re.compile(
    r"(?<![\w/:])(?:/|[A-Za-z]:\\|\\\\)[^\s/\\]+[/\\]|\bpostgres(ql)?:|\bSELECT\b.+\bFROM\b", re.IGNORECASE
)
_KINDS: tuple[tuple[type[GeoServiceError], Problem, str], ...] = (
    (CursorError, Problem.INVALID_CURSOR, "the cursor cannot be used; start again without one"),
    (FilterError, Problem.INVALID_FILTER, "the filter cannot be asked of this collection"),
    (NotFoundError, Problem.NOT_FOUND, "there is no such release, collection or feature"),
    (InputError, Problem.INVALID_PARAMETER, "something that was given cannot be used"),
)
"""What is told as it is, or in these words where it would name a place of this machine."""
_STATUSES = {kind.status: kind for kind in reversed(Problem)}


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every exception of a route with a problem; those that nobody expected are left to `Requests`."""
    for kind in (ProblemError, GeoServiceError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


def as_problem(error: Exception) -> ProblemError:
    """What whoever asked is told of an exception: never a path, a host, SQL or a stack trace."""
    match error:
        case ProblemError():
            return error
        case GeoServiceError():
            return _of_service(error)
        case RequestValidationError():
            return _of_validation(error)
        case HTTPException():
            return _of_http(error)
    return internal_problem()


def internal_problem() -> ProblemError:
    """Of what nobody expected."""
    return ProblemError(
        Problem.INTERNAL,
        "this is an error of the service; its operators find it in the log by the request's id",
    )


def without_places(message: str, otherwise: str) -> str:
    """A message, or `otherwise` where it names a path, a database or SQL."""
    return otherwise if _PLACE.search(message) else message


async def _answer(request: Request, error: Exception) -> Response:
    problem = as_problem(error)
    if problem.problem is Problem.METHOD_NOT_ALLOWED:
        problem = _of_method(request)
    if problem.problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, ProblemError):
        _LOG.error(
            "%s: %s",
            problem.problem.name,
            error,
            exc_info=error if problem.problem is Problem.INTERNAL else None,
            extra={"request_id": state_of(request.scope).get("request_id"), "route": route_of(request.scope)},
        )
    return problem_response(problem, request.scope)


def _of_service(error: GeoServiceError) -> ProblemError:
    match error:
        case FindingsError():
            return _of_findings(error)
        case TimedOutError():
            return ProblemError(
                Problem.TIMEOUT,
                "the question takes too long; ask for less: a smaller area, a filter, fewer features",
            )
        case BusyError():
            return _later(Problem.BUSY, "somebody else is publishing at this moment; try again soon")
        case StoreError():
            return _later(Problem.NO_RELEASE, "the release cannot be asked at this moment; try again soon")
    for kind, problem, otherwise in _KINDS:
        if isinstance(error, kind):
            parameter = "cursor" if problem is Problem.INVALID_CURSOR else None
            return ProblemError(problem, without_places(str(error), otherwise), parameter=parameter)
    return internal_problem()


def _later(problem: Problem, detail: str) -> ProblemError:
    return ProblemError(problem, detail, headers={"Retry-After": "5"})


def _of_findings(error: FindingsError) -> ProblemError:
    every = [*error.findings.errors, *error.findings.warnings]
    return ProblemError(
        Problem.FINDINGS,
        without_places(str(error), "the data have errors; each is in 'findings'"),
        findings=[_finding(one) for one in every[:_MOST_FINDINGS]],
        findings_count=len(every),
    )


def _finding(one: Finding) -> dict[str, Any]:
    said = {
        "severity": one.severity.value,
        "code": one.code.value,
        "message": without_places(one.message, "see the code"),
        "file": PurePath(one.file).name if one.file else None,
        "layer": one.layer,
        "row": one.row,
        "column": one.column,
        "value": one.value,
        "suggestion": one.suggestion and without_places(one.suggestion, ""),
    }
    return {key: value for key, value in said.items() if value not in {None, ""}}


def _of_validation(error: RequestValidationError) -> ProblemError:
    first = error.errors()[0]
    where, *path = first["loc"]
    if where == "body":
        place = f" at {'.'.join(map(str, path))}" if path else ""
        return ProblemError(Problem.INVALID_BODY, f"the body cannot be used{place}: {_said(first)}")
    name = str(path[0]) if path else None
    return ProblemError(
        Problem.NOT_FOUND if where == "path" else Problem.INVALID_PARAMETER,
        f"'{name}' {_said(first)}",
        parameter=name,
        allowed=_allowed(first),
    )


def _said(error: dict[str, Any]) -> str:
    """What would be right, as pydantic says it, as the end of a sentence."""
    if error["type"] == "missing":
        return "has to be given"
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    given = error.get("input")
    shown = f"; '{given[:60]}' was given" if isinstance(given, str) and given.isprintable() else ""
    return f"{message[:1].lower()}{message[1:]}{shown}"


def _allowed(error: dict[str, Any]) -> list[str] | None:
    expected = (error.get("ctx") or {}).get("expected")
    return re.findall(r"'([^']*)'", expected) or None if isinstance(expected, str) else None


def _of_method(request: Request) -> ProblemError:
    """What a path takes: routes of one path are several where they take several methods, and each knows its own only."""
    routes = request.app.router.routes
    taken = [
        one
        for one in ("GET", "POST")
        if any(route.matches({**request.scope, "method": one})[0] is Match.FULL for route in routes)
    ]
    if "GET" in taken:
        taken.insert(1, "HEAD")
    said = ", ".join(taken)
    return ProblemError(
        Problem.METHOD_NOT_ALLOWED,
        f"this takes {said or 'other methods'}",
        allowed=taken or None,
        headers={"Allow": said},
    )


def _of_http(error: HTTPException) -> ProblemError:
    problem = _STATUSES.get(error.status_code)
    headers = dict(error.headers or {})
    match problem:
        case Problem.NOT_FOUND:
            detail = "there is nothing here; what there is: /docs and /ogc"
        case None:
            known = error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            problem = Problem.INVALID_BODY if known else Problem.INTERNAL
            detail = "the request cannot be read"
        case _:
            detail = without_places(str(error.detail), problem.title)
    if error.status_code == Problem.INVALID_PARAMETER.status:
        problem = Problem.INVALID_BODY
    return ProblemError(problem, detail, headers=headers)
