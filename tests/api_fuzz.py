"""The service in a process of its own, and schemathesis against all that it describes. For test_api_fuzz.py and test_api_fuzz_bounds.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import schemathesis
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, NegativeDataRejectionConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.specs.openapi.checks import AcceptedNegativeData, RejectedPositiveData

from geo_service.api.problems import Problem
from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.core.failures import Failure
    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case

__all__ = ["Fuzzed", "Served", "fuzzed", "served_with_tokens", "wrong_with"]

ROOT = Path(__file__).parents[1]

# Jobs of uploads are processes: other tests look at them, here they end before they begin.
_COMMAND = (
    "import geo_service.api.writing.upload as upload; upload.start = lambda *_: None\n"
    "from geo_service.cli.entry import main; main()"
)
_TYPES = {kind.type: kind.status for kind in Problem}
_ALWAYS = (
    "x-request-id",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
)
_TOLD = re.compile(
    rb"Traceback|/site-packages|\.py\"|\.py:|/root/|/home/|/tmp/|(?-i:\bSELECT |\bFROM read_)|duckdb|psycopg|sqlalchemy|pyarrow\.|Exception\b",
    re.IGNORECASE,
)
"""What no answer says: files of this machine, SQL, libraries."""


@dataclass(frozen=True)
class Served:
    """A running service.

    Attributes:
        url: Without a slash at its end.
        pid: Of its process.
        tokens: A token of each role; null for none, which the public has.
        log: What it has said.
    """

    url: str
    pid: int
    tokens: dict[Role, str | None]
    log: list[str]

    def headers(self, role: Role) -> dict[str, str]:
        """Who asks."""
        token = self.tokens[role]
        return {"Authorization": f"Bearer {token}"} if token else {}

    def broken(self) -> list[str]:
        """What it logged of errors that nobody expected."""
        return [line for line in self.log if "an error that nobody expected" in line or "Traceback" in line]


@contextmanager
def served_with_tokens(store: Path | str, folder: Path, **environment: str) -> Iterator[Served]:
    """The service over a store, as `geo-service serve` starts it, with tokens of an editor and an analyst.

    Args:
        store: The folder of releases, or a URL.
        folder: Where tokens and uploads go.
        environment: More settings, without `GEO_SERVICE_`.
    """
    tokens = TokenFile(folder / "tokens.json")
    given: dict[Role, str | None] = {
        role: tokens.add("fuzz", role)[1] for role in (Role.EDITOR, Role.ANALYST)
    }
    set_here = {
        "AUTH_TOKENS": str(folder / "tokens.json"),
        "UPLOADS_DIRECTORY": str(folder / "jobs"),
        "UPLOADS_MAX_WAITING": "2",
    } | environment
    with subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "serve", "--store", str(store), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        | {f"GEO_SERVICE_{key}": value for key, value in set_here.items()},
    ) as process:
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr), daemon=True)
        try:
            url = None
            for line in process.stderr:
                log.append(line)
                if found := re.search(r"(http://127\.0\.0\.1:\d+)/docs", line):
                    url = found[1]
                if "startup complete" in line:
                    break
            if url is None:
                raise RuntimeError("".join(log))
            reader.start()
            yield Served(url, process.pid, given | {Role.PUBLIC: None}, log)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
    reader.join(10)


def wrong_with(status: int, headers: dict[str, list[str]], body: bytes, store: str = "") -> str | None:
    """What is wrong with an answer, whatever was asked; null where nothing is.

    Args:
        status: Its status.
        headers: In lower case.
        body: All of it.
        store: The folder of releases, which no answer may name.
    """
    is_text = headers.get("content-type", [""])[0].startswith(
        ("text/", "application/json", "application/geo+json", "application/problem+json")
    )
    if told := (is_text and _TOLD.search(body)) or (store and re.search(re.escape(store.encode()), body)):
        return f"it tells {told[0]!r}: {body[max(0, told.start() - 80) : told.end() + 80]!r}"
    if missing := [name for name in _ALWAYS if name not in headers]:
        return f"it has no header {missing}"
    if status < 400:
        return None
    if headers.get("content-type") != ["application/problem+json"]:
        return f"a {status} of the type {headers.get('content-type')}"
    return None


def _problem_of(response: Response) -> str | None:
    if response.status_code < 400 or response.request.method == "HEAD":
        return None
    said = response.json()
    if _TYPES.get(said.get("type")) != response.status_code or said.get("status") != response.status_code:
        return f"a {response.status_code} that says {said}"
    if not said.get("detail") or len(response.content) > 20_000:
        return f"no sentence, or a very long one: {response.content[:200]!r}"
    return None


@dataclass
class Fuzzed:
    """What became of a run.

    Attributes:
        failures: What is wrong, with how to ask it again.
        statuses: Of answers, by operation.
        accepted: How often each of the known exceptions applied.
    """

    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    checks: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        """How many answers there were."""
        return sum(sum(one.values()) for one in self.statuses.values())

    def report(self) -> str:
        """The failures, each kind of each operation once."""
        return "\n\n".join(f"{label}: {kind}\n{said}" for (label, kind), said in self.failures.items())

    def table(self) -> str:
        """How often each operation was asked, and what it answered."""
        rows = [
            f"{sum(counts.values()):6} {label}  {dict(sorted(counts.items()))}"
            for label, counts in sorted(self.statuses.items())
        ]
        return "\n".join([f"{self.cases} answers; accepted: {dict(self.accepted)}", *rows])


def fuzzed(
    served: Served, document: str, role: Role, *, seconds: int, seed: int, store: str = "", base: str = ""
) -> Fuzzed:
    """Ask for all that a document describes, in all phases and with all checks of schemathesis.

    Args:
        served: Who answers.
        document: The path of the document.
        role: Who asks.
        seconds: How long.
        seed: Of what is made up.
        store: The folder of releases, which no answer may name.
        base: What paths of the document are below.
    """
    project = ProjectConfig(
        base_url=served.url + base,
        headers=served.headers(role),
        continue_on_failure=True,
        request_timeout=30,
        max_redirects=0,
        # What is too long is refused before anything looks at what it is.
        checks=ChecksConfig(
            negative_data_rejection=NegativeDataRejectionConfig(
                expected_statuses=[*NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, "413", "414", "431"]
            )
        ),
    )
    config = SchemathesisConfig(seed=seed, max_time=seconds, projects=ProjectsConfig(default=project))
    found = Fuzzed()
    described = httpx.get(served.url + document, headers=served.headers(role), timeout=60).raise_for_status()
    schema = schemathesis.openapi.from_dict(described.json(), config=config)

    @schema.hook("filter_failure")
    def not_known(_: Any, failure: Failure, case: Case, response: Response) -> bool:
        reason = _known(failure, case, response)
        if reason:
            found.accepted[reason] += 1
        return reason is None

    numbers = Random(seed)

    @schema.hook("map_case")
    def sensible(_: Any, case: Case) -> Case:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            _sensible(case, numbers)
        return case

    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(found, event, store)
        elif isinstance(event, events.NonFatalError):
            found.failures[event.label, type(event.value).__name__] = str(event.value)[:2000]
        elif isinstance(event, events.FatalError):
            raise event.exception
    found.operations = {one.ok().label for one in schema.get_all_operations()}
    return found


def _count(found: Fuzzed, event: events.ScenarioFinished, store: str) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        label = recorder.cases[case_id].value.operation.label
        response = interaction.response
        again = recorder.cases[case_id].value.as_curl_command()
        if response is None:
            found.failures[label, "no answer"] = again
            continue
        found.statuses.setdefault(label, Counter())[response.status_code] += 1
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = response.content or b""
        if wrong := wrong_with(response.status_code, headers, body, store) or _problem_of(response):
            found.failures.setdefault((label, "every answer"), f"{wrong}\n{again}")
    for case_id, checks in recorder.checks.items():
        for check in checks:
            found.checks[check.name] += 1
            if check.status is Status.FAILURE:
                info = check.failure_info
                what = f"{type(info.failure).__name__}: {info.failure.title}"
                key = (recorder.cases[case_id].value.operation.label, what)
                response = recorder.interactions[case_id].response
                answer = f"{response.status_code} {response.content[:600]!r}" if response else "no answer"
                found.failures.setdefault(key, f"{info.failure.message}\n{answer}\n{info.code_sample}")


_TEXTS = frozenset({"bbox", "cursor", "datetime", "edges", "filter", "properties", "scheme", "sortby"})
_UPLOADED = frozenset({"country", "crosswalk", "file", "files", "villages"})


def _known(failure: Failure, case: Case, response: Response) -> str | None:
    """Why a failure is none; null where it is one."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        return _rejected_for(response.json(), case)
    if response.status_code == 501 and case.operation.path == "/oembed":
        # oEmbed 1.0, 2.3.4, has this status for a format that is not there.
        return "a format of oEmbed"
    if isinstance(failure, AcceptedNegativeData) and _is_only_limit(failure.message):
        # OGC API - Features, Part 1, 7.15.2: a limit above the maximum is not an error, and is answered with as many as there may be.
        return "limit above its maximum"
    return None


