"""Ways to ask a release, and the same rows in other files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey
from tests.benchmarks.contender import Contender, UnavailableError
from tests.benchmarks.release_inputs import PAGE, SERVICE, asked_of, geopackage, postgis_url, published
from tests.benchmarks.release_writers import ACCESS, backend_mb, pushed

if TYPE_CHECKING:
    from geo_service.release.protocol import Release

__all__ = ["AskDuckdb", "AskPostgis", "GeopackagePushed", "GeopackageWhole", "ParquetPushed"]

PAGES = 100


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
        self.store = pushed(self.inputs, self.rows)
        return self.store.open()

    def helpers_peak_mb(self) -> float | None:
        return backend_mb(postgis_url(self.inputs))

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
