"""Answers compressed with zstd or gzip, whichever of those that the client takes it likes better; streams as they come."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard
from anyio import CapacityLimiter, to_thread

from geo_service.api.operations.asgi import header_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CODINGS", "Compression", "chosen_coding"]

CODINGS = ("zstd", "gzip")
"""The better first."""

_GZIP_LEVEL = 4
_ZSTD_LEVEL = 3
_GZIP_WINDOW = 31
_LEAST_BYTES = 1_024
_IN_A_THREAD = 131_072
_THREADS = 2
_TEXT = re.compile(
    rb"text/|application/(?:[\w.-]+\+)?(?:json|xml|schema\+json|x-ndjson|geo\+json-seq|json-seq|javascript"
    rb"|vnd\.mapbox-vector-tile|yaml|jsonl|flatgeobuf)\b|application/[\w.-]+\+(?:json|xml)|image/svg\+xml"
)
"""What gets smaller; workbooks, images and Parquet are compressed inside."""


class _Compressor(Protocol):
    def add(self, data: bytes, *, is_last: bool) -> bytes:
        """The compressed data, whole as far as it goes."""


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    def add(self, data: bytes, *, is_last: bool) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def add(self, data: bytes, *, is_last: bool) -> bytes:
        how = zstandard.COMPRESSOBJ_FLUSH_FINISH if is_last else zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return self._inner.compress(data) + self._inner.flush(how)


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {"zstd": _Zstd, "gzip": _Gzip}


class Compression:
    """Compresses text of 1 kB and more. A strong ETag gets the coding's name, as other bytes are another representation."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app
        self._threads = CapacityLimiter(_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = chosen_coding(", ".join(header_values(scope, b"accept-encoding")))
        await self._app(scope, receive, _Answer(coding, send, self._threads))


class _Answer:
    """One answer on its way out; its start waits for the first part of its body, which says whether compressing is worth it."""

    def __init__(self, coding: str | None, send: Send, threads: CapacityLimiter) -> None:
        self._coding = coding
        self._send = send
        self._threads = threads
        self._start: Message | None = None
        self._compressor: _Compressor | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_text(message):
                message["headers"] = [*message["headers"], (b"vary", b"Accept-Encoding")]
                if self._coding is not None and message["status"] != 206:
                    self._start = message
                    return
            await self._send(message)
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            if is_last and len(body) < _LEAST_BYTES:
                await self._send(start)
                await self._send(message)
                return
            assert self._coding is not None  # noqa: S101 - a start is kept for a coding only
            self._compressor = _COMPRESSORS[self._coding]()
            packed = await self._packed(body, is_last=is_last)
            start["headers"] = _coded(start["headers"], self._coding, len(packed) if is_last else None)
            await self._send(start)
        elif self._compressor is not None:
            packed = await self._packed(body, is_last=is_last)
        else:
            await self._send(message)
            return
        await self._send({"type": "http.response.body", "body": packed, "more_body": not is_last})

    async def _packed(self, body: bytes, *, is_last: bool) -> bytes:
        assert self._compressor is not None  # noqa: S101
        compressor = self._compressor
        if len(body) < _IN_A_THREAD:
            return compressor.add(body, is_last=is_last)
        return await to_thread.run_sync(lambda: compressor.add(body, is_last=is_last), limiter=self._threads)


def chosen_coding(accepted: str) -> str | None:
    """The coding of an answer; null for none.

    Args:
        accepted: The value of `Accept-Encoding`; the client's first choice counts, and of equals the better one.
    """
    if not accepted:
        return None
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    any_other = weights.get("*", 0.0)
    liked = {one: weights.get(one, any_other) for one in CODINGS}
    best = max(CODINGS, key=lambda one: liked[one])
    return best if liked[best] > 0 and liked[best] >= weights.get("identity", 0.0) else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _is_text(message: Message) -> bool:
    there = {name.lower(): value for name, value in message.get("headers", ())}
    if b"content-encoding" in there or message["status"] in {204, 304}:
        return False
    return _TEXT.match(there.get(b"content-type", b"").lower()) is not None


def _coded(headers: list[tuple[bytes, bytes]], coding: str, length: int | None) -> list[tuple[bytes, bytes]]:
    kept = []
    for name, value in headers:
        match name.lower():
            case b"content-length" | b"accept-ranges":
                continue
            case b"etag" if value.startswith(b'"'):
                kept.append((name, value[:-1] + f'-{coding}"'.encode()))
            case _:
                kept.append((name, value))
    kept.append((b"content-encoding", coding.encode()))
    if length is not None:
        kept.append((b"content-length", str(length).encode()))
    return kept
