"""The whole service as an ASGI app: the API and the pages for people."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from geo_service.api import app as api
from geo_service.api.maps.warm import warm_later
from geo_service.api.operations.serving import IS_LOCAL
from geo_service.web.planner.router import router as planner
from geo_service.web.problem_pages import problem_page
from geo_service.web.sign_in import router as sign_in
from geo_service.web.uploads.router import router as uploading

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from geo_service.settings import ApiSettings, AuthSettings, UploadSettings

__all__ = ["app_of_environment", "create_app"]

PAGES: tuple[APIRouter, ...] = (planner, sign_in, uploading)


def create_app(
    settings: ApiSettings | None = None,
    *,
    auth: AuthSettings | None = None,
    uploads: UploadSettings | None = None,
    is_local: bool = False,
) -> FastAPI:
    """The service, for any ASGI server.

    Args:
        settings: How releases are served; null for those of the environment.
        auth: Who may see what; null for that of the environment.
        uploads: What editors may send; null for that of the environment.
        is_local: Whether it can be reached from this machine only, as in `api.app.create_app`.

    Raises:
        StoreError: The URL of the store cannot be read.
        MissingExtraError: A library that the store needs is not installed.
    """
    app = api.create_app(settings, auth=auth, uploads=uploads, is_local=is_local, pages=PAGES)
    app.state.problem_page = problem_page
    return app


def app_of_environment() -> FastAPI:
    """The app with the settings of the environment: what each worker makes."""
    # What is imported stays: looking for garbage in it takes time, now and later.
    gc.disable()
    try:
        app = create_app(is_local=os.environ.get(IS_LOCAL) == "1")
    finally:
        gc.freeze()
        gc.enable()
    warm_later()
    return app
