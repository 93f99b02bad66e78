"""Answers as pages: for people, in three languages, on a phone, without internet, and with nothing from data read as HTML."""

from __future__ import annotations

import html
import json
import re
import threading
from contextlib import contextmanager
from html.parser import HTMLParser

import pyarrow as pa
import pytest
import shapely
import uvicorn
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from playwright.sync_api import sync_playwright

from geo_service.api.answers import Answer, Format, Link
from geo_service.api.formats import static
from geo_service.api.formats.cells import Cells
from geo_service.api.formats.media import LAYER_FORMATS, alternates
from geo_service.api.formats.respond import respond
from geo_service.settings import ApiSettings
from geo_service.vocabulary import Language

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
EVIL = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "{{ 7*7 }}{% raw %}",
    "<!--<script>",
    "\u2028'\"&amp;`${alert(3)}",
    "javascript:alert(4)",
)


def villages(rows=6, names=EVIL):
    return pa.table(
        {
            "fid": list(range(1, rows + 1)),
            "id": [f"KZ-{i:04d}" for i in range(rows)],
            "village_name": [names[i % len(names)] for i in range(rows)],
            "households": [None if i % 5 == 4 else 1234 * (i + 1) for i in range(rows)],
            "distance_km": [None if i % 7 == 6 else i * 3.14159 for i in range(rows)],
            "synthetic": [i % 2 == 0 for i in range(rows)],
            "geometry": pa.array(
                [
                    None
                    if i % 6 == 5
                    else shapely.to_wkb(shapely.Point(66 + (i % 10) * 0.7, 48 + (i // 10) * 0.9))
                    for i in range(rows)
                ],
                pa.binary(),
            ),
        }
    )


def answer_of(rows, language="en", base="http://testserver", *, title="Villages", places=True, **values):
    links = alternates(f"{base}/page?f=html", LAYER_FORMATS, Format.HTML)
    said = {
        "basis": "measured",
        "method": "geodesic",
        "rule": "a band holds its lower edge",
        "round": {"number": 3, "synthetic": True},
        "release": "71ddc62b04df" + "0" * 20,
        "bands": {"edges_km": [5.0, 10.0], "rule": "each with its upper edge"},
        "households": 2_013_448,
        "base": {"en": "of villages", "ru": "от сёл", "kk": "ауылдардан"},
        "notes": [EVIL[0], "Synthetic data"],
        "attributions": [EVIL[1]],
    }
    return Answer(
        "villages",
        title,
        rows if places else rows.drop_columns("geometry"),
        about=said,
        geometry="geometry" if places else None,
        feature_id="id",
        links=(
            *links,
            Link(f"{base}/page?cursor=a%22b&x=1", "next", "text/html"),
            Link(f"{base}/collection?f=json", "collection", "application/json", "The collection"),
            Link(f"{base}/collection", "collection", "text/html", "The collection"),
        ),
        matched=12_345,
        language=language,
        labels={"village_name": f"Village {EVIL[1]}"},
        **values,
    )


def app_of(make):
    app = FastAPI()
    app.state.settings = ApiSettings()
    app.include_router(static.router)

    @app.get("/page")
    def page(request: Request, lang: str = "en"):
        response = respond(make(lang, str(request.base_url).rstrip("/")), Format.HTML, request)
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app


@pytest.fixture
def client():
    with TestClient(app_of(lambda language, base: answer_of(villages(), language, base))) as one:
        yield one


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def elements(page):
    parser = Elements()
    parser.feed(page)
    return parser


# What a page has


def test_a_page_says_what_its_numbers_are_and_where_the_rest_is(client):
    page = client.get("/page").text
    text = " ".join(elements(page).text)
    for said in (
        "measured",
        "geodesic",
        "a band holds its lower edge",
        "71ddc62b04df",
        "Synthetic data",
        "6 of 12,345 rows",
    ):
        assert said in text
    links = {attrs["href"] for tag, attrs in elements(page).found if tag == "a"}
    assert {f"http://testserver/page?f={one}" for one in LAYER_FORMATS if one is not Format.HTML} <= links
    assert {"http://testserver/page?cursor=a%22b&x=1", "http://testserver/collection"} <= links
    assert "http://testserver/collection?f=json" not in links


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("About these numbers", "Next page", "1,234", "yes", "3.142", "Sources and licences")),
        (
            "ru",
            (
                "Об этих данных",
                "Следующая страница",
                "1\u00a0234",
                "от сёл",
                "да",
                "3,142",
                "Источники и лицензии",
            ),
        ),
        (
            "kk",
            ("Бұл деректер туралы", "Келесі бет", "1\u00a0234", "иә", "3,142", "Дереккөздер мен лицензиялар"),
        ),
    ],
)
def test_a_page_is_in_the_language_that_was_asked_for(client, language, said):
    page = client.get("/page", params={"lang": language}).text
    assert f'<html lang="{language}">' in page
    for one in said:
        assert one in page


def test_rows_without_a_geometry_have_no_map():
    with TestClient(
        app_of(lambda language, base: answer_of(villages(), language, base, places=False))
    ) as client:
        page = client.get("/page").text
    assert "<script" not in page
    assert "<table>" in page


