"""The questions that can be put to a collection, free of any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.query.filters import Filter

__all__ = ["Aggregate", "Aggregation", "Box", "Features", "Measure", "SortKey", "TimeInterval"]

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees; west is larger than east where it crosses the antimeridian."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A property to sort by. Text sorts by Unicode code point, null comes last whichever the direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """Days from `first` to `last`, both of them within; null where it is open."""

    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """Which features, which of their properties, in which order.

    Attributes:
        filter: Only those for which it is true; null for all.
        box: Only those whose geometry shares a point with it; null for all, also those without a geometry.
        time: Only those whose time is within; null for all, also those without a time.
        ids: Only those with one of these `id`s; null for all.
        sort: Sorted by these, then by `fid`; with none by `fid`.
        fields: The properties wanted, in this order; null for all. `fid` and `id` always come first, the geometry last.
        geometry: Whether the geometry comes along; without `fields` only.
    """

    filter: Filter | None = None
    box: Box | None = None
    time: TimeInterval | None = None
    ids: tuple[str, ...] | None = None
    sort: tuple[SortKey, ...] = ()
    fields: tuple[str, ...] | None = None
    geometry: bool = True

    @property
    def narrows(self) -> bool:
        """Whether some features may be left out."""
        return any(one is not None for one in (self.filter, self.box, self.time, self.ids))


class Aggregate(StrEnum):
    """What can be computed of many values; nulls are left out, and of no values it is null (a count is 0)."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    DISTINCT = "distinct"


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of an aggregation.

    Attributes:
        aggregate: What is computed.
        of: The property; null with `COUNT` only, which then counts features.
        name: The column's name; null for `count` or `sum_households` and the like.
    """

    aggregate: Aggregate = Aggregate.COUNT
    of: str | None = None
    name: str | None = None

    @property
    def column(self) -> str:
        """The name of its column."""
        return self.name or "_".join(part for part in (self.aggregate.value, self.of) if part)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Measures of features by the values of properties; rows sorted by those, null last.

    Attributes:
        by: Properties; none for one row of the whole.
        measures: What to compute.
        of: Which features; its sort, fields and geometry say nothing here.
    """

    by: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = (Measure(),)
    of: Features = field(default_factory=Features)
