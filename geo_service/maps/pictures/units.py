"""Admin units with the numbers of a table: what all pictures have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo_service.coverage.tables import unit_names
from geo_service.errors import InputError
from geo_service.maps.numbers import floats
from geo_service.spatial.crs import to_wgs84
from geo_service.vocabulary import AdminLevel, Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.vocabulary import Language

__all__ = ["UnitRows", "basis_of", "bounds_of", "rows_of", "rows_where"]

_HALF_TURN, _TURN = 180.0, 360.0


@dataclass(frozen=True, slots=True, eq=False)
class UnitRows:
    """The units of one level and the row of a table for each; all of length n, in the order of the units.

    Attributes:
        level: Which units they are.
        geometry: Polygons, EPSG:4326.
        ids: P-codes.
        labels: Names, or P-codes.
        rows: A row a unit, all null where the table has none.
        is_not_assessed: Where no village was assessed: the table has no row, or a row of no villages; shape (n,).
        is_hidden: Which rows have hidden numbers; shape (n,).
        left_out: The rows of the table that are of none of the units, or of no unit at all: `pcode` is null; not of length n.
    """

    level: AdminLevel
    geometry: gpd.GeoSeries
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    rows: pd.DataFrame
    is_not_assessed: NDArray[np.bool_]
    is_hidden: NDArray[np.bool_]
    left_out: pd.DataFrame

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as float64, NaN for null."""
        return floats(self.rows[column])

    def total(self, column: str, among: NDArray[np.bool_] | None = None) -> float:
        """The sum of a column over some units, of what is known."""
        values = self.numbers(column)
        return float(np.nansum(values if among is None else values[among]))


def rows_of(
    units: gpd.GeoDataFrame, table: pd.DataFrame, language: Language, needed: Sequence[str], what: str
) -> UnitRows:
    """Put the rows of a table beside the units.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        table: `pcode`, the columns that are needed, others, and where numbers are hidden `suppressed`. Rows of other units are kept aside.
        language: Of names.
        needed: Columns.
        what: What the table is called in errors.

    Raises:
        CrsError: The units have no usable CRS.
        InputError: There are no units, or of several levels, or one without a polygon; or the table lacks a column or has a unit twice.
    """
    missing = [name for name in ("pcode", *needed) if name not in table]
    if missing:
        raise InputError(f"{what} has no column '{missing[0]}'; it has {', '.join(map(str, table.columns))}")
    if units.empty:
        raise InputError("there are no admin units to draw; give those of one level")
    levels = units["level"].unique()
    if len(levels) > 1:
        raise InputError(
            f"the admin units are of the levels {', '.join(map(str, sorted(levels)))}; give those of one level"
        )
    if not 0 <= levels[0] < len(AdminLevel):
        raise InputError(f"{levels[0]} is no level of admin units; it is 0, 1 or 2")
    geometry = to_wgs84(units.geometry, "the admin units").reset_index(drop=True)
    has_none = (geometry.isna() | geometry.is_empty).to_numpy()
    if has_none.any():
        raise InputError(f"unit {units['pcode'].iloc[int(has_none.argmax())]} has no polygon; leave it out")
    codes = units["pcode"].astype(object)
    names = unit_names(units, language)
    bare = pd.DataFrame({name: table[name].array for name in table if name != "geometry"})
    is_drawn = bare["pcode"].isin(codes).to_numpy()
    left_out, bare = bare[~is_drawn].reset_index(drop=True), bare[is_drawn]
    if bare["pcode"].duplicated().any():
        twice = bare.loc[bare["pcode"].duplicated(), "pcode"].iloc[0]
        raise InputError(f"{what} has unit {twice} more than once; give one row a unit")
    rows = bare.set_index(bare["pcode"].astype(object)).reindex(codes.to_numpy())
    is_absent = rows["pcode"].isna().to_numpy()
    is_hidden = np.zeros(len(rows), dtype=bool)
    if "suppressed" in rows:
        is_hidden = rows["suppressed"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
    if "villages" in rows:
        is_absent = is_absent | (floats(rows["villages"]) == 0)
    ids = tuple(str(code) for code in codes)
    return UnitRows(
        level=list(AdminLevel)[int(levels[0])],
        geometry=geometry,
        ids=ids,
        labels=tuple(str(names.get(code, code)) for code in ids),
        rows=rows.reset_index(drop=True),
        is_not_assessed=is_absent,
        is_hidden=is_hidden,
        left_out=left_out,
    )


def rows_where(table: pd.DataFrame, column: str, code: str, what: str) -> pd.DataFrame:
    """The rows of a table of one group or service.

    Raises:
        InputError: There are none, or there is no such column.
    """
    if column not in table:
        raise InputError(f"{what} has no column '{column}'; it has {', '.join(map(str, table.columns))}")
    chosen = table[(table[column] == code).to_numpy()]
    if chosen.empty:
        there = ", ".join(sorted(map(str, table[column].dropna().unique()))) or "none"
        raise InputError(f"{what} has no rows of the {column} '{code}'; it has {there}")
    return chosen


def basis_of(text: Basis | str) -> Basis:
    """The basis of a code.

    Raises:
        InputError: There is none such.
    """
    if text not in list(Basis):
        raise InputError(f"'{text}' is no basis; use {' or '.join(Basis)}")
    return Basis(text)


def bounds_of(geometry: gpd.GeoSeries) -> tuple[float, float, float, float]:
    """West, south, east and north in degrees; west is greater than east where the shorter way is across the antimeridian."""
    parts = shapely.bounds(shapely.get_parts(geometry.to_numpy()))
    west, south = parts[:, :2].min(axis=0).tolist()
    east, north = parts[:, 2:].max(axis=0).tolist()
    if east - west > _HALF_TURN:
        # Seen from the antimeridian.
        turned = np.where(parts[:, [0, 2]] < 0, parts[:, [0, 2]] + _TURN, parts[:, [0, 2]])
        low, high = float(turned[:, 0].min()), float(turned[:, 1].max())
        is_whole = bool((turned[:, 0] <= turned[:, 1]).all())
        if is_whole and high - low < east - west:
            west, east = low, high - _TURN
    return (west, south, east, north)
