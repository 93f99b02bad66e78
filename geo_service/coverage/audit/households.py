"""Households that are more than the people they consist of, or than all households there are."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.names import HOUSEHOLDS, INDIVIDUALS, POPULATION, FigureKind
from geo_service.coverage.audit.rounding import as_printed, finest, number, total_of
from geo_service.findings import Severity
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["household_faults"]

ABOVE_PEOPLE = Wording(
    en="{households} households are more than the {people} people at {place}; each has one at least",
    ru="{households} домохозяйств больше, чем {people} человек в {place}; в каждом есть хотя бы один",
    kk="{households} үй шаруашылығы {place} орнындағы {people} адамнан көп; әрқайсысында кемінде бір адам бар",
)
ABOVE_ALL = Wording(
    en="the {households} households of {table} are more than all {all} households at {place}",
    ru="{households} домохозяйств в {table} больше, чем всех домохозяйств, {all}, в {place}",
    kk="{table} кестесіндегі {households} үй шаруашылығы {place} орнындағы барлық {all} үй шаруашылығынан көп",
)

_PEOPLE = ((INDIVIDUALS,), (POPULATION,))


def household_faults(figures: Publication) -> Iterator[FigureFault]:
    """Each number of households that is above the individuals or the population beside it, and each table above all households.

    Two tables over the same breakdown are compared row by row. The tables above all households are those that have a label, such
    as the service that the households are without.
    """
    for path in figures.trees:
        households = figures.with_stem(path, (HOUSEHOLDS,))
        people = [one for stem in _PEOPLE if (one := figures.with_stem(path, stem)) is not None]
        if households is not None:
            yield from (_above_people(households, one) for one in people if households.value > one.value)
    for table in figures.tables:
        if table.kind is FigureKind.COUNT and table.stem == (HOUSEHOLDS,):
            yield from _rows_above_people(table, figures)
            yield from _above_all(table, figures)


def _rows_above_people(table: FigureTable, figures: Publication) -> Iterator[FigureFault]:
    for other in figures.owned[table.owner]:
        is_people = other.stem in _PEOPLE or (
            not other.stem and figures.with_stem(other.owner, (INDIVIDUALS,)) is not None
        )
        of_the_same = (other.kind, other.topic, other.label) == (table.kind, table.topic, table.label)
        # Rows that were trees of their own have been compared as such.
        if is_people and of_the_same and "*" not in table.place:
            for key, households in table.parts.items():
                if key in other.parts and households.value > other.parts[key].value:
                    yield _above_people(households, other.parts[key])


def _above_all(table: FigureTable, figures: Publication) -> Iterator[FigureFault]:
    """The bands of one service against all households; without a label it is a total of its parts."""
    if not table.label or not table.is_partition:
        return
    above = [table.owner[:depth] for depth in range(len(table.owner), -1, -1)]
    known = (figures.with_stem(path, (HOUSEHOLDS,)) for path in above)
    everything = next((one for one in known if one is not None), None)
    parts = total_of(table.parts.values())
    if everything is not None and parts > Fraction(everything.value):
        households = as_printed(parts, finest(table.parts.values()))
        message = ABOVE_ALL(
            households=number(households),
            table=table.place,
            all=number(everything.value),
            place=everything.place,
        )
        yield _fault(table.place, households, everything, message)


def _above_people(households: Figure, people: Figure) -> FigureFault:
    message = ABOVE_PEOPLE(
        households=number(households.value), people=number(people.value), place=people.place
    )
    return _fault(households.place, households.value, people, message)


def _fault(place: str, printed: Decimal, most: Figure, message: str) -> FigureFault:
    return FigureFault(
        kind=FaultKind.HOUSEHOLDS,
        severity=Severity.ERROR,
        place=place,
        printed=printed,
        follows=most.value,
        base=None,
        message=message,
    )
