"""The layers of a map: polygons filled by class, and points from the largest to the smallest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform

from geo_service.maps.picture import Areas, ClassKind, Marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from geo_service.maps.picture import Points
    from geo_service.maps.printed.ground import Ground, View

__all__ = ["HATCH", "HATCH_COLOUR", "HATCH_WIDTH", "add_layers", "simplified"]

HATCH = "/////"
HATCH_COLOUR = "#6e7781"
HATCH_WIDTH = 0.5
BORDER = "#ffffff"
PALE = 0.92
PALE_BORDER = "#c3ccd4"
"""Between areas that are nearly white, where a white border would not be seen."""
RIM = "#6e7781"
"""The outer border of all areas together, and borders of areas that only stand as lines."""
SIMPLIFIED_POINTS = 0.1 * 72 / 25.4
"""How far a line may be from the border that it stands for on paper: 0.1 mm."""
RADIUS_STEP = 0.25
"""Radii are whole multiples of this, so that circles of one size and colour can be written once and used often."""
LEAST_RADIUS = 0.75
FINE_RADIUS = 4.0
GREAT_RADIUS = 8.0
"""Larger circles let through what they lie on."""
THROUGH = 0.82
_MARKS = {
    Marker.CIRCLE: Path.circle((0, 0), 0.5),
    Marker.SQUARE: Path.unit_rectangle().transformed(Affine2D().translate(-0.5, -0.5)),
}


def add_layers(axes: Axes, ground: Ground, view: View, circle: float) -> list[shapely.Geometry]:
    """Draw the layers.

    Returns:
        What is covered: the outlines of the areas, and the points.
    """
    covered: list[shapely.Geometry] = []
    order = 2.0
    for layer, shapes in ground.layers:
        if isinstance(layer, Areas):
            simple = simplified(shapes, view)
            outline = shapely.union_all(simple, grid_size=view.metres_per_point * SIMPLIFIED_POINTS / 10)
            covered.append(outline)
            _add_areas(axes, layer, simple, outline, order)
        else:
            covered.append(shapely.multipoints(shapes))
            _add_points(axes, layer, shapes, circle, order)
        order += 1
    return covered


def simplified(shapes: NDArray[Any], view: View) -> NDArray[Any]:
    """Areas as they can be seen: neighbours simplified together, so that none overlaps another and no gap opens."""
    known = np.where(shapely.is_missing(shapes), shapely.Polygon(), shapes)
    simple = shapely.coverage_simplify(known, view.metres_per_point * SIMPLIFIED_POINTS)
    # What is smaller than the tolerance would be gone.
    kept: NDArray[Any] = np.where(shapely.is_empty(simple), known, simple)
    return kept


def _add_areas(
    axes: Axes, layer: Areas, shapes: NDArray[Any], outline: shapely.Geometry, order: float
) -> None:
    for number, one in enumerate(layer.classes):
        paths = [_path(shape) for shape in shapes[layer.class_of == number] if not shape.is_empty]
        if not paths:
            continue
        axes.add_collection(
            PathCollection(
                paths,
                facecolors=one.colour,
                edgecolors=_border(one.colour),
                linewidths=0.35,
                joinstyle="round",
                zorder=order,
            ),
            autolim=False,
        )
        if one.kind is ClassKind.SUPPRESSED:
            hatched = PathCollection(
                paths,
                facecolors="none",
                edgecolors=HATCH_COLOUR,
                linewidths=0,
                hatch=HATCH,
                zorder=order + 0.1,
            )
            hatched.set_hatch_linewidth(HATCH_WIDTH)
            axes.add_collection(hatched, autolim=False)
    lines = [outline] if layer.classes else [one for one in shapes if not one.is_empty]
    axes.add_collection(
        PathCollection(
            [_path(one) for one in lines if not one.is_empty],
            facecolors="none",
            edgecolors=RIM,
            linewidths=0.6,
            joinstyle="round",
            zorder=order + 0.2,
        ),
        autolim=False,
    )


def _border(colour: str) -> str:
    return PALE_BORDER if min(to_rgb(colour)) > PALE else BORDER


def _path(shape: shapely.Geometry) -> Path:
    rings = [
        ring
        for polygon in shapely.get_parts(shape)
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    places, codes = [], []
    for ring in rings:
        own = shapely.get_coordinates(ring)
        code = np.full(len(own), Path.LINETO, dtype=Path.code_type)
        code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
        places.append(own)
        codes.append(code)
    if not places:
        return Path(np.empty((0, 2)))
    return Path(np.concatenate(places), np.concatenate(codes))


def _add_points(axes: Axes, layer: Points, places: NDArray[Any], circle: float, order: float) -> None:
    steps = np.rint(np.maximum(layer.radius * circle, LEAST_RADIUS) / RADIUS_STEP).astype(np.int64)
    for step, number, which in _runs(steps, layer.class_of):
        radius = step * RADIUS_STEP
        axes.add_collection(
            PathCollection(
                [_MARKS[layer.marker]],
                sizes=[(2 * radius) ** 2],
                offsets=places[which],
                offset_transform=axes.transData,
                transform=IdentityTransform(),
                facecolors=layer.classes[number].colour if layer.classes else RIM,
                edgecolors=BORDER,
                linewidths=0.3 if radius < FINE_RADIUS else 0.5,
                alpha=THROUGH if radius > GREAT_RADIUS else None,
                zorder=order + 0.5,
            ),
            autolim=False,
        )


def _runs(
    steps: NDArray[np.int64], classes: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Points of one size and class, the largest first, so that small ones are not hidden under them."""
    for step in np.unique(steps)[::-1].tolist():
        for number in np.unique(classes[steps == step]).tolist():
            yield step, number, np.flatnonzero((steps == step) & (classes == number))
