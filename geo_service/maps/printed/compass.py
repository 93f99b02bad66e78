"""The scale bar and the north arrow, each in the corner of the map where it hides least."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

import shapely
from babel.numbers import format_decimal
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text as Words
from matplotlib.transforms import Bbox
from matplotlib_scalebar.scalebar import ScaleBar

from geo_service.maps.printed import words
from geo_service.maps.printed.fonts import font, font_choice, width
from geo_service.maps.printed.parts import INK, Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from geo_service.maps.picture import Picture
    from geo_service.maps.printed.ground import View
    from geo_service.maps.printed.layout import Layout
    from geo_service.maps.printed.sheet import Type

__all__ = ["add_compass", "bar_metres"]

BAR_SHARE = 0.22
"""The scale bar is at most so wide, of the map."""
_NICE = (5, 2, 1)
_THICKNESS = 2.2
_ORDER = 60.0
_PAD = 6.0


def add_compass(
    axes: Axes,
    picture: Picture,
    view: View,
    layout: Layout,
    covered: Sequence[shapely.Geometry],
    points: Transform,
) -> list[Box]:
    """Draw the scale bar and the north arrow.

    Returns:
        Where they are.
    """
    frame, size = layout.map, layout.type.body
    metres = bar_metres(view, frame.width * BAR_SHARE)
    said = _length(metres, picture)
    per_point = view.metres_per_point * view.ground_metres()
    across = max(metres / per_point, width(said, layout.type.regular, size))
    corners = _corners(frame, across + 2 * _PAD, 2.1 * size + 2 * _PAD, "sw se nw ne")
    bar = min(corners, key=lambda one: _hidden(one, frame, view, covered))
    others = _corners(frame, 2.6 * size + _PAD, 4.0 * size + _PAD, "ne nw se sw")
    free = [one for one in others if not one.touches(bar)]
    arrow = min(free, key=lambda one: _hidden(one, frame, view, covered))
    for box in (bar, arrow):
        if _hidden(box, frame, view, covered):
            axes.add_artist(_plate(box, points))
    _add_bar(axes, view, metres, said, bar, layout.type, points)
    _add_arrow(axes, picture, view, frame, arrow, layout.type, points)
    return [bar, arrow]


def bar_metres(view: View, longest: float) -> float:
    """The greatest 1, 2 or 5 times a power of ten, in metres on the ground, that is no longer on paper than `longest` points."""
    room = longest * view.metres_per_point * view.ground_metres()
    power = 10.0 ** (len(str(int(max(room, 1)))) - 1)
    return next(nice * power for nice in _NICE if nice * power <= max(room, 1))


def _length(metres: float, picture: Picture) -> str:
    unit, length = ("km", metres / 1000) if metres >= 1000 else ("m", metres)
    number = format_decimal(length, locale=picture.language.value)
    return f"{number}\u00a0{words.SIGNS[picture.language][unit]}"


def _corners(frame: Box, across: float, high: float, order: str) -> list[Box]:
    inset = 4.0
    return [
        Box(
            frame.left + inset if corner[1] == "w" else frame.right - inset - across,
            frame.top + inset if corner[0] == "n" else frame.bottom - inset - high,
            across,
            high,
        )
        for corner in order.split()
    ]


def _hidden(box: Box, frame: Box, view: View, covered: Sequence[shapely.Geometry]) -> float:
    """How much a box would hide: the share of it that is covered, and how many points."""
    west, _, _, north = view.extent
    per = view.metres_per_point
    there = shapely.box(
        west + (box.left - frame.left) * per,
        north - (box.bottom - frame.top) * per,
        west + (box.right - frame.left) * per,
        north - (box.top - frame.top) * per,
    )
    share = 0.0
    for shape in covered:
        part = shapely.intersection(shape, there)
        if not part.is_empty:
            share += part.area / there.area or len(shapely.get_parts(part))
    return round(share, 3)


def _plate(box: Box, points: Transform) -> Rectangle:
    return Rectangle(
        (box.left, box.top),
        box.width,
        box.height,
        facecolor="#ffffff",
        alpha=0.6,
        linewidth=0,
        transform=points,
        zorder=_ORDER - 1,
    )


def _add_bar(
    axes: Axes, view: View, metres: float, said: str, box: Box, kind: Type, points: Transform
) -> None:
    bar = ScaleBar(
        view.ground_metres(),
        "m",
        fixed_value=metres,
        fixed_units="m",
        location="center",
        pad=0,
        border_pad=0,
        sep=0.25 * kind.body,
        frameon=False,
        color=INK,
        scale_loc="top",
        width_fraction=_THICKNESS * view.metres_per_point / (view.extent[3] - view.extent[1]),
        font_properties=font_choice(kind.regular, kind.body),
        scale_formatter=lambda _value, _unit: said,
        bbox_to_anchor=Bbox.from_extents(box.left, box.top, box.right, box.bottom),
        bbox_transform=points,
    )
    bar.set_zorder(_ORDER)
    axes.add_artist(bar)


def _add_arrow(
    axes: Axes,
    picture: Picture,
    view: View,
    frame: Box,
    box: Box,
    kind: Type,
    points: Transform,
) -> None:
    size = kind.body
    x, y = box.left + box.width / 2, box.top + box.height / 2
    west, _, _, north = view.extent
    per = view.metres_per_point
    angle = view.north(west + (x - frame.left) * per, north - (y - frame.top) * per) - pi / 2

    def turned(right: float, up: float) -> tuple[float, float]:
        right, up = right * size, up * size
        return x + right * cos(angle) - up * sin(angle), y - (right * sin(angle) + up * cos(angle))

    tip, notch = (0, 0.75), (0, -1.25)
    for side, colour in ((-0.62, INK), (0.62, "#ffffff")):
        corners = [turned(*tip), turned(side, -1.7), turned(*notch)]
        axes.add_artist(
            Polygon(
                corners,
                closed=True,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.5,
                joinstyle="round",
                transform=points,
                zorder=_ORDER,
            )
        )
    at = turned(0, 1.35)
    axes.add_artist(
        Words(
            at[0],
            at[1] + 0.37 * size,
            words.SIGNS[picture.language]["north"],
            fontproperties=font(kind.bold, size),
            color=INK,
            ha="center",
            transform=points,
            zorder=_ORDER,
            parse_math=False,
        )
    )
