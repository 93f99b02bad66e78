"""Tiles of the WebMercatorQuad: which there are, and what they cover in degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors import FilterError

if TYPE_CHECKING:
    from geo_service.query.questions import Box

__all__ = ["BUFFER", "DEEPEST", "EXTENT", "NORTHERNMOST", "Tile"]

EXTENT = 4096
"""Units along the side of a tile."""

BUFFER = 64
"""Units around a tile that it also has, so that what lies on its edge is drawn whole."""

DEEPEST = 22
"""The last zoom level; a unit there is some 2 mm of the equator."""

NORTHERNMOST = 85.06
"""The latitude, north and south, beyond which no tile has anything; the grid itself ends at 85.0511."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of the WebMercatorQuad.

    Attributes:
        z: The zoom level, from 0, where the world is one tile, to `DEEPEST`.
        x: The column, from 0 at the antimeridian eastwards.
        y: The row, from 0 in the north southwards.

    Raises:
        FilterError: There is no such tile.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse a tile outside the grid."""
        if not 0 <= self.z <= DEEPEST:
            raise FilterError(f"there is no zoom level {self.z}; they go from 0 to {DEEPEST}")
        last = 2**self.z - 1
        for what, number in (("column", self.x), ("row", self.y)):
            if not 0 <= number <= last:
                raise FilterError(
                    f"zoom level {self.z} has no {what} {number} of tiles; they go from 0 to {last}"
                )

    @property
    def box(self) -> Box:
        """The box of the tile and its buffer, cut off at the antimeridian and at `NORTHERNMOST`."""
        margin = BUFFER / EXTENT
        return (
            max(self._longitude(self.x - margin), -180.0),
            max(self._latitude(self.y + 1 + margin), -NORTHERNMOST),
            min(self._longitude(self.x + 1 + margin), 180.0),
            min(self._latitude(self.y - margin), NORTHERNMOST),
        )

    def _longitude(self, column: float) -> float:
        return math.ldexp(column, -self.z) * 360 - 180

    def _latitude(self, row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * math.ldexp(row, -self.z)))))
