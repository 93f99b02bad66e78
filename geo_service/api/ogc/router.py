"""The routes of this part."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.ogc.collections import router as collections
from geo_service.api.ogc.conformance import router as conformance
from geo_service.api.ogc.description import router as description
from geo_service.api.ogc.feature import router as feature
from geo_service.api.ogc.items import router as items
from geo_service.api.ogc.landing import router as landing
from geo_service.api.ogc.schemas import router as schemas
from geo_service.api.ogc.tiles import router as tiles
from geo_service.api.ogc.tilesets import router as tilesets

__all__ = ["router"]

router = APIRouter()
for part in (landing, description, conformance, collections, schemas, items, feature, tilesets, tiles):
    router.include_router(part)
