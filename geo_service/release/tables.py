"""Tables in three languages as parts of a release: what each language says differently has a column a language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.coverage.report_titles import table_title
from geo_service.coverage.tables import access_by_band, service_presence
from geo_service.errors import InputError
from geo_service.release.frames import frame_part
from geo_service.release.titles import TITLES
from geo_service.vocabulary import AdminLevel, Language
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

    from geo_service.release.manifest import CollectionKind
    from geo_service.release.parts import Part

__all__ = ["access_tables", "in_three_languages", "is_localised", "table_part", "table_parts"]

_LOCALISED = frozenset({"label", "name", "message", "suggestion"})

_OF_THE_ROUND = frozenset(
    {"title", "round", "country", "collected_from", "collected_to", "synthetic", "sources"}
)
"""What tables say of themselves that the manifest says once."""


def table_parts(
    tables_in: Callable[[Language], Mapping[str, pd.DataFrame]], *, kind: CollectionKind = "table"
) -> Iterator[Part]:
    """The parts of tables that can be made in each language.

    Args:
        tables_in: Makes all tables in a language: the same names, rows and columns in each. `attrs["title"]` is a table's title.
        kind: Of the collections.

    Raises:
        InputError: A table differs between languages in more than its labels.
    """
    made = {language: tables_in(language) for language in Language}
    for name in made[Language.EN]:
        versions = {language: made[language][name] for language in Language}
        said = {language: table.attrs for language, table in versions.items()}
        yield table_part(name, in_three_languages(versions, name), said, kind=kind)


def table_part(
    name: str,
    table: pd.DataFrame,
    said: Mapping[Language, Mapping[str, Any]],
    *,
    kind: CollectionKind = "table",
) -> Part:
    """A table in three languages as a collection.

    Args:
        name: Of the collection.
        table: As `in_three_languages` makes it.
        said: What it says of itself in each language, with its `title`.
        kind: Of the collection.
    """
    title = {language: str(one["title"]) for language, one in said.items()}
    return frame_part(name, table, kind=kind, title=title, about=_about(said))


def in_three_languages(versions: Mapping[Language, pd.DataFrame], name: str) -> pd.DataFrame:
    """One table of one in each language: `label` becomes `label_en`, `label_ru`, `label_kk`.

    Raises:
        InputError: The versions differ in more than their labels.
    """
    # Of a table that says something of itself, each column is a copy of all that it says.
    bare = {language: _bare(table) for language, table in versions.items()}
    english = bare[Language.EN]
    columns: dict[str, pd.Series] = {}
    for column in english:
        for language, table in bare.items():
            if is_localised(column):
                columns[f"{column}_{language}"] = table[column]
            elif not _are_the_same(table[column], english[column]):
                raise InputError(f"{name}: the column '{column}' is not the same in {language} and en")
        if not is_localised(column):
            columns[str(column)] = english[column]
    return pd.DataFrame(columns)


def _bare(table: pd.DataFrame) -> pd.DataFrame:
    bare = table.copy(deep=False)
    bare.attrs = {}
    return bare


def _are_the_same(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns have the same values, though perhaps of other types."""
    return one is other or one.equals(other) or one.astype(object).equals(other.astype(object))


def is_localised(column: str) -> bool:
    """Whether a column of a table or of findings is words in a language, such as `label` and `band_label`."""
    return column in _LOCALISED or column.endswith("_label")


def access_tables(
    counted: pd.DataFrame, units: gpd.GeoDataFrame | None, language: Language
) -> dict[str, pd.DataFrame]:
    """Measured access by band and by presence, for the whole and by each level that the villages are in units of.

    Args:
        counted: Schema `ACCESS`, or what `MeasuredAccess.counted` keeps of it.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: Of titles and names.
    """
    levels = [
        level
        for level, column in ((AdminLevel.REGION, "adm1_pcode"), (AdminLevel.DISTRICT, "adm2_pcode"))
        if column in counted and counted[column].notna().any()
    ]
    tables = {}
    for name, table_of in (("access_by_band", access_by_band), ("service_presence", service_presence)):
        for by in (None, *levels):
            table = table_of(counted, by, units=units, language=language)
            table.attrs = {
                "title": table_title(TITLES[name], by, language),
                "basis": counted.attrs["basis"],
                "method": counted.attrs["method"],
                "rule": in_language(counted.attrs["band_rule"], language),
                "by": by,
            }
            tables[name if by is None else f"{name}_and_{by}"] = table
    return tables


def _about(said: Mapping[Language, Mapping[str, Any]]) -> dict[str, Any]:
    """What the tables say of themselves: once where it is the same in each language, else by language."""
    about: dict[str, Any] = {}
    for key, english in said[Language.EN].items():
        by_language = {language.value: one[key] for language, one in said.items()}
        if key in _OF_THE_ROUND or english is None:
            continue
        about[key] = english if all(one == english for one in by_language.values()) else by_language
    return about
