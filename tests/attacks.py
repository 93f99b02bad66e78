"""What the attackers of the service share: its surface as found at run time, every answer of it that anybody gets, and what is known to be secret.

Nothing here asks the service for more than its URLs: what the attackers know beside that is the code, and the whole release to compare with.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import mapbox_vector_tile
import pandas as pd
import pyarrow.parquet as pq
from api import client_of
from api_world import world_facilities, world_round, world_units
from pypdf import PdfReader

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role
from geo_service.release.contents import release_contents
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language, PopulationGroup, Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from geo_service.release.manifest import Manifest

__all__ = [
    "Route",
    "attempts",
    "by_token",
    "crawled",
    "forged",
    "manifest_of",
    "plain",
    "plain_file",
    "routes_of",
    "secrets_in",
    "tables_over_http",
    "twin_of",
]

VALUES = {
    "adm": ("KAZ901", "KAZ901001,KAZ902004"),
    "beyond_km": ("25",),
    "dpi": ("50",),
    "edges": ("1,20,300",),
    "format": ("json", "xml"),
    "k": ("3",),
    "lat": ("46.5",),
    "limit": ("2",),
    "lon": ("65.5",),
    "maxheight": ("300",),
    "maxwidth": ("300",),
    "q": ("village",),
    "release": ("0" * 32,),
    "round": ("2", "3"),
    "top": ("3",),
    "url": ("http://testserver/maps/coverage.html", "http://testserver/maps/change.html?group=returnees"),
}
"""What attackers send for parameters that have no list of values."""

TILES = ("0/0/0", "5/11/21", "5/11/22", "8/90/175")
"""Level, row and column; the made-up country is in them."""

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_REQUEST = re.compile(r"urn:geo-service:request:[0-9a-f]+|\([0-9a-f]{16}\)(?=</p>)")


@dataclass(frozen=True)
class Route:
    """A path of the service with its methods, whether a document names it or not."""

    path: str
    methods: frozenset[str]


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    content: bytes = field(repr=False)

    @property
    def media(self) -> str:
        """Its type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def is_document(self) -> bool:
        """Whether it is one JSON document, and no problem."""
        return self.status == 200 and self.media.endswith("json") and self.media != "application/x-ndjson"

    def json(self) -> Any:
        """Its body."""
        return json.loads(self.content)


