"""What every request passes through."""

from __future__ import annotations

import gzip
import io
import json
import logging
import sys
import time

import anyio
import pytest
import zstandard
from api import client_of
from fastapi.testclient import TestClient
from releases import small_contents
from starlette.responses import PlainTextResponse, StreamingResponse

from geo_service.api.context import AskedNow  # noqa: TC001 - FastAPI reads it
from geo_service.api.operations.callers import Rates
from geo_service.api.operations.compression import chosen_coding
from geo_service.api.operations.conditional import matching
from geo_service.api.operations.hosts import is_loopback
from geo_service.api.operations.logs import JsonLines, TextLines
from geo_service.api.security.roles import Role
from geo_service.release.stores import open_store
from geo_service.settings import ApiSettings, AuthSettings
from geo_service.web.app import create_app

LONG = "a village " * 1_000


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    open_store(folder).publish(small_contents())
    return folder


def with_routes(client):
    """The client, with routes of known answers."""

    def rows(asked: AskedNow, f: str | None = None) -> PlainTextResponse:
        return PlainTextResponse(f"{asked.release.manifest.id} {asked.role} {f} {LONG}")

    def stream(asked: AskedNow) -> StreamingResponse:
        return StreamingResponse(
            (f"{asked.role} {i} {LONG}\n" for i in range(5)), media_type="application/x-ndjson"
        )

    async def body(request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    client.app.add_api_route("/access/rows", rows)
    client.app.add_api_route("/access/stream", stream)
    client.app.add_route("/body", body, methods=["POST"])
    return client


@pytest.fixture(scope="module")
def client(store):
    with client_of(store) as client:
        yield with_routes(client)


@pytest.fixture
def local(store):
    app = create_app(
        ApiSettings(store=str(store), public_url="https://geo.example.org/mtm"),
        auth=AuthSettings(tokens=store / "none.json"),
        is_local=True,
    )
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield with_routes(client)


# Ids and logs


def test_a_request_keeps_its_id_or_is_given_one(client):
    assert (
        client.get("/health/live", headers={"X-Request-Id": "abc-12345"}).headers["x-request-id"]
        == "abc-12345"
    )
    given = {
        client.get("/health/live", headers={"X-Request-Id": one}).headers["x-request-id"]
        for one in ("a b c d e", "x" * 65)
    }
    assert all(len(one) == 16 for one in given)


def test_the_log_has_the_template_and_neither_query_nor_token(client, caplog):
    caplog.set_level(logging.INFO, "geo_service.requests")
    client.get("/access/rows?f=of-somebody", headers={"Authorization": "Bearer top-secret"})
    record = caplog.records[-1]
    line = json.loads(JsonLines().format(record))
    assert line["route"] == "/access/rows"
    assert (line["status"], line["role"], line["caller"]) == (200, "editor", "test:editor")
    assert len(line["release"]) == 32
    assert line["ms"] > 0
    text = TextLines().format(record)
    for said in (json.dumps(line), text):
        assert "somebody" not in said
        assert "top-secret" not in said


def test_what_matches_no_route_is_not_logged_by_its_path(client, caplog):
    caplog.set_level(logging.INFO, "geo_service.requests")
    client.get("/people/by-name")
    assert caplog.records[-1].route == "unmatched"


def test_an_error_is_logged_with_its_traceback():
    try:
        int("no")
    except ValueError:
        record = logging.LogRecord("geo_service", logging.ERROR, "", 1, "broken", (), sys.exc_info())
    assert "ValueError: invalid" in json.loads(JsonLines().format(record))["error"]
    assert "ValueError: invalid" in TextLines().format(record)


# Limits


def test_a_url_that_is_too_long_is_refused(client):
    answer = client.get("/health/live?x=" + "a" * 20_000)
    assert (answer.status_code, answer.json()["type"]) == (414, "urn:geo-service:problem:url-too-long")


def test_headers_that_are_too_large_are_refused(client):
    assert client.get("/health/live", headers={"X-More": "a" * 40_000}).status_code == 431


def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(client):
    assert client.post("/body", content=b"a" * 65_536).text == "65536"
    assert client.post("/body", content=b"a" * 65_537).status_code == 413
    answer = client.post("/body", content=iter([b"a" * 40_000] * 2))
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_a_compressed_body_is_refused(client):
    answer = client.post("/body", content=gzip.compress(b"a"), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("length", ["-1", "x", "1e3"])
def test_a_length_that_is_no_number_is_refused(client, length):
    assert client.post("/body", content=iter([b""]), headers={"Content-Length": length}).status_code == 400


# HEAD


@pytest.mark.parametrize("path", ["/access/rows", "/access/stream", "/health/live", "/nowhere"])
def test_head_has_the_headers_of_get(client, path):
    head, got = client.head(path), client.get(path)
    assert head.content == b""
    assert head.status_code == got.status_code
    for name in ("content-type", "etag", "content-length", "vary"):
        assert head.headers.get(name) == got.headers.get(name), name


# Conditional requests


def test_an_answer_of_a_release_has_a_strong_etag_and_is_not_sent_twice(client):
    first = client.get("/access/rows", headers={"Accept-Encoding": "identity"})
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/access/rows", headers={"If-None-Match": known, "Accept-Encoding": "identity"})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"].removeprefix("W/") == tag
        # Browsers take the policy of this answer for the page that they have kept.
        assert "content-security-policy" not in again.headers
    assert client.get("/access/rows", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_coding_has_an_etag_of_its_own_that_counts_too(client):
    tags = {
        coding: client.get("/access/rows", headers={"Accept-Encoding": coding}).headers["etag"]
        for coding in ("identity", "gzip", "zstd")
    }
    assert len(set(tags.values())) == 3
    for coding, tag in tags.items():
        again = client.get("/access/rows", headers={"If-None-Match": tag, "Accept-Encoding": coding})
        assert (again.status_code, again.headers["etag"]) == (304, tag)


def test_the_etag_is_another_for_another_role_question_form_or_release(store, tmp_path):
    open_store(tmp_path).publish(small_contents())

    def tag(client, path="/access/rows", **headers):
        return client.get(path, headers=headers).headers["etag"]

    with client_of(tmp_path, follow_s=0) as client, client_of(store, Role.PUBLIC) as public:
        with_routes(client)
        tags = [
            tag(client),
            tag(with_routes(public)),
            tag(client, "/access/rows?f=csv"),
            tag(client, Accept="text/csv"),
            tag(client, **{"Accept-Language": "kk"}),
            tag(client, Host="other.example.org"),
        ]
        assert len(set(tags)) == len(tags)
        assert tag(client, "/access/rows?f=csv", Accept="text/csv") == tags[2]
        open_store(tmp_path).publish(small_contents(households=7))
        assert tag(client) not in tags
        assert client.get("/access/rows", headers={"If-None-Match": tags[0]}).status_code == 200


def test_the_public_may_keep_an_answer_for_a_minute_and_others_have_to_ask(client, store):
    assert client.get("/access/rows").headers["cache-control"] == "private, no-cache"
    with client_of(store, Role.PUBLIC) as public:
        answer = with_routes(public).get("/access/rows")
    assert answer.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/health/live", "/access/rows?no=1", "/nowhere"])
def test_what_is_of_no_release_is_not_kept(client, path):
    answer = client.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code != 304
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_only_whole_tags_match():
    assert matching('"ab-gzip", W/"c"', '"c"') == '"c"'
    assert matching('"ab-gzip"', '"ab"') == '"ab-gzip"'
    assert matching("ab", '"ab"') is None
    assert matching('"a', '"a"') is None


# Compression


@pytest.mark.parametrize("path", ["/access/rows", "/access/stream"])
def test_text_is_compressed_as_the_client_likes_it(client, path):
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for coding in ("gzip", "zstd"):
        with client.stream("GET", path, headers={"Accept-Encoding": coding}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert "Accept-Encoding" in answer.headers["vary"]
        opened = (
            gzip.decompress(raw)
            if coding == "gzip"
            else zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
        )
        assert opened == plain.content
        assert len(raw) < len(opened) / 3


def test_what_is_small_is_sent_as_it_is(client):
    assert "content-encoding" not in client.get("/health/live").headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, zstd", "zstd"),
        ("gzip, zstd;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0.1, gzip", "gzip"),
        ("br", None),
        ("", None),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=x", None),
    ],
)
def test_the_coding_is_the_one_that_the_client_likes_best(accepted, coding):
    assert chosen_coding(accepted) == coding


# Headers for browsers


def test_pages_may_load_nothing_from_elsewhere(client):
    page, data = client.get("/docs"), client.get("/health/live")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert data.headers["content-security-policy"].startswith("default-src 'none'")
    for answer in (page, data):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


def test_swagger_ui_is_served_from_here_without_inline_scripts(client):
    page = client.get("/docs").text
    for path in ("docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"):
        assert path in page
        assert client.get(f"/{path}").status_code == 200
    assert "<script>" not in page
    assert "//" not in page.replace("<!doctype", "")
    assert client.get("/docs/other.js").status_code == 404


def test_other_sites_may_ask_where_they_are_named(store):
    with client_of(store, cors_origins=("https://map.example.org",)) as client:
        asked = {"Origin": "https://map.example.org"}
        preflight = client.options("/health/live", headers=asked | {"Access-Control-Request-Method": "GET"})
        answer = client.get("/health/live", headers=asked)
        other = client.get("/health/live", headers={"Origin": "https://evil.example.org"})
    assert preflight.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://map.example.org"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in other.headers


# A service for its own machine


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("::1", True),
        ("a.localhost", True),
        ("0.0.0.0", False),
        ("127.0.0.1.evil.example.org", False),
        ("geo.example.org", False),
        ("", False),
    ],
)
def test_a_loopback_is_known(host, expected):
    assert is_loopback(host) is expected


