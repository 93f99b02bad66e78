"""The planner's page for tests: asked over HTTP, and looked at by a few of the selectors that style sheets have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lxml.html

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

__all__ = ["all_of", "page_of", "parsed", "rows_of", "texts"]

_PART = re.compile(r"#[\w-]+|\.[\w-]+|\[[\w-]+(?:=[\w-]+)?\]")


def page_of(client: TestClient, query: str = "", status: int = 200) -> Any:
    """The page of a query, whose status has to be this."""
    answer = client.get(f"/?{query}" if query else "/")
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return parsed(answer.content)


def parsed(content: bytes) -> Any:
    """A page in UTF-8 as a tree."""
    return lxml.html.fromstring(content.decode())


def all_of(page: Any, selector: str) -> list[Any]:
    """The elements of a selector of tags, `#id`, `.class`, `[name]`, `[name=value]`, spaces and commas, in the order of the page."""
    paths = ("".join(f"//{_step(one)}" for one in part.split()) for part in selector.split(","))
    found: list[Any] = page.xpath("|".join(paths))
    return found


def texts(page: Any, selector: str) -> list[str]:
    """The text of each element, its spaces as one."""
    return [" ".join(one.text_content().split()) for one in all_of(page, selector)]


def rows_of(page: Any, table: str) -> list[list[str]]:
    """The texts of the cells of a table's rows."""
    return [
        [" ".join(cell.text_content().split()) for cell in row] for row in all_of(page, f"{table} tbody tr")
    ]


def _step(text: str) -> str:
    tag = _PART.sub("", text) or "*"
    tests = []
    for one in _PART.findall(text):
        if one[0] == "#":
            tests.append(f"@id='{one[1:]}'")
        elif one[0] == ".":
            tests.append(f"contains(concat(' ', normalize-space(@class), ' '), ' {one[1:]} ')")
        else:
            name, _, value = one[1:-1].partition("=")
            tests.append(f"@{name}='{value}'" if value else f"@{name}")
    return tag + "".join(f"[{one}]" for one in tests)
