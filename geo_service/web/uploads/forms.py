"""`/uploads/new`, and where its two forms go: to the same code as `POST /rounds` and `POST /facilities/{service}`."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from geo_service.api.context import LanguageParameter, base_url, caller_of, live_of
from geo_service.api.formats.pages import rendered
from geo_service.api.operations.problem_handlers import as_problem
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.writing.models import JobKind
from geo_service.api.writing.receive import LAYER_SUFFIXES, SURVEY_SUFFIXES, TABLE_SUFFIXES
from geo_service.api.writing.tasks import HIGHEST, LAYER_FIELDS, facilities_task, round_task
from geo_service.api.writing.upload import Upload, refuse_others
from geo_service.errors import GeoServiceError
from geo_service.vocabulary import SERVICES, Language, Service, countries
from geo_service.web.account import account_of, in_words, with_language
from geo_service.web.problem_pages import what_to_do
from geo_service.web.uploads.words import FIELDS, FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.api.writing.receive import Received

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_CYRILLIC = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_BEYOND = 0x400
_ALLOWED: Mapping[JobKind, Mapping[str, tuple[str, ...]]] = {
    JobKind.ROUND: {"files": SURVEY_SUFFIXES, "villages": LAYER_SUFFIXES, "crosswalk": TABLE_SUFFIXES},
    JobKind.FACILITIES: {"file": LAYER_SUFFIXES},
}
_IN_FIELDS = frozenset({Problem.INVALID_BODY, Problem.CONFLICT})
_BY_FORM: Mapping[JobKind, frozenset[str]] = {
    JobKind.ROUND: frozenset({"files", "number", "country", "villages", "crosswalk"}),
    JobKind.FACILITIES: frozenset({"service", "file", *LAYER_FIELDS}),
}
_NOTHING = dict.fromkeys(["number", "country", "service", "check_only", *LAYER_FIELDS], "")


@router.get("/uploads/new")
async def new_upload(request: Request, language: LanguageParameter) -> Response:
    """The two forms."""
    refuse_others(request)
    return await _page(request, language)


@router.post("/uploads/rounds")
async def send_round(request: Request, language: LanguageParameter) -> Response:
    """Take a round, and go where one sees what becomes of it."""
    return await _sent(request, language, JobKind.ROUND, round_task)


@router.post("/uploads/facilities")
async def send_facilities(request: Request, language: LanguageParameter) -> Response:
    """The same for facilities."""
    return await _sent(request, language, JobKind.FACILITIES, _facilities_task)


async def _sent(
    request: Request, language: Language, kind: JobKind, task_of: Callable[[Received], dict[str, Any]]
) -> Response:
    upload = Upload(request, Response(), kind, None, None)
    given: dict[str, str] = {}

    def task(received: Received) -> dict[str, Any]:
        given.update(received.fields)
        fields = dict(received.fields)
        # The same form with the same content is one upload, however often it is sent; with other content it is another.
        if key := fields.pop("key", ""):
            upload.key = f"form {key[:64]} {received.fingerprint}"
        is_check = fields.pop("check_only", "") != ""
        return task_of(replace(received, fields=fields)) | {"check_only": is_check}

    try:
        job = await upload.into_job(_ALLOWED[kind], task)
    except (ProblemError, GeoServiceError) as error:
        return await _page(request, language, kind=kind, given=given, error=as_problem(error))
    url = with_language(request, f"{base_url(request)}/uploads/{job.id}")
    return RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})


def _facilities_task(received: Received) -> dict[str, Any]:
    fields = dict(received.fields)
    service = fields.pop("service", "")
    if service not in set(Service):
        raise ProblemError(
            Problem.INVALID_BODY, "choose the service", parameter="service", allowed=list(Service)
        )
    return facilities_task(replace(received, fields=fields)) | {"service": service}


async def _page(
    request: Request,
    language: Language,
    *,
    kind: JobKind | None = None,
    given: Mapping[str, str] | None = None,
    error: ProblemError | None = None,
) -> Response:
    text = in_words(FORM, language)
    size = format_decimal(request.app.state.uploads.max_bytes / 1e6, "#,##0.#", locale=language.value)
    fields = in_words(FIELDS, language)
    # What somebody has entered counts before what the current release suggests, in the form that they sent.
    entered = given or {}
    suggested = await to_thread.run_sync(_suggested, request)
    base = base_url(request)
    body = rendered(
        "upload.html",
        base,
        language=language,
        title=text["title"] if error is None else f"{text['problem']}: {text['title']}",
        heading=text["title"],
        text=text,
        fields=fields,
        account=account_of(request, language, back="/uploads/new"),
        key=secrets.token_urlsafe(16),
        round_={**_NOTHING, **suggested, **(entered if kind is JobKind.ROUND else {})},
        layer={**_NOTHING, **(entered if kind is JobKind.FACILITIES else {})},
        layer_fields=list(LAYER_FIELDS),
        is_layer_open=kind is JobKind.FACILITIES and any(entered.get(one) for one in LAYER_FIELDS),
        highest=HIGHEST,
        countries=_countries(language),
        services=[(one.value, SERVICES[one].label(language)) for one in Service],
        suffixes={field: ",".join(found) for one in _ALLOWED.values() for field, found in one.items()},
        taken={
            field: text["taken"].format(suffixes=", ".join(found), size=size)
            for one in _ALLOWED.values()
            for field, found in one.items()
        },
        problem=None if error is None or kind is None else _problem(error, kind, request, language),
        wrong=error.parameter if error is not None and error.problem in _IN_FIELDS else None,
        wrong_form=kind,
        actions={name: with_language(request, f"{base}/uploads/{name}") for name in ("rounds", "facilities")},
    )
    status, headers = (200, {}) if error is None else (error.problem.status, error.headers)
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store", **headers})


def _problem(error: ProblemError, kind: JobKind, request: Request, language: Language) -> dict[str, Any]:
    """What is wrong with what was sent: in words of the page, the detail in English, and the field that it is in."""
    field = error.parameter if error.parameter in _BY_FORM[kind] else None
    return {
        "what_to_do": None if error.problem in _IN_FIELDS else what_to_do(error, request, language),
        "detail": error.detail,
        "field": None if field is None else in_words(FIELDS, language)[field],
        "anchor": None if field is None else f"{kind.value}-{field}",
    }


def _suggested(request: Request) -> dict[str, str]:
    """The country of the current release, and the number after its round; nothing where there is none."""
    try:
        with live_of(request).lease(None, caller_of(request).role) as edition:
            of = edition.manifest.round
    except GeoServiceError:
        return {}
    return {} if of is None else {"country": of.country, "number": str(of.number + 1)}


def _countries(language: Language) -> list[tuple[str, str]]:
    """Codes and names in the order of the language's letters."""
    named = [(code, one.label(language)) for code, one in countries().items() if len(code) == len("KAZ")]
    return sorted(named, key=lambda one: _collated(one[1]))


def _collated(name: str) -> list[int]:
    """As dictionaries have it: accents of Latin letters do not count, letters of Kazakh stand where its alphabet has them."""
    folded = name.casefold()
    if not set(folded) & set(_CYRILLIC):
        folded = "".join(
            one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(one)
        )
    return [_CYRILLIC.find(one) + _BEYOND if one in _CYRILLIC else ord(one) for one in folded]
