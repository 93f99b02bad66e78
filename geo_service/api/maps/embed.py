"""Maps inside other pages."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

__all__ = ["embed_code"]


def embed_code(map_url: str, title: str, width: int | str = 800, height: int = 600) -> str:
    """HTML that shows a map in another page: whatever stands in the URL or the title stays inside its attribute.

    Args:
        map_url: The whole URL of a map's page.
        title: What a screen reader calls it.
        width: In pixels, or a share such as `100%`; never wider than what it stands in.
        height: In pixels.

    Raises:
        ValueError: The URL is of no web page.
    """
    if urlsplit(map_url).scheme not in {"http", "https"}:
        raise ValueError("a map is embedded by an http or https URL")
    return (
        f'<iframe src="{_attribute(map_url)}" title="{_attribute(title)}" width="{_attribute(str(width))}" height="{int(height)}" '
        'loading="lazy" allow="fullscreen" style="border:0;max-width:100%"></iframe>'
    )


def _attribute(text: str) -> str:
    # No editor of pages reads these as anything but letters.
    return escape(text, quote=True).replace("`", "&#96;").replace("\n", " ").replace("\r", " ")
