"""Classes of numbers for the legend of a map: none is empty, none overlaps another, and zero is a class of its own."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.palettes import MOST_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Classes", "Classing", "Scheme", "class_labels", "classify"]

_FEWEST, _MOST = 2, MOST_CLASSES
_MOST_FOR_NATURAL = 300
"""Distinct values from which natural breaks are found; the time grows with their square. Of more, so many are taken at even ranks."""
_DIGITS = 18
_SLACK = 0.01
"""By how much of itself the edge of an equal interval may be moved to be a round number; other edges as far as numbers stay in their class."""
_MARGIN = 1.05
"""How far above the largest value the end of the last class may be, to be a round number."""


class Scheme(StrEnum):
    """How the edges of classes are found."""

    QUANTILES = "quantiles"
    NATURAL = "natural"
    EQUAL = "equal"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Classing:
    """How numbers are put into classes.

    Attributes:
        scheme: How edges are found.
        k: How many classes at most, 2 to 9, without those of zero, no data and hidden numbers; of no matter for given edges.
        edges: For the scheme `given`, the upper edges of the classes, above 0 and rising; what is above the last is one more class. Shares are
            fractions of 1.

    Raises:
        InputError: There is no such scheme, or number of classes or edges do not fit it.
    """

    scheme: Scheme = Scheme.QUANTILES
    k: int = 5
    edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what makes no classes."""
        if self.scheme not in list(Scheme):
            raise InputError(f"'{self.scheme}' is no way to make classes; use {', '.join(Scheme)}")
        if not _FEWEST <= self.k <= _MOST:
            raise InputError(f"{self.k} classes cannot be told apart on a map; ask for {_FEWEST} to {_MOST}")
        if self.scheme != Scheme.GIVEN:
            if self.edges:
                raise InputError(f"edges of classes need the scheme '{Scheme.GIVEN}', not '{self.scheme}'")
            return
        edges = np.asarray(self.edges, dtype=np.float64)
        rises = edges.ndim == 1 and len(edges) > 0 and np.isfinite(edges).all() and edges[0] > 0
        if not (rises and (np.diff(edges) > 0).all()):
            raise InputError(
                f"the scheme '{Scheme.GIVEN}' needs edges that are above 0 and rise, such as 10,100,1000; not {self.edges}"
            )
        if len(edges) >= _MOST:
            raise InputError(f"{len(edges)} edges make too many classes for a map; give at most {_MOST - 1}")


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Numbers in classes, each from above an edge up to and with the next.

    Attributes:
        edges: The upper edge of each class, which belongs to it, rising; infinite where a last class has no end.
        lowest: The lower edge of the first, which does not belong to it.
        position: Of each number the class, -1 for null and -2 for zero; shape (n,), int64.
        is_whole: Whether all numbers are whole.
    """

    edges: tuple[float, ...]
    lowest: float
    position: NDArray[np.int64]
    is_whole: bool

    @property
    def counts(self) -> list[int]:
        """How many numbers each class has."""
        return [int((self.position == place).sum()) for place in range(len(self.edges))]


NULL, NOTHING = -1, -2


def classify(values: NDArray[np.float64], classing: Classing, *, is_whole: bool = False) -> Classes:
    """Put numbers into classes that are closed above.

    Edges that are found from the numbers are moved to the roundest ones that leave every number in its class. Such classes are never empty, since one that
    would be is made part of the next, and there are no more than distinct numbers. Of given edges all classes are there up to the last one that has a number.

    Args:
        values: 0 or more, NaN for null; shape (n,).
        classing: How.
        is_whole: Whether they are counts: then the classes are of whole numbers.

    Raises:
        InputError: A value is infinite, negative or, of counts, not whole; or a given edge of counts is not whole.

    Source:
        Natural breaks: W. D. Fisher, On grouping for maximum homogeneity, J. American Statistical Association 53 (1958); G. F. Jenks, The data model concept in
        statistical mapping, International Yearbook of Cartography 7 (1967), as in `mapclassify.FisherJenks`.

    Example:
        >>> found = classify(np.array([0, 3, 8, 12, 40, np.nan]), Classing(Scheme.GIVEN, edges=(9, 24)), is_whole=True)
        >>> found.edges, found.position.tolist()
        ((9.0, 24.0, inf), [-2, 0, 0, 1, 2, -1])
    """
    values = np.asarray(values, dtype=np.float64)
    is_known = ~np.isnan(values)
    known = values[is_known]
    _refuse(known, is_whole=is_whole)
    above = known[known > 0]
    if classing.scheme == Scheme.GIVEN:
        edges = _given(above, classing.edges, is_whole=is_whole)
        lowest = 0.0
    else:
        slack = _SLACK if classing.scheme == Scheme.EQUAL else math.inf
        bounds = _bounds(above, _breaks(above, classing), slack, is_whole=is_whole)
        lowest, edges = bounds[0], bounds[1:]
    position = np.full(len(values), NULL, dtype=np.int64)
    position[is_known] = np.where(known == 0, NOTHING, np.searchsorted(edges, known, side="left"))
    return Classes(tuple(edges), lowest, position, is_whole)


def class_labels(
    classes: Classes, text: Callable[[float], str], bare: Callable[[float], str] | None = None
) -> list[str]:
    """What each class is called: `10–24` of whole numbers, `>5–10%` of others.

    Args:
        classes: What `classify` gave.
        text: A number with its unit.
        bare: A number without, for the lower end; null where there is no unit.
    """
    bare = text if bare is None else bare
    if not classes.is_whole:
        return [
            f">{text(low)}" if math.isinf(high) else f">{bare(low)}–{text(high)}"
            for low, high in pairwise((classes.lowest, *classes.edges))
        ]
    return [
        f">{text(low)}"
        if math.isinf(high)
        else (text(high) if low + 1 == high else f"{bare(low + 1)}–{text(high)}")
        for low, high in pairwise((classes.lowest, *classes.edges))
    ]


def _refuse(known: NDArray[np.float64], *, is_whole: bool) -> None:
    if np.isinf(known).any():
        raise InputError("a number of the map is infinite; a missing one is null")
    if (known < 0).any():
        raise InputError(f"{known.min():g} is below 0; a map of counts, shares or rates has none such")
    if is_whole and (known != np.floor(known)).any():
        stray = known[known != np.floor(known)][0]
        raise InputError(f"{stray:g} is no count; counts are whole numbers")


def _given(above: NDArray[np.float64], edges: Sequence[float], *, is_whole: bool) -> list[float]:
    given = [float(edge) for edge in edges]
    broken = [edge for edge in given if is_whole and not edge.is_integer()]
    if broken:
        raise InputError(f"counts are whole numbers: an edge of their classes is too, not {broken[0]:g}")
    if not len(above):
        return []
    last = int(np.searchsorted(given, above.max(), side="left"))
    return given[: last + 1] if last < len(given) else [*given, math.inf]


def _breaks(above: NDArray[np.float64], classing: Classing) -> NDArray[np.float64]:
    """The upper edges that a scheme finds; the last is the largest number."""
    distinct = np.unique(above)
    k = min(classing.k, len(distinct))
    if k <= 1:
        return distinct
    if classing.scheme == Scheme.QUANTILES:
        # These two are one line of NumPy each, as they are in mapclassify, which takes seconds to import.
        return np.unique(np.quantile(above, np.arange(1, k + 1) / k))
    if classing.scheme == Scheme.EQUAL:
        return np.linspace(distinct[0], distinct[-1], k + 1)[1:]
    return _natural(above, distinct, k)


def _natural(above: NDArray[np.float64], distinct: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    import mapclassify  # noqa: PLC0415

    if k == len(distinct):
        return distinct
    sample = np.sort(above)
    if len(sample) > _MOST_FOR_NATURAL:
        sample = sample[np.linspace(0, len(sample) - 1, _MOST_FOR_NATURAL).round().astype(np.int64)]
    k = min(k, len(np.unique(sample)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba not installed", category=UserWarning)
        # It adds up squares in single precision, which numbers near 1 use best.
        scale = sample[-1]
        found = mapclassify.FisherJenks(sample / scale, k).bins
    ends = np.searchsorted(sample / scale, np.unique(found)[:-1], side="right")
    return np.array([*(sample[ends - 1] + sample[ends]) / 2, distinct[-1]])


def _bounds(
    above: NDArray[np.float64], breaks: NDArray[np.float64], slack: float, *, is_whole: bool
) -> list[float]:
    """The lower edge of the first class and the upper ones of all, as round as can be, without empty classes."""
    if not len(above):
        return [0.0]
    values = np.sort(above)
    class_of = np.minimum(np.searchsorted(breaks, values, side="left"), len(breaks) - 1)
    ends = np.flatnonzero(np.diff(class_of, append=class_of[-1] + 1))
    largest = values[ends]
    found = breaks[class_of[ends[:-1]]]
    lows = np.maximum(largest[:-1], found * max(0.0, 1 - slack))
    highs = np.minimum(values[ends[:-1] + 1], found * (1 + slack))
    if is_whole:
        lows, highs = np.floor(lows), np.maximum(np.ceil(highs), np.floor(lows) + 1)
    between = [
        _roundest_count(low, high) if is_whole else _roundest(low, high)
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True)
    ]
    if is_whole:
        lowest = 0.0 if between else float(values[0] - 1)
        return [lowest, *between, float(largest[-1])]
    limit = math.nextafter(1.0, 2.0) if largest[-1] <= 1 else math.inf
    return [0.0, *between, _roundest(float(largest[-1]), min(float(largest[-1]) * _MARGIN, limit))]


def _roundest(low: float, high: float) -> float:
    """The number with the fewest digits from `low` to below `high`, both above 0; `low` where there is none rounder."""
    first = Decimal(repr(low))
    for step in _steps(Decimal(repr(high)), 1, 5):
        found = float((first / step).to_integral_value(ROUND_CEILING) * step)
        if low <= found < high:
            return found
    return low


def _roundest_count(low: float, high: float) -> float:
    """The upper edge from `low` to below `high` after which the next class begins with the roundest number: 9, 24, 99."""
    begins = (high // int(step) * int(step) for step in _steps(Decimal(int(high)), 10, 50, 25) if step >= 1)
    return next((begin - 1 for begin in begins if begin > low), low)


def _steps(largest: Decimal, *digits: int) -> Iterator[Decimal]:
    """Numbers that begin with one of `digits`, from about the largest that may count down to what no longer tells numbers apart."""
    for power in range(largest.adjusted(), largest.adjusted() - _DIGITS, -1):
        for first in digits:
            step = Decimal(first).scaleb(power - Decimal(first).adjusted() - (first != digits[0]))
            yield step
