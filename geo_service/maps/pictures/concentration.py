"""Where a population group is: units shaded by a measure, and circles as large as its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.measures import Measure
from geo_service.maps.pictures.marks import circles
from geo_service.maps.pictures.shading import Fields, Number, shaded_areas
from geo_service.maps.pictures.units import rows_of, rows_where
from geo_service.maps.pictures.whole import having_numbers, most_of, picture_of
from geo_service.maps.sentences import SUMMARIES
from geo_service.maps.words import GROUP_TITLES, MEASURE_LAYERS
from geo_service.vocabulary import POPULATION_GROUPS, Basis, PopulationGroup

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture

__all__ = ["concentration_picture"]

_CLASSING = {
    Measure.SHARE: Classing(Scheme.GIVEN, edges=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)),
    Measure.LOCATION_QUOTIENT: Classing(Scheme.GIVEN, edges=(0.5, 1, 2, 5)),
}
"""Those with edges that mean something; the others have quantiles."""
_NUMBERS = {Measure.INDIVIDUALS: Number.COUNT, Measure.SHARE: Number.SHARE}
_WHAT = "the table of concentration"


def concentration_picture(
    table: pd.DataFrame,
    units: gpd.GeoDataFrame,
    group: PopulationGroup | str,
    *,
    measure: Measure | str = Measure.INDIVIDUALS,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by a measure of a population group, and circles of the number of its individuals.

    Args:
        table: What `coverage.concentration` gave, or the same guarded, with `suppressed`: rows of the group among others.
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        group: The population group.
        measure: What shades the units.
        classing: How the measure is put into classes; null for quantiles, of shares and location quotients for edges that are the same on every map.
        about: Language, round and sources.

    Returns:
        The areas, then the circles; no circle where the number is 0, null or hidden. Units without a row have no assessed village.

    Raises:
        CrsError: The units have no usable CRS.
        InputError: There are no units, no rows of the group, no such measure in the table, or its numbers cannot be put into classes.
    """
    if measure not in list(Measure):
        raise InputError(f"'{measure}' is no measure of concentration; use {', '.join(Measure)}")
    if group not in list(PopulationGroup):
        raise InputError(f"'{group}' is no population group; use {', '.join(PopulationGroup)}")
    measure, group = Measure(measure), PopulationGroup(group)
    texts = Texts(about)
    of_group = rows_where(table, "group", group, _WHAT)
    rows = rows_of(units, of_group, texts.language, ["individuals", measure], _WHAT)
    fields = Fields(texts, rows)
    fields.add("individuals", Number.COUNT)
    for one in (Measure.SHARE, Measure.PER_1000_INHABITANTS, Measure.PER_KM2, Measure.LOCATION_QUOTIENT):
        fields.add(one, _NUMBERS.get(one, Number.RATE))
    fields.add("inhabitants", Number.COUNT)
    number = _NUMBERS.get(measure, Number.RATE)
    areas = shaded_areas(
        texts,
        rows,
        measure,
        number,
        classing or _CLASSING.get(measure, Classing()),
        name=texts(MEASURE_LAYERS[measure]),
        fields=fields,
    )
    values = rows.numbers(measure)
    is_known = ~np.isnan(values)
    total = texts(SUMMARIES["total"], total=texts.numbers.count(rows.total("individuals", is_known)))
    return picture_of(
        texts,
        rows,
        [areas, circles(texts, rows, "individuals", fields=fields.names, values=fields.values)],
        name=group if measure is Measure.INDIVIDUALS else f"{group}_{measure}",
        title=texts(GROUP_TITLES[measure], group=POPULATION_GROUPS[group]),
        sentences=[
            f"{having_numbers(texts, rows, is_known)}.",
            total if is_known.any() else "",
            most_of(texts, rows, values, number.text(texts.numbers), measure),
        ],
        bases=[Basis.REPORTED],
        counted="individuals",
    )
