"""The maps of a page: their data, and what is seen of them before and without a script."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

from geo_service.maps.encoding import picture_json, script_text, shapes_json
from geo_service.report.html.stills import Stills

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from geo_service.maps.picture import Areas, Picture
    from geo_service.report.document import MapBlock

__all__ = ["MapOfPage", "MapsOfPage"]


@dataclass(frozen=True, slots=True)
class MapOfPage:
    """One map.

    Attributes:
        data: What the viewer draws, as the text of a script element.
        still: The map as SVG.
        layers: Those of the picture as the viewer reads them, for the legend; the highest first.
    """

    data: str
    still: Markup
    layers: list[dict[str, Any]]


@dataclass(slots=True)
class MapsOfPage:
    """All maps of a page. The polygons of a level are written once, however many maps show it.

    Attributes:
        maps: By the anchor of their block.
        stills: The outlines that the still maps share.
    """

    maps: dict[str, MapOfPage] = field(default_factory=dict)
    stills: Stills = field(default_factory=Stills)
    _shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _names: dict[tuple[str, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: Iterable[MapBlock]) -> MapsOfPage:
        """The maps of all blocks."""
        made = cls()
        for block in blocks:
            made.maps[block.anchor] = made._map(block.anchor, block.picture)
        return made

    def shared(self, said: dict[str, str]) -> str:
        """What all maps need, as the text of a script element: polygons, and the viewer's words."""
        return script_text({"shapes": self._shapes, "said": said})

    def _map(self, anchor: str, picture: Picture) -> MapOfPage:
        names = [self._name(one) for one in picture.areas]
        shapes = {one.level.value: name for one, name in zip(picture.areas, names, strict=True)}
        said = picture_json(picture)
        still = self.stills.still(anchor, picture, names)
        return MapOfPage(script_text({"picture": said, "shapes": shapes}), still, said["layers"][::-1])

    def _name(self, areas: Areas) -> str:
        """What the polygons of a layer are called on the page: the level, unless another map has others of it."""
        borders = hashlib.sha256(b"".join(shapely.to_wkb(areas.geometry.to_numpy()))).hexdigest()
        key = (areas.level.value, borders, *areas.ids)
        if key not in self._names:
            taken = sum(one[0] == areas.level.value for one in self._names)
            name = f"{areas.level.value}{taken or ''}"
            self._names[key] = name
            self._shapes[name] = shapes_json(areas)
            self.stills.outline(name, areas)
        return self._names[key]
