"""Health and metrics."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from geo_service.api.context import caller_of, live_of
from geo_service.api.live import LiveReleases
from geo_service.api.operations.metrics import exposition
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.errors import GeoServiceError
from geo_service.query.questions import Features

__all__ = ["Alive", "Ready", "router"]

router = APIRouter(tags=["operations"])

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_WAIT_S = 5.0
_FOR_S = 1.0

Live = Annotated[LiveReleases, Depends(live_of)]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """A release is open and was asked.

    Attributes:
        status: `ready`; of everything else there is a problem.
        release: The release that answers.
        store: `reached`, or `lost` where the release that is open goes on being served though its store cannot be asked.
    """

    status: Literal["ready"] = "ready"
    release: str
    store: Literal["reached", "lost"]


@router.get("/health/live", summary="Whether the process answers")
async def live() -> Alive:
    """Whether the process answers; restart it where it does not."""
    return Alive()


@router.get("/health/ready", summary="Whether a release is served")
async def ready(request: Request, live: Live) -> Ready:
    """Whether a release is open and answers; send no requests here where it does not."""
    state = request.app.state
    asked = getattr(state, "asked", None)
    if asked is None or time.monotonic() - asked[0] > _FOR_S:
        # Threads of its own: a busy service is a ready one.
        if getattr(state, "readiness", None) is None:
            state.readiness = CapacityLimiter(1)
        try:
            with fail_after(_WAIT_S):
                release = await to_thread.run_sync(
                    _ask, live, limiter=state.readiness, abandon_on_cancel=True
                )
        except (GeoServiceError, TimeoutError) as error:
            raise ProblemError(
                Problem.NO_RELEASE,
                "no release can be asked at this moment; the log says why",
                headers={"Retry-After": "5"},
            ) from error
        asked = state.asked = (time.monotonic(), release)
    lost = live.state().lost_s is not None
    return Ready(release=asked[1], store="lost" if lost else "reached")


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, live: Live) -> Response:
    """Metrics in Prometheus's text format, for analysts: everybody where nobody can sign in and the service is for its own machine only."""
    # Not by where it listens: behind a proxy everybody comes from this machine.
    if not caller_of(request).role.includes(Role.ANALYST):
        raise ProblemError(
            Problem.UNAUTHENTICATED,
            "metrics are for analysts; send a token",
            headers={"WWW-Authenticate": "Bearer"},
        )
    body: Any = await to_thread.run_sync(exposition, live)
    return Response(body, media_type=_PROMETHEUS)


def _ask(live: LiveReleases) -> str:
    """Ask the current release for one row of its first collection."""
    with live.lease(None, Role.EDITOR) as edition:
        collections = edition.manifest.collections
        if collections:
            edition.page(collections[0].name, Features(geometry=False), 1)
        return edition.manifest.id
