"""A small made-up country that was surveyed twice, published with everything that the service shows. All of it is synthetic, and says so.

Three regions of four districts each, whose borders are exactly shared; some 150 villages; facilities of all six services; Round 2, for which
nothing was measured, and Round 3 as the current release. Some groups are only one to four people in a district or region, so that there is something to suppress.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from frames import CRS, text
from rounds import coded, parts_of_groups, small_round

from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.release.parts import arrow_schema
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Band, PlaceMatch, PopulationGroup, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.release.manifest import Manifest
    from geo_service.release.parts import Contents, Part
    from geo_service.schemas import SurveyRound

__all__ = [
    "DISTRICTS",
    "REGIONS",
    "VILLAGES",
    "WITHOUT_A_DISTRICT",
    "WITHOUT_A_POINT",
    "WITHOUT_A_UNIT",
    "WITHOUT_HOUSEHOLDS",
    "published_world",
    "world",
    "world_contents",
    "world_facilities",
    "world_parts",
    "world_round",
    "world_units",
]

VILLAGES = 150
REGIONS = ("KAZ901", "KAZ902", "KAZ903")
DISTRICTS = tuple(f"{region}{number:03d}" for region in REGIONS for number in range(1, 5))
WITHOUT_A_POINT = (7, 47, 107)
"""The places of villages in the round; their ids are `990000008`, …"""
WITHOUT_HOUSEHOLDS = 20
WITHOUT_A_DISTRICT = 60
WITHOUT_A_UNIT = 90
NOT_ASKED = (30, 31)
"""The places of villages that were not asked about emigrants."""

_WEST, _SOUTH, _WIDE, _HIGH = 64.0, 46.0, 1.5, 1.1
_COLUMNS, _ROWS = 6, 2
_BENDS = 4
"""Bends of each edge between two corners."""
_SHARE_OF_FEW = 0.45
"""Of districts and groups: how many have only few people."""
_SITES = {
    Service.HOSPITAL: 7,
    Service.POLYCLINIC: 14,
    Service.SCHOOL: 60,
    Service.MARKET: 30,
    Service.SAFE_DRINKING_WATER: 80,
    Service.INTERNET: 100,
}


@cache
def world_units() -> gpd.GeoDataFrame:
    """The country, its regions and its districts, schema `ADMIN_UNITS`, in one frame."""
    districts = dict(zip(DISTRICTS, _cells(), strict=True))
    regions = {
        code: shapely.union_all([polygon for one, polygon in districts.items() if one.startswith(code)])
        for code in REGIONS
    }
    polygons = {"KAZ": shapely.union_all(list(regions.values()))} | regions | districts
    codes = list(polygons)
    levels = np.repeat([0, 1, 2], [1, len(REGIONS), len(DISTRICTS)])
    names = {
        "en": ("Synthetic Country", "Synthetic Region", "Synthetic District"),
        "ru": ("Вымышленная страна", "Вымышленный регион", "Вымышленный район"),
        "kk": ("Ойдан шығарылған ел", "Ойдан шығарылған облыс", "Ойдан шығарылған аудан"),
    }
    return gpd.GeoDataFrame(
        {
            "pcode": text(codes),
            "level": levels.astype("int64"),
            "parent_pcode": text([None, *["KAZ"] * len(REGIONS), *(code[:6] for code in DISTRICTS)]),
            **{
                f"name_{language}": text(
                    [f"{called[level]} {code[3:]}".strip() for code, level in zip(codes, levels, strict=True)]
                )
                for language, called in names.items()
            },
            "kato": text([None] * len(codes)),
            "iso3166_2": text([None] * len(codes)),
            "valid_on": text(["2023-01-05"] * len(codes)),
        },
        geometry=list(polygons.values()),
        crs=CRS,
    )


def _cells() -> list[shapely.Polygon]:
    """Twelve districts side by side, region by region, with crooked borders that neighbours share point by point."""
    random = np.random.default_rng(12)
    steps = np.mgrid[0 : _COLUMNS * _BENDS + 1, 0 : _ROWS * _BENDS + 1].astype(float)
    off = random.uniform(-0.3, 0.3, steps.shape)
    lon = (_WEST + (steps[0] + off[0]) * _WIDE / _BENDS).round(5)
    lat = (_SOUTH + (steps[1] + off[1]) * _HIGH / _BENDS).round(5)

    def cell(column: int, row: int) -> shapely.Polygon:
        first, low = column * _BENDS, row * _BENDS
        last, high = first + _BENDS, low + _BENDS
        ring = [(at, low) for at in range(first, last)]
        ring += [(last, at) for at in range(low, high)]
        ring += [(at, high) for at in range(last, first, -1)]
        ring += [(first, at) for at in range(high, low, -1)]
        return shapely.Polygon([(lon[at], lat[at]) for at in ring])

    return [
        cell(column, row)
        for left in range(0, _COLUMNS, 2)
        for row in range(_ROWS)
        for column in (left, left + 1)
    ]


@cache
def world_facilities() -> dict[Service, gpd.GeoDataFrame]:
    """Facilities of all six services, schema `FACILITIES`; few hospitals, so that some villages are far from one."""
    random = np.random.default_rng(6)
    layers = {}
    for service, count in _SITES.items():
        lon = _WEST + random.uniform(0, _COLUMNS * _WIDE, count)
        lat = _SOUTH + random.uniform(0, _ROWS * _HIGH, count)
        if service in {Service.SCHOOL, Service.SAFE_DRINKING_WATER, Service.INTERNET}:
            # In villages, so that what is reported and what is measured agree somewhere.
            points = world_round(3).villages.geometry.dropna()[:count]
            lon[: len(points)], lat[: len(points)] = points.x + 0.004, points.y
        name = service.value.replace("_", " ")
        layers[service] = gpd.GeoDataFrame(
            {
                "facility_id": text([f"synthetic-{service}-{one}" for one in range(1, count + 1)]),
                "facility_name": text([f"Synthetic {name} {one}" for one in range(1, count + 1)]),
                "service": text([service.value] * count),
            },
            geometry=shapely.points(lon.round(5), lat.round(5)),
            crs=CRS,
        )
    return layers


@cache
def world_round(number: int = 3) -> SurveyRound:
    """A round of the country, of the same villages for each `number`; never to be changed in place."""
    random = np.random.default_rng(number)
    made = small_round(VILLAGES, seed=number, number=number)
    villages = _villages(made.villages, random, number)
    mobility = _mobility(villages, random)
    return replace(
        made,
        collected_from=villages["interviewed_on"].min(),
        collected_to=villages["interviewed_on"].max(),
        villages=villages,
        mobility=mobility,
        breakdowns=parts_of_groups(mobility, random),
        reported_access=_reported_access(made.reported_access, random),
        district_estimates=_estimates(villages, mobility),
        villages_to_visit=pd.DataFrame(
            {
                "adm1_pcode": villages["adm1_pcode"],
                "adm2_pcode": villages["adm2_pcode"],
                "village_code": villages["village_id"],
                "village_name": villages["village_name"],
            }
        ),
    ).validate()


def _villages(made: gpd.GeoDataFrame, random: np.random.Generator, number: int) -> gpd.GeoDataFrame:
    where = np.random.default_rng(150)
    units = world_units()
    polygons = units.set_index("pcode").geometry
    district = np.array(DISTRICTS)[np.arange(VILLAGES) % len(DISTRICTS)]
    points = [_within(polygons[code], where) for code in district]
    points[WITHOUT_A_UNIT] = shapely.Point(_WEST - 2, _SOUTH + 1)
    for at in WITHOUT_A_POINT:
        points[at] = None
    households = pd.array(random.integers(30, 900, VILLAGES), dtype="Int64")
    households[WITHOUT_HOUSEHOLDS] = pd.NA
    region = pd.Series([code[:6] for code in district], dtype="string")
    names = pd.Series(district, dtype="string")
    names[[WITHOUT_A_DISTRICT, WITHOUT_A_UNIT]] = pd.NA
    region[WITHOUT_A_UNIT] = pd.NA
    first_day = pd.Timestamp("2023-12-01" if number == 3 else "2023-05-01")
    days = first_day + pd.to_timedelta(np.arange(VILLAGES) % 45, unit="D")
    return gpd.GeoDataFrame(
        made.drop(columns="geometry").assign(
            households=households,
            population=households * 4,
            adm1_pcode=region,
            adm2_pcode=names,
            interviewed_on=text(days.strftime("%Y-%m-%d")),
            matched_by=coded([PlaceMatch.UNMATCHED.value] * VILLAGES, PlaceMatch),
        ),
        geometry=points,
        crs=CRS,
    )


def _within(polygon: shapely.Polygon, random: np.random.Generator) -> shapely.Point:
    west, south, east, north = polygon.bounds
    while True:
        point = shapely.Point(round(random.uniform(west, east), 5), round(random.uniform(south, north), 5))
        if polygon.contains(point):
            return point


def _mobility(villages: gpd.GeoDataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Schema `MOBILITY`: many people in some districts, none or one to four in others, and in the third region only three emigrants."""
    groups = [*PopulationGroup]
    district = np.arange(len(villages)) % len(DISTRICTS)
    is_few = random.random((len(DISTRICTS), len(groups))) < _SHARE_OF_FEW
    shape = (len(villages), len(groups))
    present = random.random(shape) < 0.5
    individuals = np.where(present, random.integers(1, 120, shape), 0)
    individuals[is_few[district]] = 0
    emigrants = groups.index(PopulationGroup.EMIGRANTS)
    individuals[district >= 8, emigrants] = 0
    # The first villages of a district with few people have them.
    for of_district, group in zip(*np.nonzero(is_few), strict=True):
        if group != emigrants or of_district < 8:
            individuals[of_district, group] = random.integers(0, 5)
    individuals[8, emigrants] = 3
    known = pd.array(individuals.ravel(), dtype="Int64")
    households = pd.array(np.ceil(individuals / 3).astype("int64").ravel(), dtype="Int64")
    is_present = pd.array(individuals.ravel() > 0, dtype="boolean")
    not_asked = np.zeros(shape, dtype=bool)
    not_asked[list(NOT_ASKED), emigrants] = True
    for values in (known, households, is_present):
        values[not_asked.ravel()] = pd.NA
    return pd.DataFrame(
        {
            "village_id": text(np.repeat(villages["village_id"], len(groups))),
            "group": coded([one.value for one in groups] * len(villages), PopulationGroup),
            "present": is_present,
            "individuals": known,
            "households": households,
        }
    )


