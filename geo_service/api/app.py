"""The service as an ASGI app."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI

from geo_service._version import __version__
from geo_service.api.formats.static import router as static
from geo_service.api.live import LiveReleases
from geo_service.api.maps.router import router as maps
from geo_service.api.ogc.router import router as ogc
from geo_service.api.operations.docs import router as docs
from geo_service.api.operations.lifetime import running
from geo_service.api.operations.middleware import add_middleware
from geo_service.api.operations.openapi import describe_problems
from geo_service.api.operations.routes import router as operations
from geo_service.api.params import refuse_unknown
from geo_service.api.questions.router import router as questions
from geo_service.api.reports.router import router as reports
from geo_service.api.security.authenticate import Authenticator
from geo_service.api.writing.router import router as writing
from geo_service.release.stores import open_store
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

__all__ = ["create_app"]


def create_app(
    settings: ApiSettings | None = None,
    *,
    auth: AuthSettings | None = None,
    uploads: UploadSettings | None = None,
    is_local: bool = False,
    pages: Sequence[APIRouter] = (),
) -> FastAPI:
    """The API, for any ASGI server; `web.app.create_app` is the whole service, with its pages.

    Args:
        settings: How releases are served; null for those of the environment.
        auth: Who may see what; null for that of the environment.
        uploads: What editors may send; null for that of the environment.
        is_local: Whether it can be reached from this machine only. Where no authentication is configured, everybody is an editor
            there, and sees only what the public may elsewhere.
        pages: What is served beside the API.

    Raises:
        StoreError: The URL of the store cannot be read.
        MissingExtraError: A library that the store needs is not installed.
    """
    settings = settings or ApiSettings()
    on_disk = settings.model_dump(include={"in_memory", "page_memory"})
    store = open_store(settings.store, **on_disk)
    live = LiveReleases(store, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(live, settings):
            yield
        live.close()
        store.close()

    app = FastAPI(
        title="geo-service",
        version=__version__,
        summary="Village coverage and service-access distances of a mobility tracking operation",
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown)],
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.live = live
    app.state.uploads = uploads or UploadSettings()
    app.state.is_local = is_local
    app.state.auth = auth or AuthSettings()
    app.state.authenticator = Authenticator(app.state.auth, is_local=is_local)
    for router in (ogc, questions, maps, reports, writing, operations, docs, static, *pages):
        app.include_router(router)
    add_middleware(app)
    describe_problems(app)
    return app
