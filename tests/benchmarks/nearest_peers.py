"""Ways to the nearest facilities of household points."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.spatial import cKDTree

import geo_service
from geo_service.coverage.access import access
from geo_service.spatial.geodesy import ecef_m
from geo_service.vocabulary import Service
from tests.benchmarks.contender import Contender, UnavailableError, first_of_each
from tests.benchmarks.inputs import SERVICES, facility_frame

__all__ = [
    "ExactAccess",
    "ExactNearest",
    "Floor",
    "PostgisNearest",
    "SedonaPlanar",
    "SedonaSpheroid",
    "SixFloors",
    "SjoinNearestConic",
    "SjoinNearestUtm",
]

GEOD = Geod(ellps="WGS84")
EQUIDISTANT_CONIC = "+proj=eqdc +lat_1=42 +lat_2=54 +lat_0=48 +lon_0=67 +datum=WGS84 +units=m"
FLOOR_CHUNK_ROWS = 32_768


class NearestContender(Contender):
    """A contender over points and the first service's facilities."""

    def prepare(self) -> None:
        """Read both as arrays."""
        self.k = int(self.details.get("k", 1))
        self.points = self.inputs.lon_lat("households", self.rows)
        self.facilities = self.inputs.lon_lat("facilities-0")


class ExactNearest(NearestContender):
    """Ours, frame in and frame out."""

    name = "geo_service.nearest"
    note = "frame in, frame out, index built each time"

    def prepare(self) -> None:
        super().prepare()
        self.households = gpd.GeoSeries(gpd.points_from_xy(*self.points.T), crs="EPSG:4326")
        self.hospitals = facility_frame(self.facilities)
        del self.points
        geo_service.nearest(self.households[:1000], self.hospitals, k=self.k)

    def run(self) -> Any:
        return geo_service.nearest(self.households, self.hospitals, k=self.k)

    def answer(self, result: Any) -> np.ndarray:
        position = pd.Series(np.arange(len(self.hospitals)), index=self.hospitals["facility_id"])
        return position.reindex(result["facility_id"]).to_numpy().reshape(self.rows, self.k)


class Floor(NearestContender):
    """What cannot be avoided: candidates by chord, one geodesic each. Nothing is certified, ordered or put into a frame."""

    name = "floor"
    note = "ECEF + cKDTree on all cores + one Geod.inv a point and rank in threads; arrays in, arrays out, not certified"

    def run(self) -> Any:
        return floor(self.points, self.facilities, self.k)

    def answer(self, result: Any) -> np.ndarray:
        return result[0]


