"""A report writer's job in a real browser, to its end: a map in another site, in print and in a document."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from types import SimpleNamespace

import pytest
from api_world import world  # noqa: F401 - a fixture
from browser import artefacts, chromium_of, folder_served, served_site, visiting
from PIL import Image

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("people in a browser")]

MAP = "/maps/concentration.html?group=returnees&by=district&lang=kk"
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A report</title><link rel="icon" href="data:,"></head>
<body><h1>A report</h1><p>Somebody else's site.</p>{embedded}<p>It goes on.</p></body></html>"""
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)


@pytest.fixture(scope="module")
def there(chromium, world, tmp_path_factory):  # noqa: F811
    """The service, a site that it lets embed its pages, and one that it does not."""
    folder = tmp_path_factory.mktemp("report")
    with (
        folder_served(folder / "report") as friend,
        folder_served(folder / "report") as stranger,
        served_site(world, folder, frame_ancestors=("'self'", friend)) as site,
        chromium_of(chromium) as browser,
    ):
        (folder / "report").mkdir()

        def visit(name, **options):
            return visiting(browser, site, artefacts(folder), name, **options)

        yield SimpleNamespace(
            visit=visit, friend=friend, stranger=stranger, folder=folder / "report", site=site
        )


def test_a_map_is_put_into_another_site_by_the_code_that_one_copies_and_by_oembed(there):
    with there.visit("report-embed", language="ru") as seen:
        page = seen.open("/?ask=mobility&group=returnees&by=district&lang=ru")
        code = page.locator("#embed").input_value()
        assert code.startswith("<iframe")
        assert "title=" in code
        page = seen.open(MAP)
        discovered = unescape(page.locator("link[type='application/json+oembed']").get_attribute("href"))
        answer = page.request.get(discovered)
        assert answer.status == 200
        oembed = json.loads(answer.text())
        assert oembed["type"] == "rich"

        for name, embedded in (("code", code), ("oembed", oembed["html"])):
            (there.folder / f"{name}.html").write_text(PAGE.format(embedded=embedded), encoding="utf-8")
            page = seen.open(f"{there.friend}/{name}.html")
            frame = page.frame_locator("iframe")
            frame.locator("canvas").first.wait_for()
            seen.settled()
            box = page.locator("iframe").bounding_box()
            assert box["width"] > 400
            assert box["height"] > 300
            seen.shot(f"in-a-site-by-{name}")
            page.set_viewport_size({"width": 360, "height": 640})
            assert seen.width(360) <= 360, "it is as wide as there is room"
            seen.shot(f"in-a-site-by-{name}-on-a-phone")
            page.set_viewport_size({"width": 1280, "height": 800})


def test_a_site_that_nobody_has_allowed_cannot_show_a_map(there):
    with there.visit("report-stranger", expected="frame-ancestors|Framing|refused|ERR_BLOCKED") as seen:
        source = f'<iframe src="{there.site.url}{MAP}" title="A map" width="800" height="500"></iframe>'
        (there.folder / "stranger.html").write_text(PAGE.format(embedded=source), encoding="utf-8")
        page = seen.open(f"{there.stranger}/stranger.html")
        # What the browser says of it may come after the page.
        for _ in range(100):
            if any("frame-ancestors" in one for one in seen.complaints):
                break
            page.wait_for_timeout(100)
        assert page.frame_locator("iframe").locator("canvas").count() == 0
        assert any("frame-ancestors" in one for one in seen.complaints), seen.complaints


def test_a_map_and_the_page_are_printed_with_their_texts(there):
    with there.visit("report-print", language="kk") as seen:
        page = seen.open("/?ask=mobility&group=returnees&by=district&lang=kk")
        page.locator("#planner-map canvas").first.wait_for()
        title = page.locator("#title").inner_text()
        whole = seen.folder / "report-print-page.pdf"
        page.pdf(path=str(whole), format="A4", print_background=True)
        page.emulate_media(media="print")
        seen.shot("page-in-print", whole=True)
        page.emulate_media(media="screen")
        assert says(whole, title)

        files = page.locator("section.take ul.files").filter(has=page.get_by_role("link", name="PNG"))
        png = seen.download(files.get_by_role("link", name="PNG"))
        with Image.open(png) as image:
            assert image.format == "PNG"
            assert image.info["dpi"] == pytest.approx((300, 300), abs=1)
            assert min(image.size) > 1000
            assert len(image.convert("RGB").resize((64, 64)).getcolors(5000)) > 20
        pdf = seen.download(files.get_by_role("link", name="PDF"))
        assert pdf.read_bytes().startswith(b"%PDF")
        svg = seen.download(files.get_by_role("link", name="SVG")).read_text(encoding="utf-8")
        assert KAZAKH.search("".join(re.findall(r"<text[^>]*>([^<]*)", svg))), "text is text"
        assert "http" not in re.sub(
            r'xmlns[:\w]*="[^"]*"|<rdf:RDF.*?</rdf:RDF>|<!DOCTYPE[^>]*>|http://www.w3.org/\S*',
            "",
            svg,
            flags=re.DOTALL,
        )
        assert says(pdf, "")

        page = seen.open(MAP)
        page.locator("canvas").first.wait_for()
        alone = seen.folder / "report-print-map.pdf"
        page.pdf(path=str(alone), format="A4", landscape=True, print_background=True)
        page.emulate_media(media="print")
        seen.shot("map-in-print")
        assert says(alone, "")


def says(pdf, words):
    """Whether a text stands in a PDF, with letters of Kazakh as letters; taken as so where nothing can read it."""
    if not shutil.which("pdftotext"):
        return True
    text = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    return bool(KAZAKH.search(text)) and " ".join(words.split()) in " ".join(text.split())
