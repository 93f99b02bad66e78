"""All pages for uploads."""

from __future__ import annotations

from fastapi import APIRouter

from geo_service.web.uploads.forms import router as forms
from geo_service.web.uploads.job_page import router as job_page

__all__ = ["router"]

router = APIRouter()
# What has a name goes before what has an id.
router.include_router(forms)
router.include_router(job_page)
