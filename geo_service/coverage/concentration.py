"""Concentration: where a population group is, in numbers, per inhabitant, per area and against the other groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.labels import reported_table
from geo_service.coverage.mobility import mobility_by_group
from geo_service.coverage.units import ratio
from geo_service.errors import InputError
from geo_service.spatial.crs import to_wgs84
from geo_service.spatial.geodesy import area_km2
from geo_service.vocabulary import AdminLevel, Language, PopulationGroup
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

__all__ = ["concentration", "unit_areas_km2"]

BASE = Wording(
    en="share: of the individuals of the group in all units; location_quotient: the group's share of the individuals of all five groups in the unit, "
    "over its share of them in all units",
    ru="share: от численности группы во всех территориях; location_quotient: доля группы в численности всех пяти групп на территории, делённая на её "
    "долю во всех территориях",
    kk="share: барлық аумақтағы топ санынан; location_quotient: топтың аумақтағы бес топтың жалпы санындағы үлесі, барлық аумақтағы үлесіне бөлінген",
)

_PER = 1000


def concentration(
    mobility: pd.DataFrame,
    by: AdminLevel | str,
    group: PopulationGroup | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    inhabitants: Mapping[str, float] | pd.Series | None = None,
    areas_km2: Mapping[str, float] | pd.Series | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How a population group is spread over admin units, and where it is more than its part of all who move.

    The location quotient of group g in unit i is (x_gi / x_i) / (x_g / x): x_gi are its individuals there, x_i those of all five groups there, x_g and x the
    same in all units. 1 means that the group is as large a part of mobility in the unit as everywhere, 2 twice as large. Its base are the
    five groups and not the inhabitants, since a round visits some villages of a unit and not all: against all inhabitants the quotient would
    show where many villages were assessed as much as where the group is. What inhabitants can say is in `per_1000_inhabitants`, with the same caution.

    Args:
        mobility: Schema `MOBILITY` with the units of `by`, see `with_units`; all five groups.
        by: The level of admin units.
        group: The only group to give rows for; null for all five.
        units: Schema `ADMIN_UNITS` in any CRS, for names and areas; null for none.
        inhabitants: All inhabitants of each unit by P-code, more than 0; null for none.
        areas_km2: What `unit_areas_km2` gave for the units, to compute it once for several tables; null to compute it.
        language: The language of labels and names.

    Returns:
        `pcode`, `name` (null for villages that are not assigned), `group` (category), `label`, `individuals` (Int64, null where not known), `share` (float64, of
        the individuals of the group in all units), `inhabitants` (Int64), `per_1000_inhabitants`, `area_km2`, `per_km2` and `location_quotient` (float64).
        Null where the inhabitants or the area of a unit are not given; the quotient also where nobody of any group is in the unit, or nobody of the group anywhere.

    Raises:
        InputError: `by` is the country, `mobility` has no such column, or inhabitants are not above 0.

    Source:
        Location quotient: P. S. Florence, Investment, Location, and Size of Plant (Cambridge University Press, 1948); A. M. Isserman, The location quotient
        approach to estimating regional economic impacts, J. American Institute of Planners 43 (1977). Areas: `spatial.geodesy.area_km2`, over WGS84.
    """
    present = mobility_by_group(mobility, by, units=units, language=language)
    known = pd.Series(dict({} if inhabitants is None else inhabitants), dtype="Float64").dropna()
    if (known <= 0).any():
        stray = known.index[known <= 0][0]
        raise InputError(f"unit {stray} has {known[stray]:g} inhabitants; give more than 0, or leave it out")
    if areas_km2 is None:
        areas_km2 = {} if units is None else unit_areas_km2(units)
    people = present["pcode"].map(known).astype("Float64")
    area = present["pcode"].map(dict(areas_km2)).astype(np.float64)
    individuals = present["individuals"]
    of_unit = individuals.groupby(present["pcode"], dropna=False).transform("sum")
    of_group = individuals.groupby(present["group"], observed=False).transform("sum")
    table = reported_table(
        dict(present[["pcode", "name", "group", "label", "individuals", "share"]].items())
        | {
            "inhabitants": people.round().astype("Int64"),
            "per_1000_inhabitants": ratio(individuals * _PER, people),
            "area_km2": area,
            "per_km2": ratio(individuals, area),
            "location_quotient": ratio(
                ratio(individuals, of_unit), ratio(of_group, [individuals.sum()] * len(present))
            ),
        },
        language,
        by=AdminLevel(by),
        base=BASE(),
    )
    if group is None:
        return table
    table.attrs["group"] = PopulationGroup(group).value
    return table[(table["group"] == PopulationGroup(group)).to_numpy()].reset_index(drop=True)


def unit_areas_km2(units: gpd.GeoDataFrame) -> pd.Series:
    """The area of each unit in km² over the WGS84 ellipsoid, float64 by P-code.

    Args:
        units: Schema `ADMIN_UNITS`, in any CRS.

    Raises:
        CrsError: They have no usable CRS.
    """
    areas = [area_km2(polygon) for polygon in to_wgs84(units, "the admin units").geometry]
    return pd.Series(areas, index=pd.Index(units["pcode"], name="pcode"), dtype=np.float64, name="area_km2")
