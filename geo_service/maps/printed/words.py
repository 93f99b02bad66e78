"""The words that a printed map adds to its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "COUNTS",
    "EAST_LONGITUDE",
    "NORTH_LATITUDE",
    "PROJECTIONS",
    "SCALE",
    "SIGNS",
    "SOURCES",
    "SOUTH_LATITUDE",
    "WEST_LONGITUDE",
    "joined",
]

SOURCES = Wording(en="Sources:", ru="Источники:", kk="Дереккөздер:")
COUNTS = Wording(
    en="In brackets: how many are of the class.",
    ru="В скобках: сколько их в классе.",
    kk="Жақшада: сыныпта қанша екені.",
)
SCALE = Wording(
    en="The scale is that of the middle of the map.",
    ru="Масштаб указан для середины карты.",
    kk="Масштаб картаның ортасына сәйкес.",
)
SIGNS: Mapping[Language, Mapping[str, str]] = {
    Language.EN: {"km": "km", "m": "m", "north": "N", "and": "and"},
    Language.RU: {"km": "км", "m": "м", "north": "С", "and": "и"},
    Language.KK: {"km": "км", "m": "м", "north": "С", "and": "және"},
}
"""Units, the letter of the north arrow, and what stands before the last of several."""
NORTH_LATITUDE = Wording(
    en="{degrees}°\u00a0N", ru="{degrees}°\u00a0с.\u00a0ш.", kk="{degrees}°\u00a0с.\u00a0е."
)
SOUTH_LATITUDE = Wording(
    en="{degrees}°\u00a0S", ru="{degrees}°\u00a0ю.\u00a0ш.", kk="{degrees}°\u00a0о.\u00a0е."
)
EAST_LONGITUDE = Wording(
    en="{degrees}°\u00a0E", ru="{degrees}°\u00a0в.\u00a0д.", kk="{degrees}°\u00a0ш.\u00a0б."
)
WEST_LONGITUDE = Wording(
    en="{degrees}°\u00a0W", ru="{degrees}°\u00a0з.\u00a0д.", kk="{degrees}°\u00a0б.\u00a0б."
)
PROJECTIONS: Mapping[str, Wording] = {
    "aea": Wording(
        en="Albers equal-area conic projection, standard parallels {parallels}.",
        ru="Равновеликая коническая проекция Альберса, стандартные параллели {parallels}",
        kk="Альберстің тең шамалы конустық проекциясы, стандартты параллельдері {parallels}",
    ),
    "laea": Wording(
        en="Lambert azimuthal equal-area projection, centred on {middle}.",
        ru="Равновеликая азимутальная проекция Ламберта, центр {middle}",
        kk="Ламберттің тең шамалы азимуттық проекциясы, ортасы {middle}",
    ),
    "cea": Wording(
        en="Cylindrical equal-area projection, standard parallels {parallels}.",
        ru="Равновеликая цилиндрическая проекция, стандартные параллели {parallels}",
        kk="Тең шамалы цилиндрлік проекция, стандартты параллельдері {parallels}",
    ),
    "eqearth": Wording(
        en="Equal Earth projection, central meridian {meridian}.",
        ru="Равновеликая проекция Equal Earth, средний меридиан {meridian}",
        kk="Тең шамалы Equal Earth проекциясы, орта меридианы {meridian}",
    ),
}
"""By the name that PROJ gives the projection. The Russian and Kazakh ones end with an abbreviation, whose full stop is theirs."""


def joined(parts: Sequence[str], language: Language) -> str:
    """`43.1° N and 52.9° N`."""
    return f" {SIGNS[language]['and']} ".join(parts)
