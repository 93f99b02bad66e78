"""Features of a release on their way into a file, a batch at a time."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from geo_service.query.properties import PropertyType
from geo_service.query.questions import Aggregate, Aggregation, Measure
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geo_service.query.questions import Features
    from geo_service.release.manifest import Collection, Manifest
    from geo_service.release.protocol import Release

__all__ = ["FeatureStream", "about_features", "geometries_of"]

BATCH_ROWS = 16_384

WORLD = (-180.0, -90.0, 180.0, 90.0)

_GEOMETRY_TYPES = {
    0: "Point",
    1: "LineString",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}


@dataclass(frozen=True)
class FeatureStream:
    """Features of one collection, asked for once they are written.

    Attributes:
        release: Where they come from.
        name: The collection.
        features: Which of its features.
        language: Of what the file says about itself.
        progress: Called with the number of features written so far.
    """

    release: Release
    name: str
    features: Features
    language: Language = Language.EN
    progress: Callable[[int], None] | None = None

    @cached_property
    def collection(self) -> Collection:
        """The collection."""
        return self.release.collection(self.name)

    @cached_property
    def whole_schema(self) -> pa.Schema:
        """The columns that were asked for."""
        return self.release.schema(self.name, self.features)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns that were asked for, of geometries only the collection's own."""
        others = {
            one.name
            for one in self.collection.fields
            if one.type is PropertyType.GEOMETRY and one.name != self.collection.geometry
        }
        return pa.schema([one for one in self.whole_schema if one.name not in others])

    @property
    def geometry(self) -> str | None:
        """The column of the geometry; null where there is none or it was not asked for."""
        name = self.collection.geometry
        return name if name in self.whole_schema.names else None

    @property
    def properties(self) -> list[pa.Field]:
        """All columns but geometries."""
        return [one for one in self.schema if one.name != self.geometry]

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the file says of itself."""
        return about_features(self.release.manifest, self.collection, self.features, self.language)

    @property
    def about_text(self) -> str:
        """The same as JSON."""
        return json.dumps(self.about, ensure_ascii=False)

    @property
    def is_part(self) -> bool:
        """Whether some features of the collection may be left out."""
        return self.features.narrows

    @cached_property
    def count(self) -> int:
        """How many features there are."""
        return self.release.count(self.name, self.features) if self.is_part else self.collection.rows

    @contextmanager
    def batches(self) -> Iterator[Iterator[pa.RecordBatch]]:
        """The features, with the columns of `whole_schema`; `progress` hears of each batch once the next one is asked for."""

        def each(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
            written = 0
            for batch in reader:
                yield batch
                written += batch.num_rows
                if self.progress is not None:
                    self.progress(written)

        with self.release.batches(self.name, self.features, BATCH_ROWS) as reader:
            yield each(reader)

    @contextmanager
    def reader(
        self, schema: pa.Schema, change: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> Iterator[pa.RecordBatchReader]:
        """The features as an Arrow stream for another library, each batch changed.

        Whatever ends the stream early is raised as it is, not as what that library makes of it.
        """
        failed: list[BaseException] = []

        def changed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            try:
                for batch in batches:
                    yield change(batch)
            except Exception as error:
                failed.append(error)
                raise
            except KeyboardInterrupt as error:
                failed.append(error)
                raise

        with self.batches() as batches:
            try:
                yield pa.RecordBatchReader.from_batches(schema, changed(batches))
            except Exception:
                if failed:
                    raise failed[0] from None
                raise

    def ranges(self) -> dict[str, tuple[int, int]]:
        """The least and the largest value of each column of integers that has any."""
        names = [one.name for one in self.properties if pa.types.is_integer(one.type)]
        measures = tuple(Measure(kind, one) for one in names for kind in (Aggregate.MIN, Aggregate.MAX))
        [row] = self.release.aggregate(
            self.name, Aggregation(measures=measures, of=self.features)
        ).to_pylist() or [{}]
        found = {one: (row.get(f"min_{one}"), row.get(f"max_{one}")) for one in names}
        return {one: (low, high) for one, (low, high) in found.items() if low is not None is not high}

    def has_all_geometries(self) -> bool:
        """Whether there are features and each has a geometry that is not empty."""
        placed = self.features if self.features.box else replace(self.features, box=WORLD)
        return 0 < self.count == self.release.count(self.name, placed)

    def geometry_types(self, *, exact: bool = False) -> set[str]:
        """GeoJSON's names of the types that occur.

        Args:
            exact: Look at each geometry where features are left out; else the types of the whole collection.
        """
        if not (exact and self.is_part and self.geometry):
            return set(self.collection.geometry_types)
        only = replace(self.features, fields=(self.geometry,), sort=())
        found: set[int] = set()
        with self.release.batches(self.name, only, BATCH_ROWS) as reader:
            for batch in reader:
                found |= set(shapely.get_type_id(geometries_of(batch[self.geometry])).tolist())
        return {name for number, name in _GEOMETRY_TYPES.items() if number in found}


def geometries_of(column: pa.Array) -> NDArray[np.object_]:
    """The geometries of a column of WKB, shape (n,); null for null and for empty ones."""
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    shapes[shapely.is_empty(shapes)] = None
    return np.asarray(shapes, dtype=object)


def about_features(
    manifest: Manifest, collection: Collection, features: Features, language: Language
) -> dict[str, Any]:
    """What a file of features says of itself: what it is, of which release, whose data, what to know, which part it is."""
    survey = manifest.round
    said: dict[str, Any] = {
        "title": collection.title.get(language, collection.name),
        "collection": collection.name,
        "release": manifest.id,
        "round": survey and survey.number,
        "country": survey and survey.country,
        "collected_from": survey and survey.collected_from,
        "collected_to": survey and survey.collected_to,
        "synthetic": survey and survey.synthetic,
        **{key: _in_language(value, language) for key, value in collection.about.items()},
        "note": " ".join(note[language] for note in manifest.notes if language in note),
        "attribution": "; ".join(manifest.licences),
        "filter": features.filter and json.dumps(features.filter.tree, ensure_ascii=False),
        "bbox": features.box and ",".join(f"{one:.15g}" for one in features.box),
        "datetime": features.time
        and "/".join(day.isoformat() if day else ".." for day in (features.time.first, features.time.last)),
        "ids": features.ids and ", ".join(features.ids),
    }
    return {key: value for key, value in said.items() if value is not None and value != ""}


def _in_language(value: Any, language: Language) -> Any:
    """What is said in this language, where it is said by language."""
    if isinstance(value, dict) and value and set(value) <= {one.value for one in Language}:
        return value.get(language.value)
    return value
