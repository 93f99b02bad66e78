"""The service as people meet it: a real Chromium before the whole service on a loopback port, for test_journeys.py and test_accessibility.py.

A visit fails when the browser complains of anything, when a request fails, or when one leaves this machine. Screenshots go into the folder
`GEO_SERVICE_TEST_ARTEFACTS`, where there is one, so that somebody can look at them.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import TimeoutError as TakesTooLong
from playwright.sync_api import sync_playwright

from geo_service.api.security.roles import Role
from geo_service.api.security.tokens import TokenFile
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings
from geo_service.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

__all__ = [
    "PHONE",
    "SCREEN",
    "Site",
    "Visit",
    "artefacts",
    "chromium_of",
    "folder_served",
    "served_site",
    "visiting",
]

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREEN, PHONE = (1280, 800), (360, 640)
_LONGEST_MS = 30_000
_IS_WHOLE = """
() => document.readyState === "complete" && !document.body.hasAttribute("aria-busy")
  && [...document.querySelectorAll("#map, #planner-map")].every(one => one.querySelector("canvas"))
"""
_HERE = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LOCALES = {"en": "en-GB", "ru": "ru-RU", "kk": "kk-KZ"}


@dataclass(frozen=True, slots=True)
class Site:
    """A running service.

    Attributes:
        url: Without a slash at its end.
        tokens: A token of each role; null for the public, who has none.
        jobs: Where uploads work.
    """

    url: str
    tokens: dict[Role, str | None]
    jobs: Path


@contextmanager
def served_site(store: Path, folder: Path, **settings: Any) -> Iterator[Site]:
    """The whole service over a folder of releases, with tokens of an editor and an analyst, until the block ends.

    Args:
        store: The folder of releases.
        folder: Where tokens and uploads go.
        settings: Of `ApiSettings`.
    """
    tokens = TokenFile(folder / "tokens.json")
    given: dict[Role, str | None] = {
        role: tokens.add("browser", role)[1] for role in (Role.EDITOR, Role.ANALYST)
    }
    app = create_app(
        ApiSettings(store=str(store), **settings),
        auth=AuthSettings(tokens=folder / "tokens.json"),
        uploads=UploadSettings(directory=folder / "jobs"),
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.02)
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            yield Site(url, {**given, Role.PUBLIC: None}, folder / "jobs")
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def folder_served(folder: Path, port: int = 0) -> Iterator[str]:
    """The URL of a plain web server of a folder: somebody else's site."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def chromium_of(program: str) -> Iterator[Browser]:
    """A Chromium, for a module: Playwright cannot be started twice in a thread, so it cannot be left open for the next."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        try:
            yield started
        finally:
            started.close()


def artefacts(fallback: Path) -> Path:
    """The folder that the environment names for screenshots and downloads; else the one given."""
    given = os.environ.get("GEO_SERVICE_TEST_ARTEFACTS")
    folder = Path(given) if given else fallback
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(slots=True)
class Visit:
    """Somebody before a browser.

    Attributes:
        page: The page that is open.
        site: The service.
        name: Of screenshots and downloads.
        folder: Where they go.
        complaints: What the browser complained of.
        asked: The URLs of all requests.
        has_scripts: Whether the browser runs any.
    """

    page: Page
    site: Site
    name: str
    folder: Path
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    has_scripts: bool = True

    def open(self, path: str) -> Page:
        """Open a page of the service and wait until it and its map are there."""
        self.page.goto(path if path.startswith("http") else self.site.url + path)
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until the page is whole: its map drawn, and no other answer on its way."""
        if self.has_scripts:
            self.page.wait_for_function(_IS_WHOLE)
        else:
            self.page.wait_for_load_state()

    def shot(self, step: str, *, whole: bool = False) -> None:
        """Keep a picture of what is seen, or of the whole page."""
        self.page.screenshot(path=str(self.folder / f"{self.name}-{step}.png"), full_page=whole)

    def download(self, target: Any) -> Path:
        """Click a link and keep the file that comes, under the name that the service gave it."""
        with self.page.expect_download() as coming:
            target.click()
        path = self.folder / f"{self.name}-{coming.value.suggested_filename}"
        shutil.move(coming.value.path(), path)
        return path

    def width(self, most: int) -> int:
        """How wide the page is, once it is at most that: a map follows its window in the next frame. After ten seconds, what it is.

        Args:
            most: The width of the window, in pixels; a wider page has to be scrolled sideways.
        """
        with suppress(TakesTooLong):
            self.page.wait_for_function(
                "most => document.documentElement.scrollWidth <= most", arg=most, timeout=10_000
            )
        found: int = self.page.evaluate("document.documentElement.scrollWidth")
        return found

    def foreign(self) -> list[str]:
        """The requests that left this machine."""
        return [
            one
            for one in self.asked
            if urlsplit(one).scheme in {"http", "https", "ws", "wss"} and urlsplit(one).hostname not in _HERE
        ]


@contextmanager
def visiting(
    browser: Browser,
    site: Site,
    folder: Path,
    name: str,
    *,
    role: Role = Role.PUBLIC,
    language: str = "en",
    size: tuple[int, int] = SCREEN,
    expected: str | None = None,
    **context: Any,
) -> Iterator[Visit]:
    """Somebody of a role before a browser of their own, which is closed at the end.

    Args:
        browser: Which.
        site: The service.
        folder: Where screenshots and downloads go.
        name: Theirs.
        role: Who; they have signed in with their token.
        language: What the browser says its user reads.
        size: Of the window, in pixels.
        expected: A pattern of complaints that are part of the test, such as of an answer 400; null for none.
        context: What else Playwright is to make the browser of.

    Raises:
        AssertionError: The browser complained, or a request left this machine.
    """
    token = site.tokens[role]
    opened = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=_LOCALES[language],
        accept_downloads=True,
        **context,
    )
    opened.set_default_timeout(_LONGEST_MS)
    if token:
        answer = opened.request.post(
            f"{site.url}/sign-in", form={"token": token}, headers={"Origin": site.url}, max_redirects=0
        )
        assert answer.status == 303, answer.status
    has_scripts = context.get("java_script_enabled", True)
    visit = Visit(opened.new_page(), site, name, folder, has_scripts=has_scripts)

    def look(page: Page) -> None:
        page.on("request", lambda one: visit.asked.append(one.url))
        page.on("requestfailed", lambda one: visit.complaints.extend(_failed(one)))
        page.on("console", lambda one: visit.complaints.extend(_said(one)))
        page.on("pageerror", lambda error: visit.complaints.append(f"error: {error}"))

    look(visit.page)
    opened.on("page", look)
    try:
        yield visit
        left = [one for one in visit.complaints if not (expected and re.search(expected, one))]
        assert left == [], left
        assert visit.foreign() == [], visit.foreign()
    except BaseException:
        visit.shot("failed", whole=True)
        raise
    finally:
        opened.close()


def _failed(request: Request) -> list[str]:
    # A download ends the navigation that began it.
    failure = request.failure or ""
    return [] if "ERR_ABORTED" in failure else [f"failed: {request.url}: {failure}"]


def _said(message: ConsoleMessage) -> list[str]:
    if message.type not in {"error", "warning"}:
        return []
    where = message.location.get("url", "") if message.location else ""
    return [f"{message.type}: {message.text} ({where})"]
