"""The SQL of DuckDB: GeoParquet's covering as the index, distances on the spheroid with latitude first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql.base import PGDialect

from geo_service.query.dialects.base import bound, folded
from geo_service.query.sql import sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.questions import Box

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


def _side(source: FromClause, side: str) -> ColumnElement[float]:
    return sa.func.struct_extract(source.c.bbox, sa.literal_column(f"'{side}'"), type_=sa.Double())
