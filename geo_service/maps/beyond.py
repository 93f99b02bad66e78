"""The map of households beyond a distance from a service: units shaded by share, villages by whether they are beyond."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd

from geo_service.coverage.gaps import households_beyond, villages_without
from geo_service.errors import InputError
from geo_service.maps.data_layer import DataLayer
from geo_service.maps.offline import OfflineMap
from geo_service.vocabulary import SERVICES, AdminLevel, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = ["households_beyond_map"]

SHARE_EDGES = (0.0, 0.05, 0.1, 0.25, 0.5)
"""Lower edges of the classes of a unit's share of households; the first class is exactly none."""
SHARE_COLOURS = ("#f7f7f7", "#fee8c8", "#fdbb84", "#ef6548", "#b30000", "#7f0000")
"""None, then up to each next edge: ColorBrewer's OrRd, which readers with any colour vision can order."""
NO_DATA_COLOUR = "#d9d9d9"
BEYOND_COLOUR = "#111111"
WITHIN_COLOUR = "#2b7bba"
SIMPLIFY_DEGREES = 0.01

_STYLE = """
.gs-card{position:absolute;z-index:1000;background:#fffffff2;border:1px solid #bbb;border-radius:4px;padding:8px 12px;
font:13px/1.4 system-ui,sans-serif;color:#222;max-width:min(420px,70vw)}
.gs-title{top:10px;left:54px}.gs-title h1{font-size:16px;margin:0 0 2px}.gs-title p{margin:0}
.gs-legend{bottom:26px;right:10px;max-width:220px}.gs-legend b{display:block;margin:4px 0 2px}
.gs-legend i{display:inline-block;width:14px;height:14px;margin-right:6px;border:1px solid #888;vertical-align:-2px}
.gs-legend i.dot{border-radius:50%}.gs-note{color:#8a1c00;font-weight:600}
.leaflet-container{background:#eef3f6}
"""


def households_beyond_map(
    access: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    service: Service,
    beyond_km: float,
    *,
    sources: Sequence[str] = (),
    note: str | None = None,
) -> OfflineMap:
    """A self-contained map of the households whose nearest facility is farther than a distance.

    Args:
        access: Schema `ACCESS`, with the units' P-codes.
        units: Schema `ADMIN_UNITS`, of one level.
        service: The service.
        beyond_km: Kilometres in a straight line.
        sources: Attributions of the layers, shown under the legend.
        note: A warning shown under the title, such as that a layer is synthetic.

    Returns:
        A `folium.Map`; `to_html()` is one page that needs no internet.

    Raises:
        InputError: `access` has no rows of the service or no such units, or `units` are empty.
    """
    if units.empty:
        raise InputError("there are no admin units to draw")
    by = AdminLevel.DISTRICT if units["level"].max() == AdminLevel.DISTRICT.number else AdminLevel.REGION
    shares = households_beyond(access, service, beyond_km, by, units=units)
    label = SERVICES[service].en.lower()
    title = f"Households over {beyond_km:g} km from the nearest {label}, by {by}"
    page = OfflineMap(title, units.total_bounds)
    page.add_style("cards", _STYLE)
    _add_units(page, units, shares, beyond_km)
    _add_villages(page, access, service, beyond_km)
    folium.LayerControl(collapsed=True).add_to(page)
    page.add_html("title", _title_card(title, shares, access, note))
    page.add_html("legend", _legend(beyond_km, sources))
    return page


def _add_units(page: OfflineMap, units: gpd.GeoDataFrame, shares: pd.DataFrame, beyond_km: float) -> None:
    drawn = units[["pcode", "name_en", "geometry"]].merge(shares.drop(columns="name"), on="pcode", how="left")
    DataLayer(
        "Units by share of households",
        drawn.geometry.simplify_coverage(SIMPLIFY_DEGREES),
        [{"fillColor": _share_colour(share)} for share in drawn["share"]],
        [_unit_tooltip(unit, beyond_km) for unit in drawn.itertuples()],
        style={"color": "#666", "weight": 0.8, "fillOpacity": 0.85},
        highlight={"color": "#000", "weight": 2.5},
    ).add_to(page)


