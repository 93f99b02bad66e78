"""The frames that flow through the service: columns, types, units and checks.

Every geometry is in WGS84 longitude and latitude (OGC:CRS84, which geopandas writes EPSG:4326). Identifiers and codes are strings,
always. Null means unknown or not there, never 0 or -1.
"""

from geo_service.schemas.layers import ACCESS, ACCESS_COLUMNS, ADMIN_UNITS, FACILITIES, VILLAGES, WGS84
from geo_service.schemas.survey import (
    ASSESSED_VILLAGES,
    BREAKDOWNS,
    DISTRICT_ESTIMATES,
    KEY_INFORMANTS,
    MOBILITY,
    REPORTED_ACCESS,
    ROUND_SCHEMAS,
    VILLAGES_TO_VISIT,
    SurveyRound,
)
from geo_service.schemas.validation import validated

__all__ = [
    "ACCESS",
    "ACCESS_COLUMNS",
    "ADMIN_UNITS",
    "ASSESSED_VILLAGES",
    "BREAKDOWNS",
    "DISTRICT_ESTIMATES",
    "FACILITIES",
    "KEY_INFORMANTS",
    "MOBILITY",
    "REPORTED_ACCESS",
    "ROUND_SCHEMAS",
    "VILLAGES",
    "VILLAGES_TO_VISIT",
    "WGS84",
    "SurveyRound",
    "validated",
]
