"""How far a service is: units shaded by their households beyond a distance, villages by distance band, and facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.pictures.marks import facility_points
from geo_service.maps.pictures.shading import Fields, Number, shaded_areas
from geo_service.maps.pictures.units import basis_of, rows_of
from geo_service.maps.pictures.villages import villages_by_band
from geo_service.maps.pictures.whole import having_numbers, most_of, picture_of
from geo_service.maps.sentences import SUMMARIES
from geo_service.maps.words import BASIS_ASIDE, LAYERS, SERVICE_BEYOND, TITLES
from geo_service.vocabulary import Basis, Service, parse_service

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["access_picture"]

_CLASSING = Classing(Scheme.GIVEN, edges=(0.05, 0.1, 0.25, 0.5, 1))


def access_picture(
    units: gpd.GeoDataFrame,
    beyond: pd.DataFrame,
    service: Service | str,
    *,
    beyond_km: float,
    basis: Basis | str,
    villages: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by the share of their households beyond a distance from a service, with the villages and the facilities.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        beyond: What `coverage.gaps.households_beyond` gave, or the same guarded, with `suppressed`.
        service: The service.
        beyond_km: Kilometres, 0 or more.
        basis: Where `beyond` and `villages` come from.
        villages: `village_id`, `village_name`, `households`, `band`, and where known `distance_m`, `facility_name`, `status` and `present`; null where they are not
            to be shown. A village that is said to have the service is in the nearest band. Beyond the limit of the search is in the last band where
            `attrs["max_distance_km"]` says that the search went as far; else it is a class of its own.
        facilities: Schema `FACILITIES`, of all services or this one; null to show none.
        classing: How the shares are put into classes; null for edges at 5, 10, 25 and 50%.
        about: Language, round and sources.

    Returns:
        The areas, then villages and facilities. Villages without a location are not on it, and a note says how many.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: There are no units, `beyond_km` is below 0, a frame has no such column, or a band is not known.
    """
    service, basis = parse_service(service), basis_of(basis)
    if not 0 <= beyond_km < np.inf:
        raise InputError(f"{beyond_km} km is no distance to look beyond; give 0 or more")
    texts = Texts(about)
    km = texts.numbers.exact(beyond_km)
    rows = rows_of(units, beyond, texts.language, ["share"], "the table of households beyond a distance")
    fields = Fields(texts, rows)
    fields.add("villages", Number.COUNT)
    fields.add("villages_beyond", Number.COUNT, km=km)
    fields.add("households", Number.COUNT)
    fields.add("households_beyond", Number.COUNT, km=km)
    fields.add("share", Number.SHARE, "share_beyond", km=km)
    areas = shaded_areas(
        texts,
        rows,
        "share",
        Number.SHARE,
        classing or _CLASSING,
        name=texts(LAYERS["share_beyond"], km=km),
        fields=fields,
    )
    shown = None if villages is None else villages_by_band(texts, villages, basis)
    return picture_of(
        texts,
        rows,
        [
            areas,
            None if shown is None else shown.points,
            # Small squares over the circles: below them they could not be seen.
            None if facilities is None else facility_points(texts, facilities, service),
        ],
        name=f"{service}_beyond_{beyond_km:g}_km_{basis}",
        title=texts(TITLES["beyond"], km=km, place=SERVICE_BEYOND[service](), basis=BASIS_ASIDE[basis]()),
        sentences=_sentences(texts, rows, km),
        bases=[basis],
        notes=() if shown is None else shown.notes,
    )


def _sentences(texts: Texts, rows: UnitRows, km: str) -> list[str]:
    values = rows.numbers("share")
    is_known = ~np.isnan(values)
    sentences = [f"{having_numbers(texts, rows, is_known)}."]
    if {"households", "households_beyond"} <= set(rows.rows):
        is_known &= ~np.isnan(rows.numbers("households")) & ~np.isnan(rows.numbers("households_beyond"))
        whole, part = rows.total("households", is_known), rows.total("households_beyond", is_known)
        if whole:
            count, share = texts.numbers.count, texts.numbers.share
            said = SUMMARIES["households_beyond"]
            sentences.append(
                texts(said, km=km, part=count(part), whole=count(whole), share=share(part / whole))
            )
    return [*sentences, most_of(texts, rows, values, texts.numbers.share, "of_households")]
