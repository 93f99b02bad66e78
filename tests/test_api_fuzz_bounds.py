"""What nobody sends by mistake, over a real connection: too much, too long, too slow, or no HTTP at all."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx2 as httpx
import pytest
from api import client_of
from api_fuzz import served_with_tokens, wrong_with
from api_world import world  # noqa: F401 - a fixture
from releases import small_contents

from geo_service.api.security.roles import Role
from geo_service.release.stores import open_store

pytestmark = [
    pytest.mark.xdist_group("bounds of the service"),
]  # the service is another process

ITEMS = "/ogc/collections/villages/items"
SLOW = " OR ".join(f"CASEI(village_name) LIKE CASEI('%{'e_%' * 12}{one}%')" for one in range(40))
"""A pattern that no name has, which takes long to find out for each."""
FORM = "Content-Type: multipart/form-data; boundary=x"
MEGABYTE = 1_048_576


@pytest.fixture(scope="module")
def served(world, tmp_path_factory):  # noqa: F811
    with served_with_tokens(world, tmp_path_factory.mktemp("bounds")) as service:
        yield service


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """A service with many villages and little time."""
    folder = tmp_path_factory.mktemp("many")
    with closing(open_store(folder / "releases")) as store:
        store.publish(small_contents(100_000))
    little = {"API_MAX_QUERY_S": "0.5", "API_THREADS": "2", "API_WAITING": "8"}
    with served_with_tokens(folder / "releases", folder, **little) as service:
        yield service


def answered(served, asked, more=()):
    """Status, headers and body of the first answer to some bytes, and how many bytes of `more` were taken."""
    place = urlsplit(served.url)
    sent, got = 0, b""
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        try:
            connection.sendall(asked)
            for part in more:
                connection.sendall(part)
                sent += len(part)
        except OSError:
            pass
        try:
            while not is_whole(got) and (part := connection.recv(65_536)):
                got += part
        except ConnectionError:
            pass
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    status = int(first.split()[1])
    assert wrong_with(status, headers, body) is None
    return status, headers, body, sent


def is_whole(got):
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return body.endswith(b"0\r\n\r\n") if length is None else len(body) >= int(length[1])


def request(served, line, *headers, body=b"", host="localhost"):
    """A request of an editor."""
    token = served.headers(Role.EDITOR)["Authorization"]
    said = [f"{line} HTTP/1.1", *([f"Host: {host}"] if host else []), f"Authorization: {token}", *headers]
    return "\r\n".join([*said, "", ""]).encode("latin-1") + body


def memory(served, name="VmRSS"):
    return int(re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{served.pid}/status").read_text())[1]) * 1024


def cpu_s(served):
    parts = Path(f"/proc/{served.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        (f"GET /ogc?x={'a' * 20_000}", (), 414),
        ("GET /ogc", ("X-More: " + "a" * 65_536,), 431),
        ("GET /ogc", ("X-More: " + "a" * 300_000,), 431),
        ("GET /ogc", ("X-More: a",) * 5_000, 431),
        ("GET /ogc", ("Content-Length: 100000",), 413),
        ("POST /rounds", ("Content-Encoding: gzip", "Content-Length: 3"), 415),
        ("POST /rounds", ("Content-Encoding: br", "Transfer-Encoding: chunked", FORM), 415),
        ("POST /rounds", ("Content-Length: 100000000", "Expect: 100-continue", FORM), 413),
        ("POST /rounds", ("Content-Length: 5", "Content-Length: 6"), 400),
        ("POST /rounds", ("Content-Length: 5", "Transfer-Encoding: chunked"), 400),
        ("POST /rounds", ("Transfer-Encoding: chunked, identity",), 400),
        ("POST /rounds", ("Transfer-Encoding : chunked",), 400),
        ("POST /rounds", ("Content-Length: +5",), 400),
        ("POST /rounds", ("Content-Length: -5",), 400),
        ("GET /og\0c", (), 400),
        ("GET /ogc", ("X-More: a\0b",), 400),
        ("GET /ogc", ("X-More: a", " folded"), 400),
        ("GET /ogc/collections/%00", (), 404),
        (f"GET {ITEMS}/%00", (), 404),
        (f"GET {ITEMS}?village_name=%00", (), 400),
        (f"GET {ITEMS}?filter=village_name%3D%27%00%27", (), 400),
        ("GET /static/..%2f..%2f..%2f..%2fetc%2fpasswd", (), 404),
        ("GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", (), 404),
        ("GET /docs/../../../etc/passwd", (), 404),
        ("GET /static/%c0%ae%c0%ae%c0%afpasswd", (), 404),
        ("GET /ogc/collections/%ff%fe", (), 404),
        (f"GET {ITEMS}?village_name=%ff%fe", (), 400),
        (f"GET {ITEMS}?village_name=\xff", (), 400),
        (f"GET {ITEMS}?filter=village_name%3D%27%ed%a0%80%27", (), 400),
        ("TRACE /ogc", (), 405),
        ("PROPFIND /ogc", (), 405),
        ("MADEUP /ogc", (), 400),
        ("CONNECT elsewhere.example.org:443", (), 400),
        ("OPTIONS *", (), 404),
        ("GET http://localhost/health/live", (), 200),
        ("GET /ogc", ("Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), 200),
        ("GET /ogc", ("Accept: " + "a/b," * 5_000,), 406),
        ("GET /ogc", ("Accept-Encoding: gzip;q=1e999, zstd;q=nan", "Accept-Language: \xff\xfe;q=x"), 200),
        ("GET /ogc", ('If-None-Match: "' + '",' * 8_000,), 200),
        ("GET /ogc", ("X-Forwarded-Host: other.example.org", "X-Forwarded-Proto: javascript"), 200),
    ],
    ids=lambda value: str(value)[:60].replace("\0", "NUL") if isinstance(value, str) else None,
)
def test_what_no_client_should_send_is_a_problem(served, line, headers, status):
    found, _, body, _ = answered(served, request(served, line, *headers))
    assert found == status
    assert b"other.example.org" not in body


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /health/live HTTP/1.0\r\n\r\n", 421),
        (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\nHost: localhost\n\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200, 400),
        (
            b"POST /rounds HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
            400,
        ),
    ],
    ids=["1.0", "1.0 without host", "3", "2", "line feeds", "TLS", "chunk"],
)
def test_what_is_no_http_1_1_is_a_problem_too(served, asked, status):
    assert answered(served, asked)[0] == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:80", 200),
        ("[::1]:8000", 200),
        ("elsewhere.example.org", 421),
        ("127.0.0.1.example.org", 421),
        ("localhost:1@elsewhere.example.org", 400),
        ("localhost/elsewhere", 400),
        ("[::1", 400),
        ("localhost:99999999", 400),
        ("localhost\r\nHost: elsewhere.example.org", 400),
        (None, 400),
    ],
)
def test_a_service_of_this_machine_answers_to_its_own_names_only(served, host, status):
    found, _, body, _ = answered(served, request(served, "GET /ogc", host=host))
    assert found == status
    assert b"elsewhere" not in body


@pytest.mark.parametrize("host", ["elsewhere/<b>", "a b", "user@elsewhere", ""])
def test_links_begin_with_no_host_that_is_none_wherever_it_is_served(world, host):  # noqa: F811
    with client_of(world) as client:
        answer = client.get("/ogc", headers={"Host": host})
        assert client.get("/ogc", headers={"Host": "geo.example.org:8443"}).status_code == 200
    assert (answer.status_code, answer.json()["parameter"]) == (400, "Host")


def test_a_path_says_all_methods_that_it_takes(served):
    status, headers, body, _ = answered(served, request(served, "DELETE /rounds"))
    assert (status, headers["allow"]) == (405, ["GET, HEAD, POST"])
    assert json.loads(body)["allowed"] == ["GET", "HEAD", "POST"]


@pytest.mark.parametrize(
    "said",
    [
        f"village_name='{'a' * 11_000}'",
        "NOT (" * 60 + "households > 1" + ")" * 60,
        f"S_INTERSECTS(geometry, LINESTRING({'1 1,' * 2_000}2 2))",
    ],
    ids=["11,000 characters", "60 levels", "2,001 vertices"],
)
def test_a_filter_that_is_too_much_is_refused(served, said):
    found, _, body, _ = answered(served, request(served, f"GET {ITEMS}?filter={quote(said, safe='(),')}"))
    assert (found, b"invalid-filter" in body) == (400, True)


def test_an_upload_that_is_too_large_is_refused_while_it_comes_and_is_not_kept_in_memory(served):
    answered(served, request(served, "POST /rounds", FORM, "Content-Length: 3", body=b"abc"))
    # What it needed for others before is none of this.
    with suppress(OSError):
        Path(f"/proc/{served.pid}/clear_refs").write_text("5", encoding="ascii")
    before = memory(served)
    part = f"{MEGABYTE:x}\r\n".encode() + b"a" * MEGABYTE + b"\r\n"
    opening = b'--x\r\nContent-Disposition: form-data; name="files"; filename="B2.xlsx"\r\n\r\n'
    first = f"{len(opening):x}\r\n".encode() + opening + b"\r\n"
    asked = request(served, "POST /rounds", FORM, "Transfer-Encoding: chunked", body=first)
    status, _, _, sent = answered(served, asked, (part for _ in range(100)))
    assert status == 413
    assert sent < 70 * MEGABYTE
    assert memory(served, "VmHWM") - before < 60 * MEGABYTE


def test_a_question_that_takes_too_long_is_given_up_and_its_core_is_free(hurried):
    asked = request(hurried, f"GET {ITEMS}?limit=10&filter={quote(SLOW)}")
    status, headers, _, _ = answered(hurried, asked)
    assert status == 504
    assert headers["content-type"] == ["application/problem+json"]
    time.sleep(0.5)
    before = cpu_s(hurried)
    time.sleep(1.5)
    assert cpu_s(hurried) - before < 0.5


def test_more_than_can_wait_is_refused_for_now_and_the_service_lives(hurried):
    asked = request(hurried, f"GET {ITEMS}?limit=10&filter={quote(SLOW)}")
    found, without_remedy = Counter(), []

    def ask():
        status, headers, _, _ = answered(hurried, asked)
        found[status] += 1
        if status == 503 and "retry-after" not in headers:
            without_remedy.append(headers)

    threads = [threading.Thread(target=ask) for _ in range(300)]
    for one in threads:
        one.start()
    alive = httpx.get(f"{hurried.url}/health/live", timeout=60).status_code
    for one in threads:
        one.join(180)
    assert alive == 200
    assert sum(found.values()) == 300
    assert set(found) <= {503, 504}
    assert found[503] > 200
    assert not without_remedy
    assert httpx.get(f"{hurried.url}{ITEMS}?limit=1", headers=hurried.headers(Role.EDITOR)).status_code == 200
    assert not hurried.broken()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/reports/2.html",
        "/maps/concentration.html?group=emigrants",
        "/map-files/concentration.html?group=emigrants",
    ],
)
def test_no_page_and_no_script_of_it_names_what_it_was_made_of(served, path):
    # Those that ask at random come to all of these only with time.
    def body(url):
        answer = httpx.get(url, headers=served.headers(Role.EDITOR), timeout=120)
        headers = {name: [value] for name, value in answer.headers.items()}
        assert answer.status_code == 200, url
        assert wrong_with(answer.status_code, headers, answer.content) is None, url
        return answer.text

    url = f"{served.url}{path}"
    for script in re.findall(r'<script[^>]* src="([^"]+)"', body(url)):
        assert body(urljoin(url, script))


def test_nothing_of_all_that_broke_it(served):
    assert not served.broken()
