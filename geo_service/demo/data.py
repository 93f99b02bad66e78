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
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.schemas import SurveyRound

__all__ = [
    "PEOPLE_A_HOUSEHOLD",
    "SETTLEMENTS_ATTRIBUTION",
    "SETTLEMENTS_PATH",
    "SYNTHETIC_NOTE",
    "demo_settlements",
    "facilities_where_reported",
    "synthetic_facilities",
]

SETTLEMENTS_PATH = Path(str(files("geo_service.demo") / "kaz_settlements.csv"))
SETTLEMENTS_ATTRIBUTION = "Settlements: GeoNames, CC BY 4.0"
SYNTHETIC_NOTE = Wording(
    en="The facilities are synthetic: made up at random, not surveyed. Do not use for planning.",
    ru="Объекты услуг синтетические: вымышлены случайно, а не обследованы. Не использовать для планирования.",
    kk="Қызмет көрсету нысандары синтетикалық: кездейсоқ ойдан шығарылған, зерттелмеген. Жоспарлауға қолданбаңыз.",
)()
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
    return {
        service: _facilities(service, settlements.iloc[_hosts(settlements, share, random)], seed, random)
        for service, share in SHARE_WITH_SERVICE.items()
    }


def facilities_where_reported(survey: SurveyRound, seed: int = 3) -> dict[Service, gpd.GeoDataFrame]:
    """A made-up facility of each service near every village whose key informants say that it has one, as `synthetic_facilities`.

    So a measured distance can be held against a reported one: where the service is said to be there the two agree, elsewhere the
    measured one is that to the next village that has it.

    Args:
        survey: A round whose villages all have a point.
        seed: Of the random numbers.
    """
    random = np.random.default_rng(seed)
    villages = survey.villages.set_index("village_id", drop=False)
    layers = {}
    for service in Service:
        said = survey.reported_access[survey.reported_access["service"] == service]
        hosts = villages.loc[said.loc[said["present"].fillna(value=False), "village_id"]]
        layers[service] = _facilities(service, hosts, seed, random)
    return layers


def _facilities(
    service: Service, hosts: gpd.GeoDataFrame, seed: int, random: np.random.Generator
) -> gpd.GeoDataFrame:
    """One facility within 3 km of each host."""
    away_m = random.uniform(0, _FARTHEST_M, len(hosts))
    lon, lat, _ = GEOD.fwd(hosts.geometry.x, hosts.geometry.y, random.uniform(0, 360, len(hosts)), away_m)
    numbers = [f"{number:03d}" for number in range(1, len(hosts) + 1)]
    ids = [f"synthetic-{service}-{number}" for number in numbers]
    names = [f"Synthetic {SERVICES[service].en.lower()} {number}" for number in numbers]
    layer = gpd.GeoDataFrame(
        {
            "facility_id": pd.array(ids, dtype="string"),
            "facility_name": pd.array(names, dtype="string"),
            "service": pd.array([service.value] * len(hosts), dtype="string"),
        },
        geometry=gpd.points_from_xy(lon, lat),
        crs=WGS84,
    )
    layer.attrs = {"synthetic": True, "seed": seed, "note": SYNTHETIC_NOTE}
    return layer


def _hosts(settlements: gpd.GeoDataFrame, share: float, random: np.random.Generator) -> NDArray[np.intp]:
    weight = np.sqrt(settlements["households"].fillna(1).to_numpy(dtype=np.float64))
    count = round(share * len(settlements))
    return np.sort(random.choice(len(settlements), count, replace=False, p=weight / weight.sum()))
