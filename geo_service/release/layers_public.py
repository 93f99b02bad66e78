"""The public edition: what everybody may see of the numbers of a release, guarded when the release is put together.

Layers are made from the guarded tables and from nothing else, so that no question about them can touch a number that is hidden.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.coverage.suppression import public_tables
from geo_service.release.editions import PUBLIC_PREFIX
from geo_service.release.layers import unit_frames, unit_part
from geo_service.release.tables import is_localised, table_part
from geo_service.release.titles import SUPPRESSED, in_each_language
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from geo_service.release.parts import Part
    from geo_service.settings import SuppressionSettings

__all__ = ["public_parts"]

_ROW = "row_before"


def public_parts(
    versions: Mapping[Language, Mapping[str, pd.DataFrame]],
    units: gpd.GeoDataFrame | None,
    measured: Mapping[str, Any] | None,
    suppression: SuppressionSettings,
) -> Iterator[Part]:
    """The guarded layers and tables, named `public_…` after what they are the guarded edition of.

    Args:
        versions: All tables of the release in each language: the same numbers.
        units: Schema `ADMIN_UNITS`; null for no layers.
        measured: What measured access says of itself; null where nothing was measured.
        suppression: Which numbers are hidden.

    Raises:
        InputError: The tables contradict one another.
    """
    if not versions[Language.EN]:
        return
    # What is hidden is found and applied once; languages differ in labels only.
    english = {
        name: table.assign(**{_ROW: range(len(table))}) for name, table in versions[Language.EN].items()
    }
    guarded = public_tables(
        english, threshold=suppression.threshold, least_villages=suppression.least_villages, units=units
    )
    for name, layer in unit_frames(guarded, units, measured):
        yield _said(unit_part(PUBLIC_PREFIX + name, layer, measured), suppression)
    for name, table in guarded.items():
        yield _said(
            _table_part(name, table, {language: one[name] for language, one in versions.items()}), suppression
        )


def _table_part(name: str, guarded: pd.DataFrame, versions: Mapping[Language, pd.DataFrame]) -> Part:
    """A guarded table with the labels and sentences of each language: each row knows where it was before."""
    rows = guarded[_ROW].to_numpy()
    columns: dict[str, Any] = {}
    for column in guarded.columns.drop(_ROW):
        if is_localised(column):
            labels = {f"{column}_{one}": table[column].array.take(rows) for one, table in versions.items()}
            columns |= labels
        else:
            columns[column] = guarded[column].array
    said = {language: guarded.attrs | table.attrs for language, table in versions.items()}
    return table_part(PUBLIC_PREFIX + name, pd.DataFrame(columns), said)


def _said(part: Part, suppression: SuppressionSettings) -> Part:
    """The part, which says that it is guarded and how."""
    rules = in_each_language(SUPPRESSED(threshold=suppression.threshold, villages=suppression.least_villages))
    if (before := part.about.get("rule")) is not None:
        own = dict.fromkeys(rules, before) if isinstance(before, str) else before
        rules = {language: f"{own[language]}. {rule}" for language, rule in rules.items()}
    rule = {language.value: text for language, text in rules.items()}
    return replace(part, about=part.about | {"edition": "public", **suppression.model_dump(), "rule": rule})
