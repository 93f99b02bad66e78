"""The pages for people by the rules of WCAG 2.2 AA: axe-core in a real browser, and what it does not look at."""

from __future__ import annotations

import os
from functools import partial

import pytest
from api_world import world  # noqa: F401 - a fixture
from axe_playwright_python.sync_playwright import Axe
from browser import PHONE, SCREEN, artefacts, chromium_of, served_site, visiting

from geo_service.api.security.roles import Role

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("people in a browser")]

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
ACCESS = "ask=access&service=hospital&basis=measured&beyond_km=25"
MAP = "/maps/access.html?service=hospital&basis=measured&beyond_km=25"
PAGES = {
    Role.PUBLIC: {
        "planner": f"/?{ACCESS}",
        "mobility": "/?ask=mobility&group=returnees&by=district",
        "map": "/maps/concentration.html?group=emigrants&by=district",
        "sign-in": "/sign-in",
        "answer": "/mobility/concentration?group=emigrants&by=district&f=html",
        "problem": "/?service=nothing",
    },
    Role.ANALYST: {"planner": f"/?{ACCESS}", "map": MAP},
    Role.EDITOR: {"upload": "/uploads/new"},
}
LANGUAGES = ("en", "ru", "kk")
TARGET_PX = 24
SCREEN_SIZE, PHONE_SIZE = ({"width": width, "height": height} for width, height in (SCREEN, PHONE))
LOOKED_AT = "GEO_SERVICE_TEST_ARTEFACTS" in os.environ
"""Whether somebody wants to look at every page."""

_FOCUSABLE = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0 && !one.disabled && one.type !== "hidden")
  // A Tab stops at one button of a group.
  .filter((one, at, all) => one.type !== "radio" || one.checked || !all.some(other => other.name === one.name && other.checked))
"""
_LOOKS = """
one => {
  const style = getComputedStyle(one);
  return [style.outlineStyle === "none" ? "" : style.outlineStyle + style.outlineWidth + style.outlineColor,
          style.boxShadow, style.borderColor, style.backgroundColor].join("|");
}
"""
_REMEMBER = f"() => {{ const looks = {_LOOKS}; ({_FOCUSABLE})().forEach((one, at) => {{ one.dataset.stop = at; one.dataset.looks = looks(one); }}); }}"
_STOP = f"""
() => {{
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const looks = {_LOOKS}, box = one.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {{
    at: one.dataset.stop ?? one.outerHTML.slice(0, 100),
    name: one.outerHTML.slice(0, 120),
    isSeen: looks(one) !== one.dataset.looks,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isCovered: !(middle && (one.contains(middle) || middle.contains(one))),
    inMap: !!one.closest(".leaflet-container"),
  }};
}}
"""
_SMALL = f"""
least => ({_FOCUSABLE})().filter(one => !one.matches("a") || one.closest(".leaflet-control"))
  .map(one => [one.closest("label")?.getBoundingClientRect() ?? one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  // What is hidden until it has the focus is one pixel wide.
  .filter(([box]) => box.width > 1 && (box.width < least || box.height < least))
  .map(([box, html]) => `${{Math.round(box.width)}}x${{Math.round(box.height)}} ${{html}}`)
"""
_UNNAMED_MAPS = """
() => [...document.querySelectorAll(".leaflet-container")].filter(one => {
  const near = one.closest("[aria-label], [aria-labelledby]") ?? one;
  const words = ["aria-label"].map(name => near.getAttribute(name) ?? "");
  for (const name of ["aria-labelledby", "aria-describedby"])
    for (const holder of [near, one])
      for (const id of (holder.getAttribute(name) ?? "").split(" ").filter(Boolean))
        words.push(document.getElementById(id)?.textContent ?? "");
  return words.join(" ").trim().length < 40;
}).map(one => one.outerHTML.slice(0, 200))
"""


@pytest.fixture(scope="module")
def visit(chromium, world, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("accessibility")
    with served_site(world, folder) as site, chromium_of(chromium) as browser:
        yield partial(visiting, browser, site, artefacts(folder))


def with_language(path, language):
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def broken(page):
    """What breaks the rules: which, where and what stands there."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {'; '.join(f'''{node['target']} {node['html'][:160]} {node['failureSummary'][:200]}''' for node in one['nodes'][:3])}"
        for one in found
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", PAGES)
def test_no_page_breaks_a_rule_of_wcag_and_each_says_its_language(visit, role, language):
    wrong = {}
    name = f"accessibility-{role}-{language}"
    with visit(name, role=role, language=language, expected="400 .Bad Request.") as seen:
        for called, path in PAGES[role].items():
            page = seen.open(with_language(path, language))
            found = broken(page)
            if LOOKED_AT:
                seen.shot(called, whole=True)
            found += [f"a map without words: {one}" for one in page.evaluate(_UNNAMED_MAPS)]
            found += [f"too small: {one}" for one in page.evaluate(_SMALL, TARGET_PX)]
            if page.locator("html").get_attribute("lang") != language:
                found.append(f"lang={page.locator('html').get_attribute('lang')}")
            if page.locator("h1").count() != 1:
                found.append(f"{page.locator('h1').count()} h1")
            page.set_viewport_size(PHONE_SIZE)
            if (width := seen.width(PHONE[0])) > PHONE[0]:
                found.append(f"on a phone it is {width} px wide")
            if LOOKED_AT:
                seen.shot(f"{called}-narrow", whole=True)
            page.set_viewport_size(SCREEN_SIZE)
            if found:
                wrong[called] = found
    assert wrong == {}


@pytest.mark.parametrize("path", [f"/?{ACCESS}", MAP, "/uploads/new"])
def test_a_keyboard_reaches_everything_shows_where_it_is_and_is_trapped_nowhere(visit, path):
    with visit("keyboard", role=Role.EDITOR) as seen:
        page = seen.open(with_language(path, "en"))
        page.evaluate(_REMEMBER)
        there = set(range(page.evaluate(f"({_FOCUSABLE})().length")))
        stops = []
        for _ in range(len(there) + 20):
            page.keyboard.press("Tab")
            stop = page.evaluate(_STOP)
            if stop is None:
                break
            stops.append(stop)
        seen.shot("last-stop")
    assert stops, "nothing can be reached"
    assert stop is None, f"Tab never leaves the page; it ended at {stops[-1]['name']}"
    assert [one["name"] for one in stops if not one["isSeen"]] == [], "focus is not seen"
    assert [one["name"] for one in stops if not one["isInView"]] == [], "focus is out of view"
    assert [one["name"] for one in stops if one["isCovered"]] == [], "focus is behind something"
    missed = there - {int(one["at"]) for one in stops if str(one["at"]).isdigit()}
    assert missed == set()


def test_the_page_on_a_phone_breaks_no_rule_of_wcag(visit):
    with visit("accessibility-phone", role=Role.ANALYST, size=PHONE) as seen:
        page = seen.open("/?lang=kk")
        assert broken(page) == []
        page.locator("#ask > summary").click()
        assert broken(page) == []
        assert page.evaluate(_SMALL, TARGET_PX) == []
