"""Pictures drawn by Folium, opened in a real browser that has no network. The browser is started once for this module."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from map_pictures_for_tests import BRACES, HOSTILE, KAZAKH, LONG, QUOTED, large_picture, small_picture
from playwright.sync_api import expect, sync_playwright
from shapely import box

from geo_service.errors import InputError
from geo_service.maps.base_map import BaseMap
from geo_service.maps.encoding import picture_json, script_text, shapes_json
from geo_service.maps.folium_map import folium_map
from geo_service.maps.inlined import inlined_script, inlined_styles
from geo_service.maps.viewer_words import viewer_words
from geo_service.vocabulary import Language

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THE_MAP = "Object.values(window).find(one => one instanceof L.Map)"

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("map viewer")]


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files that tests open and leave as they are."""
    made = tmp_path_factory.mktemp("maps")
    folium_map(small_picture()).save(made / "small.html")
    (made / "frame.html").write_text(
        '<body style="margin:0"><iframe src="small.html" width="300" height="300" style="border:0"></iframe>',
        encoding="utf-8",
    )
    return made


@pytest.fixture
def opened(browser):
    """A function that opens a file in a window without network; whatever it asked for or complained of fails the test."""
    contexts, asked, complaints = [], [], []

    def open_file(path, width=1100, height=760, *, allowed=("file:", "data:")):
        context = browser.new_context(offline=True, viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith(allowed) or asked.append(request.url))
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert asked == []
    assert complaints == []


def _colour_at(page, longitude, latitude, across=14):
    """The different colours of a small square of the map's canvas around a place."""
    return page.evaluate(
        """([longitude, latitude, across]) => {
            const map = MAP, at = map.latLngToLayerPoint([latitude, longitude]);
            const canvas = map.getPane("overlayPane").querySelector("canvas");
            const corner = L.DomUtil.getPosition(canvas);
            const data = canvas.getContext("2d").getImageData(at.x - corner.x - across / 2, at.y - corner.y - across / 2, across, across).data;
            const found = new Set();
            for (let one = 0; one < data.length; one += 4) found.add([...data.slice(one, one + 3)].map((part) => part.toString(16).padStart(2, "0")).join(""));
            return [...found];
        }""".replace("MAP", THE_MAP),
        [longitude, latitude, across],
    )


def _waited_for(page, read, is_so):
    """What is read once that is so: a browser draws when it has time. After ten seconds, what there is."""
    for _ in range(200):
        if is_so(found := read()):
            break
        page.wait_for_timeout(50)
    return found


def _colour_becomes(page, longitude, latitude, wanted, across=14):
    """The colours around a place, once they are those that are wanted."""
    return _waited_for(
        page, lambda: _colour_at(page, longitude, latitude, across), lambda found: found == wanted
    )


def _open_table(page):
    """Open the table, which is made by an event that comes after the click."""
    page.click(".gm-data > summary")
    expect(page.locator(".gm-rows tbody tr")).not_to_have_count(0)


def _hover(page, longitude, latitude):
    """The tooltip of a place. Leaflet looks at a pointer over a canvas only now and then, so it is moved as a hand moves it."""
    at = page.evaluate(
        f"([x, y]) => {{ const at = {THE_MAP}.latLngToContainerPoint([y, x]), box = {THE_MAP}.getContainer().getBoundingClientRect(); return [box.x + at.x, box.y + at.y] }}",
        [longitude, latitude],
    )
    for nudge in range(100):
        page.mouse.move(at[0] + nudge % 2, at[1])
        if page.query_selector(".leaflet-tooltip"):
            return page.inner_text(".leaflet-tooltip")
        page.wait_for_timeout(50)
    raise AssertionError("no tooltip came up in five seconds")


def test_a_page_says_what_it_shows_where_the_numbers_are_from_and_what_to_mind(opened, folder):
    page = opened(folder / "small.html")
    assert page.title() == f"Households over 25 km from a hospital {QUOTED}, Round 3"
    assert page.get_attribute("html", "lang") == "en"
    shown = page.inner_text(".gm")
    assert QUOTED in page.inner_text("h1")
    assert BRACES in page.inner_text(".gm-notes")
    assert "measured, straight line" in shown
    assert HOSTILE in page.inner_text(".gm-footer")
    assert "do not imply endorsement" in shown


