"""Colours that readers with any colour vision can tell apart and order: ramps whose lightness falls evenly, and no red beside green."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BAND_RAMP",
    "CIRCLE",
    "EQUAL",
    "FACILITY",
    "FARTHER",
    "LESS_RAMP",
    "MORE_RAMP",
    "MOST_CLASSES",
    "MOST_EACH_WAY",
    "NEARER",
    "NONE_TO_REACH",
    "NOT_ASSESSED",
    "NOT_COMPARED",
    "NO_DATA",
    "ONE_APART",
    "SUPPRESSED",
    "UNIT_RAMP",
    "VILLAGE",
    "ZERO",
    "band_colours",
    "change_colours",
    "unit_colours",
]

UNIT_RAMP = (
    "#fff1b0", "#ffd069", "#ffaa39", "#f5851f", "#e2650e", "#c64902", "#a23804", "#7b2b06", "#561f06",
)  # fmt: skip
"""Of units: the hues of ColorBrewer's YlOrBr, from 95 to 20 of CIE L* in even steps."""
BAND_RAMP = (
    "#d1e9f4", "#a7cfe4", "#7ab6d9", "#519bcb", "#3280bd", "#1964ab", "#094a91", "#08326e", "#051e46",
)  # fmt: skip
"""Of villages by distance, which lie on units: blue, from 91 to 12 of CIE L*, so that the farthest are the darkest."""
LESS_RAMP = ("#a69ec9", "#8174ad", "#674697", "#481c76")
MORE_RAMP = ("#ed993a", "#cd700e", "#a34f07", "#763300")
"""Of change either way, from little to much: the hues of ColorBrewer's PuOr."""

MOST_CLASSES = len(UNIT_RAMP)
MOST_EACH_WAY = len(LESS_RAMP)

ZERO = "#ffffff"
NOT_ASSESSED = "#e4e4e4"
NO_DATA = "#c6c6c6"
SUPPRESSED = "#a0a0a0"

CIRCLE = "#2166ac"
VILLAGE = "#08326e"
FACILITY = "#c51b8a"
NONE_TO_REACH = "#03101f"
"""Of villages from which no facility can be reached: darker than the farthest band."""
EQUAL = "#a6dbf0"
ONE_APART = "#f6e04b"
NEARER = "#0b5fa5"
FARTHER = "#c8440a"
NOT_COMPARED = "#9a9a9a"


def unit_colours(count: int) -> list[str]:
    """So many colours of units, from light to dark.

    Raises:
        InputError: There are more classes than can be told apart.
    """
    return _spread(UNIT_RAMP, count)


def band_colours(count: int) -> list[str]:
    """So many colours of bands, from light to dark.

    Raises:
        InputError: There are more bands than can be told apart.
    """
    return _spread(BAND_RAMP, count)


def change_colours(count: int) -> tuple[list[str], list[str]]:
    """So many colours of a decrease and of an increase, each from little to much.

    Raises:
        InputError: There are more classes than can be told apart.
    """
    return _spread(LESS_RAMP, count), _spread(MORE_RAMP, count)


def _spread(ramp: Sequence[str], count: int) -> list[str]:
    """Colours at even steps of a ramp; a few keep away from its dark end, under which borders would not be seen."""
    if count > len(ramp):
        raise InputError(
            f"{count} classes cannot be told apart by their colours; ask for at most {len(ramp)}"
        )
    if count <= 1:
        return [ramp[len(ramp) // 2]] * count
    last = len(ramp) - 1 if count > len(ramp) // 2 else len(ramp) - 2
    return [ramp[round(place * last / (count - 1))] for place in range(count)]
