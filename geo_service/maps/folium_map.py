"""Pictures as Folium maps: each a page of its own that asks no host for anything."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import folium
from branca.element import Element, Figure
from jinja2 import Template

from geo_service.errors import OutputError
from geo_service.maps.encoding import picture_json, script_text, shapes_json
from geo_service.maps.inlined import inlined_script, inlined_styles
from geo_service.maps.viewer_words import viewer_words

if TYPE_CHECKING:
    from typing import BinaryIO

    from geo_service.maps.base_map import BaseMap
    from geo_service.maps.picture import Picture

__all__ = ["OfflineMap", "folium_map"]


class _Verbatim(Element):  # type: ignore[misc]
    """HTML that is put into the page as it is, never read as a template."""

    _template = Template("{{ this.content }}")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.content = content


class _Page(Figure):  # type: ignore[misc]
    """A page that says its language."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.language }}">\n<head>\n<title>{{ this.title }}</title>\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, language: str, title: str) -> None:
        super().__init__(title=escape(title))
        self.language = language


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A `folium.Map` of a picture, with Leaflet, the viewer, the styles and the data in the page itself.

    What Folium adds to a map stays possible where it needs only Leaflet: markers, lines, GeoJSON, tooltips, layer groups. Folium's pop-ups need
    jQuery and its plugins other scripts: they ask other hosts. Folium also puts text into HTML and script unescaped; names from files belong into a `Picture`.

    Attributes:
        picture: What it shows.
    """

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    _template = Template(
        """
        {% macro header(this, kwargs) %}{% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="folium-map gm-page" id="{{ this.get_name() }}"></div>
            <noscript><p>{{ this.picture.summary|e }}</p></noscript>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map("{{ this.get_name() }}", GeoMap.mapOptions);
            (() => {
                const data = JSON.parse(document.getElementById("{{ this.get_name() }}_data").textContent);
                GeoMap.draw({{ this.get_name() }}, data.picture, data.shapes, data.said, data.options);
            })();
        {% endmacro %}
        """
    )

    def __init__(self, picture: Picture, *, tiles: BaseMap | None = None) -> None:
        """A map of `picture`, over a base map where one is given."""
        west, south, east, north = picture.bounds
        middle = (west + east + (360 if west > east else 0)) / 2
        super().__init__(location=[(south + north) / 2, middle], tiles=None, prefer_canvas=True)
        self.picture = picture
        # Folium would make one up each time: the same picture is the same file.
        self._id = f"{picture.name}_{picture.language}"
        self._tiles = tiles
        self.add_to(_Page(picture.language.value, picture.title))

    def render(self, **kwargs: Any) -> None:
        """Put Leaflet, the viewer and the data into the page that the map is on."""
        page = self.get_root()
        name = f"{self.get_name()}_data"
        page.header.add_child(
            _Verbatim('<meta name="viewport" content="width=device-width, initial-scale=1">'), name="viewport"
        )
        page.header.add_child(_Verbatim(f"<style>{inlined_styles()}</style>"), name="geo_map_styles")
        page.header.add_child(_Verbatim(f"<script>{inlined_script()}</script>"), name="geo_map_script")
        page.html.add_child(
            _Verbatim(f'<script type="application/json" id="{name}">{script_text(self._data())}</script>'),
            name=name,
        )
        super().render(**kwargs)

    def to_html(self) -> str:
        """The whole page."""
        return str(self.get_root().render())

    def save(self, outfile: str | Path | BinaryIO, close_file: bool = True, **kwargs: Any) -> None:
        """Write the page, replacing what is there.

        Raises:
            OutputError: The file cannot be written.
        """
        if not isinstance(outfile, str | Path):
            super().save(outfile, close_file, **kwargs)
            return
        path = Path(outfile)
        beside = path.with_name(f".{path.name}.part")
        try:
            beside.write_text(self.to_html(), encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise OutputError(f"{path}: the map cannot be written: {error.strerror or error}") from error

    def _repr_html_(self, **_: Any) -> str:
        """The map in a notebook: a frame that has the whole page in it."""
        return (
            '<div style="position:relative;width:100%;height:600px;max-height:90vh">'
            f"<p>{escape(self.picture.summary)}</p>"
            f'<iframe title="{escape(self.picture.title)}" srcdoc="{escape(self.to_html())}" '
            'style="position:absolute;inset:0;width:100%;height:100%;border:0;background:#fff" allowfullscreen></iframe></div>'
        )

    def _data(self) -> dict[str, Any]:
        tiles = self._tiles
        return {
            "picture": picture_json(self.picture),
            "shapes": {one.level.value: shapes_json(one) for one in self.picture.areas},
            "said": viewer_words(self.picture.language),
            "options": {}
            if tiles is None
            else {"tiles": {"url": tiles.url, "attribution": tiles.attribution}},
        }


def folium_map(picture: Picture, *, tiles: BaseMap | None = None) -> OfflineMap:
    """A picture as a Folium map.

    Args:
        picture: What it shows.
        tiles: A base map from another host; null for none, which asks no host for anything.

    Returns:
        `save(path)` writes one HTML file, `to_html()` is its text; in a notebook it shows itself.
    """
    return OfflineMap(picture, tiles=tiles)
