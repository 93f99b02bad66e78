"""Who is signed in, for the head of each page: `{% include "account.html" %}` with the value `account`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from geo_service.api.context import base_url, caller_of
from geo_service.api.security.roles import Role
from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

__all__ = ["account_of", "here", "in_words", "role_name", "with_language"]

_LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
_ROLES: Mapping[Role, Wording] = {
    Role.PUBLIC: Wording(en="public", ru="все посетители", kk="барлық келушілер"),
    Role.ANALYST: Wording(en="analyst", ru="аналитик", kk="талдаушы"),
    Role.EDITOR: Wording(en="editor", ru="редактор", kk="редактор"),
}
_WORDS: Mapping[str, Wording] = {
    "pages": Wording(en="This service", ru="Этот сервис", kk="Осы сервис"),
    "languages": Wording(en="Language", ru="Язык", kk="Тіл"),
    "planner": Wording(en="Map and table", ru="Карта и таблица", kk="Карта мен кесте"),
    "upload": Wording(en="Send data", ru="Отправить данные", kk="Деректер жіберу"),
    "sign_in": Wording(en="Sign in", ru="Войти", kk="Кіру"),
    "sign_out": Wording(en="Sign out", ru="Выйти", kk="Шығу"),
    "signed_in_as": Wording(en="Signed in: {role}", ru="Вход выполнен: {role}", kk="Кірген: {role}"),
    "open": Wording(
        en="No sign-in on this machine",
        ru="На этом компьютере вход не нужен",
        kk="Бұл компьютерде кіру керек емес",
    ),
}


def in_words(wordings: Mapping[str, Wording], language: Language) -> dict[str, str]:
    """Words by name in one language, with their places for values as they are."""
    return {name: str(getattr(one, language.value)) for name, one in wordings.items()}


def role_name(role: Role, language: Language) -> str:
    """What a role is called."""
    return str(getattr(_ROLES[role], language.value))


def here(request: Request) -> str:
    """The path and query of a request below the service, percent-encoded: where to come back to after signing in."""
    path = _path(request)
    return f"{path}?{request.url.query}" if request.url.query else path


def with_language(request: Request, url: str) -> str:
    """A URL in the language that the request asked for by `lang=`; as it is where it asked for none."""
    lang = request.query_params.get("lang")
    if lang not in set(Language):
        return url
    return f"{url}{'&' if '?' in url else '?'}lang={lang}"


def account_of(request: Request, language: Language, *, back: str | None = None) -> dict[str, Any]:
    """What `account.html` says: links to the pages, the languages, who is signed in, and how to sign in or out.

    Args:
        request: Of the page.
        language: Of its words.
        back: The path to come back to after signing in, below the service; null for this page.
    """
    base, caller = base_url(request), caller_of(request)
    state = request.app.state
    is_configured = bool(state.authenticator.is_configured)
    has_session = getattr(request.state, "session", None) is True
    words = in_words(_WORDS, language)
    back = back or here(request)
    others = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    path = f"{base}{_path(request)}"
    return {
        "text": words,
        "planner": with_language(request, f"{base}/"),
        "upload": with_language(request, f"{base}/uploads/new")
        if caller.role.includes(Role.EDITOR)
        else None,
        "languages": [
            {
                "code": code,
                "name": name,
                "href": f"{path}?{urlencode([*others, ('lang', code)])}",
                "is_current": code == language.value,
            }
            for code, name in _LANGUAGES.items()
        ]
        if request.method in {"GET", "HEAD"}
        else [],
        "who": words["signed_in_as"].format(role=role_name(caller.role, language))
        if has_session
        else (None if is_configured or caller.role is Role.PUBLIC else words["open"]),
        "sign_in": with_language(request, f"{base}/sign-in?next={quote(back, safe='/')}")
        if is_configured and not has_session
        else None,
        "sign_out": with_language(request, f"{base}/sign-out") if has_session else None,
    }


def _path(request: Request) -> str:
    return quote(request.url.path.removeprefix(request.scope.get("root_path", "")))
