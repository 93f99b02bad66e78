"""Colours of charts, which go with those of the maps: those that stand alone have 3 to 1 or more against white, and their texts 4.5 to 1."""

from __future__ import annotations

from geo_service.maps.palettes import BAND_RAMP, LESS_RAMP, MORE_RAMP, NO_DATA, band_colours

__all__ = [
    "ASIDE",
    "EDGE",
    "FAINT",
    "GRID",
    "HATCH",
    "INK",
    "LESS",
    "MORE",
    "ONE",
    "part_colours",
    "ramp_colours",
    "text_on",
]

INK = "#1f2328"
FAINT = "#57606a"
GRID = "#c3ccd4"
EDGE = "#57606a"
"""Around bars, the palest of which would not be seen on white."""
HATCH = "#6e7781"
ONE = "#2166ac"
"""Of bars of one series: the blue of the maps' circles."""
LESS, MORE = LESS_RAMP[2], MORE_RAMP[1]
"""Of changes either way."""

ASIDE = "#6e7781"
"""Of what is not known."""

_PARTS = (ONE, MORE_RAMP[1], LESS_RAMP[2], "#157f76", "#a83279", "#7b4a12", BAND_RAMP[7])
_LIGHT = 0.179
"""The relative luminance (WCAG 2.2) at which black and white are equally well read."""


def part_colours(count: int, aside: int = 0) -> list[str]:
    """Colours of things that have no order, grey for the last ones that are set aside; after seven they begin again."""
    return [_PARTS[number % len(_PARTS)] for number in range(count - aside)] + [ASIDE] * aside


def ramp_colours(count: int, aside: int = 0) -> list[str]:
    """Colours of things in an order, such as distance bands, those that the maps have for as many; grey for the last ones that are set aside."""
    ordered = count - aside
    colours = (
        [ONE]
        if ordered == 1
        else band_colours(ordered)
        if ordered <= len(BAND_RAMP)
        else part_colours(ordered)
    )
    return [*colours, *[NO_DATA] * aside]


def text_on(colour: str) -> str:
    """The colour of a text on a colour."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else "#ffffff"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
