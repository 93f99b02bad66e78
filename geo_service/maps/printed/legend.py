"""The legend of a printed map: of each layer its classes with their counts, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from geo_service.maps.picture import Areas, ClassKind, Marker
from geo_service.maps.printed.fonts import LEADING, Face, Run, printable, width
from geo_service.maps.printed.parts import INK, Box, Sign, Swatch, Text, paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.maps.picture import Picture, PictureClass, Points
    from geo_service.maps.printed.sheet import Type

__all__ = ["Legend", "legend"]

WIDEST = 20.0
"""A column of the legend, in sizes of its type."""
NARROWEST = 11.0
_SIGN = (1.75, 1.05)
"""Width and height of the sign of a class, in sizes of the type."""
_BETWEEN = 0.55
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Legend:
    """A legend, as if its upper left corner were that of the sheet."""

    width: float
    texts: tuple[Text, ...]
    swatches: tuple[Swatch, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    height: float
    texts: tuple[Text, ...] = ()
    swatches: tuple[Swatch, ...] = ()
    is_kept: bool = False
    """With the next row, in one column."""


def legend(picture: Picture, kind: Type, circle: float, height: float, room: float) -> Legend | None:
    """The legend in columns of a height, no wider together than `room`; null where it does not fit.

    Args:
        picture: The picture, of which the layers that are shown and have classes are in the legend.
        kind: Sizes of type.
        circle: How large circles are, in those of a page.
        height: Of the columns, in points.
        room: In points.
    """
    layers = [one for one in picture.layers if one.is_shown and one.classes]
    if not layers:
        return Legend(0, (), ())
    size, language = kind.body, picture.language.value
    natural = max(_natural(layer, kind, circle, language) for layer in layers)
    across = min(max(natural, NARROWEST * size), WIDEST * size)
    rows = list(chain.from_iterable(_rows(layer, kind, circle, across, language) for layer in layers))
    gap = 1.5 * size
    columns = _packed(rows, height)
    whole = len(columns) * across + (len(columns) - 1) * gap
    if len(columns) > _COLUMNS or whole > room or max(row.height for row in rows) > height:
        return None
    texts: list[Text] = []
    swatches: list[Swatch] = []
    for number, column in enumerate(columns):
        x, y = number * (across + gap), 0.0
        for row in column:
            texts += [one.moved(x, y) for one in row.texts]
            swatches += [one.moved(x, y) for one in row.swatches]
            y += row.height
    return Legend(whole, tuple(texts), tuple(swatches))


def _packed(rows: Sequence[_Row], height: float) -> list[list[_Row]]:
    """Rows in columns; a heading is not left alone at the foot of one, nor a space put at the head."""
    columns: list[list[_Row]] = [[]]
    used = 0.0
    for group in _kept(rows):
        needed = sum(row.height for row in group)
        is_space = not any(row.texts or row.swatches for row in group)
        if is_space and (not columns[-1] or used + needed > height):
            continue
        if columns[-1] and used + needed > height:
            columns.append([])
            used = 0.0
        columns[-1] += group
        used += needed
    return columns


def _kept(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    group: list[_Row] = []
    for row in rows:
        group.append(row)
        if not row.is_kept:
            yield group
            group = []


def _rows(layer: Areas | Points, kind: Type, circle: float, across: float, language: str) -> Iterator[_Row]:
    size = kind.body
    if [one.label for one in layer.classes] != [layer.name]:
        yield _heading(layer.name, kind.bold, size, across)
    for one in layer.classes:
        yield _class_row(layer, one, kind, across, language)
    if not isinstance(layer, Areas) and layer.sizes:
        yield _Row(0.4 * size, is_kept=True)
        if layer.size_name and layer.size_name != layer.name:
            yield _heading(layer.size_name, kind.regular, size, across)
        widest = max(mark.radius for mark in layer.sizes) * circle
        for mark in layer.sizes:
            yield _size_row(mark.label, mark.radius * circle, widest, kind, across)
    yield _Row(1.1 * size)


def _heading(name: str, face: Face, size: float, across: float) -> _Row:
    texts, height = paragraph([Run(name, face)], size, INK, 0, across, 0)
    return _Row(height + 0.2 * size, tuple(texts), is_kept=True)


def _class_row(layer: Areas | Points, one: PictureClass, kind: Type, across: float, language: str) -> _Row:
    size = kind.body
    left = (_SIGN[0] + _BETWEEN) * size
    runs = [Run(f"{one.label}\u00a0{_count(one, language)}", kind.regular)]
    texts, height = paragraph(runs, size, INK, left, across, 0)
    sign = _sign(layer, one, size)
    return _Row(max(height, (_SIGN[1] + 0.3) * size), tuple(texts), (sign,))


def _sign(layer: Areas | Points, one: PictureClass, size: float) -> Swatch:
    wide, high = _SIGN[0] * size, _SIGN[1] * size
    is_hatched = one.kind is ClassKind.SUPPRESSED
    if isinstance(layer, Areas):
        return Swatch(Sign.AREA, Box(0, 0.1 * size, wide, high), one.colour, is_hatched)
    across = 0.85 * size
    box = Box((wide - across) / 2, 0.16 * size, across, across)
    sign = Sign.SQUARE if layer.marker is Marker.SQUARE else Sign.CIRCLE
    return Swatch(sign, box, one.colour, is_hatched)


def _size_row(label: str, radius: float, widest: float, kind: Type, across: float) -> _Row:
    size = kind.body
    middle = max(widest, _SIGN[0] * size / 2)
    left = 2 * middle + _BETWEEN * size
    texts, text_height = paragraph([Run(label, kind.regular)], size, INK, left, across, 0)
    height = max(2 * radius + 0.3 * size, text_height)
    lowered = (height - LEADING * size) / 2 if text_height < height else 0.0
    disc = Swatch(Sign.CIRCLE, Box(middle - radius, height / 2 - radius, 2 * radius, 2 * radius), None)
    return _Row(height, tuple(text.moved(0, lowered) for text in texts), (disc,))


def _natural(layer: Areas | Points, kind: Type, circle: float, language: str) -> float:
    """The width at which no label is broken."""
    size, face = kind.body, kind.regular
    before = (_SIGN[0] + _BETWEEN) * size
    classes = [
        before + width(printable(f"{one.label}\u00a0{_count(one, language)}", face), face, size)
        for one in layer.classes
    ]
    sizes: list[float] = []
    if not isinstance(layer, Areas) and layer.sizes:
        middle = max(max(mark.radius for mark in layer.sizes) * circle, _SIGN[0] * size / 2)
        sizes = [
            2 * middle + _BETWEEN * size + width(printable(mark.label, face), face, size)
            for mark in layer.sizes
        ]
    return max(classes + sizes) + 0.5 * size


def _count(one: PictureClass, language: str) -> str:
    return f"({format_decimal(one.count, locale=language)})"
