"""What was assessed: units shaded by the villages that a round visited, and those villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.palettes import VILLAGE
from geo_service.maps.pictures.marks import Villages
from geo_service.maps.pictures.shading import Entry, Fields, Number, shaded_areas
from geo_service.maps.pictures.units import rows_of
from geo_service.maps.pictures.whole import having_numbers, most_of, picture_of
from geo_service.maps.sentences import SUMMARIES
from geo_service.maps.words import LAYERS, TITLES
from geo_service.vocabulary import Basis

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture, Points
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["coverage_picture"]

_SHARES = Classing(Scheme.GIVEN, edges=(0.1, 0.25, 0.5, 0.75, 1))


def coverage_picture(
    units: gpd.GeoDataFrame,
    coverage: pd.DataFrame,
    *,
    villages: gpd.GeoDataFrame | None = None,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by how many villages were assessed, or by their share of the known ones where that is known; and those villages.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        coverage: `pcode`, `villages` (assessed), `households` and `population` of those, of a round; or what `coverage.gaps.assessment_coverage` gave, whose
            `villages` are the known ones. Where numbers are hidden, `suppressed`.
        villages: Those that were assessed: `village_id`, `village_name`, `households` and, where known, `population`; null where they are not to be shown.
        classing: How the numbers are put into classes; null for quantiles, of shares for edges at 10, 25, 50 and 75%.
        about: Language, round and sources.

    Returns:
        The areas, then the villages. Those without a location are not on it, and a note says how many.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: There are no units, a frame has no such column, or numbers cannot be put into classes.
    """
    texts = Texts(about)
    has_shares = "villages_share" in coverage
    needed = ["villages", *(["villages_assessed"] if has_shares else [])]
    rows = rows_of(units, coverage, texts.language, needed, "the table of coverage")
    fields = Fields(texts, rows)
    fields.add("villages", Number.COUNT, "villages_known" if has_shares else "villages_visited")
    fields.add("villages_assessed", Number.COUNT)
    fields.add("villages_share", Number.SHARE)
    fields.add("households", Number.COUNT, "households_known" if has_shares else None)
    fields.add("households_assessed", Number.COUNT)
    fields.add("households_share", Number.SHARE)
    fields.add("population", Number.COUNT)
    column, number = ("villages_share", Number.SHARE) if has_shares else ("villages", Number.COUNT)
    areas = shaded_areas(
        texts,
        rows,
        column,
        number,
        classing or (_SHARES if has_shares else Classing()),
        name=texts(LAYERS["assessed_share" if has_shares else "assessed"]),
        fields=fields,
        absent="no_village_known" if has_shares else "not_assessed",
    )
    points, notes = (None, ()) if villages is None else _villages(texts, villages)
    return picture_of(
        texts,
        rows,
        [areas, points],
        name="assessed_villages",
        title=texts(TITLES["assessed"]),
        sentences=_sentences(texts, rows, has_shares=has_shares),
        bases=[Basis.REPORTED],
        notes=notes,
    )


def _villages(texts: Texts, villages: gpd.GeoDataFrame) -> tuple[Points, tuple[str, ...]]:
    drawn = Villages(texts, villages)
    drawn.numbers("population", texts.numbers.count)
    name = texts(LAYERS["villages"])
    everyone = Entry(name, VILLAGE, np.ones(len(drawn.frame), dtype=bool), is_kept=True)
    return drawn.points(name, [everyone]), drawn.notes


def _sentences(texts: Texts, rows: UnitRows, *, has_shares: bool) -> list[str]:
    count, share = texts.numbers.count, texts.numbers.share
    values = rows.numbers("villages_share" if has_shares else "villages")
    is_known = ~np.isnan(values)
    having = f"{having_numbers(texts, rows, is_known)}."
    if not has_shares:
        total = texts(SUMMARIES["villages"], total=count(rows.total("villages")))
        return [having, total, most_of(texts, rows, values, count, "individuals")]
    part, whole = rows.total("villages_assessed", is_known), rows.total("villages", is_known)
    total = texts(SUMMARIES["villages_of"], part=count(part), whole=count(whole))
    return [having, total, most_of(texts, rows, values, share, "of_known")]
