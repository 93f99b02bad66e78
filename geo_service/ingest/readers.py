"""Any layer as a frame in WGS84: what pyogrio reads, GeoParquet, and tables with longitude and latitude."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, GeometryError

from geo_service.errors import CrsError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import Columns, find_column
from geo_service.ingest.tables import CSV_SUFFIXES, WORKBOOK_SUFFIXES, Table, numbers, read_table
from geo_service.schemas import WGS84
from geo_service.spatial.crs import parse_crs, to_wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["RawLayer", "read_layer", "split_layer_name"]

_PARQUET_SUFFIXES = frozenset({".parquet", ".geoparquet", ".pq"})
_LAYER_MARK = "|layername="


@dataclass(frozen=True, slots=True)
class RawLayer:
    """A layer as it stands in a file, brought to WGS84 and not checked further.

    Attributes:
        frame: All columns of the file and `geometry` in longitude and latitude, which may be null, empty, invalid, of any
            type or not on earth; RangeIndex.
        rows: The 1-based row of each feature as its program shows it, shape (n,).
        columns: The file's column names and HXL hashtags, without the geometry.
        place: The file and layer.
    """

    frame: gpd.GeoDataFrame
    rows: NDArray[np.int64]
    columns: Columns
    place: Place


def split_layer_name(path: str | Path) -> tuple[Path, str | None]:
    """A path and the layer or sheet in it, which is named as QGIS does: `sites.gpkg|layername=villages`."""
    file, mark, layer = str(path).partition(_LAYER_MARK)
    return Path(file), layer if mark else None


def read_layer(
    path: str | Path,
    findings: Findings,
    *,
    layer: str | None = None,
    crs: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
    encoding: str | None = None,
) -> RawLayer:
    """Read any layer.

    Args:
        path: GeoJSON, GeoPackage, Shapefile (also zipped), FlatGeobuf, KML or whatever else GDAL reads; GeoParquet; CSV;
            XLSX, XLS or ODS. A layer or sheet may follow as `|layername=NAME`.
        findings: Where problems are added.
        layer: The layer or sheet; null for the only one, or the first sheet.
        crs: The reference system of a layer that says none, and of the coordinates of a table (EPSG:4326 unless given).
        lon: The column of longitude or easting of a table; null to find it.
        lat: The column of latitude or northing.
        encoding: The encoding of a CSV or Shapefile; null for the one it says, else UTF-8.

    Raises:
        FindingsError: The file as a whole cannot be used; why is among `findings`.
        CrsError: `crs` is not a reference system.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    file, named = split_layer_name(path)
    layer = layer or named
    if crs is not None:
        parse_crs(crs)
    place = Place(str(file), layer)
    if not file.exists():
        findings.error(FindingCode.UNREADABLE, "there is no such file", place)
        findings.raise_errors()
    suffix = file.suffix.lower()
    if suffix in CSV_SUFFIXES | WORKBOOK_SUFFIXES:
        table = read_table(file, findings, sheet=layer, encoding=encoding)
        return _with_points(table, findings, crs=crs, lon=lon, lat=lat)
    frame = _read_parquet(file, findings, place) if suffix in _PARQUET_SUFFIXES else None
    if frame is None:
        frame, place = _read_with_gdal(file, layer, findings, encoding)
    names = tuple(str(name) for name in frame.columns if name != "geometry")
    rows = np.arange(1, len(frame) + 1)
    return RawLayer(_in_wgs84(frame, findings, place, crs), rows, Columns(names, {}), place)


# GeoParquet


def _read_parquet(path: Path, findings: Findings, place: Place) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as error:
        findings.error(
            FindingCode.UNREADABLE, f"it is not GeoParquet that can be read: {_first_line(error)}", place
        )
        findings.raise_errors()
        raise
    return _with_geometry_named(frame).reset_index(drop=True)


def _with_geometry_named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame if frame.active_geometry_name == "geometry" else frame.rename_geometry("geometry")


# What GDAL reads


def _read_with_gdal(
    path: Path, layer: str | None, findings: Findings, encoding: str | None
) -> tuple[gpd.GeoDataFrame, Place]:
    place = Place(str(path), layer)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            name = layer or _only_layer(path, findings, place)
            frame = pyogrio.read_dataframe(
                path, layer=name, encoding=encoding, on_invalid="ignore", use_arrow=False
            )
        except UnicodeDecodeError as error:
            findings.error(
                FindingCode.WRONG_ENCODING,
                f"the text is not {error.encoding}",
                place,
                suggestion="Save it as UTF-8, or say how it was saved, for Cyrillic often --encoding cp1251",
            )
            findings.raise_errors()
            raise
        except (DataSourceError, DataLayerError, GeometryError, ValueError, OSError) as error:
            findings.error(FindingCode.UNREADABLE, f"it cannot be read: {_first_line(error)}", place)
            findings.raise_errors()
            raise
    for one in dict.fromkeys(str(warning.message) for warning in said):
        findings.warning(FindingCode.READER_WARNING, f"GDAL says: {one}", place)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=WGS84)
    frame = _with_geometry_named(frame)
    return _close_rings(frame, path, name, findings, place), place