def test_a_local_service_goes_by_no_other_name(local):
    assert local.get("/access/rows").text.split()[1] == "editor"
    assert local.get("/health/live", headers={"Host": "localhost:8000"}).status_code == 200
    assert local.get("/health/live", headers={"Host": "geo.example.org"}).status_code == 200
    answer = local.get("/access/rows", headers={"Host": "rebound.example.net:8000"})
    assert (answer.status_code, answer.json()["parameter"]) == (421, "Host")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Origin": "https://geo.example.org"}, 200),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_another_site_may_not_write(local, headers, status):
    assert local.post("/body", content=b"a", headers=headers).status_code == status


# Rates


def test_a_bucket_is_emptied_and_fills_again(monkeypatch):
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    rates = Rates(60)
    assert [rates.take("a") for _ in range(60)][-1] == 0
    left = rates.take("a")
    assert left == -1
    assert rates.wait_s(left) == 1
    assert rates.take("b") == 59
    now = 2.0
    assert rates.take("a") == 1


def test_one_request_too_many_is_told_when_to_come_again(store):
    with client_of(store, rate_per_minute=3) as client:
        with_routes(client)
        left = [client.get("/access/rows").headers["ratelimit"] for _ in range(3)]
        refused = client.get("/access/rows")
        health = client.get("/health/live")
    assert left[0].startswith('"minute";r=2')
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 20
    assert health.status_code == 200


