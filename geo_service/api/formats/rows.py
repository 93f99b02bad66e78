"""The rows of an answer as features of a release, so that each writer of exports can write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo_service.api.answers import Answer
from geo_service.export.streams import FeatureStream, geometries_of
from geo_service.query.properties import PropertyType
from geo_service.query.questions import Aggregate, Aggregation, Features
from geo_service.release.manifest import Collection, CollectionField
from geo_service.release.parts import arrow_schema
from geo_service.release.protocol import Release
from geo_service.vocabulary import Language

__all__ = ["stream_of"]

_NO_FILE = "0" * 64

_TYPES = (
    (pa.types.is_boolean, PropertyType.BOOLEAN),
    (pa.types.is_integer, PropertyType.INTEGER),
    (pa.types.is_floating, PropertyType.NUMBER),
    (pa.types.is_decimal, PropertyType.NUMBER),
    (pa.types.is_date, PropertyType.DATE),
    (pa.types.is_binary, PropertyType.GEOMETRY),
)


def stream_of(answer: Answer) -> FeatureStream:
    """The rows of an answer on their way into a file; lists and objects are JSON in it, points in time are ISO texts."""
    rows = _RowsRelease(answer)
    return _AnswerStream(
        cast("Release", rows),
        rows.name,
        Features(),
        Language(answer.language),
        said=answer.about,
        title=answer.title,
    )


@dataclass(frozen=True)
class _AnswerStream(FeatureStream):
    said: dict[str, Any] | None = None
    title: str = ""

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the file says of itself: what the answer does."""
        flat = {
            name: json.dumps(value, ensure_ascii=False, default=str)
            if isinstance(value, dict | list | tuple)
            else value
            for name, value in (self.said or {}).items()
        }
        return {"title": self.title} | {
            name: value for name, value in flat.items() if value is not None and value != ""
        }


class _RowsRelease:
    """As much of a release as a stream asks for."""

    def __init__(self, answer: Answer) -> None:
        self.name = (re.sub(r"[^a-z0-9_]", "_", answer.name.lower()).lstrip("_0123456789") or "rows")[:63]
        fields = tuple(
            CollectionField(name=one.name, type=_type(one, answer.geometry)) for one in answer.rows.schema
        )
        # A writer takes the geometry from the last column.
        fields = tuple(sorted(fields, key=lambda one: one.name == answer.geometry))
        self._schema = arrow_schema(fields)
        self._rows = pa.Table.from_arrays(
            [_as_type(answer.rows[one.name], one.type) for one in self._schema], schema=self._schema
        ).combine_chunks()
        self._geometry = answer.geometry
        self._collection = Collection(
            name=self.name,
            kind="table" if answer.geometry is None else "layer",
            title={Language(answer.language): answer.title},
            file=f"{self.name}.parquet",
            sha256=_NO_FILE,
            rows_sha256=_NO_FILE,
            bytes=0,
            rows=self._rows.num_rows,
            fields=fields,
            geometry=answer.geometry,
            geometry_types=self._geometry_types(),
        )

    def collection(self, _: str) -> Collection:
        return self._collection

    def schema(self, _: str, __: Features) -> pa.Schema:
        return self._schema

    def count(self, _: str, features: Features) -> int:
        if features.box is None or self._geometry is None:
            return self._collection.rows
        shapes: list[Any] = geometries_of(self._rows[self._geometry]).tolist()
        return len(shapes) - shapes.count(None)

    @contextmanager
    def batches(self, _: str, features: Features, rows: int = 65_536) -> Iterator[pa.RecordBatchReader]:
        wanted = self._schema.names if features.fields is None else list(features.fields)
        yield self._rows.select(wanted).to_reader(max_chunksize=rows)

    def aggregate(self, _: str, aggregation: Aggregation) -> pa.Table:
        of = {Aggregate.MIN: pc.min, Aggregate.MAX: pc.max}
        return pa.table(
            {one.column: [of[one.aggregate](self._rows[one.of]).as_py()] for one in aggregation.measures}
        )

    def _geometry_types(self) -> tuple[str, ...]:
        if self._geometry is None:
            return ()
        shapes = shapely.from_wkb(self._rows[self._geometry].to_numpy())
        return tuple(sorted({one.geom_type for one in shapes if one is not None}))


def _type(field: pa.Field, geometry: str | None) -> PropertyType:
    if field.name == geometry:
        return PropertyType.GEOMETRY
    return next((kind for is_kind, kind in _TYPES if is_kind(field.type)), PropertyType.TEXT)


def _as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    found = column.type
    if pa.types.is_nested(found):
        texts = [
            None if one is None else orjson.dumps(one, default=str).decode() for one in column.to_pylist()
        ]
        return pa.chunked_array([pa.array(texts, kind)])
    if pa.types.is_timestamp(found):
        texts = [one and one.isoformat() for one in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, kind)])
    return column.cast(kind)
