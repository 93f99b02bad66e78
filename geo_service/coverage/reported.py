"""Reported access: the communities that have a service or have not, as their key informants say, and the households of those without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.coverage.labels import UNKNOWN, UNKNOWN_TERM, label_array, reported_table
from geo_service.coverage.units import code_positions, counts, ratio, sums, unit_rows, village_positions
from geo_service.errors import InputError
from geo_service.vocabulary import BANDS, SERVICES, AdminLevel, Band, Basis, Language, Method, Service, Status
from geo_service.wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["households_without", "reported_access_rows", "reported_presence"]

PRESENCE_BASE = Wording(
    en="share_with: of the villages where it is known whether the service is there",
    ru="share_with: от населённых пунктов, о которых известно, есть ли в них услуга",
    kk="share_with: қызметтің бар-жоғы белгілі елді мекендерден",
)
WITHOUT_BASE = Wording(
    en="share: of the households of the communities of the unit that do not have the service",
    ru="share: от домохозяйств сообществ территории, в которых услуги нет",
    kk="share: аумақтағы қызметі жоқ қауымдастықтардың үй шаруашылықтарынан",
)
RULE = Wording(
    en="communities without the service, by the distance to the nearest one as key informants report it",
    ru="сообщества без услуги по расстоянию до ближайшей, по сообщениям ключевых информаторов",
    kk="қызметі жоқ қауымдастықтар, негізгі ақпарат берушілер хабарлаған ең жақын қызметке дейінгі қашықтық бойынша",
)

_SERVICES = [service.value for service in Service]
_BANDS_AND_UNKNOWN = [*(band.value for band in Band), UNKNOWN]


def reported_access_rows(villages: gpd.GeoDataFrame, reported_access: pd.DataFrame) -> gpd.GeoDataFrame:
    """What key informants said of access as rows that stand beside measured ones: `pd.concat([reported, measured])`.

    Args:
        villages: Schema `ASSESSED_VILLAGES`.
        reported_access: Schema `REPORTED_ACCESS` of the same round.

    Returns:
        A row a village and service, as in `reported_access`, with the columns and types of `ACCESS`: `basis` is `reported`, `rank` 1, `band` and
        `present` as reported. What only a measurement has is null: `method`, `facility_id`, `facility_name`, `distance_m`, `status`. WGS84.

    Raises:
        InputError: A village of `reported_access` is not among the villages.
    """
    position = village_positions(reported_access["village_id"], villages["village_id"])
    if (position < 0).any():
        stray = reported_access["village_id"].iloc[int(np.flatnonzero(position < 0)[0])]
        raise InputError(f"village_id '{stray}' has answers but is not among the villages of the round")
    rows = len(position)
    nothing = pd.array([pd.NA], dtype="string").take(np.full(rows, -1), allow_fill=True)
    frame = gpd.GeoDataFrame(
        {
            "village_id": reported_access["village_id"].array,
            **{
                name: villages[name].array.take(position)
                for name in ("village_name", "adm1_pcode", "adm2_pcode", "households")
            },
            "service": pd.Categorical(reported_access["service"], categories=_SERVICES),
            "basis": pd.Categorical.from_codes(
                np.full(rows, [*Basis].index(Basis.REPORTED)), categories=[*Basis]
            ),
            "method": pd.Categorical.from_codes(np.full(rows, -1), categories=[*Method]),
            "rank": np.ones(rows, dtype=np.int64),
            "facility_id": nothing,
            "facility_name": nothing,
            "distance_m": np.full(rows, np.nan),
            "band": pd.Categorical(reported_access["band"], dtype=DEFAULT_BANDS.dtype),
            "status": pd.Categorical.from_codes(np.full(rows, -1), categories=[*Status]),
            "present": reported_access["present"].array,
        },
        geometry=villages.geometry.array.take(position),
        crs=villages.crs,
    )
    frame.attrs = {
        "basis": Basis.REPORTED.value,
        "edges_km": list(DEFAULT_BANDS.edges_km),
        "band_rule": DEFAULT_BANDS.rule,
    }
    return frame


def reported_presence(
    reported: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The communities with and without each service, as their key informants say.

    Args:
        reported: What `reported_access_rows` gave.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `service` (category), `label`, `villages`,
        `villages_with`, `villages_without`, `villages_unknown` (int64; the three make `villages`; unknown where nobody was asked), `share_with`
        (float64, of the villages with and without; null where there are none), `households_with` and `households_without` (Int64, all households
        of those communities; null where no village's are known). Every service has its row.

    Raises:
        InputError: `by` is the country, or the frame has no such column.
    """
    rows = unit_rows(reported, by)
    shape = (len(rows.pcodes), len(_SERVICES))
    keys = (rows.position, code_positions(reported["service"], _SERVICES))
    present = reported["present"].array
    villages = counts(shape, *keys).ravel()
    with_it = counts(shape, *keys, where=present).ravel()
    without = counts(shape, *keys, where=~present).ravel()
    codes = _SERVICES * len(rows.pcodes)
    return reported_table(
        rows.columns(len(_SERVICES), units, language)
        | {
            "service": pd.Categorical(codes, categories=_SERVICES),
            "label": label_array(codes, SERVICES, language),
            "villages": villages,
            "villages_with": with_it,
            "villages_without": without,
            "villages_unknown": villages - with_it - without,
            "share_with": ratio(with_it, with_it + without),
            "households_with": _households(reported, present, shape, keys),
            "households_without": _households(reported, ~present, shape, keys),
        },
        language,
        by=rows.by,
        base=PRESENCE_BASE(),
    )


