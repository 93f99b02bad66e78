"""A chart, laid out: where its bars, lines and texts stand, in points from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Words
from matplotlib.transforms import Affine2D

from geo_service.maps.printed.fonts import LEADING, Face, Run, font, lines, printable, width
from geo_service.maps.printed.parts import Box, Text, paragraph
from geo_service.report.document import FigureState
from geo_service.report.drawings.colours import FAINT, GRID, HATCH, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.transforms import Transform

    from geo_service.maps.printed.fonts import Line
    from geo_service.report.document import Figure

__all__ = [
    "SIZE",
    "SMALL",
    "STUB",
    "Bar",
    "Plan",
    "across",
    "add_legend",
    "add_text",
    "add_unit",
    "is_told",
    "label_runs",
    "natural",
    "stub_of",
    "wrapped",
]

SIZE = 8.6
"""Of type, in points: a little smaller than the text of a report."""
SMALL = 7.8
STUB = 13.0
"""How long a bar is that stands for a number which is not shown; it says nothing of it."""
_HATCH = "//////"
_HATCH_WIDTH = 0.6
_SIGN = 0.85
_SPACE = 0.2
_SHARES = tuple(step / 20 for step in range(19, 9, -1))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar or a sign of a legend; one without a colour has only its edge."""

    box: Box
    colour: str | None
    edge: str | None = None
    is_hatched: bool = False
    is_dashed: bool = False


@dataclass(slots=True)
class Plan:
    """What is drawn."""

    width: float
    height: float = 0.0
    bars: list[Bar] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def drawing(self) -> Drawing:
        """It as a figure of matplotlib in its true size."""
        drawn = Drawing(figsize=(self.width / 72, self.height / 72), dpi=72, facecolor="#ffffff")
        points = Affine2D().scale(1 / 72, -1 / 72).translate(0, self.height / 72) + drawn.dpi_scale_trans
        for bar in self.bars:
            _add_bar(drawn, bar, points)
        for left, top, right, bottom in self.lines:
            look: dict[str, Any] = {
                "color": GRID,
                "linewidth": 0.6,
                "transform": points,
                "solid_capstyle": "butt",
            }
            drawn.add_artist(Line2D([left, right], [top, bottom], **look))
        for one in self.texts:
            drawn.add_artist(
                Words(
                    one.x,
                    one.y,
                    one.text,
                    fontproperties=font(one.face, one.size),
                    color=one.colour,
                    transform=points,
                    parse_math=False,
                )
            )
        return drawn


def across(text: str, face: Face = Face.SANS_REGULAR, size: float = SIZE) -> float:
    """How wide a text is, as it is drawn."""
    return width(printable(text, face), face, size)


def add_text(
    plan: Plan,
    x: float,
    y: float,
    text: str,
    *,
    face: Face = Face.SANS_REGULAR,
    size: float = SIZE,
    colour: str = INK,
) -> float:
    """Put a line of text where its baseline begins.

    Returns:
        Where it ends.
    """
    shown = printable(text, face)
    if shown:
        plan.texts.append(Text(x, y, shown, face, size, colour))
    return x + width(shown, face, size)


def natural(text: str, size: float = SIZE) -> float:
    """How wide a place has to be for `wrapped` to leave a text in one line."""
    # Lines are broken as if spaces were a little wider than they are.
    return across(text, size=size) + _SPACE * size * text.count(" ")


def wrapped(text: str, size: float, room: float) -> list[Line]:
    """A text in lines of about equal width, none wider than `room`; words are cut only where they are wider."""
    runs = [Run(text, Face.SANS_REGULAR)]
    found = lines(runs, size, room)
    longest = max((across(word, size=size) for word in text.split(" ")), default=0.0)
    for share in _SHARES if longest < room else ():
        narrower = lines(runs, size, max(room * share, longest))
        if len(narrower) > len(found):
            break
        found = narrower
    return found


def add_unit(plan: Plan, unit: str) -> None:
    """Say at the head of a chart what is counted."""
    if unit:
        runs = [Run(unit, Face.SANS_REGULAR)]
        texts, plan.height = paragraph(runs, SMALL, FAINT, 0, plan.width, plan.height)
        plan.texts += texts
        plan.height += 0.35 * SIZE


def add_legend(plan: Plan, names: Sequence[str], colours: Sequence[str], edge: str | None = None) -> None:
    """Say what each colour stands for, in rows under each other as the width allows."""
    sign, gap = _SIGN * SMALL, 1.4 * SMALL
    x, top = 0.0, plan.height
    height = LEADING * SMALL
    for name, colour in zip(names, colours, strict=True):
        rows = wrapped(name, SMALL, plan.width - 1.5 * sign)
        wide = 1.5 * sign + max((row.width for row in rows), default=0.0)
        if x and x + wide > plan.width:
            x, top = 0.0, top + height + 0.2 * SMALL
            height = LEADING * SMALL
        plan.bars.append(Bar(Box(x, top + 0.22 * SMALL, sign, sign), colour, edge))
        for number, row in enumerate(rows):
            add_text(
                plan, x + 1.5 * sign, top + (number * LEADING + 0.93) * SMALL, row.runs[0][1].text, size=SMALL
            )
        height = max(height, len(rows) * LEADING * SMALL)
        x += wide + gap
    plan.height = top + height + 0.6 * SIZE


def is_told(figure: Figure, beside: Figure | None) -> bool:
    """Whether what stands beside a figure says more than it: a word is not said twice."""
    return beside is not None and (beside.is_known or figure.is_known)


def label_runs(figure: Figure, beside: Figure | None = None) -> list[tuple[str, Face, str]]:
    """What stands at the end of a bar: its number, and what is printed beside it."""
    known = figure.is_known
    face = Face.SANS_SEMIBOLD if known else Face.SANS_REGULAR
    runs = [(figure.text, face, INK if known else FAINT)]
    if beside is not None and is_told(figure, beside):
        runs.append((beside.text, Face.SANS_REGULAR, FAINT))
    return runs


def stub_of(figure: Figure, box: Box) -> Bar:
    """The bar of a number that is not shown: hatched where it is hidden, empty where it is not known."""
    is_hidden = figure.state is FigureState.SUPPRESSED
    return Bar(box, None, HATCH, is_hatched=is_hidden, is_dashed=not is_hidden)


def _add_bar(drawn: Drawing, bar: Bar, points: Transform) -> None:
    box = bar.box
    look: dict[str, Any] = {"transform": points, "joinstyle": "miter"}
    drawn.add_artist(
        Rectangle(
            (box.left, box.top),
            box.width,
            box.height,
            facecolor=bar.colour or "none",
            edgecolor=bar.edge or "none",
            linewidth=0.5 if bar.edge else 0,
            linestyle=(0, (2, 1.5)) if bar.is_dashed else "-",
            **look,
        )
    )
    if bar.is_hatched:
        hatched = Rectangle(
            (box.left, box.top),
            box.width,
            box.height,
            hatch=_HATCH,
            facecolor="none",
            edgecolor=HATCH,
            linewidth=0,
            **look,
        )
        hatched.set_hatch_linewidth(_HATCH_WIDTH)
        drawn.add_artist(hatched)
