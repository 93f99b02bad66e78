"""Filters as SQL: the tree of CQL2 JSON walked against the queryables and a list of what is allowed, every value bound.

Logic has three values, as in SQL: what is unknown is not true, nor is its negation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geo_service.errors import FilterError
from geo_service.query.arithmetic import ARITHMETIC, Operand, calculated
from geo_service.query.dialects.base import bound
from geo_service.query.limits import checked_text, named, shown
from geo_service.query.patterns import like
from geo_service.query.properties import PropertyType
from geo_service.query.spatial import DISTANCE_OPERATOR, SPATIAL_OPERATORS, near, spatial
from geo_service.query.sql import sa
from geo_service.query.temporal import (
    TEMPORAL_OPERATORS,
    Instant,
    Span,
    compared,
    date_of,
    related,
    timestamp_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, FromClause

    from geo_service.query.dialects import Dialect
    from geo_service.query.filters import Filter
    from geo_service.query.properties import Queryables

__all__ = ["OPERATORS", "filter_clause"]

_COMPARISONS: Final = ("=", "<>", "<", "<=", ">", ">=")
_OTHERS: Final = ("and", "or", "not", "between", "in", "like", "isnull")

OPERATORS = (
    *_COMPARISONS,
    *_OTHERS,
    "casei",
    *sorted(ARITHMETIC),
    *sorted(SPATIAL_OPERATORS),
    DISTANCE_OPERATOR,
    *sorted(TEMPORAL_OPERATORS),
)
"""All that a filter may use, in lower case."""

_NUMBERS = (PropertyType.INTEGER, PropertyType.NUMBER)
_EXACT_INT = 2**53


@dataclass(frozen=True, slots=True)
class _Term:
    """A value: its SQL, its type, and what it is where it is a literal number."""

    kind: PropertyType
    sql: ColumnElement[Any]
    number: float | None = None
    instant: Instant | None = None
    is_property: bool = False
    has_modulo: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in _NUMBERS


_Args: TypeAlias = "list[Any]"


def filter_clause(
    filter: Filter,  # noqa: A002 - as it is named everywhere else
    queryables: Queryables,
    dialect: Dialect,
    source: FromClause,
) -> ColumnElement[bool]:
    """The condition of a filter.

    Args:
        filter: Within limits, as `parse_filter` gives it.
        queryables: What can be asked.
        dialect: The SQL of the database.
        source: Where the features are, with a column for each property.

    Raises:
        FilterError: A property, an operator or a function is not known, or types do not fit; the message names the part.
    """
    return _Walk(queryables, dialect, source).condition(filter.tree)


class _Walk:
    def __init__(self, queryables: Queryables, dialect: Dialect, source: FromClause) -> None:
        self._queryables = queryables
        self._dialect = dialect
        self._source = source

    def condition(self, node: Any) -> ColumnElement[bool]:
        """What is true, false or unknown."""
        if isinstance(node, bool):
            return bound(node, sa.Boolean())
        if isinstance(node, dict) and "property" in node:
            return self._truth(node)
        if not isinstance(node, dict) or "op" not in node:
            raise FilterError(f"{named(node)} is not a condition; write one such as households > 100")
        operator, args = self._operation(node)
        if operator in _COMPARISONS:
            return self._comparison(operator, args)
        if operator in SPATIAL_OPERATORS or operator == DISTANCE_OPERATOR:
            asked = near if operator == DISTANCE_OPERATOR else spatial
            return asked(operator, args, self._source, self._queryables, self._dialect)
        if operator in TEMPORAL_OPERATORS:
            _count(operator, args, 2)
            left, right = (self._span(one, operator) for one in args)
            return related(operator, left, right)
        return self._other(operator, args)

    def _truth(self, node: dict[str, Any]) -> ColumnElement[bool]:
        term = self._property(node)
        if term.kind is not PropertyType.BOOLEAN:
            raise FilterError(
                f"'{shown(node['property'])}' is {term.kind} and not a condition; compare it with something"
            )
        return term.sql

    def _other(self, operator: str, args: _Args) -> ColumnElement[bool]:
        if operator in {"and", "or"}:
            if len(args) < 2:
                raise FilterError(f"'{operator}' takes two conditions or more; this one has {len(args)}")
            parts = [self.condition(one) for one in args]
            return sa.and_(*parts) if operator == "and" else sa.or_(*parts)
        if operator == "not":
            _count(operator, args, 1)
            return sa.not_(sa.type_coerce(self.condition(args[0]), sa.Boolean()).self_group())
        if operator == "between":
            return self._between(args)
        if operator == "in":
            return self._in(args)
        if operator == "like":
            return self._like(args)
        if operator == "isnull":
            _count("isNull", args, 1)
            return self._is_null(args[0])
        raise FilterError(f"'{operator}' gives a value and not a condition; compare it with something")

    def _operation(self, node: dict[str, Any]) -> tuple[str, _Args]:
        operator, args = node.get("op"), node.get("args")
        if set(node) != {"op", "args"} or not isinstance(operator, str) or not isinstance(args, list):
            raise FilterError(f"{shown(node)} is not an operation; it has 'op' and a list 'args'")
        lower = operator.casefold()
        if lower == "accenti":
            raise FilterError("ACCENTI cannot be asked here; write the letters with their accents")
        if lower not in OPERATORS:
            raise FilterError(
                f"'{shown(operator)}' is not an operator or function that can be asked; there are: {', '.join(OPERATORS)}"
            )
        return lower, args

    def _property(self, node: dict[str, Any]) -> _Term:
        name = node["property"]
        if set(node) != {"property"} or not isinstance(name, str):
            raise FilterError(f"{shown(node)} does not name a property; it has 'property' and a text only")
        checked_text(name, "the name of a property")
        try:
            one = self._queryables[name]
        except FilterError as unknown:
            raise FilterError(f"{unknown}; a text stands in single quotes") from None
        column = self._source.c[one.name]
        if one.type is PropertyType.BOOLEAN:
            column = sa.type_coerce(column, sa.Boolean())  # type: ignore[assignment]
        instant = Instant(column=column) if one.type is PropertyType.DATE else None
        return _Term(one.type, column, instant=instant, is_property=True)

    def _value(self, node: Any) -> _Term:
        """A text, a number, a boolean or a time."""
        if isinstance(node, bool):
            return _Term(PropertyType.BOOLEAN, bound(node, sa.Boolean()))
        if isinstance(node, str):
            return _Term(PropertyType.TEXT, self._dialect.text(node))
        if isinstance(node, int | float):
            return _Term(PropertyType.NUMBER, bound(float(node), sa.Double()), number=float(node))
        if node is None:
            raise FilterError("nothing can be compared with NULL; write IS NULL or IS NOT NULL")
        if isinstance(node, dict):
            return self._structured(node)
        raise FilterError(f"{shown(node)} is a list where one value belongs")

    def _structured(self, node: dict[str, Any]) -> _Term:
        if "property" in node:
            term = self._property(node)
            if term.kind is PropertyType.GEOMETRY:
                raise FilterError(
                    f"'{node['property']}' is a geometry; ask it with S_INTERSECTS and the like, or with IS NULL"
                )
            return term
        if set(node) == {"date"}:
            return _time(date_of(node["date"]))
        if set(node) == {"timestamp"}:
            return _time(timestamp_of(node["timestamp"]))
        if "op" not in node:
            raise FilterError(f"{shown(node)} is not a value that can be compared")
        operator, args = self._operation(node)
        if operator == "casei":
            _count("CASEI", args, 1)
            term = self._value(args[0])
            if term.kind is not PropertyType.TEXT:
                raise FilterError(f"CASEI takes text, not {term.kind}")
            return _Term(PropertyType.TEXT, self._dialect.folded(term.sql))
        if operator in ARITHMETIC:
            _count(operator, args, 2)
            result = calculated(operator, *(self._operand(one, operator) for one in args))
            return _Term(PropertyType.NUMBER, result.sql, has_modulo=result.has_modulo)
        return _Term(PropertyType.BOOLEAN, self.condition(node).self_group())

    def _operand(self, node: Any, operator: str) -> Operand:
        term = self._value(node)
        if not term.is_number:
            raise FilterError(f"'{operator}' takes numbers, and {named(node)} is {term.kind}")
        is_integer = term.is_property and term.kind is PropertyType.INTEGER
        return Operand(term.sql, term.number, is_integer=is_integer, has_modulo=term.has_modulo)

    def _comparison(self, operator: str, args: _Args) -> ColumnElement[bool]:
        _count(operator, args, 2)
        left, right = (self._value(one) for one in args)
        return self._compare(operator, left, right, args)

    def _compare(self, operator: str, left: _Term, right: _Term, nodes: Sequence[Any]) -> ColumnElement[bool]:
        _same_kind(left, right, nodes)
        if left.instant is not None and right.instant is not None:
            return compared(left.instant, operator, right.instant)  # type: ignore[arg-type]
        if left.kind is PropertyType.BOOLEAN and operator not in {"=", "<>"}:
            raise FilterError(f"booleans have no order; '{operator}' cannot compare {named(nodes[0])}")
        a, b = _sides(left, right)
        result: ColumnElement[bool] = a.op(operator, is_comparison=True, return_type=sa.Boolean())(b)
        return result

    def _between(self, args: _Args) -> ColumnElement[bool]:
        _count("between", args, 3)
        value, low, high = (self._value(one) for one in args)
        if value.kind is PropertyType.BOOLEAN:
            raise FilterError(f"booleans have no order; BETWEEN cannot ask {named(args[0])}")
        return sa.and_(
            self._compare(">=", value, low, args[:2]), self._compare("<=", value, high, [args[0], args[2]])
        )

    def _in(self, args: _Args) -> ColumnElement[bool]:
        _count("in", args, 2)
        if not isinstance(args[1], list) or not args[1]:
            raise FilterError("IN takes a value and a list of one value or more")
        value = self._value(args[0])
        options = [self._value(one) for one in args[1]]
        for option, node in zip(options, args[1], strict=True):
            _same_kind(value, option, [args[0], node])
        if (
            value.is_property
            and value.kind is PropertyType.TEXT
            and all(isinstance(one, str) for one in args[1])
        ):
            texts = sa.bindparam(None, args[1], type_=sa.String(), expanding=True, unique=True)
            return value.sql.in_(texts)
        if value.is_property and value.is_number and all(one.number is not None for one in options):
            return _number_in(value, [one.number for one in options if one.number is not None])
        return sa.or_(
            *(
                self._compare("=", value, option, [args[0], node])
                for option, node in zip(options, args[1], strict=True)
            )
        )

    def _like(self, args: _Args) -> ColumnElement[bool]:
        _count("like", args, 2)
        value = self._value(args[0])
        if value.kind is not PropertyType.TEXT:
            raise FilterError(f"LIKE takes text, and {named(args[0])} is {value.kind}")
        pattern, folds = args[1], 0
        while isinstance(pattern, dict) and "op" in pattern:
            operator, inner = self._operation(pattern)
            if operator != "casei":
                break
            _count("CASEI", inner, 1)
            pattern, folds = inner[0], folds + 1
        if not isinstance(pattern, str):
            raise FilterError("LIKE takes a pattern that is a text, such as LIKE 'Ак%'")
        return like(value.sql, pattern, self._dialect, folded=bool(folds))

    def _is_null(self, node: Any) -> ColumnElement[bool]:
        if isinstance(node, dict) and "property" in node:
            return self._property(node).sql.is_(None)
        term = self._value(node)
        if term.instant is not None and term.instant.column is None:
            return bound(value=False, kind=sa.Boolean())
        return term.sql.self_group().is_(None)

    def _span(self, node: Any, operator: str) -> Span:
        if isinstance(node, dict) and set(node) == {"interval"}:
            ends = node["interval"]
            if not isinstance(ends, list) or len(ends) != 2:
                raise FilterError("an INTERVAL has two ends, such as INTERVAL('2024-01-01', '..')")
            first, last = self._end(ends[0], -1), self._end(ends[1], 1)
            if first.at is not None and last.at is not None and _later(first.at, last.at):
                raise FilterError(f"the INTERVAL from {first.at} ends before it begins, on {last.at}")
            return Span(first, last)
        instant = self._instant(node)
        if instant is None:
            raise FilterError(f"{operator.upper()} takes dates, timestamps and intervals, not {named(node)}")
        return Span(instant, instant)

    def _end(self, node: Any, open_end: int) -> Instant:
        if node == "..":
            return Instant(open=-1 if open_end < 0 else 1)
        if isinstance(node, str):
            return timestamp_of(node) if "T" in node.upper() else date_of(node)
        instant = self._instant(node)
        if instant is None:
            raise FilterError(f"an INTERVAL ends with a date, a timestamp or '..', not {named(node)}")
        return instant

    def _instant(self, node: Any) -> Instant | None:
        if not isinstance(node, dict) or "op" in node:
            return None
        return self._value(node).instant


def _time(instant: Instant) -> _Term:
    return _Term(PropertyType.DATE, sa.null(), instant=instant)


def _later(first: Any, last: Any) -> bool:
    return bool(first.isoformat() > last.isoformat())


def _count(operator: str, args: _Args, wanted: int) -> None:
    if len(args) != wanted:
        raise FilterError(
            f"'{operator}' takes {wanted} {'value' if wanted == 1 else 'values'}; this one has {len(args)}"
        )


def _same_kind(left: _Term, right: _Term, nodes: Sequence[Any]) -> None:
    if left.kind is right.kind or (left.is_number and right.is_number):
        return
    hint = ""
    kinds = {left.kind, right.kind}
    if PropertyType.DATE in kinds:
        hint = "; write dates as DATE('2024-01-31')"
    elif PropertyType.TEXT in kinds and not kinds.isdisjoint(_NUMBERS):
        hint = "; write texts in single quotes and numbers without"
    raise FilterError(
        f"{named(nodes[0])} is {left.kind} and {named(nodes[1])} is {right.kind}, so they cannot be compared{hint}"
    )


def _sides(left: _Term, right: _Term) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Integers are compared with whole numbers as integers, since those beyond 2^53 are no doubles."""
    for a, b in ((left, right), (right, left)):
        if a.kind is PropertyType.INTEGER and b.number is not None and b.number == int(b.number):
            whole = bound(int(b.number), sa.BigInteger())
            return (a.sql, whole) if a is left else (whole, a.sql)
    return left.sql, right.sql


def _number_in(value: _Term, numbers: list[float]) -> ColumnElement[bool]:
    if value.kind is PropertyType.INTEGER:
        whole = [int(one) for one in numbers if one == int(one)]
        if whole:
            return value.sql.in_(
                sa.bindparam(None, whole, type_=sa.BigInteger(), expanding=True, unique=True)
            )
    return value.sql.in_(sa.bindparam(None, numbers, type_=sa.Double(), expanding=True, unique=True))
