"""Villages and regions of a small release as features for `cql2`'s matcher and as tables of DuckDB and PostGIS. All of it is synthetic."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cql2
import duckdb
import duckdb_extension_spatial
import psycopg
import pyarrow as pa
import shapely
import sqlalchemy as sa

from geo_service.query.dialects import Dialect, DuckdbDialect, PostgisDialect
from geo_service.query.properties import Property, PropertyType, Queryables
from geo_service.query.questions import Features
from geo_service.query.statements import features_statement
from tests.conftest import skip_or_fail
from tests.postgis_releases import fresh_database
from tests.postgis_server import postgis_binaries, shared_server
from tests.releases import small_contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.query.filters import Filter

__all__ = ["ADM1", "VILLAGES", "Layer", "duckdb_asker", "in_postgis", "matched"]

_POSTGRES = {
    PropertyType.TEXT: 'text COLLATE "C"',
    PropertyType.INTEGER: "bigint",
    PropertyType.NUMBER: "double precision",
    PropertyType.BOOLEAN: "boolean",
    PropertyType.DATE: "date",
    PropertyType.GEOMETRY: "geometry(Geometry, 4326)",
}


@dataclass(frozen=True)
class Layer:
    """A collection in memory: its rows, its queryables, a source of them, and GeoJSON of each row."""

    queryables: Queryables
    table: pa.Table
    features: list[str]

    @property
    def name(self) -> str:
        return self.queryables.collection

    def source(self, dialect: Dialect) -> sa.TableClause:
        names = self.queryables.names() + (["bbox"] if dialect.name == "duckdb" else [])
        return sa.table(self.name, *(sa.column(one) for one in names))


def _layer(name: str) -> Layer:
    part = next(one for one in small_contents().parts if one.name == name)
    table = pa.Table.from_batches(part.rows())
    rows = table.to_pylist()
    shapes = [shapely.from_wkb(row["geometry"]) if row["geometry"] else None for row in rows]
    types = tuple(sorted({shape.geom_type for shape in shapes if shape is not None}))
    properties = tuple(Property(one.name, one.type, one.nullable, one.values) for one in part.fields)
    queryables = Queryables(name, properties, part.geometry, part.time, types)
    features = [
        json.dumps(
            {
                "type": "Feature",
                "geometry": shape.__geo_interface__ if shape else None,
                "properties": {key: value for key, value in row.items() if key != "geometry"},
            },
            default=str,
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]
    sides = [
        dict(zip(("xmin", "ymin", "xmax", "ymax"), one.bounds, strict=True)) if one else None
        for one in shapes
    ]
    kind = pa.struct([pa.field(side, pa.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
    return Layer(queryables, table.append_column("bbox", pa.array(sides, kind)), features)


VILLAGES = _layer("villages")
ADM1 = _layer("adm1")


def matched(layer: Layer, tree: Filter) -> set[int]:
    """The `fid`s for which `cql2`'s own matcher says that the filter is true; it raises where that is unknown."""
    expression = cql2.parse_json(json.dumps(tree.tree))
    found = set()
    for fid, feature in enumerate(layer.features, start=1):
        try:
            if expression.matches(json.loads(feature)):
                found.add(fid)
        except Exception as error:  # what it raises has no class of its own
            if "Could not reduce expression to boolean" not in str(error):
                raise
    return found


def asked(layer: Layer, tree: Filter, dialect: Dialect, ask: Any) -> set[int]:
    """The `fid`s that a database gives."""
    features = Features(filter=tree, fields=("fid",))
    statement = features_statement(layer.source(dialect), layer.queryables, features, dialect)
    return {row[0] for row in ask(statement)}


def spatial_extension() -> Path:
    """DuckDB's spatial extension, from its Python package."""
    folder = Path(duckdb_extension_spatial.__path__[0]) / "extensions" / f"v{duckdb.__version__}"
    return folder / "spatial.duckdb_extension"


def duckdb_asker(*layers: Layer) -> Any:
    """Asks tables of DuckDB in memory, with nothing that is outside of them within reach."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 1}
    )
    connection.execute(f"LOAD '{spatial_extension()}'")
    for layer in layers:
        connection.register("given", layer.table)
        # What Arrow marks as `geoarrow.wkb` comes as a geometry.
        connection.execute(f"CREATE TABLE {layer.name} AS SELECT * FROM given")
        connection.unregister("given")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    dialect = DuckdbDialect()

    def ask(statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        return connection.execute(*dialect.compile(statement)).fetchall()

    return ask


@contextmanager
def in_postgis(*layers: Layer) -> Iterator[Any]:
    """Asks tables of PostGIS, in a database of their own."""
    if postgis_binaries() is None:
        skip_or_fail("postgis", "PostgreSQL with PostGIS was not found")
    with fresh_database(shared_server()) as url, psycopg.connect(url) as connection:
        yield _postgis_asker(connection, layers)


def _postgis_asker(connection: psycopg.Connection[Any], layers: tuple[Layer, ...]) -> Any:
    for layer in layers:
        columns = ", ".join(f'"{one.name}" {_POSTGRES[one.type]}' for one in layer.queryables.properties)
        connection.execute(f"CREATE TABLE {layer.name} ({columns})")
        names = layer.queryables.names()
        marks = ", ".join("%s" for _ in names)
        for row in layer.table.to_pylist():
            connection.execute(f"INSERT INTO {layer.name} VALUES ({marks})", [row[name] for name in names])
        connection.execute(f"CREATE INDEX ON {layer.name} USING gist (geometry)")
    connection.commit()
    dialect = PostgisDialect()

    def ask(statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        with connection.transaction():
            return connection.execute(*dialect.compile(statement)).fetchall()

    return ask
