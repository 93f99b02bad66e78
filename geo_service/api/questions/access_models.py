"""The answers to questions about access in numbers of communities and households."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from geo_service.api.questions.models import About, Envelope, UnitRow
from geo_service.vocabulary import Basis, Service, Status

__all__ = [
    "AccessAgreement",
    "AccessBands",
    "AccessSummary",
    "AgreementRow",
    "BandRow",
    "SummaryRow",
    "SummaryTable",
]

_Villages = Annotated[int | None, Field(description="Communities; null where suppressed.")]
_Households = Annotated[
    int | None, Field(description="Households of those communities; null where none is known, or suppressed.")
]
_Share = Annotated[float | None, Field(description="From 0 to 1; `about.base` says of what.")]


class BandRow(UnitRow):
    """Communities and households in one distance band."""

    basis: Basis
    service: Service
    service_label: str
    band: Annotated[
        str | None,
        Field(
            description="The band in km; null for those without a distance, `unknown` where informants did not say."
        ),
    ]
    band_label: str | None
    status: Annotated[
        Status | None, Field(description="Why there is no band, where measured; null where reported.")
    ]
    villages: _Villages
    villages_uncounted: Annotated[
        int | None,
        Field(description="Of them those whose households nobody counted; null where that is not said."),
    ]
    households: _Households
    share: _Share


class AccessBands(Envelope):
    """Households by distance band."""

    about: About
    rows: list[BandRow]


class SummaryTable(StrEnum):
    """Which of the two tables a row is of."""

    PRESENCE = "presence"
    BANDS = "bands"


class SummaryRow(UnitRow):
    """One row of either table; columns of the other are null."""

    table: SummaryTable
    basis: Basis
    service: Service
    service_label: str
    villages: _Villages
    villages_with: _Villages
    villages_without: _Villages
    villages_unknown: Annotated[
        int | None, Field(description="Communities of which it is not known whether the service is there.")
    ]
    share_with: _Share
    band: str | None
    band_label: str | None
    status: Status | None
    households: _Households
    share: _Share


class AccessSummary(Envelope):
    """The report's two access tables."""

    about: About
    rows: list[SummaryRow]


class AgreementRow(UnitRow):
    """How far what was reported and what was measured agree for one service."""

    service: Service
    service_label: str
    villages: _Villages
    compared: Annotated[int | None, Field(description="Communities where both bands are known.")]
    equal: int | None
    one_apart: int | None
    two_or_more_apart: int | None
    measured_nearer: int | None
    measured_farther: int | None
    not_asked: int | None
    no_band_reported: int | None
    not_measured: int | None
    share_equal: _Share
    share_two_or_more_apart: _Share
    weighted_kappa: Annotated[
        float | None,
        Field(description="Cohen's kappa with linear weights, -1 to 1; null where it says nothing."),
    ]


class AccessAgreement(Envelope):
    """Reported against measured access."""

    about: About
    rows: list[AgreementRow]
