"""Arrow columns as JSON, a column at a time: Python never sees a value, and other threads go on meanwhile.

Whole numbers keep all of their digits, numbers are the shortest that read back the same, NaN and infinities are null, days and times are ISO.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["joined", "json_column", "json_objects", "json_pieces", "json_values"]

_SPECIAL = np.zeros(256, dtype=bool)
_SPECIAL[:0x20] = True
_SPECIAL[[ord('"'), ord("\\")]] = True
_SPECIAL_TEXT = r'["\\\x00-\x1f]'

_WITHOUT_EXPONENT = 1e10
"""Arrow writes whole doubles below this with digits alone, as integers are."""

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def json_column(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Each value of a column as JSON text; `null` for null.

    Args:
        column: Of any type; those without a kernel of their own, such as lists, go through Python.
    """
    texts = _texts(_whole(column))
    return pc.fill_null(texts, "null") if texts.null_count else texts


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def json_pieces(column: pa.Array | pa.ChunkedArray) -> tuple[str, pa.Array, str]:
    """What a value of a column is written between, and the column: the same as `json_column`, faster where quotes can be added later."""
    whole = _whole(column)
    if not whole.null_count:
        if pa.types.is_string(whole.type) and not _has_special(whole):
            return '"', whole, '"'
        if pa.types.is_date32(whole.type):
            return '"', whole.cast(pa.string()), '"'
    return "", json_column(whole), ""


def _texts(column: pa.Array) -> pa.Array:  # noqa: PLR0911 - one for each family of types
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary).take(column.indices)
    if pa.types.is_string(kind):
        return _quoted(column)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        return _numbers(column)
    if pa.types.is_date32(kind):
        return pc.binary_join_element_wise('"', column.cast(pa.string()), '"', "")
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _quoted(column.cast(pa.string()))
    return pa.array(
        [
            None if one is None else orjson.dumps(one, default=str, option=_OPTIONS).decode()
            for one in column.to_pylist()
        ],
        pa.string(),
    )


def _numbers(column: pa.Array) -> pa.Array:
    """A double stays one for readers that take the type from the text: 1.0 is `1.0`."""
    values = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    texts = values.cast(pa.string())
    seen = values.fill_null(0.5).to_numpy(zero_copy_only=False)
    whole = (seen == np.trunc(seen)) & (np.abs(seen) < _WITHOUT_EXPONENT)
    if whole.any():
        return pc.if_else(pa.array(whole), pc.binary_join_element_wise(texts, ".0", ""), texts)
    return texts


def _quoted(column: pa.Array) -> pa.Array:
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    if not _has_special(column):
        return quoted
    mask = pc.fill_null(pc.match_substring_regex(column, _SPECIAL_TEXT), False)
    escaped = pa.array([orjson.dumps(one).decode() for one in column.filter(mask).to_pylist()], pa.string())
    return pc.replace_with_mask(quoted, mask, escaped)


def _has_special(column: pa.Array) -> bool:
    _, ends, characters = column.buffers()
    if ends is None or characters is None or not len(column):
        return False
    at = np.frombuffer(ends, np.int32, len(column) + 1, column.offset * 4)
    return bool(_SPECIAL[np.frombuffer(characters, np.uint8)[at[0] : at[-1]]].any())


def json_objects(rows: pa.Table | pa.RecordBatch, names: Sequence[str]) -> list[Any]:
    """Pieces that joined element by element are the rows as JSON objects of these columns, in their order."""
    pieces: list[Any] = []
    end = "{"
    for name in names:
        before, column, after = json_pieces(rows[name])
        pieces += [f"{end}{orjson.dumps(name).decode()}:{before}", column]
        end = f"{after},"
    return [*pieces, f"{end[:-1]}}}" if names else "{}"]


def joined(pieces: Sequence[Any], rows: int) -> pa.Array:
    """Texts and columns of texts, joined element by element; neighbouring texts are one."""
    merged: list[Any] = []
    for one in pieces:
        if isinstance(one, str) and merged and isinstance(merged[-1], str):
            merged[-1] += one
        else:
            merged.append(one)
    if all(isinstance(one, str) for one in merged):
        return pa.array(["".join(merged)] * rows, pa.string())
    return pc.binary_join_element_wise(*merged, "")


def json_values(texts: pa.Array, separator: str = ",") -> bytes:
    """All texts with a separator between them, as bytes."""
    if not len(texts):
        return b""
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return bytes(pc.binary_join(whole, separator)[0].as_buffer())
