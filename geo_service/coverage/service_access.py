"""What is known of access of each village to each service: what key informants said beside what was measured, in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo_service.coverage.agreement import access_agreement
from geo_service.coverage.reported import reported_access_rows
from geo_service.vocabulary import Language, Service, Status

if TYPE_CHECKING:
    from geo_service.schemas import SurveyRound

__all__ = ["service_access"]

_COLUMNS = (
    "village_id",
    "village_name",
    "adm1_pcode",
    "adm2_pcode",
    "households",
    "service",
    "reported_present",
    "reported_band",
    "measured_present",
    "measured_band",
    "distance_m",
    "facility_id",
    "facility_name",
    "status",
    "bands_apart",
    "agreement",
    "geometry",
)
_OF_THE_NEAREST = ("facility_id", "facility_name", "status")


def service_access(
    survey_round: SurveyRound,
    access: pd.DataFrame | None = None,
    *,
    language: Language | str = Language.EN,
) -> gpd.GeoDataFrame:
    """Reported and measured access side by side, neither filled in from the other.

    Args:
        survey_round: The round; its frames fit their schemas.
        access: Schema `ACCESS`, measured for the villages of the round; only rank 1 counts. Null where nothing was measured.
        language: Of the rule in `attrs`.

    Returns:
        A row a village and service that was asked about, as in `reported_access`: `village_id`, `village_name`, `adm1_pcode`, `adm2_pcode`, `households`, `service`;
        `reported_present`, `reported_band` (a service that is reported to be there counts as the first band, as in `access_agreement`);
        `measured_present`, `measured_band`, `distance_m` (metres), `facility_id`, `facility_name` and `status` (category of `Status`) of the nearest facility, all null where
        nothing was measured; `bands_apart` (Int64, measured less reported), `agreement` (category of `Agreement`) and the village's point as `geometry`, WGS84, null
        where it has none. `attrs` are those of `access_agreement`.

    Raises:
        InputError: A village of the answers is not among the villages, or `access` has a village twice for a service.
    """
    reported = reported_access_rows(survey_round.villages, survey_round.reported_access)
    measured = _nothing() if access is None else access
    rows = access_agreement(reported, measured, language=language)
    first = measured[(measured["rank"] == 1).to_numpy()]
    found = pd.DataFrame(first[["village_id", "service", *_OF_THE_NEAREST]])
    keys = ["village_id", "service"]
    nearest = pd.DataFrame(rows[keys]).astype("string").merge(found.astype("string"), how="left", on=keys)
    status = pd.Categorical(nearest["status"], categories=[one.value for one in Status])
    made = rows.assign(
        facility_id=nearest["facility_id"].array, facility_name=nearest["facility_name"].array, status=status
    )[[*_COLUMNS]]
    made.attrs = dict(rows.attrs)
    return gpd.GeoDataFrame(made, geometry="geometry", crs=reported.crs)


def _nothing() -> pd.DataFrame:
    """An access frame of nothing that was measured."""
    return pd.DataFrame(
        {
            "village_id": pd.array([], dtype="string"),
            "service": pd.Categorical([], categories=[one.value for one in Service]),
            "rank": pd.array([], dtype="int64"),
            "distance_m": pd.array([], dtype="float64"),
            "present": pd.array([], dtype="boolean"),
        }
        | {name: pd.array([], dtype="string") for name in _OF_THE_NEAREST}
    )
