"""What differs between the SQL of DuckDB and that of PostgreSQL with PostGIS: one small file each."""

from geo_service.query.dialects.base import Dialect
from geo_service.query.dialects.duckdb import DuckdbDialect
from geo_service.query.dialects.postgis import PostgisDialect

__all__ = ["Dialect", "DuckdbDialect", "PostgisDialect"]
