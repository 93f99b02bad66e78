"""What can be asked of a collection: its properties, their types and what else is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.errors import FilterError
from geo_service.query.limits import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FID", "ID", "Property", "PropertyType", "Queryables"]

FID = "fid"
"""The integer key of a feature: its place in the release, from 1. The same release has the same, another may not."""

ID = "id"
"""The text key of a feature: the same in each release that has the feature."""


class PropertyType(StrEnum):
    """The types of properties; each has one type in Arrow, DuckDB and PostgreSQL."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a collection.

    Attributes:
        name: As in files, tables and filters.
        type: What it holds. Integers have 64 bits, numbers are IEEE doubles, geometries are in OGC:CRS84.
        nullable: Whether it may be null.
        values: All values that it can have, where there is such a list; empty where there is none.
    """

    name: str
    type: PropertyType
    nullable: bool = True
    values: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Queryables:
    """The properties of one collection that filters, sort keys and fields may name.

    Attributes:
        collection: The collection's name, for messages.
        properties: Each with its own name; among them `FID` and `ID`.
        geometry: The name of the property that boxes are asked of; null for a collection without one.
        time: The name of the property that times are asked of; null for a collection without one.
        geometry_types: GeoJSON's names of the types of its geometries; empty where they are not known.
    """

    collection: str
    properties: tuple[Property, ...]
    geometry: str | None = None
    time: str | None = None
    geometry_types: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Property:
        """The property of that name.

        Raises:
            FilterError: There is none; the message names those that there are.
        """
        for one in self.properties:
            if one.name == name:
                return one
        raise FilterError(
            f"'{shown(name)}' is not a property of {self.collection}; there are: {', '.join(self.names())}"
        )

    def names(self, types: Iterable[PropertyType] = tuple(PropertyType)) -> list[str]:
        """The names of the properties of these types, in the order of the collection."""
        wanted = set(types)
        return [one.name for one in self.properties if one.type in wanted]
