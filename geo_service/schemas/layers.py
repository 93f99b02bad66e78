"""The frames of layers: villages, facilities, admin units and access.

Every geometry is in WGS84 longitude and latitude (OGC:CRS84, which geopandas writes EPSG:4326). Identifiers and codes are strings,
always. Null means unknown or not there, never 0 or -1.
"""

from __future__ import annotations

import pandera.pandas as pa

from geo_service.vocabulary import Basis, Method, Service, Status

__all__ = ["ACCESS", "ACCESS_COLUMNS", "ADMIN_UNITS", "FACILITIES", "VILLAGES", "WGS84"]

WGS84 = "EPSG:4326"
"""The CRS of every geometry inside the service; axis order longitude, latitude."""

_TEXT = "string"
_CODE = "category"


def _geometry(*, nullable: bool, types: frozenset[str] | None = None) -> pa.Column:
    checks = []
    if types is not None:
        checks.append(
            pa.Check(
                lambda column: column.isna() | column.geom_type.isin(types),
                error=f"geometry must be one of {sorted(types)}",
            )
        )
    return pa.Column("geometry", checks, nullable=nullable)


VILLAGES = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT, unique=True),
        "village_name": pa.Column(_TEXT, nullable=True),
        "households": pa.Column("Int64", pa.Check.ge(0), nullable=True),
        "geometry": _geometry(nullable=True, types=frozenset({"Point"})),
    },
    strict=False,
    coerce=False,
)
"""One row a village (or a household point). `geometry` is its point, null where it has none that can be used. A
`footprint` column, where there is one, is the area that a mapped village covers; null for a village that is only a point."""

FACILITIES = pa.DataFrameSchema(
    {
        "facility_id": pa.Column(_TEXT, unique=True),
        "facility_name": pa.Column(_TEXT, nullable=True),
        "service": pa.Column(_TEXT, pa.Check.isin([*Service])),
        "geometry": _geometry(nullable=False),
    },
    strict=False,
)
"""One row a facility of one service: a point, a line or an area."""

ADMIN_UNITS = pa.DataFrameSchema(
    {
        "pcode": pa.Column(_TEXT, unique=True),
        "level": pa.Column("int64", pa.Check.isin([0, 1, 2])),
        "parent_pcode": pa.Column(_TEXT, nullable=True),
        "name_en": pa.Column(_TEXT, nullable=True),
        "name_ru": pa.Column(_TEXT, nullable=True),
        "name_kk": pa.Column(_TEXT, nullable=True),
        "kato": pa.Column(_TEXT, nullable=True),
        "iso3166_2": pa.Column(_TEXT, nullable=True),
        "valid_on": pa.Column(_TEXT, nullable=True),
        "geometry": _geometry(nullable=False, types=frozenset({"Polygon", "MultiPolygon"})),
    },
    strict=False,
)
"""One row an admin unit of one level. `pcode` is COD-AB's where there is one; `parent_pcode` that of the unit around
it, null for a country; `valid_on` an ISO date on which the division was in force."""

ACCESS = pa.DataFrameSchema(
    {
        "village_id": pa.Column(_TEXT),
        "village_name": pa.Column(_TEXT, nullable=True),
        "adm1_pcode": pa.Column(_TEXT, nullable=True),
        "adm2_pcode": pa.Column(_TEXT, nullable=True),
        "households": pa.Column("Int64", pa.Check.ge(0), nullable=True),
        "service": pa.Column(_CODE, pa.Check.isin([*Service])),
        "basis": pa.Column(_CODE, pa.Check.isin([*Basis])),
        "method": pa.Column(_CODE, pa.Check.isin([*Method])),
        "rank": pa.Column("int64", pa.Check.ge(1)),
        "facility_id": pa.Column(_TEXT, nullable=True),
        "facility_name": pa.Column(_TEXT, nullable=True),
        "distance_m": pa.Column("float64", pa.Check.ge(0), nullable=True),
        "band": pa.Column(_CODE, nullable=True),
        "status": pa.Column(_CODE, pa.Check.isin([*Status])),
        "present": pa.Column("boolean", nullable=True),
        "geometry": _geometry(nullable=True, types=frozenset({"Point"})),
    },
    unique=["village_id", "service", "rank"],
    strict=False,
)
"""One row per village, service and rank. `distance_m` is in metres over the WGS84 ellipsoid and null unless `status` is
`ok`; `present` says whether the village has the service, null where its location is not known."""

ACCESS_COLUMNS = tuple(name for name in ACCESS.columns if name not in {"present", "geometry"})
"""The columns of an access layer as it is written to a file, before its geometry."""
