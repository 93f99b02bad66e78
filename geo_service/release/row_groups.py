"""Rows of a collection by their place, straight from its file, with what was read last kept in memory.

`fid` is a row's place in the file, from 1 without a gap, so that a page of a whole collection needs no database: the last page costs what the first does.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from geo_service.release.kept_tables import KeptTables

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RowGroups"]


class RowGroups:
    """Row groups of Parquet files that never change. Safe for many threads at once.

    Args:
        most: How many bytes of rows are kept; those asked for last stay. 0 keeps none.
    """

    def __init__(self, most: int) -> None:
        """Read nothing yet."""
        self.kept = KeptTables(most)
        self._lock = threading.Lock()
        self._files: dict[Path, tuple[pq.FileMetaData, list[int]]] = {}

    def rows(self, path: Path, names: list[str], first: int, count: int) -> pa.Table:
        """Rows of a file by their place.

        Args:
            path: The file.
            names: Which columns are kept of it; the same at each call.
            first: The place of the first, from 0.
            count: How many; fewer come where the file ends.

        Raises:
            OSError: The file cannot be read.
            pyarrow.ArrowException: It is not what it should be.
        """
        metadata, begins = self._file(path)
        last = min(first + count, begins[-1])
        parts = []
        group = bisect_right(begins, first) - 1
        while first < last:
            begin, end = begins[group], begins[group + 1]
            table = self._group(path, metadata, group, names)
            parts.append(table.slice(first - begin, min(last, end) - first))
            first, group = end, group + 1
        if not parts:
            return self._schema_of(path, metadata, names).empty_table()
        return pa.concat_tables(parts)

    def forget(self, folder: Path) -> None:
        """Let go of the files of a folder."""
        self.kept.forget(lambda key: isinstance(key, tuple) and folder in key[0].parents)
        with self._lock:
            for path in [one for one in self._files if folder in one.parents]:
                del self._files[path]

    def _file(self, path: Path) -> tuple[pq.FileMetaData, list[int]]:
        with self._lock:
            if path in self._files:
                return self._files[path]
        metadata = pq.read_metadata(path)
        sizes = [metadata.row_group(one).num_rows for one in range(metadata.num_row_groups)]
        found = (metadata, [0, *accumulate(sizes)])
        with self._lock:
            self._files[path] = found
        return found

    def _group(self, path: Path, metadata: pq.FileMetaData, group: int, names: list[str]) -> pa.Table:
        def read() -> pa.Table:
            with pq.ParquetFile(path, metadata=metadata) as file:
                return file.read_row_group(group, columns=names, use_threads=False)

        return self.kept.get((path, group), read)

    def _schema_of(self, path: Path, metadata: pq.FileMetaData, names: list[str]) -> pa.Schema:
        with pq.ParquetFile(path, metadata=metadata) as file:
            schema = file.schema_arrow
        return pa.schema([schema.field(name) for name in names])
