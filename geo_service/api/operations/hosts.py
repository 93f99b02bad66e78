"""Keeps web pages from driving a service that takes whoever reaches it for an editor.

Such a service listens on a loopback and knows no tokens. A page in a browser on the same machine reaches it too: by a name of its own that
it points at 127.0.0.1 (DNS rebinding), or by sending a form across sites. The first shows in `Host`, the second in `Origin` and `Sec-Fetch-Site`.

Whoever signed in on a page has a cookie, which a browser sends along whoever asks it to. So what changes anything has to come from a page of this
very service then, and so has every form that is made for people: it is not enough that nothing says otherwise.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from geo_service.api.operations.asgi import header, header_values, problem_response
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.session import SessionCookie, is_form

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo_service.settings import ApiSettings

__all__ = ["Hosts", "is_loopback"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether a host reaches this machine only: `localhost`, a name below it, or an address of a loopback.

    Args:
        host: A name or address, in brackets or not, without a port.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Hosts:
    """Refuses names that are not this machine's where the service is local, and what other sites have a browser send.

    Args:
        app: What is protected.
        settings: The public URL, and the sites whose scripts may ask.
        is_local: Whether the service listens on a loopback only.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings, *, is_local: bool) -> None:
        """Wrap an app."""
        self._app = app
        self._is_local = is_local
        self._origins = settings.cors_origins
        self._cookie = SessionCookie(settings)
        public = urlsplit(settings.public_url or "")
        self._public_host = public.hostname
        self._public_origin = f"{public.scheme}://{public.netloc}" if public.netloc else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            try:
                _refuse_malformed(scope)
                if self._is_local:
                    self._refuse_host(scope)
                if scope["method"] not in _SAFE:
                    self._refuse_senders(scope)
            except ProblemError as error:
                await problem_response(error, scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refuse_host(self, scope: Scope) -> None:
        host = _name(header(scope, b"host") or "")
        if not is_loopback(host) and host != self._public_host:
            raise ProblemError(
                Problem.MISDIRECTED,
                "this service is for its own machine; ask it as 127.0.0.1 or localhost",
                parameter="Host",
            )

    def _refuse_senders(self, scope: Scope) -> None:
        has_token = header(scope, b"authorization") is not None
        if is_form(scope["path"]) or (not has_token and self._cookie.given(scope) is not None):
            if not self._is_of_own_page(scope):
                raise ProblemError(
                    Problem.FORBIDDEN,
                    "this is sent from a page of this service only; open the page and send it from there, or use a token",
                    parameter="Origin",
                )
        elif not has_token:
            self._refuse_origin(scope)

    def _is_of_own_page(self, scope: Scope) -> bool:
        origins, sites = header_values(scope, b"origin"), header_values(scope, b"sec-fetch-site")
        if len(origins) > 1 or sites not in ([], ["same-origin"]):
            return False
        if not origins:
            return bool(sites)
        host = header(scope, b"host") or ""
        if sites and host and urlsplit(origins[0]).netloc == host:
            # A proxy may speak https where this service hears http: the browser knows better.
            return True
        return origins[0] in {f"{scope['scheme']}://{host}", self._public_origin}

    def _refuse_origin(self, scope: Scope) -> None:
        origin = header(scope, b"origin")
        own = f"{scope['scheme']}://{header(scope, b'host') or ''}"
        if origin is None:
            is_foreign = (header(scope, b"sec-fetch-site") or "none") not in {"none", "same-origin"}
        else:
            is_foreign = origin not in {own, self._public_origin, *self._origins}
        if is_foreign:
            raise ProblemError(
                Problem.FORBIDDEN,
                "another site may not send this; send it from a page or program of this service, or with a token",
                parameter="Origin",
            )


def _refuse_malformed(scope: Scope) -> None:
    """Refuse a `Host` that is none: links of answers begin with it."""
    given = header_values(scope, b"host")
    is_needed = scope.get("http_version", "1.1") != "1.0"
    if len(given) > 1 or (is_needed and not given) or not all(_HOST.fullmatch(one) for one in given):
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            "the header Host has to be given once, a name or an address with or without a port",
            parameter="Host",
        )


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
