"""The maps of a round as Folium maps: each takes what the function of `maps.pictures` takes that makes its picture."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from geo_service.maps import pictures
from geo_service.maps.folium_map import OfflineMap, folium_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.maps.picture import Picture

__all__ = ["access_map", "agreement_map", "change_map", "concentration_map", "coverage_map", "gaps_map"]

Asked = ParamSpec("Asked")


def _drawn(picture_of: Callable[Asked, Picture], name: str) -> Callable[Asked, OfflineMap]:
    @wraps(picture_of)
    def map_of(*args: Asked.args, **kwargs: Asked.kwargs) -> OfflineMap:
        return folium_map(picture_of(*args, **kwargs))

    map_of.__name__ = map_of.__qualname__ = name
    map_of.__module__ = __name__
    return map_of


concentration_map = _drawn(pictures.concentration_picture, "concentration_map")
access_map = _drawn(pictures.access_picture, "access_map")
gaps_map = _drawn(pictures.gaps_picture, "gaps_map")
coverage_map = _drawn(pictures.coverage_picture, "coverage_map")
change_map = _drawn(pictures.change_picture, "change_map")
agreement_map = _drawn(pictures.agreement_picture, "agreement_map")
