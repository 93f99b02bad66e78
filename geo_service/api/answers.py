"""Rows on their way out, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Answer", "Format", "Link"]


class Format(StrEnum):
    """What `f=` names."""

    JSON = "json"
    GEOJSON = "geojson"
    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"
    GPKG = "gpkg"
    FGB = "fgb"
    PARQUET = "parquet"
    GEOJSONSEQ = "geojsonseq"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Link:
    """A link, as OGC API and RFC 8288 have it.

    Attributes:
        href: Absolute.
        rel: Its relation: `self`, `alternate`, `next`, …
        type: The media type of what is there; null where that is open.
        title: For people; null for none.
        templated: Whether `href` is a URI template.
    """

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    templated: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without what is null or false."""
        said = {"href": self.href, "rel": self.rel, "type": self.type, "title": self.title}
        return {key: value for key, value in said.items() if value is not None} | (
            {"templated": True} if self.templated else {}
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Some rows and all that is to be said of them.

    Attributes:
        name: Of files and layers: letters, digits, `_`.
        title: For people, in the language asked for.
        rows: The rows; a geometry is WKB in degrees, OGC:CRS84.
        about: What numbers mean: `basis`, `method`, `rule`, `release`, `round`, `notes`, `attributions` and the like; JSON values.
        geometry: The column of the geometry; null where there is none.
        feature_id: The column that identifies a row as a feature, taken out of its properties; null for none.
        links: Of the answer as a whole: self, alternates, next.
        matched: How many rows there are on all pages; null where that is not said.
        details: What else is in the file's name: the filter in short; null for nothing.
        language: `en`, `ru` or `kk`.
        labels: For people, by column; a column without one is shown by its name.
    """

    name: str
    title: str
    rows: pa.Table
    about: dict[str, Any] = field(default_factory=dict)
    geometry: str | None = None
    feature_id: str | None = None
    links: tuple[Link, ...] = ()
    matched: int | None = None
    details: str | None = None
    language: str = "en"
    labels: dict[str, str] = field(default_factory=dict)
