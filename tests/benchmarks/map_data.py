"""What the maps of the benchmark show: real admin units, and villages and answers that are synthetic. Made once, kept as files for each contender."""

from __future__ import annotations

import pickle
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.coverage.access import access
from geo_service.coverage.agreement import access_agreement, agreement_summary
from geo_service.coverage.comparison import compare_rounds
from geo_service.coverage.concentration import concentration, unit_areas_km2
from geo_service.coverage.gaps import households_beyond, villages_without
from geo_service.coverage.reported import reported_access_rows
from geo_service.demo.data import facilities_where_reported, synthetic_facilities
from geo_service.demo.synthetic_round import synthetic_round_3
from geo_service.findings import Findings
from geo_service.ingest.boundaries.columns import UnitColumns
from geo_service.ingest.boundaries.load import load_boundaries, read_admin_units
from geo_service.maps.about import MapAbout
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import AdminLevel, Basis, PopulationGroup, Service
from tests.benchmarks.inputs import SEED, data_folder, settlements

if TYPE_CHECKING:
    from geo_service.schemas import SurveyRound

__all__ = ["BEYOND_KM", "KINDS", "MapData", "made_data"]

ROOT = Path(__file__).parents[2]
BEYOND_KM = 25.0
SERVICE = Service.HOSPITAL
GROUP = PopulationGroup.LABOUR_MIGRANTS
KINDS = ("concentration", "access", "gaps", "coverage", "change", "agreement")
VILLAGE_COLUMNS = [
    "village_id",
    "village_name",
    "households",
    "band",
    "distance_m",
    "facility_name",
    "status",
    "geometry",
]
_NOTE = "Villages, answers and facilities are synthetic."


@dataclass(frozen=True, slots=True)
class MapData:
    """Frames of one set of units and villages.

    Attributes:
        folder: Where they are kept, a file a map.
        described: What they are, for the report.
        kinds: The maps that can be made of them.
    """

    folder: Path
    described: str
    kinds: tuple[str, ...]

    def frames(self, kind: str) -> dict[str, Any]:
        """What the function of a kind of map is given, by the names of its parameters."""
        return pickle.loads((self.folder / f"{kind}.pickle").read_bytes())

    @property
    def releases(self) -> Path:
        """The store of releases that holds them, where a service can serve them."""
        return self.folder / "releases"


def made_data(folder: Path) -> dict[str, MapData]:
    """By the name of their case: 20 regions, 224 districts and 10,000 villages; the last two only where the real layers are there."""
    survey = synthetic_round_3()
    regions = load_boundaries("kaz-adm1")
    made = {"regions": _of_round(folder / "regions", survey, regions, regions)}
    districts = _districts()
    if districts is not None:
        made["districts"] = _of_round(folder / "districts", survey, regions, districts)
        places = settlements()
        if places is not None:
            made["10,000 villages"] = _of_places(folder / "places", places, districts)
    return made


def _districts() -> gpd.GeoDataFrame | None:
    path = data_folder() / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    if not path.exists():
        return None
    columns = UnitColumns.named(
        2,
        pcode="ADM2_PCODE",
        parent_pcode="ADM1_PCODE",
        name_en="ADM2_EN",
        name_ru="ADM2_RU",
        name_kk="ADM2_KK",
    )
    units = read_admin_units(path, columns, findings=Findings(), level=2)
    codes = tomllib.loads((ROOT / "boundaries" / "sources.toml").read_text(encoding="utf-8"))["codes"]
    return units.assign(parent_pcode=units["parent_pcode"].map(codes["geokz_to_cod_ab"]).astype("string"))


