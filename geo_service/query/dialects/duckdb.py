"""The SQL of DuckDB: GeoParquet's covering as the index, distances on the spheroid with latitude first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql.base import PGDialect

from geo_service.query.dialects.base import bound, folded
from geo_service.query.sql import sa
from geo_service.query.tile_grid import BUFFER, EXTENT

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.questions import Box
    from geo_service.query.tile_grid import Tile

__all__ = ["DuckdbDialect"]


class DuckdbDialect:
    """SQL with `$1` and a list of values. Sources have a struct `bbox` of `xmin`, `ymin`, `xmax`, `ymax`."""

    name = "duckdb"
    boxes_decide = True

    def __init__(self) -> None:
        """Ask SQLAlchemy for PostgreSQL's SQL, which DuckDB's is made after."""
        self._sql = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

    def compile(self, statement: Select[Any]) -> tuple[str, list[Any]]:
        """The text of a statement and the values of `$1`, `$2` and so on."""
        compiled = statement.compile(dialect=self._sql, compile_kwargs={"render_postcompile": True})
        names = compiled.positiontup or []
        return str(compiled), [compiled.params[name] for name in names]

    def text(self, value: str) -> ColumnElement[str]:
        """A bound text; DuckDB compares by code point."""
        return bound(value, sa.String())

    def folded(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """A text in lower case; İ as its two characters, as Unicode's full mapping has it."""
        two = sa.func.replace(text, sa.literal_column("'İ'"), sa.literal_column("'i̇'"))
        return folded(sa.func.lower(two))

    def wkb(self, geometry: ColumnElement[Any]) -> ColumnElement[bytes]:
        """A geometry as little-endian WKB."""
        return sa.func.ST_AsWKB(geometry, type_=sa.LargeBinary())

    def geometry(self, wkb: bytes) -> ColumnElement[Any]:
        """A bound geometry."""
        return sa.func.ST_GeomFromWKB(bound(wkb, sa.LargeBinary()))

    def near_box(self, source: FromClause, geometry: str, box: Box) -> ColumnElement[bool]:  # noqa: ARG002
        """By the covering, whose statistics let DuckDB pass over whole row groups."""
        west, south, east, north = (bound(float(one), sa.Double()) for one in box)
        return sa.and_(
            _side(source, "xmin") <= east,
            _side(source, "xmax") >= west,
            _side(source, "ymin") <= north,
            _side(source, "ymax") >= south,
        )

    def within_metres(
        self,
        source: FromClause,
        geometry: str,  # noqa: ARG002
        position: tuple[float, float],
        distance_m: float,
    ) -> ColumnElement[bool]:
        """A point's covering is the point; the function takes latitude first."""
        longitude, latitude = (bound(float(one), sa.Double()) for one in position)
        here = sa.func.ST_Point2D(_side(source, "ymin"), _side(source, "xmin"))
        there = sa.func.ST_Point2D(latitude, longitude)
        distance: ColumnElement[float] = sa.func.ST_Distance_Spheroid(here, there, type_=sa.Double())
        return distance <= bound(float(distance_m), sa.Double())

    def date_text(self, date: ColumnElement[Any]) -> ColumnElement[str]:
        """DuckDB writes dates in one way only."""
        return sa.cast(date, sa.String())

    def tile_geometry(
        self, geometry: ColumnElement[Any], tile: Tile, *, only_points: bool
    ) -> ColumnElement[Any]:
        """Points by arithmetic, ten times faster than by PROJ; others simplified to half a unit and repaired, as PostGIS does by itself.

        DuckDB refuses to cut a geometry that is not valid: one that cannot be repaired is left out, rather than the whole tile.
        """
        if only_points:
            return _tile_point(geometry, tile)
        projected = sa.func.ST_Transform(geometry, *_TO_MERCATOR)
        half_a_unit = bound(_AROUND_THE_WORLD_M / 2**tile.z / EXTENT / 2, sa.Double())
        simple = sa.func.ST_Simplify(projected, half_a_unit)
        valid = sa.case((sa.func.ST_IsValid(simple), simple), else_=sa.func.ST_MakeValid(simple))
        z, x, y = (bound(one, sa.Integer()) for one in (tile.z, tile.x, tile.y))
        envelope = sa.func.ST_Extent(sa.func.ST_TileEnvelope(z, x, y))
        units: list[ColumnElement[int]] = [sa.literal_column(str(one)) for one in (EXTENT, BUFFER)]
        cut = sa.func.ST_AsMVTGeom(sa.func.ST_CollectionExtract(valid), envelope, *units, sa.true())
        return sa.func.try_(sa.func.ST_CollectionExtract(cut))


_AROUND_THE_WORLD_M = 2 * math.pi * 6_378_137
_TO_MERCATOR: tuple[sa.ColumnClause[Any], ...] = (
    sa.literal_column("'EPSG:4326'"),
    sa.literal_column("'EPSG:3857'"),
    # Longitude first.
    sa.literal_column("true"),
)


def _tile_point(point: ColumnElement[Any], tile: Tile) -> ColumnElement[Any]:
    """A point in the units of a tile."""
    side = EXTENT * 2**tile.z
    longitude, latitude = sa.func.ST_X(point), sa.func.ST_Y(point)
    column = (longitude + _number(180)) * _number(side / 360) - _number(EXTENT * tile.x)
    north = sa.func.ln(sa.func.tan(_number(math.pi / 4) + sa.func.radians(latitude) / _number(2)))
    row = _number(side / 2 - EXTENT * tile.y) - north * _number(side / math.tau)
    # As PostGIS rounds, but for halves; `round` would put a point on an edge into no tile where it is half a unit below zero.
    units: list[ColumnElement[float]] = [
        sa.func.floor(one + _number(0.5), type_=sa.Double()) for one in (column, row)
    ]
    inside = [one.between(_number(-BUFFER), _number(EXTENT + BUFFER)) for one in units]
    return sa.case((sa.and_(*inside), sa.func.ST_Point(*units)))


def _number(value: float) -> ColumnElement[float]:
    return bound(float(value), sa.Double())


def _side(source: FromClause, side: str) -> ColumnElement[float]:
    return sa.func.struct_extract(source.c.bbox, sa.literal_column(f"'{side}'"), type_=sa.Double())
