"""The frames of one survey round: what key informants said, village by village (B2) and district by district (B1).

Everything in them is reported, nothing is measured. Names, contacts and free text of key informants are never in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import pandera.pandas as pa

from geo_service.schemas.layers import VILLAGES
from geo_service.schemas.validation import validated
from geo_service.vocabulary import (
    Band,
    Dimension,
    InformantRole,
    PlaceMatch,
    PopulationGroup,
    Service,
    Sex,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

__all__ = [
    "ASSESSED_VILLAGES",
    "BREAKDOWNS",
    "DISTRICT_ESTIMATES",
    "KEY_INFORMANTS",
    "MOBILITY",
    "REPORTED_ACCESS",
    "ROUND_SCHEMAS",
    "VILLAGES_TO_VISIT",
    "SurveyRound",
]

_TEXT = "string"
_CODE = "category"
_COUNT = pa.Check.ge(0)

ASSESSED_VILLAGES = VILLAGES.add_columns(
    {
        "adm1_pcode": pa.Column(_TEXT, nullable=True),
        "adm2_pcode": pa.Column(_TEXT, nullable=True),
        "population": pa.Column("Int64", _COUNT, nullable=True),
        "interviewed_on": pa.Column(_TEXT, pa.Check.str_matches(r"^\d{4}-\d{2}-\d{2}$"), nullable=True),
        "matched_by": pa.Column(_CODE, pa.Check.isin([*PlaceMatch])),
        "synthetic": pa.Column("bool"),
    }
)
"""One row a village that B2 visited. `village_id` is that of the known village it was matched to, else its own code; `geometry` is
null where no location is known; `interviewed_on` is an ISO date; `synthetic` says that the answers are made up, not surveyed."""

KEY_INFORMANTS = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT),
        "role": pa.Column(_CODE, pa.Check.isin([*InformantRole])),
        "sex": pa.Column(_CODE, pa.Check.isin([*Sex])),
        "informants": pa.Column("int64", pa.Check.ge(1)),
    },
    unique=["village_id", "role", "sex"],
)
"""How many key informants of each role and sex answered in a village."""

MOBILITY = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT),
        "group": pa.Column(_CODE, pa.Check.isin([*PopulationGroup])),
        "present": pa.Column("boolean", nullable=True),
        "individuals": pa.Column("Int64", _COUNT, nullable=True),
        "households": pa.Column("Int64", _COUNT, nullable=True),
    },
    unique=["village_id", "group"],
)
"""One row a village and population group. `present` is null where nobody was asked; `individuals` is 0 where the group is not there
and null where their number is not known; `households` is null where it was not asked."""

BREAKDOWNS = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT),
        "group": pa.Column(_CODE, pa.Check.isin([*PopulationGroup])),
        "dimension": pa.Column(_CODE, pa.Check.isin([*Dimension])),
        "code": pa.Column(_TEXT),
        "individuals": pa.Column("int64", pa.Check.ge(1)),
    },
    unique=["village_id", "group", "dimension", "code"],
)
"""The individuals of a group in a village, broken down. `code` is of `Sex`, `MigrationKind` or `Reason`, a country's alpha-3 code (or
`other`, `unknown`), a year in four digits (or `earlier`, `unknown`). A dimension without rows was not answered; parts of nobody have no row."""

REPORTED_ACCESS = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT),
        "service": pa.Column(_CODE, pa.Check.isin([*Service])),
        "present": pa.Column("boolean", nullable=True),
        "band": pa.Column(_CODE, pa.Check.isin([*Band]), nullable=True),
    },
    unique=["village_id", "service"],
)
"""One row a village and service. `present` is null where nobody was asked; `band` (ordered, categories all of `Band`) is the reported distance
band to the nearest, null where the service is there or the distance is not known."""

DISTRICT_ESTIMATES = pa.DataFrameSchema(
    {
        "adm1_pcode": pa.Column(_TEXT, nullable=True),
        "adm2_pcode": pa.Column(_TEXT, nullable=True),
        "group": pa.Column(_CODE, pa.Check.isin([*PopulationGroup])),
        "present": pa.Column("boolean", nullable=True),
        "individuals": pa.Column("Int64", _COUNT, nullable=True),
    },
    unique=["adm1_pcode", "adm2_pcode", "group"],
)
"""B1's estimate of each group by district; `adm2_pcode` is null for a city or region that was asked as a whole."""

VILLAGES_TO_VISIT = pa.DataFrameSchema(
    {
        "adm1_pcode": pa.Column(_TEXT, nullable=True),
        "adm2_pcode": pa.Column(_TEXT, nullable=True),
        "village_code": pa.Column(_TEXT, nullable=True),
        "village_name": pa.Column(_TEXT, nullable=True),
    }
)
"""The villages that B1 points to, as declared there."""

ROUND_SCHEMAS = {
    "villages": ASSESSED_VILLAGES,
    "key_informants": KEY_INFORMANTS,
    "mobility": MOBILITY,
    "breakdowns": BREAKDOWNS,
    "reported_access": REPORTED_ACCESS,
    "district_estimates": DISTRICT_ESTIMATES,
    "villages_to_visit": VILLAGES_TO_VISIT,
}
"""The schema of each frame of a round, by its name."""


@dataclass(frozen=True, slots=True)
class SurveyRound:
    """All frames of one round of data collection.

    Attributes:
        number: Which round.
        country: ISO 3166-1 alpha-3.
        collected_from: The first day of interviews, ISO date; null where none is known.
        collected_to: The last day.
        villages: Schema `ASSESSED_VILLAGES`.
        key_informants: Schema `KEY_INFORMANTS`.
        mobility: Schema `MOBILITY`: five rows a village.
        breakdowns: Schema `BREAKDOWNS`.
        reported_access: Schema `REPORTED_ACCESS`: six rows a village.
        district_estimates: Schema `DISTRICT_ESTIMATES`; no rows when there was no B1.
        villages_to_visit: Schema `VILLAGES_TO_VISIT`; no rows when there was no B1.
        sources: The files it was read from, each with its `file` name and `sha256`.
    """

    number: int
    country: str
    collected_from: str | None
    collected_to: str | None
    villages: gpd.GeoDataFrame
    key_informants: pd.DataFrame
    mobility: pd.DataFrame
    breakdowns: pd.DataFrame
    reported_access: pd.DataFrame
    district_estimates: pd.DataFrame
    villages_to_visit: pd.DataFrame
    sources: tuple[dict[str, str], ...] = field(default=())

    @property
    def synthetic(self) -> bool:
        """Whether any village of it is made up."""
        return bool(self.villages["synthetic"].any())

    def frames(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Each frame with its name, in the order of `ROUND_SCHEMAS`."""
        for one in fields(self):
            if one.name in ROUND_SCHEMAS:
                yield one.name, getattr(self, one.name)

    def validate(self) -> SurveyRound:
        """The round itself, when every frame fits its schema.

        Raises:
            InputError: One does not; the message names the frame, column and value.
        """
        for name, frame in self.frames():
            validated(frame, ROUND_SCHEMAS[name], f"round {self.number}, {name}")
        return self
