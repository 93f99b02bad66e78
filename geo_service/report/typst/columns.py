"""How wide the columns of a table are, so that no word of it is cut and the table is no wider than the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.maps.printed.fonts import Face, printable, width

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Columns", "columns_of"]

_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
_INSET = 0.5
"""At each side of a cell, in sizes of its type."""
_HEADING_LINES = 2
_MORE = 36.0
"""What a column of a narrow table may be wider than its texts, in points."""
_LITTLE = 48.0
"""A table that is nearly as wide as the page becomes as wide."""
_SURE = 1.015
"""Widths are measured without kerning and rounding of the typesetter."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a table, in points.

    Attributes:
        size: Of the type.
        inset: At each side of a cell.
        widths: One a column, with its insets.
    """

    size: float
    inset: float
    widths: tuple[float, ...]


def columns_of(headings: Sequence[str], rows: Sequence[Sequence[str]], room: float) -> Columns:
    """Fit the columns of a table into a width: as the texts ask, in smaller type where they are many.

    Args:
        headings: One a column.
        rows: A text a column.
        room: In points.
    """
    count = len(headings)
    columns = [[headings[place], *(row[place] for row in rows)] for place in range(count)]
    words = [max(map(_longest_word, column)) for column in columns]
    wanted = [
        max(
            [
                words[place],
                _line(headings[place], Face.SANS_SEMIBOLD) / _HEADING_LINES,
                *map(_line, column[1:]),
            ]
        )
        for place, column in enumerate(columns)
    ]
    size = next((one for one in _SIZES if (sum(words) + 2 * _INSET * count) * one <= room), _SIZES[-1])
    inset = _INSET * size
    free = room - 2 * inset * count
    least = [one * size for one in words]
    ideal = [one * size for one in wanted]
    if sum(least) > free:
        widths = [one * free / sum(least) for one in least]
    elif sum(ideal) > free:
        spare = sum(ideal) - sum(least)
        given = free - sum(least)
        widths = [low + (high - low) * given / spare for low, high in zip(least, ideal, strict=True)]
    else:
        more = (free - sum(ideal)) / count
        more = more if more <= _LITTLE else min(more, _MORE)
        widths = [one + more for one in ideal]
    return Columns(size, round(inset, 2), tuple(round(one + 2 * inset - 0.005, 2) for one in widths))


def _longest_word(text: str) -> float:
    return max((_line(word, Face.SANS_SEMIBOLD) for word in text.split(" ")), default=0.0)


def _line(text: str, face: Face = Face.SANS_REGULAR) -> float:
    """How wide a text is in one line, in sizes of the type."""
    return width(printable(text, face), face, 1.0) * _SURE
