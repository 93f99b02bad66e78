"""A checksum of rows that does not depend on who wrote them into which file.

A file's own checksum is of its bytes, which another version of the library that writes them may choose differently. This one is of the values.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geo_service.release.manifest import CollectionField

__all__ = ["RowsDigest"]


class RowsDigest:
    """SHA-256 of rows, added some at a time; how many come at once is part of it.

    First the names and types of the columns. Then of each column, in order: which values are there, as packed bits; then the values, little-endian, nulls as zero or nothing, texts (UTF-8)
    and bytes after their lengths. Dates are days since 1970-01-01.
    """

    def __init__(self, fields: Iterable[CollectionField]) -> None:
        """Start with the columns and no rows."""
        said = "".join(f"{one.name}\0{one.type.value}\n" for one in fields)
        self._digest = hashlib.sha256(said.encode())

    def add(self, rows: pa.Table) -> None:
        """Add the next rows: columns of text, bytes, integers, numbers, booleans and dates, each of one chunk."""
        for column in rows.itercolumns():
            array = column.combine_chunks()
            array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
            self._add_bits(pc.is_valid(array))
            if pa.types.is_string(array.type) or pa.types.is_binary(array.type):
                self._add_texts(array.cast(pa.binary()).fill_null(b""))
            elif pa.types.is_boolean(array.type):
                self._add_bits(array.fill_null(False))
            elif pa.types.is_date32(array.type):
                self._add_numbers(array.cast(pa.int32()).fill_null(0).to_numpy().astype("<i4"))
            elif pa.types.is_floating(array.type):
                self._add_numbers(array.fill_null(0.0).to_numpy().astype("<f8"))
            else:
                self._add_numbers(array.fill_null(0).to_numpy().astype("<i8"))

    def hexdigest(self) -> str:
        """The checksum of all rows so far, 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def _add_bits(self, bits: pa.BooleanArray) -> None:
        self._digest.update(np.packbits(bits.to_numpy(zero_copy_only=False)).tobytes())

    def _add_numbers(self, numbers: NDArray[np.generic]) -> None:
        self._digest.update(np.ascontiguousarray(numbers).data)

    def _add_texts(self, texts: pa.BinaryArray) -> None:
        self._add_numbers(pc.binary_length(texts).to_numpy().astype("<i8"))
        data = texts.buffers()[2]
        if data is not None and len(texts):
            offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset :]
            self._digest.update(memoryview(data)[int(offsets[0]) : int(offsets[len(texts)])])
