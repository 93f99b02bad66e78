"""Releases: immutable sets of all frames of one computation, in files that DuckDB asks or in PostGIS."""