def _rejected_for(said: dict[str, Any], case: Case) -> str | None:
    """Why a problem is right although what was asked fits its JSON Schema; null where it is not."""
    name, query = said.get("parameter"), case.query or {}
    if name in _TEXTS and name in query:
        # A JSON Schema cannot say CQL2, nor that a box begins before it ends, nor which cursors were given, nor that scheme=given needs edges.
        return f"{name} has a grammar of its own"
    if name == "crs" and query.get("f") not in {None, "geojson"}:
        # Nor that one parameter excludes values of another: coordinates of files are CRS84.
        return "crs of a file"
    if name in {"by", "adm"} and "adm" in query:
        return "units that are not inside those of adm, or a table without units"
    if "NUL" in said["detail"] and "\0" in str(query.get(name)):
        # It could, but not without a pattern for each text; no database keeps this one.
        return "NUL in a text"
    if name in _UPLOADED and case.method == "POST" and said["type"].endswith(":invalid-body"):
        # Nor what kinds of files there are, and which of three letters are a country.
        return f"an upload's {name}"
    return None


def _is_only_limit(message: str) -> bool:
    """As the phases of schemathesis put it: in words of its own, or by the keyword."""
    said = re.search(r"parameter `limit` in query - (.*)", message)
    return said is not None and said[1] in {
        "limit: Value greater than maximum",
        "violates `maximum` at /properties/limit",
    }


