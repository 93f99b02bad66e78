"""A part of a release as one file: GeoParquet 1.1, or Parquet where there is no geometry. The same rows are the same bytes.

The order of rows is the part's own. Everything else is fixed here: row groups of `ROW_GROUP` rows, zstd, which columns have a dictionary,
and no time or name of a machine. How the rows are cut into batches leaves no trace, so that rows which come back from PostGIS can be
written again and compared by their SHA-256. Another version of pyarrow may write other bytes.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from geo_service.errors import InputError
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.release.digest import RowsDigest
from geo_service.release.manifest import Collection
from geo_service.release.parts import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from geo_service.release.manifest import CollectionKind
    from geo_service.release.parts import Part

__all__ = ["BBOX", "GEOPARQUET", "ROW_GROUP", "Sink", "file_of", "file_schema", "write_part"]

ROW_GROUP = 16_384
"""Rows of one row group: what is held in memory, and what a reader with a box can leave out."""

GEOPARQUET = "1.1.0"

BBOX = "bbox"
"""The column of the covering: a struct of xmin, ymin, xmax, ymax in degrees, null where there is no geometry or an empty one."""

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_BBOX_TYPE = pa.struct([pa.field(side, pa.float64()) for side in _SIDES])
_ZSTD_LEVEL = 3
_GEOMETRY_TYPES = (
    "Point",
    "LineString",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
"""GeoJSON's names by the number that shapely gives; a LinearRing is a LineString in WKB."""


class Sink(Protocol):
    """What bytes can be written to: any binary file."""

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""


def file_of(kind: CollectionKind, name: str) -> str:
    """The file of a collection inside its release, with `/`."""
    return f"tables/{name}.parquet" if kind == "table" else f"{name}.parquet"


def file_schema(part: Part | Collection) -> pa.Schema:
    """The columns of the file, those of `part.fields` and, with a geometry, `bbox`; without metadata."""
    schema = arrow_schema(part.fields).remove_metadata()
    columns = [field.remove_metadata() for field in schema]
    if part.geometry is not None:
        columns.append(pa.field(BBOX, _BBOX_TYPE))
    return pa.schema(columns)


def write_part(
    part: Part,
    file: Sink | None = None,
    *,
    numbered: bool = True,
    metadata: Mapping[str, str] | None = None,
) -> Collection:
    """Write a part, in one pass; memory holds a few of its row groups.

    Args:
        part: Its rows are asked for once. Geometries are WKB of any kind in OGC:CRS84; they are written little-endian, XY, without SRID.
        file: Where to, from its beginning; it is neither synced nor closed. Null to write nothing and only know the checksum.
        numbered: Whether `fid` has to count from 1 without a gap, as in a release; false for a selection of features.
        metadata: What else the file says of itself, by key; null for nothing, as in a release.

    Returns:
        What the manifest says of it: SHA-256, bytes, rows, extent, types of geometries, first and last date.

    Raises:
        InputError: The rows do not have the columns of the part, a geometry cannot be read, `fid` does not count from 1 without a gap,
            a column that may not be null is, or a column is named `bbox` beside a geometry.
        OSError: From `file`.
    """
    _refuse_names(part)
    hashed = _Hashed(file)
    schema = file_schema(part).with_metadata(dict(metadata) if metadata else None)
    geometries = {one.name: _Geometries() for one in part.fields if one.type is PropertyType.GEOMETRY}
    days, digest = _Days(), RowsDigest(part.fields)
    groups = _row_groups(part)
    first = next(groups, None)
    is_long = first is not None and first.num_rows == ROW_GROUP
    writer = pq.ParquetWriter(pa.PythonFile(hashed, mode="w"), schema, **_options(part, is_long=is_long))
    try:
        rows = 0
        for group in chain([] if first is None else [first], groups):
            if numbered:
                _refuse_gaps(part, group, rows)
            rows += group.num_rows
            if part.time is not None:
                days.see(group[part.time])
            written = _written(part, group, geometries, schema)
            digest.add(written.drop_columns(BBOX) if part.geometry is not None else written)
            writer.write_table(written, row_group_size=ROW_GROUP)
        if geometries:
            geo = json.dumps(_geo(part, geometries), separators=(",", ":"))
            writer.add_key_value_metadata({"geo": geo})
        writer.close()
    except BaseException:
        # The writer closes itself when it goes, and would write its end into a file that is closed or full.
        hashed.discard()
        with suppress(Exception):
            writer.close()
        raise
    placed = geometries.get(part.geometry or "", _Geometries())
    return Collection(
        name=part.name,
        kind=part.kind,
        title=part.title,
        file=file_of(part.kind, part.name),
        sha256=hashed.sha256.hexdigest(),
        rows_sha256=digest.hexdigest(),
        bytes=hashed.bytes,
        rows=rows,
        fields=part.fields,
        geometry=part.geometry,
        geometry_types=placed.types(),
        extent=placed.extent(),
        time=part.time,
        interval=days.interval(),
        about=part.about,
    )


class _Hashed:
    """A file that knows the SHA-256 and the number of all bytes that went through it."""

    closed = False

    def __init__(self, file: Sink | None) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.bytes += len(data)
        if self._file is not None:
            self._file.write(data)
        return len(data)

    def discard(self) -> None:
        """Pass nothing on from now."""
        self._file = None

    def flush(self) -> None:
        """Nothing is held here; the file's owner flushes it."""

    def close(self) -> None:
        """The file's owner closes it."""


