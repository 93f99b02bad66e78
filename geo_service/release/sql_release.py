"""What a release that is asked in SQL can do, whichever database answers: all of the protocol but the database's own part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pyarrow as pa
import pyarrow.compute as pc

from geo_service.errors import FilterError, NotFoundError
from geo_service.query.cursors import question_of, read_cursor, write_cursor
from geo_service.query.properties import FID, ID, PropertyType, Queryables
from geo_service.query.questions import Aggregate, Aggregation, Features
from geo_service.query.statements import (
    aggregate_statement,
    count_statement,
    features_statement,
    position_columns,
)
from geo_service.query.tile_grid import Tile
from geo_service.query.tiles import tile_statement
from geo_service.release.parts import arrow_schema, arrow_type
from geo_service.release.protocol import Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import FromClause, Select

    from geo_service.query.dialects import Dialect
    from geo_service.release.manifest import Collection, Manifest

__all__ = ["LARGEST_PAGE", "SqlRelease", "aggregate_schema", "wanted_fields"]

LARGEST_PAGE = 1_000_000
"""Features in one page or tile; whoever wants more asks for `batches`."""

_SHOWN = 80


class SqlRelease(ABC):
    """A `Release` over SQL. Stores say where its collections are and how a statement is run.

    Args:
        manifest: What it says of itself.
        dialect: The SQL of its database.
        cursor_key: Signs cursors.
    """

    in_order: ClassVar[bool] = False
    """Whether the database gives a collection in the order of `fid` without being asked to sort."""

    def __init__(self, manifest: Manifest, dialect: Dialect, cursor_key: bytes) -> None:
        """Open nothing; stores do that at the first question."""
        self._manifest = manifest
        self._dialect = dialect
        self._cursor_key = cursor_key

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        return self._manifest

    def collection(self, name: str) -> Collection:
        """One of its collections.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._manifest.collection(name)

    def schema(self, name: str, features: Features) -> pa.Schema:
        """The columns that `page` and `batches` answer with: `fid`, `id`, the fields, the geometry as WKB (`geoarrow.wkb`).

        Raises:
            NotFoundError: There is no such collection.
            FilterError: A field is none of its properties.
        """
        collection = self.collection(name)
        fields = {one.name: one for one in collection.fields}
        return arrow_schema(fields[one] for one in wanted_fields(collection.queryables, features))

    def feature(self, name: str, feature_id: str) -> pa.Table:
        """One feature by its `id`, all fields: a table of one row.

        Raises:
            NotFoundError: There is no such collection, or it has no such feature.
        """
        collection = self.collection(name)
        if _is_text(feature_id):
            features = Features(ids=(feature_id,))
            statement = self._features(collection, features)
            found = self._fetch(statement, self.schema(name, features))
            if found.num_rows:
                return found
        raise NotFoundError(
            f"'{feature_id[:_SHOWN]}' is not the id of a feature of {name} in release {self._manifest.id[:12]}"
        )

    def page(self, name: str, features: Features, limit: int, cursor: str | None = None) -> Page:
        """The first `limit` features, or those after `cursor`.

        Raises:
            NotFoundError: There is no such collection.
            FilterError: The question does not fit the collection, or `limit` is not from 1 to `LARGEST_PAGE`.
            CursorError: The cursor is not of this question.
        """
        collection = self.collection(name)
        if not 1 <= limit <= LARGEST_PAGE:
            raise FilterError(f"a page has from 1 to {LARGEST_PAGE} features; {limit} were asked for")
        queryables = collection.queryables
        schema = self.schema(name, features)
        types = [*(queryables[key.name].type for key in features.sort), PropertyType.INTEGER]
        question = question_of(name, features)
        after: tuple[Any, ...] | None = None
        if cursor is not None:
            after = read_cursor(
                cursor, release=self._manifest.id, question=question, key=self._cursor_key, types=types
            )
        position = position_columns(features)
        extra = [
            pa.field(column, arrow_type(kind)) for column, kind in zip(position, types[:-1], strict=True)
        ]
        # One feature more than asked for says whether there is a next page.
        found = self._page_rows(collection, features, limit + 1, after, pa.schema([*schema, *extra]))
        answer = found.slice(0, limit).select(schema.names)
        if found.num_rows <= limit:
            return Page(answer, None)
        last = [_no_minus_zero(found[column][limit - 1].as_py()) for column in (*position, FID)]
        return Page(
            answer, write_cursor(last, release=self._manifest.id, question=question, key=self._cursor_key)
        )

    def count(self, name: str, features: Features) -> int:
        """How many features there are.

        Raises:
            NotFoundError: There is no such collection.
            FilterError: The question does not fit the collection.
        """
        collection = self.collection(name)
        source = self._source(collection)
        return int(self._scalar(count_statement(source, collection.queryables, features, self._dialect)))

    @contextmanager
    def batches(self, name: str, features: Features, rows: int = 65_536) -> Iterator[pa.RecordBatchReader]:
        """All features as a stream of Arrow batches of at most `rows`; memory does not grow with their number.

        Raises:
            NotFoundError: There is no such collection.
            FilterError: The question does not fit the collection, or `rows` is below 1.
        """
        collection = self.collection(name)
        if rows < 1:
            raise FilterError(f"a batch has 1 row or more; {rows} were asked for")
        statement = self._features(collection, features)
        if self.in_order and not features.sort:
            statement = statement.order_by(None)
        with self._stream(statement, self.schema(name, features), rows) as reader:
            yield reader

    def aggregate(self, name: str, aggregation: Aggregation) -> pa.Table:
        """Measures by the values of properties, sorted by those, null last.

        Raises:
            NotFoundError: There is no such collection.
            FilterError: The question does not fit the collection, or a sum is larger than its type holds.
        """
        collection = self.collection(name)
        queryables = collection.queryables
        statement = aggregate_statement(self._source(collection), queryables, aggregation, self._dialect)
        found = self._fetch(statement, aggregate_schema(queryables, aggregation))
        for column in found.column_names:
            if (
                pa.types.is_floating(found[column].type)
                and not pc.all(pc.is_finite(found[column]), min_count=0).as_py()
            ):
                # Releases hold no infinite numbers: some databases give one where others refuse.
                raise FilterError(f"'{column}' is larger than a number can be; ask for fewer features")
        return found

    def tile(
        self,
        name: str,
        features: Features,
        z: int,
        x: int,
        y: int,
        *,
        limit: int = 50_000,
        layer: str | None = None,
    ) -> bytes:
        """A tile of the WebMercatorQuad as a Mapbox Vector Tile; see `Release.tile`.

        Raises:
            NotFoundError: There is no such collection.
            FilterError: The question does not fit the collection, it has no geometry, there is no such tile, or `limit` is not from 1 to `LARGEST_PAGE`.
        """
        collection = self.collection(name)
        if not 1 <= limit <= LARGEST_PAGE:
            raise FilterError(f"a tile has from 1 to {LARGEST_PAGE} features; {limit} were asked for")
        statement = tile_statement(
            self._source(collection),
            collection.queryables,
            features,
            self._dialect,
            Tile(z, x, y),
            layer=name if layer is None else layer,
            limit=limit,
        )
        return bytes(self._scalar(statement) or b"")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close it."""
        self.close()

    def _page_rows(
        self,
        collection: Collection,
        features: Features,
        limit: int,
        after: tuple[Any, ...] | None,
        schema: pa.Schema,
    ) -> pa.Table:
        """The first `limit` features after a position, with exactly this schema: `position_columns` last."""
        return self._fetch(self._page_statement(collection, features, limit, after), schema)

    def _page_statement(
        self, collection: Collection, features: Features, limit: int, after: tuple[Any, ...] | None
    ) -> Select[Any]:
        """The first `limit` features after a position, with `position_columns`."""
        return self._features(collection, features, limit=limit, after=after)

    def _features(
        self,
        collection: Collection,
        features: Features,
        *,
        limit: int | None = None,
        after: tuple[Any, ...] | None = None,
        source: FromClause | None = None,
    ) -> Select[Any]:
        return features_statement(
            self._source(collection) if source is None else source,
            collection.queryables,
            features,
            self._dialect,
            limit=limit,
            after=after,
        )

    @abstractmethod
    def _source(self, collection: Collection) -> FromClause:
        """Where the rows of a collection are, with all of its columns."""

    @abstractmethod
    def _fetch(self, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """The whole answer, with exactly this schema."""

    @abstractmethod
    def _stream(
        self, statement: Select[Any], schema: pa.Schema, rows: int
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """The answer in batches of at most `rows`, with exactly this schema."""

    @abstractmethod
    def _scalar(self, statement: Select[Any]) -> Any:
        """The one value of the one row of the answer."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; closing twice is closing once."""