def test_no_rows_are_said_to_be_none():
    with TestClient(app_of(lambda language, base: answer_of(villages(0), language, base))) as client:
        assert "There are no rows." in client.get("/page").text


def test_a_page_shows_a_thousand_rows_and_says_so():
    with TestClient(app_of(lambda language, base: answer_of(villages(1_001), language, base))) as client:
        page = client.get("/page").text
    assert page.count("<tr>") == 1_001
    assert "the other formats have all" in page


def test_numbers_are_written_as_the_language_does_and_keys_are_not():
    cells = Cells(Language.EN)
    table = pa.table(
        {
            "village_id": [1234567],
            "n": [-1234567],
            "lon": [71.430612345],
            "x": [1e-7],
            "y": [float("nan")],
            "z": [-0.0004],
        }
    )
    assert {name: cells.of(name, table[name])[0] for name in table.column_names} == {
        "village_id": "1234567",
        "n": "-1,234,567",
        "lon": "71.430612",
        "x": "1e-07",
        "y": "",
        "z": "-0.0004",
    }


# Nothing from data is HTML


def test_no_text_from_data_is_ever_markup(client):
    page = client.get("/page").text
    found = elements(page).found
    assert {tag for tag, _ in found}.isdisjoint({"img", "iframe", "object", "style", "form", "base"})
    assert not [name for _, attrs in found for name in attrs if name.startswith("on") or name == "style"]
    scripts = [attrs for tag, attrs in found if tag == "script"]
    assert all("src" in one or one["type"] == "application/json" for one in scripts)
    assert len(scripts) == 3
    assert "49" not in re.findall(r"<td>([^<]*)</td>", page)
    for evil in EVIL:
        assert html.escape(evil, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")


def test_the_data_of_the_map_are_json_that_cannot_end_their_element(client):
    page = client.get("/page").text
    [text] = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', page, re.DOTALL)
    assert not set("<>&\u2028\u2029") & set(text)
    features = json.loads(text)["features"]
    assert [one["geometry"] is None for one in features] == [False] * 5 + [True]
    assert all(one["properties"] == {} for one in features)


def test_a_page_loads_nothing_from_elsewhere_and_has_no_script_of_its_own(client):
    page = client.get("/page").text
    loaded = re.findall(r'<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(one.startswith(("http://testserver/", "data:,")) for one in loaded)


# What pages load


def test_what_pages_load_is_kept_for_ever_under_its_version(client):
    for name in (
        "page.css",
        "map.js",
        "leaflet/leaflet.js",
        "leaflet/leaflet.css",
        "leaflet/images/layers.png",
    ):
        answer = client.get(static.static_url("", name))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content
    assert (
        client.get(static.static_url("", "map.js")).headers["content-type"]
        == "text/javascript; charset=utf-8"
    )
    assert client.get("/static/other/map.js").headers["cache-control"] == "no-cache"


def test_the_style_sheet_of_leaflet_finds_its_pictures(client):
    css = client.get(static.static_url("", "leaflet/leaflet.css")).text
    for name in set(re.findall(r"url\(([^)#]+)\)", css)):
        assert client.get(static.static_url("", f"leaflet/{name}")).status_code == 200


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "leaflet/../../app.py", "", "map.js/"]
)
def test_nothing_else_is_there(name):
    app = app_of(lambda language, base: answer_of(villages(), language, base))
    with TestClient(app, raise_server_exceptions=False) as client:
        version = static.static_url("", "x").split("/")[2]
        assert client.get(f"/static/{version}/{name}").status_code in {404, 500}


# In a browser


@contextmanager
def served(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.mark.chromium
def test_a_browser_draws_it_under_a_strict_policy_and_asks_nobody_else(chromium, tmp_path):
    names = (*EVIL, "Бурабай", "Қызылжар")
    title = "Communities without: hospital"
    app = app_of(lambda language, base: answer_of(villages(60, names), language, base, title=title))
    asked, complaints = [], []
    with served(app) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(dialog.message) or dialog.dismiss())
            page.goto(f"{base}/page")
            page.wait_for_selector(".leaflet-overlay-pane canvas")
            wide = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=str(tmp_path / "phone.png"), full_page=True)
            page.set_viewport_size({"width": 1200, "height": 900})
            page.goto(f"{base}/page?lang=kk")
            page.wait_for_selector(".leaflet-overlay-pane canvas")
            page.keyboard.press("Tab")
            skip = page.evaluate("document.activeElement.className")
            box = page.locator("#map").bounding_box()
            tip = _first_tip(page, box)
            picture = page.screenshot(path=str(tmp_path / "desk.png"))
        finally:
            browser.close()
    assert complaints == []
    assert all(one.startswith((base, "data:")) for one in asked)
    assert wide <= 360
    assert skip == "skip"
    assert "KZ-00" in tip
    assert len(picture) > 20_000


def _first_tip(page, box):
    for y in range(int(box["y"]) + 10, int(box["y"] + box["height"]), 6):
        for x in range(int(box["x"]) + 60, int(box["x"] + box["width"]), 24):
            page.mouse.move(x, y)
            # In one question: it goes when the pointer has gone on.
            if said := page.evaluate("document.querySelector('.leaflet-tooltip')?.innerText"):
                return said
    return ""
