"""Cells that one table has and its like has not."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.growth import counts_of_growth, years_compared
from geo_service.coverage.audit.names import (
    ASIDE,
    MEASURES,
    REST,
    FigureKind,
    Topic,
    canonical_key,
    read_name,
    topic_of_keys,
)
from geo_service.coverage.audit.rounding import as_printed, half_unit, number, total_of
from geo_service.coverage.audit.shares import counts_of_shares
from geo_service.coverage.audit.wholeness import printed_totals
from geo_service.findings import Severity
from geo_service.vocabulary import PopulationGroup, moves_across_border
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping
    from decimal import Decimal

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["missing_cells"]

LACKS_ROW = Wording(
    en="{table} has no '{key}'; in {other} it is {value}, above '{least}', which both have",
    ru="в {table} нет «{key}»; в {other} это {value}, больше, чем «{least}», которое есть в обеих таблицах",
    kk="{table} кестесінде «{key}» жоқ; {other} кестесінде оның мәні {value}, бұл екі кестеде де бар «{least}» мәнінен көп",
)
LACKS_KEY = Wording(
    en="{table} has no '{key}'; {count} of {all} tables like it have",
    ru="в {table} нет «{key}»; есть в {count} из {all} таких таблиц",
    kk="{table} кестесінде «{key}» жоқ; осындай {all} кестенің {count} кестесінде бар",
)
LACKS_FIGURE = Wording(
    en="{group} has no '{key}'; {others} have",
    ru="в {group} нет «{key}»; есть в {others}",
    kk="{group} ішінде «{key}» жоқ; {others} ішінде бар",
)
LACKS_YEAR = Wording(
    en="{growth} is growth between two years, and {table} has no '{key}'",
    ru="{growth} — рост между двумя годами, а в {table} нет «{key}»",
    kk="{growth} екі жыл арасындағы өсім, ал {table} кестесінде «{key}» жоқ",
)

_Member = TypeVar("_Member")
_Key = TypeVar("_Key")
# Their rows are all asked about, so that a row which is not there was forgotten and not left out for being small.
_CLOSED = frozenset({Topic.DISTANCE, Topic.SEX, Topic.YEAR, Topic.MIGRATION})
_TOTAL = "total"


def missing_cells(figures: Publication) -> Iterator[FigureFault]:
    """Each row, figure and year that is in one table and missing in another like it.

    Looked for are rows of shares without a count and of counts without a share, rows and totals that most tables of a kind have, figures
    and tables that most groups have, and years that growth is printed for. The largest few of a table are no fault: a row counts as missing only where a smaller one is there.
    """
    found = [
        *_rows_of_shares(figures),
        *_years_of_growth(figures),
        *_keys_of_families(figures),
        *_figures_of_groups(figures),
    ]
    yield from {one.place: one for one in found}.values()


def _rows_of_shares(figures: Publication) -> Iterator[FigureFault]:
    for table in figures.tables:
        counts = counts_of_shares(table, figures) if table.kind is FigureKind.SHARE else None
        if counts is None:
            continue
        # The rest stands outside of any order. The unknown may be left out of shares, but a share of them has a count.
        yield from _rows_left_out(counts, table, REST)
        yield from _rows_left_out(table, counts, ASIDE)


def _rows_left_out(
    lacking: FigureTable, having: FigureTable, unordered: frozenset[str]
) -> Iterator[FigureFault]:
    common = [having.parts[key] for key in lacking.parts if key in having.parts and key not in ASIDE]
    least = min(common, key=lambda one: one.value, default=None)
    for key, one in having.parts.items():
        if least is None or key in lacking.parts or key in unordered:
            continue
        if _is_surely_more(one, least, having.kind):
            value = number(one.value)
            message = LACKS_ROW(
                table=lacking.place, key=one.name, other=having.place, value=value, least=least.name
            )
            yield _fault(f"{lacking.place}.{one.name}", message)


def _is_surely_more(one: Figure, other: Figure, kind: FigureKind) -> bool:
    """Whether a number was larger than another also before they were rounded."""
    if kind is FigureKind.COUNT:
        return one.value > other.value
    return Fraction(one.value) - half_unit(one.value) >= Fraction(other.value) + half_unit(other.value)


def _years_of_growth(figures: Publication) -> Iterator[FigureFault]:
    for table in figures.tables:
        counts = counts_of_growth(table, figures) if table.kind is FigureKind.GROWTH else None
        if counts is None:
            continue
        for one in table.parts.values():
            # A lone year stands for growth since the year before, which need not be shown.
            years = years_compared(one.name) or ()
            for year in years:
                if year in one.name and year not in counts.parts:
                    yield _fault(
                        f"{counts.place}.{year}", LACKS_YEAR(growth=one.place, table=counts.place, key=year)
                    )


def _keys_of_families(figures: Publication) -> Iterator[FigureFault]:
    families: dict[Hashable, list[FigureTable]] = defaultdict(list)
    for table in figures.tables:
        if table.topic in _CLOSED and "*" not in table.place:
            families[table.family, bool(table.label)].append(table)
    for family in families.values():
        names = {key: one.name for table in family for key, one in table.parts.items()}
        for at, key, holders in _lacking({at: _keys(table) for at, table in enumerate(family)}):
            if key in ASIDE:
                continue
            table, name = family[at], names.get(key, _TOTAL)
            message = LACKS_KEY(table=table.place, key=name, count=len(holders), all=len(family))
            yield _fault(f"{table.place}.{name}", message, _what_is_left(table, key, figures))


def _keys(table: FigureTable) -> set[str]:
    return set(table.parts) | ({_TOTAL} if table.total is not None else set())


def _what_is_left(table: FigureTable, key: str, figures: Publication) -> Decimal | None:
    """What the cell would hold: the total less the parts; null where there is no total."""
    parts = total_of(table.parts.values())
    if key == _TOTAL:
        return as_printed(parts, next(iter(table.parts.values())).value)
    totals = printed_totals(table, figures) if table.is_partition and table.kind is FigureKind.COUNT else []
    left = Fraction(totals[0].value) - parts if totals else Fraction()
    return as_printed(left, totals[0].value) if left > 0 else None


def _figures_of_groups(figures: Publication) -> Iterator[FigureFault]:
    are_tables = {table.place for table in figures.tables}
    for path, tree in figures.trees.items():
        names = {canonical_key(name): name for name in tree.branches}
        groups = {group: names[group] for group in PopulationGroup if group in names}
        if groups:
            yield from _lacking_groups(path, groups, figures)
        elif topic_of_keys(names) is not None:
            rows: dict[str, Mapping[Hashable, str]] = {
                name: {one: one for one in branch.figures}
                for name, branch in tree.branches.items()
                if branch.figures and branch.place not in are_tables
            }
            yield from _lacking_figures(path, rows)


def _lacking_groups(
    path: tuple[str, ...], groups: Mapping[PopulationGroup, str], figures: Publication
) -> Iterator[FigureFault]:
    """Groups against those that move as they do, and in their counts against all groups."""
    items = {group: _items(figures, (*path, name)) for group, name in groups.items()}
    for across in (True, False):
        alike: dict[str, Mapping[Hashable, str]] = {
            groups[group]: held for group, held in items.items() if moves_across_border(group) is across
        }
        yield from _lacking_figures(path, alike)
    counts: dict[str, Mapping[Hashable, str]] = {
        groups[group]: {
            key: name for key, name in held.items() if MEASURES.intersection(read_name(name).stem[:1])
        }
        for group, held in items.items()
    }
    yield from _lacking_figures(path, counts)


def _items(figures: Publication, path: tuple[str, ...]) -> dict[Hashable, str]:
    """The figures and tables directly of a group, each by what makes it the same in another and with its name here."""
    items: dict[Hashable, str] = {name.casefold(): name for name in figures.trees[path].figures}
    for table in figures.owned[path]:
        items[table.family, table.label] = table.place.removeprefix(f"{'.'.join(path)}.")
    return items


def _lacking_figures(
    path: tuple[str, ...], held: Mapping[str, Mapping[Hashable, str]]
) -> Iterator[FigureFault]:
    for member, key, holders in _lacking(held):
        group, name = ".".join((*path, member)), held[holders[0]][key]
        message = LACKS_FIGURE(group=group, key=name, others=", ".join(holders))
        yield _fault(f"{group}.{name}", message)


def _lacking(held: Mapping[_Member, Collection[_Key]]) -> Iterator[tuple[_Member, _Key, list[_Member]]]:
    """Each member that has not what more than half of all have, and who they are."""
    counts = Counter(key for keys in held.values() for key in keys)
    for key, count in counts.items():
        if 1 < count < len(held) < 2 * count:
            holders = [member for member, keys in held.items() if key in keys]
            yield from ((member, key, holders) for member, keys in held.items() if key not in keys)


def _fault(place: str, message: str, follows: Decimal | None = None) -> FigureFault:
    return FigureFault(FaultKind.MISSING_CELL, Severity.WARNING, place, None, follows, None, message)