def households_without(
    reported: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The communities without each service and their households, by the reported distance to the nearest one.

    This is the table "households by distance" of the Round 3 report of the Mobility Tracking Matrix in Kazakhstan: communities that have the
    service are not in it, so its first band is not comparable with that of a table of all villages.

    Args:
        reported: What `reported_access_rows` gave.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `service` (category), `service_label`, `band` (ordered
        category: the six bands, then `unknown` where no distance was said), `band_label`, `villages`, `villages_uncounted` (whose households are not
        known; int64), `households` (Int64, null where no village's are known) and `share` (float64, of the households without the service
        in the unit; null where there are none). Every service and band has its row.

    Raises:
        InputError: `by` is the country, or the frame has no such column.
    """
    rows = unit_rows(reported, by)
    shape = (len(rows.pcodes), len(_SERVICES), len(_BANDS_AND_UNKNOWN))
    band = code_positions(reported["band"], _BANDS_AND_UNKNOWN)
    keys = (
        rows.position,
        code_positions(reported["service"], _SERVICES),
        np.where(band < 0, _BANDS_AND_UNKNOWN.index(UNKNOWN), band),
    )
    without = ~reported["present"].array
    households = _households(reported, without, shape, keys)
    cells = np.arange(int(np.prod(shape)))
    total = pd.Series(households).groupby(cells // len(_BANDS_AND_UNKNOWN)).transform("sum")
    services = np.repeat(_SERVICES, len(_BANDS_AND_UNKNOWN)).tolist() * len(rows.pcodes)
    bands = _BANDS_AND_UNKNOWN * (len(_SERVICES) * len(rows.pcodes))
    return reported_table(
        rows.columns(len(_SERVICES) * len(_BANDS_AND_UNKNOWN), units, language)
        | {
            "service": pd.Categorical(services, categories=_SERVICES),
            "service_label": label_array(services, SERVICES, language),
            "band": pd.Categorical(bands, categories=_BANDS_AND_UNKNOWN, ordered=True),
            "band_label": label_array(bands, {**BANDS, UNKNOWN: UNKNOWN_TERM}, language),
            "villages": counts(shape, *keys, where=without).ravel(),
            "villages_uncounted": counts(
                shape, *keys, where=without & reported["households"].isna().array
            ).ravel(),
            "households": households,
            "share": ratio(households, total),
        },
        language,
        by=rows.by,
        rule=RULE(),
        base=WITHOUT_BASE(),
    )


def _households(
    reported: pd.DataFrame,
    where: pd.api.extensions.ExtensionArray,
    shape: tuple[int, ...],
    keys: tuple[NDArray[np.int64], ...],
) -> pd.api.extensions.ExtensionArray:
    is_counted = pd.Series(where).fillna(value=False).to_numpy(dtype=bool)
    return sums(reported["households"][is_counted], shape, *(key[is_counted] for key in keys))
