"""Ways to publish access rows and to open what was published."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from geo_service.query.questions import Features
from geo_service.release.stores import copy_release
from tests.benchmarks.contender import Contender, UnavailableError
from tests.benchmarks.release_inputs import (
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
    from tests.benchmarks.inputs import Inputs

__all__ = [
    "ACCESS",
    "MeasureAndPublish",
    "OpenFolder",
    "OpenPostgis",
    "Publish",
    "PushToPostgis",
    "WriteGeopackage",
    "WriteGeoparquet",
    "backend_mb",
    "pushed",
]

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
        psycopg = psycopg_or_skip()
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
        return backend_mb(postgis_url(self.inputs))

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
        self.store = pushed(self.inputs, self.rows)

    def close(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


def pushed(inputs: Inputs, rows: int) -> PostgisStore:
    """The release of so many villages in PostGIS, pushed unless another contender has; it is the one that counts."""
    store, target = published(inputs, rows), postgis_store(postgis_url(inputs))
    wanted = store.find(None)
    if wanted not in {one.id for one in target.entries()}:
        copy_release(store, target)
    elif target.current() != wanted:
        target.use(wanted)
    return target


def psycopg_or_skip() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - a peer that may be absent
    except ImportError:
        raise UnavailableError("psycopg is not installed") from None
    return psycopg


def backend_mb(url: str) -> float | None:
    """The most memory that a server process of a client that is connected has had, shared buffers it touched included."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg_or_skip().connect(url) as connection:
        statuses = [Path(f"/proc/{pid}/status") for (pid,) in connection.execute(query)]
    peaks = [
        int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 for status in statuses if status.exists()
    ]
    return max(peaks, default=None)
