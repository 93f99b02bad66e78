"""Filters in CQL2, parsed and within limits, not yet asked of any collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was parsed.

    Attributes:
        tree: Its CQL2 JSON.
    """

    tree: Any
