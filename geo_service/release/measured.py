"""Access of any number of villages, measured some at a time and kept in a temporary file until it is published."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_service.coverage.access import access, access_layer
from geo_service.errors import OutputError
from geo_service.release.frames import feature_ids, fields_of, to_arrow
from geo_service.release.parts import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

    from geo_service.release.manifest import CollectionField
    from geo_service.vocabulary import Service

__all__ = ["ACCESS_KEY", "MeasuredAccess", "measured_access"]

ACCESS_KEY = ("village_id", "service", "rank")

VILLAGES_AT_ONCE = 16_384
"""So that the rows of six services take some 100 MB while they are measured."""

_COUNTED = (
    "adm1_pcode",
    "adm2_pcode",
    "households",
    "service",
    "basis",
    "method",
    "rank",
    "band",
    "status",
    "present",
)
"""What tables are counted from; codes of units are few, so that they are kept as categories."""


@dataclass(frozen=True, slots=True)
class MeasuredAccess:
    """Access as it was measured.

    Attributes:
        fields: The columns of the collection.
        rows: Gives the rows, village by village in the order of the villages, each with its services and ranks.
        counted: One row a village, service and rank with what tables count: columns of `ACCESS` without names, distances and geometries;
            `village_id` is the village's place. With `keep` every column of `ACCESS`.
        about: `attrs` of the access frame: basis, method, bands, presence and limit.
    """

    fields: tuple[CollectionField, ...]
    rows: Callable[[], Iterator[pa.RecordBatch]]
    counted: pd.DataFrame
    about: dict[str, Any]


@contextmanager
def measured_access(
    villages: gpd.GeoDataFrame,
    facilities: Mapping[Service, gpd.GeoDataFrame],
    *,
    keep: bool = False,
    at_once: int = VILLAGES_AT_ONCE,
    progress: Callable[[int], None] | None = None,
    **options: Any,
) -> Iterator[MeasuredAccess]:
    """Measure access; what was measured is there until the block ends.

    Args:
        villages: As for `access`, in the order that the rows shall have.
        facilities: As for `access`.
        keep: Whether `counted` keeps all columns: what comparing with reported access asks for.
        at_once: How many villages are measured at once; numbers do not depend on it.
        progress: Called with the number of villages measured so far.
        options: As for `access`: `k`, `max_distance_km`, `bands`, `presence_km`.

    Raises:
        InputError: As `access`.
        OutputError: The temporary folder has no room.
    """
    with tempfile.TemporaryFile(prefix="geo-service-access-") as kept:
        try:
            measured = _measured_into(kept, villages, facilities, keep, at_once, progress, options)
        except OSError as error:
            raise OutputError(
                f"what was measured cannot be kept in {tempfile.gettempdir()}: {error.strerror or error}; make room there, "
                "or set TMPDIR to another folder"
            ) from error
        yield measured


def _measured_into(
    kept: IO[bytes],
    villages: gpd.GeoDataFrame,
    facilities: Mapping[Service, gpd.GeoDataFrame],
    keep: bool,
    at_once: int,
    progress: Callable[[int], None] | None,
    options: Mapping[str, Any],
) -> MeasuredAccess:
    codes = {
        name: pd.CategoricalDtype(sorted(villages[name].dropna().unique()))
        for name in ("adm1_pcode", "adm2_pcode")
        if name in villages
    }
    counted: list[pd.DataFrame] = []
    fields: tuple[CollectionField, ...] = ()
    about: dict[str, Any] = {}
    with ExitStack() as stack:
        writer: pa.ipc.RecordBatchFileWriter | None = None
        for first in range(0, max(len(villages), 1), at_once):
            rows = _by_village(access(villages.iloc[first : first + at_once], facilities, **options))
            layer = access_layer(rows).assign(present=rows["present"])
            about, fields = _in_floats(rows.attrs), fields_of(layer)
            ids = feature_ids(layer, ACCESS_KEY, "access")
            table = to_arrow(layer, fields, ids, "access", first_fid=1 + sum(map(len, counted)))
            if writer is None:
                compressed = pa.ipc.IpcWriteOptions(compression="lz4")
                file = pa.PythonFile(kept, "w")
                writer = stack.enter_context(pa.ipc.new_file(file, table.schema, options=compressed))
            writer.write_table(table)
            counted.append(rows if keep else _slim(rows, codes, first))
            if progress is not None:
                progress(min(first + at_once, len(villages)))
    everything = pd.concat(counted, ignore_index=True)
    everything.attrs = about
    return MeasuredAccess(fields, partial(_rows, kept, arrow_schema(fields)), everything, about)


def _in_floats(about: Mapping[str, Any]) -> dict[str, Any]:
    """5 km and 5.0 km are one parameter, and may not give two ids."""
    said = dict(about)
    said["edges_km"] = [float(edge) for edge in said["edges_km"]]
    for name in ("presence_km", "max_distance_km"):
        said[name] = None if said[name] is None else float(said[name])
    return said


def _by_village(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows of each village beside one another, its services and ranks in their order."""
    services = rows["service"].nunique()
    ranks = int(rows["rank"].max()) if len(rows) else 1
    places = np.arange(len(rows)).reshape(max(services, 1), -1, ranks)
    ordered = rows.iloc[places.transpose(1, 0, 2).ravel()].reset_index(drop=True)
    ordered.attrs = dict(rows.attrs)
    return ordered


def _slim(rows: gpd.GeoDataFrame, codes: Mapping[str, pd.CategoricalDtype], first: int) -> pd.DataFrame:
    slim = pd.DataFrame(rows[list(_COUNTED)]).astype(dict(codes) | {"rank": "int16"})
    each = max(len(rows) // max(rows["village_id"].nunique(), 1), 1)
    slim.insert(0, "village_id", (np.arange(len(rows)) // each + first).astype(np.int32))
    return slim


def _rows(kept: IO[bytes], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    kept.seek(0)
    with pa.ipc.open_file(pa.PythonFile(kept, "r")) as file:
        for number in range(file.num_record_batches):
            yield file.get_batch(number).cast(schema)
