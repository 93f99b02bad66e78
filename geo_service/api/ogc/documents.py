"""Documents that say what there is: as JSON, and as a page to read. Each is made once for a release, a role and a language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import Request, Response

from geo_service.api.answers import Format, Link
from geo_service.api.context import Asked
from geo_service.api.formats.media import MEDIA_TYPES
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.ogc.kept import shelf_of
from geo_service.api.ogc.links import Urls, urls_of
from geo_service.api.ogc.pages import page

__all__ = ["document"]

_OFFERED = (Format.JSON, Format.HTML)


def document(
    asked: Asked,
    request: Request,
    f: Format | None,
    path: tuple[str, ...],
    make: Callable[[Urls], dict[str, Any]],
    *,
    media: str = "application/json",
    linked: bool = True,
    shown: Callable[[dict[str, Any], Urls], bytes] | None = None,
) -> Response:
    """The answer to a request of a document.

    Args:
        asked: The request.
        request: The same as FastAPI has it.
        f: What `f=` says.
        path: Where it is below the landing page.
        make: Gives the document, without the links to itself and to its other format.
        media: The media type of its JSON.
        linked: Whether it has the member `links`; one that has none says them in a header only.
        shown: Gives it as HTML; null for a page of all that it says.

    Raises:
        ProblemError: It is asked for in a format that it does not have.
    """
    accepts = ",".join(request.headers.getlist("accept")).lower()
    is_own = f is None and media != "application/json" and media.partition(";")[0] in accepts
    chosen = Format.JSON if is_own else chosen_format(request, f, _OFFERED)
    urls = urls_of(asked, request)
    key = (asked.release.manifest.id, asked.role, urls, path, chosen)

    def made() -> tuple[bytes, str]:
        links = _to_itself(urls, path, chosen, media)
        content = make(urls)
        if linked:
            content["links"] = [one.to_json() for one in links] + content.get("links", [])
        body = (shown or page)(content, urls) if chosen is Format.HTML else orjson.dumps(content)
        return body, ", ".join(f'<{one.href}>; rel="{one.rel}"; type="{_quoted(one.type)}"' for one in links)

    body, header = shelf_of(asked).documents.get(key, made)
    answer = Response(
        body, media_type=None, headers={"Link": header, "Content-Language": asked.language.value}
    )
    answer.headers["Content-Type"] = MEDIA_TYPES[Format.HTML] if chosen is Format.HTML else media
    return answer


def _to_itself(urls: Urls, path: tuple[str, ...], chosen: Format, media: str) -> list[Link]:
    forms = {
        Format.JSON: Link(urls.at(*path, f="json"), "", media, "JSON"),
        Format.HTML: Link(urls.at(*path, f="html"), "", "text/html", "HTML"),
    }
    return [
        Link(one.href, "self" if form is chosen else "alternate", one.type, one.title)
        for form, one in sorted(forms.items(), key=lambda pair: pair[0] is not chosen)
    ]


def _quoted(text: str | None) -> str:
    return (text or "").replace('"', "'")
