"""How a population group changed between two rounds, in the villages of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.measures import ChangeMeasure
from geo_service.maps.pictures.shading import Fields, Number, changed_areas
from geo_service.maps.pictures.units import rows_of, rows_where
from geo_service.maps.pictures.whole import having_numbers, picture_of
from geo_service.maps.sentences import NOTES, SUMMARIES
from geo_service.maps.words import CHANGE_LAYERS, TITLES
from geo_service.vocabulary import POPULATION_GROUPS, Basis, PopulationGroup

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["change_picture"]

_CLASSING = {
    ChangeMeasure.ABSOLUTE: Classing(Scheme.QUANTILES, 3),
    ChangeMeasure.RELATIVE: Classing(Scheme.GIVEN, edges=(0.1, 0.25, 0.5)),
}
_WHAT = "the table of change"


def change_picture(
    units: gpd.GeoDataFrame,
    change: pd.DataFrame,
    group: PopulationGroup | str,
    *,
    earlier_round: int,
    measure: ChangeMeasure | str = ChangeMeasure.RELATIVE,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by how the number of a population group changed in the villages of both rounds.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        change: What `coverage.comparison.compare_rounds` gave by unit: rows of the group among others; where numbers are hidden, `suppressed`.
        group: The population group.
        earlier_round: The number of the round that change is counted from; the later is that of `about`.
        measure: Individuals, or their part of the earlier number.
        classing: How the size of a change is put into classes, the same ones up and down and at most four each way; null for edges at 10, 25 and 50% of a relative
            change and quantiles of another.
        about: Language, round and sources.

    Returns:
        The areas, from the largest decrease to the largest increase on either side of no change.

    Raises:
        CrsError: The units have no usable CRS.
        InputError: There are no units, no rows of the group, no such column, or numbers cannot be put into classes.
    """
    if measure not in list(ChangeMeasure):
        raise InputError(f"'{measure}' is no measure of change; use {', '.join(ChangeMeasure)}")
    if group not in list(PopulationGroup):
        raise InputError(f"'{group}' is no population group; use {', '.join(PopulationGroup)}")
    measure, group = ChangeMeasure(measure), PopulationGroup(group)
    texts = Texts(about)
    of_group = rows_where(change, "group", group, _WHAT)
    rows = rows_of(units, of_group, texts.language, [measure, "same_earlier", "same_later"], _WHAT)
    fields = Fields(texts, rows)
    fields.add("villages_same", Number.COUNT)
    fields.add("same_earlier", Number.COUNT, earlier=earlier_round)
    fields.add("same_later", Number.COUNT)
    fields.add("same_change", Number.COUNT, is_signed=True)
    fields.add("same_change_relative", Number.SHARE, is_signed=True)
    areas = changed_areas(
        texts,
        rows,
        measure,
        Number.COUNT if measure is ChangeMeasure.ABSOLUTE else Number.SHARE,
        classing or _CLASSING[measure],
        name=texts(CHANGE_LAYERS[measure], earlier=earlier_round),
        fields=fields,
    )
    ending = "" if measure is ChangeMeasure.RELATIVE else "_absolute"
    return picture_of(
        texts,
        rows,
        [areas],
        name=f"{group}_change_from_round_{earlier_round}{ending}",
        title=texts(TITLES["change"], group=POPULATION_GROUPS[group], earlier=earlier_round),
        sentences=_sentences(texts, rows, measure, earlier_round),
        bases=[Basis.REPORTED],
        notes=[texts(NOTES["same_villages"])],
        counted="villages_same",
    )


def _sentences(texts: Texts, rows: UnitRows, measure: ChangeMeasure, earlier_round: int) -> list[str]:
    count = texts.numbers.count
    values = rows.numbers(measure)
    is_known = ~np.isnan(values)
    turns = {"up": values > 0, "down": values < 0, "same": values == 0}
    having = having_numbers(texts, rows, is_known)
    said = {name: count(float(is_so.sum())) for name, is_so in turns.items()}
    sentences = [texts(SUMMARIES["changes"], units=having, **said)]
    if not is_known.any():
        return [*sentences, texts(SUMMARIES["none"])]
    totals = {name: count(rows.total(f"same_{name}", is_known)) for name in ("earlier", "later")}
    return [*sentences, texts(SUMMARIES["change"], number=earlier_round, **totals)]
