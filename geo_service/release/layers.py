"""Layers that a release holds beside what it was given: access of each village and service, and the numbers of each admin unit to map."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from geo_service.coverage.agreement import RULE as SIDE_BY_SIDE
from geo_service.coverage.service_access import service_access
from geo_service.coverage.unit_layers import access_by_unit, mobility_by_unit
from geo_service.release.frames import frame_part
from geo_service.release.titles import ACCESS_BY_UNIT, MOBILITY_BY_UNIT, TITLES, in_each_language
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from geo_service.release.parts import Part
    from geo_service.schemas import SurveyRound

__all__ = ["service_access_part", "unit_frames", "unit_part", "unit_parts"]

_OF_THE_MEASUREMENT = ("method", "edges_km", "band_rule", "presence_km", "max_distance_km")


def service_access_part(survey_round: SurveyRound, access: pd.DataFrame | None) -> Part:
    """The collection `service_access`: reported beside measured, a point a village and service.

    Args:
        survey_round: The round.
        access: Schema `ACCESS`, measured for its villages; null where nothing was measured.

    Raises:
        InputError: As `coverage.service_access.service_access`.
    """
    layer = service_access(survey_round, access)
    return frame_part(
        "service_access",
        layer,
        kind="layer",
        title=in_each_language(TITLES["service_access"]()),
        key=["village_id", "service"],
        about=_plain(layer.attrs) | {"rule": _by_language(SIDE_BY_SIDE())},
    )


def unit_frames(
    tables: Mapping[str, pd.DataFrame], units: gpd.GeoDataFrame | None, measured: Mapping[str, Any] | None
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """The layers of each level that the tables are split by, with their names.

    Args:
        tables: All tables of a release in English, by name; or what the public may see of them.
        units: Schema `ADMIN_UNITS`; null for no layers.
        measured: What measured access says of itself; null where nothing was measured.
    """
    if units is None:
        return
    search_km = None if measured is None else measured["max_distance_km"]
    for name, layer_of in (
        ("mobility", mobility_by_unit),
        ("access", partial(access_by_unit, max_distance_km=search_km)),
    ):
        for by in (AdminLevel.REGION, AdminLevel.DISTRICT):
            if (layer := layer_of(tables, units, by)) is not None:
                yield f"{name}_by_{by}", layer


def unit_parts(
    tables: Mapping[str, pd.DataFrame], units: gpd.GeoDataFrame | None, measured: Mapping[str, Any] | None
) -> Iterator[Part]:
    """The collections `mobility_by_region`, `mobility_by_district`, `access_by_region` and `access_by_district`, as far as the tables are there.

    Args:
        tables: As for `unit_frames`.
        units: The same.
        measured: The same.
    """
    for name, layer in unit_frames(tables, units, measured):
        yield unit_part(name, layer, measured)


def unit_part(
    name: str,
    layer: gpd.GeoDataFrame,
    measured: Mapping[str, Any] | None,
) -> Part:
    """One layer of `unit_frames` as a collection.

    Args:
        name: Of the collection.
        layer: The layer.
        measured: As for `unit_frames`.
    """
    is_access = "access_by_" in name
    rule = (ACCESS_BY_UNIT if is_access else MOBILITY_BY_UNIT)(outside=layer.attrs["villages_outside"])
    about = dict(layer.attrs) | {"rule": _by_language(rule)}
    if is_access and measured is not None:
        about |= _plain({one: measured[one] for one in _OF_THE_MEASUREMENT})
    title = in_each_language(TITLES[name.removeprefix("public_")]())
    return frame_part(name, layer, kind="layer", title=title, key=["pcode"], about=about)


def _plain(about: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if value is not None}


def _by_language(text: str) -> dict[str, str]:
    return {language.value: said for language, said in in_each_language(text).items()}
