"""The formats that rows go out in: their media types, the endings of their files, and the links from each to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from geo_service.api.answers import Format, Link

__all__ = [
    "EXTENSIONS",
    "FORMAT_NAMES",
    "LAYER_FORMATS",
    "MEDIA_TYPES",
    "TABLE_FORMATS",
    "alternates",
    "bare_type",
    "with_parameter",
]

MEDIA_TYPES: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.GEOJSON: "application/geo+json",
    Format.HTML: "text/html; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.GPKG: "application/geopackage+sqlite3",
    Format.FGB: "application/flatgeobuf",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.GEOJSONSEQ: "application/geo+json-seq",
    Format.NDJSON: "application/x-ndjson",
}
"""What `Content-Type` says of each."""

EXTENSIONS: Mapping[Format, str] = {
    Format.JSON: ".json",
    Format.GEOJSON: ".geojson",
    Format.HTML: ".html",
    Format.CSV: ".csv",
    Format.XLSX: ".xlsx",
    Format.GPKG: ".gpkg",
    Format.FGB: ".fgb",
    Format.PARQUET: ".parquet",
    Format.GEOJSONSEQ: ".geojsons",
    Format.NDJSON: ".ndjson",
}
"""How the names of files end."""

FORMAT_NAMES: Mapping[Format, str] = {
    Format.JSON: "JSON",
    Format.GEOJSON: "GeoJSON",
    Format.HTML: "HTML",
    Format.CSV: "CSV",
    Format.XLSX: "Excel",
    Format.GPKG: "GeoPackage",
    Format.FGB: "FlatGeobuf",
    Format.PARQUET: "Parquet",
    Format.GEOJSONSEQ: "GeoJSON sequence",
    Format.NDJSON: "NDJSON",
}
"""What people call them."""

LAYER_FORMATS: tuple[Format, ...] = (
    Format.GEOJSON,
    Format.HTML,
    Format.CSV,
    Format.XLSX,
    Format.GPKG,
    Format.FGB,
    Format.PARQUET,
    Format.GEOJSONSEQ,
    Format.NDJSON,
)
"""What features with a geometry are offered in, the default first."""

TABLE_FORMATS: tuple[Format, ...] = (
    Format.JSON,
    Format.HTML,
    Format.CSV,
    Format.XLSX,
    Format.GPKG,
    Format.PARQUET,
    Format.NDJSON,
)
"""What rows without a geometry are offered in, the default first."""


def bare_type(format_: Format) -> str:
    """Its media type without parameters, as links have it."""
    return MEDIA_TYPES[format_].partition(";")[0]


def with_parameter(url: str, name: str, value: str) -> str:
    """A URL with one parameter of its query given anew, at the end; the others stay in their order."""
    parts = urlsplit(url)
    others = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*others, (name, value)]), fragment=""))


def alternates(url: str, offered: Sequence[Format], chosen: Format | None = None) -> list[Link]:
    """Links from an answer to itself and to the same in the other formats.

    Args:
        url: Of the request, whole.
        offered: The formats that there are of it.
        chosen: The one that it is answered in; null for the first of `offered`.
    """
    chosen = chosen or offered[0]
    links = [Link(url, "self", bare_type(chosen), FORMAT_NAMES[chosen])]
    links += [
        Link(with_parameter(url, "f", one.value), "alternate", bare_type(one), FORMAT_NAMES[one])
        for one in offered
        if one is not chosen
    ]
    return links
