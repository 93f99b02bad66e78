"""Settings: one small frozen class a concern, handed to what needs it, never imported as a global."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["BoundarySettings", "FilterSettings", "PostgisSettings", "ReleaseSettings", "RoundSettings"]


class BoundarySettings(BaseSettings):
    """Where boundary sets are kept and how they are fetched. Environment: `GEO_SERVICE_BOUNDARIES_*`.

    Attributes:
        directory: Where fetched and added sets are kept.
        max_bytes: The largest file that a fetch takes; one byte more is refused.
        timeout_s: How long a fetch waits for an answer, in seconds.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_BOUNDARIES_", frozen=True)

    directory: Path = Field(default_factory=lambda: user_data_path("geo-service") / "boundaries")
    max_bytes: int = Field(default=200_000_000, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)


class RoundSettings(BaseSettings):
    """Where imported survey rounds are kept. Environment: `GEO_SERVICE_ROUNDS_*`.

    Attributes:
        directory: Where they are kept.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_ROUNDS_", frozen=True)

    directory: Path = Field(default_factory=lambda: user_data_path("geo-service") / "rounds")


class ReleaseSettings(BaseSettings):
    """Where releases are kept and asked. Environment: `GEO_SERVICE_RELEASES_*`.

    Attributes:
        directory: Where they are kept as files.
        memory: What DuckDB may take, such as `1GB`; beyond it works on disk.
        threads: How many threads DuckDB may use.
        cursor_key: Signs cursors, so that nobody can make one up; empty for a checksum only.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_RELEASES_", frozen=True)

    directory: Path = Field(default_factory=lambda: user_data_path("geo-service") / "releases")
    memory: str = Field(default="1GB", pattern=r"^\d+(\.\d+)? ?([KMGT]i?B)$")
    threads: int | None = Field(default=None, gt=0)
    cursor_key: SecretStr = SecretStr("")


class PostgisSettings(BaseSettings):
    """How releases in PostGIS are reached. Environment: `GEO_SERVICE_POSTGIS_*`.

    Attributes:
        reader: The role that may read releases and write nothing; made where it is not there.
        pool_min: How many connections are kept open.
        pool_max: How many may be open at once.
        connect_timeout_s: How long to wait for a connection, in seconds.
        statement_timeout_s: How long a question may take, in seconds; 0 for no limit.
        lock_timeout_s: How long publishing waits for people who read what it replaces, in seconds.
        cursor_key: As in `ReleaseSettings`.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_POSTGIS_", frozen=True)

    reader: str = Field(default="geo_service_reader", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    pool_min: int = Field(default=1, ge=0)
    pool_max: int = Field(default=8, gt=0)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    statement_timeout_s: float = Field(default=60.0, ge=0)
    lock_timeout_s: float = Field(default=10.0, gt=0)
    cursor_key: SecretStr = SecretStr("")


class FilterSettings(BaseSettings):
    """How much a filter may ask. Environment: `GEO_SERVICE_FILTERS_*`.

    Each has an upper bound, up to which the parser and both databases are known to answer.

    Attributes:
        max_characters: The longest filter.
        max_depth: How deep it may nest.
        max_nodes: How many operators, properties and values it may have.
        max_vertices: How many positions its geometries may have together.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_FILTERS_", frozen=True)

    max_characters: int = Field(default=10_000, gt=0, le=1_000_000)
    max_depth: int = Field(default=24, gt=0, le=40)
    max_nodes: int = Field(default=1_000, gt=0, le=10_000)
    max_vertices: int = Field(default=2_000, gt=0, le=100_000)
