"""From the headers of a file to the questions: whatever groups, case, spaces and language an export puts around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.choices import folded
from geo_service.ingest.survey.layouts.header_words import META_WORDS, Meta, SheetWords, sheet_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Header", "header_row", "headers_of", "likeliest_sheet"]

_FEWEST_QUESTIONS = 2
# A group before `-` or `.` is a name; after other text they belong to a sentence.
_GROUP = re.compile(r".*?/|[\w.-]*?[.-]", re.DOTALL)
_POINT = re.compile(
    r"_?(?P<question>.+)[_-](?P<part>latitude|longitude|altitude|precision|accuracy)",
    re.DOTALL | re.IGNORECASE,
)
_COORDINATES: Mapping[str, str] = {"latitude": q.LATITUDE, "longitude": q.LONGITUDE}


@dataclass(frozen=True, slots=True)
class Header:
    """What a column holds.

    Attributes:
        title: As it stands in the file.
        question: The question or column of the plain layout; null for none that is used.
        meta: What a survey tool says in it; null for nothing that is used.
        is_known: Whether it is one of those that survey tools and forms have.
    """

    title: str
    question: str | None = None
    meta: Meta | None = None
    is_known: bool = False


def headers_of(titles: Sequence[str], words: SheetWords) -> list[Header]:
    """What each column of a sheet holds, by its title.

    A group may stand before a question (`place/village_name`, `place-village_name`, `place.village_name`, or their labels before a `/`); a
    point is told by its question and part (`_location_latitude`, `place-location-Latitude`).
    """
    return [_header(title, words.words) for title in titles]


def likeliest_sheet(titles: Sequence[str], name: str) -> SheetWords | None:
    """The sheet of a survey that most of the titles are of, its name deciding where two are as likely; null for none.

    Args:
        titles: Of all columns.
        name: Of the sheet or file.
    """
    told = folded(name)
    sheets = [
        (_questions(titles, sheet), told.endswith(folded(sheet.name)), sheet) for sheet in sheet_words()
    ]
    count, _, sheet = max(sheets, key=lambda one: one[:2])
    return sheet if count >= _FEWEST_QUESTIONS else None


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows of a sheet is the header: the one that names the most questions, the last of several."""
    most = [max(_questions(row, sheet) for sheet in sheet_words()) for row in rows]
    return max(range(len(rows)), key=lambda at: (most[at], at if most[at] else -at))


def _questions(titles: Sequence[str], sheet: SheetWords) -> int:
    found = {_header(title, sheet.words).question for title in titles if title}
    return len(found - {None})


def _header(title: str, words: Mapping[str, str | None]) -> Header:
    endings = _endings(title)
    for ending, key in endings:
        if key in words:
            return Header(title, words[key], is_known=True)
        if (point := _POINT.fullmatch(ending)) and _is_location(point["question"], words):
            return Header(title, _COORDINATES.get(point["part"].lower()), is_known=True)
    meta = next((key for _, key in endings if key in META_WORDS), None)
    return Header(title) if meta is None else Header(title, meta=META_WORDS[meta], is_known=True)


def _is_location(title: str, words: Mapping[str, str | None]) -> bool:
    return any(words.get(key) == q.LOCATION for _, key in _endings(title))


@lru_cache(maxsize=8192)
def _endings(title: str) -> tuple[tuple[str, str], ...]:
    """A title without none, one, two … of the groups before it, each as it stands and folded."""
    endings = [title]
    while group := _GROUP.match(endings[-1]):
        endings.append(endings[-1][group.end() :])
    return tuple((ending, folded(ending).strip("?*")) for ending in endings)
