"""A table as geometries: from columns of longitude and latitude, or from one of well-known text (WKT)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import find_column, listed
from geo_service.ingest.tables import Table, as_text, numbers
from geo_service.schemas import WGS84
from geo_service.spatial.crs import parse_crs

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["report_cells", "with_geometry"]

_MOST_VALUE_CHARACTERS = 200


def with_geometry(
    table: Table,
    findings: Findings,
    *,
    crs: str | None,
    lon: str | None,
    lat: str | None,
    option_prefix: str = "--",
) -> gpd.GeoDataFrame:
    """All columns of a table and `geometry`, null where a row says no place.

    Args:
        table: Any table.
        findings: Where problems are added.
        crs: The reference system of the coordinates; EPSG:4326 unless given.
        lon: The column of longitude or easting; null to find it, or else one of WKT.
        lat: The column of latitude or northing; null to find it.
        option_prefix: What the options of columns begin with on the command line, for remedies.

    Raises:
        FindingsError: It has no such columns.
    """
    found = {
        role: find_column(table.columns, role, given, findings, table.place, option=f"{option_prefix}{role}")
        for role, given in (("lon", lon), ("lat", lat))
    }
    findings.raise_errors()
    missing = [role for role, column in found.items() if column is None]
    wkt = table.columns.by_role("wkt") if missing and lon is lat is None else None
    if missing and wkt is None:
        _report_missing(table, missing, findings, option_prefix)
    geometry = (
        _points(table, str(found["lon"]), str(found["lat"]), findings)
        if wkt is None
        else _from_wkt(table, wkt, findings)
    )
    return gpd.GeoDataFrame(
        table.frame, geometry=geometry, crs=_reference_system(table, geometry, crs, findings)
    )


def _reference_system(
    table: Table, geometry: NDArray[np.object_], crs: str | None, findings: Findings
) -> str:
    """The system given, unless it counts in metres and the coordinates are degrees: one --crs serves several files."""
    if crs is None or not parse_crs(crs).is_projected:
        return crs or WGS84
    coordinates = shapely.get_coordinates(geometry)
    if not len(coordinates) or not (np.abs(coordinates) <= (180, 90)).all():
        return crs
    findings.warning(
        FindingCode.UNUSABLE_CRS,
        f"its coordinates are degrees, so '{crs}' was not applied to it; it was read as longitude and latitude",
        table.place,
    )
    return WGS84


def _report_missing(table: Table, missing: list[str], findings: Findings, option_prefix: str) -> None:
    words = {"lon": "longitude", "lat": "latitude"}
    other = next((sheet for sheet in table.sheets if sheet != table.place.layer), None)
    findings.stop(
        FindingCode.MISSING_COLUMN,
        f"no column looks like {' or '.join(words[role] for role in missing)}; there are {listed(table.columns.names)}",
        table.place,
        suggestion=f"Name it with {' and '.join(f'{option_prefix}{role} COLUMN' for role in missing)}"
        + (f", or another sheet with '{table.place.file}|layername={other}'" if other else ""),
    )


def _points(table: Table, lon: str, lat: str, findings: Findings) -> NDArray[np.object_]:
    if lon == lat:
        message = f"longitude and latitude are both read from column '{lon}'"
        findings.stop(
            FindingCode.MISSING_COLUMN, message, table.place, column=lon, suggestion="Give --lon and --lat"
        )
    x, y = _coordinate(table, lon, findings), _coordinate(table, lat, findings)
    points = np.full(len(x), None, dtype=object)
    is_known = ~(np.isnan(x) | np.isnan(y))
    points[is_known] = shapely.points(x[is_known], y[is_known])
    return points


def _coordinate(table: Table, column: str, findings: Findings) -> NDArray[np.float64]:
    cells = table.frame[column]
    values, is_bad = numbers(cells, decimal_comma=True)
    is_bad |= np.isinf(values)
    values[is_bad] = np.nan
    report_cells(
        cells,
        is_bad,
        findings,
        FindingCode.NON_NUMERIC_COORDINATES,
        "the coordinate is not a number",
        table.rows,
        table.place,
        suggestion="Write it in decimal degrees, such as 71.43, or in metres with --crs",
    )
    is_nan = np.isnan(values) & ~is_bad & cells.notna().to_numpy(dtype=bool)
    report_cells(
        cells,
        is_nan,
        findings,
        FindingCode.NAN_COORDINATES,
        "the coordinate is not known",
        table.rows,
        table.place,
        error=False,
    )
    return values


def _from_wkt(table: Table, column: str, findings: Findings) -> NDArray[np.object_]:
    cells = table.frame[column]
    is_binary = cells.map(lambda cell: isinstance(cell, bytes)).to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        if is_binary.any():
            binary = np.where(is_binary, cells.to_numpy(dtype=object), None)
            geometry = shapely.from_wkb(binary, on_invalid="fix")
        else:
            text = as_text(cells).to_numpy(dtype=object, na_value=None)
            geometry = shapely.from_wkt(text, on_invalid="fix")
    is_bad = shapely.is_missing(geometry) & cells.notna().to_numpy(dtype=bool)
    report_cells(
        cells,
        is_bad,
        findings,
        FindingCode.UNSUPPORTED_GEOMETRY,
        "it is not well-known text, such as POINT (71.43 51.13)",
        table.rows,
        table.place,
        suggestion="Correct the cell, or name columns of coordinates with --lon and --lat",
    )
    return np.asarray(geometry, dtype=object)


def report_cells(
    column: pd.Series,
    is_bad: NDArray[np.bool_],
    findings: Findings,
    code: FindingCode,
    message: str,
    rows: NDArray[np.int64],
    place: Place,
    *,
    error: bool = True,
    suggestion: str | None = None,
) -> None:
    """Add a finding for each bad cell of a column.

    Args:
        column: Shape (n,).
        is_bad: Which cells, shape (n,).
        findings: Where they are added.
        code: Their code.
        message: One sentence.
        rows: The row numbers of the file, shape (n,).
        place: The file and layer.
        error: Whether they are errors; else warnings.
        suggestion: What to do about them.
    """
    add = findings.error if error else findings.warning
    for at in np.flatnonzero(is_bad).tolist():
        add(
            code,
            message,
            place,
            row=int(rows[at]),
            column=str(column.name),
            value=_shown(column.array[at]),
            suggestion=suggestion,
        )


def _shown(cell: Any) -> str | None:
    """A cell as text that fits into a line; null when it holds nothing."""
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
        return None
    text = str(cell)
    return text if len(text) <= _MOST_VALUE_CHARACTERS else f"{text[:_MOST_VALUE_CHARACTERS]}…"
