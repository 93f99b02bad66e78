"""The collections that OGC API shows: those of the edition that have a geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo_service.api.catalogue import layers
from geo_service.api.context import Asked
from geo_service.api.ogc.crs import offered_crs
from geo_service.api.ogc.kept import shelf_of
from geo_service.errors import NotFoundError
from geo_service.query.properties import Property, PropertyType, Queryables
from geo_service.release.manifest import Collection

__all__ = ["OTHER_PARAMETERS", "Layer", "layer_of", "layers_of"]

OTHER_PARAMETERS = (
    "bbox",
    "bbox-crs",
    "crs",
    "cursor",
    "datetime",
    "f",
    "filter",
    "filter-crs",
    "filter-lang",
    "lang",
    "limit",
    "properties",
    "sortby",
)
"""Parameters of items that are not named after a property; a property of such a name can be asked for in a filter."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One collection with a geometry, as the edition shows it.

    Attributes:
        collection: What the release says of it, its rows counted.
        queryables: What can be asked of it.
        geometry: The name of its geometry.
        crs: The URIs of the reference systems it is given in, CRS84 first.
        parameters: The properties that are also query parameters, by name.
    """

    collection: Collection
    queryables: Queryables
    geometry: str
    crs: tuple[str, ...]
    parameters: Mapping[str, Property]

    @property
    def name(self) -> str:
        """Its id."""
        return self.collection.name


def layers_of(asked: Asked) -> list[Layer]:
    """All of them, in the order of the edition."""
    return [layer_of(asked, name) for name in layers(asked.release)]


def layer_of(asked: Asked, name: str) -> Layer:
    """One of them.

    Raises:
        NotFoundError: The edition has no such collection, or it has no geometry.
    """
    key = (asked.release.manifest.id, asked.role, name)
    layer: Layer = shelf_of(asked).layers.get(key, lambda: _made(asked, name))
    return layer


def _made(asked: Asked, name: str) -> Layer:
    there = layers(asked.release)
    if name not in there:
        raise NotFoundError(
            f"'{name[:80]}' is not a collection with a geometry here; there are: {', '.join(there) or 'none'}"
        )
    collection = asked.release.collection(name)
    queryables = collection.queryables
    assert collection.geometry is not None  # noqa: S101 - for mypy: that is what layers are
    return Layer(
        collection,
        queryables,
        collection.geometry,
        offered_crs(collection.extent),
        {
            one.name: one
            for one in queryables.properties
            if one.type is not PropertyType.GEOMETRY and one.name not in OTHER_PARAMETERS
        },
    )
