"""The answers to questions about population groups."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from geo_service.api.questions.models import About, Envelope, UnitRow
from geo_service.vocabulary import Dimension, PopulationGroup

__all__ = [
    "BreakdownRow",
    "ChangeAbout",
    "ChangeRow",
    "ConcentrationRow",
    "MobilityAbout",
    "MobilityBreakdown",
    "MobilityChange",
    "MobilityConcentration",
    "MobilityTrends",
    "TrendRow",
]

_Individuals = Annotated[int | None, Field(description="People; null where not known, or suppressed.")]
_Share = Annotated[float | None, Field(description="From 0 to 1; `about.base` says of what.")]
_Change = Annotated[
    float | None, Field(description="The difference over the earlier number: 0.5 is half as many again.")
]


class MobilityAbout(About):
    """What the numbers of the answer mean, and of whom they are."""

    group: PopulationGroup
    group_label: str
    dimension: Dimension | None


class ConcentrationRow(UnitRow):
    """How concentrated a group is in one unit."""

    group: PopulationGroup
    group_label: str
    individuals: _Individuals
    share: _Share
    inhabitants: Annotated[int | None, Field(description="All residents that the next number is of.")]
    per_1000_inhabitants: float | None
    area_km2: Annotated[float | None, Field(description="Of the unit, square kilometres on WGS84.")]
    per_km2: float | None
    location_quotient: Annotated[
        float | None,
        Field(
            description="The group's share here over its share of the whole: above 1 where it is concentrated."
        ),
    ]


class MobilityConcentration(Envelope):
    """Where a group is concentrated."""

    about: MobilityAbout
    rows: list[ConcentrationRow]


class BreakdownRow(UnitRow):
    """One part of a group."""

    code: Annotated[
        str,
        Field(
            description="A code of the dimension: a country by ISO 3166-1 alpha-3, a year, a sex and so on."
        ),
    ]
    label: str | None
    codes: Annotated[
        int | None, Field(description="How many codes the row stands for: several for all others.")
    ]
    individuals: _Individuals
    share: _Share


class MobilityBreakdown(Envelope):
    """The parts of a group."""

    about: MobilityAbout
    rows: list[BreakdownRow]


class TrendRow(UnitRow):
    """One year against an earlier one."""

    base_year: int
    year: int
    base_individuals: _Individuals
    individuals: _Individuals
    difference: int | None
    growth: _Change


class MobilityTrends(Envelope):
    """How many of a group arrived or left by year."""

    about: MobilityAbout
    rows: list[TrendRow]


class ChangeRow(UnitRow):
    """One group in two rounds: in all communities of each, and in those that both visited."""

    group: PopulationGroup
    group_label: str
    villages_earlier: int | None
    villages_later: int | None
    villages_both: int | None
    villages_lost: int | None
    villages_gained: int | None
    villages_same: Annotated[
        int | None,
        Field(description="Communities of both rounds whose number of the group is known in both."),
    ]
    individuals_earlier: _Individuals
    individuals_later: _Individuals
    change: int | None
    change_relative: _Change
    same_earlier: _Individuals
    same_later: _Individuals
    same_change: int | None
    same_change_relative: _Change


class ChangeAbout(About):
    """What the numbers of the answer mean, and since which round they are."""

    earlier_round: Annotated[int, Field(description="The round that change is counted from.")]


class MobilityChange(Envelope):
    """How groups changed since an earlier round."""

    about: ChangeAbout
    rows: list[ChangeRow]
