"""A release of rows in memory: what an export needs of a release, and a stream that can be made to break or to be long."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo_service.query.questions import Aggregate
from geo_service.release.manifest import Manifest
from geo_service.release.parts import Part, arrow_schema
from geo_service.release.writer import write_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo_service.query.questions import Aggregation, Features
    from geo_service.release.manifest import Collection, CollectionField
    from geo_service.release.parts import Contents

__all__ = ["RowsRelease", "manifest_of", "release_of", "rows_part"]


def manifest_of(contents: Contents, collections: tuple[Collection, ...]) -> Manifest:
    """The manifest of contents whose collections are known."""
    return Manifest(
        id="0" * 32,
        round=contents.round,
        licences=contents.licences,
        notes=contents.notes,
        collections=collections,
    ).identified()


class RowsRelease:
    """The rows of parts, as they are: it leaves out fields, and of a box all features without a geometry."""

    def __init__(self, manifest: Manifest, rows: dict[str, Callable[[], Iterator[pa.RecordBatch]]]) -> None:
        self.manifest = manifest
        self._rows = rows

    def collection(self, name: str) -> Collection:
        return self.manifest.collection(name)

    def schema(self, name: str, features: Features) -> pa.Schema:
        collection = self.collection(name)
        if features.fields is None:
            wanted = {one.name for one in collection.fields}
            wanted -= set() if features.geometry else {collection.geometry}
        else:
            wanted = {"fid", "id", *features.fields}
        return arrow_schema(one for one in collection.fields if one.name in wanted)

    @contextmanager
    def batches(self, name: str, features: Features, rows: int = 65_536) -> Iterator[pa.RecordBatchReader]:
        schema = self.schema(name, features)

        def cut() -> Iterator[pa.RecordBatch]:
            for batch in self._rows[name]():
                for at in range(0, batch.num_rows, rows):
                    part = batch.slice(at, rows)
                    yield pa.RecordBatch.from_arrays([part[one] for one in schema.names], schema=schema)

        yield pa.RecordBatchReader.from_batches(schema, cut())

    def table(self, name: str) -> pa.Table:
        """All rows of a collection."""
        return pa.Table.from_batches(self._rows[name]())

    def count(self, name: str, features: Features) -> int:
        if features.box is None:
            return self.collection(name).rows
        shapes = shapely.from_wkb(self.table(name)[self.collection(name).geometry].to_numpy())
        return int((~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum())

    def aggregate(self, name: str, aggregation: Aggregation) -> pa.Table:
        table = self.table(name)
        of = {Aggregate.MIN: pc.min, Aggregate.MAX: pc.max}
        return pa.table({one.column: [of[one.aggregate](table[one.of])] for one in aggregation.measures})


def release_of(contents: Contents) -> RowsRelease:
    """A release of contents."""
    return RowsRelease(
        manifest_of(contents, tuple(write_part(part) for part in contents.parts)),
        {part.name: part.rows for part in contents.parts},
    )


def rows_part(name: str, fields: tuple[CollectionField, ...], columns: dict[str, list]) -> RowsRelease:
    """A release of one layer, or without `geometry` of one frame, of plain values; geometries are shapely's."""
    length = len(next(iter(columns.values())))
    rows = {"fid": range(1, length + 1), "id": [f"i-{one}" for one in range(length)], **columns}
    if "geometry" in rows:
        rows["geometry"] = [one if one is None else shapely.to_wkb(one) for one in rows["geometry"]]
    schema = arrow_schema(fields)
    batch = pa.RecordBatch.from_arrays([pa.array(rows[one.name], one.type) for one in schema], schema=schema)
    part = Part(
        name,
        "layer" if "geometry" in rows else "frame",
        {"en": name.title(), "ru": "Слой", "kk": "Қабат"},
        fields,
        lambda: iter([batch]),
        "geometry" if "geometry" in rows else None,
    )
    return RowsRelease(Manifest(id="0" * 32, collections=(write_part(part),)).identified(), {name: part.rows})
