"""The words of mobility tracking, each with its code and its labels in English, Russian and Kazakh.

One table a notion: `SERVICES`, `POPULATION_GROUPS`, `BANDS`, `ADMIN_LEVELS`, `STATUSES`, `BASES`, `METHODS`. A table maps a code
(a `StrEnum`, so it is also its own text in frames and files) to its `Term`. The Russian labels of services, groups
and bands are those of the Round 3 report of the Mobility Tracking Matrix in Kazakhstan (IOM, 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ADMIN_LEVELS",
    "BANDS",
    "BASES",
    "LANGUAGES",
    "METHODS",
    "POPULATION_GROUPS",
    "SERVICES",
    "STATUSES",
    "TABLES",
    "AdminLevel",
    "Band",
    "Basis",
    "Language",
    "Method",
    "PopulationGroup",
    "Service",
    "Status",
    "Term",
    "parse_service",
]


class Language(StrEnum):
    """A language of labels and reports, by ISO 639-1 code."""

    EN = "en"
    RU = "ru"
    KK = "kk"


LANGUAGES: tuple[Language, ...] = tuple(Language)


class Service(StrEnum):
    """What a facility gives."""

    HOSPITAL = "hospital"
    POLYCLINIC = "polyclinic"
    SCHOOL = "school"
    MARKET = "market"
    SAFE_DRINKING_WATER = "safe_drinking_water"
    INTERNET = "internet"


class PopulationGroup(StrEnum):
    """Who moves: the five target groups."""

    LABOUR_MIGRANTS = "labour_migrants"
    RETURNEES = "returnees"
    EMIGRANTS = "emigrants"
    INTERNAL_MIGRANTS = "internal_migrants"
    INTERNAL_EMIGRANTS = "internal_emigrants"


class Band(StrEnum):
    """The report's distance bands in km, continuous and closed above: 5.4 km is in `6-10`, exactly 5 km in `0-5`."""

    KM_0_5 = "0-5"
    KM_6_10 = "6-10"
    KM_11_15 = "11-15"
    KM_16_20 = "16-20"
    KM_21_25 = "21-25"
    OVER_25_KM = ">25"


class AdminLevel(StrEnum):
    """A level of admin units."""

    COUNTRY = "country"
    REGION = "region"
    DISTRICT = "district"

    @property
    def number(self) -> int:
        """0 for country, 1 for region (ADM1), 2 for district (ADM2)."""
        return list(AdminLevel).index(self)


class Status(StrEnum):
    """Why an access row has a distance, or has none."""

    OK = "ok"
    NO_FACILITY = "no_facility"
    UNREACHABLE = "unreachable"
    BEYOND_LIMIT = "beyond_limit"
    NO_LOCATION = "no_location"


class Basis(StrEnum):
    """Where a statement about access comes from. The two are never mixed silently."""

    REPORTED = "reported"
    MEASURED = "measured"


class Method(StrEnum):
    """How a measured distance was measured."""

    GEODESIC = "geodesic"


@dataclass(frozen=True, slots=True)
class Term:
    """A code with its label in each language and a definition in English.

    Attributes:
        code: The text that stands in frames, files and routes.
        en: The English label.
        ru: The Russian label.
        kk: The Kazakh label.
        definition: What it means, one sentence; empty when the label says it all.
    """

    code: str
    en: str
    ru: str
    kk: str
    definition: str = ""

    def label(self, language: Language | str = Language.EN) -> str:
        """The label in `language`.

        Raises:
            InputError: The language is not one of `LANGUAGES`.
        """
        if language not in LANGUAGES:
            raise InputError(f"language '{language}' is not known; use one of {', '.join(LANGUAGES)}")
        return str(getattr(self, language))


Code = TypeVar("Code", bound=StrEnum)


def _table(*terms: tuple[Code, str, str, str, str]) -> Mapping[Code, Term]:
    return MappingProxyType(
        {code: Term(code.value, en, ru, kk, definition) for code, en, ru, kk, definition in terms}
    )


SERVICES = _table(
    (
        Service.HOSPITAL,
        "Hospital",
        "Больница",
        "Аурухана",
        "Gives emergency care, surgery and in-patient care.",
    ),
    (
        Service.POLYCLINIC,
        "Polyclinic",
        "Поликлиника",
        "Емхана",
        "Gives out-patient care: check-ups, minor treatment, prevention.",
    ),
    (Service.SCHOOL, "School", "Школа", "Мектеп", "Gives primary or secondary education."),
    (Service.MARKET, "Market", "Магазин", "Дүкен", "A shop or market that sells food and daily goods."),
    (
        Service.SAFE_DRINKING_WATER,
        "Safe drinking water",
        "Безопасная питьевая вода",
        "Қауіпсіз ауыз су",
        "A source of water that is safe to drink.",
    ),
    (Service.INTERNET, "Internet", "Интернет", "Интернет", "A place or network that gives internet access."),
)

