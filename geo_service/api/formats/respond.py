"""An answer in any format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
from fastapi import Request
from starlette.responses import Response

from geo_service.api.answers import Answer, Format, Link
from geo_service.api.formats.geojson import collection_bytes, features_text, json_bytes, now
from geo_service.api.formats.json_text import joined, json_objects, json_values
from geo_service.api.formats.media import MEDIA_TYPES
from geo_service.api.formats.names import disposition, file_name, link_header
from geo_service.api.formats.rows import stream_of
from geo_service.export.feature_tables import csv_chunks

__all__ = ["WITH_LINKS", "headers_of", "respond", "rows_text", "sequence_bytes"]

WITH_LINKS = frozenset({Format.JSON, Format.GEOJSON, Format.HTML})
"""The formats that have links inside; of these the header says only where other pages are."""

_PAGES = frozenset({"self", "next", "prev", "first", "last"})

RECORD_SEPARATOR = "\x1e"
"""Before each text of a GeoJSON sequence (RFC 8142)."""


def respond(
    answer: Answer,
    format: Format,  # noqa: A002 - what it is called everywhere here
    request: Request,
    *,
    timestamp: bool = True,
) -> Response:
    """An answer as a response.

    Args:
        answer: With all that is to be said of it.
        format: One that fits: GeoJSON, FlatGeobuf and GeoJSON sequences need a geometry.
        request: For the addresses of what a page needs.
        timestamp: Whether GeoJSON says when it was made.

    Raises:
        ProblemError: The format cannot hold the rows.
    """
    if format in _WRITERS:
        content = _WRITERS[format](answer, timestamp)
    elif format is Format.HTML:
        # Here, so that those who need no page need no library of templates.
        from geo_service.api.formats.pages import page_bytes  # noqa: PLC0415

        content = page_bytes(answer, request)
    else:
        from geo_service.api.formats.files import file_response  # noqa: PLC0415

        return file_response(stream_of(answer), format, _headers(answer, format))
    return Response(content, headers=_headers(answer, format))


def headers_of(
    format_: Format,
    links: tuple[Link, ...],
    *,
    name: str,
    details: str | None,
    release: str | None,
    language: str,
) -> dict[str, str]:
    """What a response in a format says of itself: its type, language, links and, for a file, its name."""
    said = [one for one in links if format_ not in WITH_LINKS or one.rel in _PAGES]
    headers = {"Content-Type": MEDIA_TYPES[format_], "Content-Language": language}
    if header := link_header(said):
        headers["Link"] = header
    if format_ not in WITH_LINKS:
        headers["Content-Disposition"] = disposition(file_name(name, details, release, format_))
    return headers


def _headers(answer: Answer, format_: Format) -> dict[str, str]:
    release = answer.about.get("release")
    return headers_of(
        format_,
        answer.links,
        name=answer.name,
        details=answer.details,
        release=release if isinstance(release, str) else None,
        language=answer.language,
    )


def rows_text(rows: pa.Table | pa.RecordBatch, geometry: str | None = None) -> pa.Array:
    """Each row as a JSON object, without its geometry."""
    names = [one for one in rows.schema.names if one != geometry]
    return joined(json_objects(rows, names), rows.num_rows)


def sequence_bytes(
    rows: pa.Table | pa.RecordBatch, geometry: str | None, feature_id: str | None, format_: Format
) -> bytes:
    """Rows as lines: features where they have a geometry, else objects; of a GeoJSON sequence each begins with a record separator."""
    if format_ is Format.NDJSON and geometry is None:
        texts = rows_text(rows)
    else:
        texts = features_text(rows, geometry, feature_id)
    before = RECORD_SEPARATOR if format_ is Format.GEOJSONSEQ else ""
    return json_values(joined([before, texts, "\n"], rows.num_rows), "")


def _json(answer: Answer, _: bool) -> bytes:
    start = json_bytes({"about": {"title": answer.title} | answer.about})[:-1]
    links = json_bytes([one.to_json() for one in answer.links])
    rows = json_values(rows_text(answer.rows, answer.geometry))
    return b"".join((start, b',"rows":[', rows, b'],"links":', links, b"}"))


def _geojson(answer: Answer, timestamp: bool) -> bytes:
    return collection_bytes(
        answer.rows,
        answer.geometry,
        answer.feature_id,
        about={"title": answer.title} | answer.about,
        links=answer.links,
        timestamp=now() if timestamp else None,
        matched=answer.matched,
    )


def _csv(answer: Answer, _: bool) -> bytes:
    stream = stream_of(answer)
    with stream.batches() as batches:
        return b"".join(csv_chunks(stream, batches))


def _sequence(format_: Format) -> Callable[[Answer, bool], bytes]:
    return lambda answer, _: sequence_bytes(answer.rows, answer.geometry, answer.feature_id, format_)


_WRITERS: Mapping[Format, Callable[[Answer, bool], bytes]] = {
    Format.JSON: _json,
    Format.GEOJSON: _geojson,
    Format.CSV: _csv,
    Format.NDJSON: _sequence(Format.NDJSON),
    Format.GEOJSONSEQ: _sequence(Format.GEOJSONSEQ),
}