def test_the_map_has_a_text_alternative_and_meets_wcag(opened, folder):
    page = opened(folder / "small.html")
    described = page.get_attribute(".leaflet-container", "aria-describedby").split()
    assert page.text_content(f"#{described[0]}").startswith("Six districts")
    _open_table(page)
    page.fill(".gm-input", "a")
    found = Axe().run(page, options={"runOnly": AXE_RULES}).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_names_from_files_are_shown_as_text_wherever_they_stand(opened, folder):
    page = opened(folder / "small.html")
    assert HOSTILE in _hover(page, 62.5, 45.5)
    _open_table(page)
    rows = page.inner_text(".gm-rows")
    assert all(name in rows for name in (HOSTILE, QUOTED, BRACES, KAZAKH, LONG))
    page.fill(".gm-input", "script")
    expect(page.locator(".gm-found")).to_contain_text(HOSTILE)
    page.keyboard.press("Enter")
    assert HOSTILE in page.inner_text(".leaflet-popup")
    assert page.query_selector(".gm img, .gm b") is None


def test_the_legend_counts_each_class_and_follows_the_layers(opened, folder):
    page = opened(folder / "small.html")
    sections = page.eval_on_selector_all(".gm-legend section", "all => all.map(one => one.innerText)")
    assert [re.split(r"\n+", one)[:3] for one in sections] == [
        ["Hospitals", "2"],
        ["Villages", "0–5 km", "3"],
        ["Households beyond 25 km, by district", "0", "1"],
    ]
    assert "no data\n1" in sections[2]
    assert "suppressed\n1" in sections[2]
    assert "Households\n60\n960" in sections[1]
    page.focus(".leaflet-control-layers-toggle")
    page.keyboard.press("Enter")
    page.get_by_label("Villages").press("Space")
    expect(page.locator(".gm-legend")).not_to_contain_text("Villages", use_inner_text=True)
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-control-layers-list")).to_be_hidden()


def test_units_are_coloured_by_class_and_the_suppressed_hatched(opened, folder):
    page = opened(folder / "small.html")
    assert _colour_becomes(page, 62.2, 46.2, ["b30000"]) == ["b30000"]
    assert _colour_becomes(page, 60.5, 46.5, ["d9d9d9"]) == ["d9d9d9"], "no data is plain"
    assert len(_colour_at(page, 61.5, 46.2)) > 2, "suppressed has lines"
    assert _colour_at(page, 61.5, 45.45, 4) == ["000000"], "nothing is drawn in a hole"


def test_a_hidden_layer_comes_back_under_the_points(opened, folder):
    page = opened(folder / "small.html")
    area, dark = (62.2, 46.2), ["b30000"]
    assert _colour_becomes(page, *area, dark) == dark
    before = _colour_at(page, 61.2, 45.5, 4)
    page.focus(".leaflet-control-layers-toggle")
    page.keyboard.press("Enter")
    page.get_by_label("by district").press("Space")
    expect(page.locator(".gm-legend")).not_to_contain_text("by district", use_inner_text=True)
    assert _waited_for(page, lambda: _colour_at(page, *area), lambda found: found != dark) != dark
    page.get_by_label("by district").press("Space")
    assert _colour_becomes(page, *area, dark) == dark
    assert _colour_becomes(page, 61.2, 45.5, before, 4) == before


def test_search_finds_names_whatever_their_case_and_marks_and_opens_them(opened, folder):
    page = opened(folder / "small.html")
    page.fill(".gm-input", "косшы")
    assert page.inner_text(".gm-found li").startswith("Қосшы")
    page.fill(".gm-input", "АЛЕШ")
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute(".gm-input", "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    assert page.inner_text(f"#{chosen}").startswith("Алёшино")
    page.keyboard.press("Enter")
    said = page.inner_text(".leaflet-popup")
    assert "Алёшино" in said
    assert "240" in said
    assert "Алёшино" in page.inner_text(".gm [role=status]")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    page.fill(".gm-input", "hospital № 1")
    expect(page.locator(".gm-found")).to_have_text("Nothing has this name.", use_inner_text=True)


def test_a_row_of_the_table_opens_its_unit(opened, folder):
    page = opened(folder / "small.html")
    assert page.query_selector(".gm-rows table") is None, "it is made when it is opened"
    page.click(".gm-data > summary")
    expect(page.locator(".gm-rows tbody tr")).to_have_count(6)
    page.get_by_role("button", name="Guarded").click()
    assert "suppressed" in page.inner_text(".leaflet-popup")
    page.select_option(".gm-data select", "1")
    expect(page.locator(".gm-rows tbody tr")).to_have_count(5)


def test_the_keyboard_moves_the_map(opened, folder):
    page = opened(folder / "small.html")
    before = page.evaluate(f"{THE_MAP}.getCenter().lng")
    page.focus(".leaflet-container")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"before => {THE_MAP}.getCenter().lng > before", arg=before)
    page.get_by_role("button", name="Show the whole map").click()
    page.wait_for_function(f"before => Math.abs({THE_MAP}.getCenter().lng - before) < 0.001", arg=before)


