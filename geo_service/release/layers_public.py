"""The public edition: what everybody may see of the numbers of a release, guarded when the release is put together.

Layers are made from the guarded tables and from nothing else, so that no question about them can touch a number that is hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.coverage.suppression import public_tables
from geo_service.release.layers import unit_frames, unit_part
from geo_service.release.tables import is_localised, table_parts
from geo_service.release.titles import SUPPRESSED, in_each_language
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from geo_service.release.parts import Part

__all__ = ["PUBLIC_PREFIX", "public_parts"]

PUBLIC_PREFIX = "public_"
"""How the names of guarded collections begin."""

_ROW = "row_before"


def public_parts(
    versions: Mapping[Language, Mapping[str, pd.DataFrame]],
    units: gpd.GeoDataFrame | None,
    measured: Mapping[str, Any] | None,
    threshold: int,
) -> Iterator[Part]:
    """The guarded layers and tables, named `public_…` after what they are the guarded edition of.

    Args:
        versions: All tables of the release in each language: the same numbers.
        units: Schema `ADMIN_UNITS`; null for no layers.
        measured: What measured access says of itself; null where nothing was measured.
        threshold: Numbers of people above 0 and below it are hidden.

    Raises:
        InputError: The tables contradict one another.
    """
    if not versions[Language.EN]:
        return
    # What is hidden is found and applied once; languages differ in labels only.
    english = {
        name: table.assign(**{_ROW: range(len(table))}) for name, table in versions[Language.EN].items()
    }
    guarded = public_tables(english, threshold=threshold, units=units)
    for name, layer in unit_frames(guarded, units, measured):
        yield _said(unit_part(PUBLIC_PREFIX + name, layer, measured), threshold)
    tables = {language: _labelled(guarded, version) for language, version in versions.items()}
    for part in table_parts(tables.__getitem__, prefix=PUBLIC_PREFIX):
        yield _said(part, threshold)


def _labelled(
    guarded: Mapping[str, pd.DataFrame], version: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Guarded tables with the labels and sentences of a language: each row knows where it was before."""
    tables = {}
    for name, table in guarded.items():
        said, rows = version[name], table[_ROW].to_numpy()
        labels = {one: said[one].array.take(rows) for one in said if is_localised(one)}
        tables[name] = table.drop(columns=_ROW).assign(**labels)
        tables[name].attrs = dict(table.attrs) | dict(said.attrs)
    return tables


def _said(part: Part, threshold: int) -> Part:
    """The part, which says that it is guarded and how."""
    rules = in_each_language(SUPPRESSED(threshold=threshold))
    before = part.about.get("rule")
    for language in rules if before is not None else ():
        rule = before if isinstance(before, str) else before[language.value]
        rules[language] = f"{rule}. {rules[language]}"
    part.about.update(
        edition="public",
        threshold=threshold,
        rule={language.value: rule for language, rule in rules.items()},
    )
    return part
