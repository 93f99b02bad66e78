"""The projection of a printed map, chosen for its extent.

All are equal-area, for a map of numbers by area must not make one area look larger than another of the same size:

- **Albers' conic** for what lies in the middle latitudes and is wider than high, its standard parallels a sixth of the height from the south and the north;
- **Lambert's azimuthal**, touching the Earth in the middle, for what is about as wide as high, or high, or near a pole;
- the **cylindrical** one for a strip along the equator;
- **Equal Earth** for more than half of the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians
from typing import TYPE_CHECKING

from babel.numbers import format_decimal
from pyproj import CRS

from geo_service.maps.printed import words

if TYPE_CHECKING:
    from geo_service.vocabulary import Language

__all__ = ["middle", "projection_for", "projection_name"]

WORLD_DEGREES = 180.0
"""What is wider is of the whole world or goes round a pole."""
HIGH_DEGREES = 65.0
LOW_DEGREES = 15.0
"""Where the middle is nearer to the equator, the cone of a conic projection is nearly a cylinder."""
WIDE = 1.2
"""How many times as wide as high an extent is for a conic projection to be better than an azimuthal one."""
STRIP = 2.5
PARALLELS_AT = 1 / 6
FINE_DEGREES = 2.0
"""An extent that is less high has its parameters in hundredths of a degree, others in tenths."""


class _Kind(StrEnum):
    ALBERS = "aea"
    LAMBERT = "laea"
    CYLINDRICAL = "cea"
    EQUAL_EARTH = "eqearth"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A projection: where its middle is and which parallels it keeps true; degrees, as they stand in its definition."""

    kind: _Kind
    longitude: float
    latitude: float
    parallels: tuple[float, ...] = ()

    @property
    def definition(self) -> str:
        """It for PROJ."""
        own = {
            _Kind.ALBERS: "+lat_0={0} +lat_1={1} +lat_2={2}",
            _Kind.LAMBERT: "+lat_0={0}",
            _Kind.CYLINDRICAL: "+lat_ts={1}",
            _Kind.EQUAL_EARTH: "",
        }[self.kind].format(self.latitude, *self.parallels)
        return f"+proj={self.kind} +lon_0={self.longitude} {own} +datum=WGS84 +units=m +no_defs +type=crs"


def projection_for(bounds: tuple[float, float, float, float]) -> CRS:
    """The equal-area projection that suits an extent best.

    Args:
        bounds: West, south, east and north in degrees; west is greater than east where the extent crosses the antimeridian.

    Returns:
        A projected CRS in metres on WGS 84, its middle that of the extent: positions on both sides of the antimeridian are beside each other in it.
    """
    return CRS.from_user_input(_choice(bounds).definition)


def projection_name(bounds: tuple[float, float, float, float], language: Language) -> str:
    """What the projection of an extent is called, with its parallels or its middle, for the small print."""
    choice = _choice(bounds)
    said = {
        "parallels": words.joined([_latitude(one, language) for one in choice.parallels], language),
        "middle": f"{_latitude(choice.latitude, language)}, {_longitude(choice.longitude, language)}",
        "meridian": _longitude(choice.longitude, language),
    }
    return words.PROJECTIONS[choice.kind](**said).in_language(language)


def middle(bounds: tuple[float, float, float, float]) -> tuple[float, float]:
    """Longitude and latitude of the middle of an extent, in degrees."""
    west, south, _, north = bounds
    return _wrapped(west + _width(bounds) / 2), (south + north) / 2


def _choice(bounds: tuple[float, float, float, float]) -> _Choice:
    south, north = bounds[1], bounds[3]
    width, height = _width(bounds), north - south
    decimals = 2 if height < FINE_DEGREES else 1
    longitude, latitude = (round(one, decimals) + 0.0 for one in middle(bounds))
    shape = width * cos(radians(latitude)) / max(height, 1e-9)
    if width > WORLD_DEGREES or height > WORLD_DEGREES / 2:
        if south > LOW_DEGREES or north < -LOW_DEGREES:
            return _Choice(_Kind.LAMBERT, longitude, 90.0 if south > 0 else -90.0)
        return _Choice(_Kind.EQUAL_EARTH, longitude, 0.0)
    if abs(latitude) < LOW_DEGREES and shape > STRIP:
        crosses = south < 0 < north
        true = max(abs(south), north) / 2 if crosses else abs(latitude)
        true = round(true, decimals)
        return _Choice(_Kind.CYLINDRICAL, longitude, 0.0, (true, -true))
    if LOW_DEGREES <= abs(latitude) < HIGH_DEGREES and shape > WIDE and not south < 0 < north:
        inset = height * PARALLELS_AT
        return _Choice(
            _Kind.ALBERS,
            longitude,
            latitude,
            (round(south + inset, decimals), round(north - inset, decimals)),
        )
    return _Choice(_Kind.LAMBERT, longitude, latitude)


def _width(bounds: tuple[float, float, float, float]) -> float:
    west, east = bounds[0], bounds[2]
    return east - west if east >= west else east - west + 360


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _latitude(degrees: float, language: Language) -> str:
    side = words.NORTH_LATITUDE if degrees >= 0 else words.SOUTH_LATITUDE
    return side(degrees=_number(abs(degrees), language)).in_language(language)


def _longitude(degrees: float, language: Language) -> str:
    side = words.EAST_LONGITUDE if degrees >= 0 else words.WEST_LONGITUDE
    return side(degrees=_number(abs(degrees), language)).in_language(language)


def _number(value: float, language: Language) -> str:
    return str(format_decimal(value, format="0.##", locale=language.value))
