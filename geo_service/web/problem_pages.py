"""Problems as pages in words, for what people open: sign-in, uploads, and wherever somebody is told that they are signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from geo_service.api.context import base_url
from geo_service.api.formats.pages import rendered
from geo_service.api.operations.asgi import header, state_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.session import is_form
from geo_service.vocabulary import Language
from geo_service.web.account import account_of, in_words
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

__all__ = ["language_of", "problem_page", "what_to_do"]

_SAFE = frozenset({"GET", "HEAD"})

_TITLES: Mapping[str, Wording] = {
    "FORBIDDEN": Wording(en="This is for editors", ru="Это для редакторов", kk="Бұл редакторларға арналған"),
    "ELSEWHERE": Wording(
        en="This was not sent from a page of this service",
        ru="Это отправлено не со страницы этого сервиса",
        kk="Бұл осы сервистің бетінен жіберілмеген",
    ),
    "UNAUTHENTICATED": Wording(
        en="You are signed out", ru="Вход больше не действует", kk="Кіру енді жарамсыз"
    ),
    "NOT_FOUND": Wording(en="There is nothing here", ru="Здесь ничего нет", kk="Мұнда ештеңе жоқ"),
    "TOO_LARGE": Wording(en="The files are too large", ru="Файлы слишком велики", kk="Файлдар тым үлкен"),
    "TOO_MANY_REQUESTS": Wording(en="Too many requests", ru="Слишком много запросов", kk="Сұраныс тым көп"),
    "BUSY": Wording(en="Not at this moment", ru="Сейчас не получится", kk="Дәл қазір мүмкін емес"),
    "TIMEOUT": Wording(
        en="It took too long", ru="Это заняло слишком много времени", kk="Бұл тым ұзаққа созылды"
    ),
    "INTERNAL": Wording(
        en="Something went wrong here", ru="Здесь что-то пошло не так", kk="Мұнда бірдеңе дұрыс болмады"
    ),
    "OTHER": Wording(en="That cannot be done", ru="Так сделать нельзя", kk="Олай істеу мүмкін емес"),
}
_REMEDIES: Mapping[str, Wording] = {
    "FORBIDDEN": Wording(
        en="Only editors send data and see what became of it. Sign in with a token of the role editor, or ask whoever runs the service for one.",
        ru="Только редакторы отправляют данные и видят, что с ними стало. Войдите с токеном роли «редактор» или попросите его у того, кто управляет сервисом.",
        kk="Деректерді тек редакторлар жібереді және олардың нәтижесін көреді. «Редактор» рөліндегі токенмен кіріңіз немесе оны сервисті басқаратын адамнан сұраңыз.",
    ),
    "ELSEWHERE": Wording(
        en="Open the page here and send it from there. Nothing was changed.",
        ru="Откройте страницу здесь и отправьте с неё. Ничего не изменилось.",
        kk="Бетті осы жерден ашып, сол жерден жіберіңіз. Ештеңе өзгерген жоқ.",
    ),
    "UNAUTHENTICATED": Wording(
        en="The session is over, or its token was taken back. Sign in again, or open the page once more to see what is public.",
        ru="Сеанс закончился, или его токен отозван. Войдите снова или откройте страницу ещё раз, чтобы увидеть общедоступное.",
        kk="Сеанс аяқталды немесе оның токені қайтарып алынды. Қайта кіріңіз немесе жалпыға қолжетімді деректерді көру үшін бетті тағы бір рет ашыңыз.",
    ),
    "NOT_FOUND": Wording(
        en="Look at the address. What became of an upload is kept for {hours} h only.",
        ru="Проверьте адрес. Сведения об отправке хранятся только {hours} ч.",
        kk="Мекенжайды тексеріңіз. Жіберілім туралы мәлімет тек {hours} сағат сақталады.",
    ),
    "TOO_LARGE": Wording(
        en="All files together may have {size} MB. Send fewer at once, or pack them into a .zip.",
        ru="Все файлы вместе — не больше {size} МБ. Отправьте меньше за один раз или упакуйте их в .zip.",
        kk="Барлық файл бірге {size} МБ-тан аспауы керек. Бір жолы азырақ жіберіңіз немесе .zip ішіне салыңыз.",
    ),
    "TOO_MANY_REQUESTS": Wording(
        en="Wait a minute, then try again.",
        ru="Подождите минуту и попробуйте снова.",
        kk="Бір минут күтіп, қайталап көріңіз.",
    ),
    "BUSY": Wording(
        en="Others are sending or publishing, or the disk is full. Nothing was changed. Try again in a minute.",
        ru="Другие отправляют или публикуют данные, или нет места на диске. Ничего не изменилось. Попробуйте через минуту.",
        kk="Басқалар деректер жіберіп немесе жариялап жатыр, не дискіде орын жоқ. Ештеңе өзгерген жоқ. Бір минуттан кейін қайталаңыз.",
    ),
    "TIMEOUT": Wording(
        en="Nothing was changed. Send less at once, or try from a faster connection.",
        ru="Ничего не изменилось. Отправьте меньше за один раз или с более быстрого соединения.",
        kk="Ештеңе өзгерген жоқ. Бір жолы азырақ жіберіңіз немесе жылдамырақ байланыспен көріңіз.",
    ),
    "INTERNAL": Wording(
        en="This is an error of the service. Tell whoever runs it the number below; the log has the rest.",
        ru="Это ошибка сервиса. Сообщите тому, кто им управляет, номер ниже; остальное есть в журнале.",
        kk="Бұл — сервистің қатесі. Төмендегі нөмірді оны басқаратын адамға айтыңыз; қалғаны журналда бар.",
    ),
    "OTHER": Wording(
        en="Nothing was changed. What exactly is wrong, in English:",
        ru="Ничего не изменилось. Что именно не так, по-английски:",
        kk="Ештеңе өзгерген жоқ. Нақты не дұрыс емес, ағылшынша:",
    ),
}
_ACTIONS: Mapping[str, Wording] = {
    "sign_in": Wording(en="Sign in", ru="Войти", kk="Кіру"),
    "again": Wording(en="To the form", ru="К форме", kk="Формаға"),
}


def problem_page(error: ProblemError, scope: Scope) -> Response | None:
    """A page of a problem; null where whoever asked is a program.

    Args:
        error: The problem.
        scope: Of the request.
    """
    is_over = error.problem is Problem.UNAUTHENTICATED and state_of(scope).get("session") is False
    if not is_form(scope["path"]) and not (is_over and header(scope, b"sec-fetch-mode") == "navigate"):
        return None
    request = Request(scope)
    language = language_of(request)
    kind = _kind(error)
    account = account_of(request, language, back=None if request.method in _SAFE else "/uploads/new")
    action = account["sign_in"]
    names = in_words(_ACTIONS, language)
    action_name = names["sign_in"]
    if request.method not in _SAFE and kind != "FORBIDDEN":
        path = "/sign-in" if scope["path"].startswith("/sign-") else "/uploads/new"
        action, action_name = f"{base_url(request)}{path}", names["again"]
    elif kind not in {"FORBIDDEN", "UNAUTHENTICATED"}:
        action = None
    body = rendered(
        "problem.html",
        base_url(request),
        language=language,
        title=in_words(_TITLES, language)[kind],
        what_to_do=what_to_do(error, request, language),
        action=action,
        action_name=action_name,
        status=error.problem.status,
        detail=error.detail,
        request_id=state_of(scope).get("request_id"),
        account=account,
    )
    return HTMLResponse(body, error.problem.status, headers={"Cache-Control": "no-store", **error.headers})


def what_to_do(error: ProblemError, request: Request, language: Language) -> str:
    """What can be done about a problem, in one or two sentences."""
    uploads = request.app.state.uploads
    text = in_words(_REMEDIES, language)[_kind(error)]
    return text.format(size=f"{uploads.max_bytes / 1e6:.3g}", hours=f"{uploads.keep_s / 3600:.3g}")


def language_of(request: Request) -> Language:
    """The language of a page of a request that no route has read: of `lang=`, else of `Accept-Language`, else English."""
    asked = [request.query_params.get("lang", ""), *request.headers.get("accept-language", "").split(",")]
    for one in asked:
        code = one.split(";")[0].strip().lower()[:2]
        if code in set(Language):
            return Language(code)
    return Language.EN


def _kind(error: ProblemError) -> str:
    if error.problem is Problem.FORBIDDEN and error.parameter == "Origin":
        return "ELSEWHERE"
    name = "BUSY" if error.problem is Problem.NO_RELEASE else error.problem.name
    return name if name in _TITLES else "OTHER"
