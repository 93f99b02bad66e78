"""Where everything stands on a sheet: the title and notes above, the map at the left, the legend at the right, what it is and where it is from below.

Texts are broken into lines by their measured width. Where they leave the map too little room, all type becomes smaller until they do not.
All distances are points from the upper left corner of the sheet; that of a text is its baseline's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors import InputError
from geo_service.maps.printed import words
from geo_service.maps.printed.fonts import Face, Run, balanced
from geo_service.maps.printed.legend import legend
from geo_service.maps.printed.parts import FAINT, INK, WARNING, Box, Text, paragraph
from geo_service.maps.printed.projection import projection_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.maps.picture import Picture
    from geo_service.maps.printed.parts import Swatch
    from geo_service.maps.printed.sheet import Sheet, Type

__all__ = ["Layout", "laid_out"]

LEAST_HEIGHT = 0.42
"""What the map has at least of the height of a sheet, and of its width."""
LEAST_WIDTH = 0.5
MOST_LETTERS = 20_000
"""Of the texts around a map: more are not even tried."""
SHRINK = 0.94
LEGIBLE = 7.0
"""No text below a bare map is smaller, in points."""
SMALLEST = 0.25
"""Type that would have to be smaller is not legible at any distance: the texts do not fit."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet, laid out.

    Attributes:
        sheet: The sheet.
        type: Its sizes of type, as small as they had to become.
        map: Where the map is.
        texts: All texts but those in the map.
        swatches: The signs of the legend.
        rule: The line above the footer: left, right and height.
    """

    sheet: Sheet
    type: Type
    map: Box
    texts: tuple[Text, ...]
    swatches: tuple[Swatch, ...]
    rule: tuple[float, float, float]


def laid_out(picture: Picture, sheet: Sheet, *, is_bare: bool = False) -> Layout:
    """Lay out a picture on a sheet.

    Args:
        picture: The picture.
        sheet: The sheet.
        is_bare: Without its title, facts and sources, for a page that says them itself; its warnings are below the map then, but for those that the picture says to be apart from what it shows.

    Raises:
        InputError: Its texts are too long for the sheet.
    """
    factor = 1.0 if _letters(picture) <= MOST_LETTERS else SMALLEST
    while factor > SMALLEST:
        found = _tried(picture, sheet, sheet.type.times(factor), is_bare=is_bare)
        if found is not None:
            return found
        factor *= SHRINK
    raise InputError(f"the texts of the map {picture.name} are too long to be printed")


def _letters(picture: Picture) -> int:
    facts = sum(len(label) + len(said) for label, said in picture.facts)
    return len(picture.title) + facts + sum(map(len, (*picture.notes, *picture.sources, picture.disclaimer)))


def _tried(picture: Picture, sheet: Sheet, kind: Type, *, is_bare: bool) -> Layout | None:
    left, right = sheet.margin, sheet.width - sheet.margin
    head, top = ([], sheet.margin) if is_bare else _head(picture, kind, left, right, sheet.margin)
    foot, foot_height = (_bare_foot if is_bare else _foot)(picture, kind, left, right)
    gap = kind.body
    foot_top = sheet.height - sheet.margin - foot_height
    bottom = foot_top - gap
    height = bottom - top
    if height < LEAST_HEIGHT * sheet.height:
        return None
    found = legend(picture, kind, sheet.circle, height, (right - left) * (1 - LEAST_WIDTH) - 1.5 * gap)
    if found is None:
        return None
    map_width = right - left - (found.width + 1.5 * gap if found.width else 0)
    across = right - found.width
    return Layout(
        sheet,
        kind,
        Box(left, top, map_width, height),
        (
            *head,
            *(one.moved(across, top) for one in found.texts),
            *(one.moved(0, foot_top) for one in foot),
        ),
        tuple(one.moved(across, top) for one in found.swatches),
        (left, right, foot_top - gap * 0.35),
    )


def _head(picture: Picture, kind: Type, left: float, right: float, top: float) -> tuple[list[Text], float]:
    texts: list[Text] = []
    new, y = paragraph([Run(picture.title, Face.BOLD)], kind.title, INK, left, right, top, balanced)
    texts += new
    if picture.notes:
        notes = [Run(" ".join(picture.notes))]
        new, y = paragraph(notes, kind.note, WARNING, left, right, y)
        texts += new
    return texts, y + kind.body * 0.7


def _foot(picture: Picture, kind: Type, left: float, right: float) -> tuple[list[Text], float]:
    """The texts below the map, as if they began at 0, and how high they are."""
    gap = 2 * kind.body
    middle = left + (right - left - gap) * 0.44
    facts: list[Text] = []
    y = 0.0
    for label, said in picture.facts:
        new, y = paragraph(
            [Run(f"{label}:", Face.BOLD), Run(f" {said}")], kind.small * 1.08, INK, left, middle, y
        )
        facts += new
    small: list[Text] = []
    z = 0.0
    for runs in _small_print(picture):
        new, z = paragraph(runs, kind.small, FAINT, middle + gap if facts else left, right, z)
        small += new
    return [*facts, *small], max(y, z)


def _bare_foot(picture: Picture, kind: Type, left: float, right: float) -> tuple[list[Text], float]:
    size = max(kind.small, LEGIBLE)
    notes = [one for one in picture.notes if one not in picture.apart]
    warned, y = (
        paragraph([Run(" ".join(notes), kind.regular)], size, INK, left, right, 0.0) if notes else ([], 0.0)
    )
    said = [picture.disclaimer]
    if _has_classes(picture):
        said.append(words.COUNTS().in_language(picture.language))
    more, height = paragraph([Run(" ".join(said), kind.regular)], size, FAINT, left, right, y)
    return [*warned, *more], height


def _small_print(picture: Picture) -> Iterable[Sequence[Run]]:
    language = picture.language
    if picture.sources:
        label = words.SOURCES().in_language(language)
        yield [Run(label, Face.BOLD), Run(" " + " · ".join(picture.sources))]
    if picture.disclaimer:
        yield [Run(picture.disclaimer)]
    said = [projection_name(picture.bounds, language), words.SCALE().in_language(language)]
    if _has_classes(picture):
        said.append(words.COUNTS().in_language(language))
    yield [Run(" ".join(said))]


def _has_classes(picture: Picture) -> bool:
    return any(layer.is_shown and layer.classes for layer in picture.layers)
