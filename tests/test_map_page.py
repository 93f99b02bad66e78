"""The text of pages that are one map: written by Folium to stand alone, and served with files that maps share."""

from __future__ import annotations

import json
import re
from pathlib import Path

import folium
import pytest
from map_pictures_for_tests import BRACES, HOSTILE, QUOTED, small_picture
from playwright.sync_api import sync_playwright

import geo_service
import geo_service.maps
from geo_service.errors import OutputError
from geo_service.maps import folium_maps, pictures
from geo_service.maps.encoding import json_text, shapes_json
from geo_service.maps.folium_map import OfflineMap, folium_map
from geo_service.maps.inlined import VIEWER_SCRIPTS, inlined_script
from geo_service.maps.page import page_html
from geo_service.maps.viewer_words import viewer_words
from geo_service.vocabulary import AdminLevel, Language

SERVED = "http://maps.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'"
)
LOADED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def alone():
    return folium_map(small_picture()).to_html()


def _served_page(**options):
    return page_html(
        small_picture(),
        shapes={AdminLevel.DISTRICT: "/maps/shapes/district.json"},
        static=lambda name: f"/static/1/{name}",
        **options,
    ).decode()


def test_a_map_is_a_folium_map_that_knows_its_picture():
    picture = small_picture()
    drawn = folium_map(picture)
    assert isinstance(drawn, folium.Map)
    assert isinstance(drawn, OfflineMap)
    assert drawn.picture is picture


def test_the_page_names_no_other_host_for_anything_it_loads(alone):
    assert not LOADED.findall(alone)
    assert not re.findall(r"url\((?!data:|#)", alone)
    assert "@import" not in alone


def test_names_stand_in_the_page_as_data_and_never_as_html_or_template(alone):
    assert "<b>Bold" not in alone
    assert "</script><b>" not in alone
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', alone)[1])
    assert HOSTILE in data["picture"]["layers"][0]["labels"]
    assert any(BRACES in one for one in data["picture"]["notes"])


def test_a_page_is_written_the_same_twice_and_anew_over_an_older_file(tmp_path):
    drawn = folium_map(small_picture())
    path = tmp_path / "map.html"
    path.write_text("older", encoding="utf-8")
    drawn.save(str(path))
    assert path.read_text(encoding="utf-8") == drawn.to_html()
    assert [one.name for one in tmp_path.iterdir()] == ["map.html"]


def test_a_map_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(OutputError, match="map cannot be written"):
        folium_map(small_picture()).save(tmp_path / "nowhere" / "map.html")


def test_what_folium_adds_to_a_map_stands_on_it():
    drawn = folium_map(small_picture())
    folium.Circle([45.5, 60.5], radius=1_000).add_to(drawn)
    html = drawn.to_html()
    assert html.index("GeoMap.draw") < html.index("L.circle(")
    assert not LOADED.findall(html)


def test_each_picture_has_its_folium_map():
    assert {one.removesuffix("_map") for one in folium_maps.__all__} == {
        one.removesuffix("_picture") for one in pictures.__all__
    }
    for name in folium_maps.__all__:
        function = getattr(folium_maps, name)
        assert function.__name__ == name
        assert function.__doc__
        assert function.__wrapped__ is getattr(pictures, name.replace("_map", "_picture"))


def test_the_viewers_words_are_there_in_each_language():
    keys = set(viewer_words(Language.EN))
    folder = Path(geo_service.maps.__file__).parent / "static"
    scripts = "".join(one.read_text(encoding="utf-8") for one in folder.glob("*.js"))
    assert set(re.findall(r"said\.(\w+)", scripts)) == keys
    for language in Language:
        assert set(viewer_words(language)) == keys
        assert "{count}" in viewer_words(language)["found"]


def test_a_served_page_has_no_script_or_style_of_its_own():
    html = _served_page(oembed_url="https://example.org/oembed?url=a&format=json")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == [
        '<script type="application/json" id="map-data">'
    ]
    assert "<style" not in html
    assert " style=" not in html
    assert 'type="application/json+oembed" href="https://example.org/oembed?url=a&amp;format=json"' in html
    assert "<b>Bold" not in html
    assert len(html) < 8_000


def test_a_served_page_without_oembed_has_no_link_to_it():
    assert "oembed" not in _served_page()


def test_scripts_in_a_page_cannot_end_it():
    assert "</script" not in inlined_script().lower()


@pytest.mark.chromium
def test_a_served_page_is_drawn_under_a_strict_policy_and_says_when_it_cannot_be(chromium):
    static = {*VIEWER_SCRIPTS, "map-viewer.css", "map-page.js", "map-page.css"}
    folder = Path(geo_service.maps.__file__).parent / "static"
    import xstatic.pkg.leaflet  # noqa: PLC0415

    files = {f"/static/1/{name}": folder / name for name in static}
    leaflet = Path(xstatic.pkg.leaflet.BASE_DIR)
    files |= {f"/static/1/leaflet/{name}": leaflet / name for name in ("leaflet.js", "leaflet.css")}
    files |= {f"/static/1/leaflet/images/{one.name}": one for one in (leaflet / "images").glob("*.png")}
    shapes = json_text(shapes_json(small_picture().areas[0]))
    complaints = []
    missing = []

    def answer(route):
        path = route.request.url.removeprefix(SERVED)
        headers = {"Content-Security-Policy": POLICY}
        if path == "/map.html":
            route.fulfill(body=_served_page(), content_type="text/html", headers=headers)
        elif path == "/maps/shapes/district.json" and "shapes" not in missing:
            route.fulfill(body=shapes, content_type="application/json", headers=headers)
        elif path in files:
            route.fulfill(path=files[path], headers=headers)
        else:
            route.fulfill(status=404)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.on(
            "console", lambda one: complaints.append(one.text) if one.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{SERVED}/map.html")
        page.wait_for_selector(".gm .leaflet-overlay-pane canvas")
        title = page.inner_text("h1")
        page.wait_for_timeout(100)
        quiet = list(complaints)
        missing.append("shapes")
        page.reload()
        page.wait_for_selector("#map p")
        said = page.inner_text("#map")
        browser.close()

    assert quiet == []
    assert QUOTED in title
    assert "could not be loaded" in said
    assert "Six districts are shown" in said


def test_every_page_with_a_map_loads_the_whole_viewer_in_order():
    folder = Path(geo_service.__file__).parent
    planner = (folder / "web" / "templates" / "planner.html").read_text(encoding="utf-8")
    loaded = [re.findall(r"map-\w+\.js", page) for page in (_served_page(), planner)]
    assert loaded == [[*VIEWER_SCRIPTS, "map-page.js"], [*VIEWER_SCRIPTS]]
    assert {one.name for one in (folder / "maps" / "static").glob("*.js")} == {*VIEWER_SCRIPTS, "map-page.js"}


def test_the_same_picture_is_the_same_file():
    first, again = (folium_map(small_picture()).to_html() for _ in range(2))
    assert first == again
