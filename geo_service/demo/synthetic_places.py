"""Villages that do not exist, placed inside regions that do, and named so that nobody looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.demo.allocation import apportioned
from geo_service.errors import InputError
from geo_service.schemas import WGS84
from geo_service.spatial.crs import to_wgs84
from geo_service.spatial.geodesy import area_km2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["region_areas", "synthetic_places"]

_DECIMALS = 5
"""Of a coordinate in degrees: about a metre."""
_FEWEST_A_REGION = 4
"""Where there are enough: a city that was assessed has districts, as small as it may be."""


def region_areas(units: gpd.GeoDataFrame, regions: Mapping[str, str]) -> gpd.GeoSeries:
    """The area of each assessed region, put together from its districts where `units` are districts.

    Args:
        units: Schema `ADMIN_UNITS`, regions or districts or both.
        regions: The name of each assessed region by P-code.

    Returns:
        Polygons in WGS84 by P-code, in the order of `regions`.

    Raises:
        InputError: A region is not among the units.
    """
    lowest = to_wgs84(units[units["level"] == units["level"].max()], "the admin units")
    region = lowest["parent_pcode"].where(lowest["level"] == 2, lowest["pcode"])
    if missing := sorted(set(regions) - set(region.dropna())):
        raise InputError(
            f"regions: {', '.join(missing)} is not among the admin units; give those of its country"
        )
    areas = {
        code: shapely.union_all(lowest.geometry[(region == code).to_numpy(dtype=bool)]) for code in regions
    }
    return gpd.GeoSeries(areas, crs=WGS84)


def synthetic_places(
    count: int, areas: gpd.GeoSeries, regions: Mapping[str, str], random: np.random.Generator
) -> gpd.GeoDataFrame:
    """Made-up villages at random points of the regions: more in larger ones, by the square root of area.

    Args:
        count: How many.
        areas: Polygons in WGS84 by P-code, as of `region_areas`.
        regions: The name of each region by P-code.
        random: Where the draw comes from.

    Returns:
        `village_id` (`synthetic-0001`) and `village_name` (`Synthetic village 0001 (Kostanay)`), string; points in WGS84.
    """
    roots = np.sqrt([area_km2(area) for area in areas])
    fewest = min(_FEWEST_A_REGION, count // len(areas))
    counts = apportioned(count, roots, fewest, count, "round.villages_assessed")
    points = [_points_inside(area, many, random) for area, many in zip(areas, counts, strict=True)]
    names = np.repeat([regions[code] for code in areas.index], counts)
    numbers = [f"{number:04d}" for number in range(1, count + 1)]
    return gpd.GeoDataFrame(
        {
            "village_id": pd.array([f"synthetic-{number}" for number in numbers], dtype="string"),
            "village_name": pd.array(
                [f"Synthetic village {number} ({name})" for number, name in zip(numbers, names, strict=True)],
                dtype="string",
            ),
        },
        geometry=gpd.points_from_xy(*np.concatenate([np.empty((0, 2)), *points]).T),
        crs=WGS84,
    )


def _points_inside(area: shapely.Geometry, count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Points of an area in degrees, each place as likely as its share of the sphere; shape (count, 2)."""
    west, south, east, north = area.bounds
    lowest, highest = np.sin(np.radians([south, north]))
    shapely.prepare(area)
    found = np.empty((0, 2))
    while len(found) < count:
        lon = random.uniform(west, east, 4 * count)
        lat = np.degrees(np.arcsin(random.uniform(lowest, highest, 4 * count)))
        tried = np.column_stack([lon, lat]).round(_DECIMALS)
        found = np.concatenate([found, tried[shapely.contains_xy(area, *tried.T)]])
    return found[:count]
