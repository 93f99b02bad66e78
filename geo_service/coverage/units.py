"""Units of rows: which admin unit each row of a frame counts in, and the sums of every unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_service.coverage.tables import unit_column, unit_names
from geo_service.errors import InputError
from geo_service.vocabulary import AdminLevel, Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "UnitRows",
    "code_positions",
    "counts",
    "ratio",
    "sums",
    "unit_rows",
    "village_positions",
    "with_units",
]

_UNIT_COLUMNS = ("adm1_pcode", "adm2_pcode")


def with_units(frame: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame, each with the admin units of its village.

    Args:
        frame: Any frame with a `village_id` a row, such as those of a survey round; shape (n, …).
        villages: A row a village, with `village_id` and `adm1_pcode`, `adm2_pcode` (text, null where not assigned).

    Returns:
        `frame` with the columns `adm1_pcode` and `adm2_pcode` (category of the codes that occur, null where the village is not
        assigned), so that every table of this room can split it by region and district.

    Raises:
        InputError: A village of the frame is not among the villages, or one of these is there twice.
    """
    ids = villages["village_id"]
    if ids.duplicated().any():
        raise InputError(
            f"the villages: village_id '{ids[ids.duplicated()].iloc[0]}' is there more than once"
        )
    position = village_positions(frame["village_id"], ids)
    if (position < 0).any():
        stray = frame["village_id"].iloc[int(np.flatnonzero(position < 0)[0])]
        raise InputError(f"village_id '{stray}' has answers but is not among the villages of the round")
    codes = {name: villages[name].astype("category").array.take(position) for name in _UNIT_COLUMNS}
    return frame.assign(**codes)


def village_positions(ids: pd.Series, among: pd.Series) -> NDArray[np.int64]:
    """Where each id stands among others that are all different; -1 where it does not; shape (n,)."""
    found = pc.index_in(
        pa.array(ids, type=pa.large_string()), value_set=pa.array(among, type=pa.large_string())
    )
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The units of one level that the rows of a frame lie in.

    Attributes:
        position: Of each row's unit in `pcodes`, shape (n,).
        pcodes: Text, shape (u,), rising; null, the last, for rows that are not assigned. One null when the whole is not split.
        by: The level; null for the whole.
    """

    position: NDArray[np.int64]
    pcodes: pd.api.extensions.ExtensionArray
    by: AdminLevel | None

    def of(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """The position among the same units of each row of another frame, shape (m,).

        Raises:
            InputError: A row lies in a unit that the first frame has no row in.
        """
        if self.by is None:
            return np.zeros(len(frame), dtype=np.int64)
        other = unit_rows(frame, self.by)
        among = pd.Index(self.pcodes).get_indexer(pd.Index(other.pcodes))
        if (among < 0).any():
            stray = other.pcodes[int(np.flatnonzero(among < 0)[0])]
            raise InputError(f"there are answers in unit {stray}, but no villages of the round")
        return np.asarray(among[other.position], dtype=np.int64)

    def columns(
        self, repeat: int, units: gpd.GeoDataFrame | None, language: Language | str
    ) -> dict[str, pd.api.extensions.ExtensionArray]:
        """`pcode` and `name`, string, each unit `repeat` times in a row, shape (u * repeat,); nothing for the whole."""
        if self.by is None:
            return {}
        names = unit_names(units, language)
        name = pd.array([names.get(code) for code in self.pcodes], dtype="string")
        each = np.repeat(np.arange(len(self.pcodes)), repeat)
        return {"pcode": self.pcodes.take(each), "name": name.take(each)}


def unit_rows(frame: pd.DataFrame, by: AdminLevel | str | None) -> UnitRows:
    """Which unit of a level each row of `frame` lies in.

    Args:
        frame: With `adm1_pcode` or `adm2_pcode`, see `with_units`.
        by: The level; null for the whole, which is one unit without a code.

    Raises:
        InputError: As `unit_column`.
    """
    if by is None:
        return UnitRows(np.zeros(len(frame), dtype=np.int64), pd.array([pd.NA], dtype="string"), None)
    units = frame[unit_column(frame, by)].astype("category").array
    codes = np.where(units.codes < 0, len(units.categories), units.codes)
    # A category without rows, left over from a wider frame, is no unit of this one.
    rows = np.bincount(codes, minlength=len(units.categories) + 1)
    occurs = np.flatnonzero(rows)
    position = (np.cumsum(rows > 0) - 1)[codes]
    pcodes = pd.array(units.categories, dtype="string").take(
        np.where(occurs == len(units.categories), -1, occurs), allow_fill=True
    )
    return UnitRows(position, pcodes, AdminLevel(by))


def code_positions(column: pd.Series, codes: Sequence[str]) -> NDArray[np.int64]:
    """Where the code of each row stands among `codes`, shape (n,); -1 for null and for others."""
    among = column.astype("category").cat.set_categories([str(code) for code in codes])
    return np.asarray(among.cat.codes, dtype=np.int64)


def counts(shape: tuple[int, ...], *keys: NDArray[np.int64], where: object = None) -> NDArray[np.int64]:
    """How many rows fall into each cell.

    Args:
        shape: The cells.
        keys: The position of each row along each axis, shape (n,) each.
        where: Which rows count, shape (n,), null being no; all when it is not given.

    Returns:
        int64, of `shape`.
    """
    cell = np.ravel_multi_index(keys, shape)
    if where is not None:
        cell = cell[pd.Series(where).fillna(value=False).to_numpy(dtype=bool)]
    return np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)


def sums(
    values: pd.Series, shape: tuple[int, ...], *keys: NDArray[np.int64]
) -> pd.api.extensions.ExtensionArray:
    """The sum of counts in each cell.

    Args:
        values: Whole numbers, null where not known; shape (n,).
        shape: The cells.
        keys: The position of each row along each axis, shape (n,) each.

    Returns:
        Int64, the cells one after the other; null where there are rows and no value of them is known.
    """
    is_known = values.notna().to_numpy()
    cells = int(np.prod(shape))
    cell = np.ravel_multi_index(keys, shape)
    # Weights are summed in double precision, which is exact up to 9e15: more than there are people.
    known = values.to_numpy(dtype=np.float64, na_value=0)
    total = np.bincount(cell, known, cells).astype(np.int64)
    is_unknown = (np.bincount(cell, minlength=cells) > 0) & (np.bincount(cell, is_known, cells) == 0)
    return pd.arrays.IntegerArray(total, is_unknown)


def ratio(part: object, whole: object) -> NDArray[np.float64]:
    """`part / whole`, shape (n,); NaN where either is null or the whole is 0."""
    over, under = (_floats(values) for values in (part, whole))
    quotient: NDArray[np.float64] = np.divide(over, under, out=np.full(len(over), np.nan), where=under != 0)
    return quotient


def _floats(values: object) -> NDArray[np.float64]:
    column = (
        values if isinstance(values, np.ndarray) else pd.Series(values).to_numpy(np.float64, na_value=np.nan)
    )
    return np.asarray(column, dtype=np.float64)
