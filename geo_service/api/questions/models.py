"""What every planner's answer is made of: what it says of its numbers, its links, and problems."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from geo_service.vocabulary import AdminLevel, Language

__all__ = [
    "About",
    "Bands",
    "Envelope",
    "LinkTo",
    "RoundInfo",
    "Row",
    "Suppression",
    "UnitRow",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Row(_Model):
    """One row: a value that is not known is null, never 0."""


class UnitRow(Row):
    """One row of an admin unit, or of the whole."""

    pcode: Annotated[
        str | None,
        Field(
            description="The P-code of the unit; null for the whole, and for villages that are in no unit."
        ),
    ]
    name: Annotated[str | None, Field(description="The unit's name in the language asked for.")]
    synthetic: Annotated[bool | None, Field(description="Whether any of what the row counts is made up.")]
    suppressed: Annotated[
        bool, Field(description="Whether a number of the row is null because it would tell of few people.")
    ]


class LinkTo(_Model):
    """A link, as RFC 8288 has it."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    templated: bool = False


class RoundInfo(_Model):
    """The round of data collection that the numbers are of."""

    number: int
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3.")]
    collected_from: Annotated[str | None, Field(description="The first day of collection, ISO 8601.")]
    collected_to: Annotated[str | None, Field(description="The last day of collection, ISO 8601.")]
    synthetic: Annotated[bool, Field(description="Whether any of its villages are made up.")]


class Bands(_Model):
    """Distance bands in kilometres."""

    edges_km: list[float]
    rule: str


class Suppression(_Model):
    """How small numbers are guarded."""

    threshold: Annotated[int, Field(description="Numbers above 0 and below it are not shown.")]
    least_villages: Annotated[
        int | None,
        Field(description="Numbers of a group that was counted in fewer villages of a unit are not shown."),
    ]
    rule: str


class About(_Model):
    """What the numbers of an answer mean."""

    title: str
    basis: Annotated[
        str | None,
        Field(
            description="`reported` by key informants, `measured` from facility layers, or both, kept apart."
        ),
    ]
    method: Annotated[
        str | None, Field(description="How distances were measured; null where nothing was measured.")
    ]
    rule: Annotated[str | None, Field(description="What counts in a row.")]
    base: Annotated[str | None, Field(description="What shares and growth are of.")]
    bands: Bands | None
    presence_km: Annotated[
        float | None, Field(description="A village has a service when a facility is measured this near.")
    ]
    round: Annotated[RoundInfo | None, Field(description="Null where the release is of no survey round.")]
    release: Annotated[str, Field(description="The id of the release: the same id, the same numbers.")]
    by: Annotated[AdminLevel | None, Field(description="What the rows are split by.")]
    adm: Annotated[
        list[str] | None, Field(description="The units that rows are inside of; null for all of them.")
    ]
    language: Language
    suppressed: Annotated[
        Suppression | None, Field(description="Null where nothing is guarded from who asks.")
    ]
    notes: list[str]
    attributions: list[str]


class Envelope(_Model):
    """An answer; `about` and `rows` have their types in each question."""

    links: list[LinkTo]