class _Geometries:
    """What the geometries of one column have in common."""

    def __init__(self) -> None:
        self._types: set[str] = set()
        self._low = np.array([np.inf, np.inf])
        self._high = -self._low

    def see(self, geometries: NDArray[np.object_], bounds: NDArray[np.float64]) -> None:
        kinds = np.unique(shapely.get_type_id(geometries))
        self._types.update(_GEOMETRY_TYPES[kind] for kind in kinds if kind >= 0)
        placed = bounds[~np.isnan(bounds[:, 0])]
        if len(placed):
            self._low = np.minimum(self._low, placed[:, :2].min(axis=0))
            self._high = np.maximum(self._high, placed[:, 2:].max(axis=0))

    def types(self) -> tuple[str, ...]:
        return tuple(sorted(self._types))

    def extent(self) -> tuple[float, float, float, float] | None:
        if np.isinf(self._low[0]):
            return None
        # Adding zero makes -0.0 and 0.0 one number: which of them a minimum gives depends on the order.
        (west, south), (east, north) = self._low + 0.0, self._high + 0.0
        return float(west), float(south), float(east), float(north)


class _Days:
    """The first and the last of many dates."""

    def __init__(self) -> None:
        self._days: list[Any] = []

    def see(self, days: pa.ChunkedArray) -> None:
        both = pc.min_max(days).as_py()
        self._days = [day for day in (*self._days, *both.values()) if day is not None]
        self._days = [min(self._days), max(self._days)] if self._days else []

    def interval(self) -> tuple[str, str] | None:
        return (self._days[0].isoformat(), self._days[-1].isoformat()) if self._days else None


def _refuse_names(part: Part) -> None:
    names = [one.name for one in part.fields]
    if part.geometry is not None and BBOX in names:
        raise InputError(
            f"{part.name}: a column may not be named '{BBOX}': that is the box of each geometry; rename it"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{part.name}: two columns are named '{twice}'; rename one")


def _options(part: Part, *, is_long: bool) -> dict[str, Any]:
    leaves = [one.name for one in part.fields if one.type is not PropertyType.GEOMETRY]
    if part.geometry is not None:
        leaves += [f"{BBOX}.{side}" for side in _SIDES]
    repeating = [one.name for one in part.fields if one.type is PropertyType.TEXT and one.name != ID]
    return {
        "version": "2.6",
        "data_page_version": "1.0",
        "compression": "zstd",
        "compression_level": _ZSTD_LEVEL,
        # The smallest and largest WKB say nothing about where a geometry is, and would bloat the footer.
        "write_statistics": leaves,
        "use_dictionary": repeating or False,
        "column_encoding": {FID: "DELTA_BINARY_PACKED"},
        # One feature is found without reading the ids of every row group, which are in no order. A short file has one group.
        "bloom_filter_options": {ID: {"ndv": ROW_GROUP, "fpp": 0.01}} if is_long else None,
    }


def _row_groups(part: Part) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    room = ROW_GROUP
    for batch in _checked(part.rows(), part):
        rest = batch
        while rest.num_rows:
            held.append(rest.slice(0, room))
            rest = rest.slice(room)
            room -= held[-1].num_rows
            if not room:
                yield pa.Table.from_batches(held).combine_chunks()
                held, room = [], ROW_GROUP
    if held:
        yield pa.Table.from_batches(held).combine_chunks()


def _checked(batches: Iterable[pa.RecordBatch], part: Part) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([field.with_nullable(True).remove_metadata() for field in arrow_schema(part.fields)])
    for batch in batches:
        found = pa.schema([field.with_nullable(True).remove_metadata() for field in batch.schema])
        if not found.equals(schema):
            raise InputError(f"{part.name}: rows have the columns {_told(found)} instead of {_told(schema)}")
        for field in part.fields:
            if not field.nullable and batch.column(field.name).null_count:
                raise InputError(f"{part.name}: column '{field.name}' may not be null, and is in some row")
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


def _told(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


def _refuse_gaps(part: Part, group: pa.Table, before: int) -> None:
    fids = group[FID].to_numpy()
    if not np.array_equal(fids, np.arange(before + 1, before + len(fids) + 1)):
        raise InputError(f"{part.name}: '{FID}' has to count from 1 without a gap")


def _written(part: Part, group: pa.Table, geometries: dict[str, _Geometries], schema: pa.Schema) -> pa.Table:
    columns = {name: group[name] for name in group.column_names}
    for name, seen in geometries.items():
        try:
            shapes = shapely.from_wkb(columns[name].to_numpy())
        except (shapely.errors.GEOSException, TypeError) as error:
            raise InputError(
                f"{part.name}: column '{name}' has a geometry that cannot be read: {error}"
            ) from error
        bounds = shapely.bounds(shapes).reshape(-1, 4)
        seen.see(shapes, bounds)
        # Sources differ in byte order, SRID and the bits of an empty point; shapely writes one form of each.
        columns[name] = pa.array(
            shapely.to_wkb(shapes, byte_order=1, output_dimension=2, include_srid=False), pa.binary()
        )
        if name == part.geometry:
            columns[BBOX] = pa.StructArray.from_arrays(
                [pa.array(side) for side in np.ascontiguousarray(bounds.T)],
                fields=list(_BBOX_TYPE),
                mask=pa.array(np.isnan(bounds[:, 0])),
            )
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _geo(part: Part, geometries: dict[str, _Geometries]) -> dict[str, Any]:
    """GeoParquet 1.1's metadata; a column without `crs` is in OGC:CRS84."""
    columns: dict[str, dict[str, Any]] = {}
    for name, seen in geometries.items():
        columns[name] = {"encoding": "WKB", "geometry_types": list(seen.types())}
        if (extent := seen.extent()) is not None:
            columns[name]["bbox"] = list(extent)
        if name == part.geometry:
            columns[name]["covering"] = {"bbox": {side: [BBOX, side] for side in _SIDES}}
    return {
        "version": GEOPARQUET,
        "primary_column": part.geometry or next(iter(geometries)),
        "columns": columns,
    }
