"""Whole collections of any size, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import pyarrow as pa
from fastapi import Request
from starlette.responses import Response

from geo_service.api.answers import Format, Link
from geo_service.api.context import Asked
from geo_service.api.formats.details import details_of
from geo_service.api.formats.files import FILE_FORMATS, file_response
from geo_service.api.formats.geojson import collection_end, collection_start, features_bytes, json_bytes, now
from geo_service.api.formats.json_text import json_values
from geo_service.api.formats.media import LAYER_FORMATS, TABLE_FORMATS, alternates
from geo_service.api.formats.respond import headers_of, rows_text, sequence_bytes
from geo_service.api.formats.sending import PiecesResponse
from geo_service.api.problems import Problem, ProblemError
from geo_service.export.feature_tables import csv_chunks
from geo_service.export.streams import FeatureStream
from geo_service.query.properties import ID
from geo_service.query.questions import Features

__all__ = ["download"]

_PIECE_ROWS = 4_096


def download(
    asked: Asked,
    name: str,
    features: Features,
    format: Format,  # noqa: A002 - what it is called everywhere here
    request: Request,  # noqa: ARG001 - as `respond`
    *,
    limit: int | None = None,
    links: Sequence[Link] | None = None,
) -> Response:
    """Features of a collection, all of them, as a stream or, in formats that need it, as a file.

    What can be wrong with the question is found before the status is sent: the first features are fetched here. The release stays open
    until the last byte, since FastAPI ends dependencies only then.

    Args:
        asked: The request.
        name: The collection.
        features: Which of its features.
        format: Any but HTML; GeoJSON sequences and FlatGeobuf need a geometry.
        request: The same.
        limit: How many at most, from the first; null for all.
        links: Of the answer; null for itself and its other formats.

    Raises:
        NotFoundError: There is no such collection.
        FilterError: The question does not fit the collection.
        ProblemError: The format cannot hold the features, or too many files are being written.
    """
    stream = _Limited(asked.release, name, features, asked.language, limit=limit)
    offered = [one for one in (LAYER_FORMATS if stream.geometry else TABLE_FORMATS) if one is not Format.HTML]
    format = Format.GEOJSON if format is Format.JSON and format not in offered else format  # noqa: A001
    if format not in offered:
        raise ProblemError(
            Problem.NOT_ACCEPTABLE,
            f"there is no f={format.value} of this as a whole; use f= with one of: {', '.join(offered)}",
            parameter="f",
            allowed=[one.value for one in offered],
        )
    said = tuple(alternates(asked.url, offered, format) if links is None else links)
    headers = headers_of(
        format,
        said,
        name=name,
        details=details_of(features),
        release=asked.release.manifest.id,
        language=asked.language.value,
    )
    if format in FILE_FORMATS:
        return file_response(stream, format, headers)
    return _streamed(stream, _STREAMS[format], said, headers)


@dataclass(frozen=True)
class _Limited(FeatureStream):
    """The first features only."""

    limit: int | None = None

    @cached_property
    def count(self) -> int:
        """How many features there are, or are let through."""
        there = super().count
        return there if self.limit is None else min(there, self.limit)

    @contextmanager
    def batches(self) -> Iterator[Iterator[pa.RecordBatch]]:
        """As they come, up to the limit."""
        with super().batches() as batches:
            yield batches if self.limit is None else _first(batches, self.limit)


def _first(batches: Iterable[pa.RecordBatch], limit: int) -> Iterator[pa.RecordBatch]:
    left = limit
    for batch in batches:
        yield batch.slice(0, left)
        left -= batch.num_rows
        if left <= 0:
            return


def _sliced(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """In smaller batches and without empty ones: what many clients that read slowly hold at once."""
    for batch in batches:
        for at in range(0, batch.num_rows, _PIECE_ROWS):
            yield batch.slice(at, _PIECE_ROWS)


Pieces = Callable[[FeatureStream, Iterable[pa.RecordBatch], Sequence[Link]], Iterator[bytes]]


def _streamed(
    stream: FeatureStream, pieces_of: Pieces, links: Sequence[Link], headers: dict[str, str]
) -> Response:
    with ExitStack() as stack:
        batches = stack.enter_context(stream.batches())
        first = next(batches, None)
        every = batches if first is None else chain([first], batches)
        pieces = pieces_of(stream, _sliced(every), links)
        begun = next(pieces, b"")
        return PiecesResponse(chain([begun], pieces), stack.pop_all().close, headers)


def _geojson(
    stream: FeatureStream, batches: Iterable[pa.RecordBatch], links: Sequence[Link]
) -> Iterator[bytes]:
    geometry, properties = stream.geometry, _properties(stream)
    start = collection_start(about=stream.about, links=links, timestamp=now(), matched=stream.count)
    written = 0
    for batch in batches:
        yield (b"," if written else start) + features_bytes(batch, geometry, ID, properties)
        written += batch.num_rows
    yield collection_end(written) if written else start + collection_end(0)


def _json(stream: FeatureStream, batches: Iterable[pa.RecordBatch], links: Sequence[Link]) -> Iterator[bytes]:
    start = json_bytes({"about": stream.about})[:-1] + b',"rows":['
    end = b'],"links":' + json_bytes([one.to_json() for one in links]) + b"}"
    names = [one.name for one in stream.properties]
    is_first = True
    for batch in batches:
        yield (start if is_first else b",") + json_values(rows_text(batch.select(names)))
        is_first = False
    yield start + end if is_first else end


def _csv(stream: FeatureStream, batches: Iterable[pa.RecordBatch], _: Sequence[Link]) -> Iterator[bytes]:
    return csv_chunks(stream, batches)


def _sequence(format_: Format) -> Pieces:
    def pieces(
        stream: FeatureStream, batches: Iterable[pa.RecordBatch], _: Sequence[Link]
    ) -> Iterator[bytes]:
        names = stream.schema.names
        return (sequence_bytes(batch.select(names), stream.geometry, ID, format_) for batch in batches)

    return pieces


def _properties(stream: FeatureStream) -> list[str]:
    return [one.name for one in stream.properties if one.name != ID]


_STREAMS: Mapping[Format, Pieces] = {
    Format.GEOJSON: _geojson,
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.NDJSON: _sequence(Format.NDJSON),
    Format.GEOJSONSEQ: _sequence(Format.GEOJSONSEQ),
}
