"""Single requests, and whether the answers of several services are the same."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.benchmarks.contender import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.api_cases import ApiCase
    from tests.benchmarks.api_service import Service

__all__ = [
    "HEADERS",
    "HttpAnswer",
    "answer_of",
    "checked",
    "free_port",
    "ids_of",
    "seconds_of_server",
    "wait_for",
]

HEADERS = {"Accept-Encoding": "identity"}
TIMEOUT_S = 120
START_S = 90


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer.

    Attributes:
        status: Of HTTP.
        headers: By name in lower case.
        body: Its bytes.
        seconds: How long it took, with the connection.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answer_of(base: str, path: str, headers: Mapping[str, str] = HEADERS) -> HttpAnswer:
    """Ask once, on a connection of its own.

    Raises:
        OSError: Nobody answers.
    """
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=TIMEOUT_S)
    start = time.perf_counter()
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    headers_of = {name.lower(): value for name, value in response.getheaders()}
    return HttpAnswer(response.status, headers_of, body, time.perf_counter() - start)


def wait_for(service: Service) -> float:
    """Wait until a service that was started answers; how many seconds that took.

    Raises:
        UnavailableError: It does not.
    """
    start = time.perf_counter()
    while time.perf_counter() - start < START_S:
        if service.process is None or service.process.poll() is not None:
            raise UnavailableError(f"it ended: {service.error()}")
        try:
            if answer_of(service.base, service.trivial).status == http.HTTPStatus.OK:
                return time.perf_counter() - start
        except OSError:
            pass
        time.sleep(0.02)
    raise UnavailableError(f"it does not answer after {START_S} s: {service.error()}")


def checked(service: Service, case: ApiCase, paths: list[str]) -> tuple[float, int, dict[str, str]]:
    """See that a service answers a case as it should: its first variant and its last.

    Args:
        service: Which.
        case: Which.
        paths: Its variants.

    Returns:
        Seconds and bytes of the last answer, and the headers that the case is measured with.

    Raises:
        UnavailableError: It answers something else; the message says what.
    """
    answer = None
    for path, expected in zip((paths[0], paths[-1]), case.expected, strict=False):
        answer = answer_of(service.base, path)
        if answer.status != http.HTTPStatus.OK:
            raise UnavailableError(
                f"it answers {answer.status}: {answer.body[:200].decode(errors='replace')}"
            )
        if "content-encoding" in answer.headers:
            raise UnavailableError(f"its answer comes as {answer.headers['content-encoding']}")
        found, properties = ids_of(answer, service)
        is_tile = case.asks[0].tile is not None
        # Of a tile's border others may have more.
        if not (expected <= found if is_tile else expected == found):
            missing, more = len(expected - found), len(found - expected)
            raise UnavailableError(
                f"of {len(expected):,} features {missing:,} are missing, {more:,} are others"
            )
        if properties < len(service.villages.frame.columns) - 1:
            raise UnavailableError(f"its features have only {properties} properties")
    if answer is None:
        raise UnavailableError("it is asked nothing")
    headers = dict(HEADERS)
    if case.unchanged:
        if "etag" not in answer.headers:
            raise UnavailableError("its answers have no ETag")
        headers["If-None-Match"] = answer.headers["etag"]
        status = answer_of(service.base, paths[0], headers).status
        if status != http.HTTPStatus.NOT_MODIFIED:
            raise UnavailableError(f"asked with its own ETag it answers {status}")
    return answer.seconds, len(answer.body), headers


def ids_of(answer: HttpAnswer, service: Service) -> tuple[set[str], int]:
    """The `village_id` of all features of an answer, and the fewest properties that one has."""
    if "json" in answer.headers.get("content-type", ""):
        document = json.loads(answer.body)
        features = document.get("features", [document])
        if any(one.get("geometry") is None for one in features):
            raise UnavailableError("features have no geometry")
    else:
        features = _features_of_tile(answer.body)
    of_each: list[dict[str, Any]] = [one["properties"] for one in features]
    if not of_each:
        return set(), len(service.villages.frame.columns)
    return {one["village_id"] for one in of_each}, min(len(one) for one in of_each)


def _features_of_tile(content: bytes) -> list[dict[str, Any]]:
    try:
        import mapbox_vector_tile  # type: ignore[import-untyped]  # noqa: PLC0415 - a library of the tests
    except ImportError as error:
        raise UnavailableError("mapbox-vector-tile is not installed: its tiles cannot be compared") from error
    layers = mapbox_vector_tile.decode(content)
    return [one for layer in layers.values() for one in layer["features"]]


def seconds_of_server(service: Service) -> tuple[float, float] | None:
    """How many seconds a server says that it spent on requests, and on how many, `/metrics` left out; null where it says nothing."""
    text = answer_of(service.base, "/metrics").body.decode(errors="replace")
    found = []
    for what in ("sum", "count"):
        pattern = rf'^geo_service_request_seconds_{what}{{[^}}]*route="(?!/metrics")[^}}]*}} (\S+)$'
        found.append(sum(float(one[1]) for one in re.finditer(pattern, text, re.MULTILINE)))
    return (found[0], found[1]) if found[1] else None
