"""Made-up villages as a release, as a GeoPackage and as a PostGIS table: the same rows in the same order."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo_service.query.questions import Features
from geo_service.release.frames import frame_part
from geo_service.release.parts import Contents
from geo_service.vocabulary import Language
from tests.benchmarks.inputs import SEED, make_inputs
from tests.benchmarks.release_inputs import households, store_in

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "COLLECTION",
    "KINDS",
    "Villages",
    "made_frame",
    "write_geopackage",
    "write_postgis",
    "write_release",
]

COLLECTION = "villages"
KINDS = ("city", "hamlet", "settlement", "town", "village")


@dataclass(frozen=True, slots=True)
class Villages:
    """The rows as all contenders have them.

    Attributes:
        frame: In the order of the release, with `village_id`, other properties and points in EPSG:4326; row n is feature n + 1 of peers.
        described: What they are, for the report.
    """

    frame: gpd.GeoDataFrame
    described: str


def made_frame(folder: Path, rows: int) -> tuple[gpd.GeoDataFrame, str]:
    """Villages with twelve properties, in random order, and what they are.

    Args:
        folder: For files on the way.
        rows: How many.
    """
    inputs = make_inputs(folder, rows, 1, rows)
    random = np.random.default_rng(SEED)
    homes = households(rows)
    numbers = np.arange(1, rows + 1)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(numbers % 60, unit="D")
    frame = gpd.GeoDataFrame(
        {
            "village_id": [f"SYN-{number:08d}" for number in numbers],
            "village_name": [f"Synthetic village {number}" for number in numbers],
            "name_kk": [f"Ойдан шығарылған ауыл {number}" for number in numbers],
            "kind": np.array(KINDS)[random.integers(0, len(KINDS), rows)],
            "adm1_pcode": [f"KAZ{number % 20 + 900:03d}" for number in numbers],
            "adm2_pcode": [f"KAZ{number % 20 + 900:03d}{number % 200:03d}" for number in numbers],
            "households": homes,
            "population": homes * 4,
            "elevation_m": random.uniform(-130, 3000, rows).round(1),
            "hospital_km": random.gamma(2, 12, rows).round(3),
            "interviewed_on": days.strftime("%Y-%m-%d"),
            "source": "Synthetic, made for benchmarks",
        },
        geometry=gpd.points_from_xy(*inputs.lon_lat("households", rows).round(6).T),
        crs="EPSG:4326",
    )
    return frame, f"{rows:,} villages of 12 properties. {inputs.described}"


def write_release(folder: Path, frame: gpd.GeoDataFrame, described: str) -> Villages:
    """Publish the villages into the store at `folder`; the rows as the release gives them back."""
    title = dict.fromkeys(Language, "Synthetic villages")
    part = frame_part(
        COLLECTION, frame, kind="layer", title=title, key=("village_id",), dates=("interviewed_on",)
    )
    store = store_in(folder)
    store.publish(Contents((part,)))
    with store.open() as release, release.batches(COLLECTION, Features()) as stream:
        rows = gpd.GeoDataFrame.from_arrow(stream)
    if not (rows["fid"].to_numpy() == np.arange(1, len(rows) + 1)).all():
        raise RuntimeError("the release does not give its rows in the order of their numbers")
    rows = rows.drop(columns=["fid", "id"])
    return Villages(rows.assign(interviewed_on=rows["interviewed_on"].astype(str)), described)


def write_geopackage(path: Path, villages: Villages) -> None:
    """The rows with a spatial index, and with indexes of the properties that are asked for."""
    pyogrio.write_dataframe(
        villages.frame, path, driver="GPKG", layer=COLLECTION, geometry_name="geom", fid="fid"
    )
    connection = sqlite3.connect(path)
    with connection:
        for column in ("village_id", "kind"):
            connection.execute(f"CREATE INDEX {COLLECTION}_{column} ON {COLLECTION} ({column})")
        connection.execute("ANALYZE")
    connection.close()


def write_postgis(url: str, villages: Villages) -> None:
    """The rows as a table of `public`, with a primary key, a GiST index and B-tree indexes, analysed."""
    import psycopg  # noqa: PLC0415 - an optional extra

    frame = villages.frame
    names = [name for name in frame.columns if name != frame.geometry.name]
    numbers = {
        "households": "bigint",
        "population": "bigint",
        "elevation_m": "double precision",
        "hospital_km": "double precision",
    }
    types = numbers | {"interviewed_on": "date"}
    columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in names)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"CREATE TABLE {COLLECTION} (fid bigint PRIMARY KEY, {columns}, geom geometry(Point, 4326))"
        )
        values = [frame[name].to_list() for name in names]
        points = frame.geometry.to_wkb(hex=True)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {COLLECTION} (fid, {', '.join(names)}, geom) FROM STDIN") as copy,
        ):
            for number, row in enumerate(zip(*values, points, strict=True), start=1):
                copy.write_row((number, *row))
        connection.execute(f"CREATE INDEX ON {COLLECTION} USING gist (geom)")
        for column in ("village_id", "kind"):
            connection.execute(f"CREATE INDEX ON {COLLECTION} ({column})")
        connection.execute(f"VACUUM ANALYZE {COLLECTION}")
