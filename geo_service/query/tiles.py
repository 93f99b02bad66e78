"""The statement of a vector tile: the database cuts, snaps and encodes; one value comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo_service.errors import FilterError
from geo_service.query.dialects.base import bound
from geo_service.query.properties import FID, ID, PropertyType
from geo_service.query.sql import sa
from geo_service.query.statements import conditions
from geo_service.query.tile_grid import EXTENT

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.dialects import Dialect
    from geo_service.query.properties import Queryables
    from geo_service.query.questions import Features
    from geo_service.query.tile_grid import Tile

__all__ = ["tile_statement"]

_SPREAD, _MODULUS = 2_654_435_761, 2**32
"""Knuth's multiplicative hash: neighbours in `fid` are mostly neighbours on the map, and their hashes are far apart."""


def tile_statement(
    source: FromClause,
    queryables: Queryables,
    features: Features,
    dialect: Dialect,
    tile: Tile,
    *,
    layer: str,
    limit: int,
) -> Select[Any]:
    """A tile as a Mapbox Vector Tile of one layer: one row of one value, null where nothing is in the tile.

    Args:
        source: Where the features are, with a column for each property.
        queryables: What can be asked of them.
        features: Which of them, and which of their properties; its sort and `geometry` say nothing here.
        dialect: The SQL of the database.
        tile: Which tile.
        layer: The name of the layer.
        limit: At most so many features: of more, those whose hash of `fid` is least, the same ones in each store and each time.

    Raises:
        FilterError: The question does not fit the collection, or the collection has no geometry.
    """
    geometry = queryables.geometry
    if geometry is None:
        raise FilterError(f"{queryables.collection} has no geometry, so there are no tiles of it")
    names = [FID, ID, *_properties(queryables, features)]
    columns = [_value(source, queryables, name, dialect).label(name) for name in names]
    hashed = source.c[FID].op("*")(bound(_SPREAD, sa.BigInteger())).op("%")(bound(_MODULUS, sa.BigInteger()))
    candidates = (
        sa.select(*columns, source.c[geometry].label(geometry))
        .select_from(source)
        .where(
            dialect.near_box(source, geometry, tile.box), *conditions(source, queryables, features, dialect)
        )
        .order_by(hashed, source.c[FID])
        .limit(bound(limit, sa.BigInteger()))
        .subquery("_candidates")
    )
    only_points = queryables.geometry_types == ("Point",)
    shape = dialect.tile_geometry(candidates.c[geometry], tile, only_points=only_points)
    # Sorted, so that PostgreSQL computes each geometry once and does not pull this into the outer statement.
    shapes = (
        sa.select(*(one for one in candidates.c if one.name != geometry), shape.label(geometry))
        .order_by(candidates.c[FID])
        .subquery(_unlike(names, "_tile"))
    )
    row: ColumnElement[Any] = shapes.table_valued()
    encoded = sa.func.ST_AsMVT(
        row,
        bound(layer, sa.String()),
        sa.literal_column(str(EXTENT)),
        sa.literal_column(f"'{geometry.replace(chr(39), chr(39) * 2)}'"),
        aggregate_order_by(sa.literal_column(f"'{FID}'"), shapes.c[FID]),
        type_=sa.LargeBinary(),
    )
    return sa.select(sa.case((sa.func.count(shapes.c[geometry]) > sa.literal_column("0"), encoded)))


def _unlike(names: list[str], alias: str) -> str:
    """A name for a row that none of its columns has: a column would be taken for the row."""
    return alias if alias not in names else _unlike(names, alias + "_")


def _properties(queryables: Queryables, features: Features) -> list[str]:
    names = queryables.names() if features.fields is None else list(dict.fromkeys(features.fields))
    return [
        name for name in names if queryables[name].type is not PropertyType.GEOMETRY and name not in {FID, ID}
    ]


def _value(source: FromClause, queryables: Queryables, name: str, dialect: Dialect) -> ColumnElement[Any]:
    if queryables[name].type is PropertyType.DATE:
        return dialect.date_text(source.c[name])
    column: ColumnElement[Any] = source.c[name]
    return column
