"""What is wrong with a set of admin units: invalid, duplicated, overlapping, gapped and orphaned ones, with their area.

Nothing is repaired here. Overlaps and gaps are measured on a repaired copy, because an invalid polygon cannot be
intersected. All areas are geodesic, on WGS84.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings, Place
from geo_service.spatial.geodesy import area_km2

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["MIN_AREA_KM2", "check_units", "invalid_reason", "only_polygons"]

MIN_AREA_KM2 = 0.01
"""Overlaps and gaps of one hectare or less are slivers of digitising and not worth a finding."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """What each check needs: arrays of one length, one element a unit that has polygons."""

    pcodes: NDArray[np.object_]
    labels: NDArray[np.object_]
    levels: NDArray[np.int64]
    rows: NDArray[np.int64]
    polygons: NDArray[np.object_]
    place: Place
    min_area_km2: float


def check_units(
    units: gpd.GeoDataFrame,
    *,
    parents: gpd.GeoDataFrame | None = None,
    min_area_km2: float = MIN_AREA_KM2,
    rows: NDArray[np.int64] | None = None,
    place: Place = Place(),  # noqa: B008
) -> Findings:
    """Name invalid, overlapping, gapped, duplicated and orphaned units.

    Args:
        units: The columns of `ADMIN_UNITS` in EPSG:4326, a row a unit, of one or more levels; not validated: codes
            may be null or repeated, geometry null or invalid.
        parents: The units one level up, where they are known. A parent code that is not among theirs is an error, and a hole
            that they have too is no gap. Units of `units` itself are parents of those a level deeper.
        min_area_km2: Overlaps and gaps of this size or less are passed over, in km².
        rows: 1-based position of each unit in its file, shape (n,); null to count from 1.
        place: Where the units come from.

    Returns:
        Errors for units that are without a polygon, invalid, without a code, duplicated (by code or by shape), overlapping
        (each pair once) or orphaned (their parent is not there). Warnings for gaps, which may be lakes or
        enclaves, and for a level at which no unit names a parent. Areas are in the messages, in km².
    """
    findings = Findings()
    rows = np.arange(1, len(units) + 1) if rows is None else np.asarray(rows)
    _check_codes(units, rows, place, findings)
    _check_shapes(units, rows, place, findings)
    _check_parents(units, parents, rows, place, findings)

    polygons = np.array([only_polygons(one) for one in units.geometry], dtype=object)
    usable = ~shapely.is_empty(polygons)
    checked = _Checked(
        pcodes=units["pcode"].to_numpy(dtype=object)[usable],
        labels=np.array([_label(one) for one in units.itertuples()], dtype=object)[usable],
        levels=units["level"].to_numpy(dtype=np.int64)[usable],
        rows=rows[usable],
        polygons=polygons[usable],
        place=place,
        min_area_km2=min_area_km2,
    )
    for level in np.unique(checked.levels):
        members = np.flatnonzero(checked.levels == level)
        _check_overlaps(checked, members, findings)
        _check_gaps(checked, members, _parent_area(checked, parents, int(level)), findings)
    return findings


def only_polygons(geometry: BaseGeometry | None) -> BaseGeometry:
    """The area of `geometry`, made valid: a polygon or multipolygon, empty when it has none.

    A valid polygon is given back as it is. Lines and points that come of mending, or came with the file, are left out.
    """
    if geometry is None:
        return shapely.Polygon()
    if geometry.geom_type in {"Polygon", "MultiPolygon"} and geometry.is_valid:
        return geometry
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = [part for part in _flat_parts(valid) if part.geom_type == "Polygon" and not part.is_empty]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts) if parts else shapely.Polygon()


def _flat_parts(geometry: BaseGeometry) -> list[Any]:
    if not hasattr(geometry, "geoms"):
        return [geometry]
    return [part for one in geometry.geoms for part in _flat_parts(one)]


def _label(unit: Any) -> str:
    """`KAZ014 (Mangystau Region)`, or what there is of it."""
    names = [one for one in (unit.name_en, unit.name_ru, unit.name_kk) if isinstance(one, str)]
    pcode = unit.pcode if isinstance(unit.pcode, str) else "without a code"
    return f"{pcode} ({names[0]})" if names else pcode


def _check_codes(units: gpd.GeoDataFrame, rows: NDArray[np.int64], place: Place, findings: Findings) -> None:
    for row in rows[units["pcode"].isna().to_numpy()]:
        findings.error(FindingCode.MISSING_ID, "the unit has no code", place, row=int(row), column="pcode")
    first_rows: dict[str, int] = {}
    for row, unit in zip(rows, units.itertuples(), strict=True):
        if pd.isna(unit.pcode):
            continue
        if unit.pcode in first_rows:
            findings.error(
                FindingCode.DUPLICATE_UNIT,
                f"{_label(unit)}, {_area_text(unit.geometry)}, has the code of row {first_rows[unit.pcode]}",
                place,
                row=int(row),
                column="pcode",
                value=unit.pcode,
            )
        else:
            first_rows[unit.pcode] = int(row)


def _check_shapes(units: gpd.GeoDataFrame, rows: NDArray[np.int64], place: Place, findings: Findings) -> None:
    for row, unit in zip(rows, units.itertuples(), strict=True):
        shape = unit.geometry
        if shape is None or shape.is_empty:
            findings.error(FindingCode.NO_GEOMETRY, f"{_label(unit)} has no polygon", place, row=int(row))
        elif shape.geom_type not in {"Polygon", "MultiPolygon"}:
            message = f"{_label(unit)} is a {shape.geom_type}, not a polygon"
            findings.error(FindingCode.UNSUPPORTED_GEOMETRY, message, place, row=int(row))
        elif not shape.is_valid:
            findings.error(
                FindingCode.INVALID_UNIT,
                f"{_label(unit)}, {_area_text(shape)}, is invalid: {invalid_reason(shape)}",
                place,
                row=int(row),
                value=shapely.is_valid_reason(shape),
                suggestion="Reading the layer repairs it; mend it at its source to keep control of the result",
            )


def invalid_reason(geometry: BaseGeometry) -> str:
    """What GEOS says is wrong, with its place: `self-intersection at 68.73579, 48.67448`."""
    reason, _, place = str(shapely.is_valid_reason(geometry)).rstrip("]").partition("[")
    lon, lat = (float(one) for one in place.split())
    return f"{reason.strip().lower()} at {lon:.5f}, {lat:.5f}"


def _check_parents(
    units: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame | None,
    rows: NDArray[np.int64],
    place: Place,
    findings: Findings,
) -> None:
    for level in sorted(set(units["level"]) - {0}):
        is_level = (units["level"] == level).to_numpy()
        ours, our_rows = units[is_level], rows[is_level]
        if ours["parent_pcode"].isna().all():
            message = f"none of the {len(ours)} units of level {level} names its parent"
            findings.warning(FindingCode.ORPHANED_UNIT, message, place, column="parent_pcode")
            continue
        known = set(units["pcode"][units["level"] == level - 1].dropna())
        if parents is not None:
            known |= set(parents["pcode"].dropna())
        for row, unit in zip(our_rows, ours.itertuples(), strict=True):
            if pd.isna(unit.parent_pcode):
                reason = "names no parent"
            elif known and unit.parent_pcode not in known:
                reason = f"has the parent {unit.parent_pcode}, which is not among the units given"
            else:
                continue
            findings.error(
                FindingCode.ORPHANED_UNIT,
                f"{_label(unit)}, {_area_text(unit.geometry)}, {reason}",
                place,
                row=int(row),
                column="parent_pcode",
                value=None if pd.isna(unit.parent_pcode) else unit.parent_pcode,
            )


def _check_overlaps(checked: _Checked, members: NDArray[np.intp], findings: Findings) -> None:
    shapes = checked.polygons[members]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.intersection(shapes[left], shapes[right])
    for one, other, common in sorted(
        zip(left, right, shared, strict=True), key=lambda pair: (pair[0], pair[1])
    ):
        common_km2 = area_km2(only_polygons(common))
        if common_km2 <= checked.min_area_km2:
            continue
        a, b = members[one], members[other]
        if shapely.equals(shapes[one], shapes[other]):
            findings.error(
                FindingCode.DUPLICATE_UNIT,
                f"{checked.labels[b]} has the very shape of {checked.labels[a]}, {common_km2:,.2f} km²",
                checked.place,
                row=int(checked.rows[b]),
                value=_text(checked.pcodes[b]),
            )
            continue
        where = only_polygons(common).representative_point()
        findings.error(
            FindingCode.OVERLAPPING_UNITS,
            f"{checked.labels[a]} and {checked.labels[b]} (row {checked.rows[b]}) overlap by {common_km2:,.2f} km² "
            f"around {where.x:.5f}, {where.y:.5f}",
            checked.place,
            row=int(checked.rows[a]),
            value=_text(checked.pcodes[b]),
        )


def _check_gaps(
    checked: _Checked, members: NDArray[np.intp], within: BaseGeometry | None, findings: Findings
) -> None:
    shapes = checked.polygons[members]
    tree = shapely.STRtree(shapes)
    whole = shapely.union_all(shapes)
    holes = [shapely.Polygon(ring) for part in _flat_parts(whole) for ring in part.interiors]
    for hole in holes:
        gap = hole if within is None else only_polygons(shapely.intersection(hole, within))
        gap_km2 = area_km2(gap)
        if gap_km2 <= checked.min_area_km2:
            continue
        around = np.sort(tree.query(hole, predicate="intersects"))
        where = gap.representative_point()
        findings.warning(
            FindingCode.GAP_BETWEEN_UNITS,
            f"a gap of {gap_km2:,.2f} km² around {where.x:.5f}, {where.y:.5f}, enclosed by "
            f"{', '.join(checked.labels[members[around]])}",
            checked.place,
            row=int(checked.rows[members[around[0]]]),
            suggestion="A lake or an enclave may be one; otherwise a unit is missing or a border was drawn twice",
        )


def _parent_area(checked: _Checked, parents: gpd.GeoDataFrame | None, level: int) -> BaseGeometry | None:
    """The area that the units of `level` should fill; null when no parents are known."""
    shapes = list(checked.polygons[checked.levels == level - 1])
    if parents is not None:
        shapes += [only_polygons(one) for one in parents.geometry]
    return shapely.union_all(shapes) if shapes else None


def _area_text(geometry: BaseGeometry | None) -> str:
    area = only_polygons(geometry)
    return "without an area" if area.is_empty else f"{area_km2(area):,.2f} km²"


def _text(code: object) -> str | None:
    return code if isinstance(code, str) else None
