"""Frames as parts of a release: columns of plain types, features with keys, layers in spatial order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geo_service.errors import InputError
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.release.manifest import CollectionField
from geo_service.release.parts import Part, arrow_schema, arrow_type
from geo_service.spatial.crs import to_wgs84

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.release.manifest import CollectionKind
    from geo_service.vocabulary import Language

__all__ = ["KEY_FIELDS", "feature_ids", "fields_of", "frame_part", "spatial_order", "to_arrow"]

WORLD = (-180.0, -90.0, 180.0, 90.0)
HILBERT_LEVEL = 16
"""The curve is of the whole world, so that the order of two villages does not depend on the others; its cells are some 600 m wide."""

KEY_FIELDS = (
    CollectionField(name=FID, type=PropertyType.INTEGER, nullable=False),
    CollectionField(name=ID, type=PropertyType.TEXT, nullable=False),
)
"""The columns that every collection begins with."""


def frame_part(
    name: str,
    frame: pd.DataFrame,
    *,
    kind: CollectionKind,
    title: Mapping[Language, str],
    key: Sequence[str] = (),
    dates: Sequence[str] = (),
    time: str | None = None,
    about: Mapping[str, Any] | None = None,
) -> Part:
    """A frame as a part of a release.

    Args:
        name: The collection's name.
        frame: Any frame; a layer's active geometry is in any CRS, a layer's rows are put in spatial order, others keep theirs.
        kind: Layer, frame or table.
        title: In each language.
        key: The columns whose values, joined by `.`, are the `id`; none for the row's number.
        dates: Text columns that hold ISO dates.
        time: The one of them that times are asked of.
        about: What it says of itself.

    Raises:
        InputError: Two rows have one key, or a value does not fit its column.
    """
    if isinstance(frame, gpd.GeoDataFrame):
        frame = to_wgs84(frame, name)
        frame = frame.iloc[spatial_order(frame.geometry, feature_ids(frame, key, name))]
    frame = frame.reset_index(drop=True)
    fields = fields_of(frame, dates=dates)
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    table = to_arrow(frame, fields, feature_ids(frame, key, name), name)

    def rows() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches()

    return Part(name, kind, dict(title), fields, rows, geometry, time, dict(about or {}))


def spatial_order(geometries: gpd.GeoSeries, ids: NDArray[np.object_]) -> NDArray[np.intp]:
    """Where each row of a layer goes: along a Hilbert curve, those at one spot by their id, those without a geometry last."""
    placed = ~(geometries.isna() | geometries.is_empty).to_numpy()
    along = np.full(len(geometries), np.iinfo(np.int64).max, dtype=np.int64)
    if placed.any():
        along[placed] = geometries[placed].hilbert_distance(WORLD, level=HILBERT_LEVEL).to_numpy()
    return np.lexsort((np.asarray(ids, dtype=str), along)) if len(ids) else np.array([], dtype=np.intp)


def feature_ids(frame: pd.DataFrame, key: Sequence[str], name: str) -> NDArray[np.object_]:
    """The `id` of each row, text.

    Raises:
        InputError: Two rows have one.
    """
    if not key:
        return np.arange(1, len(frame) + 1).astype(str).astype(object)
    parts = [frame[column].astype("string").fillna("") for column in key]
    ids = parts[0]
    for part in parts[1:]:
        ids = ids + "." + part
    if ids.duplicated().any():
        twice = ids[ids.duplicated()].iloc[0]
        raise InputError(f"{name}: two rows have the key '{twice}' ({', '.join(key)}); give each its own")
    return np.asarray(ids, dtype=object)


def fields_of(frame: pd.DataFrame, *, dates: Sequence[str] = ()) -> tuple[CollectionField, ...]:
    """The columns of a collection: its keys, those of the frame in their order, the active geometry last.

    Raises:
        InputError: A column is named like a key, or is of a type that has no place in a release.
    """
    active = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    names = [str(name) for name in frame.columns if name != active] + ([active] if active else [])
    for name in names:
        if name in {FID, ID}:
            raise InputError(f"a column may not be named '{name}': that is a feature's key; rename it")
    return (*KEY_FIELDS, *(_field(name, frame[name], dates) for name in names))


def _field(name: str, column: pd.Series, dates: Sequence[str]) -> CollectionField:
    dtype = column.dtype
    values: tuple[str, ...] = ()
    if str(dtype) == "geometry":
        kind = PropertyType.GEOMETRY
    elif name in dates:
        kind = PropertyType.DATE
    elif isinstance(dtype, pd.CategoricalDtype):
        kind, values = PropertyType.TEXT, tuple(map(str, dtype.categories))
    elif pd.api.types.is_bool_dtype(dtype):
        kind = PropertyType.BOOLEAN
    elif pd.api.types.is_integer_dtype(dtype):
        kind = PropertyType.INTEGER
    elif pd.api.types.is_float_dtype(dtype):
        kind = PropertyType.NUMBER
    elif pd.api.types.is_string_dtype(column):
        kind = PropertyType.TEXT
    else:
        raise InputError(f"column '{name}' holds {dtype}, which has no place in a release")
    return CollectionField(name=name, type=kind, values=values)


def to_arrow(
    frame: pd.DataFrame,
    fields: Sequence[CollectionField],
    ids: NDArray[np.object_],
    name: str,
    *,
    first_fid: int = 1,
) -> pa.Table:
    """The rows of a frame as a table of `arrow_schema(fields)`.

    Args:
        frame: With the columns of `fields` beside the keys.
        fields: As `fields_of` gives them.
        ids: The `id` of each row.
        name: The collection, for messages.
        first_fid: The `fid` of the first row.

    Raises:
        InputError: A value does not fit its column, such as a date that is none.
    """
    columns: list[pa.Array] = [
        pa.array(np.arange(first_fid, first_fid + len(frame), dtype=np.int64)),
        pa.array(ids, pa.string()),
    ]
    for one in fields[len(KEY_FIELDS) :]:
        try:
            columns.append(_column(frame[one.name], one.type))
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise InputError(f"{name}, column '{one.name}': {error}") from error
    return pa.Table.from_arrays(columns, schema=arrow_schema(fields))


def _column(column: pd.Series, kind: PropertyType) -> pa.Array:
    if kind is PropertyType.GEOMETRY:
        return pa.array(shapely.to_wkb(column.to_numpy(), byte_order=1, output_dimension=2), pa.binary())
    if kind is PropertyType.TEXT:
        text = column.astype("string")
        if text.str.contains("\0", regex=False).any():
            raise ValueError("a text has the character NUL, which databases cannot hold; remove it")
        return _one(pa.array(text, pa.string()))
    if kind is PropertyType.DATE:
        return _one(pa.array(column.astype("string"), pa.string())).cast(pa.date32())
    if kind is PropertyType.NUMBER:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(values).any():
            raise ValueError("a number is infinite; a release holds numbers that are known, or null")
        # Adding zero makes -0.0 and 0.0 one number, as databases have it.
        return pa.array(values + 0.0, pa.float64(), from_pandas=True)
    return _one(pa.array(column, arrow_type(kind), from_pandas=True))


def _one(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
