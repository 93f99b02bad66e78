"""What every request passes through, from outside in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from geo_service.api.operations.bounds import Bounds
from geo_service.api.operations.callers import Callers
from geo_service.api.operations.compression import Compression
from geo_service.api.operations.conditional import Conditional
from geo_service.api.operations.heads import Heads
from geo_service.api.operations.hosts import Hosts
from geo_service.api.operations.limits import Limits
from geo_service.api.operations.metrics import RequestMetrics
from geo_service.api.operations.problem_handlers import add_problem_handlers
from geo_service.api.operations.requests import REQUEST_ID, Requests
from geo_service.api.operations.security_headers import SecurityHeaders

if TYPE_CHECKING:
    from fastapi import FastAPI

    from geo_service.settings import ApiSettings

__all__ = ["add_middleware"]

_EXPOSED = [
    "Content-Crs",
    "X-Release",
    "Content-Disposition",
    "ETag",
    "Link",
    "Location",
    "OGC-NumberMatched",
    "OGC-NumberReturned",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    REQUEST_ID,
]
_TAKEN = ["Authorization", "Content-Crs", "Content-Type", "Idempotency-Key", "If-None-Match", REQUEST_ID]
_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]


def add_middleware(app: FastAPI) -> None:
    """Add everything that every request passes through.

    Args:
        app: With `settings`, `uploads`, `live`, `authenticator` and `is_local` in its `state`.
    """
    settings: ApiSettings = app.state.settings
    add_problem_handlers(app)
    # What is added last is passed first.
    app.add_middleware(Bounds, settings=settings)
    app.add_middleware(Conditional, settings=settings, live=app.state.live)
    app.add_middleware(Compression)
    app.add_middleware(Callers, settings=settings)
    app.add_middleware(Limits, settings=settings, uploads=app.state.uploads)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=_METHODS,
            allow_headers=_TAKEN,
            expose_headers=_EXPOSED,
        )
    app.add_middleware(Hosts, settings=settings, is_local=app.state.is_local)
    app.add_middleware(Heads)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(Requests, metrics=RequestMetrics())
