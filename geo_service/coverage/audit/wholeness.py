"""Whether a table of counts has all of its parts, and which printed numbers are their total.

Parts that come to more than their total are wrong in any table. Parts that come to less are wrong only where none is left out: lists of the
five largest countries are common in print.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from geo_service.coverage.audit.names import (
    ASIDE,
    HOUSEHOLDS,
    INDIVIDUALS,
    PLACES,
    REST,
    FigureKind,
    Topic,
    closed_keys,
    read_name,
    topic_of_keys,
)
from geo_service.coverage.audit.rounding import half_unit, total_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["adds_up", "has_all_parts", "printed_totals"]

_LEAST_WITNESSES = 2
_MOST_WITNESSES = 20


def printed_totals(table: FigureTable, figures: Publication) -> list[Figure]:
    """The totals of a table of counts: the one in it, then the one beside it that counts the same."""
    found = [] if table.total is None else [table.total]
    # Beside the bands of one service stands the number of all households, not of those without it.
    if table.label or not table.is_partition:
        return found
    stems: list[tuple[str, ...]] = [table.stem]
    if not table.stem:
        stems += [(INDIVIDUALS,), (HOUSEHOLDS,)]
    named = {name: read_name(name) for name in figures.beside(table)}
    for stem in stems:
        for name, figure in figures.beside(table).items():
            is_whole = bool(stem) or named[name].is_total
            if named[name].kind is FigureKind.COUNT and named[name].stem == stem and is_whole:
                return [*found, figure]
    return found


def adds_up(table: FigureTable, total: Figure) -> bool:
    """Whether the parts come to `total`: exactly for whole numbers, within rounding for others."""
    numbers = [*table.parts.values(), total]
    has_decimals = any(Fraction(one.value).denominator > 1 for one in numbers)
    tolerance = sum((half_unit(one.value) for one in numbers), Fraction()) if has_decimals else 0
    return abs(total_of(table.parts.values()) - Fraction(total.value)) <= tolerance


def has_all_parts(table: FigureTable, figures: Publication) -> bool:
    """Whether something in print says that no part of a table is left out.

    Any of: a row for the rest; a printed total that the parts do come to; all codes of a closed list of the vocabulary; bands that run from 0 to an open end; years without a gap, unless no other
    such table adds up; as many
    rows as are said to be; a table elsewhere with the same keys that adds up; regions or districts, where
    two or more other such tables add up and none does not.
    A table whose name says `top`, or with fewer rows than the number beside it says, never has.
    """
    proper = set(table.parts) - ASIDE
    if table.is_top or not table.is_partition or not proper:
        return False
    if not REST.isdisjoint(table.parts) or _is_confirmed(table, figures):
        return True
    said = {} if table.topic is None else figures.said.get(table.topic, {})
    if table.owner in said:
        return len(proper) >= said[table.owner]
    return _has_all_of_its_topic(table, proper, figures)


def _is_confirmed(table: FigureTable, figures: Publication) -> bool:
    totals = printed_totals(table, figures) if table.kind is FigureKind.COUNT else []
    return any(adds_up(table, total) for total in totals)


def _has_all_of_its_topic(table: FigureTable, proper: set[str], figures: Publication) -> bool:
    closed = closed_keys(table.topic)
    if closed is not None:
        return closed <= proper
    if table.topic in PLACES:
        said = set(figures.said.get(table.topic, {}).values())
        return said == {len(proper)} or _others_add_up(table, figures)
    is_written = topic_of_keys(proper) is table.topic
    if table.topic is Topic.DISTANCE:
        return (is_written and _bands_have_no_gap(proper)) or _same_keys_add_up(table, figures)
    is_run_of_years = table.topic is Topic.YEAR and is_written and _years_have_no_gap(proper)
    return is_run_of_years and not _others_all_differ(table, figures)


def _bands_have_no_gap(keys: set[str]) -> bool:
    closed = sorted(tuple(map(float, key.split("-"))) for key in keys if not key.startswith(">"))
    ends = [float(key[1:]) for key in keys if key.startswith(">")]
    if len(ends) != 1 or not closed or closed[0][0] != 0 or closed[-1][-1] != ends[0]:
        return False
    return all(0 <= following[0] - band[-1] <= 1 for band, following in pairwise(closed))


def _years_have_no_gap(keys: set[str]) -> bool:
    years = sorted(map(int, keys))
    return len(years) > 1 and years[-1] - years[0] == len(years) - 1


def _same_keys_add_up(table: FigureTable, figures: Publication) -> bool:
    alike = (one for one in _others(table, figures) if set(one.parts) == set(table.parts))
    return any(one.total is not None and adds_up(one, one.total) for one in alike)


def _others_add_up(table: FigureTable, figures: Publication) -> bool:
    judged = _judged(table, figures)
    return len(judged) >= _LEAST_WITNESSES and all(judged)


def _others_all_differ(table: FigureTable, figures: Publication) -> bool:
    """Whether no other such table adds up: then the years that are asked about are not all there are."""
    judged = _judged(table, figures)
    return len(judged) >= _LEAST_WITNESSES and not any(judged)


def _judged(table: FigureTable, figures: Publication) -> list[bool]:
    """Whether each of the other tables with a printed total adds up to it."""
    totals = ((one, total) for one in _others(table, figures) for total in printed_totals(one, figures)[:1])
    return [adds_up(one, total) for one, total in totals]


def _others(table: FigureTable, figures: Publication) -> Iterator[FigureTable]:
    """The first tables like a table, as many as can sensibly bear witness."""
    others = (one for one in figures.families[table.family] if one is not table)
    return islice(others, _MOST_WITNESSES)
