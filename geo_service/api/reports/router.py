"""The routes of reports."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.reports import listing, routes

__all__ = ["router"]

router = APIRouter()
for part in (listing, routes):
    router.include_router(part.router)
