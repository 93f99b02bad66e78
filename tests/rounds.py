"""A small survey round that tests share. All of it is made up, and says so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from frames import CRS, text

from geo_service.schemas.survey import SurveyRound
from geo_service.vocabulary import (
    OTHER_COUNTRY,
    REASONS_ASKED,
    UNKNOWN_COUNTRY,
    Band,
    Dimension,
    InformantRole,
    MigrationKind,
    PlaceMatch,
    PopulationGroup,
    Service,
    Sex,
    YearAside,
    moves_across_border,
)

YEARS = ("2020", "2021", "2022", "2023")
COUNTRIES = ("UZB", "RUS", "KGZ", "DEU", OTHER_COUNTRY, UNKNOWN_COUNTRY)
REGIONS = ("KAZ901", "KAZ902")
DISTRICTS = tuple(f"{region}{number:03d}" for region in REGIONS for number in (1, 2))

CODES_ASKED = {
    Dimension.SEX: tuple(Sex),
    Dimension.COUNTRY: COUNTRIES,
    Dimension.YEAR: (*YEARS, *YearAside),
    Dimension.KIND: tuple(MigrationKind),
}


def coded(values, codes, *, ordered=False):
    """A categorical with every code of the vocabulary as a category."""
    return pd.Categorical(values, categories=[one.value for one in codes], ordered=ordered)


def round_units() -> gpd.GeoDataFrame:
    """Two made-up regions of two districts each, in one frame; every district is a square of a degree."""
    squares = {code: shapely.box(at, 50, at + 1, 51) for at, code in enumerate(DISTRICTS, start=60)}
    regions = {region: shapely.box(60 + 2 * at, 50, 62 + 2 * at, 51) for at, region in enumerate(REGIONS)}
    polygons = regions | squares
    is_region = [code in regions for code in polygons]
    return gpd.GeoDataFrame(
        {
            "pcode": text(list(polygons)),
            "level": np.where(is_region, 1, 2).astype("int64"),
            "parent_pcode": text(
                ["KAZ" if top else code[:6] for code, top in zip(polygons, is_region, strict=True)]
            ),
            "name_en": text(
                [
                    f"Synthetic {'Region' if top else 'District'} {code}"
                    for code, top in zip(polygons, is_region, strict=True)
                ]
            ),
            "name_ru": text(
                [
                    f"Вымышленный {'регион' if top else 'район'} {code}"
                    for code, top in zip(polygons, is_region, strict=True)
                ]
            ),
            "name_kk": text(
                [
                    f"Ойдан шығарылған {'облыс' if top else 'аудан'} {code}"
                    for code, top in zip(polygons, is_region, strict=True)
                ]
            ),
            "kato": text([None] * len(polygons)),
            "iso3166_2": text([None] * len(polygons)),
            "valid_on": text(["2023-01-05"] * len(polygons)),
        },
        geometry=list(polygons.values()),
        crs=CRS,
    )


def small_round(villages: int = 6, seed: int = 3, number: int = 3) -> SurveyRound:
    """A valid round of made-up villages in the districts of `round_units`, whose parts add up as the importer asks.

    Village codes are nine digits that no KATO has (`990000001`, …). The first village has every group and no service, the second no group
    and every service; the others are drawn at random. Where a dimension was not answered it has no rows.
    """
    random = np.random.default_rng(seed)
    codes = [f"99{one:07d}" for one in range(1, villages + 1)]
    groups = _mobility(codes, random)
    places = _villages(codes, random)
    made = SurveyRound(
        number=number,
        country="KAZ",
        collected_from=places["interviewed_on"].min(),
        collected_to=places["interviewed_on"].max(),
        villages=places,
        key_informants=_key_informants(codes, random),
        mobility=groups,
        breakdowns=parts_of_groups(groups, random),
        reported_access=_reported_access(codes, random),
        district_estimates=_district_estimates(random),
        villages_to_visit=pd.DataFrame(
            {
                "adm1_pcode": places["adm1_pcode"],
                "adm2_pcode": places["adm2_pcode"],
                "village_code": places["village_id"],
                "village_name": places["village_name"],
            }
        ),
    )
    return made.validate()


def _villages(codes, random):
    count = len(codes)
    district = np.arange(count) % len(DISTRICTS)
    # More than all groups together have, so that nothing about the round is doubtful.
    households = random.integers(2600, 6000, count)
    days = pd.Timestamp("2023-12-01") + pd.to_timedelta(np.arange(count) % 30, unit="D")
    # Five decimals, as files have them: what is written comes back as it was.
    lon = (60 + district + random.uniform(0.1, 0.9, count)).round(5)
    lat = random.uniform(50.1, 50.9, count).round(5)
    return gpd.GeoDataFrame(
        {
            "village_id": text(codes),
            "village_name": text([f"Synthetic village {one}" for one in range(1, count + 1)]),
            "households": pd.array(households, dtype="Int64"),
            "adm1_pcode": text([DISTRICTS[one][:6] for one in district]),
            "adm2_pcode": text([DISTRICTS[one] for one in district]),
            "population": pd.array(households * 4, dtype="Int64"),
            "interviewed_on": text(days.strftime("%Y-%m-%d")),
            "matched_by": coded([PlaceMatch.UNMATCHED.value] * count, PlaceMatch),
            "synthetic": np.ones(count, dtype=bool),
        },
        geometry=shapely.points(lon, lat),
        crs=CRS,
    )


def _key_informants(codes, random):
    rows = [
        (code, random.choice([*InformantRole]), random.choice([*Sex]))
        for code in codes
        for _ in range(random.integers(1, 5))
    ]
    counts = pd.Series(rows).value_counts(sort=False)
    village, role, sex = zip(*counts.index, strict=True)
    return pd.DataFrame(
        {
            "village_id": text(village),
            "role": coded(role, InformantRole),
            "sex": coded(sex, Sex),
            "informants": counts.to_numpy(dtype="int64"),
        }
    )


def _mobility(codes, random):
    shape = (len(codes), len(PopulationGroup))
    present = random.random(shape) < 0.6
    present[:1], present[1:2] = True, False
    individuals = np.where(present, random.integers(1, 500, shape), 0)
    households = np.where(present, random.integers(1, np.maximum(individuals, 1) + 1, shape), 0)
    return pd.DataFrame(
        {
            "village_id": text(np.repeat(codes, shape[1])),
            "group": coded([one.value for one in PopulationGroup] * shape[0], PopulationGroup),
            "present": pd.array(present.ravel(), dtype="boolean"),
            "individuals": pd.array(individuals.ravel(), dtype="Int64"),
            "households": pd.array(households.ravel(), dtype="Int64"),
        }
    )


def parts_of_groups(mobility, random):
    """Schema `BREAKDOWNS` of groups whose individuals are known: parts drawn at random that make up each."""
    rows = []
    for at, one in enumerate(mobility[mobility["individuals"] > 0].itertuples()):
        asked = CODES_ASKED | {Dimension.REASON: REASONS_ASKED[PopulationGroup(one.group)]}
        if not moves_across_border(PopulationGroup(one.group)):
            asked.pop(Dimension.COUNTRY)
        for dimension, codes in asked.items():
            # The first village answers everything; reasons need not be known for everybody.
            if at >= len(PopulationGroup) and random.random() < 0.1:
                continue
            total = one.individuals - (dimension == Dimension.REASON) * int(
                random.integers(0, one.individuals)
            )
            parts = random.multinomial(total, np.full(len(codes), 1 / len(codes)))
            rows += [
                (one.village_id, one.group, dimension.value, str(code), int(part))
                for code, part in zip(codes, parts, strict=True)
                if part
            ]
    village, group, dimension, code, individuals = zip(*rows, strict=True) if rows else ((),) * 5
    return pd.DataFrame(
        {
            "village_id": text(village),
            "group": coded(group, PopulationGroup),
            "dimension": coded(dimension, Dimension),
            "code": text(code),
            "individuals": np.array(individuals, dtype="int64"),
        }
    )


def _reported_access(codes, random):
    shape = (len(codes), len(Service))
    present = random.random(shape) < 0.6
    present[:1], present[1:2] = False, True
    bands = random.choice([one.value for one in Band], shape)
    return pd.DataFrame(
        {
            "village_id": text(np.repeat(codes, shape[1])),
            "service": coded([one.value for one in Service] * shape[0], Service),
            "present": pd.array(present.ravel(), dtype="boolean"),
            "band": coded(np.where(present, None, bands).ravel(), Band, ordered=True),
        }
    )


def _district_estimates(random):
    shape = (len(DISTRICTS), len(PopulationGroup))
    present = random.random(shape) < 0.8
    individuals = np.where(present, random.integers(1, 5000, shape), 0)
    district = np.repeat(DISTRICTS, shape[1])
    return pd.DataFrame(
        {
            "adm1_pcode": text([one[:6] for one in district]),
            "adm2_pcode": text(district),
            "group": coded([one.value for one in PopulationGroup] * shape[0], PopulationGroup),
            "present": pd.array(present.ravel(), dtype="boolean"),
            "individuals": pd.array(individuals.ravel(), dtype="Int64"),
        }
    )
