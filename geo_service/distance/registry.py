"""The engines by method. A new method is a module and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.distance.geodesic import GeodesicEngine
from geo_service.vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.distance.protocol import NearestEngine

__all__ = ["ENGINES"]

ENGINES: Mapping[Method, type[NearestEngine]] = MappingProxyType({Method.GEODESIC: GeodesicEngine})
