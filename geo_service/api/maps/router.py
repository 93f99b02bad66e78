"""The routes of maps."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.maps import listing, oembed, routes

__all__ = ["router"]

router = APIRouter()
for part in (listing, routes, oembed):
    router.include_router(part.router)