# The surface


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of an app, those of routers inside routers as well, and those that no document names."""
    found: dict[str, set[str]] = {}

    def walk(routes: Iterable[Any], prefix: str) -> None:
        for route in routes:
            inner = getattr(route, "original_router", None)
            context = getattr(route, "include_context", None)
            at = prefix + (getattr(context, "prefix", "") or "")
            if inner is not None:
                walk(inner.routes, at)
            elif getattr(route, "routes", None):
                walk(route.routes, prefix + getattr(route, "path", ""))
            else:
                # What takes any method says none.
                methods = getattr(route, "methods", None) or {"*"}
                found.setdefault(prefix + route.path, set()).update(methods)

    walk(app.routes, "")
    return [Route(path, frozenset(methods)) for path, methods in sorted(found.items())]


def attempts(client: TestClient) -> list[str]:
    """URLs that ask every GET route for everything that its parameters can be, as far as documents and routes say."""
    listed = client.get("/openapi.json").json()["paths"]
    layers = [one["id"] for one in client.get("/ogc/collections").json()["collections"]]
    tables = [one["table"] for one in client.get("/tables").json()["rows"]]
    urls: list[str] = []
    for route in routes_of(client.app):
        if not route.methods & {"GET", "*"}:
            continue
        parameters = listed.get(route.path, {}).get("get", {}).get("parameters", [])
        paths = list(_filled(route.path, layers, tables))
        wholes, others = _queries(parameters)
        if route.path.startswith("/maps/"):
            # Maps are drawn from tables that are asked for in every way: here each value of each once.
            wholes = _each_once(wholes)
            if "concentration" not in route.path:
                # Classes, languages and sizes are of one code for all.
                others = [
                    one for one in others if not one.keys() & {"scheme", "edges", "k", "lang", "size", "dpi"}
                ]
        if route.path.startswith("/reports/"):
            # Languages are of one code for all.
            others = []
        asked = [*product(paths, wholes), *((paths[at % len(paths)], one) for at, one in enumerate(others))]
        urls += [f"{path}?{urlencode(one)}" if one else path for path, one in asked]
    for name in layers:
        # Of boundaries and facilities there is nothing to hide: their forms are those of the others.
        urls += list(_of_layer(name)) if "_by_" in name else []
    return list(dict.fromkeys(urls))


def _filled(path: str, layers: list[str], tables: list[str]) -> Iterator[str]:
    """A path with values in the place of its parameters; one that nobody knows stops the test, so that it is told how to attack it."""
    choices: dict[str, tuple[str, ...]] = {
        "scheme": ("WebMercatorQuad",),
        "job": ("0" * 32,),
        "service": ("school",),
        "version": ("0",),
        "feature_id:path": ("KAZ901", "990000001", "KAZ901001"),
        "name:path": ("geo.js",),
        # Other forms show what is in this one.
        # What one form of a report has the others have: they are written from one document.
        "format": ("html", "xlsx") if path.startswith("/reports/") else ("json",),
        "round": ("3",),
        "kind": ("heat", "coverage"),
        "level": ("region", "district"),
        "name": tuple(layers if path.startswith("/ogc/") else tables),
    }
    if "{z}" in path:
        for name, tile in product(layers, TILES):
            z, y, x = tile.split("/")
            yield path.format(name=name, scheme="WebMercatorQuad", z=z, y=y, x=x)
        return
    names = re.findall(r"\{([^}]+)\}", path)
    unknown = set(names) - set(choices)
    assert not unknown, f"say in attacks.py what to put into {path} for {unknown}"
    for values in product(*(choices[one] for one in names)):
        filled = path
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def _queries(parameters: list[dict[str, Any]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """All combinations of what has to be given and of `by` and `basis`; and each value of the others once."""
    parameters = [one for one in parameters if one["in"] == "query" and one["name"] != "cursor"]
    needed = {one["name"]: _values(one) for one in parameters if one.get("required")}
    split = {one["name"]: ("", *_values(one)) for one in parameters if one["name"] in {"by", "basis"}}
    every = needed | split
    wholes = [dict(zip(every, values, strict=True)) for values in product(*every.values())]
    wholes = [{name: value for name, value in one.items() if value} for one in wholes]
    others = [
        (one["name"], value) for one in parameters if one["name"] not in every for value in _values(one)
    ]
    return wholes, [wholes[at % len(wholes)] | {name: value} for at, (name, value) in enumerate(others)]


def _each_once(wholes: list[dict[str, str]]) -> list[dict[str, str]]:
    """As many of all combinations as have each value of each parameter, none among them, at least once."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for one in wholes:
        values = ({"by": "", "basis": ""} | one).items()
        if not values <= seen:
            seen |= values
            kept.append(one)
    return kept


def _values(parameter: dict[str, Any]) -> tuple[str, ...]:
    schema = parameter["schema"]
    for one in (schema, *schema.get("anyOf", ())):
        if "enum" in one:
            return tuple(map(str, one["enum"]))
        if one.get("type") == "boolean":
            return ("true",)
    name = parameter["name"]
    if "$ref" in json.dumps(schema):
        known = {"group": PopulationGroup, "service": Service, "lang": Language}
        known |= {"by": ("country", "region", "district"), "basis": ("reported", "measured")}
        known |= {"dimension": ("sex", "country", "year", "kind", "reason")}
        known |= {
            "measure": ("share", "per_km2", "location_quotient", "same_change"),
            "scheme": ("quantiles", "natural", "equal"),
            "size": ("half",),
        }
        if name in known:
            return tuple(map(str, known[name]))
    values = VALUES.get(name, ("distance", "households") if name == "sort" else None)
    assert values, f"say in attacks.py what to send as '{name}'"
    return values


