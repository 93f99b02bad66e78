"""The outermost layer: an id for each request, one line of log, its numbers for the metrics, and an answer where nobody expected an error."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from geo_service.api.operations.asgi import header, problem_response, route_of, state_of
from geo_service.api.operations.problem_handlers import as_problem
from geo_service.api.problems import ProblemError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.api.operations.metrics import RequestMetrics

__all__ = ["REQUEST_ID", "Requests"]

REQUEST_ID = "X-Request-Id"

_LOG = logging.getLogger("geo_service.requests")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked each few seconds by machines: logged only where they fail."""
_CLIENT_CLOSED = 499
"""As others log it: whoever asked went away before the answer."""


class Requests:
    """Sees each request first and its answer last.

    A request's id is that of the header `X-Request-Id` where it is 8 to 64 letters, digits, `.`, `_` or `-`, else a new one.
    Neither the URL, its query nor an address is logged: the route's template is.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        """Wrap an app."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        request_id = given if given is not None and _ID.fullmatch(given) else secrets.token_hex(8)
        state_of(scope)["request_id"] = request_id
        method = scope["method"]
        id_header = (b"x-request-id", request_id.encode())
        status, sent = 0, 0

        async def counted(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), id_header]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        started = time.perf_counter()
        self._metrics.begin()
        try:
            await self._app(scope, receive, counted)
        except ClientDisconnect:
            status = status or _CLIENT_CLOSED
        except Exception as error:
            if status:
                # It breaks off, so that nobody takes a part for the whole.
                self._broken(scope, error)
                raise
            problem = as_problem(error)
            if not isinstance(error, ProblemError):
                self._broken(scope, error)
            await problem_response(problem, scope)(scope, receive, counted)
            if not isinstance(error, ProblemError):
                raise
        finally:
            seconds = time.perf_counter() - started
            route = route_of(scope)
            self._metrics.end(method, route, status or _CLIENT_CLOSED, seconds, sent)
            if _LOG.isEnabledFor(logging.INFO) and not (route in _QUIET and status < 400):
                self._log(scope, method, route, status or _CLIENT_CLOSED, seconds, sent)

    def _log(self, scope: Scope, method: str, route: str, status: int, seconds: float, sent: int) -> None:
        state = state_of(scope)
        caller = state.get("caller")
        more: dict[str, Any] = {
            "request_id": state["request_id"],
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "bytes": sent,
            "role": str(caller.role) if caller else None,
            "caller": caller.name if caller else None,
            "release": state.get("release"),
        }
        _LOG.info("%s %s %d", method, route, status, extra=more)

    @staticmethod
    def _broken(scope: Scope, error: Exception) -> None:
        _LOG.error(
            "an error that nobody expected",
            exc_info=error,
            extra={"request_id": state_of(scope)["request_id"], "route": route_of(scope)},
        )
