"""Villages by distance band."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.errors import InputError
from geo_service.maps.palettes import NO_DATA, NONE_TO_REACH, band_colours
from geo_service.maps.picture import ClassKind
from geo_service.maps.pictures.marks import Villages
from geo_service.maps.pictures.shading import Entry
from geo_service.maps.words import LAYERS, LEGEND
from geo_service.vocabulary import BANDS, STATUSES, Basis, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo_service.maps.about import Texts
    from geo_service.maps.picture import Points

__all__ = ["VillagesByBand", "band_texts", "bands_of", "villages_by_band"]

_NONE_TO_REACH = (Status.BEYOND_LIMIT, Status.UNREACHABLE, Status.NO_FACILITY)


class VillagesByBand(NamedTuple):
    """The layer of villages, and what is to be said of those that are not on it."""

    points: Points
    notes: tuple[str, ...]


def villages_by_band(texts: Texts, villages: gpd.GeoDataFrame, basis: Basis) -> VillagesByBand:
    """Villages coloured by the band of the nearest facility.

    Args:
        texts: The language.
        villages: As `access_picture` takes them.
        basis: Where the bands come from.

    Raises:
        InputError: There is no column of bands, or a band is not known.
    """
    if "band" not in villages:
        raise InputError(
            "the villages have no column 'band'; give each its distance band, null where it is not known"
        )
    drawn = Villages(texts, villages)
    frame = drawn.frame
    bands = bands_of(villages["band"])
    place = pd.Series(pd.Categorical(frame["band"].astype(object), categories=bands)).cat.codes.to_numpy()
    place = place.astype(np.int64)
    if basis is Basis.REPORTED and "present" in frame:
        place[frame["present"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)] = 0
    status = frame["status"].astype(object).to_numpy() if "status" in frame else np.full(len(frame), None)
    if _is_beyond_last(villages.attrs.get("max_distance_km"), bands[-1]):
        place[(place < 0) & (status == Status.BEYOND_LIMIT)] = len(bands) - 1
    colours = band_colours(len(bands))
    entries = [
        Entry(label, colours[at], place == at, is_kept=True)
        for at, label in enumerate(band_texts(texts, bands))
    ]
    rest = place < 0
    for one in _NONE_TO_REACH:
        is_so = rest & (status == one)
        entries.append(Entry(STATUSES[one].label(texts.language), NONE_TO_REACH, is_so))
        rest = rest & ~is_so
    entries.append(Entry(texts(LEGEND["distance_not_known"]), NO_DATA, rest, ClassKind.NO_DATA))
    drawn.texts("band", _said(entries, len(frame)))
    drawn.numbers("distance_m", texts.numbers.km, "distance_km")
    if "facility_name" in frame:
        drawn.texts("facility", drawn.column("facility_name"))
    return VillagesByBand(drawn.points(texts(LAYERS["villages_by_band"]), entries), drawn.notes)


def band_texts(texts: Texts, bands: Sequence[str]) -> list[str]:
    """What bands are called: the report's own by its words, others with their unit."""
    km = {"en": "km", "ru": "км", "kk": "км"}[texts.language]
    known = {band.value: term.label(texts.language) for band, term in BANDS.items()}
    return [known.get(one, f"{one} {km}") for one in bands]


def bands_of(column: pd.Series) -> list[str]:
    """The bands in their order: those of the column where it is an ordered category, else the report's.

    Raises:
        InputError: A band is not one of them.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return [str(one) for one in column.cat.categories]
    known = list(DEFAULT_BANDS.labels)
    strays = sorted(set(column.dropna().astype(str)) - set(known))
    if strays:
        raise InputError(
            f"'{strays[0]}' is none of the bands {', '.join(known)}; give others as an ordered category, nearest first"
        )
    return known


def _is_beyond_last(searched_km: float | None, last: str) -> bool:
    return searched_km is not None and searched_km >= float(last.removeprefix(">"))


def _said(entries: Sequence[Entry], count: int) -> list[str]:
    """The label of the class of each village."""
    place = np.zeros(count, dtype=np.int64)
    for at, one in enumerate(entries):
        place[one.members] = at
    labels = [one.label for one in entries]
    return [labels[at] for at in place.tolist()]
