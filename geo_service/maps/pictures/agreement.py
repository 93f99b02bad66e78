"""Whether what key informants say of access is what is measured: units by how often it is, and villages by how far the two are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.coverage.agreement import AGREEMENTS, Agreement
from geo_service.errors import InputError
from geo_service.maps.about import NOTHING_SAID, Texts
from geo_service.maps.classes import Classing, Scheme
from geo_service.maps.numbers import floats
from geo_service.maps.palettes import BAND_RAMP, EQUAL, FARTHER, NEARER, NOT_COMPARED, ONE_APART
from geo_service.maps.picture import ClassKind
from geo_service.maps.pictures.marks import Villages
from geo_service.maps.pictures.shading import Entry, Fields, Number, shaded_areas
from geo_service.maps.pictures.units import rows_of, rows_where
from geo_service.maps.pictures.villages import band_texts, bands_of
from geo_service.maps.pictures.whole import having_numbers, most_of, picture_of
from geo_service.maps.sentences import SUMMARIES
from geo_service.maps.words import LAYERS, LEGEND, SERVICE_DISTANCE, TITLES
from geo_service.vocabulary import Basis, Service, parse_service

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo_service.maps.about import MapAbout
    from geo_service.maps.picture import Picture, Points
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["agreement_picture"]

_CLASSING = Classing(Scheme.GIVEN, edges=(0.25, 0.5, 0.75, 0.9, 1))
_WHAT = "the table of agreement"


def agreement_picture(
    units: gpd.GeoDataFrame,
    agreement: pd.DataFrame,
    service: Service | str,
    *,
    villages: gpd.GeoDataFrame | None = None,
    classing: Classing | None = None,
    about: MapAbout = NOTHING_SAID,
) -> Picture:
    """Units shaded by the share of villages whose reported and measured distance are in one band, and the villages by how far the two are apart.

    Args:
        units: Schema `ADMIN_UNITS` of one level, in any CRS.
        agreement: What `coverage.agreement.agreement_summary` gave by unit: rows of the service among others; where numbers are hidden, `suppressed`.
        service: The service.
        villages: Rows of `coverage.agreement.access_agreement`, of the service or, with a column `service`, of it among others; null where they are not to be shown.
        classing: How the shares are put into classes; null for edges at 25, 50, 75 and 90%.
        about: Language, round and sources.

    Returns:
        The areas, then the villages: in the same band, one band apart, two or more apart with the measured one nearer or farther, and those that cannot be compared.
        Those without a location are not on it, and a note says how many.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: There are no units, no rows of the service, or a frame has no such column.
    """
    service = parse_service(service)
    texts = Texts(about)
    of_service = rows_where(agreement, "service", service, _WHAT)
    rows = rows_of(units, of_service, texts.language, ["compared", "equal", "share_equal"], _WHAT)
    fields = Fields(texts, rows)
    for one in ("villages", "compared"):
        fields.add(one, Number.COUNT)
    fields.add("share_equal", Number.SHARE)
    for one in ("one_apart", "two_or_more_apart", "measured_nearer", "measured_farther"):
        fields.add(one, Number.COUNT)
    areas = shaded_areas(
        texts,
        rows,
        "share_equal",
        Number.SHARE,
        classing or _CLASSING,
        name=texts(LAYERS["share_equal"]),
        fields=fields,
        null="nothing_compared",
        ramp=BAND_RAMP,
    )
    points, notes = (None, ()) if villages is None else _villages(texts, villages, service)
    return picture_of(
        texts,
        rows,
        [areas, points],
        name=f"{service}_agreement",
        title=texts(TITLES["agreement"], place=SERVICE_DISTANCE[service]()),
        sentences=_sentences(texts, rows),
        bases=[Basis.REPORTED, Basis.MEASURED],
        notes=notes,
    )


def _villages(texts: Texts, villages: gpd.GeoDataFrame, service: Service) -> tuple[Points, tuple[str, ...]]:
    for column in ("agreement", "bands_apart"):
        if column not in villages:
            raise InputError(f"the villages have no column '{column}'; give rows of access_agreement()")
    if "service" in villages:
        villages = villages[(villages["service"] == service).to_numpy()]
    drawn = Villages(texts, villages)
    for column in ("reported_band", "measured_band"):
        if column in drawn.frame:
            bands = bands_of(villages[column])
            said = dict(zip(bands, band_texts(texts, bands), strict=True))
            drawn.texts(column, [said.get(one, "") for one in drawn.column(column)])
    drawn.numbers("distance_m", texts.numbers.km, "distance_km")
    known = {one.value: AGREEMENTS[one].label(texts.language) for one in Agreement}
    state = drawn.column("agreement")
    drawn.texts("agreement", [known.get(one, "") for one in state])
    is_of = {one: np.array([found == one for found in state], dtype=bool) for one in known}
    is_nearer = floats(drawn.frame["bands_apart"]) < 0
    far = is_of[Agreement.TWO_OR_MORE_APART]
    is_compared = is_of[Agreement.EQUAL] | is_of[Agreement.ONE_APART] | far
    entries = [
        Entry(texts(LEGEND["equal"]), EQUAL, is_of[Agreement.EQUAL], is_kept=True),
        Entry(texts(LEGEND["one_apart"]), ONE_APART, is_of[Agreement.ONE_APART], is_kept=True),
        Entry(texts(LEGEND["nearer"]), NEARER, far & is_nearer, is_kept=True),
        Entry(texts(LEGEND["farther"]), FARTHER, far & ~is_nearer, is_kept=True),
        Entry(texts(LEGEND["not_compared"]), NOT_COMPARED, ~is_compared, ClassKind.NO_DATA),
    ]
    return drawn.points(texts(LAYERS["villages_compared"]), entries), drawn.notes


def _sentences(texts: Texts, rows: UnitRows) -> list[str]:
    count, share = texts.numbers.count, texts.numbers.share
    values = rows.numbers("share_equal")
    is_known = ~np.isnan(values)
    sentences = [f"{having_numbers(texts, rows, is_known)}."]
    part, whole = rows.total("equal", is_known), rows.total("compared", is_known)
    if whole:
        sentences.append(
            texts(SUMMARIES["agreement"], part=count(part), whole=count(whole), share=share(part / whole))
        )
    return [*sentences, most_of(texts, rows, values, share, "of_compared")]
