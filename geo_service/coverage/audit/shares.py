"""Shares that do not follow from their counts, or do not add up to 100."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.names import INDIVIDUALS, MEASURES, FigureKind, read_name
from geo_service.coverage.audit.rounding import as_printed, finest, half_unit, number, rounds_to, total_of
from geo_service.coverage.audit.wholeness import has_all_parts, printed_totals
from geo_service.findings import Severity
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["counts_of_shares", "share_faults", "shares_sum_faults"]

DIFFERS = Wording(
    en="{count} of {whole} is {follows}, and {printed} is printed",
    ru="{count} от {whole} составляет {follows}, а напечатано {printed}",
    kk="{whole} ішінде {count} үлесі {follows}, ал {printed} басылған",
)
OF = Wording(
    en="a share of {place} ({value})", ru="доля от {place} ({value})", kk="{place} ({value}) санынан үлес"
)
OF_SUM = Wording(
    en="a share of the sum of {place} ({value})",
    ru="доля от суммы {place} ({value})",
    kk="{place} қосындысынан ({value}) үлес",
)
ABOVE = Wording(
    en="the shares of {table} come to {printed}, above {follows} by more than the {tolerance} that rounding explains",
    ru="сумма долей {table} равна {printed}, что больше {follows} сильнее, чем объясняется округлением ({tolerance})",
    kk="{table} үлестерінің қосындысы {printed}: {follows} мәнінен дөңгелектеу ({tolerance}) түсіндіретіннен артық",
)
BELOW = Wording(
    en="the shares of {table} leave nothing out and come to {printed}, below {follows} by more than the {tolerance} that rounding explains",
    ru="доли {table} ничего не пропускают, но их сумма равна {printed}, что меньше {follows} сильнее, чем объясняется округлением "
    "({tolerance})",
    kk="{table} үлестерінде ештеңе қалмаған, бірақ қосындысы {printed}: {follows} мәнінен дөңгелектеу ({tolerance}) түсіндіретіннен кем",
)
TOTAL_DIFFERS = Wording(
    en="the shares of {table} come to {parts}, and {printed} is printed as their total",
    ru="сумма долей {table} равна {parts}, а их итогом напечатано {printed}",
    kk="{table} үлестерінің қосындысы {parts}, ал жиыны ретінде {printed} басылған",
)


@dataclass(frozen=True, slots=True)
class _Held:
    """Shares held against their counts.

    Attributes:
        table: The shares.
        counts: What they are of.
        bases: What their whole may be.
        hundred: 100 for percentages, 1 for fractions.
        pairs: Each count and its share.
    """

    table: FigureTable
    counts: FigureTable
    bases: list[Fraction]
    hundred: int
    pairs: list[tuple[Figure, Figure]]


def counts_of_shares(table: FigureTable, figures: Publication) -> FigureTable | None:
    """The counts over the same breakdown that a table of shares is of; null where there are none or it is not clear which."""
    beside = [
        one
        for one in figures.owned[table.owner]
        if (one.kind, one.topic, one.label) == (FigureKind.COUNT, table.topic, table.label)
        and (one.topic is not None or not set(one.parts).isdisjoint(table.parts))
    ]
    plain = {(), (INDIVIDUALS,)}
    alike = [one for one in beside if one.stem == table.stem or {one.stem, table.stem} <= plain]
    return alike[0] if len(alike) == 1 else None


def share_faults(figures: Publication) -> Iterator[FigureFault]:
    """Each share that its count and their total do not give.

    Where a total is wrong itself, a share that follows from the sum of the parts is not: one mistake is one fault.
    """
    held = [one for table in figures.tables if (one := _held(table, figures)) is not None]
    for one in held:
        if one.table.label and not _mostly_follow(one, held):
            continue
        likeliest = max(one.bases, key=lambda base: _hits(one.pairs, [base], one.hundred))
        for count, share in one.pairs:
            if not any(_gives(count, base, one.hundred, share) for base in one.bases):
                yield _fault(share, count, one, likeliest, figures)


def shares_sum_faults(figures: Publication) -> Iterator[FigureFault]:
    """Each table of shares of one whole that comes to more than 100; or to less, where nothing is left out.

    What rounding explains is half a unit of the last printed decimal for each share.
    """
    for table in figures.tables:
        if table.kind is not FigureKind.SHARE or not table.is_partition or not table.parts:
            continue
        counts = counts_of_shares(table, figures)
        bases = [] if counts is None else _bases(counts, figures)
        hundred = Fraction(_hundred(table, counts, bases))
        total, tolerance = total_of(table.parts.values()), _tolerance(table)
        if table.label and not _most_others_come_to(hundred, table, figures):
            continue
        if total - hundred > tolerance:
            yield _sum_fault(table, ABOVE, total, hundred, tolerance)
        elif hundred - total > tolerance and _leaves_nothing_out(table, counts, figures):
            yield _sum_fault(table, BELOW, total, hundred, tolerance)
        if table.total is not None and not any(rounds_to(one, table.total.value) for one in (total, hundred)):
            yield _total_fault(table, table.total, total)


def _held(table: FigureTable, figures: Publication) -> _Held | None:
    counts = counts_of_shares(table, figures) if table.kind is FigureKind.SHARE else None
    bases = [] if counts is None else _bases(counts, figures)
    if counts is None or not bases:
        return None
    return _Held(table, counts, bases, _hundred(table, counts, bases), _pairs(counts, table))


def _mostly_follow(held: _Held, everything: list[_Held]) -> bool:
    """Whether most shares of two breakdowns follow in this direction; else they are of each row, each column or all."""
    alike = [one for one in everything if _is_beside(one.table, held.table) or one is held]
    hits = sum(_hits(one.pairs, one.bases, one.hundred) for one in alike)
    return hits * 2 > sum(len(one.pairs) for one in alike)


def _is_beside(one: FigureTable, table: FigureTable) -> bool:
    """Whether two tables differ in nothing but their label."""
    mine, its = (table.owner, table.family, len(table.label)), (one.owner, one.family, len(one.label))
    return mine == its and one.label != table.label


def _tolerance(table: FigureTable) -> Fraction:
    return sum((half_unit(one.value) for one in table.parts.values()), Fraction())


def _most_others_come_to(hundred: Fraction, table: FigureTable, figures: Publication) -> bool:
    """Whether shares of two breakdowns add up in this direction: of those beside a table, most do."""
    others = [one for one in figures.owned[table.owner] if _is_beside(one, table)]
    hits = [abs(total_of(one.parts.values()) - hundred) <= _tolerance(one) for one in others]
    return sum(hits) * 2 > len(hits)


def _bases(counts: FigureTable, figures: Publication) -> list[Fraction]:
    """What shares may be of: the printed totals of the counts, and the sum of any table of the same that leaves nothing out."""
    totals = printed_totals(counts, figures)
    if not counts.is_partition and MEASURES.intersection(counts.stem[:1]):
        whole = figures.with_stem(counts.owner, counts.stem[:1])
        totals += [] if whole is None else [whole]
    bases = [Fraction(one.value) for one in totals]
    bases += [
        total_of(one.parts.values())
        for one in figures.owned[counts.owner]
        if (one.kind, one.stem, one.label) == (FigureKind.COUNT, counts.stem, counts.label)
        and has_all_parts(one, figures)
    ]
    return [base for base in bases if base > 0]


def _gives(count: Figure, base: Fraction, hundred: int, share: Figure) -> bool:
    return rounds_to(Fraction(count.value) / base * hundred, share.value)


def _pairs(counts: FigureTable, shares: FigureTable) -> list[tuple[Figure, Figure]]:
    """Each count and its share."""
    return [(counts.parts[key], share) for key, share in shares.parts.items() if key in counts.parts]


def _hits(pairs: list[tuple[Figure, Figure]], bases: list[Fraction], hundred: int) -> int:
    """How many shares follow from any of the bases."""
    return sum(any(_gives(count, base, hundred, share) for base in bases) for count, share in pairs)


def _hundred(table: FigureTable, counts: FigureTable | None, bases: list[Fraction]) -> int:
    """100 for percentages, 1 for fractions: none is above 1, and more of them follow as fractions, or they come to over a half."""
    if any(abs(one.value) > 1 for one in table.parts.values()):
        return 100
    pairs = [] if counts is None else _pairs(counts, table)
    as_fractions, as_percentages = _hits(pairs, bases, 1), _hits(pairs, bases, 100)
    if as_fractions != as_percentages:
        return 1 if as_fractions > as_percentages else 100
    return 1 if total_of(table.parts.values()) * 2 > 1 else 100


def _leaves_nothing_out(table: FigureTable, counts: FigureTable | None, figures: Publication) -> bool:
    """Whether shares are those of all that is counted; where that is not known, whether the table itself says so."""
    if counts is not None and has_all_parts(counts, figures):
        return {key for key, one in counts.parts.items() if one.value} <= set(table.parts)
    return has_all_parts(table, figures)


def _fault(share: Figure, count: Figure, held: _Held, base: Fraction, figures: Publication) -> FigureFault:
    percent = held.hundred == 100
    follows = as_printed(Fraction(count.value) / base * held.hundred, share.value)
    return FigureFault(
        kind=FaultKind.SHARE,
        severity=Severity.ERROR,
        place=share.place,
        printed=share.value,
        follows=follows,
        base=_other_base(share, count, held, figures),
        message=DIFFERS(
            count=number(count.value),
            whole=number(as_printed(base, count.value)),
            follows=number(follows, percent=percent),
            printed=number(share.value, percent=percent),
        ),
    )


def _other_base(share: Figure, count: Figure, held: _Held, figures: Publication) -> str | None:
    """The number nearest by, of which the count would be the printed share."""
    counts, hundred = held.counts, held.hundred
    whole = total_of(counts.parts.values())
    if whole > 0 and _gives(count, whole, hundred, share):
        return OF_SUM(place=counts.place, value=number(as_printed(whole, count.value)))
    above = [counts.owner[:depth] for depth in range(len(counts.owner), -1, -1)]
    nearby = [
        one
        for path in above
        for name, one in figures.trees[path].figures.items()
        if read_name(name).kind is FigureKind.COUNT
    ]
    nearby += [one.total for one in figures.tables if one.total is not None and one.kind is FigureKind.COUNT]
    for one in nearby:
        if one.value > 0 and _gives(count, Fraction(one.value), hundred, share):
            return OF(place=one.place, value=number(one.value))
    return None


def _sum_fault(
    table: FigureTable, wording: Wording, total: Fraction, hundred: Fraction, tolerance: Fraction
) -> FigureFault:
    printed = as_printed(total, finest(table.parts.values()))
    follows = as_printed(hundred, finest(()))
    shown = as_printed(tolerance, finest(table.parts.values()).scaleb(-1))
    return FigureFault(
        kind=FaultKind.SHARES_SUM,
        severity=Severity.ERROR,
        place=table.place,
        printed=printed,
        follows=follows,
        base=None,
        message=wording(
            table=table.place, printed=number(printed), follows=number(follows), tolerance=number(shown)
        ),
    )


def _total_fault(table: FigureTable, total: Figure, parts: Fraction) -> FigureFault:
    follows = as_printed(parts, finest([*table.parts.values(), total]))
    return FigureFault(
        kind=FaultKind.SHARES_SUM,
        severity=Severity.ERROR,
        place=total.place,
        printed=total.value,
        follows=follows,
        base=None,
        message=TOTAL_DIFFERS(table=table.place, parts=number(follows), printed=number(total.value)),
    )
