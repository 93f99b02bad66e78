"""Small made-up pictures, with everything that a renderer has to cope with, and larger ones of any size."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo_service.maps.picture import Areas, ClassKind, Marker, Picture, PictureClass, Points, SizeMark
from geo_service.vocabulary import AdminLevel, Language

__all__ = [
    "BRACES",
    "HOSTILE",
    "KAZAKH",
    "LONG",
    "QUOTED",
    "large_picture",
    "small_picture",
]

HOSTILE = "</script><b>Bold</b><img src=x onerror=alert(1)>"
QUOTED = """O'Neil "the quote" `tick` \\ & co"""
BRACES = "{{ braces }} {% raw %} ${dollar} <!-- note"
KAZAKH = "Қызылорда – Ұлытау әғқңөұүһі"
LONG = "A very long name of a place " * 8 + "without" + "anend" * 30

_VALUE_CLASSES = (("0", "#f7f7f7"), ("1–9", "#fdbb84"), ("10 and more", "#b30000"))


def small_picture(language: Language = Language.EN) -> Picture:
    """Six districts of every kind of class, five villages of three sizes, two facilities as squares, names that are hard on a renderer.

    Lower left corner at 60° E, 45° N, 3 degrees wide and 2 high; one district has a hole and one has an island.
    """
    return Picture(
        name="small_picture",
        language=language,
        title=f"Households over 25 km from a hospital {QUOTED}, Round 3",
        summary="Six districts are shown. Three have households beyond 25 km.",
        layers=(_districts(), _villages(), _facilities()),
        bounds=(60.0, 45.0, 63.0, 47.0),
        facts=(("Basis", "measured, straight line"), ("Round", "3"), ("Release", "0f72ff3f")),
        notes=(f"Synthetic data: made up, not surveyed. {BRACES}", "Straight line, not by road."),
        sources=(f"Boundaries: somebody {HOSTILE}", "Facilities: another & co"),
        disclaimer="Boundaries and names shown do not imply endorsement.",
    )


