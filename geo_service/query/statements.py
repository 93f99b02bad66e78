"""Questions as statements of SQLAlchemy Core: every value bound, every name looked up in the queryables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geo_service.errors import FilterError
from geo_service.query.dialects.base import bound
from geo_service.query.geometries import box_parts, checked_box
from geo_service.query.limits import checked_text, shown
from geo_service.query.predicates import filter_clause
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.query.questions import Aggregate
from geo_service.query.spatial import box_clause
from geo_service.query.sql import sa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.dialects import Dialect
    from geo_service.query.properties import Queryables
    from geo_service.query.questions import Aggregation, Features, Measure, SortKey, TimeInterval

__all__ = ["aggregate_statement", "conditions", "count_statement", "features_statement", "position_columns"]

_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts longer names off."""

_SQL_TYPES: dict[PropertyType, sa.types.TypeEngine[Any]] = {
    PropertyType.TEXT: sa.String(),
    PropertyType.INTEGER: sa.BigInteger(),
    PropertyType.NUMBER: sa.Double(),
    PropertyType.BOOLEAN: sa.Boolean(),
    PropertyType.DATE: sa.Date(),
}
_NUMBERS = (PropertyType.INTEGER, PropertyType.NUMBER)


def position_columns(features: Features) -> list[str]:
    """The names of the columns that a page has beside those asked for: the values it is sorted by."""
    return [f"_sort_{i}" for i in range(len(features.sort))]


def features_statement(
    source: FromClause,
    queryables: Queryables,
    features: Features,
    dialect: Dialect,
    *,
    limit: int | None = None,
    after: Sequence[Any] | None = None,
) -> Select[Any]:
    """Features in their order: `fid`, `id`, the fields, the geometry as WKB; with `limit` also `position_columns`.

    Args:
        source: Where the features are, with a column for each property.
        queryables: What can be asked of them.
        features: Which of them.
        dialect: The SQL of the database.
        limit: At most so many; null for all.
        after: The sort values and the `fid` of the last one before these; null to begin with the first.

    Raises:
        FilterError: The question does not fit the collection.
    """
    columns = [_selected(source, queryables, name, dialect) for name in _names(queryables, features)]
    keys = _sort_columns(source, queryables, features.sort)
    if limit is not None:
        columns += [
            column.label(name) for name, (column, _) in zip(position_columns(features), keys, strict=True)
        ]
    clauses = conditions(source, queryables, features, dialect)
    if after is not None:
        clauses.append(_after(source, queryables, features.sort, after, dialect))
    order = [(column.desc() if descending else column.asc()).nulls_last() for column, descending in keys]
    statement = sa.select(*columns).select_from(source).where(*clauses).order_by(*order, source.c[FID])
    return statement if limit is None else statement.limit(bound(limit, sa.BigInteger()))


def count_statement(
    source: FromClause, queryables: Queryables, features: Features, dialect: Dialect
) -> Select[Any]:
    """How many features there are: one row of one number.

    Raises:
        FilterError: The question does not fit the collection.
    """
    clauses = conditions(source, queryables, features, dialect)
    return sa.select(sa.func.count().label("count")).select_from(source).where(*clauses)


def aggregate_statement(
    source: FromClause, queryables: Queryables, aggregation: Aggregation, dialect: Dialect
) -> Select[Any]:
    """Measures by the values of properties, in the order of those values, null last.

    Raises:
        FilterError: The question does not fit the collection, or two columns of the answer have one name.
    """
    keys = [_plain(source, queryables, name, "grouped by") for name in aggregation.by]
    columns: list[ColumnElement[Any]] = [*keys]
    columns += [
        _measure(source, queryables, measure).label(measure.column) for measure in aggregation.measures
    ]
    names = [*aggregation.by, *(measure.column for measure in aggregation.measures)]
    if not columns:
        raise FilterError("an aggregation has no measures; give one, such as a count")
    for name in names:
        if names.count(name) > 1:
            raise FilterError(f"two columns of the aggregation are named '{shown(name)}'; name one otherwise")
    clauses = conditions(source, queryables, aggregation.of, dialect)
    statement = sa.select(*columns).select_from(source).where(*clauses)
    return statement.group_by(*keys).order_by(*(key.asc().nulls_last() for key in keys))


def _names(queryables: Queryables, features: Features) -> list[str]:
    if features.fields is None:
        wanted = [one for one in queryables.names() if features.geometry or one != queryables.geometry]
    else:
        wanted = [queryables[one].name for one in dict.fromkeys(features.fields)]
    inner = [one for one in wanted if one not in {FID, ID, queryables.geometry}]
    last = [one for one in wanted if one == queryables.geometry]
    return [FID, ID, *inner, *last]


def _selected(source: FromClause, queryables: Queryables, name: str, dialect: Dialect) -> ColumnElement[Any]:
    if queryables[name].type is PropertyType.GEOMETRY:
        return dialect.wkb(source.c[name]).label(name)
    return source.c[name].label(name)


