"""The map of households beyond a distance, opened in a real browser that has no network."""

from __future__ import annotations

import re

import pytest
import shapely
from frames import facilities, text, units, villages
from playwright.sync_api import sync_playwright

from geo_service.coverage.access import access
from geo_service.errors import InputError
from geo_service.maps.beyond import NO_DATA_COLOUR, SHARE_COLOURS, households_beyond_map
from geo_service.spatial.locate import locate
from geo_service.vocabulary import Service

CELLS = units(
    {
        "D1": shapely.box(0, 0, 1, 1),
        "D2": shapely.box(1, 0, 2, 1),
        "D3": shapely.box(0, 1, 1, 2),
        "D4": shapely.box(1, 1, 2, 2),
    }
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def page_file(tmp_path):
    points = villages([(0.2, 0.5), (0.8, 0.5), (1.5, 0.5), (0.5, 1.5), None], [60, 40, 50, None, 7])
    points["village_name"] = text(["Қосшы", "<b>Bold & 'quoted' {{ braces }} {% raw %}", "C", None, "E"])
    rows = access(locate(points, CELLS), facilities([(0.2, 0.5)]))
    page = households_beyond_map(
        rows, CELLS, Service.HOSPITAL, 25, sources=["Source & co"], note="Synthetic {{ note }}"
    )
    path = tmp_path / "map.html"
    path.write_text(page.to_html(), encoding="utf-8")
    return path


def test_the_page_names_no_other_host_for_anything_it_loads(page_file):
    html = page_file.read_text(encoding="utf-8")
    assert not re.findall(
        r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*["']?(?:https?:)?//""", html
    )
    assert not re.findall(r"url\((?!data:|#)", html)
    assert len(html) < 1_500_000


@pytest.mark.chromium
def test_a_browser_without_network_draws_it_and_asks_for_nothing(chromium, page_file, tmp_path):
    asked, complaints = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        try:
            page = browser.new_context(offline=True, viewport={"width": 1000, "height": 700}).new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on(
                "console",
                lambda message: complaints.append(message.text) if message.type == "error" else None,
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(page_file.as_uri())
            page.wait_for_selector(".leaflet-overlay-pane canvas")
            shown = page.inner_text("body")
            tip = _tooltip_of_first_village(page)
            title = page.title()
            picture = page.screenshot(path=str(tmp_path / "map.png"))
        finally:
            browser.close()

    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert title == "Households over 25 km from the nearest hospital, by district"
    assert "90 of 157 households" in shown
    assert "not by road" in shown
    assert "Synthetic {{ note }}" in shown
    assert "Source & co" in shown
    assert "Қосшы" in tip
    assert "60 households" in tip
    assert len(picture) > 10_000


def _tooltip_of_first_village(page):
    """Leaflet looks at a pointer over a canvas only now and then, so it is moved as a hand moves it."""
    for nudge in range(100):
        x, y = _place_of_first_village(page)
        page.mouse.move(x + nudge % 2, y)
        if page.query_selector(".leaflet-tooltip"):
            return page.inner_text(".leaflet-tooltip")
        page.wait_for_timeout(100)
    raise AssertionError("no tooltip came up in ten seconds")


def _place_of_first_village(page):
    return page.evaluate(
        """() => {
            const map = Object.values(window).find(one => one instanceof L.Map);
            const at = map.latLngToContainerPoint([0.5, 0.2]);
            return [at.x, at.y];
        }"""
    )


def test_units_are_coloured_by_share_and_those_without_households_as_no_data(page_file):
    html = page_file.read_text(encoding="utf-8")
    assert SHARE_COLOURS[4] in html, "D1 has 40 of 100 beyond"
    assert SHARE_COLOURS[5] in html, "D2 has all beyond"
    assert NO_DATA_COLOUR in html, "D3 has no counts"


def test_names_from_files_are_shown_as_text_and_not_run(page_file):
    html = page_file.read_text(encoding="utf-8")
    assert "<b>Bold" not in html


def test_regions_are_drawn_when_there_are_no_districts():
    regions = units({"R1": shapely.box(0, 0, 2, 1)}, level=1)
    rows = access(locate(villages([(0.2, 0.5)]), regions), facilities([(0.2, 0.5)]))
    assert "by region" in households_beyond_map(rows, regions, Service.HOSPITAL, 25).get_root().title


def test_a_map_of_no_units_or_of_another_service_is_refused():
    rows = access(locate(villages([(0.2, 0.5)]), CELLS), facilities([(0.2, 0.5)]))
    with pytest.raises(InputError, match="no admin units"):
        households_beyond_map(rows, CELLS.iloc[:0], Service.HOSPITAL, 25)
    with pytest.raises(InputError, match="no rows of 'school'"):
        households_beyond_map(rows, CELLS, Service.SCHOOL, 25)
