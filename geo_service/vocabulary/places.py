"""Places: levels of admin units, and how a village of a survey was recognised."""

from __future__ import annotations

from enum import StrEnum

from geo_service.vocabulary.term import table_of

__all__ = ["ADMIN_LEVELS", "PLACE_MATCHES", "AdminLevel", "PlaceMatch"]


class AdminLevel(StrEnum):
    """A level of admin units."""

    COUNTRY = "country"
    REGION = "region"
    DISTRICT = "district"

    @property
    def number(self) -> int:
        """0 for country, 1 for region (ADM1), 2 for district (ADM2)."""
        return list(AdminLevel).index(self)


class PlaceMatch(StrEnum):
    """How a village of a survey was recognised among the villages that are known."""

    CODE = "code"
    NAME = "name"
    LOCATION = "location"
    CROSSWALK = "crosswalk"
    UNMATCHED = "unmatched"


ADMIN_LEVELS = table_of(
    (AdminLevel.COUNTRY, "Country", "Страна", "Ел", "ADM0."),
    (AdminLevel.REGION, "Region", "Область", "Облыс", "ADM1; a city of republican significance is one too."),
    (AdminLevel.DISTRICT, "District", "Район", "Аудан", "ADM2; a city of regional significance is one too."),
)

PLACE_MATCHES = table_of(
    (PlaceMatch.CODE, "By code", "По коду", "Коды бойынша", "Its KATO or P-code is that of a known village."),
    (
        PlaceMatch.NAME,
        "By name",
        "По названию",
        "Атауы бойынша",
        "Its name is that of one known village of the district, once case, spelling and script are set aside.",
    ),
    (
        PlaceMatch.LOCATION,
        "By location",
        "По координатам",
        "Координаттары бойынша",
        "It lies where one known village lies.",
    ),
    (
        PlaceMatch.CROSSWALK,
        "By crosswalk",
        "По таблице соответствия",
        "Сәйкестік кестесі бойынша",
        "A reviewer wrote the pair into a crosswalk file.",
    ),
    (
        PlaceMatch.UNMATCHED,
        "Not matched",
        "Не сопоставлено",
        "Сәйкестендірілмеген",
        "It is not among the known villages, or none are given; its own code or name stands for it.",
    ),
)
