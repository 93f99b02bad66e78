"""Formats that are files: written beside, in bounded memory, then sent; nothing of them stays."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response

from geo_service.api.answers import Format
from geo_service.api.formats.media import EXTENSIONS
from geo_service.api.formats.sending import PiecesResponse
from geo_service.api.problems import Problem, ProblemError
from geo_service.errors import OutputError
from geo_service.export.features import FEATURE_FORMATS
from geo_service.export.streams import FeatureStream

__all__ = ["FILE_FORMATS", "SHEET_ROWS", "file_response"]

FILE_FORMATS = frozenset({Format.XLSX, Format.GPKG, Format.FGB, Format.PARQUET})
"""The formats that cannot be sent while they are written."""

SHEET_ROWS = 1_048_575
"""How many rows a sheet holds under its heading."""

_AT_ONCE = 2
"""How many files are written at once in one worker: each may take a processor and as much disk as its rows."""

_PATIENCE_S = 5.0
_PIECE = 1 << 18
_LOG = logging.getLogger(__name__)
_WRITING = threading.BoundedSemaphore(_AT_ONCE)


def file_response(stream: FeatureStream, format_: Format, headers: dict[str, str]) -> Response:
    """Features as a file: written before the status is sent, deleted before the first byte goes out.

    Args:
        stream: The features.
        format_: One of `FILE_FORMATS`.
        headers: Of the response.

    Raises:
        ProblemError: The format cannot hold the features, there is no room, or too many files are being written.
    """
    if format_ is Format.FGB and stream.geometry is None:
        raise _unfit(
            "FlatGeobuf is for layers, and here is no geometry; use f=csv, f=xlsx, f=gpkg or f=parquet"
        )
    if format_ is Format.XLSX and stream.count > SHEET_ROWS:
        raise _unfit(
            f"a sheet holds {SHEET_ROWS:,} rows, these are {stream.count:,}; use f=csv or f=parquet, or a filter"
        )
    with _in_turn():
        file, size = _written(stream, format_)
    return PiecesResponse(_pieces(file), file.close, headers | {"Content-Length": str(size)})


def _written(stream: FeatureStream, format_: Format) -> tuple[BinaryIO, int]:
    """The file, open, and its size; its name is gone, and with the last reader its bytes are."""
    with tempfile.TemporaryDirectory(prefix="geo-service-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"{stream.name}{EXTENSIONS[format_]}"
        try:
            FEATURE_FORMATS[path.suffix](stream, path)
            return path.open("rb"), path.stat().st_size
        except OutputError as error:
            if error.__cause__ is None and folder not in str(error):
                raise _unfit(str(error)) from error
            raise _failed(error) from error
        except OSError as error:
            raise _failed(error) from error


def _failed(error: Exception) -> ProblemError:
    _LOG.error("a file could not be written: %s", error)
    return ProblemError(
        Problem.INTERNAL, "the file could not be written here; try f=csv, or fewer features by a filter"
    )


def _unfit(detail: str) -> ProblemError:
    return ProblemError(Problem.INVALID_PARAMETER, detail, parameter="f")


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _WRITING.acquire(timeout=_PATIENCE_S):
        raise ProblemError(
            Problem.BUSY,
            "too many files are being written at once; ask again in a moment, or for f=csv or f=geojson",
            headers={"Retry-After": "10"},
        )
    try:
        yield
    finally:
        _WRITING.release()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
