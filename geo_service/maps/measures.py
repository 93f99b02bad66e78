"""What a map of concentration or of change shows of a population group."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ChangeMeasure", "Measure"]


class Measure(StrEnum):
    """What shades the units on a map of concentration; see `coverage.concentration`."""

    INDIVIDUALS = "individuals"
    SHARE = "share"
    PER_1000_INHABITANTS = "per_1000_inhabitants"
    PER_KM2 = "per_km2"
    LOCATION_QUOTIENT = "location_quotient"


class ChangeMeasure(StrEnum):
    """What shades the units on a map of change, of the same villages; see `coverage.comparison`."""

    ABSOLUTE = "same_change"
    RELATIVE = "same_change_relative"
