"""The SQL of PostgreSQL with PostGIS: the GiST index by `&&`, distances as `geography`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import UserDefinedType

from geo_service.query.dialects.base import bound, folded
from geo_service.query.sql import sa
from geo_service.query.tile_grid import BUFFER, EXTENT

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.questions import Box
    from geo_service.query.tile_grid import Tile

__all__ = ["PostgisDialect"]

_SRID: sa.ColumnClause[int] = sa.literal_column("4326")


class _Geography(UserDefinedType[Any]):
    def get_col_spec(self, **_: Any) -> str:
        return "geography"


class PostgisDialect:
    """SQL with `%(name)s` and a dictionary of values, as psycopg takes them. Geometries have the SRID 4326, texts the collation `C`."""

    name = "postgis"
    boxes_decide = False

    def __init__(self) -> None:
        """Ask SQLAlchemy for the SQL of psycopg, which need not be installed for it."""
        self._sql = PGDialect_psycopg()  # type: ignore[no-untyped-call]

    def compile(self, statement: Select[Any]) -> tuple[str, dict[str, Any]]:
        """The text of a statement and its values by name; give both to psycopg also where there are no values, as `%` is doubled."""
        compiled = statement.compile(dialect=self._sql, compile_kwargs={"render_postcompile": True})
        return str(compiled), dict(compiled.params)

    def text(self, value: str) -> ColumnElement[str]:
        """A bound text that compares by code point, also with another bound one."""
        return sa.collate(bound(value, sa.String()), "C")

    def folded(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """A text in lower case of all scripts; the collation `C` knows those of ASCII only."""
        return sa.collate(folded(sa.func.lower(sa.collate(text, "und-x-icu"))), "C")

    def wkb(self, geometry: ColumnElement[Any]) -> ColumnElement[bytes]:
        """A geometry as little-endian WKB, without its SRID."""
        return sa.func.ST_AsBinary(geometry, sa.literal_column("'NDR'"), type_=sa.LargeBinary())

    def geometry(self, wkb: bytes) -> ColumnElement[Any]:
        """A bound geometry."""
        return sa.func.ST_GeomFromWKB(bound(wkb, sa.LargeBinary()), _SRID)

    def near_box(self, source: FromClause, geometry: str, box: Box) -> ColumnElement[bool]:
        """By the GiST index. Its boxes are a little larger than their geometries, so this never decides alone."""
        sides = (bound(float(one), sa.Double()) for one in box)
        envelope = sa.func.ST_MakeEnvelope(*sides, _SRID)
        return source.c[geometry].op("&&", return_type=sa.Boolean(), is_comparison=True)(envelope)

    def within_metres(
        self, source: FromClause, geometry: str, position: tuple[float, float], distance_m: float
    ) -> ColumnElement[bool]:
        """By `geography`, whose distance between two points is the geodesic's."""
        longitude, latitude = (bound(float(one), sa.Double()) for one in position)
        there = sa.func.ST_SetSRID(sa.func.ST_MakePoint(longitude, latitude), _SRID)
        distance: ColumnElement[float] = sa.func.ST_Distance(
            sa.cast(source.c[geometry], _Geography()), sa.cast(there, _Geography()), type_=sa.Double()
        )
        return distance <= bound(float(distance_m), sa.Double())

    def date_text(self, date: ColumnElement[Any]) -> ColumnElement[str]:
        """By its parts: a cast follows the `DateStyle` of the session."""
        return sa.func.to_char(date, sa.literal_column("'YYYY-MM-DD'"), type_=sa.String())

    def tile_geometry(
        self,
        geometry: ColumnElement[Any],
        tile: Tile,
        *,
        only_points: bool,  # noqa: ARG002
    ) -> ColumnElement[Any]:
        """By PostGIS, which simplifies to half a unit, snaps and repairs."""
        z, x, y = (bound(one, sa.Integer()) for one in (tile.z, tile.x, tile.y))
        projected = sa.func.ST_Transform(geometry, sa.literal_column("3857"))
        envelope = sa.func.ST_TileEnvelope(z, x, y)
        units: list[ColumnElement[int]] = [sa.literal_column(str(one)) for one in (EXTENT, BUFFER)]
        return sa.func.ST_AsMVTGeom(projected, envelope, *units, sa.true())
