"""Layers to files, in the format of the file's extension."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
import shapely

from geo_service.errors import OutputError
from geo_service.export.fields import mapping_path, short_names, write_mapping
from geo_service.export.gdal import refusing_loss
from geo_service.export.staging import refuse_existing, staged
from geo_service.export.tables import table_outputs, write_table_unstaged
from geo_service.spatial.crs import to_wgs84

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

__all__ = ["KML_TITLES", "LAYER_FORMATS", "layer_outputs", "write_layer", "write_layer_unstaged"]

KML_TITLES = ("village_name", "facility_name", "name_en")
"""The columns of which the first that is there is what KML shows as the name."""


def write_layer(frame: gpd.GeoDataFrame, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a layer in the format of its extension: one of `LAYER_FORMATS`.

    Args:
        frame: Any frame of this package, in longitude and latitude; further geometry columns are kept in GeoParquet only.
            Its `attrs` go along where the format has a place for them.
        path: Where to. Shapefile and KML also get `access.shp.fields.csv`, which says what became of each column.
        overwrite: Whether to replace what is there.

    Raises:
        OutputError: The extension is not known, the file exists, or the format cannot hold the layer.
        MissingExtraError: XLSX is asked for and its writer is not installed.
    """
    path = Path(path)
    refuse_existing(layer_outputs(path), overwrite=overwrite)
    with staged([path], overwrite=overwrite) as [beside]:
        write_layer_unstaged(frame, beside)


def layer_outputs(path: Path) -> list[Path]:
    """The files that writing a layer to `path` makes, for a check before any work is done.

    Raises:
        OutputError: The extension is not known.
    """
    suffix = path.suffix.lower()
    if suffix not in LAYER_FORMATS:
        raise OutputError(
            f"{path}: '{suffix}' is not a format of layers; use one of {', '.join(LAYER_FORMATS)}"
        )
    if suffix == ".csv":
        return table_outputs(path)
    parts = [path.with_suffix(part) for part in (".dbf", ".shx", ".prj", ".cpg")] if suffix == ".shp" else []
    return [path, *parts, mapping_path(path)] if suffix in {".shp", ".kml"} else [path]


def write_layer_unstaged(frame: gpd.GeoDataFrame, path: Path) -> None:
    """As `write_layer`, straight to `path`: for a path of `staged`."""
    with refusing_loss(path):
        LAYER_FORMATS[path.suffix.lower()](frame, path)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """With one geometry and columns of types that every driver knows."""
    geometry = frame.active_geometry_name
    others = [name for name, dtype in frame.dtypes.items() if str(dtype) == "geometry" and name != geometry]
    plain = frame.drop(columns=others)
    codes = [name for name, dtype in plain.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return plain.astype(dict.fromkeys(codes, "string"))


def _types(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


def _about(frame: gpd.GeoDataFrame) -> str:
    return json.dumps(frame.attrs, ensure_ascii=False, default=str)


def _write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    _write(frame, path, "GeoJSON", RFC7946="YES", DESCRIPTION=_about(frame))


def _write_geopackage(frame: gpd.GeoDataFrame, path: Path) -> None:
    _write(frame, path, "GPKG", layer_metadata={"about": _about(frame)})


def _write_flatgeobuf(frame: gpd.GeoDataFrame, path: Path) -> None:
    # Its spatial index has no place for a feature without a geometry.
    has_all = not frame.geometry.isna().any() and len(frame) > 0
    _write(frame, path, "FlatGeobuf", SPATIAL_INDEX="YES" if has_all else "NO", DESCRIPTION=_about(frame))


def _write_shapefile(frame: gpd.GeoDataFrame, path: Path) -> None:
    plain = _plain(frame)
    names = short_names(name for name in plain.columns if name != plain.active_geometry_name)
    write_mapping(path, _types(plain), names, as_text=False)
    _write(plain.rename(columns=names), path, "ESRI Shapefile", encoding="UTF-8")


def _write_kml(frame: gpd.GeoDataFrame, path: Path) -> None:
    plain = _plain(frame)
    columns = [name for name in plain.columns if name != plain.active_geometry_name]
    write_mapping(path, _types(plain), {name: name for name in columns}, as_text=True)
    text = plain.astype(dict.fromkeys(columns, "string"))
    title = next((name for name in KML_TITLES if name in text), None)
    if title is not None:
        text.insert(0, "Name", text[title])
    _write(text, path, "KML")


def _write_parquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True)


def _write_table(frame: gpd.GeoDataFrame, path: Path) -> None:
    plain = to_wgs84(_plain(frame), path.name)
    table = pd.DataFrame(plain.drop(columns=plain.active_geometry_name))
    if (shapely.get_type_id(plain.geometry) <= shapely.GeometryType.POINT).all():
        table = table.assign(longitude=plain.geometry.x.to_numpy(), latitude=plain.geometry.y.to_numpy())
    else:
        table = table.assign(geometry_wkt=plain.geometry.to_wkt().to_numpy())
    table.attrs = dict(frame.attrs)
    write_table_unstaged(table, path)


def _write(frame: gpd.GeoDataFrame, path: Path, driver: str, **options: Any) -> None:
    plain = _plain(frame)
    kinds = plain.geometry.dropna().geom_type.unique()
    kind = kinds[0] if len(kinds) == 1 else "Unknown" if driver != "ESRI Shapefile" else None
    if kind is None and len(kinds) > 1 and len({one.removeprefix("Multi") for one in kinds}) > 1:
        raise OutputError(
            f"{path.name}: a shapefile holds one type of geometry, not {', '.join(kinds)}; use .gpkg instead"
        )
    pyogrio.write_dataframe(plain, path, driver=driver, layer=path.stem, geometry_type=kind, **options)


LAYER_FORMATS: Mapping[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".geojson": _write_geojson,
    ".gpkg": _write_geopackage,
    ".fgb": _write_flatgeobuf,
    ".parquet": _write_parquet,
    ".shp": _write_shapefile,
    ".csv": _write_table,
    ".xlsx": _write_table,
    ".kml": _write_kml,
}
"""Writers by extension."""
