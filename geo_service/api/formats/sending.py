"""A body sent piece by piece, which ends its source when it is through, when that fails and when nobody listens any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import anyio
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

__all__ = ["PiecesResponse"]


class PiecesResponse(Response):
    """Pieces that are made in threads while the client takes them: no more than one is held.

    A source that fails ends the connection without the end of the body, so that nobody takes the beginning for the whole.

    Args:
        pieces: The body; the first of them is made already where a mistake is to be found before the status is sent.
        close: Called once at the end, whatever that is.
        headers: Of the response; with `Content-Length` where it is known.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        close: Callable[[], None],
        headers: Mapping[str, str],
        status: int = 200,
    ) -> None:
        """Send nothing yet."""
        self.status_code = status
        self.background = None
        self._pieces = pieces
        self._close = close
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it.

        Raises:
            Exception: What the source raised.
        """
        failed: list[Exception] = []
        try:
            async with anyio.create_task_group() as group:

                async def listen() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    group.cancel_scope.cancel()

                group.start_soon(listen)
                try:
                    await self._send(scope, send)
                except OSError as error:
                    # The client went away, which `send` says so; an OSError of the source has become an error of its own.
                    if (
                        not isinstance(error, ConnectionError)
                        and type(error).__name__ != "ClientDisconnected"
                    ):
                        failed.append(error)
                except Exception as error:  # noqa: BLE001 - raised again once the group is over, as itself
                    failed.append(error)
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await run_sync(self._close)
        if failed:
            raise failed[0]

    async def _send(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            while (piece := await run_sync(next, self._pieces, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Those given and no others: a stream has no length."""
        self.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ]
