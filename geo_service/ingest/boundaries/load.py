"""Admin units in: the shipped set, fetched and added sets, and any layer, as frames of `ADMIN_UNITS`.

A set is named (`kaz-adm1`, `kaz-adm2-geokz`) or is a file. `sources` fetches more sets, `checks`
says what is wrong with one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyogrio
from pyogrio.errors import DataSourceError

from geo_service.errors import InputError
from geo_service.findings import FindingCode, Findings, Place, collecting
from geo_service.ingest.boundaries.checks import check_units, invalid_reason, only_polygons
from geo_service.ingest.boundaries.columns import LEVELS, UnitColumns, map_units, usual_columns, usual_level
from geo_service.ingest.boundaries.store import SHIPPED_SETS, boundaries_folder, set_path, stored_names
from geo_service.ingest.readers import RawLayer, read_layer, split_layer_name
from geo_service.schemas import ADMIN_UNITS, validated
from geo_service.settings import BoundarySettings
from geo_service.spatial.geodesy import area_km2

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray


__all__ = [
    "boundaries_folder",
    "check_units",
    "load_boundaries",
    "read_admin_units",
    "read_units_as_they_are",
]

_LAYERED_SUFFIXES = frozenset({".gpkg", ".gdb", ".zip", ".sqlite", ".kml", ".kmz"})


def load_boundaries(
    name_or_path: str | Path,
    settings: BoundarySettings | None = None,
    *,
    findings: Findings | None = None,
    level: int | None = None,
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Admin units by the name of their set or from a file whose columns have usual names.

    Args:
        name_or_path: `kaz-adm1`, which ships with the package; a set that was fetched or added; or a file (`FILE|layername=LAYER`
            for one layer of several). A name goes before a file of the same name.
        settings: Where fetched and added sets are kept; null for the usual place.
        findings: Gets a warning for each unit whose polygon was invalid and has been repaired; null for nowhere.
        level: 0 country, 1 region, 2 district. Null for the set's own, and for the deepest that a file has.
        crs: The reference system of a file that says none.

    Returns:
        `ADMIN_UNITS`, a row a unit of one level, EPSG:4326, valid polygons, RangeIndex.

    Raises:
        FindingsError: The units cannot be used; every reason is in `findings`.
        InputError: No set and no file is called so, or the set is of another level.

    Example:
        >>> regions = load_boundaries("kaz-adm1")
        >>> regions.loc[regions["kato"] == "470000000", "name_kk"].item()
        'Маңғыстау облысы'
    """
    settings = BoundarySettings() if settings is None else settings
    path = set_path(str(name_or_path), settings)
    with collecting(findings) as found:
        if path is not None:
            units = read_admin_units(path, findings=found)
        else:
            _require_file(name_or_path, settings)
            units = read_admin_units(name_or_path, findings=found, level=level, crs=crs)
    if level is not None and (units["level"] != level).any():
        raise InputError(
            f"the boundaries '{name_or_path}' are of level {units['level'].iloc[0]}, not {level}; "
            f"'geo-service boundaries list' shows the sets and their levels"
        )
    return units


def _require_file(name_or_path: str | Path, settings: BoundarySettings) -> None:
    path, _ = split_layer_name(name_or_path)
    if path.exists():
        return
    names = [*SHIPPED_SETS, *stored_names(settings)]
    raise InputError(
        f"there is no file and no set of boundaries called '{name_or_path}'; there are the sets {', '.join(names)}. "
        f"'geo-service boundaries list' shows what can be fetched with 'geo-service boundaries fetch NAME'"
    )


