"""`/sign-in` and `/sign-out`: a token in a form, and a cookie instead of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, unquote, urlsplit

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import LanguageParameter, base_url, caller_of
from geo_service.api.formats.pages import rendered
from geo_service.api.operations.callers import Rates
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.api.security.session import SessionCookie
from geo_service.web.account import account_of, in_words, role_name, with_language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.vocabulary import Language

__all__ = ["own_path", "router"]

router = APIRouter(include_in_schema=False)

_GUESSES = 20
"""Wrong tokens from an address in a minute, in one worker."""
_FORM = "application/x-www-form-urlencoded"
_LONGEST_NEXT = 4_096
_PLAIN = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_UNFOLDED = 3

_WORDS: Mapping[str, Wording] = {
    "title": Wording(en="Sign in", ru="Вход", kk="Кіру"),
    "sign_in": Wording(en="Sign in", ru="Войти", kk="Кіру"),
    "token": Wording(en="Token", ru="Токен", kk="Токен"),
    "hint": Wording(
        en="The text that begins with gs_, or a token of your organisation. Whoever runs the service gives it out.",
        ru="Текст, который начинается с gs_, или токен вашей организации. Его выдаёт тот, кто управляет сервисом.",
        kk="gs_ деп басталатын мәтін немесе ұйымыңыздың токені. Оны сервисті басқаратын адам береді.",
    ),
    "how_long": Wording(
        en="You stay signed in on this device for {hours} h at most, and no longer than the token counts.",
        ru="Вход на этом устройстве действует не дольше {hours} ч и не дольше, чем действует токен.",
        kk="Бұл құрылғыда кіру ең көбі {hours} сағат және токен жарамды болғанша ғана сақталады.",
    ),
    "onward": Wording(
        en="Go on without signing in: to what is public",
        ru="Продолжить без входа: общедоступные данные",
        kk="Кірмей жалғастыру: жалпыға қолжетімді деректер",
    ),
    "go_on": Wording(en="Go on", ru="Продолжить", kk="Жалғастыру"),
    "to_field": Wording(en="Enter the token again", ru="Ввести токен ещё раз", kk="Токенді қайта енгізу"),
    "wrong": Wording(
        en="This token does not count: it is mistyped, is over, or was taken back. Look whether all of it was copied, or ask for a new one.",
        ru="Этот токен не действует: он введён с ошибкой, истёк или отозван. Проверьте, скопирован ли он целиком, или попросите новый.",
        kk="Бұл токен жарамсыз: қате енгізілген, мерзімі өткен немесе кері қайтарып алынған. Толық көшірілгенін тексеріңіз немесе жаңасын сұраңыз.",
    ),
    "empty": Wording(en="Enter a token.", ru="Введите токен.", kk="Токенді енгізіңіз."),
    "too_often": Wording(
        en="Too many wrong tokens came from here. Wait a minute, then try again.",
        ru="Отсюда введено слишком много неверных токенов. Подождите минуту и попробуйте снова.",
        kk="Осы жерден тым көп қате токен енгізілді. Бір минут күтіп, қайталап көріңіз.",
    ),
    "already": Wording(
        en="You are signed in. Your role: {role}.",
        ru="Вход уже выполнен. Ваша роль: {role}.",
        kk="Сіз кіріп тұрсыз. Рөліңіз: {role}.",
    ),
    "everybody": Wording(
        en="Nobody has to sign in: this service can be reached from this computer only, no token was ever made, and everybody here is an editor.",
        ru="Вход не нужен: сервис доступен только с этого компьютера, токенов ещё не создавали, и каждый здесь — редактор.",
        kk="Кіру керек емес: сервиске тек осы компьютерден қол жетеді, токен әлі жасалмаған, мұнда әркім — редактор.",
    ),
    "nobody": Wording(
        en="Nobody can sign in: no token was ever made for this service.",
        ru="Войти нельзя: для этого сервиса ещё не создано ни одного токена.",
        kk="Кіру мүмкін емес: бұл сервис үшін әлі бірде-бір токен жасалмаған.",
    ),
}

_Next = Annotated[
    Annotated[str, Query(description="The path to go to afterwards.")] | SkipJsonSchema[None], Query()
]


@router.get("/sign-in")
async def get_sign_in(request: Request, language: LanguageParameter, next: _Next = None) -> Response:  # noqa: A002
    """The form for a token."""
    return _page(request, language, own_path(next))


@router.post("/sign-in")
async def post_sign_in(request: Request, language: LanguageParameter, next: _Next = None) -> Response:  # noqa: A002
    """Take a token and give a cookie: always a new one, whatever the browser had before."""
    path = own_path(next)
    token = await _token(request)
    if not token:
        return _page(request, language, path, error="empty", status=400)
    guesses, address = _guesses(request), str(getattr(request.state, "address", ""))
    if not guesses.has_any(address):
        return _page(request, language, path, error="too_often", status=429, headers={"Retry-After": "60"})
    authenticator = request.app.state.authenticator
    begun = await to_thread.run_sync(authenticator.sign_in, token) if authenticator.is_configured else None
    if begun is None:
        guesses.take(address)
        return _page(
            request, language, path, error="wrong", status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    cookie = SessionCookie(request.app.state.settings)
    return RedirectResponse(
        f"{base_url(request)}{path}",
        303,
        headers={
            "Set-Cookie": cookie.set(request.scope, begun.value, begun.seconds),
            "Cache-Control": "no-store",
        },
    )


@router.post("/sign-out")
async def post_sign_out(request: Request, language: LanguageParameter) -> Response:  # noqa: ARG001
    """Have the browser forget the cookie."""
    cookie = SessionCookie(request.app.state.settings)
    return RedirectResponse(
        with_language(request, f"{base_url(request)}/"),
        303,
        headers={"Set-Cookie": cookie.cleared(request.scope), "Cache-Control": "no-store"},
    )


def own_path(given: str | None) -> str:
    """A path of this service and its query, to go to; `/` for whatever else was given.

    Args:
        given: From a URL that anybody may have made.
    """
    if given is None or len(given) > _LONGEST_NEXT or not _PLAIN.fullmatch(given):
        return "/"
    path = urlsplit(given).path
    for _ in range(_UNFOLDED):
        if path.startswith("//") or _UNSAFE.search(path) or {".", ".."} & set(path.split("/")):
            return "/"
        path = unquote(path)
    return given


async def _token(request: Request) -> str:
    """What was entered; empty for nothing.

    Raises:
        ProblemError: It is another form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise ProblemError(
            Problem.UNSUPPORTED_MEDIA_TYPE, "send the form of /sign-in as it is", allowed=[_FORM]
        )
    form = await request.form()
    given = form.getlist("token")
    if set(form) - {"token"} or len(given) > 1:
        raise ProblemError(Problem.INVALID_BODY, "send the form of /sign-in as it is", parameter="token")
    return str(given[0]).strip() if given else ""


