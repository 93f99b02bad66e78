"""Agreement: what key informants say of access beside what is measured, for the same villages."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.bands import DEFAULT_BANDS, band
from geo_service.coverage.labels import label_array
from geo_service.coverage.units import code_positions, counts, ratio, sums, unit_rows, village_positions
from geo_service.errors import InputError
from geo_service.vocabulary import BANDS, SERVICES, AdminLevel, Band, Basis, Language, Service, Status
from geo_service.vocabulary.term import table_of
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "AGREEMENTS",
    "Agreement",
    "access_agreement",
    "access_side_by_side",
    "agreement_summary",
    "contradictions",
]


class Agreement(StrEnum):
    """How far a reported answer and a measurement are apart, or why they cannot be compared."""

    EQUAL = "equal"
    ONE_APART = "one_apart"
    TWO_OR_MORE_APART = "two_or_more_apart"
    NOT_ASKED = "not_asked"
    NO_BAND_REPORTED = "no_band_reported"
    NOT_MEASURED = "not_measured"


AGREEMENTS = table_of(
    (Agreement.EQUAL, "Same band", "Тот же интервал", "Сол аралық", ""),
    (Agreement.ONE_APART, "One band apart", "Отличие на один интервал", "Бір аралыққа айырма", ""),
    (
        Agreement.TWO_OR_MORE_APART,
        "Two or more bands apart",
        "Отличие на два интервала и более",
        "Екі және одан көп аралыққа айырма",
        "",
    ),
    (
        Agreement.NOT_ASKED,
        "Not asked",
        "Не спрашивали",
        "Сұралмаған",
        "Nobody said whether the service is there.",
    ),
    (
        Agreement.NO_BAND_REPORTED,
        "No distance reported",
        "Расстояние не названо",
        "Қашықтық айтылмаған",
        "The service is not there, and nobody said how far the nearest is.",
    ),
    (
        Agreement.NOT_MEASURED,
        "Not measured",
        "Не измерено",
        "Өлшенбеген",
        "The village has no location, the layer has no facility, or the service or village is not in the measured frame.",
    ),
)

RULE = Wording(
    en="a service that is reported to be there counts as the band 0-5; measured distances are straight lines, not by road; bands_apart is the measured band "
    "less the reported one: above 0 where the nearest measured is farther than reported",
    ru="услуга, о наличии которой сообщили, относится к интервалу 0-5; измеренные расстояния — по прямой, не по дорогам; bands_apart — измеренный интервал "
    "минус названный: больше 0, если ближайший объект дальше, чем сообщили",
    kk="бар деп хабарланған қызмет 0-5 аралығына жатады; өлшенген қашықтықтар — түзу сызық бойымен, жол бойымен емес; bands_apart — өлшенген аралық минус "
    "хабарланған аралық: ең жақын нысан хабарланғаннан алыс болса, 0-ден үлкен",
)
SUMMARY_BASE = Wording(
    en="shares: of the villages compared",
    ru="доли: от сравненных населённых пунктов",
    kk="үлестер: салыстырылған елді мекендерден",
)
SIDE_BY_SIDE_BASE = Wording(
    en="shares: of the households of the villages compared for the service",
    ru="доли: от домохозяйств населённых пунктов, сравненных по услуге",
    kk="үлестер: қызмет бойынша салыстырылған елді мекендердің үй шаруашылықтарынан",
)

_SERVICES = [service.value for service in Service]
_BANDS = [one.value for one in Band]
_COMPARED = (Agreement.EQUAL, Agreement.ONE_APART, Agreement.TWO_OR_MORE_APART)
_CONTRADICTION = 2
"""From how many bands apart two statements contradict each other."""


def access_agreement(
    reported: gpd.GeoDataFrame, access: pd.DataFrame, *, language: Language | str = Language.EN
) -> gpd.GeoDataFrame:
    """For each village and service the reported band beside the measured one.

    A service that is reported to be there counts as the band 0-5; a distance falls into a band by the rule of `bands.band`. The nearest beyond the limit of
    a search that went as far as the last band begins counts as in the last band.

    Args:
        reported: What `reported_access_rows` gave.
        access: Schema `ACCESS`, of the same villages by `village_id`. Only rank 1 counts.
        language: The language of labels.

    Returns:
        The rows of `reported` in their order: `village_id`, `village_name`, `adm1_pcode`, `adm2_pcode`, `households`, `service`, `label`,
        `reported_present`, `measured_present` (boolean), `reported_band`, `measured_band` (ordered category of `Band`), `distance_m` (float64), `bands_apart`
        (Int64, measured less reported, null where they cannot be compared), `agreement` (category of `Agreement`), `agreement_label` and `geometry`.

    Raises:
        InputError: `access` has a village twice for a service.
    """
    measured = _measured_beside(reported, access)
    said, found = _reported_bands(reported), _measured_bands(measured, access.attrs.get("max_distance_km"))
    apart = found - said
    is_compared = (said >= 0) & (found >= 0)
    agreement = _agreement(reported["present"].isna().to_numpy(), said < 0, found < 0, np.abs(apart))
    frame = reported[
        ["village_id", "village_name", "adm1_pcode", "adm2_pcode", "households", "service", "geometry"]
    ].assign(
        label=label_array(reported["service"].array, SERVICES, language),
        reported_present=reported["present"].array,
        measured_present=measured["present"].array,
        reported_band=pd.Categorical.from_codes(said, categories=_BANDS, ordered=True),
        measured_band=pd.Categorical.from_codes(found, categories=_BANDS, ordered=True),
        distance_m=measured["distance_m"].array,
        bands_apart=pd.arrays.IntegerArray(apart, ~is_compared),
        agreement=agreement,
        agreement_label=label_array(agreement, AGREEMENTS, language),
    )
    frame.attrs = _about(access, language)
    return frame[[*(name for name in frame if name != "geometry"), "geometry"]]


def contradictions(agreement: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows of `access_agreement` where reported and measured are two bands or more apart, the farthest apart first, then the most households."""
    apart = agreement[(agreement["agreement"] == Agreement.TWO_OR_MORE_APART).to_numpy()]
    farthest = apart.assign(_apart=apart["bands_apart"].abs()).sort_values(
        ["_apart", "households", "village_id", "service"],
        ascending=[False, False, True, True],
        kind="stable",
        na_position="last",
        ignore_index=True,
    )
    return farthest.drop(columns="_apart")


