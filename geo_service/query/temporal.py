"""Times in filters: dates, timestamps and intervals, and how two of them lie to each other.

A date is the instant at its beginning in UTC, as the matcher of `cql2` has it. An instant is the interval from itself to itself; an end
written `..` lies before or after everything.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from geo_service.errors import FilterError
from geo_service.query.dialects.base import bound
from geo_service.query.limits import shown
from geo_service.query.sql import sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

__all__ = ["TEMPORAL_OPERATORS", "Instant", "Span", "compared", "date_of", "related", "timestamp_of"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})")

Comparison = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Instant:
    """One end of an interval.

    Attributes:
        column: A property of dates; null for a literal or an open end.
        at: A literal: a date, or a timestamp in UTC without a zone.
        open: -1 before everything, 1 after everything, 0 for neither.
    """

    column: ColumnElement[Any] | None = None
    at: dt.date | dt.datetime | None = None
    open: Literal[-1, 0, 1] = 0


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, both within."""

    first: Instant
    last: Instant


def date_of(value: Any) -> Instant:
    """A literal `DATE('2024-01-31')`.

    Raises:
        FilterError: There is no such day.
    """
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return Instant(at=dt.date.fromisoformat(value))
    except ValueError:
        pass
    raise FilterError(f"'{shown(str(value))}' is not a date; write one such as DATE('2024-01-31')")


def timestamp_of(value: Any) -> Instant:
    """A literal `TIMESTAMP('2024-01-31T06:00:00Z')`; at midnight in UTC it is the date.

    Raises:
        FilterError: There is no such moment, or it has no zone.
    """
    try:
        if isinstance(value, str) and value.isascii() and _TIMESTAMP.fullmatch(value):
            moment = dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC).replace(tzinfo=None)
            return Instant(at=moment.date() if moment.time() == dt.time() else moment)
    except (ValueError, OverflowError):
        pass
    raise FilterError(
        f"'{shown(str(value))}' is not a timestamp; write one such as TIMESTAMP('2024-01-31T06:00:00Z')"
    )


def compared(left: Instant, operator: Comparison, right: Instant) -> ColumnElement[bool]:
    """Two instants compared; null where a property is null."""
    if left.open or right.open:
        return _known(_COMPARISONS[operator](left.open, right.open), left, right)
    if left.column is None and right.column is None:
        return sa.literal(_COMPARISONS[operator](_moment(left), _moment(right)), sa.Boolean())
    return _sql(operator, *_same_type(left, right))


def _known(answer: bool, *instants: Instant) -> ColumnElement[bool]:
    """An answer that is the same for each value of the properties, and null where one is null."""
    columns = [one.column for one in instants if one.column is not None]
    value: ColumnElement[bool] = sa.literal(answer, sa.Boolean())
    if not columns:
        return value
    return sa.case((sa.and_(*(column.is_not(None) for column in columns)), value))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _sql(operator: str, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = _COMPARISONS[operator](left, right)  # type: ignore[assignment]
    return compared


def _moment(instant: Instant) -> dt.datetime:
    at = instant.at
    assert at is not None  # noqa: S101 - for mypy: an instant without column and open end has a literal
    return at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time())


def _same_type(left: Instant, right: Instant) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """As dates where both are, so that indexes serve; else as timestamps."""
    with_time = any(isinstance(one.at, dt.datetime) for one in (left, right))
    kind: sa.types.TypeEngine[Any] = sa.TIMESTAMP() if with_time else sa.Date()

    def written(one: Instant) -> ColumnElement[Any]:
        if one.column is not None:
            return sa.cast(one.column, kind) if with_time else one.column
        return bound(_moment(one) if with_time else one.at, kind)

    return written(left), written(right)


def _all(*parts: tuple[Instant, Comparison, Instant]) -> ColumnElement[bool]:
    return sa.and_(*(compared(*part) for part in parts))


def _before(a: Span, b: Span) -> ColumnElement[bool]:
    return compared(a.last, "<", b.first)


def _during(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, ">", b.first), (a.last, "<", b.last))


def _finishes(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, ">", b.first), (a.last, "=", b.last))


def _intersects(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, "<=", b.last), (a.last, ">=", b.first))


def _meets(a: Span, b: Span) -> ColumnElement[bool]:
    return compared(a.last, "=", b.first)


def _overlaps(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, "<", b.first), (a.last, ">", b.first), (a.last, "<", b.last))


def _starts(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, "=", b.first), (a.last, "<", b.last))


def _equals(a: Span, b: Span) -> ColumnElement[bool]:
    return _all((a.first, "=", b.first), (a.last, "=", b.last))


TEMPORAL_OPERATORS: dict[str, Callable[[Span, Span], ColumnElement[bool]]] = {
    "t_after": lambda a, b: _before(b, a),
    "t_before": _before,
    "t_contains": lambda a, b: _during(b, a),
    "t_disjoint": lambda a, b: sa.not_(_intersects(a, b)),
    "t_during": _during,
    "t_equals": _equals,
    "t_finishedby": lambda a, b: _finishes(b, a),
    "t_finishes": _finishes,
    "t_intersects": _intersects,
    "t_meets": _meets,
    "t_metby": lambda a, b: _meets(b, a),
    "t_overlappedby": lambda a, b: _overlaps(b, a),
    "t_overlaps": _overlaps,
    "t_startedby": lambda a, b: _starts(b, a),
    "t_starts": _starts,
}
"""The temporal operators of CQL2, in lower case; what each means is Allen's of the same name."""


def related(operator: str, left: Span, right: Span) -> ColumnElement[bool]:
    """Whether one lies to the other as the operator, in lower case, says; null where a property of either is null."""
    clause = TEMPORAL_OPERATORS[operator](left, right)
    columns = _columns(left) + _columns(right)
    if all(span.first is span.last or not _columns(span) for span in (left, right)) and len(columns) <= 2:
        return clause
    # An end that is null leaves open what the interval is, also where the other end would decide.
    return sa.case((sa.and_(*(column.is_not(None) for column in columns)), clause))


def _columns(span: Span) -> list[ColumnElement[Any]]:
    return [one.column for one in (span.first, span.last) if one.column is not None]
