"""What a route knows of a request: what of which release may be seen, by whom, in which language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Query, Request
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.live import LiveReleases
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role
from geo_service.errors import CursorError, NotFoundError
from geo_service.query.cursors import cursor_release
from geo_service.release.editions import Edition
from geo_service.settings import ApiSettings
from geo_service.vocabulary import Language

__all__ = [
    "Asked",
    "AskedCurrent",
    "AskedNow",
    "AskedOfRelease",
    "AskedOfRound",
    "AskedPageOfRound",
    "LanguageParameter",
    "asked_of",
    "base_url",
    "caller_of",
    "language_of",
    "live_of",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Attributes:
        release: What the caller is shown of the release; open until the answer has been sent.
        caller: Who asks.
        language: In which they want sentences and names.
        base: The URL that the service is reached under, without a slash at its end.
        url: The whole URL of the request, as it is reached under `base`.
        settings: How releases are served.
        live: For answers that outlive the route: a stream takes a lease of its own.
    """

    release: Edition
    caller: Caller
    language: Language
    base: str
    url: str
    settings: ApiSettings
    live: LiveReleases

    @property
    def role(self) -> Role:
        """What the caller may see."""
        return self.caller.role


def live_of(request: Request) -> LiveReleases:
    """The releases of the app."""
    live: LiveReleases = request.app.state.live
    return live


def caller_of(request: Request) -> Caller:
    """Who asks, as the security middleware found out; without one nobody in particular."""
    caller: Caller = getattr(request.state, "caller", None) or Caller(Role.PUBLIC)
    return caller


def base_url(request: Request) -> str:
    """The URL that the service is reached under, without a slash at its end."""
    settings: ApiSettings = request.app.state.settings
    return (settings.public_url or str(request.base_url)).rstrip("/")


async def _language(
    request: Request,
    lang: Annotated[
        Language | SkipJsonSchema[None], Query(description="The language of names, labels and notes.")
    ] = None,
) -> Language:
    return language_of(request) if lang is None else lang


def language_of(request: Request) -> Language:
    """The first language of `Accept-Language` that there is, else English."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in set(Language):
            return Language(code)
    return Language.EN


LanguageParameter = Annotated[Language, Depends(_language)]
"""`lang=`, else the first language of `Accept-Language` that there is, else English."""


_Cursor = Annotated[
    Annotated[str, Field(max_length=4096)] | SkipJsonSchema[None],
    Query(description="Where the page begins: from the `next` link of the page before it."),
]

_Release = Annotated[
    Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | SkipJsonSchema[None],
    Query(description="The release; else the current one."),
]

_Round = Annotated[
    Annotated[int, Field(ge=0, le=100_000)] | SkipJsonSchema[None],
    Query(description="The round; else that of the current release."),
]


async def _asked(
    request: Request,
    language: LanguageParameter,
    cursor: _Cursor = None,
) -> AsyncIterator[Asked]:
    async with _leased(request, language, cursor_release(cursor) if cursor else None) as asked:
        yield asked


async def _asked_current(request: Request, language: LanguageParameter) -> AsyncIterator[Asked]:
    async with _leased(request, language, None) as asked:
        yield asked


async def _asked_of_release(
    request: Request,
    language: LanguageParameter,
    release: _Release = None,
) -> AsyncIterator[Asked]:
    async with _leased(request, language, release, is_named=True) as asked:
        yield asked


async def _asked_of_round(
    request: Request,
    language: LanguageParameter,
    round: _Round = None,  # noqa: A002 - the parameter's name
) -> AsyncIterator[Asked]:
    release = None if round is None else await to_thread.run_sync(live_of(request).of_round, round)
    async with _leased(request, language, release) as asked:
        yield asked


async def _asked_page_of_round(
    request: Request,
    language: LanguageParameter,
    round: _Round = None,  # noqa: A002 - the parameter's name
    cursor: _Cursor = None,
) -> AsyncIterator[Asked]:
    if cursor:
        release: str | None = cursor_release(cursor)
    else:
        release = None if round is None else await to_thread.run_sync(live_of(request).of_round, round)
    async with _leased(request, language, release) as asked:
        of = asked.release.manifest.round
        if cursor and round is not None and (of is None or of.number != round):
            raise ProblemError(
                Problem.INVALID_CURSOR,
                f"the cursor is of another round than {round}; follow the `next` link as it is",
                parameter="cursor",
            )
        yield asked


@asynccontextmanager
async def asked_of(request: Request, language: Language, round_: int | None) -> AsyncIterator[Asked]:
    """A request as `AskedOfRound` has it, for a page that tells its problems itself.

    Args:
        request: As it came.
        language: Of the page.
        round_: The round; null for that of the current release.

    Raises:
        GeoServiceError: The release cannot be served.
        ProblemError: Nothing has been published.
    """
    release = None if round_ is None else await to_thread.run_sync(live_of(request).of_round, round_)
    async with _leased(request, language, release) as asked:
        yield asked


@asynccontextmanager
async def _leased(
    request: Request, language: Language, release: str | None, *, is_named: bool = False
) -> AsyncIterator[Asked]:
    live = live_of(request)
    caller = caller_of(request)
    lease = live.lease(release, caller.role)
    try:
        # What is open is taken at once; a thread is only for what may have to wait for the store.
        if live.is_ready(release):
            edition = lease.__enter__()
        else:
            edition = await to_thread.run_sync(lease.__enter__)
    except NotFoundError as error:
        if release is not None and is_named:
            raise
        if release is not None:
            raise CursorError(
                f"release {release[:12]} was taken away; begin again with the first page"
            ) from error
        if await to_thread.run_sync(live.current) is not None:
            raise
        raise ProblemError(
            Problem.NO_RELEASE,
            "nothing has been published yet; an editor can: geo-service releases publish",
            headers={"Retry-After": "60"},
        ) from error
    base = base_url(request)
    query = f"?{request.url.query}" if request.url.query else ""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    request.state.release = edition.manifest.id
    try:
        yield Asked(
            release=edition,
            caller=caller,
            language=language,
            base=base,
            url=f"{base}{path}{query}",
            settings=request.app.state.settings,
            live=live,
        )
    finally:
        # Giving back takes a lock for a moment, and hears of no error.
        lease.__exit__(None, None, None)


AskedCurrent = Annotated[Asked, Depends(_asked_current)]
"""A request of the current release, which has no other pages."""

AskedNow = Annotated[Asked, Depends(_asked)]
"""A request of the current release, or of that which its `cursor` belongs to."""

AskedOfRelease = Annotated[Asked, Depends(_asked_of_release)]
"""A request of the release that it names, else of the current one."""

AskedOfRound = Annotated[Asked, Depends(_asked_of_round)]
"""A request of the release of its `round`, else of the current one."""

AskedPageOfRound = Annotated[Asked, Depends(_asked_page_of_round)]
"""A request of the release that its `cursor` belongs to, else of that of its `round`, else of the current one."""
