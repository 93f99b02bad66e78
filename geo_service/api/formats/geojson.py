"""Rows as GeoJSON features (RFC 7946), and collections of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import shapely

from geo_service.api.answers import Link
from geo_service.api.formats.geometry_text import geometry_column
from geo_service.api.formats.json_text import joined, json_objects, json_pieces, json_values

__all__ = [
    "collection_bytes",
    "collection_end",
    "collection_start",
    "features_bytes",
    "features_text",
    "json_bytes",
    "now",
]

_FEW = 150
"""Of fewer rows Python objects are faster than columns."""

_FIRST = ("timeStamp", "numberMatched", "numberReturned")
"""Members of a collection that stand before its features, for those who read a stream."""


def features_text(
    rows: pa.Table | pa.RecordBatch,
    geometry: str | None,
    feature_id: str | None,
    properties: Sequence[str] | None = None,
    members: Mapping[str, pa.Array] | None = None,
) -> pa.Array:
    """Each row as a feature.

    Args:
        rows: With WKB in OGC:CRS84 in `geometry`.
        geometry: The column of the geometry; null for features without one.
        feature_id: The column of their `id`, which is text; null for none.
        properties: The columns that are properties, in their order; null for all others.
        members: Further members by name, such as `links`: JSON texts, one a row.
    """
    if properties is None:
        properties = [one for one in rows.schema.names if one not in {geometry, feature_id}]
    if rows.num_rows < _FEW:
        return pa.array(_few(rows, geometry, feature_id, properties, members or {}), pa.string())
    pieces: list[Any] = ['{"type":"Feature"']
    if feature_id is not None:
        before, column, after = json_pieces(rows[feature_id])
        pieces += [f',"id":{before}', column, after]
    pieces += [',"geometry":', "null" if geometry is None else geometry_column(rows[geometry])]
    pieces += [',"properties":', *json_objects(rows, properties)]
    for name, texts in (members or {}).items():
        pieces += [f",{orjson.dumps(name).decode()}:", texts]
    return joined([*pieces, "}"], rows.num_rows)


def _few(
    rows: pa.Table | pa.RecordBatch,
    geometry: str | None,
    feature_id: str | None,
    properties: Sequence[str],
    members: Mapping[str, pa.Array],
) -> list[str]:
    columns = [rows[name].to_pylist() for name in properties]
    values = list(zip(*columns, strict=True)) if columns else [()] * rows.num_rows
    ids = rows[feature_id].to_pylist() if feature_id is not None else []
    shapes = _few_shapes(rows, geometry)
    more = {name: texts.to_pylist() for name, texts in members.items()}
    texts = []
    for at, row in enumerate(values):
        feature: dict[str, Any] = {"type": "Feature"}
        if feature_id is not None:
            feature["id"] = ids[at]
        feature["geometry"] = shapes[at]
        feature["properties"] = dict(zip(properties, row, strict=True))
        for name, said in more.items():
            feature[name] = orjson.Fragment(said[at])
        texts.append(json_bytes(feature).decode())
    return texts


def _few_shapes(rows: pa.Table | pa.RecordBatch, geometry: str | None) -> list[Any]:
    if geometry is None:
        return [None] * rows.num_rows
    return [orjson.Fragment(one) for one in geometry_column(rows[geometry]).to_pylist()]


def features_bytes(
    rows: pa.Table | pa.RecordBatch,
    geometry: str | None,
    feature_id: str | None,
    properties: Sequence[str] | None = None,
    members: Mapping[str, pa.Array] | None = None,
    separator: str = ",",
) -> bytes:
    """All rows as features with a separator between them, as `features_text`."""
    return json_values(features_text(rows, geometry, feature_id, properties, members), separator)


def collection_start(
    *,
    about: Mapping[str, Any] | None = None,
    links: Sequence[Link] = (),
    timestamp: str | None = None,
    matched: int | None = None,
    returned: int | None = None,
) -> bytes:
    """A collection up to its first feature.

    Args:
        about: What is said of it: a foreign member; null for none.
        links: Of the collection.
        timestamp: When it was made; null where that is not said.
        matched: How many features there are on all pages; null where that is not said.
        returned: How many follow; null where that is not known yet.
    """
    said = dict(zip(_FIRST, (timestamp, matched, returned), strict=True))
    members: dict[str, Any] = {"type": "FeatureCollection"}
    members |= {name: value for name, value in said.items() if value is not None}
    if links:
        members["links"] = [one.to_json() for one in links]
    if about:
        members["about"] = about
    return json_bytes(members)[:-1] + b',"features":['


def collection_end(returned: int | None = None) -> bytes:
    """A collection after its last feature; `returned` where its start could not say it."""
    return b"]}" if returned is None else b'],"numberReturned":%d}' % returned


def collection_bytes(
    rows: pa.Table,
    geometry: str | None,
    feature_id: str | None,
    *,
    properties: Sequence[str] | None = None,
    members: Mapping[str, pa.Array] | None = None,
    about: Mapping[str, Any] | None = None,
    links: Sequence[Link] = (),
    timestamp: str | None = None,
    matched: int | None = None,
) -> bytes:
    """A whole FeatureCollection, as `features_text` and `collection_start`."""
    start = collection_start(
        about=about, links=links, timestamp=timestamp, matched=matched, returned=rows.num_rows
    )
    return b"".join(
        (start, features_bytes(rows, geometry, feature_id, properties, members), collection_end())
    )


def json_bytes(value: Any) -> bytes:
    """JSON of a value in UTF-8: NaN is null, whole numbers of 64 bits are exact, what JSON does not know is text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return shapely.to_wkt(shapely.from_wkb(value), rounding_precision=-1)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


def now() -> str:
    """This second, UTC, as RFC 3339 has it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
