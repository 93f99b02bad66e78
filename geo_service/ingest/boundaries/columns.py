"""Which column of a boundary layer is what: the usual names, given ones, and the mapping of any layer into `ADMIN_UNITS`.

Conventions known by their column names, whatever their case:

- this package's own schema: `pcode, level, parent_pcode, name_en, …`;
- COD-AB, old and new: `ADM2_PCODE, ADM2_EN, ADM2_RU, ADM1_PCODE, validOn`, `admin2Pcode, admin2Name_en`, and
  `adm2_pcode, adm2_name, adm2_name1` with the languages of the names in `lang, lang1`
  (OCHA, Administrative Boundaries COD technical specification);
- geoBoundaries: `shapeID, shapeName, shapeISO, shapeGroup, shapeType` (Runfola et al., PLoS ONE 15(4), 2020).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geo_service.findings import FindingCode, Findings
from geo_service.schemas import ADMIN_UNITS, WGS84

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo_service.ingest.readers import RawLayer

__all__ = [
    "LEVELS",
    "TEXT_COLUMNS",
    "ColumnSource",
    "UnitColumns",
    "map_units",
    "usual_columns",
    "usual_level",
]

LEVELS = (0, 1, 2)
"""The levels of admin units that the service knows: country, region, district."""
TEXT_COLUMNS = tuple(name for name in ADMIN_UNITS.columns if name not in {"level", "geometry"})
"""The columns of `ADMIN_UNITS` that a layer's columns are mapped to."""