def _sensible(case: Case, numbers: Random) -> None:
    """Where all is valid, have some of it mean something: made-up texts never are a filter, and made-up ids find nothing."""
    query, path = case.query or {}, case.path_parameters or {}
    for name, values in _SENSIBLE.items():
        for given in (query, path):
            if name in given and numbers.random() < _SHARE:
                given[name] = numbers.choice(values)
    if "filter-lang" in query and str(query.get("filter", "")).startswith("{") != (
        query["filter-lang"] == "cql2-json"
    ):
        query["filter-lang"] = "cql2-json" if str(query.get("filter", "")).startswith("{") else "cql2-text"
    if str(case.operation.path).startswith("/maps/") and path.get("format") not in {None, "html", "json"}:
        # Print is slow, and takes the same parameters.
        path["format"] = numbers.choice(("json", "html", "json", path["format"]))
    if "tileMatrix" in path and numbers.random() < _SHARE:
        z = numbers.randint(0, 9)
        # Around 68° E, 48° N.
        path |= {"tileMatrix": z, "tileCol": int(0.69 * 2**z), "tileRow": int(0.34 * 2**z)}


_SHARE = 0.6
_SENSIBLE: dict[str, tuple[Any, ...]] = {
    "filter": (
        "households > 100",
        "NOT (households BETWEEN 10 AND 500)",
        "CASEI(village_name) LIKE CASEI('%made%')",
        "name LIKE '_%\\%' OR name IN ('a', '\u049a''')",
        "S_INTERSECTS(geometry, POLYGON((64 46, 70 46, 70 48, 64 48, 64 46)))",
        "S_WITHIN(geometry, BBOX(60, 40, 80, 50)) AND distance_km > 1e3",
        "T_AFTER(interviewed_on, DATE('2023-12-05'))",
        "interviewed_on IS NULL",
        "S_DISJOINT(geometry, POINT(66 47))",
        "S_INTERSECTS(geometry, LINESTRING(179 0, -179 1))",
        "1 = 1",
        "pcode = 'KAZ901' OR adm1_pcode = 'KAZ902'",
        '{"op": ">", "args": [{"property": "households"}, 100]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1e308, 2]}]}',
    ),
    "featureId": (
        "990000001",
        "990000150",
        "KAZ",
        "KAZ901",
        "KAZ901001",
        "synthetic-hospital-1",
        "1",
        "0",
        "-1",
    ),
    "bbox": (
        [64.0, 46.0, 70.0, 48.0],
        [170.0, -10.0, -170.0, 10.0],
        [64.0, 46.0, 0.0, 70.0, 48.0, 1.0],
        [-180.0, -90.0, 180.0, 90.0],
    ),
    "datetime": ("2023-12-01/2023-12-31", "../2024-01-01T00:00:00Z", "2023-12-05", "2023-12-05/.."),
    "sortby": ("-households", "village_name,-village_id", "name_en", "pcode"),
    "properties": ("village_name", "pcode,name_en", "households,village_id"),
    "adm": ("KAZ", "KAZ901", "KAZ901001"),
    "round": (2, 3),
    "edges": ("0.1,0.25,0.5", "10,100,1000"),
}
"""Of the made-up country of `api_world`."""
