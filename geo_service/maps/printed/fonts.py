"""The typefaces, by file. Both have the letters of Russian and Kazakh.

Maps by themselves are in DejaVu Sans, which comes with matplotlib; charts and maps of a report in Source Sans Pro, which is narrower. Widths are measured without hinting, so that they are the same at each size and resolution.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags

from geo_service.errors import MissingExtraError
from geo_service.maps.printed.faces import Face

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = [
    "FAMILIES",
    "LEADING",
    "SANS_FAMILIES",
    "Face",
    "Line",
    "Run",
    "balanced",
    "covered",
    "font",
    "font_choice",
    "lines",
    "printable",
    "sans_folder",
    "width",
]

FAMILIES = ("DejaVu Sans", "Verdana", "Arial", "sans-serif")
"""What a viewer of SVG may use, the first that it has; Verdana is about as wide as DejaVu Sans, Arial narrower."""
SANS_FAMILIES = ("Source Sans Pro", "Source Sans 3", "Arial Narrow", "Liberation Sans Narrow", "sans-serif")
"""The same for charts. Arial would be wider than what was measured."""
LEADING = 1.32
"""From line to line, in sizes of the type."""
_MEASURED_AT = 100
_SHARES = tuple(step / 20 for step in range(19, 9, -1))
_SPACE = 0.36
"""Between words, in sizes of the type: a little more than the space that either face has."""
_FEW = 6
_MISSING = "□"
_REMEMBERED = 20_000
_SANS_PACKAGE = "font_source_sans_pro"
_BREAKS = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
"""Where a line may be broken; spaces that keep numbers and units together are none."""


_WEIGHTS: Mapping[Face, str | int] = {Face.BOLD: "bold", Face.SANS_SEMIBOLD: 600}


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one face."""

    text: str
    face: Face = Face.REGULAR


@dataclass(frozen=True, slots=True)
class Line:
    """Runs of a line, each with the distance of its beginning from the line's, in points."""

    runs: tuple[tuple[float, Run], ...]
    width: float


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    face: Face
    is_apart: bool


def font(face: Face, size: float) -> FontProperties:
    """A face at a size in points, for matplotlib."""
    return FontProperties(**font_choice(face, size))


def font_choice(face: Face, size: float) -> dict[str, Any]:
    """What `font` is made from."""
    families = SANS_FAMILIES if face.is_sans else FAMILIES
    return {
        "family": list(families),
        "weight": _WEIGHTS.get(face, "normal"),
        "size": size,
        "fname": _file(face),
    }


def width(text: str, face: Face, size: float) -> float:
    """How wide a line of text is, in points."""
    return sum(_advance(letter, face) for letter in text) * size


@lru_cache(maxsize=_REMEMBERED)
def printable(text: str, face: Face = Face.REGULAR) -> str:
    """Text in one line, with a box, or a question mark, in place of what the typeface has no glyph for."""
    has = _characters(face.is_sans)
    missing = _MISSING if ord(_MISSING) in has else "?"
    return "".join(one if ord(one) in has else missing for one in _BREAKS.sub(" ", text).strip(" "))


def covered(text: str) -> str:
    """Text with a box in place of what neither typeface has; its line breaks and spaces stay as they are."""
    has = _characters(True) | _characters(False)
    return "".join(one if ord(one) in has or one.isspace() else _MISSING for one in text)


def lines(runs: Sequence[Run], size: float, room: float) -> list[Line]:
    """Break text into lines that are no wider than `room`, between words where that can be; points."""
    found: list[Line] = []
    row: list[_Word] = []
    end = 0.0
    for word in _fitting(_words(runs), size, room):
        after = end + (_SPACE * size if word.is_apart and row else 0) + width(word.text, word.face, size)
        if row and after > room:
            found.append(_line(row, size))
            row, after = [], width(word.text, word.face, size)
        row.append(word)
        end = after
    return [*found, _line(row, size)] if row else found


def balanced(runs: Sequence[Run], size: float, room: float) -> list[Line]:
    """As `lines`, in as many lines, which are about equally wide where they are few."""
    found = lines(runs, size, room)
    for share in _SHARES if len(found) <= _FEW else ():
        narrower = lines(runs, size, room * share)
        if len(narrower) > len(found):
            break
        found = narrower
    return found


def sans_folder() -> Path:
    """Where the files of Source Sans Pro are, each weight as `.otf` and `.ttf`.

    Raises:
        MissingExtraError: They are not installed.
    """
    found = find_spec(_SANS_PACKAGE)
    if found is None or found.origin is None:
        raise MissingExtraError("a report", "report")
    return Path(found.origin).parent / "files"


@cache
def _file(face: Face) -> Path:
    return sans_folder() / face if face.is_sans else Path(mpl.get_data_path()) / "fonts" / "ttf" / face


@cache
def _characters(is_sans: bool) -> frozenset[int]:
    """What all faces of a typeface have."""
    charts = [frozenset(get_font(_file(face)).get_charmap()) for face in Face if face.is_sans is is_sans]
    return frozenset.intersection(*charts)


@lru_cache(maxsize=_REMEMBERED)
def _advance(letter: str, face: Face) -> float:
    """How far a letter moves what follows it, in sizes of the type. Kerning, which moves letters together, is left out: no line becomes too wide by that."""
    measured = get_font(_file(face))
    measured.set_size(_MEASURED_AT, 72)
    glyph = measured.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / 65536 / _MEASURED_AT


def _words(runs: Iterable[Run]) -> Iterator[_Word]:
    is_apart = False
    for run in runs:
        text = printable(run.text, run.face)
        if not text:
            continue
        is_apart = is_apart or run.text[:1].isspace()
        for part in text.split(" "):
            yield _Word(part, run.face, is_apart)
            is_apart = True
        is_apart = run.text[-1:].isspace()


def _fitting(words: Iterable[_Word], size: float, room: float) -> Iterator[_Word]:
    for word in words:
        rest, is_apart = word.text, word.is_apart
        while len(rest) > 1 and width(rest, word.face, size) > room:
            fits = next(
                (n for n in range(len(rest) - 1, 1, -1) if width(rest[:n], word.face, size) <= room), 1
            )
            yield _Word(rest[:fits], word.face, is_apart)
            rest, is_apart = rest[fits:], False
        yield _Word(rest, word.face, is_apart)


def _line(row: Sequence[_Word], size: float) -> Line:
    runs: list[tuple[float, Run]] = []
    at, end, space = 0.0, 0.0, _SPACE * size
    for number, word in enumerate(row):
        gap = " " if word.is_apart and number else ""
        if runs and runs[-1][1].face is word.face:
            at, last = runs.pop()
            run = Run(f"{last.text}{gap}{word.text}", word.face)
        else:
            at, run = end + (space if gap else 0.0), Run(word.text, word.face)
        runs.append((at, run))
        end = at + width(run.text, run.face, size)
    return Line(tuple(runs), end)