def _of_layer(name: str) -> Iterator[str]:
    items = f"/ogc/collections/{name}/items"
    for format_ in ("geojson", "html", "csv", "xlsx", "gpkg", "fgb", "parquet", "ndjson", "geojsonseq"):
        yield f"{items}?f={format_}"
    yield f"{items}?limit=1000&lang=ru"
    yield f"{items}?limit=1000&properties=id"
    yield f"{items}?bbox=60,40,75,50&limit=1000&sortby=-id"
    yield f"{items}?datetime=2023-01-01/..&limit=1000"
    yield f"{items}?crs=http://www.opengis.net/def/crs/EPSG/0/3857"
    yield f"/ogc/collections/{name}?f=html"


@cache
def crawled(store: Path, role: Role = Role.PUBLIC) -> dict[str, Got]:
    """Every attempt on a store and its answer; made once."""
    with client_of(store, role, rate_per_minute=0) as client:
        urls = list(dict.fromkeys([*attempts(client), "/openapi.json", "/ogc/api?f=html"]))
        return {url: got(client, url) for url in urls}


def got(client: TestClient, url: str, **more: Any) -> Got:
    """An answer, whatever it is."""
    answer = client.get(url, **more)
    return Got(answer.status_code, dict(answer.headers), answer.content)


def tables_over_http(
    client: TestClient, round_: int, only: Iterable[str] | None = None
) -> dict[str, pd.DataFrame]:
    """All tables of a round, or only some, as whoever asks is shown them, by name."""
    found = {}
    for one in client.get(f"/tables?round={round_}").json()["rows"]:
        if only is not None and one["table"] not in only:
            continue
        answer = client.get(f"/tables/{one['table']}?round={round_}&limit=10000").json()
        assert not any(link["rel"] == "next" for link in answer["links"])
        columns = [column["name"] for column in answer["about"]["fields"]]
        found[one["table"]] = pd.DataFrame(answer["rows"], columns=columns)
    return found


# What an answer says


def plain(answer: Got) -> str:
    """All that an answer says, as text, without times and the ids of requests."""
    content = answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # Pictures say what the texts beside them say.
            text = "\n".join(archive.read(one).decode(errors="replace") for one in sorted(archive.namelist()))
    elif content[:5] == b"%PDF-":
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    elif content[:15] == b"SQLite format 3":
        text = _of_sqlite(content)
    elif content[:4] == b"PAR1":
        table = pq.read_table(io.BytesIO(content))
        said = {key: value for key, value in (table.schema.metadata or {}).items() if key != b"ARROW:schema"}
        text = f"{said} {table.schema.names} {table.to_pylist()}"
    elif answer.media == "application/vnd.mapbox-vector-tile":
        text = repr(mapbox_vector_tile.decode(content)) if content else ""
    else:
        text = content.decode("utf-8", errors="surrogateescape")
    return _REQUEST.sub("", _STAMP.sub("", text))


def plain_file(path: Path) -> str:
    """All that a file says, as `plain` has it of an answer."""
    return plain(Got(200, {}, path.read_bytes()))


def _of_sqlite(content: bytes) -> str:
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(content)
        names = database.execute(
            "select name, sql from sqlite_master where type = 'table' order by name"
        ).fetchall()
        parts = []
        for name, made in names:
            if "VIRTUAL" not in made.upper() and not name.startswith("rtree_"):
                rows = database.execute(f'select * from "{name}"').fetchall()
                parts.append(f"{made} {rows}")
        return "\n".join(parts)
    finally:
        database.close()