def read_admin_units(
    path: str | Path,
    columns: UnitColumns | None = None,
    *,
    findings: Findings,
    level: int | None = None,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Any layer of polygons as `ADMIN_UNITS`.

    Args:
        path: Whatever `read_layer` reads.
        columns: Which of its columns is what; null to go by the usual names.
        findings: Gets all problems: warnings for polygons that were repaired, errors for what cannot be.
        level: The level of the units, where the columns do not say it.
        crs: The reference system of a file that says none.
        layer: The layer in the file; null for the only one, or the one named for the level (`…adm2`, `…admin2`).
        encoding: The encoding of a Shapefile's text; null for the one it says.

    Returns:
        A row a unit of one level, EPSG:4326, valid polygons and multipolygons, RangeIndex. Of a layer with units of several
        levels, those of `level`, else of the deepest.

    Raises:
        FindingsError: The layer cannot be read, a column is not there, a code is missing or given twice, or a unit has no
            polygon.
    """
    units, rows, place = read_units_as_they_are(
        path, columns, findings=findings, level=level, crs=crs, layer=layer, encoding=encoding
    )
    of_level = (units["level"] == (units["level"].max() if level is None else level)).to_numpy()
    units, rows = units[of_level].reset_index(drop=True), rows[of_level]
    if units.empty:
        findings.error(FindingCode.EMPTY_LAYER, f"there are no units of level {level}", place)
    _require_codes(units, rows, place, findings)
    units = _with_repaired_polygons(units, rows, place, findings)
    findings.raise_errors()
    validated(units, ADMIN_UNITS, place.file or str(path))
    return units


def read_units_as_they_are(
    path: str | Path,
    columns: UnitColumns | None = None,
    *,
    findings: Findings,
    level: int | None = None,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64], Place]:
    """A layer in the columns of `ADMIN_UNITS`, with every fault it has: what `check_units` looks at.

    Takes what `read_admin_units` takes.

    Returns:
        The units, not validated; their 1-based rows in the file; the file and layer.

    Raises:
        FindingsError: The layer cannot be read, is empty, or a column is not there.
    """
    layer = layer or _layer_of_level(path, level)
    raw = read_layer(path, findings, layer=layer, crs=crs, encoding=encoding)
    if raw.frame.empty:
        findings.stop(FindingCode.EMPTY_LAYER, "the layer has no units", raw.place)
    if columns is None:
        columns = _columns_or_error(raw, level, findings)
    return map_units(raw, columns, findings), raw.rows, raw.place


def _layer_of_level(path: str | Path, level: int | None) -> str | None:
    """Of a file with a layer a level, that of `level`, or the deepest the service knows; null to leave it to the reader."""
    file, named = split_layer_name(path)
    if named is not None or file.suffix.lower() not in _LAYERED_SUFFIXES or not file.exists():
        return named
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]
    except DataSourceError:
        return None
    if len(names) < 2:
        return None
    wanted = LEVELS[::-1] if level is None else (level,)
    return next(
        (name for one in wanted for name in names if re.search(rf"adm(in)?_?{one}$", name.lower())), None
    )


def _columns_or_error(raw: RawLayer, level: int | None, findings: Findings) -> UnitColumns:
    columns = usual_columns(raw.frame, level)
    if columns is None:
        _stop_for_want_of_codes(raw, level, findings)
    return columns


def _stop_for_want_of_codes(raw: RawLayer, level: int | None, findings: Findings) -> NoReturn:
    deepest = usual_level(raw.columns.names)
    if deepest is not None and deepest not in LEVELS and level is None:
        message = f"these are units of level {deepest}; the service knows countries (0), regions (1) and districts (2)"
        suggestion = "Dissolve them to districts by their ADM2 code first"
    else:
        what = "" if level is None else f" of level {level}"
        message = (
            f"no column is known to hold the code of a unit{what}; there are {', '.join(raw.columns.names)}"
        )
        suggestion = (
            "Say which is which: geo-service boundaries add FILE --name NAME --level LEVEL --pcode COLUMN"
        )
    findings.stop(FindingCode.MISSING_COLUMN, message, raw.place, suggestion=suggestion)


def _require_codes(
    units: gpd.GeoDataFrame, rows: NDArray[np.int64], place: Place, findings: Findings
) -> None:
    missing = units["pcode"].isna().to_numpy()
    for row in rows[missing]:
        findings.error(FindingCode.MISSING_ID, "the unit has no code", place, row=int(row), column="pcode")
    repeated = units["pcode"].duplicated().to_numpy() & ~missing
    for row, pcode in zip(rows[repeated], units["pcode"][repeated], strict=True):
        findings.error(
            FindingCode.DUPLICATE_UNIT,
            f"the code {pcode} is given to more than one unit",
            place,
            row=int(row),
            column="pcode",
            value=pcode,
            suggestion="If these are parts of one unit, dissolve them by that column",
        )


def _with_repaired_polygons(
    units: gpd.GeoDataFrame, rows: NDArray[np.int64], place: Place, findings: Findings
) -> gpd.GeoDataFrame:
    repaired = np.array([only_polygons(shape) for shape in units.geometry], dtype=object)
    for row, pcode, was, now in zip(rows, units["pcode"], units.geometry, repaired, strict=True):
        if now.is_empty:
            message = f"the unit {pcode} has no polygon"
            findings.error(FindingCode.NO_GEOMETRY, message, place, row=int(row), column="geometry")
        elif now is not was:
            reason = f"was a {was.geom_type}" if was.is_valid else f"was invalid ({invalid_reason(was)})"
            findings.warning(
                FindingCode.INVALID_UNIT,
                f"the unit {pcode} {reason}; it was repaired and is {area_km2(now):,.2f} km²",
                place,
                row=int(row),
                column="geometry",
            )
    return units.set_geometry(repaired, crs=units.crs)
