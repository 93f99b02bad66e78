"""A Folium map whose scripts and styles are in the page itself."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import folium
import xstatic.pkg.leaflet
from branca.element import Element

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OfflineMap"]

_LEAFLET = Path(xstatic.pkg.leaflet.BASE_DIR)


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A `folium.Map` that asks no other host for anything: Leaflet is inlined and there is no base map.

    Layers that need only Leaflet work: GeoJSON, circles, tooltips, layer control, scale. Pop-ups need jQuery and do not.
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
        page.title = title
        # Braces and percent signs of the sources must not be read as a template.
        page.header.add_child(
            Element("{% raw %}<style>" + _styles() + "</style>{% endraw %}"), name="leaflet_css"
        )
        page.header.add_child(
            Element("{% raw %}<script>" + _script() + "</script>{% endraw %}"), name="leaflet"
        )

    def add_html(self, name: str, html: str) -> None:
        """Put `html` over the map, such as a title or a legend."""
        self.get_root().html.add_child(Element("{% raw %}" + html + "{% endraw %}"), name=name)

    def add_style(self, name: str, css: str) -> None:
        """Add a style sheet to the page."""
        self.get_root().header.add_child(
            Element("{% raw %}<style>" + css + "</style>{% endraw %}"), name=name
        )


def _script() -> str:
    source = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", source)


def _styles() -> str:
    source = (_LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\((images/[^)]+)\)", lambda found: f"url({_data_uri(found.group(1))})", source)


def _data_uri(name: str) -> str:
    picture = base64.b64encode((_LEAFLET / name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{picture}"
