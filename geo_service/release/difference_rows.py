"""The rows of one collection in two releases, side by side in a temporary database of DuckDB."""

from __future__ import annotations

import importlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import shapely

from geo_service.errors import GeoServiceError, MissingExtraError, StoreError
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.query.questions import Features
from geo_service.spatial.geodesy import geodesic_m

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb
    from sqlalchemy import Select

    from geo_service.release.manifest import Collection, CollectionField
    from geo_service.release.protocol import Release
    from geo_service.settings import ReleaseSettings

__all__ = ["NUMERIC", "Changes", "Workspace"]

NUMERIC = {PropertyType.INTEGER, PropertyType.NUMBER}
"""Types that are compared with one another, as doubles."""

_VILLAGES = "villages"


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in one collection; rows as in the frames of `Difference`, without the collection."""

    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    village_count: int
    fields: list[tuple[Any, ...]]
    units: list[tuple[Any, ...]]
    services: list[tuple[Any, ...]]
    bands: list[tuple[Any, ...]]
    villages: list[tuple[Any, ...]]
    details: list[tuple[Any, ...]]


class Workspace:
    """A temporary database that two releases are compared in; it is gone when the block ends.

    Args:
        before: The release that change is counted from.
        after: The other.
        settings: How much memory and how many threads DuckDB may use.
    """

    def __init__(self, before: Release, after: Release, settings: ReleaseSettings) -> None:
        """Nothing is made yet."""
        self._releases = {"before": before, "after": after}
        self._settings = settings
        self._stack = ExitStack()
        self._places: dict[str, tuple[str, ...]] | None = None

    def __enter__(self) -> Self:
        """Make the database.

        Raises:
            MissingExtraError: DuckDB or SQLAlchemy is not installed.
        """
        try:
            self._duckdb = importlib.import_module("duckdb")
            importlib.import_module("sqlalchemy")
        except ImportError as error:
            raise MissingExtraError("comparing releases", "releases") from error
        self._sql = importlib.import_module("geo_service.release.difference_statements")
        folder = Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="geo-service-difference-"))
        )
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": self._settings.memory,
            "preserve_insertion_order": False,
            "python_enable_replacements": False,
            "temp_directory": str(folder / "spilled"),
        }
        if self._settings.threads is not None:
            config["threads"] = self._settings.threads
        self._database: duckdb.DuckDBPyConnection = self._stack.enter_context(
            self._duckdb.connect(folder / "work.duckdb", config=config)
        )
        return self

    def __exit__(self, *raised: object) -> None:
        """Take everything away."""
        self._stack.close()

    def compare(
        self, before: Collection, after: Collection, *, details: int | None, villages: int | None
    ) -> Changes:
        """What changed in one collection.

        Args:
            before: As it was.
            after: As it is.
            details: The most details; null for all.
            villages: The most villages; null for all.

        Raises:
            StoreError: A release cannot be read, or there is no room for the temporary database.
        """
        try:
            return self._compare(before, after, details, villages)
        except self._duckdb.Error as error:
            said = str(error).partition("\n")[0]
            raise StoreError(f"{after.name} cannot be compared: {said}") from error
        finally:
            for name in (*self._sql.SIDES, "changes"):
                self._database.execute(f"DROP TABLE IF EXISTS {name}")

    def _compare(
        self, before: Collection, after: Collection, details: int | None, villages: int | None
    ) -> Changes:
        sql, fields = self._sql, list(_comparable(before, after))
        columns = {side: _names(one) for side, one in zip(sql.SIDES, (before, after), strict=True)}
        for side, names in columns.items():
            self._load(side, side, before.name, Features(), sql.stream_statement(names))
        places = self._village_places(columns)
        self._database.execute(
            f"CREATE TABLE changes AS {sql.as_sql(sql.changes_statement(columns, fields, places))}"
        )
        has = sql.known_keys(columns, places)
        [(added, removed, changed, village_count)] = self._ask(sql.grouped_statement())
        counts = self._ask(sql.differing_statement(len(fields)))[0] if fields else ()
        by_village = sql.grouped_statement("village_id", villages=False)
        return Changes(
            rows_before=self._ask(sql.count_statement("before"))[0][0],
            rows_after=self._ask(sql.count_statement("after"))[0][0],
            added=added,
            removed=removed,
            changed=changed,
            village_count=village_count,
            fields=[(one.name, count) for one, count in zip(fields, counts, strict=True) if count],
            units=[
                (level, *row)
                for level, name in sql.UNITS
                if name in has
                for row in self._ask(sql.grouped_statement(name))
            ],
            services=self._ask(sql.grouped_statement("service")) if "service" in has else [],
            bands=self._ask(sql.bands_statement()) if any(one.name == sql.BAND for one in fields) else [],
            villages=self._ask(by_village, villages) if "village_id" in has else [],
            details=list(_shown(self._ask(sql.details_statement(fields, details)), fields)),
        )

    def _ask(self, statement: Select[Any], limit: int | None = None) -> list[tuple[Any, ...]]:
        answer = self._database.execute(self._sql.as_sql(statement))
        return answer.fetchall() if limit is None else answer.fetchmany(limit)

    def _load(self, side: str, target: str, name: str, features: Features, statement: Select[Any]) -> None:
        """Keep what a statement gives of a release's rows, which it finds in the table `stream`."""
        raised: list[GeoServiceError] = []

        def batches(stream: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
            try:
                for batch in stream:
                    yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
            except GeoServiceError as error:
                raised.append(error)
                raise

        with self._releases[side].batches(name, features) as stream:
            # Columns marked as geometries would become DuckDB's own, and their bytes would be lost.
            plain = pa.schema([pa.field(field.name, field.type) for field in stream.schema])
            self._database.register(
                "stream", pa.RecordBatchReader.from_batches(plain, batches(stream, plain))
            )
            try:
                self._database.execute(f"CREATE TABLE {target} AS {self._sql.as_sql(statement)}")
            except self._duckdb.Error as error:
                if raised:
                    raise raised[0] from error
                raise
            finally:
                self._database.unregister("stream")

    def _village_places(self, columns: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
        """The units of villages, in tables of their own, where rows have villages and no unit."""
        units = {name for _, name in self._sql.UNITS}
        if any(units.intersection(names) or "village_id" not in names for names in columns.values()):
            return {}
        if self._places is None:
            self._places = {}
            for side in self._sql.SIDES:
                found = self._units_of_villages(side)
                if found:
                    self._places[side] = found
                    wanted = Features(fields=("village_id", *found))
                    statement = self._sql.places_statement(found)
                    self._load(side, f"{side}_places", _VILLAGES, wanted, statement)
        return self._places

    def _units_of_villages(self, side: str) -> tuple[str, ...]:
        for one in self._releases[side].manifest.collections:
            names = _names(one)
            if one.name == _VILLAGES and "village_id" in names:
                return tuple(name for _, name in self._sql.UNITS if name in names)
        return ()


def _names(collection: Collection) -> tuple[str, ...]:
    return tuple(one.name for one in collection.fields if one.name != FID)


def _comparable(before: Collection, after: Collection) -> Iterator[CollectionField]:
    """The columns that both have and that can be compared."""
    types = {one.name: one.type for one in before.fields}
    for one in after.fields:
        old = types.get(one.name)
        if one.name not in {FID, ID} and (old is one.type or {old, one.type} == NUMERIC):
            yield one


def _shown(rows: list[tuple[Any, ...]], fields: Sequence[CollectionField]) -> Iterator[tuple[Any, ...]]:
    """Details as they are given: fields by name, geometries as text, how far points moved."""
    for row, metres in zip(rows, _moved_m(rows), strict=True):
        *keys, place, old, new, old_shape, new_shape = row
        if place < 0:
            yield (*keys, None, None, None, None)
        elif fields[place].type is PropertyType.GEOMETRY:
            yield (*keys, fields[place].name, *_as_texts(old_shape, new_shape, metres), metres)
        else:
            yield (*keys, fields[place].name, old, new, None)


def _moved_m(rows: list[tuple[Any, ...]]) -> list[float | None]:
    """How far each point moved; null for everything else."""
    shapes = [shapely.from_wkb(np.array([row[side] for row in rows], dtype=object)) for side in (-2, -1)]
    are_points = [(shapely.get_type_id(one) == 0) & ~shapely.is_empty(one) for one in shapes]
    moved = are_points[0] & are_points[1]
    here, there = (shapely.get_coordinates(one[moved]) for one in shapes)
    metres = np.full(len(rows), np.nan)
    metres[moved] = geodesic_m(*(np.ascontiguousarray(one) for one in (*here.T, *there.T)))
    return [float(one) if is_moved else None for one, is_moved in zip(metres, moved, strict=True)]


def _as_texts(
    before: bytes | None, after: bytes | None, metres: float | None
) -> tuple[str | None, str | None]:
    if before is not None and after is not None and metres is None:
        return None, "shape changed"
    return _as_text(before), _as_text(after)


def _as_text(wkb: bytes | None) -> str | None:
    if wkb is None:
        return None
    shape = shapely.from_wkb(wkb)
    is_point = shape.geom_type == "Point"
    return shapely.to_wkt(shape, rounding_precision=-1) if is_point else str(shape.geom_type)
