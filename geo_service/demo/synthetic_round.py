"""A round that nobody collected: made from published figures and a seed so that every one of them follows from it.

The totals are those of the report, all else is chance: which village has how many of whom is made up, and every village says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.demo.data import PEOPLE_A_HOUSEHOLD, demo_settlements
from geo_service.demo.figures import ROUND_3_PATH, read_figures
from geo_service.demo.households import HAS_SERVICE
from geo_service.demo.synthetic_access import NOT_PRINTED, households_and_bands
from geo_service.demo.synthetic_informants import synthetic_informants
from geo_service.demo.synthetic_mobility import synthetic_mobility
from geo_service.demo.synthetic_places import region_areas, synthetic_places
from geo_service.errors import InputError
from geo_service.findings import Findings
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.schemas import ASSESSED_VILLAGES, DISTRICT_ESTIMATES, VILLAGES, SurveyRound, validated
from geo_service.spatial.crs import to_wgs84
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Band, PlaceMatch, Service

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.demo.figures import Figures

__all__ = ["SYNTHETIC_ROUND_NOTE", "synthetic_round", "synthetic_round_3"]

SYNTHETIC_ROUND_NOTE = "The answers are synthetic: made up so that their totals are those published, not surveyed. Do not use for planning."

_MEMBERS_SPREAD = 0.25
_ESTIMATE_OFF_BY = 0.08
"""How far B1's estimate of a district is from what B2 finds there, at most, but for rounding to tens."""
_FEW = 100
"""Of fewer people, B1 knows the number."""


def synthetic_round_3(seed: int = 3) -> SurveyRound:
    """Round 3 of Kazakhstan as it may have been: the 351 settlements of GeoNames and 894 made-up ones in the ten regions that were assessed."""
    return synthetic_round(
        read_figures(ROUND_3_PATH),
        villages=demo_settlements(Findings()),
        units=load_boundaries("kaz-adm1"),
        seed=seed,
    )


def synthetic_round(
    figures: Figures, *, villages: gpd.GeoDataFrame, units: gpd.GeoDataFrame, seed: int
) -> SurveyRound:
    """A round of which every published figure is the total; the same for the same seed.

    Villages outside the assessed regions are in it with nobody of any group. Parts that are not printed are not answered, and what printed
    parts lack is unknown. Where the figures contradict themselves (a printed total that is not the sum of its cells), the parts stand.

    Args:
        figures: Of `read_figures`.
        villages: Real settlements, schema `VILLAGES`, in any CRS: all of them are in the round, with households near theirs where known.
        units: Schema `ADMIN_UNITS`, regions or districts, which hold the assessed regions.
        seed: Of the random numbers.

    Returns:
        All frames; every village is `synthetic`, and so say the `attrs` of each frame.

    Raises:
        InputError: The figures cannot be met, or the frames do not fit their schemas; the message says which.
        CrsError: A layer has no usable CRS.
    """
    random = np.random.default_rng(seed)
    places = _places(figures, villages, units, random)
    known = places["households"].to_numpy(dtype=np.float64, na_value=np.nan)
    households, bands = households_and_bands(figures.service_access, known, random)
    days = _interview_days(*figures.round.days, len(places), random)
    assessed = places.assign(
        households=pd.array(households, dtype="Int64"),
        population=pd.array(_population(known, households, random), dtype="Int64"),
        interviewed_on=days,
        synthetic=True,
    )[[*ASSESSED_VILLAGES.columns]]
    mobility, breakdowns = synthetic_mobility(figures, assessed, random)
    made_up = SurveyRound(
        number=figures.round.number,
        country=figures.round.country,
        collected_from=days.min(),
        collected_to=days.max(),
        villages=assessed,
        key_informants=synthetic_informants(figures.key_informants, assessed["village_id"], random),
        mobility=mobility,
        breakdowns=breakdowns,
        reported_access=_reported_access(bands, assessed["village_id"]),
        district_estimates=_district_estimates(mobility, assessed, random),
        villages_to_visit=_villages_to_visit(assessed),
    )
    for _, frame in made_up.frames():
        frame.attrs |= {
            "synthetic": True,
            "seed": seed,
            "note": SYNTHETIC_ROUND_NOTE,
            "source": figures.source,
        }
    return made_up.validate()


