"""What a printed number can stand for, once rounding is allowed for."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from geo_service.vocabulary import Term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.ingest.figures import Figure

__all__ = ["as_printed", "finest", "half_unit", "number", "rounds_to", "total_of"]

# Full floats are computed, not rounded for print; the last of their digits is noise.
_LEAST_TOLERANCE = Fraction(1, 10**8)
_NO_BREAK = "\u00a0"


def half_unit(printed: Decimal) -> Fraction:
    """How far a number may lie from what is printed: half a unit of the last printed decimal."""
    return max(Fraction(1, 2 * 10 ** _decimals(printed)), _LEAST_TOLERANCE)


def rounds_to(exact: Fraction, printed: Decimal) -> bool:
    """Whether `exact` is printed as `printed`; a half may go up or down."""
    return abs(exact - Fraction(printed)) <= half_unit(printed)


def as_printed(exact: Fraction, like: Decimal) -> Decimal:
    """`exact` with the decimals of `like`; a half goes away from zero."""
    scaled = abs(exact) * 10 ** _decimals(like)
    whole = int(scaled + Fraction(1, 2))
    return Decimal(-whole if exact < 0 else whole).scaleb(-_decimals(like))


def finest(figures: Iterable[Figure]) -> Decimal:
    """A number with the most decimals that any of `figures` is printed with."""
    return Decimal(1).scaleb(-max((_decimals(one.value) for one in figures), default=0))


def total_of(figures: Iterable[Figure]) -> Fraction:
    """The exact sum."""
    return sum((Fraction(one.value) for one in figures), Fraction())


def number(value: Decimal, *, percent: bool = False) -> Term:
    """A number, or a percentage, as each language writes it."""
    english = f"{value:,f}"
    other = english.replace(",", _NO_BREAK).replace(".", ",")
    signs = ("%", f"{_NO_BREAK}%") if percent else ("", "")
    return Term(str(value), english + signs[0], other + signs[1], other + signs[1])


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
