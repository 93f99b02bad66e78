"""Totals that do not equal their parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.names import FigureKind
from geo_service.coverage.audit.rounding import as_printed, finest, number, total_of
from geo_service.coverage.audit.wholeness import adds_up, has_all_parts, printed_totals
from geo_service.findings import Severity
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["total_faults"]

DIFFERS = Wording(
    en="the parts of {table} come to {follows}, and {printed} is printed as their total",
    ru="сумма частей {table} равна {follows}, а их итогом напечатано {printed}",
    kk="{table} бөліктерінің қосындысы {follows}, ал жиыны ретінде {printed} басылған",
)
EXCEEDS = Wording(
    en="the parts of {table} that are printed already come to {follows}, more than their total, {printed}",
    ru="напечатанные части {table} уже дают {follows}, больше их итога, {printed}",
    kk="{table} кестесінің басылған бөліктерінің өзі {follows} болады, бұл олардың жиынынан, яғни {printed} санынан көп",
)
WITHOUT = Wording(en="the parts without {place}", ru="части без {place}", kk="{place} қосылмаған бөліктер")
TWICE = Wording(
    en="the parts with {place} counted twice",
    ru="части, где {place} посчитано дважды",
    kk="{place} екі рет есептелген бөліктер",
)
ELSEWHERE = Wording(en="the parts of {place}", ru="части {place}", kk="{place} бөліктері")


@dataclass(frozen=True, slots=True)
class _Held:
    """A total held against one table."""

    table: FigureTable
    total: Figure
    parts: Fraction
    agrees: bool
    is_whole: bool

    @property
    def is_fault(self) -> bool:
        return not self.agrees and (self.is_whole or self.parts > Fraction(self.total.value))


def total_faults(figures: Publication) -> Iterator[FigureFault]:
    """Each total that its parts contradict.

    Where other parts do come to the same total, the fault is placed at the table that does not, else at the total.
    """
    by_total: dict[str, list[_Held]] = defaultdict(list)
    for table in figures.tables:
        if table.kind is FigureKind.COUNT and table.is_partition and table.parts:
            for total in printed_totals(table, figures):
                by_total[total.place].append(_held(table, total, figures))
    for held in by_total.values():
        faulty = [one for one in held if one.is_fault]
        is_confirmed = any(one.agrees for one in held)
        if faulty and not is_confirmed and len({one.parts for one in faulty}) == 1:
            yield _fault(faulty[0], faulty[0].total.place, figures)
        else:
            yield from (
                _fault(one, one.table.place if is_confirmed else one.total.place, figures) for one in faulty
            )


def _held(table: FigureTable, total: Figure, figures: Publication) -> _Held:
    parts = total_of(table.parts.values())
    return _Held(table, total, parts, adds_up(table, total), has_all_parts(table, figures))


def _fault(held: _Held, place: str, figures: Publication) -> FigureFault:
    follows = as_printed(held.parts, finest(held.table.parts.values()))
    wording = DIFFERS if held.is_whole else EXCEEDS
    return FigureFault(
        kind=FaultKind.TOTAL,
        severity=Severity.ERROR,
        place=place,
        printed=held.total.value,
        follows=follows,
        base=_base(held, figures),
        message=wording(table=held.table.place, follows=number(follows), printed=number(held.total.value)),
    )


def _base(held: _Held, figures: Publication) -> str | None:
    """Which sum would give the printed total: one part left out or counted twice, or the parts of another table."""
    gap = held.parts - Fraction(held.total.value)
    parts: Sequence[Figure] = [one for one in held.table.parts.values() if one.value]
    for one in parts:
        if abs(gap) == Fraction(one.value):
            return WITHOUT(place=one.place) if gap > 0 else TWICE(place=one.place)
    for other in figures.tables:
        alike = other.kind is FigureKind.COUNT and len(other.parts) > 1 and other.place != held.table.place
        if alike and total_of(other.parts.values()) == Fraction(held.total.value):
            return ELSEWHERE(place=other.place)
    return None