def _only_layer(path: Path, findings: Findings, place: Place) -> str:
    names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if len(names) > 1:
        findings.error(
            FindingCode.UNREADABLE,
            f"it has {len(names)} layers: {', '.join(names)}",
            place,
            suggestion=f"Name the one you mean: '{path}{_LAYER_MARK}{names[0]}'",
        )
        findings.raise_errors()
    return names[0] if names else path.stem


def _close_rings(
    frame: gpd.GeoDataFrame, path: Path, layer: str, findings: Findings, place: Place
) -> gpd.GeoDataFrame:
    """Bring back what could not be read as it stands: rings that do not close or have too few positions."""
    missing = np.flatnonzero(frame.geometry.isna())
    if not len(missing):
        return frame
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, _, wkb, _ = pyogrio.raw.read(path, layer=layer, columns=[])
    broken = [row for row in missing if wkb is not None and wkb[row] is not None]
    geometry = np.asarray(frame.geometry).copy()
    for row in broken:
        geometry[row] = shapely.from_wkb(wkb[row], on_invalid="fix")
        done = "it was left out" if geometry[row] is None else "it was closed"
        findings.warning(
            FindingCode.BROKEN_RING,
            f"a ring does not close; {done}",
            place,
            row=int(row) + 1,
            column="geometry",
        )
    return frame.set_geometry(gpd.GeoSeries(geometry, crs=frame.crs, index=frame.index))


def _in_wgs84(frame: gpd.GeoDataFrame, findings: Findings, place: Place, crs: str | None) -> gpd.GeoDataFrame:
    if frame.crs is None:
        if crs is None:
            findings.error(
                FindingCode.NO_CRS,
                "it has no coordinate reference system",
                place,
                suggestion="Say which one it is in, for longitude and latitude --crs EPSG:4326",
            )
            findings.raise_errors()
        frame = frame.set_crs(crs)
    try:
        return to_wgs84(frame)
    except CrsError as error:
        findings.error(FindingCode.UNUSABLE_CRS, str(error), place)
        findings.raise_errors()
        raise


# Tables with coordinates


def _with_points(
    table: Table, findings: Findings, *, crs: str | None, lon: str | None, lat: str | None
) -> RawLayer:
    found = {
        role: find_column(table.columns, role, given, findings, table.place, option=f"--{role}")
        for role, given in (("lon", lon), ("lat", lat))
    }
    findings.raise_errors()
    for role, column in found.items():
        if column is None:
            findings.error(
                FindingCode.MISSING_COLUMN,
                f"no column looks like {'longitude' if role == 'lon' else 'latitude'}; "
                f"there are {', '.join(table.columns.names) or 'no columns'}",
                table.place,
                suggestion=f"Name it with --{role} COLUMN",
            )
    findings.raise_errors()
    x = _coordinate(table, str(found["lon"]), findings)
    y = _coordinate(table, str(found["lat"]), findings)
    points = np.asarray(shapely.points(x, y), dtype=object)
    points[np.isnan(x) | np.isnan(y)] = None
    frame = gpd.GeoDataFrame(table.frame, geometry=points, crs=crs or WGS84)
    return RawLayer(_in_wgs84(frame, findings, table.place, crs), table.rows, table.columns, table.place)


def _coordinate(table: Table, column: str, findings: Findings) -> NDArray[np.float64]:
    values, is_bad = numbers(table.frame[column], decimal_comma=True)
    report_cells(
        table.frame[column],
        is_bad,
        findings,
        FindingCode.NON_NUMERIC_COORDINATES,
        "the coordinate is not a number",
        table.rows,
        table.place,
    )
    is_nan = np.isnan(values) & ~is_bad & table.frame[column].notna().to_numpy(dtype=bool)
    report_cells(
        table.frame[column],
        is_nan,
        findings,
        FindingCode.NAN_COORDINATES,
        "the coordinate is not known",
        table.rows,
        table.place,
        error=False,
    )
    return values


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
    values: Sequence[Any] = column.array
    for at in np.flatnonzero(is_bad).tolist():
        add(
            code,
            message,
            place,
            row=int(rows[at]),
            column=str(column.name),
            value=None if pd.isna(values[at]) else str(values[at]),
            suggestion=suggestion,
        )


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
