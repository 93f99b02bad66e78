"""Gaps: the villages without a service, and how much of all that is known was assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.tables import unit_column, unit_names
from geo_service.errors import InputError
from geo_service.vocabulary import AdminLevel, Language, Service, Status

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["assessment_coverage", "households_beyond", "villages_without"]


def villages_without(
    access: gpd.GeoDataFrame, service: Service | str, *, beyond_km: float | None = None
) -> gpd.GeoDataFrame:
    """The villages that do not have a service, or whose nearest facility is farther than a distance.

    Args:
        access: Schema `ACCESS`.
        service: The service.
        beyond_km: Kilometres; a village counts when its nearest facility is farther, or there is none. Null for
            the villages that do not have the service by the presence rule of `access`.

    Returns:
        The rows of rank 1 of `access` that count, the most households first, then by id. Villages without a location are not
        among them; `attrs["villages_unknown"]` says how many, beside the `attrs` of `access`.

    Raises:
        InputError: `access` has no rows of the service, or was searched less far than `beyond_km`.
    """
    rows, is_without = _first_ranks(access, service, beyond_km)
    order = ["households", "village_id"]
    without = rows[is_without].sort_values(order, ascending=[False, True], na_position="last", kind="stable")
    without.attrs = _attrs(access, rows, service, beyond_km)
    return without


def households_beyond(
    access: gpd.GeoDataFrame,
    service: Service | str,
    beyond_km: float,
    by: AdminLevel | str,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The households of each unit whose nearest facility is farther than a distance.

    Args:
        access: Schema `ACCESS`, with the units of `by`.
        service: The service.
        beyond_km: Kilometres; as in `villages_without`.
        by: The level of admin units.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of the names.

    Returns:
        `pcode`, `name` (null for villages that are not assigned), `villages`, `villages_beyond` (int64), `households`,
        `households_beyond` (Int64) and `share` (float64, of the households of the unit; null where there are none). Villages without a location
        count in the whole and not as beyond. `attrs` are those of `villages_without`.

    Raises:
        InputError: As `villages_without`; or `access` has no such units.
    """
    column = unit_column(access, by)
    rows, is_beyond = _first_ranks(access, service, beyond_km)
    counted = pd.DataFrame(
        {
            "pcode": rows[column].array,
            "villages": np.ones(len(rows), dtype="int64"),
            "villages_beyond": is_beyond.astype("int64"),
            "households": rows["households"].array,
            "households_beyond": rows["households"].array * is_beyond,
        }
    )
    table = counted.groupby("pcode", dropna=False).sum().reset_index()
    table.insert(1, "name", table["pcode"].map(unit_names(units, language)).astype("string"))
    share = table["households_beyond"] / table["households"].where(table["households"] > 0)
    table["share"] = share.to_numpy(dtype=np.float64, na_value=np.nan)
    table.attrs = _attrs(access, rows, service, beyond_km)
    return table


def assessment_coverage(
    assessed: pd.DataFrame,
    known: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How much of all known villages and households was assessed.

    Args:
        assessed: The villages that a round visited, by `village_id`.
        known: The frame of all known villages: schema `VILLAGES`, with `adm1_pcode` or `adm2_pcode` when split by a level.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of the names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `villages`,
        `villages_assessed`, `households`, `households_assessed` (Int64) and `villages_share`, `households_share` (float64 of what is known; null
        where nothing is). `attrs["assessed_not_known"]` lists the ids that were assessed and are not among the known: they count
        in no row.

    Raises:
        InputError: A village of either frame is there twice.
    """
    for name, frame in (("assessed", assessed), ("known", known)):
        if frame["village_id"].duplicated().any():
            twice = frame.loc[frame["village_id"].duplicated(), "village_id"].iloc[0]
            raise InputError(f"the {name} villages: village_id '{twice}' is there more than once")
    was_assessed = known["village_id"].isin(assessed["village_id"]).astype("Int64")
    counts = pd.DataFrame(
        {
            "villages": pd.array(np.ones(len(known)), dtype="Int64"),
            "villages_assessed": was_assessed.array,
            "households": known["households"].array,
            "households_assessed": (known["households"] * was_assessed).array,
        }
    )
    names = list(counts)
    if by is None:
        table = counts.sum().to_frame().T.astype("Int64")
    else:
        counts["pcode"] = known[unit_column(known, by)].array
        table = counts.groupby("pcode", dropna=False)[names].sum().reset_index()
        table.insert(1, "name", table["pcode"].map(unit_names(units, language)).astype("string"))
    for what in ("villages", "households"):
        share = table[f"{what}_assessed"] / table[what].where(table[what] > 0)
        table[f"{what}_share"] = share.to_numpy(dtype=np.float64, na_value=np.nan)
    unknown = assessed.loc[~assessed["village_id"].isin(known["village_id"]), "village_id"]
    table.attrs = {"assessed_not_known": sorted(unknown)}
    return table


def _first_ranks(
    access: gpd.GeoDataFrame, service: Service | str, beyond_km: float | None
) -> tuple[gpd.GeoDataFrame, NDArray[np.bool_]]:
    """The rows of rank 1 of a service, and which of them are without it or beyond the distance; by position, shape (n,)."""
    rows = access[(access["service"] == str(service)) & (access["rank"] == 1)]
    if rows.empty:
        raise InputError(
            f"the access frame has no rows of '{service}'; it has {', '.join(access['service'].unique())}"
        )
    searched_km = access.attrs.get("max_distance_km")
    if beyond_km is None:
        return rows, ~rows["present"].fillna(value=True).to_numpy(dtype=bool)
    if searched_km is not None and searched_km < beyond_km:
        raise InputError(
            f"the search ended at {searched_km:g} km, so what lies beyond {beyond_km:g} km is not known; search farther"
        )
    has_none = rows["status"].isin([Status.NO_FACILITY, Status.UNREACHABLE, Status.BEYOND_LIMIT])
    return rows, (has_none | (rows["distance_m"] > beyond_km * 1000)).to_numpy(dtype=bool)


def _attrs(
    access: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, service: Service | str, beyond_km: float | None
) -> dict[str, object]:
    return dict(access.attrs) | {
        "service": str(service),
        "beyond_km": beyond_km,
        "villages_unknown": int((rows["status"] == Status.NO_LOCATION).sum()),
    }