_ISO_DATE = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_LATIN_LOOKALIKES = str.maketrans("ABCEHIKMOPTXaceiopxy", "АВСЕНІКМОРТХасеіорху")
_LANGUAGE_SUFFIXES = {"en": ("EN",), "ru": ("RU",), "kk": ("KK", "KZ")}


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where the values of one column of `ADMIN_UNITS` come from.

    Attributes:
        column: The layer's column; its case does not matter.
        value: One value for all units, instead of a column.
        codes: What each value of the column is replaced by; null to take the values as they are.
    """

    column: str | None = None
    value: str | None = None
    codes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class UnitColumns:
    """How a layer is mapped into `ADMIN_UNITS`.

    Attributes:
        level: The level of all units; null when the layer has a column `level`.
        sources: By column of `ADMIN_UNITS`, where it comes from. A column that is left out is null.
    """

    level: int | None
    sources: Mapping[str, ColumnSource] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def named(cls, level: int | None, **columns: str | None) -> UnitColumns:
        """A mapping from names only, leaving out those that are null: `UnitColumns.named(2, pcode="CODE")`."""
        return cls(
            level, {target: ColumnSource(name) for target, name in columns.items() if name is not None}
        )


def usual_level(columns: Iterable[str]) -> int | None:
    """The deepest level that a COD-AB layer has codes of, also beyond those the service knows; null for other layers."""
    found = [re.fullmatch(r"adm(?:in)?(\d)_?pcode", name.lower()) for name in columns]
    return max((int(match[1]) for match in found if match), default=None)


def usual_columns(frame: pd.DataFrame, level: int | None = None) -> UnitColumns | None:
    """The mapping of a layer whose columns have usual names.

    Args:
        frame: The layer with all its columns.
        level: The level of its units; null to tell it from the columns (the deepest for COD-AB).

    Returns:
        The mapping; null when the names follow no known convention, or the level cannot be told.
    """
    names = _by_lower_case(frame)
    if "pcode" in names:
        if level is None and "level" not in names:
            return None
        own = None if "level" in names else level
        return UnitColumns.named(own, **{name: names.get(name) for name in TEXT_COLUMNS})
    if {"shapeid", "shapename"} <= names.keys():
        return _geoboundaries(frame, names, level)
    deepest = usual_level(names)
    if deepest is None:
        return None
    return _cod_ab(frame, names, deepest if level is None else level)


def _cod_ab(frame: pd.DataFrame, names: Mapping[str, str], level: int) -> UnitColumns | None:
    def first(*candidates: str) -> str | None:
        return next((names[one.lower()] for one in candidates if one.lower() in names), None)

    pcode = first(f"ADM{level}_PCODE", f"admin{level}Pcode")
    if pcode is None or level not in LEVELS:
        return None
    titles = {
        f"name_{language}": first(*(f"ADM{level}_{one}" for one in suffixes), f"admin{level}Name_{language}")
        for language, suffixes in _LANGUAGE_SUFFIXES.items()
    }
    for number in ("", "1", "2", "3"):
        title = first(f"adm{level}_name{number}")
        language = _only_value(frame, names.get(f"lang{number}")) or ("en" if number == "" else None)
        if title and titles.get(f"name_{language}", title) is None:
            titles[f"name_{language}"] = title
    return UnitColumns.named(
        level,
        pcode=pcode,
        parent_pcode=first(f"ADM{level - 1}_PCODE", f"admin{level - 1}Pcode"),
        **titles,
        kato=first("KATO"),
        valid_on=first("validOn", "valid_on"),
    )


def _geoboundaries(frame: pd.DataFrame, names: Mapping[str, str], level: int | None) -> UnitColumns | None:
    if level is None:
        stated = re.fullmatch(r"ADM(\d)", _only_value(frame, names.get("shapetype")) or "")
        level = int(stated[1]) if stated else None
    if level not in LEVELS:
        return None
    return UnitColumns.named(
        level,
        pcode=names["shapeid"],
        # shapeGroup is the country, so only a region has it for its parent.
        parent_pcode=names.get("shapegroup") if level == 1 else None,
        name_en=names["shapename"],
        iso3166_2=names.get("shapeiso") if level == 1 else None,
    )


def _only_value(frame: pd.DataFrame, column: str | None) -> str | None:
    if column is None:
        return None
    values = frame[column].dropna().unique()
    return str(values[0]) if len(values) == 1 else None


def map_units(raw: RawLayer, columns: UnitColumns, findings: Findings) -> gpd.GeoDataFrame:
    """The layer in the columns of `ADMIN_UNITS`, its polygons as they are.

    Args:
        raw: A layer in WGS84, a row a unit; geometry may be null or invalid.
        columns: Which of its columns is what.
        findings: Gets an error for each column that the mapping names and the layer lacks, and warnings for codes that have no
            replacement and for names that mix Latin letters into Cyrillic ones (they are mended).

    Returns:
        A row for each of the layer's, in its order, with the columns of `ADMIN_UNITS` in their order, EPSG:4326. Not yet
        validated: codes may be null or repeated, geometry null or invalid.

    Raises:
        FindingsError: A column is not there.
    """
    names = _by_lower_case(raw.frame)
    _require_columns(raw, names, columns, findings)
    mapped: dict[str, Any] = {}
    for target in TEXT_COLUMNS:
        source = columns.sources.get(target, ColumnSource())
        if source.column is not None:
            mapped[target] = _as_text(raw.frame[names[source.column.lower()]])
        else:
            mapped[target] = pd.Series(source.value, index=raw.frame.index, dtype="string")
        if source.codes is not None:
            mapped[target] = _replaced_codes(mapped[target], source.codes, target, raw, findings)
    mapped["valid_on"] = mapped["valid_on"].map(_iso_date, na_action="ignore").astype("string")
    for name in ("name_ru", "name_kk"):
        mapped[name] = _in_one_alphabet(mapped[name], columns.sources.get(name), raw, findings)
    mapped["level"] = _levels(raw, names, columns, findings)
    return gpd.GeoDataFrame(
        {name: mapped[name] for name in ADMIN_UNITS.columns if name != "geometry"},
        geometry=raw.frame.geometry.array,
        crs=WGS84,
        index=raw.frame.index,
    )


def _require_columns(
    raw: RawLayer, names: Mapping[str, str], columns: UnitColumns, findings: Findings
) -> None:
    wanted = [one.column for one in columns.sources.values() if one.column is not None]
    if columns.level is None:
        wanted.append("level")
    for name in wanted:
        if name.lower() not in names:
            has = ", ".join(str(one) for one in raw.frame.columns if one != raw.frame.geometry.name)
            findings.error(
                FindingCode.MISSING_COLUMN,
                "there is no such column",
                raw.place,
                column=name,
                suggestion=f"The layer has: {has}",
            )
    findings.raise_errors()


def _levels(raw: RawLayer, names: Mapping[str, str], columns: UnitColumns, findings: Findings) -> Any:
    if columns.level is not None:
        return pd.Series(columns.level, index=raw.frame.index, dtype="int64")
    name = names["level"]
    levels = pd.to_numeric(raw.frame[name], errors="coerce")
    for row, value in zip(raw.rows[~levels.isin(LEVELS)], raw.frame[name][~levels.isin(LEVELS)], strict=True):
        findings.error(
            FindingCode.INVALID_UNIT,
            "the level of a unit is 0 (country), 1 (region) or 2 (district)",
            raw.place,
            row=int(row),
            column=name,
            value=str(value),
        )
    findings.raise_errors()
    return levels.astype("int64")


def _replaced_codes(
    values: Any, codes: Mapping[str, str], target: str, raw: RawLayer, findings: Findings
) -> Any:
    unknown = values.notna() & ~values.isin(list(codes))
    code = FindingCode.ORPHANED_UNIT if target == "parent_pcode" else FindingCode.MISSING_ID
    for row, value in zip(raw.rows[unknown], values[unknown], strict=True):
        findings.warning(
            code,
            f"no {target} is known for '{value}'",
            raw.place,
            row=int(row),
            value=str(value),
            suggestion="Add it to the codes of the column mapping",
        )
    return values.map(dict(codes)).astype("string")


def _in_one_alphabet(values: Any, source: ColumnSource | None, raw: RawLayer, findings: Findings) -> Any:
    mended = values.map(_without_lookalikes, na_action="ignore").astype("string")
    changed = (mended != values).fillna(value=False).to_numpy(dtype=bool)
    for row, value in zip(raw.rows[changed], values[changed], strict=True):
        findings.warning(
            FindingCode.WRONG_ENCODING,
            f"'{value}' has Latin letters among the Cyrillic ones; read as Cyrillic",
            raw.place,
            row=int(row),
            column=source.column if source else None,
            value=str(value),
        )
    return mended


def _without_lookalikes(text: str) -> str:
    return text.translate(_LATIN_LOOKALIKES) if _CYRILLIC.search(text) else text


def _as_text(values: Any) -> Any:
    """Text as it stands, whole numbers without a decimal point, dates as ISO dates; blank is null."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d").astype("string")
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def _iso_date(text: str) -> str:
    return "-".join(match.groups()) if (match := _ISO_DATE.match(text)) else text


def _by_lower_case(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name).lower(): str(name) for name in frame.columns}
