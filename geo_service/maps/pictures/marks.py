"""Points of pictures: circles in the middle of units, villages and facilities, with their sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geo_service.maps.fields import FIELDS
from geo_service.maps.numbers import floats
from geo_service.maps.palettes import CIRCLE, FACILITY
from geo_service.maps.picture import Marker, PictureClass, Points, SizeMark
from geo_service.maps.pictures.shading import legend
from geo_service.maps.sentences import NOTES
from geo_service.maps.words import LAYERS, LEGEND
from geo_service.schemas import WGS84
from geo_service.spatial.crs import to_wgs84
from geo_service.vocabulary import SERVICES, AdminLevel, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from geo_service.maps.about import Texts
    from geo_service.maps.pictures.shading import Entry
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["Villages", "circles", "facility_points", "round_sizes"]

_LARGEST_CIRCLE = {AdminLevel.COUNTRY: 36.0, AdminLevel.REGION: 28.0, AdminLevel.DISTRICT: 22.0}
_SMALLEST_CIRCLE = 1.2
"""Below it nobody would see a circle; only then is its area larger than its number."""
_SMALLEST_VILLAGE, _MORE_OF_VILLAGE = 2.0, 12.0
_COVERED_BY_VILLAGES = 30_000.0
"""How much all villages may cover together, in square pixels: about a tenth of a country on a screen. Of many, the largest are drawn smaller."""
_FACILITY_RADIUS = 2.5
_ROUND = (5.0, 2.0, 1.0)


def circles(
    texts: Texts,
    units: UnitRows,
    column: str,
    *,
    fields: tuple[str, ...],
    values: tuple[tuple[str, ...], ...],
) -> Points | None:
    """Circles whose areas are as the numbers of units, each at a point in its unit; null where no number is above 0.

    Args:
        texts: The language.
        units: The units with their rows.
        column: The numbers, 0 or more; where they are 0 or null there is no circle.
        fields: What is said of units.
        values: Of all units.
    """
    numbers = units.numbers(column)
    places = np.flatnonzero(numbers > 0)
    if not len(places):
        return None
    # The largest lie below, so that none covers another.
    places = places[np.argsort(-numbers[places], kind="stable")]
    most, largest = float(numbers[places[0]]), _LARGEST_CIRCLE[units.level]

    def radius(number: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(_SMALLEST_CIRCLE, largest * np.sqrt(number / most))

    points = shapely.point_on_surface(units.geometry.to_numpy()[places])
    name = texts(LAYERS[column])
    return Points(
        name=name,
        geometry=gpd.GeoSeries(points, crs=WGS84),
        ids=tuple(units.ids[place] for place in places),
        labels=tuple(units.labels[place] for place in places),
        classes=(PictureClass(name, CIRCLE, len(places)),),
        class_of=np.zeros(len(places), dtype=np.int64),
        radius=radius(numbers[places]),
        fields=fields,
        values=tuple(values[place] for place in places),
        sizes=_sizes(texts, most, radius),
        size_name=name,
    )


class Villages:
    """The villages of a picture that have a location.

    Args:
        villages: `village_id`, geometry, and where known `village_name` and `households`; in any CRS.

    Attributes:
        frame: Those with a location.
        geometry: Their points, EPSG:4326.
        households: Of each, NaN where they are not known; shape (n,).
        notes: What is to be said of the others.
    """

    def __init__(self, texts: Texts, villages: gpd.GeoDataFrame) -> None:
        """Leave out those without a location."""
        geometry = to_wgs84(villages.geometry, "the villages")
        is_located = ~(geometry.isna() | geometry.is_empty).to_numpy()
        self.frame: pd.DataFrame = villages[is_located].reset_index(drop=True)
        self.frame.attrs = dict(villages.attrs)
        self.geometry = gpd.GeoSeries(geometry.array[is_located])
        away = int((~is_located).sum())
        self.notes = (texts(NOTES["not_located"], count=texts.numbers.count(away)),) if away else ()
        self._texts = texts
        self._said: dict[str, list[str]] = {}
        households = (
            floats(self.frame["households"])
            if "households" in self.frame
            else np.full(len(self.frame), np.nan)
        )
        self.households = households
        self._say(
            "households", texts.numbers.texts(households, texts.numbers.count, texts(LEGEND["not_known"]))
        )

    def numbers(self, column: str, text: Callable[[float], str], name: str | None = None) -> None:
        """Say a column of numbers, if there is one; null is empty."""
        if column in self.frame:
            self._say(name or column, self._texts.numbers.texts(self.frame[column], text))

    def texts(self, column: str, texts: Sequence[str]) -> None:
        """Say texts."""
        self._say(column, list(texts))

    def column(self, column: str) -> list[str]:
        """A column of texts; empty for null, or where there is no such column."""
        if column not in self.frame:
            return [""] * len(self.frame)
        found = self.frame[column]
        said: list[str] = found.astype(object).where(found.notna(), "").astype(str).tolist()
        return said

    def _say(self, name: str, said: list[str]) -> None:
        self._said[self._texts(FIELDS[name])] = said

    def points(self, name: str, entries: Sequence[Entry]) -> Points:
        """The villages as points, sized by their households; those with unknown households are the smallest."""
        classes, class_of = legend(entries)
        most = float(np.nanmax(self.households, initial=0.0))
        more = _more_of(np.sqrt(np.nan_to_num(self.households) / max(most, 1.0)))

        def radius(number: NDArray[np.float64]) -> NDArray[np.float64]:
            return _SMALLEST_VILLAGE + more * np.sqrt(np.nan_to_num(number) / max(most, 1.0))

        ids = self.column("village_id")
        return Points(
            name=name,
            geometry=self.geometry,
            ids=tuple(ids),
            labels=tuple(called or one for called, one in zip(self.column("village_name"), ids, strict=True)),
            classes=classes,
            class_of=class_of,
            radius=radius(self.households),
            fields=tuple(self._said),
            values=tuple(zip(*self._said.values(), strict=True)),
            sizes=_sizes(self._texts, most, radius),
            size_name=self._texts(FIELDS["households"]) if most > 0 else None,
            is_searched=True,
        )


def _more_of(sizes: NDArray[np.float64]) -> float:
    """By how much the largest village is drawn larger than the smallest: so that all together cover no more than they may.

    Args:
        sizes: Of each village, from 0 to 1, shape (n,).
    """
    # Σ (smallest + more · size)² is to be at most what is covered, in units of π.
    square, linear = float((sizes**2).sum()), 2 * _SMALLEST_VILLAGE * float(sizes.sum())
    rest = len(sizes) * _SMALLEST_VILLAGE**2 - _COVERED_BY_VILLAGES / math.pi
    if square == 0 or rest >= 0:
        return _MORE_OF_VILLAGE / 4
    more = (-linear + math.sqrt(linear**2 - 4 * square * rest)) / (2 * square)
    return min(max(more, _MORE_OF_VILLAGE / 4), _MORE_OF_VILLAGE)


def facility_points(texts: Texts, facilities: gpd.GeoDataFrame, service: Service) -> Points | None:
    """The facilities of a service as small squares; areas and lines at a point in them. Null where there are none with a location."""
    if "service" in facilities:
        facilities = facilities[(facilities["service"] == service).to_numpy()]
    geometry = to_wgs84(facilities.geometry, "the facilities")
    is_located = ~(geometry.isna() | geometry.is_empty).to_numpy()
    if not is_located.any():
        return None
    shapes = geometry.to_numpy()[is_located]
    is_point = shapely.get_type_id(shapes) == 0
    if not is_point.all():
        shapes = np.where(is_point, shapes, shapely.point_on_surface(shapes))
    ids = tuple(facilities["facility_id"].astype(str).to_numpy()[is_located].tolist())
    names = (
        facilities["facility_name"].astype(object).to_numpy()[is_located]
        if "facility_name" in facilities
        else ids
    )
    name = texts(LAYERS["facilities"], service=SERVICES[service].label(texts.language).lower())
    return Points(
        name=name,
        geometry=gpd.GeoSeries(shapes, crs=WGS84),
        ids=ids,
        labels=tuple(
            str(called) if isinstance(called, str) and called else one
            for called, one in zip(names, ids, strict=True)
        ),
        classes=(PictureClass(name, FACILITY, len(ids)),),
        class_of=np.zeros(len(ids), dtype=np.int64),
        radius=np.full(len(ids), _FACILITY_RADIUS),
        fields=(),
        values=((),) * len(ids),
        marker=Marker.SQUARE,
    )


def round_sizes(most: float) -> list[float]:
    """At most three round numbers that span the sizes up to `most`: the largest not above it, about a quarter and a twentieth of that."""
    sizes: list[float] = []
    for part in (1.0, 0.25, 0.05):
        size = _round_below((sizes[0] if sizes else most) * part)
        if size >= 1 and size not in sizes:
            sizes.append(size)
    return sizes


def _round_below(number: float) -> float:
    if number < 1:
        return 0.0
    power = 10.0 ** math.floor(math.log10(number))
    return next(power * first for first in _ROUND if power * first <= number)


def _sizes(texts: Texts, most: float, radius: Callable[[Any], Any]) -> tuple[SizeMark, ...]:
    return tuple(
        SizeMark(texts.numbers.count(size), float(radius(np.float64(size)))) for size in round_sizes(most)
    )
