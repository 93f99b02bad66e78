"""What every request passes through, from outside in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["add_middleware"]


def add_middleware(app: FastAPI) -> None:
    """Add everything that every request passes through; `app.state.settings` and `app.state.authenticate` are there."""
