"""Releases of made-up villages and six services, published once a size, and the same access rows as a GeoPackage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio

from geo_service.errors import MissingExtraError
from geo_service.query.questions import Features
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.settings import PostgisSettings, ReleaseSettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Service
from tests.benchmarks.contender import UnavailableError
from tests.benchmarks.inputs import SEED, districts, facility_frame

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from geo_service.release.parts import Contents
    from geo_service.release.postgis_store import PostgisStore
    from tests.benchmarks.inputs import Inputs

__all__ = [
    "FEATURES",
    "PAGE",
    "SERVICE",
    "URL_FILE",
    "Asked",
    "asked_of",
    "geopackage",
    "households",
    "made_contents",
    "made_facilities",
    "made_villages",
    "postgis_store",
    "postgis_url",
    "published",
    "store_in",
]

FEATURES = 1_000
"""How many features the questions find, whatever the size."""
PAGE = 1_000
SERVICE = Service.SCHOOL.value
URL_FILE = "postgis-url"


@dataclass(frozen=True, slots=True)
class Asked:
    """The values of the questions, so that each finds some `FEATURES` of the access rows.

    Attributes:
        least_households: Villages with as many or more are wanted.
        box: West, south, east, north around one village.
    """

    least_households: int
    box: tuple[float, float, float, float]


def households(rows: int) -> np.ndarray:
    """How many households each made-up village has, shape (rows,)."""
    return np.random.default_rng(SEED).lognormal(5, 1, rows).astype(np.int64) + 1


def asked_of(inputs: Inputs, rows: int) -> Asked:
    """What is asked of a release of so many villages."""
    wanted = min(FEATURES, rows) - 1
    lon_lat = inputs.lon_lat("households", rows)
    centre = np.median(lon_lat, axis=0)
    centre = lon_lat[np.abs(lon_lat - centre).max(axis=1).argmin()]
    half = np.partition(np.abs(lon_lat - centre).max(axis=1), wanted)[wanted]
    west, south, east, north = (*(centre - half).tolist(), *(centre + half).tolist())
    return Asked(int(np.sort(households(rows))[-wanted - 1]), (west, south, east, north))


def made_villages(inputs: Inputs, rows: int) -> gpd.GeoDataFrame:
    """Made-up villages, each in its admin unit."""
    numbers = range(1, rows + 1)
    frame = gpd.GeoDataFrame(
        {
            "village_id": [f"SYN-{number:08d}" for number in numbers],
            "village_name": [f"Synthetic village {number}" for number in numbers],
            "households": households(rows),
        },
        geometry=gpd.points_from_xy(*inputs.lon_lat("households", rows).T),
        crs="EPSG:4326",
    ).astype({"village_id": "string", "village_name": "string", "households": "Int64"})
    units = districts()
    if units is None:
        return frame
    found = locate(frame, units[0])
    return frame.assign(adm1_pcode=found["adm1_pcode"], adm2_pcode=found["adm2_pcode"])


def made_facilities(inputs: Inputs) -> dict[Service, gpd.GeoDataFrame]:
    """Made-up facilities of six services."""
    return {
        service: facility_frame(inputs.lon_lat(f"facilities-{number}"), service.value)
        for number, service in enumerate(Service)
    }


def made_contents(
    villages: gpd.GeoDataFrame, facilities: dict[Service, gpd.GeoDataFrame]
) -> AbstractContextManager[Contents]:
    """What is published, with access measured."""
    return release_contents(
        villages=villages, facilities=facilities, attributions=["Synthetic, made for benchmarks"]
    )


def store_in(folder: Path) -> FolderStore:
    """A store of releases in a folder."""
    return FolderStore(ReleaseSettings(directory=folder))


def published(inputs: Inputs, rows: int) -> FolderStore:
    """The store of the release of so many villages, published unless another contender has.

    Raises:
        UnavailableError: An extra is not installed.
    """
    store = store_in(inputs.folder / f"releases-{rows}")
    try:
        if store.current() is None:
            with made_contents(made_villages(inputs, rows), made_facilities(inputs)) as contents:
                store.publish(contents)
    except MissingExtraError as error:
        raise UnavailableError(str(error)) from error
    return store


def postgis_url(inputs: Inputs) -> str:
    """The server that this run has started.

    Raises:
        UnavailableError: It has not, and why.
    """
    path = inputs.folder / URL_FILE
    said = path.read_text(encoding="utf-8") if path.exists() else "no server was started"
    if not said.startswith("postgresql://"):
        raise UnavailableError(said)
    return said


def postgis_store(url: str) -> PostgisStore:
    """A store in PostGIS.

    Raises:
        UnavailableError: An extra is not installed.
    """
    try:
        from geo_service.release.postgis_store import PostgisStore  # noqa: PLC0415 - a peer that may be absent
    except (ImportError, MissingExtraError) as error:
        raise UnavailableError(f"the extra 'postgis' is not installed: {error}") from error
    # What is measured may take longer than what a server would let anybody ask.
    return PostgisStore(url, PostgisSettings(statement_timeout_s=0))


def geopackage(inputs: Inputs, rows: int) -> Path:
    """The access rows as a GeoPackage with its spatial index, written unless another contender has."""
    path = inputs.folder / f"access-{rows}.gpkg"
    if not path.exists():
        with published(inputs, rows).open() as release:
            wanted = [
                one.name for one in release.collection("access").fields if one.name not in {"fid", "id"}
            ]
            with release.batches("access", Features(fields=tuple(wanted))) as stream:
                keep = [name for name in stream.schema.names if name != "fid"]
                schema = pa.schema([stream.schema.field(name) for name in keep])
                batches = (batch.select(keep) for batch in stream)
                beside = path.with_suffix(".part.gpkg")
                pyogrio.write_arrow(
                    pa.RecordBatchReader.from_batches(schema, batches),
                    beside,
                    driver="GPKG",
                    layer="access",
                    geometry_name="geometry",
                    geometry_type="Point",
                    crs="EPSG:4326",
                )
        beside.rename(path)
    return path
