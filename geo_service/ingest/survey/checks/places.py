"""The unit that each village lies in beside the one that it declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.schemas import WGS84
from geo_service.spatial.locate import DEFAULT_SNAP_KM, locate
from geo_service.vocabulary import AdminLevel
from geo_service.wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.cells import Lines
    from geo_service.ingest.survey.answers.units import Declared

__all__ = ["FAR_OUTSIDE_KM", "Lying", "check_declared", "check_known", "lying_in", "settled_units"]

FAR_OUTSIDE_KM = 10.0
"""A village that lies farther than this outside the unit it declares is there by mistake; nearer, the border may be drawn coarsely."""

_NOWHERE = Wording(
    en="neither a region nor a district is given, and no location in any of them",
    ru="не указаны ни область, ни район, и координаты не лежат ни в одном из них",
    kk="облыс та, аудан да көрсетілмеген, координаттар да олардың ешқайсысында жатпайды",
)
_GIVE_REGION = Wording(
    en="Fill in the region and the district", ru="Укажите область и район", kk="Облыс пен ауданды толтырыңыз"
)
_NO_DISTRICT = Wording(
    en="no district is given, and no location that says it; only the region is known",
    ru="район не указан, и координаты его не определяют; известна только область",
    kk="аудан көрсетілмеген, координаттар да оны анықтамайды; тек облыс белгілі",
)
_FAR = Wording(
    en="it is declared in {declared} and lies over {far:g} km outside, {lies}",
    ru="указана территория {declared}, но точка лежит более чем в {far:g} км за её пределами, {lies}",
    kk="көрсетілген аумақ — {declared}, бірақ нүкте одан {far:g} км-ден артық қашықта, {lies}",
)
_NEAR = Wording(
    en="it is declared in {declared} and lies {metres} m outside, {lies}; what is declared counts",
    ru="указана территория {declared}, но точка лежит в {metres} м за её пределами, {lies}; засчитана указанная",
    kk="көрсетілген аумақ — {declared}, бірақ нүкте одан {metres} м қашықта, {lies}; көрсетілгені есептеледі",
)
_IN_UNIT = Wording(en="in {unit}", ru="на территории {unit}", kk="{unit} аумағында")
_IN_NONE = Wording(en="in no unit", ru="вне всех территорий", kk="барлық аумақтан тыс")
_CORRECT_EITHER = Wording(
    en="Correct the location or the unit",
    ru="Исправьте координаты или указанную территорию",
    kk="Координаттарды немесе көрсетілген аумақты түзетіңіз",
)
_SWAPPED = Wording(
    en="it lies outside the unit it should be in, and inside with latitude and longitude the other way round",
    ru="точка лежит вне своей территории, а если поменять местами широту и долготу — внутри неё",
    kk="нүкте өз аумағынан тыс жатыр, ал ендік пен бойлықты ауыстырса — соның ішінде",
)
_SWAP = Wording(
    en="Swap the two coordinates", ru="Поменяйте координаты местами", kk="Екі координатаны ауыстырыңыз"
)
_SNAPPED = Wording(
    en="it lies outside every unit and was given the nearest, {unit}, {metres} m away",
    ru="точка лежит вне всех территорий и отнесена к ближайшей, {unit}, в {metres} м",
    kk="нүкте барлық аумақтан тыс жатыр, ол {metres} м жердегі ең жақын {unit} аумағына жатқызылды",
)


@dataclass(frozen=True, slots=True)
class Lying:
    """Where villages lie.

    Attributes:
        points: Geometry in WGS84 and nothing else, null where there is none; RangeIndex.
        adm1_pcode: The region that each lies in (string), null where in none.
        adm2_pcode: Likewise the district; null for all where the units are regions.
        snapped_m: How far outside every unit it lies where it was given the nearest, in metres; NaN elsewhere. Shape (n,).
    """

    points: gpd.GeoDataFrame
    adm1_pcode: pd.Series
    adm2_pcode: pd.Series
    snapped_m: NDArray[np.float64]


def lying_in(villages: pd.DataFrame, units: gpd.GeoDataFrame | None) -> Lying:
    """Find the unit that each village lies in.

    Args:
        villages: Of `village_answers`.
        units: Schema `ADMIN_UNITS`; null for none, so that no village lies in any.
    """
    points = np.full(len(villages), None, dtype=object)
    is_known = villages["lon"].notna().to_numpy()
    points[is_known] = shapely.points(villages["lon"][is_known], villages["lat"][is_known])
    frame = gpd.GeoDataFrame(geometry=points, crs=WGS84)
    if units is None:
        nothing = pd.Series(pd.NA, index=frame.index, dtype="string")
        return Lying(frame, nothing, nothing, np.full(len(frame), np.nan))
    located = locate(frame, units, snap_km=DEFAULT_SNAP_KM)
    return Lying(frame, located["adm1_pcode"], located["adm2_pcode"], located["snapped_m"].to_numpy())


def settled_units(declared: Declared, lying: Lying) -> tuple[pd.Series, pd.Series]:
    """Region and district (string, null where not known): those declared, else those that the village lies in."""
    adm1 = declared.adm1_pcode.fillna(lying.adm1_pcode)
    # A district from the point stands only beside the region that it is in.
    adm2 = declared.adm2_pcode.fillna(lying.adm2_pcode.where(adm1 == lying.adm1_pcode))
    return adm1, adm2


def check_known(
    villages: pd.DataFrame, units: gpd.GeoDataFrame | None, lines: Lines, findings: Findings
) -> None:
    """Find villages that declare no unit and have no location that says it.

    Args:
        villages: Of `village_answers`, with `adm1_pcode` and `adm2_pcode`, declared or from the location.
        units: Schema `ADMIN_UNITS`; null for none.
        lines: The numbers of rows.
        findings: Where errors and warnings are added.
    """
    is_silent = villages[q.REGION].isna() & villages[q.DISTRICT].isna()
    if units is None:
        is_silent &= villages["lon"].isna()
    for at in np.flatnonzero(is_silent & villages["adm1_pcode"].isna()).tolist():
        spot = lines.spot(at, q.REGION)
        findings.error(FindingCode.MISSING_VALUE, _NOWHERE(), **spot, suggestion=_GIVE_REGION())
    if units is None:
        return
    divided = set(units.loc[units["level"] == AdminLevel.DISTRICT.number, "parent_pcode"].dropna())
    is_open = villages["adm2_pcode"].isna() & villages[q.DISTRICT].isna()
    for at in np.flatnonzero(is_open & villages["adm1_pcode"].isin(divided)).tolist():
        findings.warning(FindingCode.MISSING_VALUE, _NO_DISTRICT(), **lines.spot(at, q.DISTRICT))


def check_declared(
    declared: Declared, lying: Lying, units: gpd.GeoDataFrame, lines: Lines, findings: Findings
) -> None:
    """Find villages that lie outside the unit they declare: an error where farther than `FAR_OUTSIDE_KM`, else a warning.

    Compared are districts where both are known, else regions. Distances are geodesic, to the nearest border.

    Args:
        declared: Of `declared_units`.
        lying: Of `lying_in`.
        units: Schema `ADMIN_UNITS`.
        lines: The numbers of rows.
        findings: Where errors and warnings are added.
    """
    is_district = (declared.adm2_pcode.isin(units["pcode"])).to_numpy(dtype=bool)
    said = declared.adm2_pcode.where(is_district, declared.adm1_pcode)
    lies = lying.adm2_pcode.where(is_district, lying.adm1_pcode)
    has_point = lying.points.geometry.notna().to_numpy()
    is_off = has_point & said.isin(units["pcode"]).to_numpy(dtype=bool) & (said != lies).fillna(value=True)
    outside_m = np.full(len(said), np.nan)
    is_mirrored = np.zeros(len(said), dtype=bool)
    for pcode, rows in said[is_off].groupby(said[is_off]).groups.items():
        unit = units[units["pcode"] == pcode]
        located = locate(lying.points.loc[rows], unit, snap_km=FAR_OUTSIDE_KM)
        outside_m[rows] = located["snapped_m"]
        # Regions and districts of two sources need not agree: who lies in the region declared is where it says.
        is_off[rows] = located["snapped_m"].notna() | located[["adm1_pcode", "adm2_pcode"]].isna().all(axis=1)
        is_mirrored[rows] = np.isnan(outside_m[rows]) & _lies_mirrored(lying.points.loc[rows], unit)
    for at in np.flatnonzero(is_off).tolist():
        if is_mirrored[at]:
            _report_mirrored(at, lines, findings)
            continue
        where = _IN_NONE() if pd.isna(lies[at]) else _IN_UNIT(unit=str(lies[at]))
        spot = lines.spot(at, q.DISTRICT if is_district[at] else q.REGION)
        if np.isnan(outside_m[at]):
            message, add = _FAR(declared=str(said[at]), far=FAR_OUTSIDE_KM, lies=where), findings.error
        else:
            message = _NEAR(declared=str(said[at]), metres=f"{outside_m[at]:.0f}", lies=where)
            add = findings.warning
        add(
            FindingCode.DECLARED_ELSEWHERE,
            message,
            **spot,
            value=str(said[at]),
            suggestion=_CORRECT_EITHER(),
        )
    _check_undeclared(said, lying, units, lines, findings)


def _check_undeclared(
    said: pd.Series, lying: Lying, units: gpd.GeoDataFrame, lines: Lines, findings: Findings
) -> None:
    """Say of villages that declare nothing which were given the nearest unit, and which lie in one when mirrored."""
    for at in np.flatnonzero(said.isna() & np.isfinite(lying.snapped_m)).tolist():
        unit = lying.adm1_pcode[at] if pd.isna(lying.adm2_pcode[at]) else lying.adm2_pcode[at]
        message = _SNAPPED(unit=str(unit), metres=f"{lying.snapped_m[at]:.0f}")
        spot = lines.spot(at, q.LATITUDE)
        findings.warning(FindingCode.SNAPPED, message, **spot, value=_lat_lon(lying, at))
    is_lost = said.isna() & lying.points.geometry.notna() & lying.adm1_pcode.isna() & lying.adm2_pcode.isna()
    rows = np.flatnonzero(is_lost)
    if not len(rows):
        return
    for at in rows[_lies_mirrored(lying.points.iloc[rows], units)].tolist():
        _report_mirrored(at, lines, findings)


def _lies_mirrored(points: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Whether each point lies in a unit once its latitude and longitude are swapped."""
    lon, lat = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    can_be = np.abs(lon) <= 90
    mirrored = gpd.GeoDataFrame(geometry=shapely.points(lat[can_be], lon[can_be]), crs=WGS84)
    is_inside = np.zeros(len(points), dtype=bool)
    codes = locate(mirrored, units, snap_km=0)[["adm1_pcode", "adm2_pcode"]]
    is_inside[can_be] = codes.notna().any(axis=1)
    return is_inside


def _report_mirrored(at: int, lines: Lines, findings: Findings) -> None:
    spot = lines.spot(at, q.LATITUDE)
    findings.error(FindingCode.SWAPPED_COORDINATES, _SWAPPED(), **spot, suggestion=_SWAP())


def _lat_lon(lying: Lying, at: int) -> str:
    point = lying.points.geometry.iloc[at]
    return f"{point.y:g}, {point.x:g}"