def test_in_a_frame_of_300_pixels_the_cards_fold_away(opened, folder):
    page = opened(folder / "frame.html", 320, 320)
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-overlay-pane canvas").wait_for()
    expect(frame.locator(".gm-sections")).to_be_hidden()
    expect(frame.locator(".gm-input")).to_be_hidden()
    assert frame.locator(".leaflet-container").bounding_box()["height"] > 150
    frame.locator(".gm-legend > summary").click()
    expect(frame.locator(".gm-sections")).to_be_visible()
    frame.locator(".gm-legend > summary").click()
    frame.get_by_role("button", name="Search by name").click()
    expect(frame.locator(".gm-input")).to_be_visible()
    inside = page.frames[1]
    assert inside.evaluate("document.documentElement.scrollWidth") <= 300


def test_targets_are_large_enough_on_a_phone(opened, folder):
    page = opened(folder / "small.html", 320, 640)
    small = page.eval_on_selector_all(
        ".gm a, .gm button, .gm summary, .gm input, .gm select",
        """all => all.filter(one => one.checkVisibility()).map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 24 || box.height < 24)).map(([html]) => html)""",
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_print_has_the_map_the_legend_and_the_notes_and_no_controls(opened, folder):
    page = opened(folder / "small.html", 360, 640)
    expect(page.locator(".gm-sections")).to_be_hidden()
    page.emulate_media(media="print")
    page.wait_for_selector(".gm-sheet")
    expect(page.locator(".gm-sections")).to_be_visible()
    assert page.is_visible(".gm-notes")
    assert page.is_visible(".leaflet-control-scale")
    assert page.is_hidden(".leaflet-control-zoom")
    assert page.is_hidden(".gm-input")
    assert page.locator(".gm").bounding_box()["width"] > 1_000
    page.emulate_media(media="screen")
    page.wait_for_selector(".gm-sheet", state="detached")
    expect(page.locator(".gm-sections")).to_be_hidden()
    assert page.locator(".gm").bounding_box()["width"] == 360


def test_a_printed_page_has_its_words_as_text(opened, folder):
    page = opened(folder / "small.html")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") == 1, "it fits one page"


def test_ten_thousand_villages_are_drawn_and_found(opened, tmp_path):
    path = tmp_path / "large.html"
    folium_map(large_picture(200, 10_000)).save(path)
    assert path.stat().st_size < 1_500_000
    page = opened(path)
    page.wait_for_selector(".leaflet-overlay-pane canvas")
    assert page.locator(".gm-legend").inner_text().count("\n") > 8
    page.fill(".gm-input", "Village 9999")
    expect(page.locator(".gm-found li")).to_have_count(1)
    page.keyboard.press("Enter")
    assert "Village 9999" in page.inner_text(".leaflet-popup")


def test_a_base_map_is_asked_for_only_where_one_is_configured(browser, tmp_path):
    path = tmp_path / "tiles.html"
    tiles = BaseMap(
        "https://tiles.example.org/{z}/{x}/{y}.png", "© <a href='https://example.org'>Somebody</a>"
    )
    folium_map(small_picture(), tiles=tiles).save(path)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-tile-pane .leaflet-tile-container", state="attached")
    others = _waited_for(
        page, lambda: [one for one in asked if not one.startswith(("file:", "data:"))], lambda found: found
    )
    assert others
    assert all(one.startswith("https://tiles.example.org/") for one in others)
    assert "© Somebody" in page.inner_text(".gm-footer")
    context.close()


@pytest.mark.parametrize(
    "url", ["https://tiles.example.org/{z}/{x}.png", "ftp://a/{z}/{x}/{y}", "//a/{z}/{x}/{y}"]
)
def test_a_base_map_that_no_tile_can_be_had_from_is_refused(url):
    with pytest.raises(InputError, match="base map"):
        BaseMap(url, "Somebody")


@pytest.mark.parametrize("language", [Language.RU, Language.KK])
def test_the_buttons_speak_the_language_of_the_map(opened, tmp_path, language):
    path = tmp_path / "map.html"
    folium_map(small_picture(language)).save(path)
    page = opened(path)
    words = {
        Language.RU: ("Легенда", "Приблизить", "км"),
        Language.KK: ("Шартты белгілер", "Жақындату", "км"),
    }
    legend, zoom, km = words[language]
    assert legend in page.inner_text(".gm-legend")
    assert page.get_by_role("button", name=zoom).is_visible()
    assert page.inner_text(".leaflet-control-scale").endswith(km)


def test_in_a_notebook_a_map_shows_itself(opened, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(f"<meta charset=utf-8>{folium_map(small_picture())._repr_html_()}", encoding="utf-8")
    page = opened(path, allowed=("file:", "data:", "about:srcdoc"))
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-overlay-pane canvas").wait_for()
    assert QUOTED in frame.locator("h1").inner_text()


def _page_of_its_own(picture):
    """A page that draws a picture itself, in an element that is hidden at first."""
    data = script_text(
        {
            "picture": picture_json(picture),
            "shapes": {one.level.value: shapes_json(one) for one in picture.areas},
            "said": viewer_words(picture.language),
        }
    )
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
        <style>{inlined_styles()}</style><script>{inlined_script()}</script></head>
        <body><main><h1>A page</h1><div id="hidden" hidden><div id="place" style="height:400px"></div></div></main>
        <script type="application/json" id="data">{data}</script>
        <script>
            const {{ picture, shapes, said }} = JSON.parse(document.getElementById("data").textContent), chosen = [];
            const handle = GeoMap.draw(document.getElementById("place"), picture, shapes, said, {{ title: false, table: false }});
            handle.on("select", (id, more) => chosen.push([id, more]));
        </script></body></html>"""


def test_a_page_can_hold_the_map_and_follow_it(opened, tmp_path):
    path = tmp_path / "own.html"
    path.write_text(_page_of_its_own(small_picture()), encoding="utf-8")
    page = opened(path)
    page.evaluate("document.getElementById('hidden').hidden = false")
    page.wait_for_function("handle.map.getSize().x > 500 && handle.map.getZoom() > 5")
    assert page.evaluate("handle.map.getBounds().contains([[45, 60], [47, 63]])"), "it fits once it is shown"
    assert page.locator("main").count() == 1
    assert page.locator(".gm h1, .gm-data").count() == 0
    assert page.evaluate("handle.select('V3')")
    assert "960" in page.inner_text(".leaflet-popup")
    assert page.evaluate("handle.select('nothing')") is False
    assert page.evaluate("chosen") == [], "the page knows what it chose itself"
    page.fill(".gm-input", "abai")
    page.keyboard.press("Enter")
    assert page.evaluate("chosen") == [["D1", {"layer": 0, "label": "Abai"}]]
    page.evaluate("handle.point('D2'); handle.point(null); handle.show(0, false)")
    expect(page.locator(".gm-legend")).not_to_contain_text("by district", use_inner_text=True)
    page.evaluate("handle.destroy()")
    assert page.inner_html("#place") == ""


def test_a_country_on_both_sides_of_the_antimeridian_stands_in_one_piece(opened, tmp_path):
    path = tmp_path / "own.html"
    picture = small_picture()
    areas = picture.areas[0]
    across = areas.geometry.affine_transform([1, 0, 0, 1, 118.5, 0])
    moved = across.intersection(box(178, 45, 180, 47)).union(
        across.intersection(box(180, 45, 182, 47)).affine_transform([1, 0, 0, 1, -360, 0])
    )
    picture = replace(picture, layers=(replace(areas, geometry=moved),), bounds=(178.5, 45.0, -178.5, 47.0))
    path.write_text(_page_of_its_own(picture), encoding="utf-8")
    page = opened(path)
    page.evaluate("document.getElementById('hidden').hidden = false")
    page.wait_for_function("handle.map.getSize().x > 500 && handle.map.getZoom() > 5")
    page.evaluate("window.theMap = handle.map")
    assert _colour_becomes(page, 181.2, 46.2, ["b30000"], 4) == ["b30000"]
    assert _colour_becomes(page, 179, 46.5, ["d9d9d9"], 4) == ["d9d9d9"]


def test_a_map_fills_the_screen_and_leaves_it(opened, folder):
    page = opened(folder / "small.html")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.matches('.gm')")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement === null")


def test_a_tap_opens_what_is_under_the_finger_or_nearest_to_it(browser, folder):
    context = browser.new_context(
        offline=True, viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto((folder / "small.html").as_uri())
    place = f"""([x, y]) => {{
        const at = {THE_MAP}.latLngToContainerPoint([y, x]), box = {THE_MAP}.getContainer().getBoundingClientRect();
        return [box.x + at.x, box.y + at.y];
    }}"""
    x, y = page.evaluate(place, [60.8, 45.5])
    page.touchscreen.tap(x + 9, y)
    assert "240" in page.inner_text(".leaflet-popup"), "a village of 4 pixels was missed by 5"
    page.locator(".leaflet-popup-close-button").tap()
    page.wait_for_selector(".leaflet-popup", state="detached")
    page.touchscreen.tap(*page.evaluate(place, [61.5, 46.5]))
    assert "Guarded" in page.inner_text(".leaflet-popup")
    context.close()


def test_a_small_map_says_its_first_warning_and_the_others_below_about_this_map(opened, folder):
    page = opened(folder / "small.html", 360, 480)
    assert [one.is_visible() for one in page.locator(".gm-title > .gm-notes p").all()] == [True, False]
    page.click(".gm-about > summary")
    expect(page.locator(".gm-about .gm-notes")).to_have_text(
        "Straight line, not by road.", use_inner_text=True
    )
    page.set_viewport_size({"width": 1100, "height": 760})
    page.wait_for_selector(".gm:not(.gm-small)")
    assert [one.is_visible() for one in page.locator(".gm-title > .gm-notes p").all()] == [True, True]
    expect(page.locator(".gm-about .gm-notes")).to_be_hidden()


def test_names_are_light_on_dark_areas_and_dark_on_light_ones(opened, tmp_path):
    path = tmp_path / "names.html"
    folium_map(large_picture(12, 10)).save(path)
    page = opened(path)
    page.wait_for_selector("canvas.leaflet-zoom-hide")
    fills = page.evaluate(
        """() => {
            const names = document.querySelector("canvas.leaflet-zoom-hide"), found = [];
            names.getContext("2d").fillText = function (text) { found.push([text, this.fillStyle]); };
            MAP.fire("moveend");
            const dark = [];
            MAP.eachLayer((one) => one.entry?.isArea && one.entry.shown.colour === "#b30000" && dark.push(one.entry.label));
            return found.map(([text, fill]) => [fill, dark.includes(text)]);
        }""".replace("MAP", THE_MAP)
    )
    assert {tuple(one) for one in fills} == {("#ffffff", True), ("#1f2a37", False)}


@pytest.mark.parametrize("width", [690, 1046])
def test_a_map_that_is_part_of_a_page_is_printed_as_wide_as_its_box(opened, tmp_path, width):
    path = tmp_path / "own.html"
    path.write_text(_page_of_its_own(small_picture()), encoding="utf-8")
    page = opened(path)
    page.evaluate("document.getElementById('hidden').hidden = false")
    page.wait_for_function("handle.map.getZoom() > 5")
    page.evaluate(f"document.getElementById('place').style.width = '{width}px'")
    page.emulate_media(media="print")
    page.wait_for_selector(".gm-sheet")
    assert page.locator(".gm").bounding_box()["width"] == width
    sheet, legend, place = (page.locator(one).bounding_box() for one in (".gm-sheet", ".gm-legend", "#place"))
    assert sheet["width"] + (legend["width"] if legend["x"] > sheet["x"] else 0) == pytest.approx(
        width, abs=2
    )
    assert legend["x"] >= sheet["x"] + sheet["width"] - 1 or legend["y"] >= sheet["y"] + sheet["height"] - 1
    assert legend["y"] + legend["height"] <= place["y"] + place["height"], "nothing is cut off"
    page.emulate_media(media="screen")
    page.wait_for_selector(".gm-sheet", state="detached")
    assert page.locator("#place").bounding_box()["height"] == 400
