"""Which admin unit each village lies in: an indexed spatial join with a rule for borders and for what lies just outside."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo_service.errors import InputError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.schemas import ADMIN_UNITS, validated
from geo_service.spatial.crs import lon_lat, to_wgs84
from geo_service.spatial.geodesy import MIN_RADIUS_OF_CURVATURE_M, in_threads, row_chunks
from geo_service.spatial.linework import cut_into_pieces, piece_distance_m
from geo_service.spatial.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["DEFAULT_SNAP_KM", "MAX_SNAP_KM", "locate"]

DEFAULT_SNAP_KM = 2.0
"""How far outside every unit a point may lie and still go to the nearest: about what boundaries are generalised by."""
MAX_SNAP_KM = 100.0
"""Farther than this is no matter of how a border was drawn."""

_NONE = -1
_CHUNK_ROWS = 50_000
_FIRST_REACH_M = 2_000.0
_SNAPPED_AT_A_TIME = 256


@dataclass(frozen=True, slots=True)
class _Units:
    """The units of one level, by P-code: so the smaller P-code is the smaller position."""

    frame: gpd.GeoDataFrame
    polygons: NDArray[np.object_]
    index: shapely.STRtree

    @property
    def level(self) -> int:
        """Their level, 0 when there are none."""
        return int(self.frame["level"].max()) if len(self.frame) else 0


def locate(
    villages: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    snap_km: float = DEFAULT_SNAP_KM,
    findings: Findings | None = None,
    place: Place = Place(),  # noqa: B008
) -> gpd.GeoDataFrame:
    """Give each village its admin units.

    A point on a shared border goes to the smaller P-code. A point outside every unit goes to the nearest one within
    `snap_km`, measured over the ellipsoid, and says so; else it stays unassigned.

    Args:
        villages: Points in any CRS, null where not known; of schema `VILLAGES` when findings are wanted.
        units: Schema `ADMIN_UNITS`, areas in any CRS. Of several levels the lowest is used.
        snap_km: Kilometres, up to `MAX_SNAP_KM`; 0 for never.
        findings: Where warnings are added of what was snapped, lies outside or is declared elsewhere; null for nowhere.
        place: The file that the villages came from.

    Returns:
        The villages, in their order and with their columns, and `adm1_pcode`, `adm2_pcode` (string, null where not
        assigned; `adm2_pcode` is null where the units are regions), `snapped` (bool) and `snapped_m` (float64, metres to the unit, null
        unless snapped).

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: The units do not fit their schema, or `snap_km` is out of range.
    """
    if not 0 <= snap_km <= MAX_SNAP_KM:
        raise InputError(f"the snapping distance is {snap_km} km; give 0 to {MAX_SNAP_KM:g}")
    units = validated(to_wgs84(units, "the admin units"), ADMIN_UNITS, "the admin units")
    known = _lowest_level(units)

    points = to_wgs84(villages, "the villages")
    lon, lat = lon_lat(points, "the villages")
    unit = _containing_unit(_as_points(points, lon, lat), lon, lat, known)
    snapped_m = np.full(len(lon), np.nan)
    outside = np.flatnonzero((unit == _NONE) & np.isfinite(lon))
    if snap_km > 0 and len(outside):
        _snap(outside, lon, lat, known, snap_km * 1000, unit, snapped_m)

    located = villages.assign(**_codes(unit, known), snapped=np.isfinite(snapped_m), snapped_m=snapped_m)
    if findings is not None:
        _report_outside(located, unit, known, findings, place, snap_km)
        _report_declared_elsewhere(located, unit, known, findings, place)
    return located


def _lowest_level(units: gpd.GeoDataFrame) -> _Units:
    lowest = units[units["level"] == units["level"].max()].sort_values("pcode", kind="stable")
    polygons = np.asarray(lowest.geometry)
    return _Units(lowest.reset_index(drop=True), polygons, shapely.STRtree(polygons))


def _as_points(
    points: gpd.GeoDataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.object_]:
    """The points themselves, or made anew where a longitude was of another turn."""
    geometry = np.asarray(points.geometry)
    is_turned = np.abs(shapely.bounds(geometry)[:, 0]) > 180
    return np.asarray(shapely.points(lon, lat), dtype=object) if is_turned.any() else geometry


def _codes(unit: NDArray[np.intp], known: _Units) -> dict[str, pd.api.extensions.ExtensionArray]:
    codes = known.frame["pcode"].astype("string").array.take(unit, allow_fill=True)
    parents = known.frame["parent_pcode"].astype("string").array.take(unit, allow_fill=True)
    nothing = pd.array([pd.NA] * len(unit), dtype="string")
    if known.level == 2:
        return {"adm1_pcode": parents, "adm2_pcode": codes}
    return {"adm1_pcode": codes if known.level == 1 else nothing, "adm2_pcode": nothing}


# Inside


def _containing_unit(
    points: NDArray[np.object_], lon: NDArray[np.float64], lat: NDArray[np.float64], known: _Units
) -> NDArray[np.intp]:
    """The position of the unit that each point lies in or on the edge of, the least where there are several; shape (n,)."""
    unit = np.full(len(lon), _NONE, dtype=np.intp)
    if not len(known.polygons):
        return unit

    own = threading.local()

    def join(rows: slice) -> None:
        # GEOS builds the index of a prepared polygon when it is first asked and does not guard it: two threads that
        # share one can end the process. Each thread asks its own copies.
        if not hasattr(own, "polygons"):
            own.polygons = shapely.from_wkb(shapely.to_wkb(known.polygons))
            shapely.prepare(own.polygons)
        row, candidate = known.index.query(points[rows])
        # From the largest position to the least, so that of several units the least is what stays;
        # and all points of a polygon one after the other, while it is in the cache.
        last_to_first = np.argsort(-candidate, kind="stable")
        row, candidate = row[last_to_first], candidate[last_to_first]
        is_in = shapely.intersects_xy(own.polygons[candidate], lon[rows][row], lat[rows][row])
        unit[rows][row[is_in]] = candidate[is_in]

    in_threads(join, row_chunks(len(lon), _CHUNK_ROWS))
    return unit


# Just outside


def _snap(
    outside: NDArray[np.intp],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    known: _Units,
    snap_m: float,
    unit: NDArray[np.intp],
    snapped_m: NDArray[np.float64],
) -> None:
    """Fill `unit` and `snapped_m` of the rows `outside`: near by first, as a wide look at a border costs much."""
    reach_m = min(_FIRST_REACH_M, snap_m)
    while True:
        for rows in row_chunks(len(outside), _SNAPPED_AT_A_TIME):
            some = outside[rows]
            unit[some], snapped_m[some] = _nearest_unit(lon[some], lat[some], known, reach_m)
        outside = outside[unit[outside] == _NONE]
        if reach_m >= snap_m or not len(outside):
            return
        reach_m = min(reach_m * 4, snap_m)


def _nearest_unit(
    lon: NDArray[np.float64], lat: NDArray[np.float64], known: _Units, snap_m: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The nearest unit within `snap_m` of each point and how far it is; shape (n,), `_NONE` and NaN where there is none."""
    nearest, nearest_m = np.full(len(lon), _NONE, dtype=np.intp), np.full(len(lon), np.nan)
    row, window = _windows(lon, lat, snap_m)
    at, candidate = known.index.query(window)
    pair = np.column_stack([row[at], candidate])
    edges = [
        shapely.clip_by_rect(known.polygons[unit].boundary, *window[which].bounds)
        for which, unit in zip(at, candidate, strict=True)
    ]
    has_edge = np.array([not edge.is_empty for edge in edges], dtype=bool)
    if not has_edge.any():
        return nearest, nearest_m
    pair = pair[has_edge]
    pieces = cut_into_pieces(np.array(edges, dtype=object)[has_edge])
    asks = pair[pieces.owner, 0]
    distance_m = piece_distance_m(lon[asks], lat[asks], pieces, np.arange(len(pieces)))
    least_m = np.full(len(pair), np.inf)
    np.minimum.at(least_m, pieces.owner, distance_m)
    for which in np.lexsort((pair[:, 1], least_m, pair[:, 0]))[::-1]:
        if least_m[which] <= snap_m:
            nearest[pair[which, 0]], nearest_m[pair[which, 0]] = pair[which, 1], least_m[which]
    return nearest, nearest_m