def _of_round(
    folder: Path, survey: SurveyRound, regions: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> MapData:
    folder.mkdir()
    by = AdminLevel.DISTRICT if len(units) > len(regions) else AdminLevel.REGION
    both = regions if by is AdminLevel.REGION else _both(regions, units)
    located = locate(survey.villages, both)
    is_theirs = (survey.villages["adm1_pcode"] == located["adm1_pcode"]).fillna(value=False)
    villages = survey.villages.assign(adm2_pcode=located["adm2_pcode"].where(is_theirs))
    later = replace(survey, villages=villages)
    facilities = facilities_where_reported(later)
    measured = access(locate(villages, both), facilities)
    reported = reported_access_rows(villages, later.reported_access)
    agreement = access_agreement(reported, measured)
    about = MapAbout(round=3, country="KAZ", notes=(_NOTE,), is_synthetic=True)
    table = concentration(
        later.mobility.merge(villages[["village_id", "adm1_pcode", "adm2_pcode"]], on="village_id"),
        by, GROUP, units=units, areas_km2=unit_areas_km2(units),
    )  # fmt: skip
    of_village = villages.assign(pcode=villages[_COLUMN[by]])
    summary = agreement_summary(agreement, by, units=units)
    frames = {
        "concentration": {"table": table, "units": units, "group": GROUP},
        "gaps": {
            "units": units,
            "counts": _without(measured, by),
            "service": SERVICE,
            "basis": Basis.MEASURED,
            "villages": villages_without(measured, SERVICE)[VILLAGE_COLUMNS],
        },
        "coverage": {
            "units": units,
            "coverage": of_village.groupby("pcode")
            .agg(
                villages=("village_id", "size"),
                households=("households", "sum"),
                population=("population", "sum"),
            )
            .reset_index(),
            "villages": villages[["village_id", "village_name", "households", "geometry"]],
        },
        "change": {
            "units": units,
            "change": compare_rounds(_earlier(later), later, by, units=units),
            "group": GROUP,
            "earlier_round": 2,
        },
        "agreement": {
            "units": units,
            "agreement": summary[summary["service"] == SERVICE.value],
            "service": SERVICE,
            "villages": agreement[agreement["service"] == SERVICE.value],
        },
        "access": _access(units, measured, facilities[SERVICE], by),
    }
    _keep(folder, {kind: given | {"about": about} for kind, given in frames.items()})
    with release_contents(
        survey_round=later, facilities=facilities, units=both, earlier=_earlier(later), notes=[_NOTE]
    ) as contents:
        FolderStore(ReleaseSettings(directory=folder / "releases")).publish(contents)
    return MapData(folder, f"{len(units)} {by}s, {len(villages):,} villages", KINDS)


def _of_places(folder: Path, places: gpd.GeoSeries, units: gpd.GeoDataFrame) -> MapData:
    """Access of the real places of OpenStreetMap, with made-up households and facilities."""
    folder.mkdir()
    random = np.random.default_rng(SEED)
    ids = pd.array([f"place-{number:05d}" for number in range(len(places))], dtype="string")
    villages = gpd.GeoDataFrame(
        {
            "village_id": ids,
            "village_name": ids,
            "households": pd.array(random.integers(20, 900, len(places)), dtype="Int64"),
        },
        geometry=places.array,
        crs=places.crs,
    )
    facilities = synthetic_facilities(villages)[SERVICE]
    measured = access(locate(villages, units), {SERVICE: facilities})
    given = _access(units, measured, facilities, AdminLevel.DISTRICT)
    _keep(folder, {"access": given | {"about": MapAbout(country="KAZ", notes=(_NOTE,), is_synthetic=True)}})
    return MapData(
        folder, f"{len(units)} districts, {len(villages):,} real places, households made up", ("access",)
    )


_COLUMN = {AdminLevel.REGION: "adm1_pcode", AdminLevel.DISTRICT: "adm2_pcode"}


def _access(
    units: gpd.GeoDataFrame, measured: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, by: AdminLevel
) -> dict[str, Any]:
    rows = measured[(measured["service"] == SERVICE.value) & (measured["rank"] == 1)]
    return {
        "units": units,
        "beyond": households_beyond(measured, SERVICE, BEYOND_KM, by, units=units),
        "service": SERVICE,
        "beyond_km": BEYOND_KM,
        "basis": Basis.MEASURED,
        "villages": rows[VILLAGE_COLUMNS].reset_index(drop=True),
        "facilities": facilities,
    }


def _without(measured: gpd.GeoDataFrame, by: AdminLevel) -> pd.DataFrame:
    rows = measured[(measured["service"] == SERVICE.value) & (measured["rank"] == 1)]
    is_without = rows["village_id"].isin(villages_without(measured, SERVICE)["village_id"])
    counted = pd.DataFrame(
        {
            "pcode": rows[_COLUMN[by]].array,
            "villages": 1,
            "villages_without": is_without.astype("int64").array,
            "households": rows["households"].array,
            "households_without": rows["households"].where(is_without, 0).array,
        }
    )
    return counted.groupby("pcode").sum().reset_index()


def _earlier(later: SurveyRound) -> SurveyRound:
    """Another round of the same villages, a fifth fewer people, so that there is a change to draw."""
    random = np.random.default_rng(SEED)
    kept = random.uniform(0.6, 1.0, len(later.mobility))
    individuals = (later.mobility["individuals"].astype("Float64") * kept).round().astype("Int64")
    return replace(later, number=2, mobility=later.mobility.assign(individuals=individuals))


def _both(regions: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    both = pd.concat([regions, units], ignore_index=True).drop_duplicates("pcode", ignore_index=True)
    return gpd.GeoDataFrame(both, crs=regions.crs)


def _keep(folder: Path, frames: dict[str, dict[str, Any]]) -> None:
    for kind, given in frames.items():
        (folder / f"{kind}.pickle").write_bytes(pickle.dumps(given))
