"""What a map shows, before anything draws it.

A picture is made from frames by one of the modules of `maps.pictures`, and drawn in two ways that show the same: by Leaflet, in a page of its own that
Folium makes (`maps.folium_map`) or that the service serves (`api.maps`), and by matplotlib for print (`maps.printed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from geo_service.vocabulary import AdminLevel, Language

__all__ = ["Areas", "ClassKind", "Marker", "Picture", "PictureClass", "Points", "SizeMark"]


class ClassKind(StrEnum):
    """What a class of a legend stands for."""

    VALUE = "value"
    NO_DATA = "no_data"
    SUPPRESSED = "suppressed"


class Marker(StrEnum):
    """How a point is drawn."""

    CIRCLE = "circle"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class PictureClass:
    """One entry of a legend.

    Attributes:
        label: In the picture's language, its numbers in its format: "1-9", "no data".
        colour: `#rrggbb`.
        count: How many areas or points of the layer are of the class.
        kind: Whether it is a class of values, or of what has none; suppressed areas are hatched where they are drawn.
    """

    label: str
    colour: str
    count: int
    kind: ClassKind = ClassKind.VALUE


@dataclass(frozen=True, slots=True)
class SizeMark:
    """One circle of a legend of sizes.

    Attributes:
        label: What a circle of that size stands for, such as "1,000".
        radius: In pixels on a screen and points in print.
    """

    label: str
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Admin units, coloured by class. All sequences have one entry a unit, in the same order.

    Attributes:
        name: What the layer is called in legends and the layer control, with its unit of measure.
        level: Which units they are: the polygons of a release are shared by all maps of that level.
        geometry: Polygons, EPSG:4326, as they are: each renderer simplifies them to what it can show.
        ids: P-codes.
        labels: The units' names in the picture's language; the P-code where there is none.
        classes: The legend, in its order; what has no unit is in it with a count of 0 only where readers expect it.
        class_of: Which class each unit is of, shape (n,), int64.
        fields: What each of `values` is called, such as "Households".
        values: Of each unit a text a field, in the language and its number format; empty for unknown. For tooltips and tables.
        is_shown: Whether the layer is on at first.
    """

    name: str
    level: AdminLevel
    geometry: gpd.GeoSeries
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[PictureClass, ...]
    class_of: NDArray[np.int64]
    fields: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    is_shown: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Villages, facilities, or circles in the middle of units. All sequences have one entry a point, in the same order.

    Attributes:
        name: As in `Areas`.
        geometry: Points, EPSG:4326; none is null or empty.
        ids: Of villages, facilities or units.
        labels: Names; the id where there is none.
        classes: As in `Areas`.
        class_of: As in `Areas`.
        radius: In pixels on a screen and points in print, shape (n,), float64.
        sizes: The legend of sizes; empty where all are of one size.
        size_name: What sizes stand for, such as "Households"; null where all are of one size.
        fields: As in `Areas`.
        values: As in `Areas`.
        marker: How they are drawn.
        is_searched: Whether the search by name finds them.
        is_shown: Whether the layer is on at first.
    """

    name: str
    geometry: gpd.GeoSeries
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[PictureClass, ...]
    class_of: NDArray[np.int64]
    radius: NDArray[np.float64]
    fields: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    sizes: tuple[SizeMark, ...] = ()
    size_name: str | None = None
    marker: Marker = Marker.CIRCLE
    is_searched: bool = False
    is_shown: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A map.

    Attributes:
        name: Of files: lower-case letters, digits and `_`, such as `labour_migrants_by_district`.
        language: Of all its texts.
        title: What is shown, where and when, in one line.
        summary: One to three sentences that say what the map shows to whoever does not see it: the text alternative.
        layers: From the lowest to the highest.
        bounds: West, south, east and north in degrees; west is greater than east where it crosses the antimeridian.
        facts: Label and text of what the numbers are: basis, method, round, release, when collected.
        notes: Warnings that stand under the title: synthetic, straight line and not by road, guarded.
        sources: Attributions of what is drawn.
        disclaimer: On boundaries and names.
        apart: Those of the notes that are the release's own and not about what is drawn: a page that says them elsewhere may leave them out.
    """

    name: str
    language: Language
    title: str
    summary: str
    layers: tuple[Areas | Points, ...]
    bounds: tuple[float, float, float, float]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    disclaimer: str
    apart: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The summary with the warnings: what a file says of itself where it shows no text."""
        return " ".join([self.summary, *self.notes])

    @property
    def areas(self) -> tuple[Areas, ...]:
        """The layers of admin units."""
        return tuple(one for one in self.layers if isinstance(one, Areas))

    @property
    def points(self) -> tuple[Points, ...]:
        """The layers of points."""
        return tuple(one for one in self.layers if isinstance(one, Points))
