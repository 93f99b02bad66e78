"""Who asks, and how often they may."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from geo_service.api.operations.asgi import header_values, problem_response, state_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.session import SessionCookie, is_for_people

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.api.security.callers import Caller
    from geo_service.settings import ApiSettings

__all__ = ["Callers", "Rates"]

_OPEN = ("/health/", "/static/", "/docs/")
"""For whoever can reach the service, and so often as they like: health is asked by machines."""
_ANONYMOUS = "anonymous"
_MOST_KEPT = 50_000
_CHECKS_AT_ONCE = 4


class Rates:
    """A bucket a caller that fills as time goes by: `per_minute` requests at once, and as many in each minute.

    Args:
        per_minute: Requests.
    """

    def __init__(self, per_minute: int) -> None:
        """All buckets are full."""
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """What is left after one request more; below 0 it is one too many, and nothing is taken.

        Args:
            caller: Who asks.
        """
        now = time.monotonic()
        left, since = self._buckets.get(caller, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - since) * self.per_minute / 60) - 1
        self._buckets[caller] = (left + 1 if left < 0 else left, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > _MOST_KEPT:
            self._buckets.popitem(last=False)
        return left

    def has_any(self, caller: str) -> bool:
        """Whether one request more would not be one too many; nothing is taken."""
        left, since = self._buckets.get(caller, (float(self.per_minute), 0.0))
        return left + (time.monotonic() - since) * self.per_minute / 60 >= 1

    def wait_s(self, left: float) -> int:
        """In how many seconds one request more may come, where `left` is below 0."""
        return max(1, math.ceil(-left * 60 / self.per_minute))


class Callers:
    """Finds out who asks, by `app.state.authenticator`, and how much they have asked already. Each worker counts for itself.

    Whoever has no token counts by address, of which only a hash is kept that nobody can turn back after a restart. A token that is not
    valid counts for the address too, so that guessing has a limit where there is one.

    `Authorization` goes before the cookie of a session. A session that is over is an error once, and its cookie taken back with that; on pages for
    people it means signed out. `request.state` has `address`, and `session`: whether the caller is who signed in on a page.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        """Wrap an app."""
        self._app = app
        self._rates = Rates(settings.rate_per_minute) if settings.rate_per_minute else None
        self._key = secrets.token_bytes(16)
        self._checking = CapacityLimiter(_CHECKS_AT_ONCE)
        self._cookie = SessionCookie(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its caller, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        try:
            left = await self._let_in(scope)
        except ProblemError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        said = _limit_headers(self._rates, left) if self._rates else []
        is_over = state_of(scope)["session"] is False
        if not said and not is_over:
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *said]
                message["headers"] = self._forgotten(headers, scope) if is_over else headers
            await send(message)

        await self._app(scope, receive, told)

    async def _let_in(self, scope: Scope) -> float:
        given = header_values(scope, b"authorization")
        rates = self._rates
        state_of(scope).update(address=self._address(scope), session=None)
        try:
            caller = await self._caller(scope, given)
        except ProblemError:
            if rates is not None:
                self._count(rates, state_of(scope)["address"])
            raise
        state_of(scope)["caller"] = caller
        if rates is None:
            return 0.0
        return self._count(rates, state_of(scope)["address"] if caller.name == _ANONYMOUS else caller.name)

    async def _caller(self, scope: Scope, given: list[str]) -> Caller:
        authenticator = scope["app"].state.authenticator
        if not given:
            return await self._of_session(scope) or authenticator.caller(None)
        if len(given) > 1:
            raise ProblemError(
                Problem.UNAUTHENTICATED,
                "the header Authorization is given more than once; give it once",
                parameter="Authorization",
                headers={"WWW-Authenticate": "Bearer"},
            )
        # Hashes of passwords are slow on purpose, and keys of issuers come from elsewhere.
        return await to_thread.run_sync(authenticator.caller, given[0], limiter=self._checking)

    async def _of_session(self, scope: Scope) -> Caller | None:
        authenticator = scope["app"].state.authenticator
        cookie = self._cookie.given(scope)
        if cookie is None or not authenticator.is_configured:
            return None
        # Keys of issuers come from elsewhere.
        found: Caller | None = await to_thread.run_sync(
            authenticator.caller_of_session, cookie, limiter=self._checking
        )
        state_of(scope)["session"] = found is not None
        if found is None and not is_for_people(scope["path"]):
            raise ProblemError(
                Problem.UNAUTHENTICATED,
                "you are signed out: the session is over, or its token was taken back; sign in at /sign-in, "
                "or ask again to see what is public",
                parameter="Cookie",
                headers={"Set-Cookie": self._cookie.cleared(scope), "WWW-Authenticate": "Bearer"},
            )
        return found

    def _forgotten(self, headers: list[tuple[bytes, bytes]], scope: Scope) -> list[tuple[bytes, bytes]]:
        """Headers that take the cookie back, unless they set another; such an answer is for nobody else."""
        if any(name.lower() == b"set-cookie" for name, _ in headers):
            return headers
        kept = [(name, value) for name, value in headers if name.lower() != b"cache-control"]
        return [*kept, (b"cache-control", b"no-store"), (b"set-cookie", self._cookie.cleared(scope).encode())]

    def _count(self, rates: Rates, caller: str) -> float:
        left = rates.take(caller)
        if left < 0:
            wait = rates.wait_s(left)
            raise ProblemError(
                Problem.TOO_MANY_REQUESTS,
                f"{rates.per_minute} requests a minute are taken; ask again in {wait} s",
                headers={"Retry-After": str(wait)}
                | {name.decode(): value.decode() for name, value in _limit_headers(rates, 0.0)},
            )
        return left

    def _address(self, scope: Scope) -> str:
        host = (scope.get("client") or ("",))[0]
        return hashlib.blake2b(host.encode(), key=self._key, digest_size=12).hexdigest()


def _limit_headers(rates: Rates, left: float) -> list[tuple[bytes, bytes]]:
    """As the IETF's draft on rate limit headers has them."""
    return [
        (b"ratelimit-policy", f'"minute";q={rates.per_minute};w=60'.encode()),
        (b"ratelimit", f'"minute";r={int(left)};t=60'.encode()),
    ]
