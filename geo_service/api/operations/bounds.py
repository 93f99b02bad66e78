"""How much is asked at once, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.operations.asgi import is_upload, problem_response
from geo_service.api.problems import Problem, ProblemError
from geo_service.release.deadlines import answering_within

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.settings import ApiSettings

__all__ = ["Bounds"]

_CHEAP = ("/health/", "/static/", "/docs/", "/metrics")


class Bounds:
    """Refuses a question where too many wait for a thread already, and gives each its time. What is being sent waits for nothing."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        """Wrap an app."""
        self._app = app
        self._most = settings.threads + settings.waiting
        self._seconds = settings.max_query_s
        self._asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it for now."""
        if scope["type"] != "http" or scope["path"].startswith(_CHEAP) or is_upload(scope):
            await self._app(scope, receive, send)
            return
        if self._asked >= self._most:
            error = ProblemError(
                Problem.BUSY,
                "more is asked than can be answered at this moment; try again soon",
                headers={"Retry-After": "1"},
            )
            await problem_response(error, scope)(scope, receive, send)
            return
        self._asked += 1
        is_waiting = True
        with answering_within(self._seconds) as deadline:

            async def begun(message: Message) -> None:
                nonlocal is_waiting
                if is_waiting:
                    is_waiting = False
                    self._asked -= 1
                    deadline.begin_sending()
                await send(message)

            try:
                await self._app(scope, receive, begun)
            finally:
                if is_waiting:
                    self._asked -= 1
