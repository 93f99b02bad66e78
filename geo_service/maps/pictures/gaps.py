"""Which communities lack a service: units shaded by how many they are, and the communities themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing
from geo_service.maps.palettes import VILLAGE
from geo_service.maps.pictures.marks import Villages
from geo_service.maps.pictures.shading import Entry, Fields, Number, shaded_areas
from geo_service.maps.pictures.units import basis_of, rows_of
from geo_service.maps.pictures.villages import band_texts, bands_of
from geo_service.maps.pictures.whole import having_numbers, most_of, picture_of
from geo_service.maps.sentences import SUMMARIES
from geo_service.maps.words import BASIS_ASIDE, LAYERS, SERVICE_BEYOND, SERVICE_WITHOUT, TITLES
from geo_service.vocabulary import Basis, Service, parse_service

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture, Points
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["gaps_picture"]


def gaps_picture(
    units: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    service: Service | str,
    *,
    basis: Basis | str,
    beyond_km: float | None = None,
    villages: gpd.GeoDataFrame | None = None,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by the number of communities that do not have a service, or are farther from it than a distance; and those communities.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        counts: `pcode`, `villages`, `villages_without`, where known `households` and `households_without`, and where numbers are hidden `suppressed`. With
            `beyond_km` those without are those beyond.
        service: The service.
        basis: Where both frames come from.
        beyond_km: Kilometres, 0 or more; null for the communities that do not have the service at all.
        villages: Only the communities without: `village_id`, `village_name`, `households`, and where known `band`, `distance_m` and `facility_name`; null where they
            are not to be shown.
        classing: How the numbers are put into classes; null for quantiles.
        about: Language, round and sources.

    Returns:
        The areas, then the communities. Those without a location are not on it, and a note says how many.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: There are no units, `beyond_km` is below 0, a frame has no such column, or numbers cannot be put into classes.
    """
    service, basis = parse_service(service), basis_of(basis)
    if beyond_km is not None and not 0 <= beyond_km < np.inf:
        raise InputError(f"{beyond_km} km is no distance to look beyond; give 0 or more, or none")
    texts = Texts(about)
    km = "" if beyond_km is None else texts.numbers.exact(beyond_km)
    rows = rows_of(units, counts, texts.language, ["villages_without"], "the table of gaps")
    layer = "villages_without" if beyond_km is None else "villages_beyond"
    fields = Fields(texts, rows)
    fields.add("villages", Number.COUNT)
    fields.add("villages_without", Number.COUNT, layer, km=km)
    fields.add("households", Number.COUNT)
    fields.add("households_without", Number.COUNT)
    areas = shaded_areas(
        texts,
        rows,
        "villages_without",
        Number.COUNT,
        classing or Classing(),
        name=texts(LAYERS[layer], km=km),
        fields=fields,
    )
    points, notes = (None, ()) if villages is None else _communities(texts, villages)
    aside = BASIS_ASIDE[basis]()
    if beyond_km is None:
        name = f"{service}_gaps_{basis}"
        title = texts(TITLES["communities_without"], service=SERVICE_WITHOUT[service](), basis=aside)
    else:
        name = f"{service}_gaps_beyond_{beyond_km:g}_km_{basis}"
        title = texts(TITLES["communities_beyond"], km=km, place=SERVICE_BEYOND[service](), basis=aside)
    return picture_of(
        texts,
        rows,
        [areas, points],
        name=name,
        title=title,
        sentences=_sentences(texts, rows),
        bases=[basis],
        notes=notes,
    )


def _communities(texts: Texts, villages: gpd.GeoDataFrame) -> tuple[Points, tuple[str, ...]]:
    drawn = Villages(texts, villages)
    if "band" in drawn.frame:
        bands = bands_of(villages["band"])
        said = dict(zip(bands, band_texts(texts, bands), strict=True))
        drawn.texts("band", [said.get(one, "") for one in drawn.column("band")])
    drawn.numbers("distance_m", texts.numbers.km, "distance_km")
    if "facility_name" in drawn.frame:
        drawn.texts("facility", drawn.column("facility_name"))
    name = texts(LAYERS["communities"])
    everyone = Entry(name, VILLAGE, np.ones(len(drawn.frame), dtype=bool), is_kept=True)
    return drawn.points(name, [everyone]), drawn.notes


def _sentences(texts: Texts, rows: UnitRows) -> list[str]:
    count = texts.numbers.count
    values = rows.numbers("villages_without")
    is_known = ~np.isnan(values)
    sentences = [f"{having_numbers(texts, rows, is_known)}."]
    if "villages" in rows.rows and is_known.any():
        part, whole = rows.total("villages_without", is_known), rows.total("villages", is_known)
        sentences.append(texts(SUMMARIES["villages_without"], part=count(part), whole=count(whole)))
    return [*sentences, most_of(texts, rows, values, count, "individuals")]
