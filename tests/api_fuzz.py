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
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import schemathesis
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, NegativeDataRejectionConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, events, from_schema
from schemathesis.specs.openapi.checks import AcceptedNegativeData, RejectedPositiveData

from geo_service.api.problems import Problem
from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_ALWAYS = ("x-request-id", "x-content-type-options", "referrer-policy", "permissions-policy", "content-security-policy")
_TOLD = re.compile(
    rb"Traceback|/site-packages|\.py\"|\.py:|/root/|/home/|/tmp/|\bSELECT |\bFROM read_|duckdb|psycopg|sqlalchemy|pyarrow\.|Exception\b",
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
    given: dict[Role, str | None] = {role: tokens.add("fuzz", role)[1] for role in (Role.EDITOR, Role.ANALYST)}
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
    is_text = headers.get("content-type", [""])[0].startswith(("text/", "application/json", "application/geo+json", "application/problem+json"))
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
    def not_known(context: Any, failure: Failure, case: Case, response: Response) -> bool:
        reason = _known(failure, case, response)
        if reason:
            found.accepted[reason] += 1
        return reason is None

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


_TEXTS = {"bbox", "cursor", "datetime", "filter", "properties", "sortby"}
"""Parameters whose grammar no JSON Schema says; CQL2's least of all."""


def _known(failure: Failure, case: Case, response: Response) -> str | None:
    """Why a failure is none; null where it is one."""
    said = response.json() if response.status_code >= 400 else {}
    given = case.query or {}
    if isinstance(failure, RejectedPositiveData):
        name = said.get("parameter")
        if response.status_code == 400 and name in _TEXTS and name in given:
            return f"{name} is a text with a grammar of its own"
    if isinstance(failure, AcceptedNegativeData):
        pass
    return None
