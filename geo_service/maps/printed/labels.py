"""Names on a map: of the largest areas first, where there is room, none over another or over a large circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text as Words
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from geo_service.maps.picture import Areas
from geo_service.maps.printed.fonts import font, printable, width
from geo_service.maps.printed.parts import INK, Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

    from geo_service.maps.printed.ground import Ground, View
    from geo_service.maps.printed.layout import Layout
    from geo_service.maps.printed.sheet import Type

__all__ = ["add_labels"]

MOST = 40
"""A map of more areas has no names."""
INSIDE = 0.9
"""How much of a name lies in its area at least."""
MOST_POINTS = 300
"""A map of more points has no names, for they would hide some of those."""
_ORDER = 50.0
_HIGH = 1.15
_RISE = 0.76
"""How high a letter is, in sizes of the type."""


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    middle: tuple[float, float]
    box: Box


def add_labels(
    axes: Axes, ground: Ground, view: View, layout: Layout, taken: Sequence[Box], points: Transform
) -> None:
    """Draw the names of the areas of the highest layer that has classes."""
    layers = [one for one in ground.layers if isinstance(one[0], Areas) and one[0].classes]
    points_shown = sum(len(shapes) for layer, shapes in ground.layers if not isinstance(layer, Areas))
    if not layers or len(layers[-1][1]) > MOST or points_shown > MOST_POINTS:
        return
    layer, shapes = layers[-1]
    full = [*taken, *_circles(ground, view, layout)]
    for name in _names(layer.labels, shapes, view, layout, full):
        _add_name(axes, name, layout.type, points)


def _names(
    labels: Sequence[str], shapes: NDArray[Any], view: View, layout: Layout, taken: list[Box]
) -> Iterator[_Name]:
    size, frame = layout.type.small, layout.map
    known = np.where(shapely.is_missing(shapes), shapely.Polygon(), shapes)
    for number in np.argsort(-shapely.area(known), kind="stable").tolist():
        if known[number].is_empty:
            continue
        text = printable(labels[number], layout.type.regular)
        paper = _on_paper(known[number], view, frame)
        if not shapely.intersects(paper, shapely.box(frame.left, frame.top, frame.right, frame.bottom)):
            continue
        for x, y in _places(paper, taken, size):
            across = width(text, layout.type.regular, size)
            box = Box(x - across / 2, y - _HIGH * size / 2, across, _HIGH * size)
            if _is_inside(box, paper, frame) and not any(box.touches(one) for one in taken):
                taken.append(box)
                yield _Name(text, (x, y), box)
                break


def _places(paper: shapely.Geometry, taken: Sequence[Box], size: float) -> Iterator[tuple[float, float]]:
    """The middle of the largest circle in an area; below and above what is there."""
    tolerance = max(shapely.length(paper) / 2000, 0.05)
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(paper, tolerance=tolerance))[0]
    yield x, y
    here = shapely.Point(x, y)
    for box in taken:
        if shapely.intersects(paper, here) and box.left <= x <= box.right and box.top <= y <= box.bottom:
            for height in (box.bottom + 0.7 * size, box.top - 0.7 * size):
                yield (box.left + box.right) / 2, height
    for step in (1.2, -1.2, 2.4, -2.4):
        yield x, y + step * size


def _on_paper(shape: shapely.Geometry, view: View, frame: Box) -> shapely.Geometry:
    west, _, _, north = view.extent
    per = view.metres_per_point
    moved = shapely.transform(
        shape,
        lambda places: np.column_stack(
            [frame.left + (places[:, 0] - west) / per, frame.top + (north - places[:, 1]) / per]
        ),
    )
    return shapely.make_valid(shapely.simplify(moved, 0.5))


def _circles(ground: Ground, view: View, layout: Layout) -> Iterator[Box]:
    frame = layout.map
    west, _, _, north = view.extent
    for layer, places in ground.layers:
        if isinstance(layer, Areas):
            continue
        radius = layer.radius * layout.sheet.circle
        for number in range(len(radius)):
            x = frame.left + (places[number, 0] - west) / view.metres_per_point
            y = frame.top + (north - places[number, 1]) / view.metres_per_point
            yield Box(x - radius[number], y - radius[number], 2 * radius[number], 2 * radius[number])


def _is_inside(box: Box, paper: shapely.Geometry, frame: Box) -> bool:
    if box.left < frame.left + 2 or box.right > frame.right - 2 or box.top < frame.top + 2:
        return False
    if box.bottom > frame.bottom - 2:
        return False
    there = shapely.box(box.left, box.top, box.right, box.bottom)
    return bool(shapely.area(shapely.intersection(paper, there)) >= INSIDE * there.area)


def _add_name(axes: Axes, name: _Name, kind: Type, points: Transform) -> None:
    size = kind.small
    # The halo is drawn as a path beside the text: an effect of matplotlib's would make the text itself one, and no text.
    chosen = font(kind.regular, size)
    corners, codes = text_to_path.get_text_path(chosen, name.text)
    scale = size / text_to_path.FONT_SCALE
    x, y = name.box.left, name.middle[1] + _RISE * size / 2
    place = Affine2D().scale(scale, -scale).translate(x, y) + points
    wide, alpha = kind.halo
    look = {"facecolor": "#ffffff", "edgecolor": "#ffffff", "alpha": alpha, "joinstyle": "round"}
    axes.add_artist(PathPatch(Path(corners, codes), transform=place, linewidth=wide, zorder=_ORDER, **look))
    axes.add_artist(
        Words(
            x,
            y,
            name.text,
            fontproperties=chosen,
            color=INK,
            transform=points,
            zorder=_ORDER + 1,
            parse_math=False,
        )
    )
