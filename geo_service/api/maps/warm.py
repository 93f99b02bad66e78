"""What the first map would wait for is loaded beside the first answers: a service starts without it."""

from __future__ import annotations

import logging
import threading
import time
from importlib import import_module

__all__ = ["warm_later"]

_LOG = logging.getLogger("geo_service.maps")
_MODULES = (
    "geo_service.maps.released",
    "geo_service.maps.page",
    "mapclassify",
    "geo_service.maps.printed.drawing",
    "geo_service.maps.printed.files",
)
"""pandas, geopandas, mapclassify with scikit-learn, matplotlib: some five seconds."""


def warm_later(after_s: float = 5.0) -> threading.Thread:
    """Load all that maps need, in a thread that ends with the process.

    Args:
        after_s: When it begins: the service answers before that.
    """

    def warm() -> None:
        time.sleep(after_s)
        for name in _MODULES:
            try:
                import_module(name)
            except ImportError as error:
                # Who asks for such a map is told; the service goes on without.
                _LOG.info("%s cannot be loaded: %s", name, error)

    thread = threading.Thread(target=warm, name="warm maps", daemon=True)
    thread.start()
    return thread
