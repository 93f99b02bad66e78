"""A picture as a figure of matplotlib, by its objects alone: no state is shared with other figures.

Everything but the map is drawn in points from the upper left corner of the sheet, as it was laid out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text as Words
from matplotlib.transforms import Affine2D

from geo_service.maps.printed.compass import add_compass
from geo_service.maps.printed.fonts import font
from geo_service.maps.printed.ground import ground_of
from geo_service.maps.printed.labels import add_labels
from geo_service.maps.printed.layers import HATCH, HATCH_COLOUR, HATCH_WIDTH, add_layers
from geo_service.maps.printed.layout import laid_out
from geo_service.maps.printed.parts import Sign
from geo_service.maps.printed.sheet import bare_sheet, sheets

if TYPE_CHECKING:
    from matplotlib.transforms import Transform

    from geo_service.maps.picture import Picture
    from geo_service.maps.printed.ground import Ground
    from geo_service.maps.printed.layout import Layout
    from geo_service.maps.printed.parts import Swatch
    from geo_service.maps.printed.sheet import PrintSize

__all__ = ["bare_figure", "figure"]

PAPER = "#ffffff"
BACKGROUND = "#eef2f5"
FRAME = "#c3ccd4"
BORDER = "#8c959f"
BARE_SHARES = tuple(step / 100 for step in range(42, 82, 3))
"""How high a bare map may be, of its width: the lowest on which the extent is nearly as large as on any."""
NEARLY = 1.02


def figure(picture: Picture, size: PrintSize) -> Figure:
    """Draw a picture on a sheet of a size, turned as its extent is seen largest.

    Raises:
        InputError: Its texts are too long for the sheet.
    """
    ground = ground_of(picture)
    layouts = [laid_out(picture, sheet) for sheet in sheets(size)]
    layout = min(layouts, key=lambda one: ground.view(one.map).metres_per_point)
    return _drawn(picture, ground, layout)


def bare_figure(picture: Picture, width: float) -> Figure:
    """Draw a picture for a page that says its title, facts and sources: the map, its legend, and below them its warnings and what maps have to say.

    Args:
        picture: The picture.
        width: Of the figure, in points; it is as high as the extent asks for, within what suits a page.

    Raises:
        InputError: Its texts are too long.
    """
    ground = ground_of(picture)
    tried = [laid_out(picture, bare_sheet(width, share * width), is_bare=True) for share in BARE_SHARES]
    largest = max(one.type.body for one in tried)
    layouts = [one for one in tried if one.type.body == largest]
    scales = [ground.view(one.map).metres_per_point for one in layouts]
    layout = next(one for one, scale in zip(layouts, scales, strict=True) if scale <= NEARLY * min(scales))
    return _drawn(picture, ground, layout)


def _drawn(picture: Picture, ground: Ground, layout: Layout) -> Figure:
    sheet = layout.sheet
    drawn = Figure(figsize=(sheet.width / 72, sheet.height / 72), dpi=72, facecolor=PAPER, edgecolor="none")
    points = Affine2D().scale(1 / 72, -1 / 72).translate(0, sheet.height / 72) + drawn.dpi_scale_trans
    box = layout.map
    axes = drawn.add_axes(
        (
            box.left / sheet.width,
            1 - box.bottom / sheet.height,
            box.width / sheet.width,
            box.height / sheet.height,
        ),
        facecolor=BACKGROUND,
    )
    view = ground.view(box)
    axes.set(xlim=view.extent[::2], ylim=view.extent[1::2], aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(edgecolor=FRAME, linewidth=0.5)
    shapes = add_layers(axes, ground, view, sheet.circle)
    taken = add_compass(axes, picture, view, layout, shapes, points)
    add_labels(axes, ground, view, layout, taken, points)
    _add_furniture(drawn, layout, points)
    return drawn


def _add_furniture(drawn: Figure, layout: Layout, points: Transform) -> None:
    left, right, height = layout.rule
    drawn.add_artist(Line2D([left, right], [height, height], color=FRAME, linewidth=0.5, transform=points))
    for swatch in layout.swatches:
        _add_swatch(drawn, swatch, points)
    for one in layout.texts:
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


def _add_swatch(drawn: Figure, swatch: Swatch, points: Transform) -> None:
    box = swatch.box
    look: dict[str, Any] = {
        "facecolor": swatch.colour or "none",
        "edgecolor": BORDER,
        "linewidth": 0.5 if swatch.colour else 0.7,
        "transform": points,
    }
    at = (box.left, box.top)
    if swatch.sign is Sign.CIRCLE:
        middle = (box.left + box.width / 2, box.top + box.height / 2)
        drawn.add_artist(Circle(middle, box.width / 2, **look))
    else:
        drawn.add_artist(Rectangle(at, box.width, box.height, **look))
    if swatch.is_hatched:
        lines = look | {"facecolor": "none", "edgecolor": HATCH_COLOUR, "linewidth": 0}
        hatched = Rectangle(at, box.width, box.height, hatch=HATCH, **lines)
        hatched.set_hatch_linewidth(HATCH_WIDTH)
        drawn.add_artist(hatched)
