"""The services that are put side by side: ours, pygeoapi and tipg."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.benchmarks.api_data import COLLECTION
from tests.benchmarks.api_http import answer_of
from tests.benchmarks.api_pygeoapi import PygeoapiGeopackage, PygeoapiPostgis
from tests.benchmarks.api_service import Service, uvicorn_options
from tests.benchmarks.contender import UnavailableError
from tests.benchmarks.inputs import ROOT

if TYPE_CHECKING:
    from tests.benchmarks.api_cases import Ask

__all__ = ["SERVICES"]

WALK = 10_000


class OursFolder(Service):
    """geo_service over a folder of releases."""

    name = "geo_service, DuckDB"
    note = "geo-service serve, one worker; counts of a question are kept while its release is open"
    prefix = "/ogc"
    trivial = "/health/live"
    as_json = "geojson"

    def store(self) -> str:
        """What `--store` is told."""
        return str(self.folder / "releases")

    def command(self) -> tuple[list[str], dict[str, str]]:
        code = "from geo_service.cli.app import main; main()"
        own = {
            # Nobody's tokens and no job of anybody else.
            "GEO_SERVICE_AUTH_TOKENS": str(self.folder / "no-tokens.json"),
            "GEO_SERVICE_UPLOADS_DIRECTORY": str(self.folder / f"jobs-{self.port}"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        return ["-c", code, "serve", "--store", self.store(), "--port", str(self.port), "--workers", "1"], own

    def feature_id(self, number: int) -> str:
        return str(self.villages.frame["village_id"].iloc[number - 1])

    def place(self, offset: int) -> dict[str, str]:
        """The cursor of a next link that begins there, found by going there once."""
        at, cursor = 0, None
        while at < offset:
            step = min(WALK, offset - at)
            query = {"f": self.as_json, "limit": step} | ({"cursor": cursor} if cursor else {})
            page = json.loads(
                answer_of(self.base, f"/ogc/collections/{COLLECTION}/items?{urlencode(query)}").body
            )
            following = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
            if following is None:
                raise UnavailableError(f"its pages end after {at + len(page['features'])} features")
            cursor = parse_qs(urlsplit(following).query)["cursor"][0]
            at += step
        return {"cursor": str(cursor)}


class OursPostgis(OursFolder):
    """geo_service over PostGIS."""

    name = "geo_service, PostGIS"

    def store(self) -> str:
        return self.needs_postgis()


class Tipg(Service):
    """tipg over PostGIS."""

    name = "tipg, PostGIS"
    note = "tipg.main under uvicorn, one worker, its pool of ten connections; CQL2 text"
    trivial = "/healthz"
    as_json = "geojson"

    def command(self) -> tuple[list[str], dict[str, str]]:
        url = urlsplit(self.needs_postgis())
        folder = quote(parse_qs(url.query)["host"][0], safe="")
        environment = {
            "DATABASE_URL": f"postgresql://{url.username}@{folder}{url.path}",
            "TIPG_DB_SCHEMAS": '["public"]',
            "TIPG_DB_TABLES": json.dumps([f"public.{COLLECTION}"]),
            "TIPG_MAX_FEATURES_PER_QUERY": "10000",
        }
        return ["-m", "uvicorn", "tipg.main:app", *uvicorn_options(self.port)], environment

    def path(self, ask: Ask) -> str:
        # It names collections by their schema too.
        return super().path(ask).replace(f"/collections/{COLLECTION}/", f"/collections/public.{COLLECTION}/")

    def tile_path(self, zoom: int, column: int, row: int) -> str:
        return f"/collections/{COLLECTION}/tiles/WebMercatorQuad/{zoom}/{column}/{row}"


SERVICES: tuple[type[Service], ...] = (OursFolder, OursPostgis, PygeoapiGeopackage, PygeoapiPostgis, Tipg)
"""Ours first."""