def wanted_fields(queryables: Queryables, features: Features) -> list[str]:
    """The names of the columns of an answer: `fid`, `id`, the fields, the geometry last.

    Raises:
        FilterError: A field is none of the collection's properties.
    """
    if features.fields is None:
        names = [one for one in queryables.names() if features.geometry or one != queryables.geometry]
    else:
        names = [queryables[one].name for one in dict.fromkeys(features.fields)]
    # Without a geometry there is no such name, and nothing is last.
    ordered = sorted(names, key=lambda one: one == queryables.geometry)
    return [FID, ID, *(one for one in ordered if one not in {FID, ID})]


def aggregate_schema(queryables: Queryables, aggregation: Aggregation) -> pa.Schema:
    """The columns of an aggregation: the properties it is by, then its measures.

    Counts are int64, sums of integers too; other sums and means are float64; the least and the most are of the property's type.

    Raises:
        FilterError: A property is none of the collection's.
    """
    keys = [
        pa.field(one.name, arrow_type(one.type), nullable=one.nullable)
        for one in (queryables[name] for name in aggregation.by)
    ]
    measures = []
    for measure in aggregation.measures:
        kind = PropertyType.INTEGER
        if measure.aggregate is Aggregate.MEAN:
            kind = PropertyType.NUMBER
        elif measure.aggregate in {Aggregate.SUM, Aggregate.MIN, Aggregate.MAX} and measure.of is not None:
            kind = queryables[measure.of].type
        measures.append(pa.field(measure.column, arrow_type(kind)))
    return pa.schema([*keys, *measures])


def _no_minus_zero(value: Any) -> Any:
    # Databases sort 0.0 and -0.0 as one and give either: a cursor should not tell them apart.
    return value + 0.0 if isinstance(value, float) else value


def _is_text(value: str) -> bool:
    # Databases hold neither NUL nor half of a surrogate pair; nothing in a release has them.
    return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)
