"""Tables as plain columns, and the sums of their rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from geo_service.vocabulary import AdminLevel

__all__ = ["LEVELS", "Columns", "Key", "Side", "Tables", "is_near", "plain_columns", "split_names"]

Columns: TypeAlias = Mapping[str, Sequence[Any]]
"""The columns of a table by name: numbers (float) and texts, null where nothing is known; all of one length."""

Key: TypeAlias = tuple[Any, ...]

LEVELS = (None, AdminLevel.REGION, AdminLevel.DISTRICT)
"""How tables are split; null for the whole."""

_KEYS = ("pcode", "group", "role", "sex", "service", "band", "status", "code", "base_year", "year")
"""The columns that tell the rows of a table apart, in the order in which a row is named."""
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equation between tables: rows that are summed.

    Attributes:
        table: The table that is not split, also where what is meant is one that is.
        columns: What is summed of each row, null being 0; no column counts the rows.
        keys: The columns that tell sums apart; the unit is always one where the table is split.
        only: A column and the only value of it that counts; null for every row.
        but: A column and the values of it that do not count; null for none.
    """

    table: str
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    only: tuple[str, str] | None = None
    but: tuple[str, tuple[str | None, ...]] | None = None

    def __str__(self) -> str:
        """As it is named in a fault."""
        return " + ".join(self.columns) or "rows"


class Tables:
    """The tables of a release, each with its name.

    Args:
        tables: By name. Those in which numbers are hidden say nothing: what is left of them does not add up.
    """

    def __init__(self, tables: Mapping[str, Columns]) -> None:
        """Sum nothing yet."""
        self._tables = {
            name: columns for name, columns in tables.items() if not any(columns.get("suppressed", ()))
        }

    def name(self, table: str, level: AdminLevel | None) -> str | None:
        """What a table that is split by a level is called; null where there is none."""
        names = (table,) if level is None else split_names(table, level)
        return next((name for name in names if name in self._tables), None)

    def columns(self, name: str, *asked: str) -> list[Sequence[Any]] | None:
        """Columns of a table, all or nothing: null where one is not there."""
        there = self._tables[name]
        return [there[one] for one in asked] if all(one in there for one in asked) else None

    def names(self) -> list[str]:
        """All that say something."""
        return list(self._tables)

    def keys(self, name: str, *asked: str) -> list[Key] | None:
        """The values of each row in columns; null where one is not there."""
        found = self.columns(name, *asked)
        if found is None:
            return None
        return [*zip(*found, strict=True)] if asked else [()] * self._rows(name)

    def row(self, name: str, at: int) -> str:
        """A row as it is named in a fault."""
        columns = self._tables[name]
        values = [str(columns[key][at] or "none") for key in _KEYS if key in columns]
        return ", ".join(values) or "the whole"

    def sums(self, side: Side, name: str, by: tuple[str, ...]) -> dict[Key, float] | None:
        """The sums of a side in the table of that name, by `by`; null where the table has no such columns."""
        keys, summed = self.keys(name, *by), self.columns(name, *side.columns)
        counted = self._counted(side, name)
        if keys is None or summed is None or counted is None:
            return None
        totals: dict[Key, float] = {}
        for at, key in enumerate(keys):
            if counted[at]:
                value = sum(column[at] or 0 for column in summed) if summed else 1
                totals[key] = totals.get(key, 0) + value
        return totals

    def _counted(self, side: Side, name: str) -> list[bool] | None:
        if side.only is not None:
            found = self.columns(name, side.only[0])
            return None if found is None else [value == side.only[1] for value in found[0]]
        if side.but is not None:
            found = self.columns(name, side.but[0])
            return None if found is None else [value not in side.but[1] for value in found[0]]
        return [True] * self._rows(name)

    def _rows(self, name: str) -> int:
        return len(next(iter(self._tables[name].values()), ()))


def plain_columns(frame: pd.DataFrame) -> Columns:
    """The columns of a table that a rule can ask for: numbers as float, all else as it is, null as null; texts for readers are left out."""
    return {
        str(name): _plain(frame[name])
        for name in frame
        if not str(name).startswith(("label", "name", "service_label", "band_label"))
    }


def split_names(table: str, level: AdminLevel) -> tuple[str, str]:
    """What a table may be called when it is split by a level."""
    return f"{table}_by_{level}", f"{table}_and_{level}"


def is_near(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same but for what arithmetic loses; null is only null."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)


def _plain(column: pd.Series) -> list[Any]:
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    values = column.to_numpy(np.float64, na_value=np.nan) if is_number else column.to_numpy(object)
    return [
        None if is_null else value for value, is_null in zip(values.tolist(), pd.isna(values), strict=True)
    ]