def _reported_access(made: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """As it was made, but for some who were not asked and some who did not know how far."""
    reported = made.copy()
    not_asked, not_known = (random.random(len(made)) < share for share in (0.03, 0.05))
    reported.loc[not_asked, "present"] = pd.NA
    band = reported["band"].astype("string").where(~(not_asked | not_known))
    return reported.assign(band=coded(band, Band, ordered=True))


def _estimates(villages: gpd.GeoDataFrame, mobility: pd.DataFrame) -> pd.DataFrame:
    units = villages[["village_id", "adm1_pcode", "adm2_pcode"]].dropna()
    keys = ["adm1_pcode", "adm2_pcode", "group"]
    found = (
        mobility.merge(units, on="village_id").groupby(keys, observed=True)["individuals"].sum().reset_index()
    )
    present = (found["individuals"] > 0).astype("boolean")
    return found.assign(present=present)[[*keys, "present", "individuals"]]


@contextmanager
def world_contents(number: int = 3) -> Iterator[Contents]:
    """All that the release of a round of the country holds: of Round 3 also what is measured, and change since Round 2."""
    is_last = number == 3
    with release_contents(
        survey_round=world_round(number),
        facilities=world_facilities() if is_last else None,
        units=world_units(),
        earlier=world_round(number - 1) if is_last else None,
        notes=["Synthetic data, made for tests."],
    ) as contents:
        yield contents


@cache
def world_parts() -> tuple[Contents, dict[str, tuple[Part, pa.Table]]]:
    """What `world_contents` of Round 3 gives, and each of its parts with its rows; made once in a process, and never to be changed."""
    with world_contents() as contents:
        return contents, {
            part.name: (part, pa.Table.from_batches(part.rows(), arrow_schema(part.fields)))
            for part in contents.parts
        }


def published_world(folder: Path) -> Path:
    """The folder of releases in `folder`: Round 2, then Round 3, which is current; made where it is not there yet."""
    store = FolderStore(ReleaseSettings(directory=folder / "releases"))
    _publish(store, 2)
    _publish(store, 3)
    return folder / "releases"


def _publish(store: FolderStore, number: int) -> Manifest:
    with world_contents(number) as contents:
        return store.publish(contents)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of releases of the country, made once for all workers of a run; to be read only (copy it to publish into it)."""
    base = tmp_path_factory.getbasetemp()
    # Without workers the folder above is that of all runs.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "api-world"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            releases = published_world(folder)
            for path in releases.glob("*/**/*.*"):
                if path.parent.name != "leases":
                    path.chmod(0o444)
            done.touch()
    return folder / "releases"
