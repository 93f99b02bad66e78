"""Pages of the service in a real browser, under the policies that it sends; and what scripts of other sites may."""

from __future__ import annotations

from contextlib import suppress

import pytest
from api import client_of
from api_fuzz import served_with_tokens
from api_world import world  # noqa: F401 - a fixture
from playwright.sync_api import TimeoutError as TakesTooLong
from playwright.sync_api import sync_playwright

PAGES = {
    "docs": "/docs",
    "landing": "/ogc?f=html",
    "collections": "/ogc/collections?f=html",
    "description": "/ogc/api?f=html",
    "items": "/ogc/collections/villages/items?f=html&limit=100",
    "districts": "/ogc/collections/districts/items?f=html",
    "gaps": "/access/gaps?service=hospital&basis=measured&beyond_km=25&f=html",
    "summary": "/access/summary?f=html",
    "problem": "/access/gaps?service=nothing",
}
WIDTHS = (1280, 360)
HERE = "https://map.example.org"


@pytest.fixture(scope="module")
def local(world, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("browser")
    with served_with_tokens(world, folder, AUTH_TOKENS=str(folder / "none.json")) as service:
        yield service


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def looked_at(browser, url, folder=None, name=""):
    """What a page complained of, whom it asked, and how wide it came out in each width."""
    complaints, asked, wide = [], [], []
    context = browser.new_context()
    try:
        page = context.new_page()
        page.on("request", lambda one: asked.append(one.url))
        page.on(
            "console", lambda one: complaints.append(one.text) if one.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url, wait_until="networkidle")
        if url.endswith("/docs"):
            page.wait_for_selector(".opblock")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            # A map follows its window in the next frame.
            with suppress(TakesTooLong):
                page.wait_for_function(
                    "most => document.documentElement.scrollWidth <= most", arg=width, timeout=10_000
                )
            wide.append(page.evaluate("document.documentElement.scrollWidth"))
            if folder:
                page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True)
    finally:
        context.close()
    return complaints, asked, wide


@pytest.mark.chromium
@pytest.mark.xdist_group("pages of the service")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_under_its_policy_and_asks_nobody_else(local, browser, name):
    complaints, asked, wide = looked_at(browser, local.url + PAGES[name])
    # The browser itself says that an answer was a 400.
    assert [one for one in complaints if name != "problem" or "400 (Bad Request)" not in one] == []
    assert [one for one in asked if not one.startswith((local.url, "data:", "blob:"))] == []
    assert all(found <= width for found, width in zip(wide, WIDTHS, strict=True))


# Scripts of other sites


def preflight(client, origin, method="GET", headers="authorization"):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return client.options("/access/summary", headers=asked)


def test_a_script_of_a_named_site_may_send_a_token_and_sees_what_it_needs(world):  # noqa: F811
    with client_of(world, cors_origins=(HERE,)) as client:
        asked = preflight(client, HERE, "POST", "authorization, content-type, idempotency-key, if-none-match")
        answer = client.get("/ogc/collections/villages/items?limit=1", headers={"Origin": HERE})
        wrong = client.get("/access/gaps?service=nothing", headers={"Origin": HERE})
    assert asked.status_code == 200
    assert {"authorization", "idempotency-key"} <= set(
        asked.headers["access-control-allow-headers"].lower().split(", ")
    )
    for one in (answer, wrong):
        assert one.headers["access-control-allow-origin"] == HERE
        assert "Origin" in one.headers["vary"]
        assert "access-control-allow-credentials" not in one.headers
    assert "Link" in answer.headers["access-control-expose-headers"]
    assert wrong.status_code == 400


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", f"{HERE}.evil.example.org", "http://map.example.org", "null"]
)
def test_a_script_of_another_site_sees_nothing(world, origin):  # noqa: F811
    with client_of(world, cors_origins=(HERE,)) as client:
        asked = preflight(client, origin)
        answer = client.get("/access/summary", headers={"Origin": origin})
    assert asked.status_code == 400
    for one in (asked, answer):
        assert "access-control-allow-origin" not in one.headers


def test_where_all_sites_may_ask_none_may_with_cookies(world):  # noqa: F811
    with client_of(world, cors_origins=("*",)) as client:
        asked = preflight(client, "https://any.example.org")
        answer = client.get("/access/summary", headers={"Origin": "https://any.example.org", "Cookie": "a=b"})
    for one in (asked, answer):
        assert one.status_code == 200
        assert one.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in one.headers


def test_where_no_site_is_named_none_may_ask(world):  # noqa: F811
    with client_of(world) as client:
        asked = preflight(client, HERE)
        answer = client.get("/access/summary", headers={"Origin": HERE})
    assert asked.status_code == 405
    for one in (asked, answer):
        assert "access-control-allow-origin" not in one.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
