"""Any layer as a frame in WGS84: what pyogrio reads, GeoParquet, and tables with longitude and latitude."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj.exceptions import ProjError

from geo_service.errors import CrsError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import Columns
from geo_service.ingest.coordinates import with_geometry
from geo_service.ingest.tables import CSV_SUFFIXES, WORKBOOK_SUFFIXES, Table, read_table
from geo_service.spatial.crs import parse_crs, to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RawLayer", "read_layer", "split_layer_name"]

_PARQUET_SUFFIXES = frozenset({".parquet", ".geoparquet", ".pq"})
_TABLE_SUFFIXES = CSV_SUFFIXES | WORKBOOK_SUFFIXES
_ARCHIVED_SUFFIXES = frozenset({".shp", ".geojson", ".json", ".gpkg", ".fgb", ".kml", ".gml", ".tab", ".gpx"})
_UNARCHIVED_SUFFIXES = (_TABLE_SUFFIXES | _PARQUET_SUFFIXES) - {".txt"}
# These are UTF-8 by definition, so that --encoding is meant for other files of the run.
_UTF8_SUFFIXES = frozenset({".geojson", ".json", ".gpkg", ".fgb", ".kml", ".kmz", ".gml", ".gpx", ".sqlite"})
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
    option_prefix: str = "--",
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
        option_prefix: What the options of columns begin with on the command line, for remedies.
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
    suffix = file.suffix.lower()
    _refuse_unusable(file, suffix, encoding, findings, place)
    if suffix in _TABLE_SUFFIXES:
        return _with_points(
            read_table(file, findings, sheet=layer, encoding=encoding), findings, crs, lon, lat, option_prefix
        )
    if suffix in _PARQUET_SUFFIXES:
        frame = _read_parquet(file, findings, place)
    else:
        frame = _read_with_gdal(file, layer, findings, place, encoding)
    names = tuple(str(name) for name in frame.columns if name != "geometry")
    rows = np.arange(1, len(frame) + 1)
    if not isinstance(frame, gpd.GeoDataFrame):
        names = tuple(map(str, frame.columns))
        return _with_points(
            Table(frame, rows, Columns(names, {}), place), findings, crs, lon, lat, option_prefix
        )
    return RawLayer(_in_wgs84(frame, findings, place, crs), rows, Columns(names, {}), place)


def _refuse_unusable(file: Path, suffix: str, encoding: str | None, findings: Findings, place: Place) -> None:
    """Stop at what no reader could make anything of."""
    if not file.exists():
        findings.error(FindingCode.UNREADABLE, "there is no such file", place)
    elif file.is_dir() and suffix in _TABLE_SUFFIXES | _PARQUET_SUFFIXES:
        findings.error(FindingCode.UNREADABLE, "it is a folder, not a file", place)
    elif file.is_file() and not file.stat().st_size:
        findings.error(FindingCode.EMPTY_LAYER, "the file is empty: it has 0 bytes", place)
    try:
        " ".encode(encoding or "utf-8")
    except (LookupError, UnicodeError):
        findings.error(
            FindingCode.WRONG_ENCODING,
            f"there is no encoding named '{encoding}'",
            place,
            suggestion="Give one such as --encoding utf-8 or --encoding cp1251",
        )
    findings.raise_errors()


def _with_points(
    table: Table,
    findings: Findings,
    crs: str | None,
    lon: str | None,
    lat: str | None,
    option_prefix: str,
) -> RawLayer:
    frame = with_geometry(table, findings, crs=crs, lon=lon, lat=lat, option_prefix=option_prefix)
    return RawLayer(_in_wgs84(frame, findings, table.place, crs), table.rows, table.columns, table.place)


# GeoParquet


def _read_parquet(path: Path, findings: Findings, place: Place) -> pd.DataFrame:
    """A frame with geometry when the file says where that is, else without."""
    try:
        frame = (
            gpd.read_parquet(path)
            if b"geo" in (pq.read_schema(path).metadata or {})
            else pd.read_parquet(path)
        )
    except (
        ValueError,
        TypeError,
        KeyError,
        OSError,
        pa.ArrowException,
        ProjError,
        shapely.errors.ShapelyError,
    ) as error:
        findings.stop(FindingCode.UNREADABLE, f"it is not Parquet that can be read: {_reason(error)}", place)
    is_numbered = frame.index.names == [None] or frame.index.name in frame.columns
    frame = frame.reset_index(drop=is_numbered)
    return _with_geometry_named(frame) if isinstance(frame, gpd.GeoDataFrame) else frame


def _with_geometry_named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.active_geometry_name == "geometry":
        return frame
    return frame.rename(columns={"geometry": "geometry.1"}).rename_geometry("geometry")


# What GDAL reads


def _read_with_gdal(
    path: Path, layer: str | None, findings: Findings, place: Place, encoding: str | None
) -> pd.DataFrame:
    """A frame with geometry, or without when the layer is a table."""
    source, layer = _in_archive(path, layer, findings, place)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            name = layer or _only_layer(source, path, findings, place)
            frame = _read_decoded(source, name, path.suffix.lower(), encoding)
        except UnicodeDecodeError as error:
            can_say = path.suffix.lower() not in _UTF8_SUFFIXES
            findings.stop(
                FindingCode.WRONG_ENCODING,
                f"the text is not {error.encoding}",
                place,
                suggestion="Save it as UTF-8"
                + (", or say how it was saved, for Cyrillic often --encoding cp1251" if can_say else ""),
            )
        except _GDAL_ERRORS as error:
            findings.stop(
                FindingCode.UNREADABLE,
                f"it cannot be read: {_reason(error)}",
                place,
                suggestion=_remedy(path, error),
            )
    for one in dict.fromkeys(str(warning.message) for warning in said):
        findings.warning(FindingCode.READER_WARNING, f"GDAL says: {one}", place)
    if path.suffix.lower() == ".shp" and not _has_part(path, ".dbf"):
        findings.warning(
            FindingCode.READER_WARNING, "the .dbf beside it, which has its columns, is missing", place
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    return _close_rings(_with_geometry_named(frame), source, name, findings, place)


_GDAL_ERRORS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ValueError, OSError)


def _read_decoded(source: str, layer: str, suffix: str, encoding: str | None) -> pd.DataFrame:
    def read(encoding: str | None) -> pd.DataFrame:
        return pyogrio.read_dataframe(
            source, layer=layer, encoding=encoding, on_invalid="ignore", use_arrow=False
        )

    if suffix not in _UTF8_SUFFIXES or encoding is None:
        return read(encoding)
    try:
        return read(None)
    except UnicodeDecodeError:
        return read(encoding)


def _in_archive(path: Path, layer: str | None, findings: Findings, place: Place) -> tuple[str, str | None]:
    """What GDAL opens, and the layer in it: of a ZIP the member, in whatever folder of it."""
    if path.suffix.lower() != ".zip":
        return str(path), layer
    try:
        with zipfile.ZipFile(path) as archive:
            files = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        findings.stop(FindingCode.UNREADABLE, f"it is not a ZIP archive that can be opened: {error}", place)
    # A Mac adds `__MACOSX/._name` for each file.
    files = [one for one in files if not one.name.startswith("._")]
    members = [one for one in files if one.suffix.lower() in _ARCHIVED_SUFFIXES]
    named = [one for one in members if layer in {one.stem, one.name, str(one)}]
    for chosen, of_member in ((named, None), (members, layer)):
        if len(chosen) == 1:
            return f"/vsizip/{path.absolute()}/{chosen[0]}", of_member
    if members:
        _refuse_several([str(one) for one in members], path, findings, place)
    elif inside := next((one for one in files if one.suffix.lower() in _UNARCHIVED_SUFFIXES), None):
        findings.error(
            FindingCode.UNREADABLE,
            "a table in an archive is not read",
            place,
            suggestion=f"Take {inside} out of it first",
        )
    findings.raise_errors()
    return str(path), layer


def _only_layer(source: str, path: Path, findings: Findings, place: Place) -> str:
    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(source)]
    names = [name for name, kind in layers if kind is not None] or [name for name, _ in layers]
    if not names:
        findings.error(FindingCode.EMPTY_LAYER, "there is no layer in it", place)
    if len(names) > 1:
        _refuse_several(names, path, findings, place)
    findings.raise_errors()
    return names[0]


def _refuse_several(names: list[str], path: Path, findings: Findings, place: Place) -> None:
    findings.error(
        FindingCode.UNREADABLE,
        f"it has {len(names)} layers: {', '.join(names)}",
        place,
        suggestion=f"Name the one you mean: '{path}{_LAYER_MARK}{names[0]}'",
    )


def _close_rings(
    frame: gpd.GeoDataFrame, source: str, layer: str, findings: Findings, place: Place
) -> gpd.GeoDataFrame:
    """Bring back what could not be read as it stands: rings that do not close or have too few positions."""
    missing = np.flatnonzero(frame.geometry.isna())
    if not len(missing):
        return frame
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, _, wkb, _ = pyogrio.raw.read(source, layer=layer, columns=[])
    broken = [row for row in missing if wkb is not None and wkb[row] is not None]
    geometry = np.asarray(frame.geometry).copy()
    for row in broken:
        geometry[row] = shapely.from_wkb(wkb[row], on_invalid="fix")
        findings.warning(
            FindingCode.BROKEN_RING,
            "it has a line of a single position; it was left out"
            if geometry[row] is None
            else "a ring does not close or has too few positions; it was closed",
            place,
            row=int(row) + 1,
            column="geometry",
        )
    return frame.set_geometry(gpd.GeoSeries(geometry, crs=frame.crs, index=frame.index))


def _in_wgs84(frame: gpd.GeoDataFrame, findings: Findings, place: Place, crs: str | None) -> gpd.GeoDataFrame:
    if frame.crs is None:
        if crs is None:
            findings.stop(
                FindingCode.NO_CRS,
                "it has no coordinate reference system",
                place,
                suggestion="Say which one it is in, for longitude and latitude --crs EPSG:4326",
            )
        frame = frame.set_crs(crs)
    # 0, 0 stands for a place not known in any reference system, so it stays 0, 0 for the check of that.
    is_origin = shapely.equals_exact(np.asarray(frame.geometry), shapely.Point(0, 0), tolerance=1e-9)
    try:
        located = to_wgs84(frame)
    except CrsError as error:
        remedy = "Give the one it is in with --crs, such as EPSG:4326"
        findings.stop(FindingCode.UNUSABLE_CRS, str(error), place, suggestion=remedy)
    if located is not frame and is_origin.any():
        located.loc[is_origin, "geometry"] = shapely.Point(0, 0)
    return located


# Messages


def _has_part(path: Path, suffix: str) -> bool:
    return any(path.with_suffix(one).exists() for one in (suffix, suffix.upper()))


def _remedy(path: Path, error: BaseException) -> str | None:
    if path.suffix.lower() == ".shp" and not _has_part(path, ".shx"):
        return "Copy all parts of the shapefile into one folder: .shp, .shx, .dbf and .prj"
    if "not recognized" in str(error):
        return "Give GeoJSON, GeoPackage, Shapefile, FlatGeobuf, KML, GeoParquet, CSV or XLSX"
    return None


def _reason(error: BaseException) -> str:
    text = f"there is no {error}" if isinstance(error, KeyError) else str(error).strip().partition("\n")[0]
    return "it is damaged, or in none of the formats that GDAL knows" if "not recognized" in text else text
