"""Ways to publish access rows, to open what was published, and to ask of it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey
from geo_service.release.stores import copy_release
from tests.benchmarks.contender import Contender, UnavailableError
from tests.benchmarks.release_inputs import (
    PAGE,
    SERVICE,
    asked_of,
    geopackage,
    made_contents,
    made_facilities,
    made_villages,
    postgis_store,
    postgis_url,
    published,
    store_in,
)

if TYPE_CHECKING:
    from geo_service.release.folder_store import FolderStore
    from geo_service.release.postgis_store import PostgisStore
    from geo_service.release.protocol import Release

__all__ = [
    "AskDuckdb",
    "AskPostgis",
    "GeopackagePushed",
    "GeopackageWhole",
    "MeasureAndPublish",
    "OpenFolder",
    "OpenPostgis",
    "ParquetPushed",
    "Publish",
    "PushToPostgis",
    "WriteGeopackage",
    "WriteGeoparquet",
]

PAGES = 100
ACCESS = "access"


class Publish(Contender):
    """Ours, into a folder: written, synced, read back, pointed at. Access is measured before."""

    name = "geo_service publish, GeoParquet"
    note = "villages, facilities, access and tables; synced and verified; measuring not counted"
    repeats = 3

    def prepare(self) -> None:
        """Measure access."""
        self.stack = ExitStack()
        made = made_contents(made_villages(self.inputs, self.rows), made_facilities(self.inputs))
        self.contents = self.stack.enter_context(made)
        self.folder = Path(self.inputs.folder) / f"published-by-{type(self).__name__}"

    def run(self) -> Any:
        shutil.rmtree(self.folder, ignore_errors=True)
        return store_in(self.folder).publish(self.contents)

    def remark(self, result: Any) -> str:
        megabytes = sum(one.bytes for one in result.collections) / 1e6
        return f"{result.collection(ACCESS).rows:,} access rows, {megabytes:,.1f} MB"

    def close(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)


class MeasureAndPublish(Publish):
    """Ours, from villages and facilities in memory to a release in a folder."""

    name = "geo_service measure and publish"
    note = "from frames in memory: access of six services, tables, release"

    def prepare(self) -> None:
        self.villages = made_villages(self.inputs, self.rows)
        self.facilities = made_facilities(self.inputs)
        self.folder = Path(self.inputs.folder) / f"published-by-{type(self).__name__}"

    def run(self) -> Any:
        shutil.rmtree(self.folder, ignore_errors=True)
        with made_contents(self.villages, self.facilities) as contents:
            return store_in(self.folder).publish(contents)


class PushToPostgis(Contender):
    """Ours, the release of a folder into PostGIS."""

    name = "geo_service push to PostGIS"
    note = "COPY in binary, GiST and B-tree indexes, one transaction; a server with fsync off"
    repeats = 2

    def prepare(self) -> None:
        """Make a database for each run."""
        self.store = published(self.inputs, self.rows)
        url = postgis_url(self.inputs)
        psycopg = _psycopg()
        self.stores: list[PostgisStore] = []
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(self.repeats + 1):
                name = f"push_{self.rows}_{number}"
                connection.execute(f"CREATE DATABASE {name}")
                with psycopg.connect(url, dbname=name, autocommit=True) as other:
                    other.execute("CREATE EXTENSION postgis")
                self.stores.append(postgis_store(url.replace("/postgres?", f"/{name}?")))
        self.runs = 0

    def run(self) -> Any:
        target = self.stores[self.runs]
        self.runs += 1
        return copy_release(self.store, target)

    def helpers_peak_mb(self) -> float | None:
        return _backend_mb(postgis_url(self.inputs))

    def close(self) -> None:
        for store in getattr(self, "stores", []):
            store.close()


class WriteGeopackage(Contender):
    """geopandas, the access rows alone."""

    name = "geopandas.to_file, GeoPackage"
    note = "the access rows alone, from a frame in memory; use_arrow"
    sample = 100_000
    repeats = 2
    suffix = ".gpkg"

    def prepare(self) -> None:
        with published(self.inputs, self.rows).open() as release, release.batches(ACCESS, Features()) as rows:
            self.frame = gpd.GeoDataFrame.from_arrow(rows).drop(columns="fid")
        self.path = Path(self.inputs.folder) / f"written-by-{type(self).__name__}{self.suffix}"

    def run(self) -> Any:
        self.path.unlink(missing_ok=True)
        self.write()
        return self.path.stat().st_size

    def write(self) -> None:
        """The frame to the file."""
        self.frame.to_file(self.path, layer=ACCESS, engine="pyogrio", use_arrow=True)

    def remark(self, result: Any) -> str:
        return f"{len(self.frame):,} access rows, {result / 1e6:,.1f} MB"

    def close(self) -> None:
        if hasattr(self, "path"):
            self.path.unlink(missing_ok=True)


class WriteGeoparquet(WriteGeopackage):
    """geopandas, the access rows alone, in the format of a release."""

    name = "geopandas.to_parquet"
    note = "the access rows alone, from a frame in memory; zstd, covering"
    suffix = ".parquet"

    def write(self) -> None:
        self.frame.to_parquet(self.path, compression="zstd", write_covering_bbox=True)


class OpenFolder(Contender):
    """Ours: a release of a folder, opened and closed."""

    name = "geo_service open, GeoParquet"
    repeats = 7

    def prepare(self) -> None:
        self.store: FolderStore | PostgisStore = published(self.inputs, self.rows)

    def run(self) -> Any:
        with self.store.open() as release:
            return sum(one.rows for one in release.manifest.collections)

    def remark(self, result: Any) -> str:
        return f"{result:,} rows in all collections"


class OpenPostgis(OpenFolder):
    """Ours: a release in PostGIS, opened and closed."""

    name = "geo_service open, PostGIS"

    def prepare(self) -> None:
        self.store = _pushed(self.inputs, self.rows)

    def close(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


class AskContender(Contender):
    """A contender that is asked the question named in `details`."""

    repeats = 5

    def prepare(self) -> None:
        """Know the question: `attribute`, `box`, `pages`, `sorted pages` or `aggregate`."""
        self.question = self.details["question"]
        self.asked = asked_of(self.inputs, self.rows)
        self.where: str | None = f"service = '{SERVICE}'"
        if self.question == "attribute":
            self.where += f" AND households >= {self.asked.least_households}"
        if self.question == "aggregate":
            self.where = None
        self.box = self.asked.box if self.question == "box" else None
        self.pages = min(PAGES, -(-self.rows // PAGE))

    def run(self) -> Any:
        if self.question == "aggregate":
            return self.aggregate()
        if self.question in {"pages", "sorted pages"}:
            return np.concatenate(self.ids_of_pages())
        return self.ids()

    def ids(self) -> np.ndarray:
        """The ids of the features asked for, which were read with all of their fields."""
        raise NotImplementedError

    def ids_of_pages(self) -> list[np.ndarray]:
        """The ids of each page."""
        raise NotImplementedError

    def aggregate(self) -> np.ndarray:
        """How many rows each service and band has."""
        raise NotImplementedError

    def answer(self, result: Any) -> np.ndarray:
        values = np.asarray(result)
        numbers = values if values.dtype.kind == "i" else pd.util.hash_array(values.astype(object))
        return np.sort(numbers.astype(np.int64, copy=False))[:, None]

    def remark(self, result: Any) -> str:
        return f"{len(result):,} {'groups' if self.question == 'aggregate' else 'features'}"


class AskDuckdb(AskContender):
    """Ours over GeoParquet, the release open already."""

    name = "geo_service, DuckDB"

    def prepare(self) -> None:
        super().prepare()
        self.release: Release = self.opened()

    def opened(self) -> Release:
        """The release."""
        return published(self.inputs, self.rows).open()

    def features(self) -> Features:
        """The question as releases are asked."""
        sort = (SortKey("distance_m"),) if self.question == "sorted pages" else ()
        return Features(filter=parse_filter(self.where or ""), box=self.box, sort=sort)

    def ids(self) -> np.ndarray:
        with self.release.batches(ACCESS, self.features()) as stream:
            return stream.read_all()["id"].to_numpy()

    def ids_of_pages(self) -> list[np.ndarray]:
        features, cursor, found = self.features(), None, []
        for _ in range(self.pages):
            page = self.release.page(ACCESS, features, PAGE, cursor)
            found.append(page.features["id"].to_numpy())
            cursor = page.next
        return found

    def aggregate(self) -> np.ndarray:
        measures = (
            Measure(),
            Measure(Aggregate.SUM, "households"),
            Measure(Aggregate.MEAN, "distance_m"),
        )
        found = self.release.aggregate(ACCESS, Aggregation(("service", "band"), measures))
        return found["count"].to_numpy()

    def close(self) -> None:
        if hasattr(self, "release"):
            self.release.close()


class AskPostgis(AskDuckdb):
    """Ours over PostGIS, the release open already."""

    name = "geo_service, PostGIS"

    def opened(self) -> Release:
        self.store = _pushed(self.inputs, self.rows)
        return self.store.open()

    def helpers_peak_mb(self) -> float | None:
        return _backend_mb(postgis_url(self.inputs))

    def close(self) -> None:
        super().close()
        if hasattr(self, "store"):
            self.store.close()


class GeopackagePushed(AskContender):
    """geopandas over a GeoPackage that is told what is wanted."""

    name = "geopandas.read_file, GeoPackage, bbox= and where="
    note = "GDAL filters; spatial index, no index of attributes; use_arrow"

    def prepare(self) -> None:
        super().prepare()
        self.path = geopackage(self.inputs, self.rows)

    def read(self, **options: Any) -> gpd.GeoDataFrame:
        """Some of the layer."""
        return gpd.read_file(self.path, engine="pyogrio", use_arrow=True, **options)

    def ids(self) -> np.ndarray:
        return self.read(bbox=self.box, where=self.where)["id"].to_numpy()

    def ids_of_pages(self) -> list[np.ndarray]:
        found = []
        for first in range(0, self.pages * PAGE, PAGE):
            if self.question == "pages":
                page = self.read(where=self.where, rows=slice(first, first + PAGE))
            else:
                order = "ORDER BY distance_m NULLS LAST, fid"
                sql = f"SELECT * FROM access WHERE {self.where} {order} LIMIT {PAGE} OFFSET {first}"
                page = self.read(sql=sql)
            found.append(page["id"].to_numpy())
        return found

    def aggregate(self) -> np.ndarray:
        sql = """
            SELECT service, band, count(*) AS n, sum(households) AS households, avg(distance_m) AS distance_m
            FROM access GROUP BY service, band
        """
        found = pyogrio.read_dataframe(self.path, sql=sql, use_arrow=True)
        return found["n"].to_numpy().astype(np.int64)


class GeopackageWhole(GeopackagePushed):
    """geopandas over a GeoPackage that is read whole and then filtered, sorted, paged or grouped in memory."""

    name = "geopandas.read_file, GeoPackage, whole"
    note = "the whole layer, then pandas; for pages it is read once; use_arrow"
    repeats = 2

    def ids(self) -> np.ndarray:
        frame = self.read()
        if self.box is not None:
            west, south, east, north = self.box
            frame = frame.cx[west:east, south:north]
        return frame.query(self.query())["id"].to_numpy()

    def query(self) -> str:
        """The filter as pandas has it."""
        return (self.where or "").replace("service =", "service ==").replace("AND", "and")

    def ids_of_pages(self) -> list[np.ndarray]:
        frame = self.read().query(self.query())
        if self.question == "sorted pages":
            frame = frame.sort_values("distance_m", kind="stable", na_position="last")
        return [
            frame.iloc[first : first + PAGE]["id"].to_numpy() for first in range(0, self.pages * PAGE, PAGE)
        ]

    def aggregate(self) -> np.ndarray:
        groups = self.read(ignore_geometry=True).groupby(["service", "band"], dropna=False)
        found = groups.agg(n=("id", "size"), households=("households", "sum"), mean=("distance_m", "mean"))
        return found["n"].to_numpy().astype(np.int64)


class ParquetPushed(AskContender):
    """geopandas over the very file of the release, told what is wanted."""

    name = "geopandas.read_parquet, the release's file, bbox= and filters="
    note = "for a question of an attribute or a box"

    def prepare(self) -> None:
        super().prepare()
        if self.question not in {"attribute", "box"}:
            raise UnavailableError("it has no pages and no groups")
        store = published(self.inputs, self.rows)
        with store.open() as release:
            file = release.collection(ACCESS).file
            self.path = Path(store.name) / release.manifest.id / file

    def ids(self) -> np.ndarray:
        filters: list[tuple[str, str, Any]] = [("service", "==", SERVICE)]
        if self.question == "attribute":
            filters.append(("households", ">=", self.asked.least_households))
        return gpd.read_parquet(self.path, bbox=self.box, filters=filters)["id"].to_numpy()


def _pushed(inputs: Any, rows: int) -> PostgisStore:
    """The release of so many villages in PostGIS, pushed unless another contender has; it is the one that counts."""
    store, target = published(inputs, rows), postgis_store(postgis_url(inputs))
    wanted = store.find(None)
    if wanted not in {one.id for one in target.entries()}:
        copy_release(store, target)
    elif target.current() != wanted:
        target.use(wanted)
    return target


def _psycopg() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - a peer that may be absent
    except ImportError:
        raise UnavailableError("psycopg is not installed") from None
    return psycopg


def _backend_mb(url: str) -> float | None:
    """The most memory that a server process of a client that is connected has had, shared buffers it touched included."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with _psycopg().connect(url) as connection:
        statuses = [Path(f"/proc/{pid}/status") for (pid,) in connection.execute(query)]
    peaks = [
        int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 for status in statuses if status.exists()
    ]
    return max(peaks, default=None)
