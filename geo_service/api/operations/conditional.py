"""Answers that depend on a release only: each has a strong ETag before anything is asked, and who has it already gets a 304.

An ETag is a hash of the release, the role, the URL as it was asked, what chose the form of the answer (`Accept`, `Accept-Language`, where the
URL does not), the address in links, the settings and the version of this package. So it is known before the question, and the
same on every worker. A content coding adds its name to it (see `compression`).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from anyio import to_thread

from geo_service._version import __version__
from geo_service.api.operations.asgi import header, header_values, state_of
from geo_service.api.operations.compression import CODINGS
from geo_service.api.security.roles import Role
from geo_service.errors import CursorError, GeoServiceError
from geo_service.query.cursors import cursor_release

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.api.live import LiveReleases
    from geo_service.settings import ApiSettings

__all__ = ["RELEASE_BOUND", "Conditional", "matching"]

RELEASE_BOUND = (
    "/ogc",
    "/access/",
    "/mobility/",
    "/coverage/",
    "/tables",
    "/audit",
    "/maps",
    "/oembed",
    "/reports/",
)
"""How paths begin whose answers depend on nothing but their release; `context` says which one in `request.state.release`."""

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_REPORT = re.compile(r"/reports/(\d{1,6})\.[a-z]+")
_CODED = re.compile(rf'-(?:{"|".join(CODINGS)})"$')
_VARY = b"Accept, Accept-Language, Authorization, Cookie"
_OF_PUBLIC = b"public, max-age=60, must-revalidate"
_OF_OTHERS = b"private, no-cache"


class Conditional:
    """Gives ETags, answers with 304, and says how long an answer may be kept."""

    def __init__(self, app: ASGIApp, settings: ApiSettings, live: LiveReleases) -> None:
        """Wrap an app."""
        self._app = app
        self._live = live
        self._public_url = (settings.public_url or "").encode()
        # Another default or limit makes other answers.
        self._salt = f"{__version__} {settings.model_dump_json(exclude={'store', 'threads'})}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say that nothing has changed."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(RELEASE_BOUND):
            await self._app(scope, receive, send)
            return
        state = state_of(scope)
        role = state["caller"].role if "caller" in state else Role.PUBLIC
        asked = self._asked(scope, role)
        keep = _OF_PUBLIC if role is Role.PUBLIC else _OF_OTHERS
        known = header_values(scope, b"if-none-match")
        any_will_do = [one.strip() for one in known] == ["*"]
        if known and not any_will_do:
            release = await self._expected(scope)
            tag = matching(", ".join(known), _tag(asked, release)) if release else None
            if release and tag:
                state["release"], state["not_modified"] = release, True
                await _not_modified(send, tag.encode(), keep, release)
                return
        is_known = False

        async def tagged(message: Message) -> None:
            nonlocal is_known
            if is_known:
                return
            if message["type"] == "http.response.start" and message["status"] == 200 and "release" in state:
                tag = _tag(asked, state["release"]).encode()
                if any_will_do:
                    is_known = True
                    await _not_modified(send, tag, keep, state["release"])
                    return
                message["headers"] = _with(list(message.get("headers", ())), tag, keep, state["release"])
            await send(message)

        await self._app(scope, receive, tagged)

    def _asked(self, scope: Scope, role: Role) -> hashlib.blake2b:
        """All but the release."""
        query = scope.get("query_string", b"")
        chosen = [role.encode(), scope.get("raw_path") or scope["path"].encode(), query, self._public_url]
        if not self._public_url:
            chosen += [
                scope["scheme"].encode(),
                (header(scope, b"host") or "").encode(),
                scope.get("root_path", "").encode(),
            ]
        if not _has(query, b"f="):
            chosen.append(", ".join(header_values(scope, b"accept")).encode())
        if not _has(query, b"lang="):
            chosen.append(", ".join(header_values(scope, b"accept-language")).encode())
        hashed = hashlib.blake2b(self._salt, digest_size=16)
        for one in chosen:
            # With its length, so that nothing can be moved from one to the next.
            hashed.update(b"%d:%b" % (len(one), one))
        return hashed

    async def _expected(self, scope: Scope) -> str | None:
        """The release that is going to answer; null where that takes the whole question to find out."""
        query = scope.get("query_string", b"")
        try:
            if of_round := _REPORT.fullmatch(scope["path"]):
                return await to_thread.run_sync(self._live.of_round, int(of_round[1]))
            if any(_has(query, one) for one in (b"cursor=", b"round=", b"release=")):
                given = parse_qs(query.decode("latin-1"))
                if given.get("cursor"):
                    return cursor_release(given["cursor"][0])
                if given.get("release"):
                    return str(given["release"][0])
                if given.get("round"):
                    return await to_thread.run_sync(self._live.of_round, int(given["round"][0]))
            return self._live.fresh() or await to_thread.run_sync(self._live.current)
        except (CursorError, GeoServiceError, ValueError):
            return None


def matching(known: str, tag: str) -> str | None:
    """That of the tags of an `If-None-Match` which is `tag`, weakly compared and in whatever coding; null for none.

    Args:
        known: The value of the header: tags, also `W/"…"`, with commas.
        tag: With its quotes, without a coding.
    """
    for found in _TAG.findall(known):
        if _CODED.sub('"', found) == tag:
            return str(found)
    return None


def _has(query: bytes, name: bytes) -> bool:
    return query.startswith(name) or b"&" + name in query


def _tag(asked: hashlib.blake2b, release: str) -> str:
    hashed = asked.copy()
    hashed.update(release.encode())
    return f'"{hashed.hexdigest()}"'


def _with(
    headers: list[tuple[bytes, bytes]], tag: bytes, keep: bytes, release: str
) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in headers}
    if b"etag" not in there:
        headers.append((b"etag", tag))
    if b"cache-control" not in there:
        headers.append((b"cache-control", keep))
    headers += [(b"vary", _VARY), (b"x-release", release.encode())]
    return headers


async def _not_modified(send: Send, tag: bytes, keep: bytes, release: str) -> None:
    headers = [
        (b"etag", tag),
        (b"cache-control", keep),
        (b"vary", _VARY),
        (b"vary", b"Accept-Encoding"),
        (b"x-release", release.encode()),
    ]
    await send({"type": "http.response.start", "status": 304, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