def conditions(
    source: FromClause, queryables: Queryables, features: Features, dialect: Dialect
) -> list[ColumnElement[bool]]:
    """What a feature has to fulfil: its id, box, time and filter.

    Raises:
        FilterError: The question does not fit the collection.
    """
    clauses: list[ColumnElement[bool]] = []
    if features.ids is not None:
        ids = [checked_text(one, f"the id '{shown(one)}'") for one in features.ids]
        texts = sa.bindparam(None, ids, type_=sa.String(), expanding=True, unique=True)
        clauses.append(source.c[ID].in_(texts) if ids else bound(value=False, kind=sa.Boolean()))
    if features.box is not None:
        if queryables.geometry is None:
            raise FilterError(f"{queryables.collection} has no geometry, so it cannot be asked for a box")
        box = checked_box(features.box, "the box")
        parts = [box_clause(source, queryables, part, dialect) for part in box_parts(box)]
        clauses.append(sa.or_(*parts))
    if features.time is not None:
        clauses += _within_time(source, queryables, features.time)
    if features.filter is not None:
        clauses.append(filter_clause(features.filter, queryables, dialect, source))
    return clauses


def _within_time(source: FromClause, queryables: Queryables, time: TimeInterval) -> list[ColumnElement[bool]]:
    if queryables.time is None:
        raise FilterError(f"{queryables.collection} has no time, so it cannot be asked for one")
    if time.first is not None and time.last is not None and time.first > time.last:
        raise FilterError(f"the time begins on {time.first}, after its end on {time.last}; change them over")
    column = source.c[queryables.time]
    conditions: list[ColumnElement[bool]] = [column.is_not(None)]
    if time.first is not None:
        conditions.append(column >= bound(time.first, sa.Date()))
    if time.last is not None:
        conditions.append(column <= bound(time.last, sa.Date()))
    return conditions


def _plain(source: FromClause, queryables: Queryables, name: str, what: str) -> ColumnElement[Any]:
    if queryables[name].type is PropertyType.GEOMETRY:
        raise FilterError(f"'{name}' is a geometry and cannot be {what}; take another property")
    return sa.type_coerce(source.c[name], _SQL_TYPES[queryables[name].type])


def _sort_columns(
    source: FromClause, queryables: Queryables, sort: Sequence[SortKey]
) -> list[tuple[ColumnElement[Any], bool]]:
    names = [key.name for key in sort]
    for name in names:
        if names.count(name) > 1:
            raise FilterError(f"'{shown(name)}' is sorted by twice; name it once")
    return [(_plain(source, queryables, key.name, "sorted by"), key.descending) for key in sort]


def _after(
    source: FromClause,
    queryables: Queryables,
    sort: Sequence[SortKey],
    after: Sequence[Any],
    dialect: Dialect,
) -> ColumnElement[bool]:
    """Rows that come later: the first key that differs decides, null after every value whichever the direction."""
    keys = [*_sort_columns(source, queryables, sort), (source.c[FID], False)]
    kinds = [*(queryables[key.name].type for key in sort), PropertyType.INTEGER]
    if len(after) != len(keys):
        raise FilterError(f"the position has {len(after)} values; the sort needs {len(keys)}")
    same: list[ColumnElement[bool]] = []
    later: list[ColumnElement[bool]] = []
    for (column, descending), kind, value in zip(keys, kinds, after, strict=True):
        if value is None:
            same.append(column.is_(None))
            continue
        one = dialect.text(value) if kind is PropertyType.TEXT else bound(value, _SQL_TYPES[kind])
        beyond = column < one if descending else column > one
        nullable = column is not keys[-1][0]
        later.append(sa.and_(*same, sa.or_(beyond, column.is_(None)) if nullable else beyond))
        same.append(column == one)
    return sa.or_(*later)


def _measure(source: FromClause, queryables: Queryables, measure: Measure) -> ColumnElement[Any]:
    name = measure.column
    if not _NAME.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
        raise FilterError(
            f"'{shown(name)}' cannot name a column; take at most {_LONGEST_NAME} letters, digits and underscores"
        )
    if measure.of is None:
        if measure.aggregate is not Aggregate.COUNT:
            raise FilterError(f"'{measure.aggregate}' needs a property; only a count is of features")
        return sa.func.count()
    column = _plain(source, queryables, measure.of, f"asked for its {measure.aggregate}")
    kind = queryables[measure.of].type
    if measure.aggregate in {Aggregate.SUM, Aggregate.MEAN} and kind not in _NUMBERS:
        raise FilterError(f"'{measure.of}' is {kind}, and only numbers have a {measure.aggregate}")
    if measure.aggregate is Aggregate.COUNT:
        return sa.func.count(column)
    if measure.aggregate is Aggregate.DISTINCT:
        return sa.func.count(sa.distinct(column))
    if measure.aggregate is Aggregate.SUM:
        return sa.cast(sa.func.sum(column), _SQL_TYPES[kind])
    if measure.aggregate is Aggregate.MEAN:
        # The sum of integers is exact in both databases; their own means of integers are not the same.
        total: ColumnElement[Any] = sa.cast(sa.func.sum(column), sa.Double())
        known = sa.func.nullif(sa.cast(sa.func.count(column), sa.Double()), bound(0.0, sa.Double()))
        return total.op("/", return_type=sa.Double())(known)
    return _extreme(column, kind, measure.aggregate)


def _extreme(column: ColumnElement[Any], kind: PropertyType, aggregate: Aggregate) -> ColumnElement[Any]:
    if kind is PropertyType.BOOLEAN:
        # PostgreSQL has no least or greatest of booleans.
        return sa.func.bool_and(column) if aggregate is Aggregate.MIN else sa.func.bool_or(column)
    return sa.func.min(column) if aggregate is Aggregate.MIN else sa.func.max(column)
