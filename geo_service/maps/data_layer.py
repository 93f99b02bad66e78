"""A GeoJSON layer whose data are in the page as data: names from files are never read as HTML, script or template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from folium.map import Layer
from jinja2 import Template

from geo_service.maps.offline import Verbatim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

__all__ = ["DataLayer"]

_COORDINATE_DECIMALS = 5


class DataLayer(Layer):  # type: ignore[misc]
    """Features drawn by Leaflet alone, each with its own style and a tooltip of plain lines.

    Args:
        name: What the layer control calls it.
        geometry: One geometry a feature, in longitude and latitude.
        styles: Leaflet path options of each feature; a `radius` makes a point a circle of so many pixels.
        tooltips: Lines of text of each feature, the first in bold.
        style: Leaflet path options that all features share.
        highlight: Path options while the pointer is over a feature.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = (() => {
            const data = JSON.parse(document.getElementById("{{ this.get_name() }}_data").textContent);
            const shared = {{ this.style|tojson }}, highlight = {{ this.highlight|tojson }};
            const styleOf = feature => ({...shared, ...feature.properties.style});
            const layer = L.geoJSON(data, {
                style: styleOf,
                pointToLayer: (feature, at) => L.circleMarker(at, styleOf(feature)),
                onEachFeature: (feature, drawn) => {
                    const tip = document.createElement("div");
                    feature.properties.tooltip.forEach((line, number) => {
                        const row = tip.appendChild(document.createElement(number ? "div" : "b"));
                        row.textContent = line;
                    });
                    drawn.bindTooltip(tip, {sticky: true});
                    if (highlight) {
                        drawn.on("mouseover", () => drawn.setStyle(highlight));
                        drawn.on("mouseout", () => layer.resetStyle(drawn));
                    }
                },
            });
            return layer;
        })();
        {% endmacro %}
        """
    )

    def __init__(
        self,
        name: str,
        geometry: gpd.GeoSeries,
        styles: Sequence[Mapping[str, Any]],
        tooltips: Sequence[Sequence[str]],
        *,
        style: Mapping[str, Any],
        highlight: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a layer of the features."""
        super().__init__(name=name, overlay=True, control=True, show=True)
        self._name = "DataLayer"
        self.style = dict(style)
        self.highlight = None if highlight is None else dict(highlight)
        shapes = json.loads(geometry.set_precision(10**-_COORDINATE_DECIMALS, mode="pointwise").to_json())[
            "features"
        ]
        features = [
            {"type": "Feature", "geometry": shape["geometry"], "properties": {"style": own, "tooltip": lines}}
            for shape, own, lines in zip(shapes, styles, tooltips, strict=True)
        ]
        self._data = {"type": "FeatureCollection", "features": features}

    def render(self, **kwargs: Any) -> None:
        """Put the data into the page and the layer onto the map."""
        data = json.dumps(self._data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        name = f"{self.get_name()}_data"
        page = self.get_root()
        page.html.add_child(
            Verbatim(f'<script type="application/json" id="{name}">{data}</script>'), name=name
        )
        super().render(**kwargs)
