"""An editor's job in a real browser, to its end: sign in, send a broken round and read why, send a good one, see it on the map. A layer is sent in test_journeys.py."""

from __future__ import annotations

import re
import shutil

import openpyxl
import pandas as pd
import pytest
from browser import artefacts, chromium_of, served_site, visiting
from uploads import made

from geo_service.api.security.roles import Role

__all__ = ["made"]

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("an editor in a browser")]

LONG_MS = 150_000
WRONG = "many"
COLUMN, ROW = "place/village_households", 4


@pytest.fixture(scope="module")
def files(made, tmp_path_factory):
    """A round, the same with a wrong number of households, and a layer of facilities."""
    folder = tmp_path_factory.mktemp("to-send")
    for name in ("B1.xlsx", "B2.xlsx"):
        shutil.copy(made.folder / name, folder / name)
    book = openpyxl.load_workbook(folder / "B2.xlsx")
    sheet = book.worksheets[0]
    at = next(cell.column for cell in sheet[1] if cell.value == COLUMN)
    sheet.cell(ROW, at).value = WRONG
    book.save(folder / "broken.xlsx")
    return folder, sheet.title


@pytest.fixture(scope="module")
def visit(chromium, made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor")
    shutil.copytree(made.store, folder / "releases")
    with served_site(folder / "releases", folder) as site, chromium_of(chromium) as browser:

        def opened(name, **options):
            return visiting(browser, site, artefacts(folder), name, **options)

        opened.site = site
        yield opened


def signed_in(seen, token):
    page = seen.open("/uploads/new?lang=en")
    seen.shot("0-may-not")
    page.locator("main").get_by_role("link", name="Sign in").click()
    page.wait_for_url(re.compile("^[^?]*/sign-in"))
    page.get_by_label("Token").fill("gs_wrong")
    page.get_by_role("button", name="Sign in").click()
    assert "does not count" in page.get_by_role("alert").inner_text()
    seen.shot("1-wrong-token")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    # Where one came from stands in the address of the form too, after its question mark.
    page.wait_for_url(re.compile("^[^?]*/uploads/new"))
    return page


def send_round(page, files):
    form = page.locator("form#round")
    form.locator("input[type=file][name=files]").set_input_files(files)
    form.locator("input[name=number]").fill("3")
    form.locator("select[name=country]").select_option("KAZ")
    form.locator("button[type=submit]").click()
    the_end(page)


def the_end(page):
    page.wait_for_url(re.compile(r"/uploads/[0-9a-f]{32}"))
    page.locator("#status.good, #status.bad").wait_for(timeout=LONG_MS)


def test_an_editor_sends_a_broken_round_reads_why_sends_a_good_one_and_sees_it_on_the_map(visit, files):
    folder, sheet = files
    with visit("editor", expected=r"40[0-9] .|favicon") as seen:
        page = signed_in(seen, visit.site.tokens[Role.EDITOR])
        seen.shot("2-upload", whole=True)

        send_round(page, [folder / "B1.xlsx", folder / "broken.xlsx"])
        seen.shot("3-findings", whole=True)
        assert page.locator("#status.bad").count() == 1
        headings = page.locator("table.findings thead th").all_inner_texts()
        rows = [
            dict(zip(headings, row.locator("td").all_inner_texts(), strict=True))
            for row in page.locator("table.findings tbody tr.is-error").all()
        ]
        found = next(one for one in rows if WRONG in " ".join(one.values()))
        assert "broken.xlsx" in found.values()
        assert sheet in found.values()
        assert str(ROW) in found.values()
        assert COLUMN in found.values()
        kept = seen.download(page.get_by_role("link", name=re.compile("CSV|file", re.IGNORECASE)).first)
        assert pd.read_csv(kept)["value"].astype(str).str.contains(WRONG).any()

        page.get_by_role("link", name=re.compile("again", re.IGNORECASE)).first.click()
        page.wait_for_url(re.compile("/uploads/new"))
        send_round(page, [folder / "B1.xlsx", folder / "B2.xlsx"])
        seen.shot("4-published", whole=True)
        assert page.locator("#status.good").count() == 1, page.locator("#status").inner_text()

        page.locator(".ways a").first.click()
        page.wait_for_url(re.compile("^((?!/uploads/).)*$"))
        seen.settled()
        seen.shot("5-map", whole=True)
        assert "Round 3" in page.locator("body").inner_text()
        assert "Synthetic village" in page.locator("main table").first.inner_text()

        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in").first.wait_for()
        seen.settled()
        seen.shot("6-signed-out", whole=True)
        assert "Synthetic village" not in page.locator("body").inner_text()
