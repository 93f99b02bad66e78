"""The typeface of a page, with the letters of its languages and any other that it has: Source Sans Pro in three weights, as WOFF in the styles."""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO

from geo_service.maps.printed.fonts import sans_folder

__all__ = ["font_styles"]

_WEIGHTS = {"Regular": 400, "Semibold": 600, "Bold": 700}
_FEATURES = ["kern", "tnum", "lnum"]
_ALWAYS = frozenset(
    "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x410, 0x450)]))
    + "ЁёӘәҒғҚқҢңӨөҰұҮүҺһІі–—‘’“”„…•·№≥≤−\u202f"
)
"""What nearly each report of the three languages needs, so that they share one file."""


def font_styles(text: str) -> str:
    """The typeface as `@font-face` rules.

    Args:
        text: All that is written in it; what the typeface does not have is written in another of the reader's.

    Returns:
        The same for the same letters: files of fonts say no time of making.

    Raises:
        MissingExtraError: The typeface is not installed.
    """
    return _styles("".join(sorted(_ALWAYS.union(text))))


@lru_cache(maxsize=4)
def _styles(letters: str) -> str:
    return "\n".join(
        f'@font-face {{ font-family: "Source Sans Pro"; font-weight: {weight}; font-display: block; '
        f'src: url(data:font/woff;base64,{base64.b64encode(_woff(name, letters)).decode("ascii")}) format("woff"); }}'
        for name, weight in _WEIGHTS.items()
    )


def _woff(name: str, letters: str) -> bytes:
    # Here, so that the other formats do without them.
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    with TTFont(sans_folder() / f"SourceSansPro-{name}.ttf", recalcTimestamp=False, lazy=True) as font:
        options = subset.Options(
            layout_features=_FEATURES, hinting=False, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True
        )
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        font.flavor = "woff"
        written = BytesIO()
        font.save(written, reorderTables=False)
    return written.getvalue()
