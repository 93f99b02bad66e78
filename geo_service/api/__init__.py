"""The HTTP API: releases for GIS staff (OGC API), planners (plain questions) and editors (uploads), closed to everyone else.

```text
app          create_app(settings): everything below put together
context      what a route knows of a request: what of which release it may see, in which language
catalogue    which collections a role is shown, under which names
live         the releases that are open now; a newly published one is served without a restart
params       strict query parameters
kept         what was worked out once of a release
answers      rows on their way out, whatever the format
problems     errors as application/problem+json
formats/     GeoJSON, HTML, CSV, XLSX, GeoPackage, FlatGeobuf, GeoParquet, GeoJSON text sequences
ogc/         OGC API Features and Tiles
questions/   planners' questions
maps/        maps as pages, images and for their viewer; oEmbed
writing/     uploads and their jobs
security/    roles, tokens, OpenID Connect
operations/  limits, caching, compression, headers, metrics, logs, health
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_service.api.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    # The process of each job imports this package too, and needs no web server.
    if name == "create_app":
        from geo_service.api.app import create_app  # noqa: PLC0415

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