def _places(
    figures: Figures, villages: gpd.GeoDataFrame, units: gpd.GeoDataFrame, random: np.random.Generator
) -> gpd.GeoDataFrame:
    """The real settlements, then the made-up ones, with the admin units that they lie in and how they are known."""
    real = to_wgs84(validated(villages, VILLAGES, "the real settlements"), "the real settlements")
    made_up = figures.round.villages_assessed - len(real)
    if made_up < 0:
        raise InputError(
            f"round.villages_assessed: {figures.round.villages_assessed} are fewer than the {len(real)} settlements given"
        )
    regions = {code: name.en for code, name in figures.regions.items()}
    places = synthetic_places(made_up, region_areas(units, regions), regions, random)
    places["households"] = pd.array([pd.NA] * made_up, dtype="Int64")
    columns = ["village_id", "village_name", "households", "geometry"]
    both = pd.concat([real[columns], places[columns]], ignore_index=True)
    matched_by = np.repeat([PlaceMatch.CODE, PlaceMatch.UNMATCHED], [len(real), made_up])
    return locate(both, units).assign(matched_by=pd.Categorical(matched_by, categories=[*PlaceMatch]))


def _population(
    known: NDArray[np.float64], households: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Inhabitants: as many as are known, else about `PEOPLE_A_HOUSEHOLD` in each household; shape (n,)."""
    members = random.normal(PEOPLE_A_HOUSEHOLD, _MEMBERS_SPREAD, len(known))
    people = np.where(np.isnan(known), members * households, PEOPLE_A_HOUSEHOLD * known)
    return np.maximum(people.round().astype(np.int64), households)


def _interview_days(first: date, last: date, count: int, random: np.random.Generator) -> pd.Series:
    """An ISO date for each village, string."""
    if last < first:
        raise InputError(f"round: it ends on {last}, before it begins on {first}")
    days = pd.date_range(first, last).strftime("%Y-%m-%d").to_numpy()
    return pd.Series(random.choice(days, count), dtype="string")


def _reported_access(bands: NDArray[np.int64], village_id: pd.Series) -> pd.DataFrame:
    """Schema `REPORTED_ACCESS` from the positions of bands, shape (n, services)."""
    position = bands.ravel()
    band = pd.Categorical.from_codes(np.maximum(position, -1), categories=[*Band], ordered=True)
    present = pd.array(position == HAS_SERVICE, dtype="boolean")
    present[position == NOT_PRINTED] = pd.NA
    return pd.DataFrame(
        {
            "village_id": village_id.array.repeat(len(Service)),
            "service": pd.Categorical([*Service] * len(bands), categories=[*Service]),
            "present": present,
            "band": band,
        }
    )


# B1


def _district_estimates(
    mobility: pd.DataFrame, villages: gpd.GeoDataFrame, random: np.random.Generator
) -> pd.DataFrame:
    """Schema `DISTRICT_ESTIMATES`: near what the villages of a district add up to, and rounded as people estimate."""
    units = villages[["village_id", "adm1_pcode", "adm2_pcode"]].dropna(subset="adm1_pcode")
    keys = ["adm1_pcode", "adm2_pcode", "group"]
    answers = mobility.dropna(subset="present").merge(units, on="village_id")
    found = answers.groupby(keys, dropna=False, observed=True)["individuals"].sum().reset_index()
    people = found["individuals"].to_numpy(dtype=np.int64)
    estimate = people * random.uniform(1 - _ESTIMATE_OFF_BY, 1 + _ESTIMATE_OFF_BY, len(people))
    estimate = np.where(people < _FEW, people, estimate.round(-1)).astype(np.int64)
    return found.assign(
        present=pd.array(people > 0, dtype="boolean"), individuals=pd.array(estimate, dtype="Int64")
    )[[*DISTRICT_ESTIMATES.columns]]


def _villages_to_visit(villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Schema `VILLAGES_TO_VISIT`: all that were visited, district by district."""
    places = pd.DataFrame(villages[["adm1_pcode", "adm2_pcode", "village_id", "village_name"]])
    places = places.sort_values(["adm1_pcode", "adm2_pcode"], kind="stable", ignore_index=True)
    return places.rename(columns={"village_id": "village_code"})
