"""Maps of a request: made once of a release for all who are shown the same of it, and drawn by few at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from geo_service.api.kept import Kept
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from geo_service.api.maps.parameters import MapFormat, MapSize
    from geo_service.maps.picture import Picture
    from geo_service.maps.question import MapQuestion
    from geo_service.release.editions import Edition
    from geo_service.vocabulary import Language

__all__ = ["DPI", "picture_of", "printed_map", "shapes_bytes", "shapes_urls"]

DPI = 300
"""Of a PNG that names none."""

_PICTURES = 48
_IMAGES = 24
_MOST_OF_AN_IMAGE = 3_000_000
"""So that images take some 72 MB at most; one of a page at 300 dpi has 1 to 1.5 MB."""
_DRAWING = 5
"""One is drawn at a time, and the others wait for it with a thread each."""

_pictures: Kept[Picture] = Kept(_PICTURES)
_images: Kept[bytes] = Kept(_IMAGES)
_shapes: Kept[bytes] = Kept(8)
_drawing = threading.BoundedSemaphore(_DRAWING)


class _TooLarge(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, content: bytes) -> None:
        self.content = content


def picture_of(edition: Edition, role: Role, question: MapQuestion, language: Language) -> Picture:
    """The map that a question asks for, of what a role is shown; made at the first question.

    Args:
        edition: What the role is shown of a release.
        role: Who asks.
        question: Which map.
        language: Of its texts.

    Raises:
        NotFoundError: What is shown does not have what the map needs.
        InputError: The question makes no map.
    """
    # Here, so that the service starts without pandas.
    from geo_service.maps.released import released_picture  # noqa: PLC0415

    key = (edition.manifest.id, role is Role.PUBLIC, question, language)
    return _pictures.get(key, lambda: released_picture(edition, question, language))


def printed_map(
    edition: Edition,
    role: Role,
    question: MapQuestion,
    language: Language,
    form: MapFormat,
    size: MapSize,
    dpi: int,
) -> bytes:
    """A map as PNG, SVG or PDF. A PNG is kept, since pages show it again and again.

    Raises:
        ProblemError: Too many are being drawn.
        NotFoundError: As `picture_of`.
        InputError: As `picture_of`; or its texts are too long for the size.
        MissingExtraError: matplotlib is not installed.
    """
    from geo_service.maps.printed import PrintFormat, PrintSize, printed_bytes  # noqa: PLC0415

    def draw() -> bytes:
        picture = picture_of(edition, role, question, language)
        if not _drawing.acquire(blocking=False):
            raise ProblemError(
                Problem.BUSY,
                "other maps are being drawn at this moment; try again soon",
                headers={"Retry-After": "2"},
            )
        try:
            content = printed_bytes(picture, PrintFormat(form.value), size=PrintSize(size.value), dpi=dpi)
        finally:
            _drawing.release()
        if form.value != "png" or len(content) > _MOST_OF_AN_IMAGE:
            raise _TooLarge(content)
        return content

    key = (edition.manifest.id, role is Role.PUBLIC, question, language, form, size, dpi)
    try:
        return _images.get(key, draw)
    except _TooLarge as large:
        return large.content


def shapes_bytes(edition: Edition, level: AdminLevel) -> bytes:
    """The polygons of a level as the viewer reads them: all of the release, which everybody may see.

    Raises:
        NotFoundError: There are none.
    """

    def make() -> bytes:
        import numpy as np  # noqa: PLC0415

        from geo_service.maps.encoding import json_text, shapes_json  # noqa: PLC0415
        from geo_service.maps.picture import Areas  # noqa: PLC0415
        from geo_service.maps.released_frames import Frames, drawn_units  # noqa: PLC0415

        units = drawn_units(Frames(edition), level, None).units
        codes = tuple(map(str, units["pcode"]))
        areas = Areas(
            name="",
            level=level,
            geometry=units.geometry,
            ids=codes,
            labels=codes,
            classes=(),
            class_of=np.zeros(len(codes), dtype=np.int64),
            fields=(),
            values=tuple(() for _ in codes),
        )
        return json_text(shapes_json(areas)).encode()

    return _shapes.get((edition.manifest.id, level), make)


def shapes_urls(base: str, release: str) -> dict[AdminLevel, str]:
    """Where the polygons of each level of a release are, to be kept for ever.

    Args:
        base: The URL that the service is reached under, without a slash at its end.
        release: Its id.
    """
    query = urlencode({"release": release})
    return {
        level: f"{base}/maps/shapes/{level}.json?{query}"
        for level in (AdminLevel.REGION, AdminLevel.DISTRICT)
    }
