"""What stands on a sheet: boxes, pieces of text and the signs of a legend. Points from the upper left corner of the sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.maps.printed.fonts import LEADING, Face, Line, Run, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FAINT", "INK", "WARNING", "Box", "Sign", "Swatch", "Text", "paragraph"]

INK = "#1f2328"
FAINT = "#57606a"
WARNING = "#a3260c"
_ASCENT = 0.93
"""How far the first baseline is below the top of a paragraph, in sizes of the type."""


class Sign(StrEnum):
    """The shape of a sign in a legend."""

    AREA = "area"
    CIRCLE = "circle"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height

    def touches(self, other: Box) -> bool:
        """Whether they have a part in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a line of text; `y` is that of its baseline."""

    x: float
    y: float
    text: str
    face: Face
    size: float
    colour: str = INK

    def moved(self, x: float, y: float) -> Text:
        """It, elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Swatch:
    """A sign of a legend; `box` is that of the sign. A circle without a colour is one of a legend of sizes."""

    sign: Sign
    box: Box
    colour: str | None
    is_hatched: bool = False

    def moved(self, x: float, y: float) -> Swatch:
        """It, elsewhere."""
        return replace(self, box=replace(self.box, left=self.box.left + x, top=self.box.top + y))


def paragraph(
    runs: Sequence[Run],
    size: float,
    colour: str,
    left: float,
    right: float,
    top: float,
    breaking: Callable[[Sequence[Run], float, float], list[Line]] = lines,
) -> tuple[list[Text], float]:
    """Text broken into lines between two sides, and where what follows it begins."""
    rows = breaking(runs, size, right - left)
    texts = [
        Text(left + x, top + (number * LEADING + _ASCENT) * size, run.text, run.face, size, colour)
        for number, row in enumerate(rows)
        for x, run in row.runs
    ]
    return texts, top + (len(rows) * LEADING + 0.12 * bool(rows)) * size
