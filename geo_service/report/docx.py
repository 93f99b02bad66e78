"""To be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.report.document import Report

__all__ = ["docx_bytes"]


def docx_bytes(report: Report) -> bytes:
    """Nothing yet."""
    raise NotImplementedError(report.title)
