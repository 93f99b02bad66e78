"""Pictures of extents that are hard to project, and of texts that are hard to place."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

from geo_service.maps.picture import Areas, ClassKind, Picture, PictureClass, Points, SizeMark
from geo_service.vocabulary import AdminLevel, Language

__all__ = ["EXTENTS", "LONG_TITLES", "cells", "crowded_picture", "extent_picture"]

EXTENTS = {
    "andorra": (1.41, 42.43, 1.79, 42.66),
    "chile": (-75.7, -55.9, -66.4, -17.5),
    "chukotka": (157.7, 61.8, -169.6, 71.6),
    "fiji": (176.9, -20.7, -178.2, -12.5),
    "gabon": (8.7, -4.0, 14.5, 2.3),
    "indonesia": (95.0, -11.0, 141.0, 6.1),
    "kazakhstan": (46.5, 40.6, 87.3, 55.4),
    "svalbard": (10.4, 76.4, 33.6, 80.8),
    "world": (-180.0, -60.0, 180.0, 84.0),
}
LONG_TITLES = {
    Language.EN: "Households of assessed communities whose nearest functioning hospital is farther than 25 km in a straight line, "
    "by district of the Republic of Kazakhstan, as measured from the places of communities and facilities, Round 3",
    Language.RU: "Домохозяйства обследованных населённых пунктов, от которых до ближайшей действующей больницы более 25 км по прямой, "
    "по районам Республики Казахстан, по измеренным расстояниям от населённых пунктов до учреждений, раунд 3",
    Language.KK: "Ең жақын жұмыс істейтін ауруханаға дейін түзу сызық бойынша 25 км-ден астам қашықтықтағы елді мекендердің үй шаруашылықтары, "
    "Қазақстан Республикасының аудандары бойынша, өлшенген қашықтықтар бойынша, 3-раунд: Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі",
}
_COLOURS = ("#fee8c8", "#fdbb84", "#fc8d59", "#d7301f")


def cells(bounds: tuple[float, float, float, float], across: int = 4, up: int = 3) -> list[shapely.Geometry]:
    """A grid of cells over an extent, cut in two where they cross the antimeridian as GeoJSON asks for."""
    west, south, east, north = bounds
    columns = np.linspace(west, east if east >= west else east + 360, across + 1)
    rows = np.linspace(south, north, up + 1)
    return [_cut(left, low, right, high) for low, high in pairwise(rows) for left, right in pairwise(columns)]


def extent_picture(bounds: tuple[float, float, float, float], language: Language = Language.EN) -> Picture:
    """A country of twelve cells, one of them guarded and one without data, with a circle in the middle of each."""
    shapes = gpd.GeoSeries(cells(bounds), crs=4326)
    count = len(shapes)
    class_of = np.arange(count) % (len(_COLOURS) + 2)
    classes = (
        *(PictureClass(f"{number}–{number + 1}", colour, 2) for number, colour in enumerate(_COLOURS)),
        PictureClass("hidden", "#efefef", 2, ClassKind.SUPPRESSED),
        PictureClass("no data", "#d9d9d9", 2, ClassKind.NO_DATA),
    )
    names = tuple(f"Cell {number}" for number in range(count))
    middles = gpd.GeoSeries([shapely.get_parts(one)[0].representative_point() for one in shapes], crs=4326)
    return Picture(
        name="extent",
        language=language,
        title="Somewhere on the Earth",
        summary="Twelve cells of equal width.",
        layers=(
            Areas("Share", AdminLevel.REGION, shapes, names, names, classes, class_of, (), ((),) * count),
            Points(
                "Households",
                middles,
                names,
                names,
                (PictureClass("Households", "#2b6cb0", count),),
                np.zeros(count, dtype=np.int64),
                np.linspace(2, 9, count),
                (),
                ((),) * count,
                sizes=(SizeMark("10", 2.0), SizeMark("1,000", 9.0)),
                size_name="Households",
            ),
        ),
        bounds=bounds,
        facts=(("Basis", "made up"), ("Round", "3")),
        notes=("Made up.",),
        sources=("Nobody",),
        disclaimer="Boundaries and names shown do not imply endorsement.",
    )


def crowded_picture(language: Language = Language.KK) -> Picture:
    """Long titles, twelve classes with long labels, eight sources and eight facts: more than a report would have."""
    areas = gpd.GeoSeries(cells((46.5, 40.6, 87.3, 55.4), 6, 4), crs=4326)
    count = len(areas)
    classes = tuple(
        PictureClass(
            f"{number * 1000:,}–{number * 1000 + 999:,} {LONG_TITLES[language][:22]}",
            _COLOURS[number % 4],
            1_234,
        )
        for number in range(12)
    )
    names = tuple(f"Ұлытау {number}" for number in range(count))
    return Picture(
        name="crowded",
        language=language,
        title=LONG_TITLES[language],
        summary=LONG_TITLES[language],
        layers=(
            Areas(
                LONG_TITLES[language][:70],
                AdminLevel.REGION,
                areas,
                names,
                names,
                classes,
                np.arange(count) % 12,
                (),
                ((),) * count,
            ),
            Points(
                LONG_TITLES[language][:60],
                areas.representative_point(),
                names,
                names,
                classes[:6],
                np.arange(count) % 6,
                np.linspace(1, 14, count),
                (),
                ((),) * count,
                sizes=(SizeMark("10", 2.0), SizeMark("1 000", 7.0), SizeMark("10 000", 14.0)),
                size_name="Үй шаруашылықтары",
            ),
        ),
        bounds=(46.5, 40.6, 87.3, 55.4),
        facts=tuple((f"Label {number}", LONG_TITLES[language][: 20 + 15 * number]) for number in range(8)),
        notes=(LONG_TITLES[language], "Синтетикалық деректер: ойдан шығарылған, сауалнамадан алынбаған."),
        sources=tuple(f"{number}: © " + LONG_TITLES[language][:60] + " CC BY 4.0" for number in range(8)),
        disclaimer="Осы картада көрсетілген шекаралар мен атаулар ресми мақұлдауды білдірмейді. " * 2,
    )


def _cut(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    if west < 180 < east:
        parts = [shapely.box(west, south, 180, north), shapely.box(-180, south, east - 360, north)]
        return shapely.MultiPolygon(parts)
    turn = 360 if west >= 180 else 0
    return shapely.box(west - turn, south, east - turn, north)
