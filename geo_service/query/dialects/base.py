"""What a dialect gives to those who build statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from geo_service.query.sql import sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from geo_service.query.questions import Box
    from geo_service.query.tile_grid import Tile

__all__ = ["Dialect", "bound", "folded"]


class Dialect(Protocol):
    """The SQL of one database."""

    @property
    def name(self) -> str:
        """`duckdb` or `postgis`."""

    @property
    def boxes_decide(self) -> bool:
        """Whether the box around a point is the point, so that `near_box` decides alone."""

    def compile(self, statement: Select[Any]) -> tuple[str, Any]:
        """The text of a statement and its bound values, as the database's driver takes them."""

    def text(self, value: str) -> ColumnElement[str]:
        """A bound text that compares by code point."""

    def folded(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """A text in lower case, for comparison without regard to case."""

    def wkb(self, geometry: ColumnElement[Any]) -> ColumnElement[bytes]:
        """A geometry as little-endian WKB."""

    def geometry(self, wkb: bytes) -> ColumnElement[Any]:
        """A bound geometry in OGC:CRS84."""

    def near_box(self, source: FromClause, geometry: str, box: Box) -> ColumnElement[bool]:
        """Whether the box around a geometry shares a point with `box`, west not larger than east; null without a geometry."""

    def within_metres(
        self, source: FromClause, geometry: str, position: tuple[float, float], distance_m: float
    ) -> ColumnElement[bool]:
        """Whether a point is at most so far from a position (longitude, latitude), along the geodesic on WGS84."""

    def date_text(self, date: ColumnElement[Any]) -> ColumnElement[str]:
        """A date as ISO 8601 writes it, whatever the settings of the database."""

    def tile_geometry(
        self, geometry: ColumnElement[Any], tile: Tile, *, only_points: bool
    ) -> ColumnElement[Any]:
        """A geometry in the units of a tile, y downwards, cut at its buffer; null where nothing of it is left."""


def bound(value: object, kind: sa.types.TypeEngine[Any]) -> ColumnElement[Any]:
    """A bound value; the text of a statement never has it."""
    return sa.bindparam(None, value, type_=kind, unique=True)


def folded(lower: ColumnElement[str]) -> ColumnElement[str]:
    """Both sigmas in lower case as one: which of them `lower` writes at the end of a word is not the same everywhere."""
    return sa.func.replace(lower, sa.literal_column("'ς'"), sa.literal_column("'σ'"))
