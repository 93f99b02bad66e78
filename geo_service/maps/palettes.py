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
    "#c8e5f3", "#a7cfe4", "#7ab6d9", "#519bcb", "#3280bd", "#1964ab", "#094a91", "#08326e", "#051e46",
)  # fmt: skip
"""Of villages by distance, which lie on units: blue, from 89 to 12 of CIE L*, so that the farthest are the darkest. Of units under warm villages too."""
LESS_RAMP = ("#a69ec9", "#8174ad", "#674697", "#481c76")
MORE_RAMP = ("#ed993a", "#cd700e", "#a34f07", "#763300")
"""Of change either way, from little to much: the hues of ColorBrewer's PuOr."""

MOST_CLASSES = len(UNIT_RAMP)
MOST_EACH_WAY = len(LESS_RAMP)

ZERO = "#ffffff"
NOT_ASSESSED = "#dddddd"
NO_DATA = "#bebebe"
SUPPRESSED = "#8e8e8e"

CIRCLE = "#2166ac"
VILLAGE = "#08326e"
FACILITY = "#c51b8a"
NONE_TO_REACH = "#03101f"
"""Of villages from which no facility can be reached: darker than the farthest band."""
EQUAL = "#fff3b0"
ONE_APART = "#fdb04f"
NEARER = "#e2550d"
FARTHER = "#6e1e02"
"""Of villages by how far two statements are apart: the darker, the worse, on units in blue."""
NOT_COMPARED = "#9a9a9a"


def unit_colours(count: int, ramp: Sequence[str] = UNIT_RAMP) -> list[str]:
    """So many colours of units, from light to dark.

    Args:
        count: How many.
        ramp: `UNIT_RAMP` or, under villages in warm colours, `BAND_RAMP`.

    Raises:
        InputError: There are more classes than can be told apart.
    """
    return _spread(ramp, count)


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
    """Colours at even steps of a ramp; a few keep away from its dark end, on which points would not be seen."""
    if count > len(ramp):
        raise InputError(
            f"{count} classes cannot be told apart by their colours; ask for at most {len(ramp)}"
        )
    if count <= 1:
        return [ramp[len(ramp) // 2]] * count
    last = len(ramp) - 1 if count > len(ramp) * 2 // 3 else len(ramp) - 2
    return [ramp[round(place * last / (count - 1))] for place in range(count)]
