"""A release as somebody is shown it: some of its collections, under names of their own, some of them with a filter that always counts.

An edition is a `Release`, and whoever is handed one reaches nothing else: not by a name, a filter, a sort key, a count, a tile or a cursor.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from geo_service.errors import NotFoundError
from geo_service.query.filters import Filter
from geo_service.query.questions import Features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from geo_service.query.questions import Aggregation
    from geo_service.release.manifest import Collection, Manifest
    from geo_service.release.protocol import Page, Release
    from geo_service.vocabulary import Language

__all__ = ["PUBLIC_PREFIX", "Edition", "View"]

PUBLIC_PREFIX = "public_"
"""How the names of collections begin that were guarded when the release was put together."""

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class View:
    """One collection as it is shown.

    Attributes:
        source: The collection of the release.
        only: A filter of those features that are shown; null for all.
        title: In each language; null for the title of the source.
        about: What the view says of itself; it counts before what the source says.
    """

    source: str
    only: Filter | None = None
    title: dict[Language, str] | None = None
    about: dict[str, Any] = field(default_factory=dict)


class Edition:
    """Some collections of a release, which stays open as long as its owner keeps it so.

    Args:
        release: The whole release.
        views: What is shown, by the name it is shown under, in the order in which it is listed.
    """

    def __init__(self, release: Release, views: Mapping[str, View]) -> None:
        """Ask nothing yet."""
        self._release = release
        self._views = {
            name: view
            for name, view in views.items()
            if any(one.name == view.source for one in release.manifest.collections)
        }
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    @cached_property
    def manifest(self) -> Manifest:
        """What the release says of itself, with those collections that are shown; the id is that of the release.

        The `rows` of a collection with a filter are those of its source: `collection` counts them.
        """
        shown = tuple(self._shown(name, view) for name, view in self._views.items())
        return self._release.manifest.model_copy(update={"collections": shown})

    def view(self, name: str) -> View:
        """How a collection is shown.

        Raises:
            NotFoundError: There is none of that name.
        """
        if name not in self._views:
            self.manifest.collection(name)
            raise NotFoundError(f"'{name[:_SHOWN]}' is not a collection of this release")
        return self._views[name]

    def collection(self, name: str) -> Collection:
        """One of the collections that are shown, its rows counted.

        Raises:
            NotFoundError: There is none of that name.
        """
        view = self.view(name)
        shown = self.manifest.collection(name)
        if view.only is None:
            return shown
        with self._lock:
            if name not in self._counts:
                self._counts[name] = self._release.count(view.source, Features(filter=view.only))
        return shown.model_copy(update={"rows": self._counts[name]})

    def schema(self, name: str, features: Features) -> pa.Schema:
        """As `Release.schema`."""
        return self._release.schema(self.view(name).source, features)

    def feature(self, name: str, feature_id: str) -> pa.Table:
        """As `Release.feature`.

        Raises:
            NotFoundError: There is no such collection, or no such feature is shown in it.
        """
        view = self.view(name)
        if view.only is None:
            # Whoever asks is not told what the source is called.
            with suppress(NotFoundError):
                return self._release.feature(view.source, feature_id)
        elif "\0" not in feature_id and feature_id.isprintable():
            page = self._release.page(view.source, self._narrowed(view, Features(ids=(feature_id,))), 1)
            if page.features.num_rows:
                return page.features
        raise NotFoundError(f"'{feature_id[:_SHOWN]}' is not the id of a feature of {name}")

    def page(self, name: str, features: Features, limit: int, cursor: str | None = None) -> Page:
        """As `Release.page`."""
        view = self.view(name)
        return self._release.page(view.source, self._narrowed(view, features), limit, cursor)

    def count(self, name: str, features: Features) -> int:
        """As `Release.count`; of a whole collection without asking the database again."""
        view = self.view(name)
        if not features.narrows:
            return self.collection(name).rows
        return self._release.count(view.source, self._narrowed(view, features))

    @contextmanager
    def batches(self, name: str, features: Features, rows: int = 65_536) -> Iterator[pa.RecordBatchReader]:
        """As `Release.batches`."""
        view = self.view(name)
        with self._release.batches(view.source, self._narrowed(view, features), rows) as reader:
            yield reader

    def aggregate(self, name: str, aggregation: Aggregation) -> pa.Table:
        """As `Release.aggregate`."""
        view = self.view(name)
        return self._release.aggregate(
            view.source, replace(aggregation, of=self._narrowed(view, aggregation.of))
        )

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
        """As `Release.tile`; the layer has the name that the collection is shown under."""
        view = self.view(name)
        narrowed = self._narrowed(view, features)
        return self._release.tile(view.source, narrowed, z, x, y, limit=limit, layer=layer or name)

    def close(self) -> None:
        """Nothing: the release is its owner's."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing: the release is its owner's."""

    def _shown(self, name: str, view: View) -> Collection:
        source = self._release.collection(view.source)
        return source.model_copy(
            update={"name": name, "title": view.title or source.title, "about": source.about | view.about}
        )

    def _narrowed(self, view: View, features: Features) -> Features:
        return replace(features, filter=_both(view.only, features.filter))


def _both(one: Filter | None, other: Filter | None) -> Filter | None:
    if one is None or other is None:
        return one or other
    return Filter({"op": "and", "args": [one.tree, other.tree]})
