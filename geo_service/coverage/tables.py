"""Tables: households by distance band, villages that have a service, by any admin unit.

Households in equal households out: every village of the access frame is in exactly one row of each service and unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.errors import InputError
from geo_service.vocabulary import AdminLevel, Language, Status

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["access_by_band", "service_presence", "unit_column", "unit_names"]


def access_by_band(
    access: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """Villages and households of each service by the band of their nearest facility.

    Args:
        access: Schema `ACCESS`. Only rank 1 counts.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of the names.

    Returns:
        `service`, with `by` also `pcode` and `name` (null for villages that are not assigned), then `band` (ordered category), `status`,
        `villages` (int64), `households` (Int64, null where no village of the service has a count) and `share` (float64,
        of the households of that service and unit; null where there are none). Every band has its row, also with nothing in it; a status
        without a distance has one where it occurs, with a null band. `attrs` are those of `access`.

    Raises:
        InputError: `by` is the country, or `access` has no such column.
    """
    first = access[access["rank"] == 1]
    unit = [] if by is None else [unit_column(access, by)]
    keys = ["service", *unit]
    counted = (
        first.groupby([*keys, "band", "status"], observed=True, dropna=False, sort=False)
        .agg(villages=("village_id", "size"), households=("households", "sum"))
        .reset_index()
    )
    groups = first[keys].drop_duplicates()
    empty = groups.merge(pd.DataFrame({"band": _every_band(access), "status": Status.OK.value}), how="cross")
    table = pd.concat([counted, empty], ignore_index=True)
    table["status"] = pd.Categorical(table["status"], categories=[status.value for status in Status])
    table["band"] = pd.Categorical(table["band"], dtype=access["band"].dtype)
    table["service"] = pd.Categorical(table["service"], dtype=first["service"].dtype)
    table = (
        table.fillna({"villages": 0, "households": 0})
        .groupby([*keys, "band", "status"], observed=True, dropna=False, sort=True)
        .sum()
        .reset_index()
        .astype({"villages": "int64", "households": "Int64"})
        .sort_values([*keys, "status", "band"], kind="stable", na_position="last", ignore_index=True)
    )
    table = _without_unknown_households(table, first)
    total = table.groupby(keys, observed=True, dropna=False)["households"].transform("sum")
    share = table["households"] / total.where(total > 0)
    table["share"] = share.to_numpy(dtype=np.float64, na_value=np.nan)
    table = _with_unit_names(table, unit, units, language)
    table.attrs = dict(access.attrs)
    return table


def service_presence(
    access: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How many villages have each service.

    Args:
        access: Schema `ACCESS`.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of the names.

    Returns:
        `service`, with `by` also `pcode` and `name`, then `villages`, `villages_with`, `villages_without`, `villages_unknown` (all int64;
        unknown where a village has no location) and `share_with` (float64, of the villages that are known; null where none is).
        `attrs` are those of `access`.
    """
    first = access[access["rank"] == 1]
    unit = [] if by is None else [unit_column(access, by)]
    keys = ["service", *unit]
    counted = first.assign(
        villages=1,
        villages_with=first["present"].fillna(value=False).astype("int64"),
        villages_without=(~first["present"]).fillna(value=False).astype("int64"),
        villages_unknown=first["present"].isna().astype("int64"),
    )
    counts = ["villages", "villages_with", "villages_without", "villages_unknown"]
    table = counted.groupby(keys, observed=True, dropna=False)[counts].sum().reset_index()
    known = table["villages_with"] + table["villages_without"]
    table["share_with"] = table["villages_with"] / known.where(known > 0)
    table = _with_unit_names(table, unit, units, language)
    table.attrs = dict(access.attrs)
    return table


def unit_column(frame: pd.DataFrame, by: AdminLevel | str) -> str:
    """The column of `frame` that holds the P-codes of a level.

    Raises:
        InputError: There is no such level, it is the country, or the frame has no such column.
    """
    if by not in list(AdminLevel):
        raise InputError(f"'{by}' is not a level; use region or district")
    by = AdminLevel(by)
    if by is AdminLevel.COUNTRY:
        raise InputError("a table by country is the whole table; leave 'by' out")
    column = f"adm{by.number}_pcode"
    if column not in frame:
        raise InputError(
            f"there is no column {column}; give villages their units with locate() first, the answers of a round with with_units()"
        )
    return column


def unit_names(units: gpd.GeoDataFrame | None, language: Language | str = Language.EN) -> dict[str, str]:
    """The name of each unit by P-code, in `language` where there is one, else in English."""
    if units is None:
        return {}
    column = f"name_{Language(language)}"
    rows = zip(*(units[name].to_numpy(dtype=object) for name in ("pcode", column, "name_en")), strict=True)
    chosen = {code: english if pd.isna(name) else name for code, name, english in rows}
    return {code: name for code, name in chosen.items() if pd.notna(name)}


def _every_band(access: pd.DataFrame) -> pd.Categorical:
    dtype = access["band"].dtype
    return pd.Categorical(dtype.categories, dtype=dtype)


def _without_unknown_households(table: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    has_counts = first["households"].notna().groupby(first["service"], observed=True).any()
    is_known = table["service"].map(has_counts).astype(bool)
    return table.assign(households=table["households"].where(is_known))


def _with_unit_names(
    table: pd.DataFrame, unit: list[str], units: gpd.GeoDataFrame | None, language: Language | str
) -> pd.DataFrame:
    if not unit:
        return table
    table = table.rename(columns={unit[0]: "pcode"})
    table.insert(2, "name", table["pcode"].map(unit_names(units, language)).astype("string"))
    return table
