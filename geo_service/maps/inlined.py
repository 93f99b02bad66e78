"""Leaflet and the viewer as text that stands in a page, so that it needs no other file."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

__all__ = ["VIEWER_SCRIPTS", "inlined_script", "inlined_styles"]

VIEWER_SCRIPTS = (
    "map-parts.js",
    "map-layers.js",
    "map-legend.js",
    "map-search.js",
    "map-print.js",
    "map-viewer.js",
)
"""The files of the viewer, in the order in which a page loads them, after Leaflet."""

_STATIC = Path(__file__).parent / "static"
_STYLES = ("map-viewer.css", "map-page.css")
_MARKER_ICONS = {
    "iconUrl": "marker-icon.png",
    "iconRetinaUrl": "marker-icon-2x.png",
    "shadowUrl": "marker-shadow.png",
}


@cache
def inlined_script() -> str:
    """Leaflet, the pictures of its markers, and the viewer: one script."""
    leaflet = (_leaflet() / "leaflet.js").read_text(encoding="utf-8")
    icons = ",".join(f'{name}:"{_data_uri(file)}"' for name, file in _MARKER_ICONS.items())
    parts = (
        re.sub(r"//# sourceMappingURL=\S+", "", leaflet),
        f'L.Icon.Default.imagePath="";L.Icon.Default.mergeOptions({{{icons}}});',
        *((_STATIC / name).read_text(encoding="utf-8") for name in VIEWER_SCRIPTS),
    )
    return _closed("\n".join(parts))


@cache
def inlined_styles() -> str:
    """The styles of both, with their pictures in them, and those of a page that is one map."""
    leaflet = (_leaflet() / "leaflet.css").read_text(encoding="utf-8")
    whole = re.sub(
        r"url\((images/[^)]+)\)", lambda found: f"url({_data_uri(found[1].removeprefix('images/'))})", leaflet
    )
    return "\n".join([whole, *((_STATIC / name).read_text(encoding="utf-8") for name in _STYLES)])


def _closed(script: str) -> str:
    if "</script" in script.lower():
        raise ValueError("a script that names its own end cannot stand in a page")
    return script


def _leaflet() -> Path:
    # Here, so that importing maps does not look for it.
    import xstatic.pkg.leaflet  # noqa: PLC0415

    return Path(xstatic.pkg.leaflet.BASE_DIR)


def _data_uri(image: str) -> str:
    content = base64.b64encode((_leaflet() / "images" / image).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{content}"
