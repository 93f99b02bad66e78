"""Arithmetic in filters: in doubles, never an error of a database, the same in both.

PostgreSQL stops a statement at a division by zero, an overflow, an underflow or a root of a negative number; DuckDB goes on with infinity or
NaN. Here each of them is null in both: operands are kept within bounds in which no single operation leaves the doubles, each written
once, so that the statement grows with the filter and not faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo_service.errors import FilterError
from geo_service.query.dialects.base import bound
from geo_service.query.sql import sa

__all__ = ["ARITHMETIC", "Operand", "calculated"]

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "div", "^"})

LARGEST = 1e150
"""Operands beyond are null: the product of two within is a double."""

TINY = 1e-140
"""Added and taken away again it makes zero of numbers below some 1e-156, so that no product of two others is zero."""

LARGEST_EXPONENT = 10

_NEGATIVE = -1e-200

_PLAIN = 1e-29
"""Literals from here on stay doubles at every exponent."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of an operation.

    Attributes:
        sql: A number.
        value: What it is, where it is a literal.
        is_integer: Whether it is a property of integers.
        has_modulo: Whether `%` is inside; its operands are written twice.
    """

    sql: sa.ColumnElement[Any]
    value: float | None = None
    is_integer: bool = False
    has_modulo: bool = False


def calculated(operator: str, left: Operand, right: Operand) -> Operand:
    """The result of an operation.

    Raises:
        FilterError: The exponent is not a small number, or `%` stands inside `%`.
    """
    has_modulo = left.has_modulo or right.has_modulo
    if operator == "%":
        if has_modulo:
            raise FilterError("the filter has % inside of %; compare with fewer of them")
        return Operand(_remainder(left, right), has_modulo=True)
    if operator == "^":
        return Operand(_power(left, right), has_modulo=has_modulo)
    if operator in {"+", "-"}:
        a, b = _bounded(left), _bounded(right)
        return Operand(a + b if operator == "+" else a - b, has_modulo=has_modulo)
    a, b = _flushed(left, _bounded(left)), _flushed(right, _bounded(right))
    result = a * b if operator == "*" else _quotient(a, b)
    return Operand(_truncated(result) if operator == "div" else result, has_modulo=has_modulo)


def _remainder(left: Operand, right: Operand) -> sa.ColumnElement[Any]:
    """With the sign of the dividend; doubles of PostgreSQL have no operator for it."""
    a, b = _flushed(left, _bounded(left)), _flushed(right, _bounded(right))
    # The whole quotient may be beyond bounds although both sides are within.
    whole = _within(_truncated(_quotient(a, b)), LARGEST)
    return a - b * whole


def _truncated(number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    whole: sa.ColumnElement[Any] = sa.func.trunc(number, type_=sa.Double())
    return whole


def _double(value: float) -> sa.ColumnElement[Any]:
    return bound(float(value), sa.Double())


def _quotient(a: sa.ColumnElement[Any], b: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    divisor: sa.ColumnElement[Any] = sa.func.nullif(b, _double(0.0), type_=sa.Double())
    quotient: sa.ColumnElement[Any] = a.op("/", precedence=8, return_type=sa.Double())(divisor)
    return quotient


def _bounded(operand: Operand, largest: float = LARGEST) -> sa.ColumnElement[Any]:
    """As a double; null where it is beyond."""
    if operand.value is not None and abs(operand.value) < largest:
        return _double(operand.value)
    if operand.is_integer and largest >= 2**63:
        return sa.cast(operand.sql, sa.Double())
    return _within(sa.cast(operand.sql, sa.Double()) if operand.is_integer else operand.sql, largest)


def _within(number: sa.ColumnElement[Any], largest: float) -> sa.ColumnElement[Any]:
    above, below = _double(largest), _double(-largest)
    kept = sa.func.least(sa.func.greatest(number, below), above)
    return sa.func.nullif(sa.func.nullif(kept, above), below, type_=sa.Double())


def _flushed(operand: Operand, number: sa.ColumnElement[Any], tiny: float = TINY) -> sa.ColumnElement[Any]:
    is_plain = operand.value is not None and (operand.value == 0 or abs(operand.value) >= _PLAIN)
    if is_plain or operand.is_integer:
        return number
    return (number + _double(tiny)) - _double(tiny)


def _power(base: Operand, exponent: Operand) -> sa.ColumnElement[Any]:
    power = exponent.value
    if power is None or abs(power) > LARGEST_EXPONENT:
        raise FilterError(
            f"the exponent of ^ has to be a number from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT}; write it so"
        )
    size = max(1.0, abs(power))
    number = _bounded(base, min(LARGEST, 10 ** (300 / size)))
    # Below 10^(-300 / size) the power would leave the doubles.
    number = _flushed(base, number, min(1e-15, max(TINY, 10 ** (15 - 300 / size))))
    if power != int(power):
        number = sa.func.nullif(sa.func.greatest(number, _double(_NEGATIVE)), _double(_NEGATIVE))
    if power < 0:
        number = sa.func.nullif(number, _double(0.0))
    raised: sa.ColumnElement[Any] = sa.func.power(number, _double(power), type_=sa.Double())
    return raised
