"""pygeoapi over a GeoPackage and over PostGIS."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.api_cases import KIND
from tests.benchmarks.api_data import COLLECTION
from tests.benchmarks.api_service import Service, uvicorn_options
from tests.benchmarks.contender import UnavailableError

__all__ = ["PygeoapiGeopackage", "PygeoapiPostgis"]

SPATIALITE = "mod_spatialite.so"


class PygeoapiGeopackage(Service):
    """pygeoapi over a GeoPackage."""

    name = "pygeoapi, GeoPackage"
    note = "pygeoapi.starlette_app under uvicorn, one worker; provider SQLiteGPKG with SpatiaLite; property filter; it counts no matches"

    sqlite = "sqlite3"
    """The module that stands for SQLite's."""

    def providers(self) -> list[dict[str, Any]]:
        """Its providers, as its configuration has them.

        Raises:
            UnavailableError: What it reads is not there.
        """
        self.sqlite = _sqlite_with_spatialite()
        data = str(self.folder / "villages.gpkg")
        return [
            {"type": "feature", "name": "SQLiteGPKG", "data": data, "id_field": "fid", "table": COLLECTION}
        ]

    def command(self) -> tuple[list[str], dict[str, str]]:
        own = self.folder / type(self).__name__
        own.mkdir()
        config, openapi = own / "config.yml", own / "openapi.json"
        # YAML reads JSON.
        config.write_text(json.dumps(self.configuration()), encoding="utf-8")
        alone = f"import sys, {self.sqlite}; sys.modules['sqlite3'] = {self.sqlite}"
        environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
        generate = ["openapi", "generate", str(config), "--format", "json", "--output-file", str(openapi)]
        made = subprocess.run(
            [sys.executable, "-c", f"{alone}; from pygeoapi import cli; cli()", *generate],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode or not openapi.exists():
            raise UnavailableError(f"it does not start: {made.stderr.strip().splitlines()[-1:]}")
        start = f"{alone}; from uvicorn import main; main()"
        return ["-c", start, "pygeoapi.starlette_app:APP", *uvicorn_options(self.port)], environment

    def configuration(self) -> dict[str, Any]:
        """Its whole configuration."""
        said = {"title": "Villages", "description": "Synthetic", "keywords": ["synthetic"]}
        metadata = {
            "identification": said | {"terms_of_service": "none", "url": "http://localhost"},
            "license": {"name": "CC0", "url": "http://localhost"},
            "provider": {"name": "Benchmark", "url": "http://localhost"},
            "contact": {"name": "Nobody"},
        }
        links = [{"type": "text/html", "rel": "about", "title": "About", "href": "http://localhost"}]
        extents = {
            "spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
        }
        return {
            "server": {
                "bind": {"host": "127.0.0.1", "port": self.port},
                "url": self.base,
                "mimetype": "application/json; charset=UTF-8",
                "encoding": "utf-8",
                "gzip": False,
                "pretty_print": False,
                "languages": ["en-US"],
                "limits": {"default_items": 10, "max_items": 10_000},
                "map": {"url": "http://localhost/{z}/{x}/{y}.png", "attribution": "none"},
            },
            "logging": {"level": "ERROR"},
            "metadata": metadata,
            "resources": {
                COLLECTION: {
                    "type": "collection",
                    **said,
                    "links": links,
                    "extents": extents,
                    "providers": self.providers(),
                }
            },
        }

    def kind_wanted(self) -> dict[str, str]:
        return {"kind": KIND}

    def tile_path(self, zoom: int, column: int, row: int) -> str:  # noqa: ARG002 - as of the others
        raise UnavailableError("this provider has no tiles")


class PygeoapiPostgis(PygeoapiGeopackage):
    """pygeoapi over PostGIS."""

    name = "pygeoapi, PostGIS"
    note = "pygeoapi.starlette_app under uvicorn, one worker; provider PostgreSQL; CQL text; tiles by MVT-postgresql"

    def providers(self) -> list[dict[str, Any]]:
        url = urlsplit(self.needs_postgis())
        data = {
            "host": parse_qs(url.query)["host"][0],
            "dbname": url.path.strip("/"),
            "user": url.username,
            "password": "none",
            "search_path": ["public"],
        }
        provider = {"data": data, "id_field": "fid", "table": COLLECTION, "geom_field": "geom"}
        tiles = {
            "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
            "options": {"zoom": {"min": 0, "max": 15}},
            "storage_crs": "http://www.opengis.net/def/crs/EPSG/0/4326",
        }
        return [
            {"type": "feature", "name": "PostgreSQL", **provider},
            {"type": "tile", "name": "MVT-postgresql", **provider, **tiles},
        ]

    def kind_wanted(self) -> dict[str, str]:
        return {"filter": f"kind = '{KIND}'", "filter-lang": "cql-text"}

    def tile_path(self, zoom: int, column: int, row: int) -> str:
        return Service.tile_path(self, zoom, column, row)


def _sqlite_with_spatialite() -> str:
    """The module of SQLite that can load SpatiaLite: many Pythons have one that loads no extensions.

    Raises:
        UnavailableError: None can.
    """
    why = []
    for name in ("sqlite3", "pysqlite3"):
        try:
            connection = importlib.import_module(name).connect(":memory:")
            with closing(connection):
                connection.enable_load_extension(True)
                connection.execute(f"SELECT load_extension('{SPATIALITE}')")
        except Exception as error:  # noqa: BLE001 - each module has exceptions of its own
            why.append(f"{name}: {error}")
        else:
            return name
    raise UnavailableError(
        "SpatiaLite cannot be loaded ("
        + "; ".join(why)
        + "); install libsqlite3-mod-spatialite, and pysqlite3-binary "
        "where this Python's SQLite loads no extensions"
    )
