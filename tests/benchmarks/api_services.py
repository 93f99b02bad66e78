"""The services that are asked, each a server of one worker on a loopback: ours, pygeoapi and tipg."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from tests.benchmarks.api_cases import KIND
from tests.benchmarks.api_data import COLLECTION
from tests.benchmarks.api_http import answer_of, free_port
from tests.benchmarks.contender import UnavailableError
from tests.benchmarks.inputs import ROOT

if TYPE_CHECKING:
    from tests.benchmarks.api_cases import Ask
    from tests.benchmarks.api_data import Villages

__all__ = ["SERVICES", "Service"]

WALK = 10_000
SPATIALITE = "mod_spatialite.so"


class Service(ABC):
    """A server process.

    Attributes:
        name: How the report calls it.
        note: What a reader must know.
        prefix: Where its API begins.
        trivial: A path that costs nothing.
        as_json: The value of `f` for GeoJSON.
    """

    name: ClassVar[str]
    note: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    trivial: ClassVar[str] = "/"
    as_json: ClassVar[str] = "json"

    def __init__(self, folder: Path, villages: Villages, postgis: str) -> None:
        """Nothing is started yet.

        Args:
            folder: With `releases` and `villages.gpkg`; for files of its own too.
            villages: What it serves.
            postgis: The server's URL, or why there is none.
        """
        self.folder, self.villages, self.postgis = folder, villages, postgis
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{type(self).__name__}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may not answer yet.

        Raises:
            UnavailableError: It cannot run here, and why.
        """
        arguments, environment = self.command()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **environment},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @abstractmethod
    def command(self) -> tuple[list[str], dict[str, str]]:
        """The arguments of Python and what is added to the environment.

        Raises:
            UnavailableError: It cannot run here, and why.
        """

    def stop(self) -> None:
        """End it, at once where it does not by itself."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def path(self, ask: Ask) -> str:
        """The question as this service is asked it.

        Raises:
            UnavailableError: It cannot be asked that.
        """
        if ask.tile is not None:
            return self.tile_path(*ask.tile)
        items = f"{self.prefix}/collections/{COLLECTION}/items"
        if ask.number is not None:
            return f"{items}/{quote(self.feature_id(ask.number))}?f={self.as_json}"
        query: dict[str, Any] = {"f": self.as_json, "limit": ask.limit}
        if ask.box is not None:
            query |= {"bbox": ",".join(map(str, ask.box)), **self.kind_wanted()}
        if ask.offset:
            query |= self.place(ask.offset)
        return f"{items}?{urlencode(query)}"

    def tile_path(self, zoom: int, column: int, row: int) -> str:
        """Where a tile is.

        Raises:
            UnavailableError: It has none.
        """
        return f"{self.prefix}/collections/{COLLECTION}/tiles/WebMercatorQuad/{zoom}/{row}/{column}?f=mvt"

    def kind_wanted(self) -> dict[str, str]:
        """The parameters that leave features of one kind."""
        return {"filter": f"kind = '{KIND}'", "filter-lang": "cql2-text"}

    def place(self, offset: int) -> dict[str, str]:
        """The parameters of a page after so many features."""
        return {"offset": str(offset)}

    def feature_id(self, number: int) -> str:
        """How it calls feature `number`, from 1."""
        return str(number)

    def peak_mb(self) -> float:
        """The most memory that its processes ever had, added up, in MB; without the database."""
        if self.process is None:
            return float("nan")
        return sum(_peak_mb(pid) for pid in _tree(self.process.pid))

    def cpu_s(self) -> float:
        """Seconds of processor time that its processes have used, and those of the database."""
        roots = [self.process.pid] if self.process is not None else []
        if self.postgis.startswith("postgresql://"):
            folder = Path(parse_qs(urlsplit(self.postgis).query)["host"][0])
            with suppress(OSError, ValueError):
                roots.append(
                    int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
                )
        return sum(_cpu_s(pid) for root in roots for pid in _tree(root))

    def error(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return " / ".join(lines[-3:])[-300:] or "nothing in its log"

    def needs_postgis(self) -> str:
        """The URL of the server.

        Raises:
            UnavailableError: There is none.
        """
        if not self.postgis.startswith("postgresql://"):
            raise UnavailableError(self.postgis)
        return self.postgis


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
        return ["-c", start, "pygeoapi.starlette_app:APP", *_uvicorn(self.port)], environment

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
        return ["-m", "uvicorn", "tipg.main:app", *_uvicorn(self.port)], environment

    def path(self, ask: Ask) -> str:
        # It names collections by their schema too.
        return super().path(ask).replace(f"/collections/{COLLECTION}/", f"/collections/public.{COLLECTION}/")

    def tile_path(self, zoom: int, column: int, row: int) -> str:
        return f"/collections/{COLLECTION}/tiles/WebMercatorQuad/{zoom}/{column}/{row}"


SERVICES: tuple[type[Service], ...] = (OursFolder, OursPostgis, PygeoapiGeopackage, PygeoapiPostgis, Tipg)
"""Ours first."""


def _uvicorn(port: int) -> list[str]:
    return [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--log-level",
        "warning",
        "--no-access-log",
    ]


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


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for child in children:
            found += _tree(int(child))
    return found


def _peak_mb(pid: int) -> float:
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    """Of a process, and of its children that are no more."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0