def _guesses(request: Request) -> Rates:
    state = request.app.state
    if not hasattr(state, "guesses"):
        state.guesses = Rates(_GUESSES)
    found: Rates = state.guesses
    return found


def _page(
    request: Request,
    language: Language,
    path: str,
    *,
    error: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    text = in_words(_WORDS, language)
    authenticator, caller = request.app.state.authenticator, caller_of(request)
    base = base_url(request)
    is_open, said_first = True, None
    if not authenticator.is_configured:
        is_open, said_first = False, text["everybody" if caller.role is Role.EDITOR else "nobody"]
    elif getattr(request.state, "session", None) is True:
        said_first = text["already"].format(role=role_name(caller.role, language))
        text["onward"] = text["go_on"]
    text["how_long"] = text["how_long"].format(hours=f"{request.app.state.auth.session_s / 3600:.3g}")
    body = rendered(
        "sign_in.html",
        base,
        language=language,
        title=text["title"],
        text=text,
        error=text[error] if error else None,
        said_first=said_first,
        is_open=is_open,
        action=with_language(request, f"{base}/sign-in?next={quote(path, safe='/')}"),
        onward=with_language(request, f"{base}/") if path == "/" or said_first is None else f"{base}{path}",
        account=account_of(request, language, back=path),
    )
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})