def agreement_summary(
    agreement: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """How many villages agree on each service, and why others cannot be compared.

    Args:
        agreement: What `access_agreement` gave.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `service` (category), `label`, `villages`, `compared`, of them
        `equal`, `one_apart`, `two_or_more_apart`, and also of them `measured_nearer`, `measured_farther` (than reported); `not_asked`, `no_band_reported`,
        `not_measured` (int64; with `compared` they make `villages`); `share_equal`, `share_two_or_more_apart` (float64, of the villages compared) and
        `weighted_kappa` (float64). Null where nothing was compared; kappa also where one band is all that either says. Every service has its row.

    Raises:
        InputError: `by` is the country, or the frame has no such column.

    Source:
        Weighted kappa: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968), with weights that grow by one a band (linear). 1 is full agreement, 0
        what chance would give with as many villages in each band.
    """
    rows = unit_rows(agreement, by)
    shape = (len(rows.pcodes), len(_SERVICES))
    keys = (rows.position, code_positions(agreement["service"], _SERVICES))
    of = {one: counts(shape, *keys, where=agreement["agreement"] == one).ravel() for one in Agreement}
    compared = np.sum([of[one] for one in _COMPARED], axis=0)
    apart = agreement["bands_apart"]
    codes = _SERVICES * len(rows.pcodes)
    table = pd.DataFrame(
        rows.columns(len(_SERVICES), units, language)
        | {
            "service": pd.Categorical(codes, categories=_SERVICES),
            "label": label_array(codes, SERVICES, language),
            "villages": counts(shape, *keys).ravel(),
            "compared": compared,
            **{one.value: of[one] for one in _COMPARED},
            "measured_nearer": counts(shape, *keys, where=apart < 0).ravel(),
            "measured_farther": counts(shape, *keys, where=apart > 0).ravel(),
            **{one.value: of[one] for one in Agreement if one not in _COMPARED},
            "share_equal": ratio(of[Agreement.EQUAL], compared),
            "share_two_or_more_apart": ratio(of[Agreement.TWO_OR_MORE_APART], compared),
            "weighted_kappa": _weighted_kappa(_confusion(agreement, shape, keys)),
        }
    )
    table.attrs = dict(agreement.attrs) | {
        "by": None if rows.by is None else rows.by.value,
        "base": SUMMARY_BASE().in_language(Language(language)),
    }
    return table


def access_side_by_side(
    agreement: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The villages and households of each service by reported and by measured band, of the villages where both are known.

    Args:
        agreement: What `access_agreement` gave.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `service` (category), `service_label`, `band` (ordered
        category), `band_label`, `villages_reported`, `villages_measured` (int64), `households_reported`, `households_measured` (Int64, null where no
        village's are known), `share_reported` and `share_measured` (float64, of the households compared for the service; null where there are none). Every service
        and band has its row, and either basis adds up to the same villages and households.

    Raises:
        InputError: `by` is the country, or the frame has no such column.
    """
    compared = agreement[agreement["bands_apart"].notna().to_numpy()]
    rows = unit_rows(compared, by)
    shape = (len(rows.pcodes), len(_SERVICES), len(_BANDS))
    service = code_positions(compared["service"], _SERVICES)
    services = np.repeat(_SERVICES, len(_BANDS)).tolist() * len(rows.pcodes)
    bands = _BANDS * (len(_SERVICES) * len(rows.pcodes))
    columns: dict[str, object] = {}
    of_service = np.repeat(np.arange(len(rows.pcodes) * len(_SERVICES)), len(_BANDS))
    for basis in Basis:
        keys = (rows.position, service, compared[f"{basis}_band"].cat.codes.to_numpy(dtype=np.int64))
        households = sums(compared["households"], shape, *keys)
        total = pd.Series(households).groupby(of_service).transform("sum")
        columns |= {
            f"villages_{basis}": counts(shape, *keys).ravel(),
            f"households_{basis}": households,
            f"share_{basis}": ratio(households, total),
        }
    order = [f"{what}_{basis}" for what in ("villages", "households", "share") for basis in Basis]
    table = pd.DataFrame(
        rows.columns(len(_SERVICES) * len(_BANDS), units, language)
        | {
            "service": pd.Categorical(services, categories=_SERVICES),
            "service_label": label_array(services, SERVICES, language),
            "band": pd.Categorical(bands, dtype=DEFAULT_BANDS.dtype),
            "band_label": label_array(bands, BANDS, language),
        }
        | {name: columns[name] for name in order}
    )
    table.attrs = dict(agreement.attrs) | {
        "by": None if rows.by is None else rows.by.value,
        "base": SIDE_BY_SIDE_BASE().in_language(Language(language)),
    }
    return table


def _measured_beside(reported: pd.DataFrame, access: pd.DataFrame) -> pd.DataFrame:
    """What is measured for the village and service of each row of `reported`, in its order; all null where nothing is."""
    first = access[(access["rank"] == 1).to_numpy()]
    ids = reported["village_id"].drop_duplicates()
    village = village_positions(first["village_id"], ids)
    first, village = first[village >= 0], village[village >= 0]
    cell = np.ravel_multi_index(
        (village, code_positions(first["service"], _SERVICES)), (len(ids), len(_SERVICES))
    )
    if len(cell) and np.bincount(cell).max() > 1:
        twice = first["village_id"][pd.Series(cell).duplicated().to_numpy()].iloc[0]
        raise InputError(f"the access frame: village_id '{twice}' is there more than once for a service")
    row = np.full(len(ids) * len(_SERVICES), -1, dtype=np.int64)
    row[cell] = np.arange(len(cell))
    asked = (village_positions(reported["village_id"], ids), code_positions(reported["service"], _SERVICES))
    row = row[np.ravel_multi_index(asked, (len(ids), len(_SERVICES)))]
    return pd.DataFrame(
        {
            name: first[name].astype(dtype).array.take(row, allow_fill=True)
            for name, dtype in (("distance_m", "Float64"), ("status", "category"), ("present", "boolean"))
        }
    ).astype({"distance_m": "float64"})


def _reported_bands(reported: pd.DataFrame) -> NDArray[np.int64]:
    """The position of each reported band, the first for a service that is there; -1 where nobody was asked or said."""
    present = reported["present"].array
    is_there, is_asked = present.fillna(value=False).astype(bool), ~pd.isna(present)
    return np.where(is_there, 0, np.where(is_asked, code_positions(reported["band"], _BANDS), -1))


def _measured_bands(measured: pd.DataFrame, searched_km: float | None) -> NDArray[np.int64]:
    """The position of each measured band; -1 where there is no distance, unless what lies beyond the search is in the last band."""
    found = code_positions(band(measured["distance_m"]), _BANDS)
    if searched_km is None or searched_km < DEFAULT_BANDS.edges_km[-1]:
        return found
    return np.where(measured["status"] == Status.BEYOND_LIMIT, len(_BANDS) - 1, found)


def _agreement(
    is_not_asked: NDArray[np.bool_],
    has_no_reported: NDArray[np.bool_],
    has_no_measured: NDArray[np.bool_],
    apart: NDArray[np.int64],
) -> pd.Categorical:
    known = [
        (is_not_asked, Agreement.NOT_ASKED),
        (has_no_reported, Agreement.NO_BAND_REPORTED),
        (has_no_measured, Agreement.NOT_MEASURED),
        (apart == 0, Agreement.EQUAL),
        (apart < _CONTRADICTION, Agreement.ONE_APART),
    ]
    order = [one.value for one in Agreement]
    chosen = np.select(
        [is_so for is_so, _ in known],
        [order.index(one) for _, one in known],
        order.index(Agreement.TWO_OR_MORE_APART),
    )
    return pd.Categorical.from_codes(chosen, categories=order)


def _confusion(
    agreement: pd.DataFrame, shape: tuple[int, int], keys: tuple[NDArray[np.int64], ...]
) -> NDArray[np.int64]:
    """Villages by reported and measured band, shape (units * services, bands, bands)."""
    is_compared = agreement["bands_apart"].notna().to_numpy()
    pair = [
        agreement[name].cat.codes.to_numpy(dtype=np.int64)[is_compared]
        for name in ("reported_band", "measured_band")
    ]
    cells = counts((*shape, len(_BANDS), len(_BANDS)), *(key[is_compared] for key in keys), *pair)
    return cells.reshape(-1, len(_BANDS), len(_BANDS))


def _weighted_kappa(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cohen's weighted kappa of each square of `confusion`, shape (n,); NaN where chance would leave no disagreement."""
    far = np.abs(np.subtract.outer(np.arange(len(_BANDS)), np.arange(len(_BANDS))))
    villages = confusion.sum(axis=(1, 2))
    by_chance = confusion.sum(axis=2)[:, :, None] * confusion.sum(axis=1)[:, None, :]
    observed = (confusion * far).sum(axis=(1, 2))
    expected = ratio((by_chance * far).sum(axis=(1, 2)), villages)
    return 1 - ratio(observed, expected)


def _about(access: pd.DataFrame, language: Language | str) -> dict[str, object]:
    """Both bases, and what the measured one says of itself."""
    measured = {
        name: access.attrs[name]
        for name in ("method", "presence_km", "max_distance_km")
        if name in access.attrs
    }
    return {
        "basis": f"{Basis.REPORTED}, {Basis.MEASURED}",
        **measured,
        "edges_km": list(DEFAULT_BANDS.edges_km),
        "band_rule": DEFAULT_BANDS.rule,
        "rule": RULE().in_language(Language(language)),
    }
