"""Mobility: the villages that a round assessed, and where each population group is, how many people and households."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.labels import label_array, reported_table
from geo_service.coverage.units import code_positions, counts, ratio, sums, unit_rows
from geo_service.vocabulary import POPULATION_GROUPS, AdminLevel, Language, PopulationGroup
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geo_service.coverage.units import UnitRows

__all__ = ["assessed_villages", "mobility_by_group"]

BASE = Wording(
    en="share_present: of the villages that were asked about the group; share: of the individuals of the group in all units",
    ru="share_present: от числа населённых пунктов, где спрашивали о группе; share: от численности группы во всех территориях",
    kk="share_present: топ туралы сұралған елді мекендер санынан; share: барлық аумақтағы топ санынан",
)

_BELOW = (("regions", "adm1_pcode"), ("districts", "adm2_pcode"))


def assessed_villages(
    villages: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How many villages a round assessed, and how many households and people live there.

    Args:
        villages: Schema `ASSESSED_VILLAGES`.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of the names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then how many units they are in, `regions` for the whole and
        `districts` for the whole and by region (int64; villages that are not assigned are in none; left out
        where there is no such column), then `villages`, `villages_located` (with a point), `villages_synthetic` (made up), `villages_uncounted` (whose households are not known; all int64), `households` and `population`
        (Int64, of all residents; null where no village's is known).

    Raises:
        InputError: `by` is the country, or `villages` has no such column.
    """
    rows = unit_rows(villages, by)
    shape = (len(rows.pcodes),)
    return reported_table(
        rows.columns(1, units, language)
        | _units_within(villages, rows, shape)
        | {
            "villages": counts(shape, rows.position),
            "villages_located": counts(shape, rows.position, where=villages.geometry.notna().array),
            "villages_synthetic": counts(shape, rows.position, where=villages["synthetic"].array),
            "villages_uncounted": counts(shape, rows.position, where=villages["households"].isna().array),
            "households": sums(villages["households"], shape, rows.position),
            "population": sums(villages["population"], shape, rows.position),
        },
        language,
        by=rows.by,
    )


def _units_within(
    villages: pd.DataFrame, rows: UnitRows, shape: tuple[int, ...]
) -> dict[str, NDArray[np.int64]]:
    """In how many units of each level below `rows` their villages are."""
    levels = {None: _BELOW, AdminLevel.REGION: _BELOW[1:]}.get(rows.by, ())
    found = {}
    for name, column in levels:
        if column not in villages:
            continue
        units = villages[column].array
        first = pd.DataFrame({"row": rows.position, "unit": units}).drop_duplicates()["unit"].notna()
        found[name] = counts(shape, rows.position[first.index], where=first.to_numpy())
    return found


def mobility_by_group(
    mobility: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The villages where each population group is present, and its individuals and households.

    Args:
        mobility: Schema `MOBILITY`; with the units of `by`, see `with_units`.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `group` (category), `label`, and as int64
        `villages`, `villages_present`, `villages_absent`, `villages_unknown` (nobody was asked; the three make `villages`) and `villages_uncounted`
        (present, but in what number is not known); `individuals` and `households` (Int64; null where no village's number is known, as
        for households where they were not asked) and `share_present`, `share` (float64; null where the base is 0). A row for every unit and
        group, whole units first to last. `attrs["base"]` says what the shares are of.

    Raises:
        InputError: `by` is the country, or `mobility` has no such column.
    """
    rows = unit_rows(mobility, by)
    groups = [*PopulationGroup]
    shape = (len(rows.pcodes), len(groups))
    keys = (rows.position, code_positions(mobility["group"], groups))
    present = mobility["present"].array
    villages, with_group = counts(shape, *keys), counts(shape, *keys, where=present)
    without_group = counts(shape, *keys, where=~present)
    uncounted = present & mobility["individuals"].isna().array
    individuals = sums(mobility["individuals"], shape, *keys)
    total = pd.Series(individuals).groupby(np.tile(np.arange(len(groups)), len(rows.pcodes))).transform("sum")
    codes = [group.value for group in groups] * len(rows.pcodes)
    return reported_table(
        rows.columns(len(groups), units, language)
        | {
            "group": pd.Categorical(codes, categories=[group.value for group in groups]),
            "label": label_array(codes, POPULATION_GROUPS, language),
            "villages": villages.ravel(),
            "villages_present": with_group.ravel(),
            "villages_absent": without_group.ravel(),
            "villages_unknown": (villages - with_group - without_group).ravel(),
            "villages_uncounted": counts(shape, *keys, where=uncounted).ravel(),
            "individuals": individuals,
            "households": sums(mobility["households"], shape, *keys),
            "share_present": ratio(with_group.ravel(), (with_group + without_group).ravel()),
            "share": ratio(individuals, total),
        },
        language,
        by=rows.by,
        base=BASE(),
    )
