"""What people come for, each to its end in a real browser: a planner, the public, a phone without a mouse, a browser without scripts."""

from __future__ import annotations

import re
from functools import partial

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from api_world import VILLAGES, world  # noqa: F401 - a fixture
from browser import PHONE, artefacts, chromium_of, served_site, visiting
from playwright.sync_api import expect
from uploads import sites

from geo_service.api.security.roles import Role

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("people in a browser")]

REGION = "KAZ902"
LONG_MS = 150_000
_ROWS = """
id => [...document.querySelectorAll(`#${id} tbody tr`)].map(row => [row.dataset.id, ...[...row.cells].map(cell => cell.textContent.trim())])
"""


@pytest.fixture(scope="module")
def visit(chromium, world, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("journeys")
    with served_site(world, folder) as site, chromium_of(chromium) as browser:
        yield partial(visiting, browser, site, artefacts(folder))


def rows(page, table="communities"):
    """The id and the cells of each row."""
    return page.evaluate(_ROWS, table)


def column(page, heading, table="communities"):
    """The numbers of a column."""
    headings = page.locator(f"#{table} thead th").all_inner_texts()
    at = next(at for at, one in enumerate(headings) if one.startswith(heading))
    return [number(row[at + 1]) for row in rows(page, table)]


def number(text):
    digits = re.sub(r"[^\d]", "", text)
    return int(digits) if digits else None


def chosen(seen, name, value):
    """Choose in the form, and wait for the answer."""
    page = seen.page
    with page.expect_response(lambda answer: f"{name}={value}" in answer.url and "/?" in answer.url):
        page.locator(f"select[name={name}]").select_option(value)
    seen.settled()


def test_a_planner_finds_the_communities_without_a_hospital_and_takes_them_away(visit):
    with visit("planner", role=Role.ANALYST) as seen:
        page = seen.open("/?lang=en")
        page.locator("#planner-map canvas").first.wait_for()
        seen.shot("1-first")
        chosen(seen, "service", "hospital")
        chosen(seen, "adm", REGION)
        page.locator("#planner-map canvas").first.wait_for()
        seen.shot("2-region", whole=True)
        if page.locator("nav.pages a").count():
            page.locator("nav.pages a").last.click()
            seen.settled()
        shown = rows(page)
        assert 0 < len(shown) < VILLAGES

        page.locator("#communities thead a", has_text="Households").click()
        seen.settled()
        numbers = [one for one in column(page, "Households") if one is not None]
        assert numbers in (sorted(numbers), sorted(numbers, reverse=True))
        seen.shot("3-sorted", whole=True)

        taken_away(seen, page, shown)
        follows_both_ways(seen, page)
        link = page.locator("#link").input_value()
        found = page.locator("#found").inner_text()
        for language, word in (("ru", "Домохозяйств"), ("kk", "шаруашылық")):
            page.locator(f"a[hreflang={language}]").click()
            seen.settled()
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert word.casefold() in page.locator("main").inner_text().casefold()
            assert [one[0] for one in rows(page)] == [one[0] for one in rows(page)]
            seen.shot(f"6-{language}", whole=True)

        again = seen.open(link)
        assert again.locator("#found").inner_text() == found
        assert {one[0] for one in rows(again)} <= {one[0] for one in shown}
        name = rows(again)[0][1]
        with again.expect_response(re.compile("[?&]q=")):
            again.get_by_label("Search", exact=False).first.fill(name)
        seen.settled()
        assert name in [one[1] for one in rows(again)]
        assert len(rows(again)) < len(shown)
        seen.shot("7-searched")


def taken_away(seen, page, shown):
    """The files have the rows of the page."""
    ids = {one[0] for one in shown}
    section = page.locator("section.take")
    for name in ("Excel", "CSV", "GeoJSON"):
        path = seen.download(section.locator("ul.files").first.get_by_role("link", name=name, exact=True))
        if name == "Excel":
            sheet = openpyxl.load_workbook(path).worksheets[0]
            found = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
            assert ids <= found
        elif name == "CSV":
            frame = pd.read_csv(path, dtype="string", comment="#")
            assert ids <= set(frame.to_numpy(dtype=object, na_value="").ravel())
        else:
            layer = gpd.read_file(path)
            # The id of a village is that of its feature.
            assert set(layer["id"].astype(str)) == ids


def follows_both_ways(seen, page):
    """A row that is clicked is shown on the map, and what is clicked on the map is marked in the table."""
    row = page.locator("#communities tbody tr[data-id]").nth(1)
    one = row.get_attribute("data-id")
    row.locator("td").first.click()
    expect(row).to_have_attribute("aria-current", "true")
    page.locator("#planner-map .leaflet-popup").wait_for()
    seen.shot("4-from-table")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('tr[aria-current]').removeAttribute('aria-current')")
    box = page.locator("#planner-map .leaflet-container, #planner-map.leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("tr[aria-current]").wait_for()
    assert page.locator("tr[aria-current]").get_attribute("data-id") == one, (
        "the map is centred on what was chosen"
    )
    seen.shot("5-from-map")


def test_the_public_sees_no_community_and_which_numbers_are_hidden(visit):
    with visit("public") as seen:
        for path in ("/?ask=access&service=hospital&lang=en", "/maps/gaps.html?service=hospital&lang=en"):
            page = seen.open(path)
            page.locator(".leaflet-container canvas").first.wait_for()
            assert "Synthetic village" not in page.content()
            assert page.locator("#communities").count() == 0
        seen.shot("1-map")
        page = seen.open("/?ask=mobility&group=emigrants&by=district&lang=en")
        seen.shot("2-mobility", whole=True)
        cells = [cell for row in rows(page, "totals") for cell in row[2:]]
        assert any("hidden" in cell.casefold() for cell in cells), cells
        assert "hidden" in page.locator("main .about").inner_text().casefold()
        page.get_by_role("link", name="Sign in").first.click()
        seen.settled()
        page.get_by_label("Token").fill(seen.site.tokens[Role.ANALYST])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(r"^[^?]*/\?.*group=emigrants"))
        page.get_by_role("button", name="Sign out").wait_for()
        seen.settled()
        cells = [cell for row in rows(page, "totals") for cell in row[2:]]
        assert not any("hidden" in cell.casefold() for cell in cells), (
            "an analyst sees all, where they were before"
        )
        seen.shot("3-signed-in", whole=True)


def test_a_phone_without_a_mouse_gets_from_the_form_to_a_community_on_the_map(visit):
    with visit("phone", role=Role.ANALYST, size=PHONE, has_touch=True) as seen:
        page = seen.open("/?lang=en")
        page.locator("#planner-map canvas").first.wait_for()
        seen.shot("1-first", whole=True)
        assert seen.width(PHONE[0]) <= PHONE[0]
        press_until(page, "document.activeElement.matches('#ask > summary')")
        page.keyboard.press("Enter")
        press_until(page, "document.activeElement.id === 'service'")
        with page.expect_response(re.compile("service=school")):
            page.keyboard.type("School")
        seen.settled()
        expect(page.locator("#title")).to_have_text("Communities without a school", use_inner_text=True)
        expect(page.locator("#service"), "focus stays where one was").to_be_focused()
        press_until(page, "document.activeElement.matches('#communities tbody a')")
        seen.shot("2-in-the-table")
        page.keyboard.press("Enter")
        current = page.locator("tr[aria-current]")
        expect(current).to_have_count(1)
        page.wait_for_timeout(600)
        seen.shot("3-on-the-map", whole=True)
        assert seen.width(PHONE[0]) <= PHONE[0]


def press_until(page, condition, most=80):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    raise AssertionError(f"no Tab stop: {condition}")


def test_without_scripts_there_are_the_table_totals_files_a_picture_of_the_map_and_uploads(visit, tmp_path):
    sites(5).to_file(tmp_path / "hospitals.geojson")
    with visit("no-scripts", role=Role.EDITOR, java_script_enabled=False) as seen:
        page = seen.open("/?lang=ru")
        page.locator("select[name=service]").select_option("school")
        page.locator("select[name=adm]").select_option(REGION)
        page.locator("#question button[type=submit]").click()
        page.wait_for_url(re.compile("service=school"))
        assert page.locator("#communities tbody tr").count() > 0
        assert page.locator("#totals tbody tr").count() > 0
        picture = page.locator("noscript img, img.map-picture").first
        picture.scroll_into_view_if_needed()
        seen.settled()
        assert picture.bounding_box()["height"] > 100
        assert picture.get_attribute("alt")
        seen.shot("1-page", whole=True)
        households = page.locator("#communities thead a").nth(1)
        households.click()
        page.wait_for_url(re.compile("sort="))
        path = seen.download(page.locator("section.take ul.files").first.get_by_role("link", name="CSV"))
        assert len(pd.read_csv(path, comment="#")) >= page.locator("#communities tbody tr").count()

        page = seen.open("/uploads/new?lang=ru")
        form = page.locator("form#facilities")
        form.locator("select[name=service]").select_option("hospital")
        form.locator("input[name=file]").set_input_files(tmp_path / "hospitals.geojson")
        form.locator("input[name=check_only]").check()
        form.locator("button[type=submit]").click()
        page.wait_for_url(re.compile("/uploads/[0-9a-f]{32}"))
        page.locator("#status.good, #status.bad").wait_for(timeout=LONG_MS)
        seen.shot("2-checked", whole=True)
        assert page.locator("#status.good").count() == 1
