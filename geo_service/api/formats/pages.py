"""An answer as a page: what it means, a table, a map without internet, and the way to every other format.

Nothing from data is ever read as HTML, script or template: templates escape all of it, and a map takes what it says from the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
from fastapi import Request

from geo_service.api.answers import Answer
from geo_service.api.context import base_url
from geo_service.api.formats.cells import Cells
from geo_service.api.formats.geojson import collection_bytes
from geo_service.api.formats.static import static_url
from geo_service.api.formats.words import about_label, words
from geo_service.vocabulary import Language

__all__ = ["page_bytes", "rendered"]

_PACKAGE = Path(__file__).parents[2]
_TEMPLATES = tuple(_PACKAGE / one / "templates" for one in ("api", "web"))
"""Of every layer; no two have the same name."""

_ROWS = 1_000
"""How many rows a page shows; the other formats have all."""

_FIRST = ("basis", "method", "rule", "base", "by", "round", "collected_from", "collected_to", "release")
_LAST = ("notes", "note", "attributions", "attribution", "licences")
_NUMBERS_OF_THINGS = frozenset({"round", "number", "year"})
_SHORT = 12
_UNSAID = frozenset({"title", "language", "description"})
_OTHER_LINKS = frozenset(
    {"collection", "items", "data", "up", "help", "describedby", "queryables", "service-doc"}
)


def page_bytes(answer: Answer, request: Request) -> bytes:
    """The page of an answer, in UTF-8."""
    language = Language(answer.language)
    said = words(language)
    shown = answer.rows.slice(0, _ROWS)
    cells = Cells(language)
    names = [one for one in shown.column_names if one != answer.geometry]
    columns = [
        {
            "name": name,
            "label": answer.labels.get(name, name),
            "number": cells.is_number(name, shown[name].type),
        }
        for name in names
    ]
    rows = list(zip(*(cells.of(name, shown[name]) for name in names), strict=True)) if names else []
    total = answer.matched if answer.matched is not None else answer.rows.num_rows
    return rendered(
        "answer.html",
        base_url(request),
        language=language,
        title=answer.title,
        description=answer.about.get("description"),
        about=_about(answer, language),
        is_synthetic=_is_synthetic(answer.about),
        columns=columns,
        rows=rows,
        count=said["shown"].format(shown=cells.number(len(rows)), total=cells.number(total)),
        is_cut=answer.rows.num_rows > _ROWS,
        previous=_href(answer, "prev"),
        following=_href(answer, "next"),
        alternates=[one for one in answer.links if one.rel == "alternate" and not one.templated],
        others=_others(answer, said),
        geojson=_map_data(answer, shown) if answer.geometry is not None else None,
    )


def rendered(template: str, base: str, *, language: Language, **values: Any) -> bytes:
    """A page of one of the templates, in UTF-8.

    Args:
        template: Its file.
        base: The URL that the service is reached under, without a slash at its end.
        language: Of the page's own words, which a template has as `said`.
        values: What the template says; all of it is escaped.
    """
    page: str = (
        _environment()
        .get_template(template)
        .render(
            language=language.value,
            said=words(language),
            base=base,
            static=lambda name: static_url(base, name),
            **values,
        )
    )
    return page.encode()


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _href(answer: Answer, rel: str) -> str | None:
    return next((one.href for one in answer.links if one.rel == rel), None)


def _others(answer: Answer, said: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pages that say more: the address and what it is called, each once."""
    found = {
        one.href: said.get(f"rel_{one.rel}", one.title or "")
        for one in answer.links
        if one.rel in _OTHER_LINKS and one.type in {None, "text/html"} and not one.templated
    }
    return [(href, name) for href, name in found.items() if name]


def _map_data(answer: Answer, shown: pa.Table) -> str:
    """The places of the rows, in the order of the table, which has everything else that a map says.

    JSON as it cannot end the element that it stands in, nor begin a comment there.
    """
    text = collection_bytes(shown, answer.geometry, None, properties=[]).decode()
    return re.sub(r"[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _about(answer: Answer, language: Language) -> list[tuple[str, list[str]]]:
    about = answer.about
    ordered = [*_FIRST, *(one for one in about if one not in {*_FIRST, *_LAST, *_UNSAID}), *_LAST]
    lines = _Lines(language)
    said = ((about_label(name, language), lines.of(name, about[name])) for name in ordered if name in about)
    return [(label, found) for label, found in said if found]


def _is_synthetic(about: Mapping[str, Any]) -> bool:
    survey = about.get("round")
    return about.get("synthetic") is True or (isinstance(survey, dict) and survey.get("synthetic") is True)


class _Lines:
    """Values of any shape as lines of text."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._cells = Cells(language)

    def of(self, name: str, value: Any) -> list[str]:
        """The lines of a value; none for nothing."""
        if isinstance(value, bool):
            return [words(self._language)["yes" if value else "no"]]
        if isinstance(value, int | float):
            return [str(value) if name in _NUMBERS_OF_THINGS else self._cells.number(value)]
        if isinstance(value, dict):
            return self._of_members(name, value)
        if isinstance(value, list | tuple):
            lines = [line for one in value for line in self.of(name, one)]
            is_short = bool(lines) and all(len(one) < _SHORT for one in lines)
            return [", ".join(lines)] if is_short else lines
        return [] if value is None or value == "" else [str(value)]

    def _of_members(self, name: str, members: Mapping[str, Any]) -> list[str]:
        if members and set(members) <= set(Language):
            return self.of(name, members.get(self._language))
        parts = (
            (about_label(str(key), self._language), self.of(str(key), one)) for key, one in members.items()
        )
        return [f"{label}: {', '.join(lines)}" for label, lines in parts if lines]
