"""Settings: one small frozen class a concern, handed to what needs it, never imported as a global."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = [
    "ApiSettings",
    "AuthSettings",
    "BoundarySettings",
    "FilterSettings",
    "PostgisSettings",
    "ReleaseSettings",
    "RoundSettings",
    "SuppressionSettings",
    "UploadSettings",
]


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
        in_memory: Collections whose file has at most so many bytes are read into memory at the first question; 0 for none. For who asks often.
        page_memory: How many bytes of pages of whole collections are kept, of all releases of the store together.
        cursor_key: Signs cursors, so that nobody can make one up; empty for a checksum only.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_RELEASES_", frozen=True)

    directory: Path = Field(default_factory=lambda: user_data_path("geo-service") / "releases")
    memory: str = Field(default="1GB", pattern=r"^\d+(\.\d+)? ?([KMGT]i?B)$")
    threads: int | None = Field(default=None, gt=0)
    in_memory: int = Field(default=0, ge=0)
    page_memory: int = Field(default=0, ge=0)
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
        page_memory: As in `ReleaseSettings`.
        cursor_key: As in `ReleaseSettings`.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_POSTGIS_", frozen=True)

    reader: str = Field(default="geo_service_reader", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    pool_min: int = Field(default=1, ge=0)
    pool_max: int = Field(default=8, gt=0)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    statement_timeout_s: float = Field(default=60.0, ge=0)
    lock_timeout_s: float = Field(default=10.0, gt=0)
    page_memory: int = Field(default=0, ge=0)
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


class SuppressionSettings(BaseSettings):
    """How numbers about people are guarded where a release is published. Environment: `GEO_SERVICE_SUPPRESSION_*`.

    Attributes:
        threshold: Numbers above 0 and below it are not shown to the public, nor what would give them back.
        least_villages: In how many villages of a unit a group has to be counted for its numbers there to be shown; 1 shows those of one village.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_SUPPRESSION_", frozen=True)

    threshold: int = Field(default=5, ge=2, le=1_000)
    least_villages: int = Field(default=2, ge=1, le=100)


class ApiSettings(BaseSettings):
    """How releases are served over HTTP. Environment: `GEO_SERVICE_API_*`; lists are JSON.

    Attributes:
        store: The store of releases: a folder or `postgresql://…`; null for the folder of `ReleaseSettings`.
        public_url: How people reach the service, such as `https://geo.example.org/mtm`; links begin with it. Null for the address of each request.
        default_limit: How many features a page has that asks for no number.
        max_limit: How many it has at most; more is cut down to it.
        follow_s: How long a newly published release may stay unseen, in seconds.
        keep_s: How long an earlier release stays open for pages that began in it, in seconds.
        max_url: The longest URL, in bytes.
        max_headers: The most that all headers of a request may have together, in bytes.
        max_body: The largest body of a request that is no upload, in bytes.
        max_query_s: How long a question may take, in seconds.
        cors_origins: Other sites whose scripts may ask; `*` for all, never with credentials.
        frame_ancestors: Who may embed pages: sources of CSP's `frame-ancestors`.
        tile_url: Tiles of a base map under maps, with `{z}`, `{x}`, `{y}`, such as `https://tiles.example.org/{z}/{x}/{y}.png`; null for none, and then no
            map asks another host for anything.
        tile_attribution: Who made them; shown under the map.
        rate_per_minute: How many requests a token may make in a minute, and who has none by address; 0 for no limit.
        threads: How many questions are answered at once in one worker.
        in_memory: As in `ReleaseSettings`, of each release that is open.
        page_memory: The same.
        waiting: How many more may wait for that; one more is refused for now.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_API_", frozen=True)

    store: str | None = None
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    default_limit: int = Field(default=100, ge=1, le=100_000)
    max_limit: int = Field(default=10_000, ge=1_000, le=100_000)
    follow_s: float = Field(default=1.0, ge=0)
    keep_s: float = Field(default=600.0, ge=0)
    max_url: int = Field(default=16_384, ge=1_024)
    max_headers: int = Field(default=32_768, ge=4_096)
    max_body: int = Field(default=65_536, ge=0)
    max_query_s: float = Field(default=30.0, gt=0)
    cors_origins: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ("'self'",)
    tile_url: str | None = Field(default=None, pattern=r"^(https?://[A-Za-z0-9.{}:_-]+)?/[^\s;,\"'<>]*$")
    tile_attribution: str = ""
    rate_per_minute: int = Field(default=0, ge=0)
    threads: int = Field(default=16, ge=1, le=256)
    in_memory: int = Field(default=16_000_000, ge=0)
    page_memory: int = Field(default=64_000_000, ge=0)
    waiting: int = Field(default=256, ge=0)


class AuthSettings(BaseSettings):
    """Who may see what. Environment: `GEO_SERVICE_AUTH_*`; lists are JSON.

    Attributes:
        tokens: The file that keeps hashes of tokens.
        oidc_issuer: Whose signed tokens are taken, its URL; null for nobody's.
        oidc_audience: Whom they have to be meant for; needed with an issuer.
        oidc_jwks_url: Where its keys are; null for what the issuer's discovery document says.
        oidc_algorithms: The signatures that are taken; only asymmetric ones can be.
        oidc_role_claim: The claim that names the role or roles, with `.` for claims inside claims.
        oidc_leeway_s: How far clocks may be apart, in seconds.
        oidc_refresh_s: How long fetched keys are kept, in seconds.
        session_key: Signs the cookies of people who signed in on a page, the same for all workers; `geo-service serve` makes one where it is
            empty, and sessions end when it stops.
        session_s: How long such a session lasts at most, in seconds; it ends with its token.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_AUTH_", frozen=True)

    tokens: Path = Field(default_factory=lambda: user_data_path("geo-service") / "tokens.json")
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = None
    oidc_algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"], ...] = (
        "RS256",
        "ES256",
    )
    oidc_role_claim: str = "geo_service_role"
    oidc_leeway_s: float = Field(default=30.0, ge=0, le=300)
    oidc_refresh_s: float = Field(default=300.0, gt=0)
    session_key: SecretStr = SecretStr("")
    session_s: float = Field(default=28_800.0, gt=0, le=604_800)


class UploadSettings(BaseSettings):
    """What editors may send. Environment: `GEO_SERVICE_UPLOADS_*`.

    Attributes:
        directory: Where jobs and what they work on are kept.
        max_bytes: The largest upload; one byte more is refused.
        max_s: How long a job may take, in seconds, and an upload on its way.
        max_memory: How much memory a job may take, in bytes of addresses.
        max_waiting: How many jobs may wait; one more is refused for now.
        keep_s: How long the outcome of a job can be asked for, and its idempotency key counts, in seconds.
    """

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_UPLOADS_", frozen=True)

    directory: Path = Field(default_factory=lambda: user_data_path("geo-service") / "jobs")
    max_bytes: int = Field(default=50_000_000, gt=0)
    max_s: float = Field(default=600.0, gt=0)
    max_memory: int = Field(default=8_000_000_000, gt=0)
    max_waiting: int = Field(default=8, gt=0)
    keep_s: float = Field(default=86_400.0, gt=0)
