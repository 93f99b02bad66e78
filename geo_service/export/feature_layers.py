"""Features of a release as layers, by GDAL's drivers: GeoJSON, GeoPackage, FlatGeobuf, Shapefile, KML."""

from __future__ import annotations

import shutil
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyogrio.raw
import shapely

from geo_service.errors import OutputError
from geo_service.export.fields import short_names, write_mapping
from geo_service.export.gdal import refusing_loss
from geo_service.export.streams import geometries_of
from geo_service.export.vector import KML_TITLES
from geo_service.query.properties import ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.export.streams import FeatureStream

    Column: TypeAlias = tuple[pa.Field, Callable[[pa.RecordBatch], pa.Array]]

__all__ = ["write_flatgeobuf", "write_geojson", "write_geopackage", "write_kml", "write_shapefile"]

_CRS = "EPSG:4326"

_DBF_LEAST = -(10**17) + 1
_DBF_LARGEST = 10**18 - 1
"""Integers of a DBF have 18 characters, the sign among them; a longer one is read as a number with decimals."""

_FAMILIES = {"Point": "Point", "LineString": "LineString", "Polygon": "Polygon", "GeometryCollection": None}

_KML_RESERVED = frozenset(
    {
        "id",
        "name",
        "description",
        "timestamp",
        "begin",
        "end",
        "altitudemode",
        "tessellate",
        "extrude",
        "visibility",
        "draworder",
        "icon",
    }
)
"""Names, without case, that a reader of KML gives to fields of its own."""

_KML_HEAD = b'<Document id="root_doc">\n'


def write_geojson(stream: FeatureStream, path: Path) -> None:
    """GeoJSON (RFC 7946): `id` is the id of a feature, positions have 7 decimals, integers all of their digits."""
    _write(
        stream, path, "GeoJSON", RFC7946="YES", ID_FIELD=ID, ID_TYPE="String", DESCRIPTION=stream.about_text
    )


def write_geopackage(stream: FeatureStream, path: Path) -> None:
    """A GeoPackage: `fid` is its own key, by which it also gives its rows, whatever they were sorted by."""
    options: dict[str, Any] = {"GEOMETRY_NAME": stream.geometry} if stream.geometry else {}
    _write(
        stream,
        path,
        "GPKG",
        layer_metadata={"about": stream.about_text},
        DESCRIPTION=stream.about["title"],
        **options,
    )


def write_flatgeobuf(stream: FeatureStream, path: Path) -> None:
    """FlatGeobuf, with its spatial index, in whose order the rows are, where each feature has a geometry.

    The index is made in memory, some 200 bytes a feature.
    """
    index = "YES" if stream.has_all_geometries() else "NO"
    _write(
        stream,
        path,
        "FlatGeobuf",
        SPATIAL_INDEX=index,
        TITLE=stream.about["title"],
        DESCRIPTION=stream.about_text,
    )


def write_shapefile(stream: FeatureStream, path: Path) -> None:
    """A shapefile: names of 10 characters, numbers of 15 decimals, no empty text, which it cannot tell from null.

    Raises:
        OutputError: There are geometries of several types, or an integer of more than 18 characters.
    """
    kind = _shapefile_type(stream, path)
    for name, (low, high) in stream.ranges().items():
        if low < _DBF_LEAST or high > _DBF_LARGEST:
            raise OutputError(
                f"{path.name}: '{name}' has whole numbers of more than 18 characters ({low} to {high}), which a shapefile "
                "cannot hold; use .gpkg, or leave that column out"
            )
    types = {one.name: str(one.type) for one in stream.properties}
    names = short_names(types)
    write_mapping(path, types, names, as_text=False)
    columns: list[Column] = [
        (one.with_name(names[one.name]), itemgetter(one.name)) for one in stream.properties
    ]
    shaped = _as_multipoints if kind == "MultiPoint" else None
    columns += _geometry_column(stream, shaped)
    _write(stream, path, "ESRI Shapefile", columns, kind=kind, encoding="UTF-8")


