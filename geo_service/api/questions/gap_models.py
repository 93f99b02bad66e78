"""The answer to which communities do not have a service."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from geo_service.api.questions.models import About, Envelope, Row, UnitRow
from geo_service.vocabulary import Service, Status

__all__ = ["AccessGaps", "AccessTotals", "GapOrder", "GapRow", "GapsAbout", "TotalsAbout", "TotalsRow"]


class GapOrder(StrEnum):
    """What comes first; what is not known comes last."""

    DISTANCE = "distance"
    HOUSEHOLDS = "households"


class GapRow(Row):
    """One community that does not have the service, or only far away."""

    village_id: str
    village_name: str | None
    adm1_pcode: str | None
    adm1_name: str | None
    adm2_pcode: str | None
    adm2_name: str | None
    households: Annotated[int | None, Field(description="Null where nobody counted them.")]
    service: Service
    service_label: str
    reported_present: Annotated[
        bool | None, Field(description="Whether key informants said that the service is there.")
    ]
    reported_band: Annotated[
        str | None, Field(description="How far the nearest is, as key informants said: a distance band, km.")
    ]
    measured_present: Annotated[
        bool | None, Field(description="Whether a facility was measured within `presence_km`.")
    ]
    measured_band: Annotated[str | None, Field(description="The band of `distance_m`.")]
    distance_m: Annotated[
        float | None, Field(description="To the nearest facility in a straight line, metres.")
    ]
    distance_km: Annotated[float | None, Field(description="The same in kilometres, rounded to the metre.")]
    facility_id: str | None
    facility_name: str | None
    status: Annotated[
        Status | None, Field(description="Why there is a distance or none; null where nothing was measured.")
    ]
    synthetic: Annotated[bool | None, Field(description="Whether the answers of the round are made up.")]
    longitude: Annotated[float | None, Field(description="Of the community, degrees, WGS84.")]
    latitude: Annotated[float | None, Field(description="Of the community, degrees, WGS84.")]


class GapsAbout(About):
    """What the numbers of the answer mean, and how many there are on all of its pages."""

    service: Service
    beyond_km: float | None
    q: Annotated[str | None, Field(description="What the names have in them; null for all.")]
    communities: Annotated[int, Field(description="How many there are on all pages.")]
    communities_uncounted: Annotated[int, Field(description="Of them those whose households nobody counted.")]
    households: Annotated[
        int | None, Field(description="Of all of them together; null where none was counted.")
    ]
    communities_unknown: Annotated[
        int,
        Field(description="Communities of which it is not known whether they are a gap; not among the rows."),
    ]
    of_communities: Annotated[int, Field(description="All communities that were asked about.")]
    of_households: int | None


class AccessGaps(Envelope):
    """Communities without a service."""

    about: GapsAbout
    rows: list[GapRow]


class TotalsRow(UnitRow):
    """What of one unit, or of all, does not have the service, or only far away."""

    service: Service
    service_label: str
    villages: Annotated[int | None, Field(description="Communities that were asked about.")]
    villages_without: Annotated[
        int | None,
        Field(description="Of them those without the service; with `beyond_km` those farther from it."),
    ]
    villages_unknown: Annotated[int | None, Field(description="Of them those of which that is not known.")]
    households: Annotated[
        int | None, Field(description="Of all those communities; null where not known, or suppressed.")
    ]
    households_without: Annotated[
        int | None,
        Field(description="Of the communities in `villages_without`; null where not known, or suppressed."),
    ]
    share: Annotated[float | None, Field(description="`households_without` of `households`, from 0 to 1.")]


class TotalsAbout(About):
    """What the numbers of the answer mean."""

    service: Service
    beyond_km: float | None


class AccessTotals(Envelope):
    """Communities and households without a service, by unit."""

    about: TotalsAbout
    rows: list[TotalsRow]
