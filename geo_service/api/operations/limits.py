"""What a request may weigh: its URL, its headers, its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from geo_service.api.operations.asgi import header, header_values, is_upload, problem_response
from geo_service.api.problems import Problem, ProblemError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.settings import ApiSettings, UploadSettings

__all__ = ["Limits"]

_AROUND_A_HEADER = 4
_FORM_BYTES = 1_048_576
"""What the form around an uploaded file may weigh; the file itself is counted where it is read."""


class Limits:
    """Refuses what is too long or too large before anything reads it, and bodies without a stated length while they come."""

    def __init__(self, app: ASGIApp, settings: ApiSettings, uploads: UploadSettings) -> None:
        """Wrap an app."""
        self._app = app
        self._settings = settings
        self._upload_bytes = uploads.max_bytes + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._upload_bytes if is_upload(scope) else self._settings.max_body
        try:
            self._refuse(scope, most)
        except ProblemError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                # FastAPI hands on this one as it is, and answers others of its own.
                raise HTTPException(Problem.TOO_LARGE.status, _too_large(most))
            return message

        await self._app(scope, counted, send)

    def _refuse(self, scope: Scope, most: int) -> None:
        settings = self._settings
        url = len(scope.get("raw_path") or scope["path"]) + len(scope.get("query_string", b"")) + 1
        if url > settings.max_url:
            raise ProblemError(
                Problem.URL_TOO_LONG, f"the URL may have {settings.max_url} bytes; this one has {url}"
            )
        if (
            sum(len(key) + len(value) + _AROUND_A_HEADER for key, value in scope["headers"])
            > settings.max_headers
        ):
            raise ProblemError(
                Problem.HEADERS_TOO_LARGE, f"all headers together may have {settings.max_headers} bytes"
            )
        length = header(scope, b"content-length")
        if length is None:
            if header(scope, b"transfer-encoding") is not None:
                _refuse_compressed(scope)
            return
        if not (length.isascii() and length.isdigit()) or len(header_values(scope, b"content-length")) > 1:
            raise ProblemError(
                Problem.INVALID_BODY, "Content-Length has to be one number", parameter="Content-Length"
            )
        if int(length[:18]) > most:
            raise ProblemError(Problem.TOO_LARGE, _too_large(most))
        if int(length[:18]):
            _refuse_compressed(scope)


def _refuse_compressed(scope: Scope) -> None:
    if (header(scope, b"content-encoding") or "identity").lower() != "identity":
        raise ProblemError(
            Problem.UNSUPPORTED_MEDIA_TYPE,
            "a body that was compressed for sending is not taken; send it as it is",
            parameter="Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )


def _too_large(most: int) -> str:
    return f"the body may have {most} bytes"
