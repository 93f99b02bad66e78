"""Kinds of identities: what a column has to be, in a row, in a table, and between tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from geo_service.report.identities.numbers import LEVELS, is_near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geo_service.report.identities.numbers import Key, Side, Tables
    from geo_service.vocabulary import AdminLevel

__all__ = [
    "Adds",
    "AtMost",
    "Follows",
    "Formula",
    "Found",
    "Rule",
    "Same",
    "ShareOf",
    "less",
    "over",
    "total",
]

_WHOLE_NUMBER = 1e15


class Rule(Protocol):
    """What has to be so in the tables of a release. A rule says nothing where a table or column is not there."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it is about, as they are called when they are not split."""

    def faults(self, tables: Tables) -> Iterator[str]:
        """Where it is not so: sentences that name table, row, column, what is there and what follows."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What a cell of a row follows from.

    Attributes:
        columns: The cells it is computed from.
        of: Computes it from them; none of them is null.
        text: As it is named in a fault.
    """

    columns: tuple[str, ...]
    of: Callable[[Sequence[float]], float | None]
    text: str

    def __call__(self, cells: Sequence[float | None]) -> float | None:
        """The number; null where one of the cells is."""
        known = [cell for cell in cells if cell is not None]
        return self.of(known) if len(known) == len(cells) else None


def total(*columns: str) -> Formula:
    """The sum of columns."""
    return Formula(columns, sum, " + ".join(columns))


def less(later: str, earlier: str) -> Formula:
    """A difference."""
    return Formula((later, earlier), lambda cells: cells[0] - cells[1], f"{later} - {earlier}")


def over(part: str, *whole: str) -> Formula:
    """A part over a whole, which is the sum of columns; null where it is 0."""
    return Formula(
        (part, *whole),
        lambda cells: cells[0] / sum(cells[1:]) if sum(cells[1:]) else None,
        f"{part} / ({' + '.join(whole)})",
    )


@dataclass(frozen=True, slots=True)
class Follows:
    """A cell follows from others of its row.

    Attributes:
        table: The table; those that split it too.
        column: The cell's.
        formula: What it follows from.
    """

    table: str
    column: str
    formula: Formula

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return (self.table,)

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for name in _each_level(tables, self.table):
            found = tables.columns(name, self.column, *self.formula.columns)
            for at, (there, *cells) in enumerate(zip(*(found or ()), strict=True)):
                expected = self.formula(cells)
                if not is_near(there, expected):
                    yield _fault(name, tables.row(name, at), self.column, there, self.formula.text, expected)


@dataclass(frozen=True, slots=True)
class ShareOf:
    """A cell is the share of a count in its sum over rows.

    Attributes:
        table: The table; those that split it too.
        column: The share's.
        count: The count's, null being 0 in the sum.
        within: The columns that rows of one sum share.
        by_unit: Whether each unit has its sum.
    """

    table: str
    column: str
    count: str
    within: tuple[str, ...] = ()
    by_unit: bool = True

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return (self.table,)

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for level in LEVELS:
            name = tables.name(self.table, level)
            if name is None:
                continue
            unit = ("pcode",) if level is not None and self.by_unit else ()
            found = tables.columns(name, self.column, self.count)
            keys = tables.keys(name, *unit, *self.within)
            if found is None or keys is None:
                continue
            sums: dict[Key, float] = {}
            for key, count in zip(keys, found[1], strict=True):
                sums[key] = sums.get(key, 0) + (count or 0)
            for at, (key, there, count) in enumerate(zip(keys, *found, strict=True)):
                expected = None if count is None or not sums[key] else count / sums[key]
                if not is_near(there, expected):
                    what = f"{self.count} over its sum, {_shown(sums[key])},"
                    yield _fault(name, tables.row(name, at), self.column, there, what, expected)


@dataclass(frozen=True, slots=True)
class AtMost:
    """A cell is no more than another of its row; where either is null, nothing is said.

    Attributes:
        table: The table; those that split it too.
        column: The cell's.
        most: The other's.
    """

    table: str
    column: str
    most: str

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return (self.table,)

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for name in _each_level(tables, self.table):
            found = tables.columns(name, self.column, self.most)
            for at, (there, most) in enumerate(zip(*(found or ()), strict=True)):
                if there is not None and most is not None and there > most:
                    yield _fault(
                        name, tables.row(name, at), self.column, there, self.most, most, is_most=True
                    )


