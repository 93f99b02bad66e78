"""The data of the demonstration: settlements of GeoNames, and facilities that are synthetic."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.layers import LayerOptions, read_villages
from geo_service.schemas import WGS84
from geo_service.spatial.geodesy import GEOD
from geo_service.vocabulary import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "PEOPLE_A_HOUSEHOLD",
    "SETTLEMENTS_ATTRIBUTION",
    "SETTLEMENTS_PATH",
    "SYNTHETIC_NOTE",
    "demo_settlements",
    "synthetic_facilities",
]

SETTLEMENTS_PATH = Path(str(files("geo_service.demo") / "kaz_settlements.csv"))
SETTLEMENTS_ATTRIBUTION = "Settlements: GeoNames, CC BY 4.0"
SYNTHETIC_NOTE = "The facilities are synthetic: made up at random, not surveyed. Do not use for planning."
PEOPLE_A_HOUSEHOLD = 3.5
"""What the demonstration divides population by. An assumption, not a statistic."""

SHARE_WITH_SERVICE: Mapping[Service, float] = MappingProxyType(
    {
        Service.HOSPITAL: 0.34,
        Service.POLYCLINIC: 0.75,
        Service.SCHOOL: 0.95,
        Service.MARKET: 0.57,
        Service.SAFE_DRINKING_WATER: 0.91,
        Service.INTERNET: 0.97,
    }
)
"""The share of settlements that get a synthetic facility: shares of communities in the Round 3 report of Kazakhstan."""

_FARTHEST_M = 3_000.0


def demo_settlements(findings: Findings) -> gpd.GeoDataFrame:
    """The settlements as schema `VILLAGES`; households are population over `PEOPLE_A_HOUSEHOLD`, null where GeoNames has no population."""
    options = LayerOptions(id="geonameid", name="name", households="population")
    villages = read_villages(SETTLEMENTS_PATH, findings, options)
    is_known = (villages["households"] > 0).fillna(value=False).to_numpy(dtype=bool)
    for at in np.flatnonzero(~is_known):
        findings.warning(
            FindingCode.MISSING_HOUSEHOLDS,
            "GeoNames has no population for it; it counts as a village, not in sums of households",
            Place(SETTLEMENTS_PATH.name),
            row=int(villages["source_row"].iloc[at]),
            column="population",
            value=villages["village_id"].iloc[at],
        )
    population = villages["households"].where(is_known)
    households = (population.astype("Float64") / PEOPLE_A_HOUSEHOLD).round().astype("Int64")
    return villages.assign(households=households)


def synthetic_facilities(settlements: gpd.GeoDataFrame, seed: int = 3) -> dict[Service, gpd.GeoDataFrame]:
    """A made-up facility layer of each service, the same for the same seed; its ids, names and `attrs` say that it is synthetic.

    Args:
        settlements: Schema `VILLAGES`, every one with a point.
        seed: Of the random numbers.

    Returns:
        Frames of schema `FACILITIES`: points within 3 km of settlements drawn at random, the large ones more often.
    """
    random = np.random.default_rng(seed)
    layers = {}
    for service, share in SHARE_WITH_SERVICE.items():
        hosts = settlements.iloc[_hosts(settlements, share, random)]
        away_m = random.uniform(0, _FARTHEST_M, len(hosts))
        lon, lat, _ = GEOD.fwd(hosts.geometry.x, hosts.geometry.y, random.uniform(0, 360, len(hosts)), away_m)
        numbers = [f"{number:03d}" for number in range(1, len(hosts) + 1)]
        layers[service] = gpd.GeoDataFrame(
            {
                "facility_id": pd.array(
                    [f"synthetic-{service}-{number}" for number in numbers], dtype="string"
                ),
                "facility_name": pd.array(
                    [f"Synthetic {SERVICES[service].en.lower()} {number}" for number in numbers],
                    dtype="string",
                ),
                "service": pd.array([service.value] * len(hosts), dtype="string"),
            },
            geometry=gpd.points_from_xy(lon, lat),
            crs=WGS84,
        )
        layers[service].attrs = {"synthetic": True, "seed": seed, "note": SYNTHETIC_NOTE}
    return layers


def _hosts(settlements: gpd.GeoDataFrame, share: float, random: np.random.Generator) -> NDArray[np.intp]:
    weight = np.sqrt(settlements["households"].fillna(1).to_numpy(dtype=np.float64))
    count = round(share * len(settlements))
    return np.sort(random.choice(len(settlements), count, replace=False, p=weight / weight.sum()))
