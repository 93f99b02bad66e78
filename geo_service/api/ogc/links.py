"""URLs of this part of the service, absolute, in the language that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request

from geo_service.api.answers import Link
from geo_service.api.context import Asked
from geo_service.vocabulary import Language

__all__ = ["REL", "SCHEMA_JSON", "Urls", "urls_of"]

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
"""How the relations begin that OGC registered."""

SCHEMA_JSON = "application/schema+json"


@dataclass(frozen=True, slots=True)
class Urls:
    """Where things are.

    Attributes:
        base: The service, without a slash at its end.
        language: Of documents.
        is_said: Whether `lang=` said so: links then say it too.
    """

    base: str
    language: Language
    is_said: bool

    @property
    def root(self) -> str:
        """The landing page, without a slash at its end."""
        return f"{self.base}/ogc"

    def at(self, *path: str, **query: str) -> str:
        """The URL of a path below the landing page.

        Args:
            path: Its parts, not yet quoted.
            query: Parameters; that of the language is added.
        """
        said = query | ({"lang": self.language.value} if self.is_said else {})
        url = "/".join([self.root, *(quote(part, safe="~") for part in path)])
        return f"{url}?{urlencode(said)}" if said else url

    def both(self, *path: str, rel: str, media: str, title: str) -> list[Link]:
        """Links to a document as JSON of some media type and as HTML."""
        return [
            Link(self.at(*path, f="json"), rel, media, title),
            Link(self.at(*path, f="html"), rel, "text/html", title),
        ]


def urls_of(asked: Asked, request: Request) -> Urls:
    """Where things are, seen from a request."""
    return Urls(asked.base, asked.language, "lang" in request.query_params)
