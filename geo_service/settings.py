"""Settings: one small frozen class a concern, handed to what needs it, never imported as a global."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["BoundarySettings", "RoundSettings"]


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