def floor(points: np.ndarray, facilities: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and metres of the `k` facilities with the shortest chords, shape (n, k)."""
    lon, lat = np.ascontiguousarray(points.T)
    to_lon, to_lat = np.ascontiguousarray(facilities.T)
    _, found = cKDTree(ecef_m(to_lon, to_lat)).query(ecef_m(lon, lat), k=k, workers=-1)
    found = found.reshape(len(lon), k)
    distance_m = np.empty(found.shape)

    def measure(start: int) -> None:
        rows = slice(start, start + FLOOR_CHUNK_ROWS)
        for rank in range(k):
            to = found[rows, rank]
            distance_m[rows, rank] = GEOD.inv(lon[rows], lat[rows], to_lon[to], to_lat[to])[2]

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(measure, range(0, len(lon), FLOOR_CHUNK_ROWS)))
    return found, distance_m


class SjoinNearestConic(NearestContender):
    """geopandas in an equidistant conic projection of the country."""

    name = "geopandas.sjoin_nearest, equidistant conic"
    note = f"{EQUIDISTANT_CONIC}; projecting both layers is part of the time"
    crs = EQUIDISTANT_CONIC

    def prepare(self) -> None:
        super().prepare()
        if self.k != 1:
            raise UnavailableError("sjoin_nearest has no k")
        households = {"row": np.arange(self.rows)}
        self.households = gpd.GeoDataFrame(
            households, geometry=gpd.points_from_xy(*self.points.T), crs="EPSG:4326"
        )
        self.hospitals = facility_frame(self.facilities).assign(position=np.arange(len(self.facilities)))
        gpd.sjoin_nearest(self.households[:1000].to_crs(self.crs), self.hospitals.to_crs(self.crs))

    def run(self) -> Any:
        start = time.perf_counter()
        households, hospitals = self.households.to_crs(self.crs), self.hospitals.to_crs(self.crs)
        self.parts = {"projecting": time.perf_counter() - start}
        return gpd.sjoin_nearest(households, hospitals, distance_col="distance_m")

    def answer(self, result: Any) -> np.ndarray:
        return first_of_each(result["row"].to_numpy(), result["position"].to_numpy(), self.rows)


class SjoinNearestUtm(SjoinNearestConic):
    """geopandas in the projection that most would take."""

    name = "geopandas.sjoin_nearest, UTM 42N"
    note = "EPSG:32642; projecting both layers is part of the time"
    crs = "EPSG:32642"


class PostgisNearest(NearestContender):
    """PostGIS geography with a GiST index. Loading and indexing are not part of the time."""

    name = "PostGIS geography <->"
    note = "k-NN over a GiST index, which ranks on a sphere; parallel plans allowed; loading and indexing not counted"
    sample = 5_000
    repeats = 3

    def prepare(self) -> None:
        super().prepare()
        try:
            import psycopg  # noqa: PLC0415 - a peer that may be absent
        except ImportError:
            raise UnavailableError("psycopg is not installed") from None
        from tests.postgis_server import PostgisError, temporary_postgis  # noqa: PLC0415 - Unix only

        self.stack = ExitStack()
        try:
            url = self.stack.enter_context(temporary_postgis(shared_buffers="256MB", jit="off"))
        except PostgisError as error:
            raise UnavailableError(f"the server did not start: {error}") from error
        self.database = self.stack.enter_context(psycopg.connect(url, autocommit=True))
        for table, lon_lat in (("household", self.points), ("facility", self.facilities)):
            self.database.execute(f"CREATE TABLE {table} (number int, lon float8, lat float8)")
            with self.database.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for number, (lon, lat) in enumerate(lon_lat.tolist()):
                    copy.write_row((number, lon, lat))
            self.database.execute(f"ALTER TABLE {table} ADD place geography(Point, 4326)")
            self.database.execute(f"UPDATE {table} SET place = ST_Point(lon, lat, 4326)::geography")
        self.database.execute("CREATE INDEX ON facility USING gist (place)")
        for setting in (
            "parallel_setup_cost = 0",
            "parallel_tuple_cost = 0",
            "min_parallel_table_scan_size = 0",
        ):
            self.database.execute(f"SET {setting}")
        self.database.execute(f"SET max_parallel_workers_per_gather = {os.cpu_count()}")
        self.database.execute("VACUUM ANALYZE household")
        self.database.execute("VACUUM ANALYZE facility")
        self.backend = self.database.info.backend_pid

    def run(self) -> Any:
        query = """
            SELECT h.number, f.number, f.distance_m
            FROM household h
            CROSS JOIN LATERAL (
                SELECT number, place <-> h.place AS distance_m FROM facility ORDER BY place <-> h.place LIMIT %s
            ) AS f
        """
        return self.database.execute(query, [self.k], binary=True).fetchall()

    def answer(self, result: Any) -> np.ndarray:
        row, chosen, distance_m = np.array(result, dtype=float).T
        return ranked_answer(row, chosen, distance_m, self.rows, self.k)

    def remark(self, result: Any) -> str:  # noqa: ARG002 - the same for every result
        return f"PostGIS {self.database.execute('SELECT postgis_lib_version()').fetchone()[0]}"

    def helpers_peak_mb(self) -> float | None:
        status = Path(f"/proc/{self.backend}/status")
        if not status.exists():
            return None
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024

    def close(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()


def ranked_answer(
    row: np.ndarray, chosen: np.ndarray, distance_m: np.ndarray, rows: int, k: int
) -> np.ndarray:
    """Positions nearest first, shape (rows, k), of pairs in any order; -1 where a row has fewer."""
    in_order = np.lexsort((distance_m, row))
    row, chosen = row[in_order].astype(np.intp), chosen[in_order].astype(np.intp)
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    answer = np.full((rows, k), -1)
    answer[row[rank < k], rank[rank < k]] = chosen[rank < k]
    return answer


class SedonaPlanar(NearestContender):
    """SedonaDB on longitude and latitude as if they were a plane, its default."""

    name = "SedonaDB ST_KNN, planar"
    note = "on longitude and latitude as they are"
    spheroid = False
    repeats = 3

    def prepare(self) -> None:
        super().prepare()
        try:
            import sedona.db  # noqa: PLC0415 - a peer that may be absent
        except ImportError:
            raise UnavailableError("apache-sedona[db] is not installed") from None
        self.sedona = sedona.db.connect()
        for name, lon_lat in (("household", self.points), ("facility", self.facilities)):
            frame = {"number": np.arange(len(lon_lat))}
            places = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*lon_lat.T), crs="EPSG:4326")
            self.sedona.create_data_frame(places).to_view(name)

    def run(self) -> Any:
        return self.sedona.sql(
            "SELECT household.number AS household, facility.number AS facility FROM household JOIN facility "
            f"ON ST_KNN(household.geometry, facility.geometry, {self.k}, {str(self.spheroid).lower()})"
        ).to_pandas()

    def answer(self, result: Any) -> np.ndarray:
        # A join has no ranks: the pairs are put in order by what this peer went by.
        row, chosen = result["household"].to_numpy(), result["facility"].to_numpy()
        place, to = self.points[row], self.facilities[chosen]
        distance = self.apart(place, to)
        return ranked_answer(row, chosen, distance, self.rows, self.k)

    def apart(self, place: np.ndarray, to: np.ndarray) -> np.ndarray:
        """How far apart pairs are, by the measure of this peer."""
        return np.hypot(*(place - to).T)


class SedonaSpheroid(SedonaPlanar):
    """SedonaDB with `use_spheroid`, which measures on a sphere and has no bound to prune by."""

    name = "SedonaDB ST_KNN, use_spheroid"
    note = "ranks on a sphere"
    spheroid = True
    sample = 2_000
    repeats = 3

    def apart(self, place: np.ndarray, to: np.ndarray) -> np.ndarray:
        (lon, lat), (to_lon, to_lat) = np.radians(place.T), np.radians(to.T)
        half = (
            np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
        )
        return np.arcsin(np.sqrt(half))


class ExactAccess(Contender):
    """Ours: the whole access frame of six services."""

    name = "geo_service.coverage.access"
    note = "six services of as many facilities each; bands, presence and a frame of 16 columns included"
    repeats = 3

    def prepare(self) -> None:
        points = self.inputs.lon_lat("households", self.rows)
        ids = pd.Series(np.arange(self.rows)).astype("string")
        self.households = gpd.GeoDataFrame(
            {
                "village_id": ids,
                "village_name": ids,
                "households": pd.Series(1, index=ids.index, dtype="Int64"),
            },
            geometry=gpd.points_from_xy(*points.T),
            crs="EPSG:4326",
        )
        self.layers = {
            service: facility_frame(self.inputs.lon_lat(f"facilities-{number}"), service.value)
            for number, service in enumerate(Service)
        }
        access(self.households[:1000], self.layers)

    def run(self) -> Any:
        return access(self.households, self.layers)


class SixFloors(Contender):
    """The floor, once a service."""

    name = "6 x floor"
    note = "arrays in, arrays out: no bands, no frame"
    repeats = 3

    def prepare(self) -> None:
        self.points = self.inputs.lon_lat("households", self.rows)
        self.layers = [self.inputs.lon_lat(f"facilities-{number}") for number in range(SERVICES)]

    def run(self) -> Any:
        return [floor(self.points, layer, 1) for layer in self.layers]
