"""Documents as HTML: everything that they say, plainly, without scripts and without anything from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from geo_service.api.ogc.links import Urls

__all__ = ["framed", "page"]

_DEEPEST = 6
_TITLES = ("title", "id", "tileMatrixSetId")


def page(document: dict[str, Any], urls: Urls) -> bytes:
    """A page of a document: its title, its description, then its other members, the links last."""
    title = next((str(document[one]) for one in _TITLES if one in document), "OGC API")
    parts = [f"<p>{escape(str(document['description']))}</p>"] if document.get("description") else []
    members = {key: value for key, value in document.items() if key not in {"title", "description", "links"}}
    parts.append(_shown(members, 0))
    if document.get("links"):
        parts.append(f"<h2>Links</h2>{_links(document['links'])}")
    return framed(title, "".join(parts), urls)


def framed(title: str, body: str, urls: Urls) -> bytes:
    """A whole page, in UTF-8.

    Args:
        title: Its heading, text.
        body: HTML.
        urls: Where the other documents are.
    """
    # Here, so that those who need no page need no library of templates.
    from markupsafe import Markup  # noqa: PLC0415

    from geo_service.api.formats.pages import rendered  # noqa: PLC0415

    return rendered(
        "document.html",
        urls.base,
        language=urls.language,
        title=title,
        body=Markup(body),  # noqa: S704 - all that came from elsewhere was escaped above
        ways=[
            (urls.at(f="html"), "OGC API"),
            (urls.at("collections", f="html"), "Collections"),
            (urls.at("api", f="html"), "API"),
        ],
    )


def _shown(value: Any, depth: int) -> str:
    if isinstance(value, dict) and value and depth < _DEEPEST:
        if "href" in value and "rel" in value:
            return _link(value)
        rows = (f"<dt>{escape(str(key))}</dt><dd>{_shown(one, depth + 1)}</dd>" for key, one in value.items())
        return f"<dl>{''.join(rows)}</dl>"
    if isinstance(value, list) and value and depth < _DEEPEST:
        return "<ul>" + "".join(f"<li>{_shown(one, depth + 1)}</li>" for one in value) + "</ul>"
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return f'<a href="{escape(value)}">{escape(value)}</a>'
    if value is None:
        return ""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _links(links: list[dict[str, Any]]) -> str:
    return "<ul>" + "".join(f"<li>{_link(one)}</li>" for one in links) + "</ul>"


def _link(link: dict[str, Any]) -> str:
    said = escape(str(link.get("title") or link["href"]))
    there = said if link.get("templated") else f'<a href="{escape(str(link["href"]))}">{said}</a>'
    return f"{there} <small>{escape(' '.join(str(link[one]) for one in ('rel', 'type') if link.get(one)))}</small>"
