"""Names of files that are sent, and headers that say them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from geo_service.api.answers import Format, Link
from geo_service.api.formats.media import EXTENSIONS

__all__ = ["disposition", "file_name", "link_header"]

_DETAILS = 80
_RELEASE = 12
_HEADER = 4_096

_COMPARISONS = (
    ("<>", "-not-"),
    ("!=", "-not-"),
    (">=", "-ge-"),
    ("<=", "-le-"),
    (">", "-gt-"),
    ("<", "-lt-"),
    ("=", "-"),
)


def file_name(name: str, details: str | None, release: str | None, format_: Format) -> str:
    """The name of a file: what it holds, what of it, of which release, such as `villages_households-gt-100_71ddc62b04df.csv`.

    Args:
        name: The collection or answer.
        details: The filter or the parameters in any words; null for nothing.
        release: The id of the release; null where there is none.
        format_: Decides the extension.
    """
    parts = (_slug(name), _slug(details or "")[:_DETAILS].strip("-_"), (release or "")[:_RELEASE])
    return ("_".join(part for part in parts if part) or "rows") + EXTENSIONS[format_]


def _slug(text: str) -> str:
    """Letters of any script, digits, `.`, `_` and `-` only."""
    for sign, word in _COMPARISONS:
        text = text.replace(sign, word)
    words = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", text))
    return re.sub(r"-*_-*", "_", re.sub(r"-{2,}|\.{2,}", "-", words)).strip("-_.")


def disposition(name: str) -> str:
    """A `Content-Disposition` that saves as `name`, also where that is in Cyrillic (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", unicodedata.normalize("NFKD", name))
    plain = plain if plain == name else re.sub(r"[_-]{2,}", "_", plain)
    stem, dot, ending = plain.rpartition(".")
    said = f'attachment; filename="{stem.strip("_.") or "rows"}{dot}{ending}"'
    return said if plain == name else f"{said}; filename*=UTF-8''{quote(name, safe='')}"


def link_header(links: Iterable[Link]) -> str:
    """Links as a `Link` header (RFC 8288); where they are long only those to other pages, since proxies take no headers of any length."""
    fixed = [one for one in links if not one.templated]
    header = ", ".join(map(_link, fixed))
    if len(header) <= _HEADER:
        return header
    return ", ".join(_link(one) for one in fixed if one.rel in {"next", "prev"})


def _link(link: Link) -> str:
    said = [f"<{quote(link.href, safe=_IN_URLS)}>", f'rel="{_plain(link.rel)}"']
    if link.type:
        said.append(f'type="{_plain(link.type)}"')
    if link.title and link.title.isascii():
        said.append(f'title="{_plain(link.title)}"')
    elif link.title:
        said.append(f"title*=UTF-8''{quote(link.title, safe='')}")
    return "; ".join(said)


_IN_URLS = "%/:?#[]@!$&'()*+,;=~-._"


def _plain(text: str) -> str:
    return re.sub(r'[^\x20-\x7e]|["\\]', "", text)