def _windows(
    lon: NDArray[np.float64], lat: NDArray[np.float64], reach_m: float
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Boxes in degrees that hold all within `reach_m` of each point, again on the other side of the antimeridian."""
    d_lat = np.degrees(reach_m / MIN_RADIUS_OF_CURVATURE_M) * 1.01
    farthest = np.minimum(np.abs(lat) + d_lat, 90.0)
    with np.errstate(divide="ignore"):
        d_lon = np.minimum(d_lat / np.maximum(np.cos(np.radians(farthest)), 1e-12), 180.0)
    rows, boxes = [], []
    for turn in (0.0, -360.0, 360.0):
        west, east = lon - d_lon + turn, lon + d_lon + turn
        touches = (west <= 180) & (east >= -180)
        rows.append(np.flatnonzero(touches))
        boxes.append(shapely.box(west, lat - d_lat, east, lat + d_lat)[touches])
    return np.concatenate(rows), np.concatenate(boxes)


# What there is to say


def _report_outside(
    located: gpd.GeoDataFrame,
    unit: NDArray[np.intp],
    known: _Units,
    findings: Findings,
    place: Place,
    snap_km: float,
) -> None:
    lon, lat = lon_lat(located)
    outside = np.flatnonzero((unit == _NONE) & np.isfinite(lon))
    swapped = np.full(len(unit), _NONE, dtype=np.intp)
    can_swap = outside[np.abs(lon[outside]) <= 90]
    mirrored = shapely.points(lat[can_swap], lon[can_swap])
    swapped[can_swap] = _containing_unit(mirrored, lat[can_swap], lon[can_swap], known)
    if (swapped != _NONE).sum() * 2 > np.isfinite(lon).sum():
        findings.error(
            FindingCode.SWAPPED_COORDINATES,
            f"{(swapped != _NONE).sum()} of {len(unit)} points lie outside every unit, and inside with latitude and longitude "
            "the other way round",
            place,
            suggestion="Swap the columns with --lon and --lat",
        )
        return
    for at in np.flatnonzero(located["snapped"]).tolist():
        findings.warning(
            FindingCode.SNAPPED,
            f"it lies outside every unit and was given the nearest, {known.frame['pcode'][unit[at]]}, "
            f"{located['snapped_m'].iloc[at]:.0f} m away",
            place,
            row=_row(located, at),
            value=_village_id(located, at),
        )
    for at in outside.tolist():
        hint = (
            f"With latitude and longitude swapped it would lie in {known.frame['pcode'][swapped[at]]}"
            if swapped[at] != _NONE
            else None
        )
        findings.warning(
            FindingCode.OUTSIDE_BOUNDARIES,
            f"it lies over {snap_km:g} km outside every unit and stays unassigned",
            place,
            row=_row(located, at),
            value=_village_id(located, at),
            suggestion=hint,
        )


def _report_declared_elsewhere(
    located: gpd.GeoDataFrame, unit: NDArray[np.intp], known: _Units, findings: Findings, place: Place
) -> None:
    """Compare what each village declares with where it lies; what is the code or name of no unit is said once."""
    for kind, columns in (
        ("pcode", ("pcode", "kato", "iso3166_2")),
        ("name", ("name_en", "name_ru", "name_kk")),
    ):
        column = f"declared_adm{known.level}_{kind}"
        if column not in located:
            continue
        comparable = normalised_name if kind == "name" else str.casefold
        source_column = located.attrs.get("source_columns", {}).get(column) or column
        units_by_word = _units_by_word(known, columns, comparable)
        declared = located[column].astype("string").str.strip()
        rows_by_word = declared.reset_index(drop=True).groupby(declared.to_numpy(), sort=False).indices
        for said, rows in rows_by_word.items():
            meant = units_by_word.get(comparable(str(said)))
            if meant is None:
                findings.warning(
                    FindingCode.UNKNOWN_UNIT,
                    f"no unit is called '{said}', which {len(rows)} rows declare; it could not be compared with where they lie",
                    place,
                    row=_row(located, rows[0]),
                    column=source_column,
                    value=str(said),
                )
                continue
            for at in (row for row in rows if unit[row] != _NONE and unit[row] not in meant):
                findings.warning(
                    FindingCode.DECLARED_ELSEWHERE,
                    f"it is declared in '{said}' and lies in {_unit_title(known, unit[at])}",
                    place,
                    row=_row(located, at),
                    column=source_column,
                    value=_village_id(located, at),
                )


def _units_by_word(
    known: _Units, columns: tuple[str, ...], comparable: Callable[[str], str]
) -> dict[str, set[int]]:
    """The units that each code or name means; a name such as Almaty, of a city and a region, means both."""
    units: dict[str, set[int]] = {}
    for column in columns:
        for unit, word in enumerate(known.frame.get(column, [])):
            if pd.notna(word):
                units.setdefault(comparable(str(word)), set()).add(unit)
    return units


def _unit_title(known: _Units, unit: int) -> str:
    name = known.frame["name_en"][unit]
    code = known.frame["pcode"][unit]
    return f"{code} ({name})" if pd.notna(name) else str(code)


def _row(located: gpd.GeoDataFrame, at: int) -> int:
    return int(located["source_row"].iloc[at]) if "source_row" in located else int(at) + 1


def _village_id(located: gpd.GeoDataFrame, at: int) -> str | None:
    return str(located["village_id"].iloc[at]) if "village_id" in located else None
