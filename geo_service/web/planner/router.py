"""The planner's page at `/`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from geo_service._version import __version__
from geo_service.api.context import asked_of, base_url, language_of, live_of
from geo_service.api.formats.static import static_url
from geo_service.api.operations.conditional import matching
from geo_service.api.operations.problem_handlers import as_problem
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import GeoServiceError
from geo_service.vocabulary import Language
from geo_service.web.account import account_of
from geo_service.web.planner.map_file import router as map_files
from geo_service.web.planner.state import State, state_of
from geo_service.web.planner.view import view_of
from geo_service.web.planner.words import words_of

if TYPE_CHECKING:
    from geo_service.api.context import Asked

__all__ = ["planner", "router"]

router = APIRouter()
router.include_router(map_files)

_VARY = "Accept-Language, Authorization, Cookie"
_HTML = "text/html; charset=utf-8"


@router.get("/", include_in_schema=False, openapi_extra={"x-more-parameters": True})
async def planner(request: Request) -> Response:
    """The page; what is wrong with a question is told on a page too."""
    language = _language(request)
    try:
        state = state_of(request.query_params)
        async with asked_of(request, language, state.round) as asked:
            current = await to_thread.run_sync(asked.live.current)
            account = _account(request, language)
            tag = await to_thread.run_sync(_tag, asked, current, account)
            headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": _VARY}
            if matching(request.headers.get("if-none-match", ""), tag):
                return Response(None, 304, headers)
            body = await to_thread.run_sync(_page, asked, state, current, account)
    except (ProblemError, GeoServiceError) as error:
        problem = as_problem(error)
        body = await to_thread.run_sync(_problem_page, request, language, problem)
        headers = {"Cache-Control": "no-store", "Vary": _VARY, **problem.headers}
        return Response(body, problem.problem.status, {"Content-Language": language.value, **headers}, _HTML)
    return Response(body, 200, {"Content-Language": language.value, **headers}, _HTML)


def _language(request: Request) -> Language:
    given = request.query_params.get("lang", "")
    return Language(given) if given in set(Language) else language_of(request)


def _account(request: Request, language: Language) -> dict[str, Any] | None:
    """Who is signed in, for the head of the page; null where that cannot be found out."""
    try:
        return account_of(request, language)
    except GeoServiceError:
        return None


def _tag(asked: Asked, current: str | None, account: dict[str, Any] | None) -> str:
    """Of all that the page depends on; the rounds that can be chosen are those of the releases there are."""
    rounds = [one.id for one in asked.live.entries()]
    said = (
        __version__,
        static_url(asked.base, ""),
        asked.release.manifest.id,
        asked.caller.role,
        asked.language,
        asked.url,
        asked.settings.model_dump_json(include={"public_url", "frame_ancestors"}),
        current,
        rounds,
        account,
    )
    return f'"{hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()}"'


def _page(asked: Asked, state: State, current: str | None, account: dict[str, Any] | None) -> bytes:
    # Here, so that those who need no page need no library of templates.
    from geo_service.api.formats.pages import rendered  # noqa: PLC0415

    values = view_of(asked, state, current)
    return rendered("planner.html", asked.base, language=asked.language, account=account, **values)


def _problem_page(request: Request, language: Language, problem: ProblemError) -> bytes:
    from geo_service.api.formats.pages import rendered  # noqa: PLC0415

    words = words_of(language)
    is_empty = problem.problem is Problem.NO_RELEASE and _is_nothing_there(request)
    is_question = problem.problem.status < 500
    title = words["empty" if is_empty else "wrong" if is_question else "broken"]
    base = base_url(request)
    sentences = [words["empty_what"]] if is_empty else []
    if is_question:
        name = problem.parameter
        detail = problem.detail.removesuffix(".")
        sentences.append(
            f"{detail}." if name is None else words.say("wrong_parameter", name=name, detail=detail)
        )
        if problem.allowed:
            sentences.append(words.say("wrong_allowed", values=", ".join(problem.allowed)))
    elif not is_empty:
        sentences.append(words["broken_what"])
    return rendered(
        "planner_problem.html",
        base,
        language=language,
        words=words,
        title=title,
        sentences=sentences,
        command="geo-service releases publish" if is_empty else None,
        begin=f"{base}/?lang={language}" if is_question else None,
        account=_account(request, language),
    )


def _is_nothing_there(request: Request) -> bool:
    try:
        return live_of(request).current() is None
    except GeoServiceError:
        return False
