"""The routes of this part."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.ogc import (
    collections,
    conformance,
    description,
    feature,
    items,
    landing,
    schemas,
    tiles,
    tilesets,
)

__all__ = ["router"]

router = APIRouter()
for part in (landing, description, conformance, collections, schemas, items, feature, tilesets, tiles):
    router.include_router(part.router)
