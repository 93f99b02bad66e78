"""The routes of this part."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.api.questions import (
    access,
    audit,
    coverage,
    gaps,
    mobility,
    nearest,
    releases,
    tables,
    totals,
)

__all__ = ["router"]

router = APIRouter()
for part in (gaps, totals, access, nearest, mobility, coverage, releases, audit, tables):
    router.include_router(part.router)