POPULATION_GROUPS = _table(
    (
        PopulationGroup.LABOUR_MIGRANTS,
        "Labour migrants",
        "Трудящиеся-мигранты",
        "Еңбек мигранттары",
        "Foreign citizens who came to work.",
    ),
    (
        PopulationGroup.RETURNEES,
        "Returnees",
        "Возвратные мигранты",
        "Қайтып оралған мигранттар",
        "Citizens back after more than 6 months abroad.",
    ),
    (
        PopulationGroup.EMIGRANTS,
        "Emigrants",
        "Эмигранты",
        "Эмигранттар",
        "Citizens who left the country and now live abroad.",
    ),
    (
        PopulationGroup.INTERNAL_MIGRANTS,
        "Internal migrants",
        "Внутренние мигранты",
        "Ішкі мигранттар",
        "Residents of other places in the country who now live here.",
    ),
    (
        PopulationGroup.INTERNAL_EMIGRANTS,
        "Internal emigrants",
        "Внутренние эмигранты",
        "Ішкі эмигранттар",
        "Residents of this place who moved elsewhere in the country.",
    ),
)

BANDS = _table(
    (Band.KM_0_5, "0-5 km", "0-5 км", "0-5 км", "From 0 to 5 km, both included."),
    (Band.KM_6_10, "6-10 km", "6-10 км", "6-10 км", "Over 5 km, up to and with 10 km."),
    (Band.KM_11_15, "11-15 km", "11-15 км", "11-15 км", "Over 10 km, up to and with 15 km."),
    (Band.KM_16_20, "16-20 km", "16-20 км", "16-20 км", "Over 15 km, up to and with 20 km."),
    (Band.KM_21_25, "21-25 km", "21-25 км", "21-25 км", "Over 20 km, up to and with 25 km."),
    (Band.OVER_25_KM, "Over 25 km", "Более 25 км", "25 км-ден астам", "Over 25 km."),
)

ADMIN_LEVELS = _table(
    (AdminLevel.COUNTRY, "Country", "Страна", "Ел", "ADM0."),
    (AdminLevel.REGION, "Region", "Область", "Облыс", "ADM1; a city of republican significance is one too."),
    (AdminLevel.DISTRICT, "District", "Район", "Аудан", "ADM2; a city of regional significance is one too."),
)

STATUSES = _table(
    (Status.OK, "Measured", "Измерено", "Өлшенген", "There is a distance."),
    (
        Status.NO_FACILITY,
        "No facility",
        "Нет объекта",
        "Нысан жоқ",
        "The layer has no facility of this rank: it is empty or has fewer than were asked for.",
    ),
    (Status.UNREACHABLE, "Unreachable", "Недостижимо", "Жету мүмкін емес", "No road leads there."),
    (
        Status.BEYOND_LIMIT,
        "Beyond the limit",
        "За пределом поиска",
        "Іздеу шегінен тыс",
        "The nearest facility is farther than the search was allowed to look.",
    ),
    (
        Status.NO_LOCATION,
        "No location",
        "Нет координат",
        "Координаттары жоқ",
        "The village has no usable point.",
    ),
)

BASES = _table(
    (Basis.REPORTED, "Reported", "По сообщениям", "Хабарланған", "Key informants said so."),
    (Basis.MEASURED, "Measured", "Измерено", "Өлшенген", "Computed from a facility layer."),
)

METHODS = _table(
    (
        Method.GEODESIC,
        "Straight line",
        "По прямой",
        "Түзу сызық бойымен",
        "The shortest line over the WGS84 ellipsoid; not a distance by road.",
    ),
)

TABLES: Mapping[str, Mapping[Any, Term]] = MappingProxyType(
    {
        "services": SERVICES,
        "population_groups": POPULATION_GROUPS,
        "bands": BANDS,
        "admin_levels": ADMIN_LEVELS,
        "statuses": STATUSES,
        "bases": BASES,
        "methods": METHODS,
    }
)


def parse_service(text: str) -> Service:
    """The service that `text` names by its code.

    Raises:
        InputError: No service has that code.
    """
    try:
        return Service(text.strip().lower())
    except ValueError:
        raise InputError(f"service '{text}' is not known; use one of {', '.join(Service)}") from None
