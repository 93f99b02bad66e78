"""Access to services: what a facility gives, how far it is, and where a statement about it comes from.

The Russian labels of services and bands are those of the Round 3 report of the Mobility Tracking Matrix in Kazakhstan (IOM, 2024).
"""

from __future__ import annotations

from enum import StrEnum

from geo_service.errors import InputError
from geo_service.vocabulary.term import table_of

__all__ = [
    "BANDS",
    "BASES",
    "METHODS",
    "SERVICES",
    "STATUSES",
    "Band",
    "Basis",
    "Method",
    "Service",
    "Status",
    "parse_service",
]


class Service(StrEnum):
    """What a facility gives."""

    HOSPITAL = "hospital"
    POLYCLINIC = "polyclinic"
    SCHOOL = "school"
    MARKET = "market"
    SAFE_DRINKING_WATER = "safe_drinking_water"
    INTERNET = "internet"


class Band(StrEnum):
    """The report's distance bands in km, continuous and closed above: 5.4 km is in `6-10`, exactly 5 km in `0-5`."""

    KM_0_5 = "0-5"
    KM_6_10 = "6-10"
    KM_11_15 = "11-15"
    KM_16_20 = "16-20"
    KM_21_25 = "21-25"
    OVER_25_KM = ">25"


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


SERVICES = table_of(
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

BANDS = table_of(
    (Band.KM_0_5, "0-5 km", "0-5 км", "0-5 км", "From 0 to 5 km, both included."),
    (Band.KM_6_10, "6-10 km", "6-10 км", "6-10 км", "Over 5 km, up to and with 10 km."),
    (Band.KM_11_15, "11-15 km", "11-15 км", "11-15 км", "Over 10 km, up to and with 15 km."),
    (Band.KM_16_20, "16-20 km", "16-20 км", "16-20 км", "Over 15 km, up to and with 20 km."),
    (Band.KM_21_25, "21-25 km", "21-25 км", "21-25 км", "Over 20 km, up to and with 25 km."),
    (Band.OVER_25_KM, "Over 25 km", "Более 25 км", "25 км-ден астам", "Over 25 km."),
)

STATUSES = table_of(
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

BASES = table_of(
    (Basis.REPORTED, "Reported", "По сообщениям", "Хабарланған", "Key informants said so."),
    (Basis.MEASURED, "Measured", "Измерено", "Өлшенген", "Computed from a facility layer."),
)

METHODS = table_of(
    (
        Method.GEODESIC,
        "Straight line",
        "По прямой",
        "Түзу сызық бойымен",
        "The shortest line over the WGS84 ellipsoid; not a distance by road.",
    ),
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
