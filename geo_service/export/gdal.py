"""What GDAL's drivers say when they cannot write something, as one clear error."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo_service.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["refusing_loss"]

_LOSS = ("truncat", "not successfully written")
"""In what a driver warns of when a value does not fit."""

_ENDS = {".geojson": b"]\n}", ".kml": b"</kml>"}
"""How a file ends of which drivers do not say that its last bytes found no room."""


@contextmanager
def refusing_loss(path: Path) -> Iterator[None]:
    """Within it a driver writes the file at `path`; what it cannot write, or not whole, ends it.

    Raises:
        OutputError: The driver failed, warned that it shortened a value, or the file has no end.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            yield
        except (
            DataLayerError,
            DataSourceError,
            FeatureError,
            FieldError,
            GeometryError,
            OSError,
        ) as error:
            raise OutputError(f"{path.name} cannot be written: {error}") from error
    lost = [str(one.message) for one in said if any(word in str(one.message).lower() for word in _LOSS)]
    if lost:
        raise OutputError(f"{path.name} cannot hold all values: {lost[0]}; use .gpkg instead")
    suffix = path.suffix.lower()
    if suffix in _ENDS and not _tail(path).rstrip().endswith(_ENDS[suffix]):
        raise OutputError(f"{path.name} cannot be written whole: make room on the disk")


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64))
        return file.read()
