"""Village coverage and service-access distances."""

from geo_service._version import __version__
from geo_service.distance.nearest import nearest

__all__ = ["__version__", "nearest"]
