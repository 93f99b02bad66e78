"""A Folium map whose scripts and styles are in the page itself."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import folium
import xstatic.pkg.leaflet
from branca.element import Element
from jinja2 import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OfflineMap", "Verbatim"]

_LEAFLET = Path(xstatic.pkg.leaflet.BASE_DIR)


class Verbatim(Element):  # type: ignore[misc]
    """HTML that is put into the page as it is, never read as a template."""

    _template = Template("{{ this.content }}")

    def __init__(self, content: str) -> None:
        """Keep `content`."""
        super().__init__()
        self.content = content


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A `folium.Map` that asks no other host for anything: Leaflet is inlined and there is no base map.

    Layers that need only Leaflet work: `DataLayer`, layer control, scale. Folium's pop-ups need jQuery and do not; its tooltips and
    GeoJSON put text into script and template unescaped, so what comes from a file goes into a `DataLayer`.
    """

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, title: str, bounds: Sequence[float], **options: Any) -> None:
        """A map of `bounds` (west, south, east, north in degrees) with a page title."""
        west, south, east, north = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            control_scale=True,
            prefer_canvas=True,
            zoom_snap=0.25,
            attribution_control=False,
            **options,
        )
        self.fit_bounds([[south, west], [north, east]], padding=(12, 12))
        page = self.get_root()
        page.title = escape(title)
        page.header.add_child(Verbatim(f"<style>{_styles()}</style>"), name="leaflet_css")
        page.header.add_child(Verbatim(f"<script>{_script()}</script>"), name="leaflet")

    def add_html(self, name: str, html: str) -> None:
        """Put `html` over the map, such as a title or a legend."""
        self.get_root().html.add_child(Verbatim(html), name=name)

    def add_style(self, name: str, css: str) -> None:
        """Add a style sheet to the page."""
        self.get_root().header.add_child(Verbatim(f"<style>{css}</style>"), name=name)

    def to_html(self) -> str:
        """The whole page."""
        return str(self.get_root().render())


def _script() -> str:
    source = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", source)


def _styles() -> str:
    source = (_LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\((images/[^)]+)\)", lambda found: f"url({_data_uri(found.group(1))})", source)


def _data_uri(name: str) -> str:
    picture = base64.b64encode((_LEAFLET / name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{picture}"
