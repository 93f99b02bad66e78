"""The documents as a site: built strictly, with every page in its navigation, and nothing loaded from another host."""

from __future__ import annotations

import logging
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from geo_service import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = ROOT / "mkdocs.yml"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))

# Built once, on one worker.
pytestmark = pytest.mark.xdist_group("site")


class Loaded(HTMLParser):
    """What a page loads, what it links to, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.classes: set[str] = set()
        self.anchors: set[str] = set()
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        self.classes |= set(given.get("class", "").split())
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a":
            self.links += [given["href"]] if "href" in given else []
            return
        is_loaded = tag != "link" or given.get("rel") not in {"canonical", "prev", "next", "alternate"}
        if is_loaded:
            self.loads += [given[name] for name in ("src", "href", "poster", "data") if given.get(name)]
            self.loads += [one.split()[0] for one in given.get("srcset", "").split(",") if one.strip()]
        self.loads += re.findall(r"url\(([^)]*)\)", given.get("style", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)
        elif self._open and "code" not in self._open:
            self.texts.append((self._open[-1], data))


class Warned(logging.Handler):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[tuple[Path, list[str]]]:
    """The folder of the site, and what was warned of while it was made."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        # What the theme says of its own future is nothing about these documents.
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        warned = Warned()
        log = logging.getLogger("mkdocs")
        log.addHandler(warned)
        try:
            build(load_config(str(CONFIG), site_dir=str(folder), strict=False))
        finally:
            log.removeHandler(warned)
    return folder, warned.said


@pytest.fixture(scope="module")
def pages(site) -> dict[str, Loaded]:
    """Each page of the site by its path."""
    folder, _ = site
    return {
        path.relative_to(folder).as_posix(): Loaded(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.html")
    }


def of_navigation(entries: list[dict[str, object]]) -> Iterator[str]:
    for entry in entries:
        for one in entry.values():
            if isinstance(one, str):
                yield one
            else:
                yield from of_navigation(one)


def test_the_site_is_built_without_a_warning(site):
    assert site[1] == []


def test_a_build_by_hand_stops_at_a_warning():
    assert load_config(str(CONFIG)).strict is True


def test_every_document_is_in_the_navigation_once():
    listed = [*of_navigation(load_config(str(CONFIG)).nav)]
    assert sorted(listed) == PAGES


def test_every_document_is_a_page_of_the_site(pages):
    assert {page.removesuffix(".md") + ".html" for page in PAGES} | {"404.html"} == set(pages)


def test_nothing_is_loaded_from_another_host(pages, site):
    away = {
        (name, url)
        for name, page in pages.items()
        for url in page.loads
        if re.match(r"([a-z][a-z0-9+.-]*:)?//", url.strip("'\" "), re.IGNORECASE)
    }
    assert away == set()
    # The theme's script would fetch what draws these.
    assert [name for name, page in pages.items() if page.classes & {"mermaid", "arithmatex"}] == []
    written = "".join(script for page in pages.values() for script in page.scripts)
    assert re.findall(r"""["'`](?:https?:)?//[\w.-]+""", written) == []
    for path in site[0].rglob("*.css"):
        found = re.findall(
            r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")]*)", path.read_text(encoding="utf-8")
        )
        assert found == [], path.name


def test_what_is_loaded_and_linked_is_in_the_site_down_to_the_anchor(pages, site):
    folder, _ = site
    missing = []
    for name, page in pages.items():
        for url in {*page.loads, *page.links}:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc or name == "404.html":
                continue
            place = (folder / name).parent / unquote(parts.path) if parts.path else folder / name
            place = place / "index.html" if place.is_dir() else place
            anchor = unquote(parts.fragment)
            if not place.is_file():
                missing.append(f"{name}: {url}")
            elif anchor and place.suffix == ".html":
                other = pages[place.resolve().relative_to(folder.resolve()).as_posix()]
                if anchor not in other.anchors:
                    missing.append(f"{name}: {url}")
    assert missing == []


def test_lists_tables_and_fences_become_what_they_are_meant_to_be(pages):
    left = [
        f"{name}: {text.strip()[:80]}"
        for name, page in pages.items()
        for tag, text in page.texts
        if tag in {"p", "li", "td"} and re.search(r"(^|\n)(- |\d+\. |\| |```)", text)
    ]
    assert left == []


def test_the_search_has_every_page(site):
    index = (site[0] / "search" / "search_index.json").read_text(encoding="utf-8")
    assert [page for page in PAGES if f'"location":"{page.removesuffix(".md")}.html"' not in index] == []


# docs/settings.md


def test_each_setting_is_listed_with_what_it_is_unless_set():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(GEO_SERVICE_\w+_\w+)` \| (.*?) ?\| ", text, flags=re.MULTILINE))
    said: dict[str, str] = {}
    for name in settings.__all__:
        kind = getattr(settings, name)
        for field, about in kind.model_fields.items():
            variable = f"{kind.model_config['env_prefix']}{field.upper()}"
            if about.default_factory is None:
                said[variable] = as_text(about.default)
            else:
                assert "data directory" in rows[variable]
                said[variable] = rows[variable]
    listed = {
        variable: value.strip("`") if "directory" not in value else value for variable, value in rows.items()
    }
    assert {variable: listed[variable] for variable in listed if variable in said} == said


def as_text(value: object) -> str:
    """A default as the document writes it: nothing for none, JSON for lists."""
    if value is None or value in ("", ()) or hasattr(value, "get_secret_value"):
        return ""
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_every_variable_that_a_document_names_is_a_setting_or_is_read_somewhere():
    known = {
        f"{getattr(settings, name).model_config['env_prefix']}{field.upper()}"
        for name in settings.__all__
        for field in getattr(settings, name).model_fields
    }
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "geo_service").rglob("*.py"))
    named = {
        one
        for path in DOCS.glob("*.md")
        for one in re.findall(r"GEO_SERVICE_[A-Z0-9_]*[A-Z0-9]", path.read_text(encoding="utf-8"))
    }
    assert {
        one for one in named if one not in known and f'"{one}"' not in code and not is_prefix(one, known)
    } == set()


def is_prefix(name: str, known: set[str]) -> bool:
    """Whether it stands for several, as in `GEO_SERVICE_FILTERS_*`."""
    return any(one.startswith(f"{name}_") for one in known)
