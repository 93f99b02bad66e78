"""A picture as a page that is served: small, because Leaflet, the viewer and the polygons are files that all maps share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from geo_service.maps.encoding import picture_json, script_text
from geo_service.maps.inlined import VIEWER_SCRIPTS
from geo_service.maps.viewer_words import viewer_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.maps.base_map import BaseMap
    from geo_service.maps.picture import Picture
    from geo_service.vocabulary import AdminLevel

__all__ = ["page_html"]

_TEMPLATES = Path(__file__).parent / "templates"


def page_html(
    picture: Picture,
    *,
    shapes: Mapping[AdminLevel, str],
    static: Callable[[str], str],
    oembed_url: str | None = None,
    tiles: BaseMap | None = None,
) -> bytes:
    """The page of a picture, in UTF-8. No script or style stands in it, so it works under a strict content security policy.

    Args:
        picture: What it shows.
        shapes: Where `shapes_json` of each level of its areas is had, as JSON.
        static: The address of a file by its name: `leaflet/leaflet.css`, `leaflet/leaflet.js`, `map-viewer.css`, `map-page.css`, `map-page.js`, and `VIEWER_SCRIPTS`.
        oembed_url: Where the page's oEmbed answer is; null for none.
        tiles: A base map; the policy has to allow its host under `img-src`.
    """
    options = {} if tiles is None else {"tiles": {"url": tiles.url, "attribution": tiles.attribution}}
    needed = {one.level.value: shapes[one.level] for one in picture.areas}
    data = {
        "picture": picture_json(picture),
        "shapes": needed,
        "said": viewer_words(picture.language),
        "options": options,
    }
    page: str = _template().render(
        picture=picture,
        language=picture.language.value,
        data=script_text(data),
        shapes=list(needed.values()),
        static=static,
        scripts=VIEWER_SCRIPTS,
        oembed_url=oembed_url,
    )
    return page.encode()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template("map_page.html")
