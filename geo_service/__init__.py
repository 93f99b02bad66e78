"""Village coverage and service-access distances."""

from geo_service._version import __version__

__all__ = ["__version__"]
