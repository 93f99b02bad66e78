"""Documents as HTML: everything that they say, plainly, without scripts and without anything from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

from geo_service.api.ogc.links import Urls

__all__ = ["framed", "page"]

_DEEPEST = 6
_TITLES = ("title", "id", "tileMatrixSetId")


def page(document: dict[str, Any], urls: Urls) -> str:
    """A page of a document: its title, its description, then its other members, the links last."""
    title = next((str(document[one]) for one in _TITLES if one in document), "OGC API")
    parts = [f"<p>{escape(str(document['description']))}</p>"] if document.get("description") else []
    members = {key: value for key, value in document.items() if key not in {"title", "description", "links"}}
    parts.append(_shown(members, 0))
    if document.get("links"):
        parts.append(f"<h2>Links</h2>{_links(document['links'])}")
    return framed(title, "".join(parts), urls)


def framed(title: str, body: str, urls: Urls) -> str:
    """A whole page.

    Args:
        title: Its heading, text.
        body: HTML.
        urls: Where the landing page is.
    """
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head><body>"
        f'<nav><a href="{escape(urls.at(f="html"))}">OGC API</a> · '
        f'<a href="{escape(urls.at("collections", f="html"))}">Collections</a> · '
        f'<a href="{escape(urls.at("api", f="html"))}">API</a></nav>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
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
    return "" if value is None else escape(str(value))


def _links(links: list[dict[str, Any]]) -> str:
    return "<ul>" + "".join(f"<li>{_link(one)}</li>" for one in links) + "</ul>"


def _link(link: dict[str, Any]) -> str:
    said = escape(str(link.get("title") or link["href"]))
    there = said if link.get("templated") else f'<a href="{escape(str(link["href"]))}">{said}</a>'
    return f"{there} <small>{escape(' '.join(str(link[one]) for one in ('rel', 'type') if link.get(one)))}</small>"
