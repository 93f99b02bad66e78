"""Headers that tell browsers what pages of this service may do, and how long an answer may be kept where nobody else says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from geo_service.api.operations.asgi import state_of
from geo_service.api.security.session import is_form

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.settings import ApiSettings

__all__ = ["SecurityHeaders"]

_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_DATA = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_NOT_MODIFIED = 304
_OF_CONTENT = frozenset({b"content-security-policy", b"cross-origin-opener-policy"})
_HTML = (b"text/html", b"application/xhtml+xml")


class SecurityHeaders:
    """Sets them on each answer that does not have them. A page that needs more than `_PAGE` allows says its own policy."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        """Wrap an app."""
        self._app = app
        tiles = _host_of(settings.tile_url)
        ancestors = " ".join(settings.frame_ancestors) or "'none'"
        self._page = _PAGE.format(ancestors=ancestors, tiles=f" {tiles}" if tiles else "").encode()
        # What may be embedded elsewhere is a map: no other site lays its own buttons over a form.
        self._form = _PAGE.format(ancestors="'none'", tiles="").encode()
        elsewhere = b"cross-origin" if settings.cors_origins else b"same-origin"
        self._all = (
            (b"x-content-type-options", b"nosniff"),
            # Who gives tiles away wants to know to whom: the name of the service, and no address of a page.
            (b"referrer-policy", b"strict-origin-when-cross-origin" if tiles else b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            (b"cross-origin-resource-policy", elsewhere),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                page = self._form if is_form(scope["path"]) else self._page
                headers = self._with(list(message.get("headers", ())), page)
                if message["status"] == _NOT_MODIFIED:
                    # It would replace the policy of the page that the browser has kept.
                    headers = [one for one in headers if one[0].lower() not in _OF_CONTENT]
                message["headers"] = headers
            await send(message)

        state_of(scope)
        await self._app(scope, receive, guarded)

    def _with(self, headers: list[tuple[bytes, bytes]], page: bytes) -> list[tuple[bytes, bytes]]:
        there = {name.lower(): value for name, value in headers}
        headers.extend(one for one in self._all if one[0] not in there)
        is_page = there.get(b"content-type", b"").startswith(_HTML)
        if b"content-security-policy" not in there:
            headers.append((b"content-security-policy", page if is_page else _DATA))
        if is_page and b"cross-origin-opener-policy" not in there:
            headers.append((b"cross-origin-opener-policy", b"same-origin"))
        if b"cache-control" not in there:
            headers.append((b"cache-control", b"no-store"))
        return headers


def _host_of(tile_url: str | None) -> str | None:
    """Where tiles come from, as a source of a policy; null where they are from here."""
    parts = urlsplit(tile_url or "")
    if not parts.netloc:
        return None
    # `{s}` stands for one of several hosts.
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"
