"""A report as one HTML file: what it says to programs, and to people before a real Chromium without a network."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import numpy as np
import pytest
import shapely
from axe_playwright_python.sync_playwright import Axe
from browser import PHONE, SCREEN, artefacts, chromium_of
from lxml import etree
from lxml import html as markup
from map_pictures_for_tests import BRACES, HOSTILE, QUOTED, large_picture, small_picture
from pypdf import PdfReader
from report_samples import sample_report

from geo_service.errors import InputError, MissingExtraError
from geo_service.report.document import ChartBlock, MapBlock, Section
from geo_service.report.html import csp_of, html_bytes
from geo_service.report.numbering import numbered

pytestmark = pytest.mark.xdist_group("report in a browser")

LANGUAGES = ("en", "ru", "kk")
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
IS_DRAWN = "() => [...document.querySelectorAll('[data-map]')].every(one => one.querySelector('canvas'))"


@pytest.fixture(scope="module")
def written():
    return {language: html_bytes(sample_report(language)) for language in LANGUAGES}


@pytest.fixture(scope="module")
def pages(written):
    parser = markup.HTMLParser(encoding="utf-8")
    return {language: markup.document_fromstring(page, parser=parser) for language, page in written.items()}


def with_maps(*pictures):
    """The sample, with a section of these maps in the place of its own."""
    report = sample_report()
    maps = [MapBlock(f"map-{at}", (picture.title,), picture=picture) for at, picture in enumerate(pictures)]
    return replace(report, sections=numbered([Section("maps", "Maps", tuple(maps))]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language_title_and_banners_and_has_one_first_heading(pages, language):
    page, report = pages[language], sample_report(language)
    assert page.get("lang") == language
    assert [one.text_content() for one in page.iter("h1")] == [report.title]
    assert page.findtext("head/title") == f"{report.title}: {report.subtitle}"
    assert [one.text for one in page.xpath("//*[@class='banners']/p")] == list(report.banners)
    assert page.xpath("//meta[@name='dcterms.date']")[0].get("content") == "2024-01-31"


def test_headings_follow_the_nesting_of_sections_and_the_contents_link_to_each(pages):
    page = pages["en"]
    headings = [(one.tag, one.text) for one in page.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert headings == [
        ("h1", "Mobility Tracking Matrix"),
        ("h2", "Summary"),
        ("h2", "Groups"),
        ("h3", "Labour migrants"),
        ("h2", "Maps"),
    ]
    links = [(one.get("href"), one.text) for one in page.xpath("//nav//a")]
    assert links == [
        ("#summary", "Summary"),
        ("#groups", "Groups"),
        ("#labour", "Labour migrants"),
        ("#maps", "Maps"),
    ]
    assert all(page.get_element_by_id(href[1:]).tag == "section" for href, _ in links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_in_print_names_its_cell(pages, language):
    report = sample_report(language)
    said = {
        (one.get("data-cell"), one.get("value"), one.text) for one in pages[language].xpath("//main//data")
    }
    hidden = {
        (one.get("data-cell"), one.get("data-state"), one.text)
        for one in pages[language].xpath("//main//*[@data-state]")
    }
    figures = list(report.figures())
    known = {one for one in figures if one.is_known}
    assert {(cell, float(value), text) for cell, value, text in said} == {
        (f"{one.table}#{one.row}.{one.column}", one.value, one.text) for one in known
    }
    assert hidden == {
        (f"{one.table}#{one.row}.{one.column}", one.state.value, one.text) for one in set(figures) - known
    }
    assert "labour_migrants_top_countries#0.individuals" in {cell for cell, _, _ in said}
    assert hidden


def test_a_table_has_a_caption_and_headings_of_its_rows_and_columns(pages):
    [table] = pages["ru"].xpath("//table[@data-table]")
    assert table.find("caption").text_content() == "Таблица 1. The largest countries"
    assert [one.text for one in table.xpath("thead//th[@scope='col']")] == ["Country", "Individuals", "Share"]
    assert [one.text for one in table.xpath("tbody//th[@scope='row']")] == [
        "Узбекистан",
        "Российская Федерация",
        "Кыргызстан",
    ]
    assert [one.text_content() for one in table.xpath("tbody/tr[1]/td")] == [
        "491\xa0284",
        "76,8\xa0%",
    ]


def test_each_chart_says_itself_in_words_and_has_its_figures_in_a_table(pages):
    report = sample_report()
    charts = [one for one in report.blocks() if isinstance(one, ChartBlock)]
    assert len(charts) == 5
    for block in charts:
        figure = pages["en"].get_element_by_id(block.anchor)
        drawings = figure.xpath("*[@class='drawing']/svg")
        assert [one.get("class") for one in drawings] == ["wide", "narrow"]
        for drawn in drawings:
            assert drawn.get("role") == "img"
            described = [
                pages["en"].get_element_by_id(drawn.get(name)).text_content()
                for name in ("aria-labelledby", "aria-describedby")
            ]
            assert described == [f"A chart of {block.anchor}", block.description]
        in_table = [one.text for one in figure.xpath("details//table//*[@data-cell]")]
        shown = [one for series in block.chart.series for one in series.figures]
        assert sorted(in_table) == sorted(one.text for one in [*shown, *block.chart.beside])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_id_is_there_twice_and_no_link_leads_nowhere(pages, language):
    page = pages[language]
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(set(ids)) == len(ids)
    asked = {one.get(name) for one in page.iter() for name in ("href", "xlink:href") if one.get(name)}
    assert {one[1:] for one in asked if one.startswith("#")} <= set(ids)
    raw = etree.tostring(page, encoding="unicode", method="html")
    assert set(re.findall(r'"url\(#([^)]+)\)"', raw)) - {"default#VML"} <= set(ids)
    named = {
        one.get(name)
        for one in page.iter()
        for name in ("aria-labelledby", "aria-describedby")
        if one.get(name)
    }
    assert named <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_asked_of_another_host(pages, language):
    loading = {"src", "srcset", "poster", "data", "action", "formaction", "background"}
    for one in pages[language].iter():
        for name in loading & set(one.attrib):
            assert not re.match(r"(https?:)?//", one.get(name)), one.get(name)
    assert [one.get("href") for one in pages[language].iter("link")] == ["data:,"]
    styles = pages[language].findtext("head/style")
    assert set(re.findall(r"url\(([^):]*)", styles)) == {"data"} or "#default#VML" in styles
    assert "@import" not in styles


def test_texts_of_people_never_become_markup(pages):
    page = pages["en"]
    assert (
        "<script>alert(1)</script> & not measured"
        in page.xpath("//section[@id='summary']/p")[1].text_content()
    )
    assert not page.xpath(
        "//img | //main//b[not(ancestor::figcaption or ancestor::caption)] | //*[@onerror or @style]"
    )
    running = [one for one in page.iter("script") if one.get("type") != "application/json"]
    assert len(running) == 1
    assert HOSTILE in page.get_element_by_id("map-one").text_content()


def test_a_name_in_a_chart_stays_text():
    report = sample_report()
    block = next(one for one in report.blocks() if isinstance(one, ChartBlock))
    chart = replace(block.chart, categories=(HOSTILE, BRACES, QUOTED))
    block = replace(block, chart=chart, caption=(HOSTILE,), description=HOSTILE)
    made = html_bytes(replace(report, sections=numbered([Section("one", QUOTED, (block,))])))
    page = markup.document_fromstring(made)
    assert not page.xpath("//img | //*[@onerror]")
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//details//tbody//th")[1].text == BRACES
    assert page.xpath("//svg/desc")[0].text == HOSTILE


def test_a_banner_in_the_margin_of_paper_cannot_leave_its_place():
    report = replace(sample_report(), banners=('Made up"; } </style><script>alert(1)</script> \\',))
    page = markup.document_fromstring(html_bytes(report))
    assert len(page.findall("head/style")) == 1
    assert "alert(1)" in page.xpath("//*[@class='banners']/p")[0].text
    assert r"\22 ; \7d  \3c \2f style\3e " in page.findtext("head/style")


def test_the_same_report_makes_the_same_bytes(written):
    assert all(html_bytes(sample_report(language)) == page for language, page in written.items())


def test_the_policy_names_the_one_script_and_the_one_style_of_the_page(written, pages):
    said = csp_of(written["en"])
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-\S{44}'; style-src 'sha256-\S{44}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'",
        said,
    )
    assert "unsafe" not in said
    meta = pages["en"].xpath("//meta[@http-equiv]")[0]
    assert meta.get("content") == said
    with pytest.raises(InputError, match="no content security policy"):
        csp_of(b"<!DOCTYPE html><title>Another page</title>")


def test_what_is_missing_is_said_with_the_extra_that_has_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "geo_service.report.html.page", None)
    with pytest.raises(MissingExtraError, match="report"):
        html_bytes(sample_report())


def test_polygons_stand_in_the_page_once_however_many_maps_show_them():
    pictures = [replace(large_picture(20, 0, seed=seed), name=f"map_{seed}") for seed in range(10)]
    one, ten = (html_bytes(with_maps(*some)).decode() for some in (pictures[:1], pictures))
    assert ten.count('"level":"district","ids"') == 1
    assert ten.count("<path id=") == one.count("<path id=") == 20
    assert len(ten) < len(one) + 10 * 10_000
    page = markup.document_fromstring(ten)
    assert {len(figure.findall(".//use")) for figure in page.xpath("//*[@class='still']")} == {20}


def test_maps_of_other_units_have_their_own_polygons():
    page = html_bytes(with_maps(large_picture(20, 0), large_picture(12, 30))).decode()
    assert page.count('"level":"district","ids"') == 2
    assert page.count("<path id=") == 32
    assert '"shapes":{"district":"district1"}' in page


def test_a_country_on_both_sides_of_the_antimeridian_stands_side_by_side():
    picture = small_picture()
    districts, villages, hospitals = picture.layers
    there = districts.geometry.translate(118.5)
    districts = replace(
        districts, geometry=there.map(lambda one: shapely.transform(one, around)).set_crs(4326)
    )
    villages = replace(
        villages,
        geometry=villages.geometry.translate(118.5)
        .map(lambda one: shapely.transform(one, around))
        .set_crs(4326),
    )
    picture = replace(picture, layers=(districts, villages, hospitals), bounds=(178.5, 45.0, -178.5, 47.0))
    page = markup.document_fromstring(html_bytes(with_maps(picture)))
    [still] = page.xpath("//*[@class='still']/svg")
    left, _, width, _ = map(float, still.get("viewbox").split())
    assert 178_000 < left < 179_000
    assert 3_000 < width < 3_100
    assert all(left < float(one.get("cx")) < left + width for one in still.xpath(".//circle"))
    starts = [
        float(re.match(r"M(\d+) ", one.get("d"))[1]) for one in page.xpath("//svg[@class='outlines']//path")
    ]
    assert all(left < one < left + width for one in starts)


def around(places):
    """Longitudes east of 180 degrees as those west of it."""
    return np.column_stack([np.where(places[:, 0] > 180, places[:, 0] - 360, places[:, 0]), places[:, 1]])


def test_a_report_without_maps_brings_no_viewer():
    report = sample_report()
    page = html_bytes(replace(report, sections=report.sections[:1]))
    assert b"Leaflet" not in page
    assert len(page) < 200_000


@pytest.fixture(scope="module")
def folder(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    for language, page in written.items():
        (folder / f"report-{language}.html").write_bytes(page)
    return folder


@pytest.fixture(scope="module")
def browser(chromium):
    with chromium_of(chromium) as browser:
        yield browser


@pytest.fixture
def opened(browser, folder):
    contexts, wrong = [], []

    def visit(language="en", size=SCREEN, **options):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            offline=True,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda one: wrong.append(one.text) if one.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda one: asked.append(one.url))
        asked: list[str] = []
        page.goto((folder / f"report-{language}.html").as_uri())
        wrong.extend(one for one in asked[1:] if not one.startswith("data:"))
        page.on("request", lambda one: one.url.startswith("data:") or wrong.append(one.url))
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.chromium
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_breaks_a_rule_of_wcag_and_no_page_is_wider_than_a_telephone(opened, folder, language):
    page = opened(language)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.locator("[data-map]").scroll_into_view_if_needed()
    page.wait_for_function(IS_DRAWN)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    page.screenshot(path=str(artefacts(folder) / f"report-{language}.png"), full_page=True)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function(
        "most => document.documentElement.scrollWidth <= most", arg=PHONE[0], timeout=10_000
    )
    assert page.locator(".drawing svg.narrow >> visible=true").count() == 5
    assert page.locator(".drawing svg.wide >> visible=true").count() == 0
    page.screenshot(path=str(artefacts(folder) / f"report-{language}-narrow.png"), full_page=True)


@pytest.mark.chromium
def test_a_map_is_drawn_when_it_comes_near_and_answers_a_click_and_a_search(opened):
    page = opened("kk")
    place = page.locator("[data-map]")
    assert place.locator("canvas").count() == 0
    assert (
        place.locator(".still svg[role=img]").get_attribute("aria-label").startswith("Households over 25 km")
    )
    place.scroll_into_view_if_needed()
    place.locator("canvas").first.wait_for(state="attached")
    box = place.locator(".gm-map").bounding_box()
    place.locator(".gm-map").click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.4})
    place.locator(".leaflet-popup .gm-said strong").wait_for()
    place.locator("input[role=combobox]").fill("алешино")
    place.locator("[role=option]").first.click()
    place.locator(".leaflet-popup strong", has_text="Алёшино").wait_for()


@pytest.mark.chromium
def test_a_wheel_over_a_map_scrolls_the_page_until_the_map_was_clicked(opened):
    page = opened()
    place = page.locator("[data-map]")
    place.scroll_into_view_if_needed()
    page.wait_for_function(IS_DRAWN)
    scale = place.locator(".leaflet-control-scale-line")
    before = scale.text_content()
    place.locator(".gm-map").hover(position={"x": 200, "y": 60})
    was = page.evaluate("scrollY")
    page.mouse.wheel(0, -200)
    page.wait_for_function("was => scrollY < was", arg=was)
    assert scale.text_content() == before
    place.scroll_into_view_if_needed()
    place.locator(".gm-map").click(position={"x": 200, "y": 60})
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        "before => document.querySelector('.leaflet-control-scale-line').textContent !== before",
        arg=before,
    )


@pytest.mark.chromium
def test_a_service_can_send_the_page_with_its_own_policy_as_a_header(browser, written):
    said = f"{csp_of(written['ru'])}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": said, "Content-Type": "text/html; charset=utf-8"}
    context = browser.new_context()
    page = context.new_page()
    wrong = []
    page.on("console", lambda one: wrong.append(one.text))
    page.on("request", lambda one: wrong.append(one.url) if not one.url.startswith("data:") else None)
    page.route("**/*", lambda route: route.fulfill(body=written["ru"], headers=headers))
    page.goto("http://service.test/reports/3.html")
    page.locator("[data-map]").scroll_into_view_if_needed()
    page.wait_for_function(IS_DRAWN)
    context.close()
    assert wrong == ["http://service.test/reports/3.html"]


@pytest.mark.chromium
def test_the_contents_lead_to_sections_and_say_which_is_read(opened):
    page = opened("ru")
    page.locator("nav a", has_text="Labour migrants").click()
    page.wait_for_function("location.hash === '#labour'")
    page.wait_for_function("Math.abs(document.getElementById('labour').getBoundingClientRect().top) < 40")
    page.wait_for_function("document.querySelector('nav a[aria-current]')?.textContent === 'Labour migrants'")


@pytest.mark.chromium
def test_the_first_key_leads_past_the_contents_to_the_text(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'text_'")


@pytest.mark.chromium
def test_who_runs_no_scripts_sees_still_maps_with_their_legend(opened):
    page = opened(size=PHONE, java_script_enabled=False)
    still = page.locator(".still svg[role=img]")
    assert still.bounding_box()["height"] > 150
    assert page.locator(".still .key li").count() == 9
    assert page.locator(".still .key").is_visible()


@pytest.mark.chromium
def test_numbers_of_all_languages_are_in_the_typeface_of_the_page(opened):
    page = opened("kk")
    faces = page.evaluate(
        "document.fonts.ready.then(all => [...all].filter(one => one.status === 'loaded').map(one => one.weight))"
    )
    assert sorted(faces) == ["400", "600", "700"]
    assert page.evaluate("document.fonts.check('700 20px \"Source Sans Pro\"', 'ӘәҒғҚқҢңӨөҰұҮүҺһІі')")


@pytest.mark.chromium
def test_paper_is_a4_says_the_banner_on_each_page_and_has_the_maps(opened, tmp_path):
    page = opened()
    assert page.locator("[data-map] canvas").count() == 0
    file = tmp_path / "report.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    assert page.locator("[data-map] canvas").count() > 0
    printed = PdfReader(file).pages
    assert {tuple(round(one / 72 * 25.4) for one in sheet.mediabox[2:]) for sheet in printed} == {(210, 297)}
    texts = [" ".join(sheet.extract_text().split()) for sheet in printed]
    assert all("Synthetic data: made up, not surveyed" in one for one in texts)
    assert f"Page 2 of {len(texts)}" in texts[1]
    assert "491,284" in texts[1]
    [with_map] = [
        sheet
        for sheet, text in zip(printed, texts, strict=True)
        if "Households beyond 25 km, by district" in text
    ]
    assert len(with_map.images) >= 1
