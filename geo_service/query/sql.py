"""SQLAlchemy, of the extra `releases`: whoever builds statements has it from here, or is told what to install."""

from __future__ import annotations

from geo_service.errors import MissingExtraError

try:
    import sqlalchemy as sa
except ModuleNotFoundError as missing:
    raise MissingExtraError("asking releases", "releases") from missing

__all__ = ["sa"]
