"""The server's side of a connection, with the bounds that the app cannot set: the app is called when the headers are there."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from geo_service.api.operations.asgi import PROBLEM_JSON
from geo_service.api.problems import Problem, ProblemError

if TYPE_CHECKING:
    import asyncio

__all__ = ["HEAD_BYTES", "HEAD_S", "BoundedHttp"]

HEAD_BYTES = 262_144
"""What the URL and all headers may have before they are given up on, above all limits of the app."""
HEAD_S = 20.0
"""How long they may take."""

_HEADERS = {
    "content-type": PROBLEM_JSON,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "connection": "close",
}
"""As the app's own answers have them, which such a request never reaches."""


class BoundedHttp(HttpToolsProtocol):
    """Closes connections whose headers are too long or too slow."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        """As uvicorn makes one for each connection."""
        super().__init__(*arguments, **more)
        self._head_bytes = 0
        self._is_head = True
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self._is_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(
                ProblemError(
                    Problem.HEADERS_TOO_LARGE, f"the URL and all headers may have {HEAD_BYTES} bytes together"
                )
            )

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the name is uvicorn's
        """Refuse what is no HTTP/1.1, as everything else is refused."""
        self._refuse(ProblemError(Problem.INVALID_BODY, "this is no request of HTTP/1.1 that can be read"))

    def _refuse(self, error: ProblemError) -> None:
        request_id = secrets.token_hex(8)
        body = json.dumps(error.to_json(request_id)).encode()
        status = HTTPStatus(error.problem.status)
        said = _HEADERS | {"x-request-id": request_id, "content-length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self.transport.write(f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode() + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_head = True
        self._await_head()

    def on_headers_complete(self) -> None:
        """Its headers are there."""
        self._is_head = False
        self._head_bytes = 0
        self._stop_waiting()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