# How much at once, and for how long


def test_a_question_that_takes_too_long_is_stopped(store):
    with client_of(store, max_query_s=0.2) as client:

        def slow(asked: AskedNow) -> str:
            release = asked.release._release
            with release._connection(spatial=False) as connection, release._in_words(connection):
                connection.execute("SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 7 = 3")
            return "never"

        client.app.add_api_route("/access/slow", slow)
        answer = client.get("/access/slow")
        after = with_routes(client).get("/access/rows")
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:geo-service:problem:timeout")
    assert after.status_code == 200


def test_too_many_questions_at_once_are_refused_for_now(store):
    with client_of(store, threads=1, waiting=0) as client:
        refused = []

        async def slow() -> int:
            def again() -> None:
                refused.append(client.get("/access/rows"))

            await anyio.to_thread.run_sync(again)
            return 1

        with_routes(client).app.add_api_route("/access/waiting", slow)
        assert client.get("/access/waiting").status_code == 200
        assert client.get("/access/rows").status_code == 200
    assert (refused[0].status_code, refused[0].headers["retry-after"]) == (503, "1")


# Health and metrics


def test_a_service_is_ready_when_a_release_answers(client, tmp_path):
    answer = client.get("/health/ready").json()
    assert (answer["status"], answer["store"], len(answer["release"])) == ("ready", "reached", 32)
    with client_of(tmp_path) as empty:
        assert empty.get("/health/live").status_code == 200
        assert empty.get("/health/ready").status_code == 503


def test_metrics_count_by_template(client):
    client.get("/access/rows?f=x")
    client.get("/somewhere/else")
    text = client.get("/metrics").text
    assert 'geo_service_requests_total{method="GET",route="/access/rows",status="200"}' in text
    assert 'route="unmatched"' in text
    assert "somewhere" not in text
    assert "geo_service_open_releases 1.0" in text
    assert "geo_service_release_info{release=" in text


def test_metrics_are_not_for_the_public_elsewhere(store, local):
    with client_of(store, Role.PUBLIC) as public:
        assert public.get("/metrics").status_code == 401
    assert local.get("/metrics").status_code == 200
