"""What every store of releases can do, and every release in it.

Two stores keep to it: `FolderStore` asks files with DuckDB, `PostgisStore` asks a PostgreSQL server. Asked the same of the same release
they give the same rows, in the same order, of the same Arrow types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from geo_service.query.questions import Aggregation, Features
    from geo_service.release.manifest import Collection, Manifest

__all__ = ["Fault", "Page", "Release", "ReleaseEntry", "Store"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some features and where the next ones begin.

    Attributes:
        features: Columns as `Release.schema` gives them.
        next: The cursor of the next page; null after the last feature.
    """

    features: pa.Table
    next: str | None


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """One release in a store.

    Attributes:
        id: The release.
        is_current: Whether it is the one that counts.
        since: Since when it is in this store; UTC.
        manifest: Null where it cannot be read.
        damage: Why it cannot be read; null where it can.
    """

    id: str
    is_current: bool
    since: dt.datetime
    manifest: Manifest | None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a release is not what its manifest says.

    Attributes:
        where: The file inside the release, or the collection.
        what: What is wrong with it.
    """

    where: str
    what: str


class Release(Protocol):
    """One release, open for questions. Safe for many threads at once; a release that is open is never pruned."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""

    def collection(self, name: str) -> Collection:
        """One of its collections.

        Raises:
            NotFoundError: There is none of that name.
        """

    def schema(self, name: str, features: Features) -> pa.Schema:
        """The columns that `page` and `batches` answer with: `fid`, `id`, the fields, the geometry as WKB (`geoarrow.wkb`)."""

    def feature(self, name: str, feature_id: str) -> pa.Table:
        """One feature by its `id`, all fields: a table of one row.

        Raises:
            NotFoundError: The collection has no such feature.
        """

    def page(self, name: str, features: Features, limit: int, cursor: str | None = None) -> Page:
        """The first `limit` features, or those after `cursor`.

        Raises:
            FilterError: The question does not fit the collection.
            CursorError: The cursor is not of this question.
        """

    def count(self, name: str, features: Features) -> int:
        """How many features there are."""

    def batches(
        self, name: str, features: Features, rows: int = 65_536
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """All features as a stream of Arrow batches of at most `rows`; memory does not grow with their number."""

    def aggregate(self, name: str, aggregation: Aggregation) -> pa.Table:
        """Measures by the values of properties, sorted by those."""

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
        """A tile of the WebMercatorQuad as a Mapbox Vector Tile 2.1 (`application/vnd.mapbox-vector-tile`); empty where nothing is.

        The id of a feature is its `fid`, its properties are its `id` and the fields without nulls, dates as ISO text. The tile has 4096 units
        a side and 64 around it. Nothing beyond 85.06° north or south is in any tile, and nothing from across the antimeridian in a buffer.
        Lines and areas are simplified to half a unit; one of about a unit or less may be left out.

        Args:
            name: The collection.
            features: Which of them, with which fields; its sort and `geometry` say nothing here.
            z: The zoom level, from 0 to 22.
            x: The column, from 0 in the west.
            y: The row, from 0 in the north.
            limit: At most so many features. Of more some are taken that are spread evenly over the collection, the same ones each time
                and in each store; a feature that is in a tile is also in the deeper tiles of its place.
            layer: The name of the layer; null for the collection's.

        Raises:
            FilterError: The question does not fit the collection, it has no geometry, or there is no such tile.
        """

    def close(self) -> None:
        """Let go of it; it may then be pruned."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(self, *raised: object) -> None:
        """Close it."""


class Store(Protocol):
    """Where releases are kept."""

    @property
    def name(self) -> str:
        """The store for people: a folder, or a URL without its password."""

    def entries(self) -> list[ReleaseEntry]:
        """Every release, the one that came last first."""

    def current(self) -> str | None:
        """The id of the release that counts; null when there is none."""

    def find(self, release: str | None) -> str:
        """The whole id of a release: of its beginning (6 digits or more), of `current` or null for the one that counts.

        Raises:
            NotFoundError: There is none, or several begin so.
        """

    def open(self, release: str | None = None) -> Release:
        """A release; null for the one that counts.

        Raises:
            NotFoundError: There is none.
            DamagedReleaseError: Its manifest cannot be read.
        """

    def use(self, release: str) -> None:
        """Make a release the one that counts.

        Raises:
            NotFoundError: There is none.
            BusyError: Somebody is publishing.
        """

    def verify(self, release: str, progress: Callable[[str], None] | None = None) -> list[Fault]:
        """Everything in which a release is not what its manifest says; empty when it is whole."""

    def prune(self, keep: int) -> Sequence[str]:
        """Take away all but the `keep` last releases, never the one that counts nor one that is open; returns those taken.

        Raises:
            BusyError: Somebody is publishing.
        """

    def close(self) -> None:
        """Let go of everything."""
