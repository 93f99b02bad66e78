"""What a release is written from: one part a collection, its rows as a stream of Arrow batches in their final order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from geo_service.errors import InputError
from geo_service.query.properties import PropertyType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from geo_service.release.manifest import Collection, CollectionField, CollectionKind, Input, RoundOf
    from geo_service.vocabulary import Language

__all__ = ["Contents", "Part", "arrow_schema", "arrow_type"]

_ARROW_TYPES = {
    PropertyType.TEXT: pa.string(),
    PropertyType.INTEGER: pa.int64(),
    PropertyType.NUMBER: pa.float64(),
    PropertyType.BOOLEAN: pa.bool_(),
    PropertyType.DATE: pa.date32(),
    PropertyType.GEOMETRY: pa.binary(),
}

_WKB = {b"ARROW:extension:name": b"geoarrow.wkb", b"ARROW:extension:metadata": b'{"crs":"OGC:CRS84"}'}


def arrow_type(kind: PropertyType) -> pa.DataType:
    """The one Arrow type of a property's type; geometries are WKB."""
    return _ARROW_TYPES[kind]


def arrow_schema(fields: Iterable[CollectionField]) -> pa.Schema:
    """The Arrow schema of columns; a geometry's column is marked as `geoarrow.wkb` in OGC:CRS84."""
    return pa.schema(
        [
            pa.field(
                one.name,
                arrow_type(one.type),
                nullable=one.nullable,
                metadata=_WKB if one.type is PropertyType.GEOMETRY else None,
            )
            for one in fields
        ]
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A collection before it is written.

    Attributes:
        name: The collection's name.
        kind: Layer, frame or table.
        title: In each language.
        fields: Its columns: `fid` and `id` first, the geometry last.
        rows: Gives the rows anew each time it is called: batches of `arrow_schema(fields)`, of any length, `fid` from 1 upwards without a gap.
        geometry: The column of the geometry; null where there is none.
        time: The column of dates; null where there is none.
        about: What it says of itself; see `Collection.about`.
    """

    name: str
    kind: CollectionKind
    title: dict[Language, str]
    fields: tuple[CollectionField, ...]
    rows: Callable[[], Iterator[pa.RecordBatch]]
    geometry: str | None = None
    time: str | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, collection: Collection, rows: Callable[[], Iterator[pa.RecordBatch]]) -> Part:
        """The part that writes a collection again, byte for byte, from its rows."""
        return cls(
            collection.name,
            collection.kind,
            collection.title,
            collection.fields,
            rows,
            collection.geometry,
            collection.time,
            collection.about,
        )


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a release is made of, before it has an id.

    Attributes:
        parts: In the order of the report. They are asked for their rows one after the other, in this order.
        inputs, parameters, versions, licences, notes, round: As in `Manifest`.
    """

    parts: tuple[Part, ...]
    inputs: tuple[Input, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    notes: tuple[dict[Language, str], ...] = ()
    round: RoundOf | None = None

    def __post_init__(self) -> None:
        """Refuse two parts of one name.

        Raises:
            InputError: There are.
        """
        names = [part.name for part in self.parts]
        for name in names:
            if names.count(name) > 1:
                raise InputError(
                    f"two collections of the release are called '{name}'; give each its own name"
                )
