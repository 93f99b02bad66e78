"""Small frames that tests share. All of it is made up."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

CRS = "EPSG:4326"


def text(values):
    return pd.array(values, dtype="string")


def villages(points, households=None, ids=None, **columns):
    """Villages at (lon, lat) pairs, null for one without a place."""
    count = len(points)
    frame = {
        "village_id": text([f"v{number}" for number in range(count)] if ids is None else ids),
        "village_name": text([f"Village {number}" for number in range(count)]),
        "households": pd.array([10] * count if households is None else households, dtype="Int64"),
    }
    geometry = [None if place is None else shapely.Point(place) for place in points]
    return gpd.GeoDataFrame(frame | columns, geometry=geometry, crs=CRS)


def facilities(geometries, service="hospital", ids=None):
    """Facilities of a service from (lon, lat) pairs or geometries."""
    count = len(geometries)
    return gpd.GeoDataFrame(
        {
            "facility_id": text([f"{service}-{number}" for number in range(count)] if ids is None else ids),
            "facility_name": text([f"{service.title()} {number}" for number in range(count)]),
            "service": text([service] * count),
        },
        geometry=[shapely.Point(one) if isinstance(one, tuple) else one for one in geometries],
        crs=CRS,
    )


def units(polygons, level=2, parent="R1"):
    """Admin units from a mapping of P-code to polygon."""
    count = len(polygons)
    return gpd.GeoDataFrame(
        {
            "pcode": text(list(polygons)),
            "level": pd.array([level] * count, dtype="int64").to_numpy(),
            "parent_pcode": text([parent] * count),
            "name_en": text([f"Unit {code}" for code in polygons]),
            "name_ru": text([f"Район {code}" for code in polygons]),
            "name_kk": text([None] * count),
            "kato": text([None] * count),
            "iso3166_2": text([None] * count),
            "valid_on": text(["2023-01-05"] * count),
        },
        geometry=list(polygons.values()),
        crs=CRS,
    )
