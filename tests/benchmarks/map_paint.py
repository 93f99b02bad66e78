"""How soon a page shows something in Chromium, and how soon its map is drawn. What peers load from other hosts is answered from here at once."""

from __future__ import annotations

import importlib
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Browser, Route

__all__ = ["Paint", "ServedSize", "chromium_path", "painted", "served_sizes"]

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
LONGEST_MS = 30_000
SIZE = {"width": 1280, "height": 800}
_LIBRARIES = {
    "leaflet.js": ("leaflet", "leaflet.js"),
    "leaflet.css": ("leaflet", "leaflet.css"),
    "jquery": ("jquery", "jquery.min.js"),
    "d3": ("d3", "d3.js"),
}
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
_WATCH = """
(() => {
  const small = document.createElement("canvas");
  small.width = small.height = 24;
  const pen = small.getContext("2d", {willReadFrequently: true});
  const isDrawn = () => {
    if (document.querySelectorAll(".leaflet-overlay-pane path, .leaflet-pane svg path").length > 10) return true;
    for (const one of document.querySelectorAll(".leaflet-container canvas")) {
      if (!one.width || !one.height) continue;
      pen.clearRect(0, 0, 24, 24);
      pen.drawImage(one, 0, 0, 24, 24);
      if (pen.getImageData(0, 0, 24, 24).data.some((value, at) => at % 4 === 3 && value > 0)) return true;
    }
    return false;
  };
  const look = () => {
    if (isDrawn()) performance.mark("map drawn"); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""
_TIMES = """
() => [
  performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  performance.getEntriesByName("map drawn")[0]?.startTime,
]
"""


@dataclass(slots=True)
class Paint:
    """What one page did.

    Attributes:
        first_ms: First contentful paint, the median of all loads; null where there was none.
        drawn_ms: Until the first frame that has polygons in it.
        foreign: The files that it asked other hosts for, without tiles.
        offline: Whether its map is drawn without any network.
        note: What went wrong.
    """

    first_ms: float | None = None
    drawn_ms: float | None = None
    foreign: list[str] = field(default_factory=list)
    offline: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServedSize:
    """What a served page makes a browser load, in bytes as they come over the wire.

    Attributes:
        page: The HTML.
        data: JSON.
        kept: Scripts, styles and shapes that all maps share and a browser keeps.
        first_ms: First contentful paint with nothing kept.
        drawn_ms: Until the map is drawn.
        again_ms: The same with all kept.
    """

    page: int
    data: int
    kept: int
    first_ms: float | None
    drawn_ms: float | None
    again_ms: float | None


def chromium_path() -> str | None:
    """The Chromium of this machine; null where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def painted(
    program: str, pages: Sequence[Path], loads: int, tell: Callable[[str], None]
) -> dict[Path, Paint]:
    """Load each page several times, in turns, each time with an empty cache; then once without network."""
    found = {one: Paint() for one in pages}
    times: dict[Path, list[list[float | None]]] = {one: [] for one in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        for turn in range(loads + 1):
            for one in pages:
                tell(f"{one.stem}: load {turn} of {loads}")
                # The first load of all warms the browser up.
                shown = _loaded(browser, one, found[one])
                times[one] += [shown] if turn else []
        for one in pages:
            tell(f"{one.stem}: without network")
            found[one].offline = _loaded(browser, one, Paint(), offline=True)[1] is not None
        browser.close()
    for one, paint in found.items():
        paint.first_ms, paint.drawn_ms = (_median(column) for column in zip(*times[one], strict=True))
        paint.foreign = sorted(set(paint.foreign))
    return found


def _loaded(browser: Browser, path: Path, paint: Paint, *, offline: bool = False) -> list[float | None]:
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(_WATCH)

    def answered(route: Route) -> None:
        url = route.request.url
        if offline:
            route.abort("internetdisconnected")
        elif re.search(r"/\d+/\d+/\d+(@2x)?\.png", url):
            route.fulfill(body=_PIXEL, content_type="image/png")
        else:
            paint.foreign.append(url)
            route.fulfill(
                body=_library(url), content_type="text/css" if url.endswith("css") else "text/javascript"
            )

    page.route(re.compile("^https?://"), answered)
    try:
        page.goto(path.as_uri(), wait_until="load", timeout=LONGEST_MS)
        _wait(page, 2_000 if offline else LONGEST_MS)
        shown: list[float | None] = page.evaluate(_TIMES)
    except Error as error:
        paint.note = str(error).splitlines()[0]
        shown = [None, None]
    context.close()
    return shown


def _wait(page: Any, longest_ms: float) -> None:
    done = "() => performance.getEntriesByName('map drawn').length && performance.getEntriesByName('first-contentful-paint').length"
    try:
        page.wait_for_function(done, timeout=longest_ms)
    except Error:
        return


def _library(url: str) -> bytes:
    """The file of a library from its Python package; empty where there is none, which is in the peer's favour."""
    for word, (package, name) in _LIBRARIES.items():
        if word in url:
            try:
                found = importlib.import_module(f"xstatic.pkg.{package}")
            except ImportError:
                return b""
            return (Path(found.BASE_DIR) / name).read_bytes()
    return b""


def served_sizes(program: str, url: str, loads: int) -> ServedSize:
    """What loading a map of the service takes: with nothing kept, and again."""
    sizes = {"document": 0, "data": 0, "kept": 0}
    first, drawn, again = [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        for turn in range(loads):
            context = browser.new_context(viewport=SIZE)
            page = context.new_page()
            page.add_init_script(_WATCH)
            asked: list[Any] = []
            page.on("requestfinished", lambda one, asked=asked: asked.append(one))
            page.goto(url, wait_until="load", timeout=LONGEST_MS)
            _wait(page, LONGEST_MS)
            shown = page.evaluate(_TIMES)
            for one in asked if turn == 0 else ():
                _count(one, sizes)
            first.append(shown[0])
            drawn.append(shown[1])
            page.goto(url, wait_until="load", timeout=LONGEST_MS)
            _wait(page, LONGEST_MS)
            again.append(page.evaluate(_TIMES)[1])
            context.close()
        browser.close()
    return ServedSize(
        sizes["document"], sizes["data"], sizes["kept"], _median(first), _median(drawn), _median(again)
    )


def _count(request: Any, sizes: dict[str, int]) -> None:
    length = request.sizes()["responseBodySize"]
    if request.resource_type == "document":
        sizes["document"] += length
    else:
        is_kept = "/static/" in request.url or "/shapes/" in request.url
        sizes["kept" if is_kept else "data"] += length


def _median(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return median(known) if known else None