def large_picture(units: int, villages: int, language: Language = Language.EN, seed: int = 6) -> Picture:
    """A country of `units` districts in a grid, whose borders wind, and `villages` villages in it."""
    random = np.random.default_rng(seed)
    across = int(np.ceil(np.sqrt(units * 2)))
    cells = [_winding_cell(number % across, number // across) for number in range(units)]
    places = gpd.GeoSeries(cells, crs=4326)
    class_of = random.integers(0, len(_VALUE_CLASSES) + 1, units)
    classes = _classes(class_of)
    west, south, east, north = places.total_bounds
    at = gpd.GeoSeries(
        gpd.points_from_xy(random.uniform(west, east, villages), random.uniform(south, north, villages)),
        crs=4326,
    )
    households = random.integers(5, 3_000, villages)
    beyond = random.integers(0, 2, villages)
    return Picture(
        name="large_picture",
        language=language,
        title=f"{units} districts and {villages} villages",
        summary="Made up.",
        layers=(
            Areas(
                name="Households beyond 25 km, by district",
                level=AdminLevel.DISTRICT,
                geometry=places,
                ids=tuple(f"XXX{number:05d}" for number in range(units)),
                labels=tuple(f"District {number}" for number in range(units)),
                classes=classes,
                class_of=class_of.astype(np.int64),
                fields=("Households", "Share"),
                values=tuple((f"{number * 37:,}", f"{number % 100} %") for number in range(units)),
            ),
            Points(
                name="Villages",
                geometry=at,
                ids=tuple(f"V{number}" for number in range(villages)),
                labels=tuple(f"Village {number}" for number in range(villages)),
                classes=(
                    PictureClass("within", "#2b7bba", int(np.sum(beyond == 0))),
                    PictureClass("beyond", "#111111", int(np.sum(beyond == 1))),
                ),
                class_of=beyond.astype(np.int64),
                radius=2 + 10 * np.sqrt(households / 3_000),
                fields=("District", "Households", "Distance"),
                values=tuple(
                    (f"District {number % units}", f"{count:,}", f"{number % 60} km")
                    for number, count in enumerate(households)
                ),
                sizes=(SizeMark("100", 3.8), SizeMark("1,000", 7.8), SizeMark("3,000", 12.0)),
                size_name="Households",
                is_searched=True,
            ),
        ),
        bounds=(float(west), float(south), float(east), float(north)),
        facts=(("Basis", "made up"),),
        notes=("Synthetic.",),
        sources=("Nobody",),
        disclaimer="None of it is there.",
    )


def _districts() -> Areas:
    box = shapely.box
    holed = shapely.difference(box(61, 45, 62, 46), box(61.4, 45.4, 61.6, 45.6))
    island = shapely.union_all([box(62, 45, 63, 45.9), box(62.3, 45.94, 62.6, 45.98)])
    class_of = np.array([0, 1, 2, 3, 4, 2], dtype=np.int64)
    return Areas(
        name="Households beyond 25 km, by district",
        level=AdminLevel.DISTRICT,
        geometry=gpd.GeoSeries(
            [
                box(60, 45, 61, 46),
                holed,
                island,
                box(60, 46, 61, 47),
                box(61, 46, 62, 47),
                box(62, 46, 63, 47),
            ],
            crs=4326,
        ),
        ids=("D1", "D2", "D3", "D4", "D5", "D6"),
        labels=("Abai", KAZAKH, HOSTILE, QUOTED, "Guarded", LONG),
        classes=(
            *(
                PictureClass(label, colour, int(np.sum(class_of == number)))
                for number, (label, colour) in enumerate(_VALUE_CLASSES)
            ),
            PictureClass("no data", "#d9d9d9", 1, ClassKind.NO_DATA),
            PictureClass("suppressed", "#efefef", 1, ClassKind.SUPPRESSED),
        ),
        class_of=class_of,
        fields=("Households", BRACES),
        values=(
            ("0", "0 %"),
            ("1,234", "5 %"),
            ("99,999", HOSTILE),
            ("", ""),
            ("", "fewer than 5"),
            ("12", "50 %"),
        ),
    )


def _villages() -> Points:
    return Points(
        name="Villages",
        geometry=gpd.GeoSeries(
            gpd.points_from_xy([60.2, 60.8, 61.2, 62.5, 62.8], [45.5, 45.5, 45.5, 46.5, 45.2]), crs=4326
        ),
        ids=("V1", "V2", "V3", "V4", "V5"),
        labels=("Қосшы", "Алёшино", HOSTILE, BRACES, "V5"),
        classes=(
            PictureClass("0–5 km", "#2b7bba", 3),
            PictureClass(">25 km", "#111111", 1),
            PictureClass("not known", "#bdbdbd", 1, ClassKind.NO_DATA),
        ),
        class_of=np.array([0, 0, 0, 1, 2], dtype=np.int64),
        radius=np.array([4.0, 8.0, 16.0, 4.0, 4.0]),
        fields=("District", "Households"),
        values=(("Abai", "60"), ("Abai", "240"), (KAZAKH, "960"), (LONG, "60"), ("", "")),
        sizes=(SizeMark("60", 4.0), SizeMark("960", 16.0)),
        size_name="Households",
        is_searched=True,
    )


def _facilities() -> Points:
    return Points(
        name="Hospitals",
        geometry=gpd.GeoSeries(gpd.points_from_xy([60.25, 61.5], [45.75, 45.9]), crs=4326),
        ids=("F1", "F2"),
        labels=("Hospital № 1", QUOTED),
        classes=(PictureClass("Hospitals", "#1a1a1a", 2),),
        class_of=np.array([0, 0], dtype=np.int64),
        radius=np.array([4.0, 4.0]),
        fields=(),
        values=((), ()),
        marker=Marker.SQUARE,
    )


def _classes(class_of: np.ndarray) -> tuple[PictureClass, ...]:
    values = tuple(
        PictureClass(label, colour, int(np.sum(class_of == number)))
        for number, (label, colour) in enumerate(_VALUE_CLASSES)
    )
    nothing = int(np.sum(class_of == len(values)))
    return (*values, PictureClass("no data", "#d9d9d9", nothing, ClassKind.NO_DATA))


def _winding_cell(column: int, row: int) -> shapely.Geometry:
    """A cell of one degree by half a degree; neighbours have the same positions on the border that they share."""
    steps = np.linspace(0, 1, 60, endpoint=False)
    bottom = [(column + one, _wind(column + one, row)) for one in steps]
    right = [(column + 1, _wind(column + 1, row) + one * _height(column + 1, row)) for one in steps]
    top = [(column + 1 - one, _wind(column + 1 - one, row + 1)) for one in steps]
    left = [(column, _wind(column, row + 1) - one * _height(column, row)) for one in steps]
    return shapely.Polygon([(50 + x, 42 + y * 0.7) for x, y in [*bottom, *right, *top, *left]])


def _wind(x: float, row: int) -> float:
    return row + 0.15 * np.sin(5 * x + row) + 0.05 * np.sin(37 * x)


def _height(x: float, row: int) -> float:
    return _wind(x, row + 1) - _wind(x, row)