def secrets_in(text: str) -> list[str]:
    """What of villages is in a text: their ids, names and places."""
    found = re.findall(r"9900000\d\d|9900001\d\d|Synthetic village", text)
    numbers = set(re.findall(r"\d+\.\d{3,5}(?!\d)", text))
    for one in world_round(3).villages.geometry.dropna():
        # Facilities are in the latitude of villages.
        if (
            repr(one.x) in numbers
            and repr(one.y) in numbers
            and re.search(f"{one.x!r}[^0-9]+{one.y!r}", text)
        ):
            found.append(f"{one.x} {one.y}")
    return found


def manifest_of(store: Path, release: str | None = None) -> Manifest:
    """The manifest of a release of a store, of all that is in it."""
    with FolderStore(ReleaseSettings(directory=store)).open(release) as opened:
        return opened.manifest


# Tools of attackers


@contextmanager
def by_token(store: Path, **settings: Any) -> Iterator[TestClient]:
    """One service that all roles ask: the token is the name of the role, none is the public."""

    class ByName:
        is_configured = True

        def caller(self, authorization: str | None) -> Caller:
            if authorization is None:
                return Caller(Role.PUBLIC)
            try:
                role = Role(authorization.removeprefix("Bearer "))
            except ValueError:
                raise ProblemError(Problem.UNAUTHENTICATED, "no such token") from None
            return Caller(role, f"test:{role}")

    with client_of(store, Role.PUBLIC, rate_per_minute=0, **settings) as client:
        client.app.state.authenticator = ByName()
        yield client


def forged(release: str, question: str = "", after: tuple[Any, ...] = (1,)) -> str:
    """A cursor that nobody gave: with the checksum that it has where no key is set."""
    asked = hashlib.blake2b(question.encode(), digest_size=16).hexdigest()
    content = {"v": 1, "release": release, "question": asked, "after": list(after)}
    body = json.dumps(content, separators=(",", ":")).encode()
    mac = hashlib.blake2b(body, digest_size=16, person=b"geo-cursor").digest()
    return base64.urlsafe_b64encode(mac + body).rstrip(b"=").decode()


SWAPPED_WHERE_HIDDEN = (
    ("labour_migrants", "990000009", "990000012"),
    ("returnees", "990000007", "990000008"),
    ("internal_migrants", "990000007", "990000006"),
    ("internal_emigrants", "990000006", "990000007"),
)
"""Groups and two villages, each alone with a few people in its district; both districts are of one region."""


@cache
def twin_of(store: Path) -> Path:
    """The same releases, and on them one of Round 3 that differs only in what the public must not see.

    People of hidden districts have changed places, villages of a district have swapped their people, and all villages are called otherwise. All that
    the guarded tables say is the same. Made once, beside the store.
    """
    folder = store.parent / f"twin-{os.getpid()}"
    shutil.copytree(store, folder / "releases")
    for path in (folder / "releases").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    made = world_round(3)
    mobility, breakdowns = made.mobility, made.breakdowns
    of_a_district = [(one.value, "990000005", "990000017") for one in PopulationGroup]
    for swap in (*SWAPPED_WHERE_HIDDEN, *of_a_district):
        mobility, breakdowns = _swapped(mobility, *swap), _swapped(breakdowns, *swap)
    villages = made.villages.copy()
    villages["village_name"] += " of the twin"
    other = replace(made, villages=villages, mobility=mobility, breakdowns=breakdowns).validate()
    with release_contents(
        survey_round=other,
        facilities=world_facilities(),
        units=world_units(),
        earlier=world_round(2),
        notes=["Synthetic data, made for tests."],
    ) as contents:
        FolderStore(ReleaseSettings(directory=folder / "releases")).publish(contents)
    return folder / "releases"


def _swapped(frame: pd.DataFrame, group: str, one: str, other: str) -> pd.DataFrame:
    of_group = (frame["group"] == group).to_numpy()
    ids = frame["village_id"]
    turned = ids.mask(of_group & (ids == one), other).mask(of_group & (ids == other), one)
    return frame.assign(village_id=turned.astype("string"))