def _unit_tooltip(unit: Any, beyond_km: float) -> list[str]:
    title = unit.pcode if pd.isna(unit.name_en) else f"{unit.name_en} ({unit.pcode})"
    if pd.isna(unit.households):
        return [title, "no villages"]
    beyond = f"{int(unit.households_beyond):,} of {int(unit.households):,} households over {beyond_km:g} km"
    return [title, beyond, "no household counts" if pd.isna(unit.share) else f"{unit.share:.0%}"]


def _add_villages(page: OfflineMap, access: gpd.GeoDataFrame, service: Service, beyond_km: float) -> None:
    rows = access[(access["service"] == str(service)) & (access["rank"] == 1) & access.geometry.notna()]
    rows = rows.reset_index(drop=True)
    is_beyond = (
        rows["village_id"]
        .isin(villages_without(access, service, beyond_km=beyond_km)["village_id"])
        .to_numpy()
    )
    households = rows["households"].fillna(0).astype("float64")
    radius = 2 + 14 * np.sqrt(households / max(households.max(), 1.0))
    for name, which, colour in (
        (f"Villages within {beyond_km:g} km", ~is_beyond, WITHIN_COLOUR),
        (f"Villages beyond {beyond_km:g} km", is_beyond, BEYOND_COLOUR),
    ):
        DataLayer(
            name,
            rows[which].geometry,
            [{"radius": round(pixels, 1)} for pixels in radius[which]],
            [_village_tooltip(village) for village in rows[which].itertuples()],
            style={"color": colour, "fillColor": colour, "weight": 1, "fillOpacity": 0.55},
        ).add_to(page)


def _village_tooltip(village: Any) -> list[str]:
    lines = [village.village_id if pd.isna(village.village_name) else village.village_name]
    lines.append(
        "households not known" if pd.isna(village.households) else f"{village.households:,} households"
    )
    if pd.notna(village.distance_m):
        to = "" if pd.isna(village.facility_name) else f" to {village.facility_name}"
        lines.append(f"{village.distance_m / 1000:.1f} km in a straight line{to}")
    return lines


def _share_colour(share: float) -> str:
    if pd.isna(share):
        return NO_DATA_COLOUR
    return (
        SHARE_COLOURS[0]
        if share == 0
        else SHARE_COLOURS[int(np.searchsorted(SHARE_EDGES, share, side="left"))]
    )


def _title_card(title: str, shares: pd.DataFrame, access: gpd.GeoDataFrame, note: str | None) -> str:
    beyond, whole = shares["households_beyond"].sum(), shares["households"].sum()
    said = f'<p class="gs-note">{escape(note)}</p>' if note else ""
    basis = f"{access.attrs.get('basis', '')}, {access.attrs.get('method', '')}".strip(", ")
    return (
        f'<div class="gs-card gs-title"><h1>{escape(title)}</h1>'
        f"<p>{int(beyond):,} of {int(whole):,} households. Basis: {escape(basis)}; straight line, not by road.</p>{said}</div>"
    )


def _legend(beyond_km: float, sources: Sequence[str]) -> str:
    edges = [*SHARE_EDGES, 1.0]
    labels = [
        "none",
        f"up to {edges[1]:.0%}",
        *(f"{low:.0%} to {high:.0%}" for low, high in pairwise(edges[1:])),
    ]
    swatches = [
        f'<div><i style="background:{colour}"></i>{label}</div>'
        for colour, label in zip(SHARE_COLOURS, labels, strict=True)
    ]
    swatches.append(f'<div><i style="background:{NO_DATA_COLOUR}"></i>no data</div>')
    dots = [
        f'<div><i class="dot" style="background:{WITHIN_COLOUR}"></i>within {beyond_km:g} km</div>',
        f'<div><i class="dot" style="background:{BEYOND_COLOUR}"></i>beyond {beyond_km:g} km</div>',
    ]
    credits_ = "".join(f"<div>{escape(source)}</div>" for source in sources)
    return (
        '<div class="gs-card gs-legend"><b>Share of households beyond</b>' + "".join(swatches)
        + "<b>Villages, by households</b>" + "".join(dots)
        + "<small>Boundaries do not imply endorsement." + credits_ + "</small></div>"
    )  # fmt: skip
