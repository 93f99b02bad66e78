"""Printed maps beside pictures of them that were looked at.

After a change that is meant, draw those anew and look at them again:

    python -m tests.test_map_print_golden
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geo_service.maps.picture import Marker
from geo_service.maps.printed import PrintFormat, PrintSize, printed_bytes
from geo_service.vocabulary import Language
from tests.printed_pictures import EXTENTS, extent_picture

FOLDER = Path(__file__).parent / "data" / "printed"
DPI = 60
TOLERANCE = 2.0
"""Root mean square of the differences, of 255: the rims of letters may be drawn otherwise by another version, a layer may not be missing."""


def with_squares(picture):
    areas, points = picture.layers
    return replace(picture, layers=(areas, replace(points, marker=Marker.SQUARE)))


GOLDEN = {
    "kazakhstan_ru": lambda: extent_picture(EXTENTS["kazakhstan"], Language.RU),
    "fiji_kk": lambda: extent_picture(EXTENTS["fiji"], Language.KK),
    "chukotka_en": lambda: with_squares(extent_picture(EXTENTS["chukotka"])),
}


def drawn(picture):
    return printed_bytes(picture, PrintFormat.PNG, size=PrintSize.HALF, dpi=DPI)


def pixels(image):
    with Image.open(image if isinstance(image, Path) else io.BytesIO(image)) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.float64)


def difference(name, picture):
    expected, found = pixels(FOLDER / f"{name}.png"), pixels(drawn(picture))
    assert found.shape == expected.shape
    return float(np.sqrt(np.mean((found - expected) ** 2)))


def without_points(picture):
    return replace(picture, layers=picture.layers[:1])


def without_areas(picture):
    return replace(picture, layers=picture.layers[1:])


def with_another_colour(picture):
    areas, points = picture.layers
    classes = (replace(areas.classes[0], colour="#e0f3db"), *areas.classes[1:])
    return replace(picture, layers=(replace(areas, classes=classes), points))


def without_hatching(picture):
    areas, points = picture.layers
    classes = tuple(replace(one, kind=areas.classes[0].kind) for one in areas.classes)
    return replace(picture, layers=(replace(areas, classes=classes), points))


def without_title(picture):
    return replace(picture, title="")


def moved(picture):
    west, south, east, north = picture.bounds
    return replace(picture, bounds=(west + 3, south, east - 3, north))


@pytest.mark.parametrize("name", GOLDEN)
def test_a_printed_map_looks_as_it_did(name):
    assert difference(name, GOLDEN[name]()) < TOLERANCE


@pytest.mark.parametrize(
    "change", [without_points, without_areas, with_another_colour, without_hatching, without_title, moved]
)
def test_the_comparison_finds_what_is_missing_or_changed(change):
    assert difference("kazakhstan_ru", change(GOLDEN["kazakhstan_ru"]())) > 1.5 * TOLERANCE


def test_the_images_are_small():
    for name in GOLDEN:
        assert (FOLDER / f"{name}.png").stat().st_size < 60_000


if __name__ == "__main__":
    for golden, make in GOLDEN.items():
        (FOLDER / f"{golden}.png").write_bytes(drawn(make()))