def _shapefile_type(stream: FeatureStream, path: Path) -> str:
    """The one type of geometry that the file can have.

    Raises:
        OutputError: It would need several.
    """
    kinds = stream.geometry_types()
    families = {_FAMILIES[kind.removeprefix("Multi")] for kind in kinds}
    if len(families) > 1:
        kinds = stream.geometry_types(exact=True)
        families = {_FAMILIES[kind.removeprefix("Multi")] for kind in kinds}
    if len(families) > 1 or None in families:
        raise OutputError(
            f"{path.name}: a shapefile holds one type of geometry, not {', '.join(sorted(kinds))}; use .gpkg instead"
        )
    return "MultiPoint" if "MultiPoint" in kinds else next(iter(families), None) or "Point"


def write_kml(stream: FeatureStream, path: Path) -> None:
    """KML: all values are text, null is left out; names that KML has a use for get a `_`."""
    types = {one.name: str(one.type) for one in stream.properties}
    names = {one: f"{one}_" if one.casefold() in _KML_RESERVED else one for one in types}
    write_mapping(path, types, names, as_text=True)
    columns: list[Column] = [(pa.field(names[one], pa.string()), partial(_text, one)) for one in types]
    title = next((one for one in KML_TITLES if one in types), None)
    if title is not None:
        columns.insert(0, (pa.field("Name", pa.string()), partial(_text, title)))
    plain = path.with_name(f"plain-{path.name}")
    _write(stream, plain, "KML", [*columns, *_geometry_column(stream, _unchanged)])
    with refusing_loss(path):
        _describe(plain, path, stream)
    plain.unlink()


def _text(name: str, batch: pa.RecordBatch) -> pa.Array:
    return batch[name].cast(pa.string())


def _describe(plain: Path, path: Path, stream: FeatureStream) -> None:
    """Copy a KML with what it says of itself, for which its driver has no option."""
    title, about = (escape(one) for one in (str(stream.about["title"]), stream.about_text))
    with plain.open("rb") as source, path.open("wb") as target:
        for line in source:
            target.write(line)
            if line == _KML_HEAD:
                target.write(f"<name>{title}</name>\n<description>{about}</description>\n".encode())
                break
        shutil.copyfileobj(source, target, 1 << 20)


# What all of them share


def _unchanged(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return shapes


def _as_multipoints(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    shapes[single] = shapely.multipoints(shapes[single].reshape(-1, 1))
    return shapes


def _geometry_column(
    stream: FeatureStream, change: Callable[[NDArray[np.object_]], NDArray[np.object_]] | None = None
) -> Iterator[Column]:
    """The column of the geometry, if any; changed shapes have null for empty ones."""
    name = stream.geometry
    if name is None:
        return
    if change is None:
        yield stream.schema.field(name), itemgetter(name)
        return
    yield (
        stream.schema.field(name),
        lambda batch: pa.array(shapely.to_wkb(change(geometries_of(batch[name]))), pa.binary()),
    )


def _write(
    stream: FeatureStream,
    path: Path,
    driver: str,
    columns: list[Column] | None = None,
    *,
    kind: str | None = None,
    **options: Any,
) -> None:
    if columns is None:
        columns = [(one, itemgetter(one.name)) for one in stream.schema]
    schema = pa.schema([field for field, _ in columns])
    makers = [make for _, make in columns]

    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([make(batch) for make in makers], schema=schema)

    if stream.geometry is not None:
        kinds = stream.geometry_types()
        options["geometry_type"] = kind or (next(iter(kinds)) if len(kinds) == 1 else "Unknown")
        options["crs"] = _CRS
    with stream.reader(schema, change) as reader, refusing_loss(path):
        pyogrio.raw.write_arrow(reader, path, driver=driver, layer=stream.name, **options)
