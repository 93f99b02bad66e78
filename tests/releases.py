"""Small releases for tests: every type, null, Cyrillic and Kazakh letters, quotes, large integers, each kind of geometry."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from geo_service.release.frames import frame_part
from geo_service.release.manifest import Input, RoundOf
from geo_service.release.parts import Contents
from geo_service.vocabulary import Band, Language, Service

__all__ = ["BIG", "small_contents", "small_villages", "titled"]

BIG = 9_007_199_254_740_993
"""2**53 + 1: what a double cannot hold."""

NAMES = (
    "Бурабай",
    "Қызылжар",
    "Ақкөл",
    "Щучинск",
    "O'Neil",
    'Say "hi"',
    "Әйтеке би",
    "a,b;c",
    "Ёлкино",
    "_%\\",
)


def titled(text: str) -> dict[Language, str]:
    """The same title in each language, marked with it."""
    return {language: f"{text} ({language})" for language in Language}


def small_villages(villages: int = 40, households: int = 100) -> gpd.GeoDataFrame:
    """Villages on a grid in the north of Kazakhstan; each seventh has no point, each fifth no name, each third no date."""
    numbers = range(villages)
    points = [
        None if i % 7 == 6 else shapely.Point(66.0 + (i % 10) * 0.7, 48.0 + (i // 10) * 0.9) for i in numbers
    ]
    return gpd.GeoDataFrame(
        {
            "village_id": pd.array([f"KZ-{i:04d}" for i in numbers], dtype="string"),
            "village_name": pd.array(
                [None if i % 5 == 4 else f"{NAMES[i % len(NAMES)]} {i // 10}" for i in numbers],
                dtype="string",
            ),
            "households": pd.array([None if i % 11 == 3 else households + i for i in numbers], dtype="Int64"),
            "register_number": pd.array([BIG + i for i in numbers], dtype="Int64"),
            "elevation_m": pd.array(
                [None if i % 6 == 2 else i * 12.5 - 30 for i in numbers], dtype="Float64"
            ),
            "synthetic": pd.array([True] * villages, dtype="boolean"),
            "interviewed_on": pd.array(
                [None if i % 3 == 1 else f"2024-0{1 + i % 9}-1{i % 10}" for i in numbers], dtype="string"
            ),
            "adm1_pcode": pd.array([f"KAZ00{1 + i % 3}" for i in numbers], dtype="string"),
        },
        geometry=gpd.GeoSeries(points, crs="EPSG:4326"),
    )


def small_access(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Two services a village, each fourth without a distance."""
    frames = []
    for shift, service in enumerate((Service.HOSPITAL, Service.SCHOOL)):
        frame = villages[["village_id", "village_name", "adm1_pcode", "households", "geometry"]].copy()
        known = [(i + shift) % 4 != 0 for i in range(len(frame))]
        frame["service"] = pd.Categorical([service.value] * len(frame), categories=[*Service])
        frame["rank"] = 1
        frame["distance_m"] = pd.array(
            [1234.5 * (i + 1 + shift) if one else None for i, one in enumerate(known)], dtype="Float64"
        )
        frame["band"] = pd.Categorical(
            [[*Band][i % 6].value if one else None for i, one in enumerate(known)], categories=[*Band]
        )
        frame["present"] = pd.array(
            [None if not one else i % 2 == 0 for i, one in enumerate(known)], dtype="boolean"
        )
        frames.append(frame)
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=villages.crs)


def small_units() -> gpd.GeoDataFrame:
    """Three regions beside one another, the last of two parts."""
    boxes = [shapely.box(65 + 3 * i, 47, 68 + 3 * i, 53) for i in range(3)]
    boxes[2] = shapely.MultiPolygon([boxes[2], shapely.box(80, 47, 81, 48)])
    return gpd.GeoDataFrame(
        {
            "pcode": pd.array([f"KAZ00{i}" for i in (1, 2, 3)], dtype="string"),
            "level": [1, 1, 1],
            "name_ru": pd.array(["Абайская область", None, "Улытауская область"], dtype="string"),
            "valid_on": pd.array(["2023-01-01"] * 3, dtype="string"),
        },
        geometry=boxes,
        crs="EPSG:4326",
    )


def small_contents(villages: int = 40, households: int = 100) -> Contents:
    """A release of layers, a frame and a table; another number of `households` makes another release."""
    points = small_villages(villages, households)
    mobility = pd.DataFrame(
        {
            "village_id": points["village_id"],
            "group": pd.Categorical(["returnees"] * villages, categories=["returnees", "emigrants"]),
            "individuals": pd.array([None if i % 4 == 1 else i * 3 for i in range(villages)], dtype="Int64"),
        }
    )
    table = pd.DataFrame(
        {
            "pcode": pd.array(["KAZ001", "KAZ002", None], dtype="string"),
            "label_ru": pd.array(["Абайская", "Акмолинская", "Не отнесены"], dtype="string"),
            "villages": [10, 20, 10],
            "share": [0.25, 0.5, float("nan")],
        }
    )
    parts = (
        frame_part(
            "villages",
            points,
            kind="layer",
            title=titled("Villages"),
            key=["village_id"],
            dates=["interviewed_on"],
            time="interviewed_on",
        ),
        frame_part(
            "adm1",
            small_units(),
            kind="layer",
            title=titled("Regions"),
            key=["pcode"],
            dates=["valid_on"],
            time="valid_on",
        ),
        frame_part(
            "access",
            small_access(points),
            kind="layer",
            title=titled("Access"),
            key=["village_id", "service", "rank"],
            about={"basis": "measured", "method": "geodesic"},
        ),
        frame_part("mobility", mobility, kind="frame", title=titled("Mobility"), key=["village_id", "group"]),
        frame_part(
            "coverage_by_region", table, kind="table", title=titled("Coverage"), about={"by": "region"}
        ),
    )
    return Contents(
        parts=parts,
        inputs=(Input(role="villages", name="villages.gpkg", sha256="0" * 64, rows=villages),),
        parameters={"bands": {"edges_km": [5, 10, 15, 20, 25]}},
        versions={"geo-service": "0.1.0"},
        licences=("Synthetic, made for tests",),
        notes=(titled("Synthetic data"),),
        round=RoundOf(
            number=3, country="KAZ", collected_from="2023-12-01", collected_to="2024-01-31", synthetic=True
        ),
    )