@dataclass(frozen=True, slots=True)
class Found:
    """A cell is that of another table, in the row of a code.

    Attributes:
        table: The table; those that split it too.
        column: The cell's.
        code: The column that says in which row of the other.
        other: The other table, split likewise. Where it has no such row, the cell is null.
        value: The other's column.
        but: A code that has no row there; null for none.
    """

    table: str
    column: str
    code: str
    other: str
    value: str
    but: str | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return self.table, self.other

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for level in LEVELS:
            name, other = tables.name(self.table, level), tables.name(self.other, level)
            if name is None or other is None:
                continue
            unit = () if level is None else ("pcode",)
            found, values = tables.columns(name, self.column), tables.columns(other, self.value)
            keys, codes = tables.keys(name, *unit, self.code), tables.keys(other, *unit, "code")
            if found is None or values is None or keys is None or codes is None:
                continue
            expected = dict(zip(codes, values[0], strict=True))
            for at, (key, there) in enumerate(zip(keys, found[0], strict=True)):
                if key[-1] != self.but and not is_near(there, expected.get(key)):
                    what = f"{self.value} of the table '{other}' for {key[-1]}"
                    yield _fault(name, tables.row(name, at), self.column, there, what, expected.get(key))


@dataclass(frozen=True, slots=True)
class Same:
    """Sums of one table are those of another, for the whole and for every unit of a level by which both are split.

    Attributes:
        one: What is summed.
        other: What it has to be. With fewer keys, it has to be so for each value of the keys that it lacks.
        is_most: Whether it may also be less.
        levels: The levels for which it is so, null for the whole.
    """

    one: Side
    other: Side
    is_most: bool = False
    levels: tuple[AdminLevel | None, ...] = LEVELS

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return self.one.table, self.other.table

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for level in self.levels:
            unit = () if level is None else ("pcode",)
            names = tables.name(self.one.table, level), tables.name(self.other.table, level)
            yield from _differences(tables, self.one, self.other, names, unit, is_most=self.is_most)


@dataclass(frozen=True, slots=True)
class Adds:
    """The units of a level, with the villages of none, add up to the whole.

    Attributes:
        parts: What is summed of the table of each level, over all units.
        whole: What it has to be, of a table that is not split.
        levels: The levels for which it is so.
    """

    parts: Side
    whole: Side
    levels: tuple[AdminLevel | None, ...] = LEVELS[1:]

    @property
    def tables(self) -> tuple[str, ...]:
        """As `Rule`."""
        return self.parts.table, self.whole.table

    def faults(self, tables: Tables) -> Iterator[str]:
        """As `Rule`."""
        for level in self.levels:
            names = tables.name(self.parts.table, level), tables.name(self.whole.table, None)
            yield from _differences(tables, self.parts, self.whole, names, ())


def _each_level(tables: Tables, table: str) -> Iterator[str]:
    for level in LEVELS:
        name = tables.name(table, level)
        if name is not None:
            yield name


def _differences(
    tables: Tables,
    one: Side,
    other: Side,
    names: tuple[str | None, str | None],
    unit: tuple[str, ...],
    *,
    is_most: bool = False,
) -> Iterator[str]:
    name, beside = names
    if name is None or beside is None:
        return
    there = tables.sums(one, name, (*unit, *one.keys))
    expected = tables.sums(other, beside, (*unit, *other.keys))
    if there is None or expected is None:
        return
    known = len(unit) + len(other.keys)
    missing = [key for key in expected if key not in there] if len(one.keys) == len(other.keys) else []
    for key in (*there, *missing):
        found, follows = there.get(key, 0), expected.get(key[:known], 0)
        if not (found <= follows if is_most else is_near(found, follows)):
            # A side without a unit or a code is the sum of the table.
            row = ", ".join(str(part or "none") for part in key) or "all rows"
            what = f"{other} of the table '{beside}'"
            yield _fault(name, row, str(one), found, what, follows, is_most=is_most)


def _fault(
    name: str,
    row: str,
    column: str,
    there: float | None,
    what: str,
    expected: float | None,
    *,
    is_most: bool = False,
) -> str:
    is_or_makes = "is at most" if is_most else "is"
    return f"the table '{name}', {row}, column '{column}': {_shown(there)} is there, and {what} {is_or_makes} {_shown(expected)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    is_whole = abs(value) < _WHOLE_NUMBER and value == int(value)
    return f"{int(value):,}" if is_whole else f"{value:,.6g}"
