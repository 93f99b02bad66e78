"""Villages, facilities and households from files.

Each reader adds what it finds to `findings` and gives a frame of `geo_service.schemas`. A village without a usable point stays in the
frame, as its households must not be lost; a facility without one is left out, with a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings, collecting
from geo_service.ingest.checks import household_counts, identifiers, names, usable_geometry
from geo_service.ingest.columns import Columns, find_column
from geo_service.ingest.duplicates import drop_points_in_areas
from geo_service.ingest.readers import RawLayer, read_layer
from geo_service.schemas import WGS84

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.vocabulary import Service

__all__ = ["LayerOptions", "read_facilities", "read_households", "read_villages"]

_DECLARED = ("declared_adm1_pcode", "declared_adm2_pcode", "declared_adm1_name", "declared_adm2_name")


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """How to read a layer, where the file does not say it by itself. Null means: find it.

    Attributes:
        layer: The layer or sheet.
        crs: The reference system of a layer that names none.
        lon: The column of longitude or easting in a table.
        lat: The column of latitude or northing in a table.
        id: The column of ids.
        name: The column of names.
        households: The column with the number of households of a village.
        encoding: The encoding of a CSV or Shapefile.
        option_prefix: What the options of these columns begin with on the command line, for remedies.
    """

    layer: str | None = None
    crs: str | None = None
    lon: str | None = None
    lat: str | None = None
    id: str | None = None
    name: str | None = None
    households: str | None = None
    encoding: str | None = None
    option_prefix: str = "--"


def read_villages(
    path: str | Path,
    findings: Findings | None = None,
    options: LayerOptions = LayerOptions(),
) -> gpd.GeoDataFrame:
    """Villages from any layer.

    Args:
        path: See `read_layer`. A village is a point, or an area: its footprint.
        findings: Where problems are added; the frame is of use only if none of them is an error. Null to have errors raised.
        options: Columns and encodings that the file does not say by itself.

    Returns:
        A frame of schema `VILLAGES` in the file's order, with `footprint` (null for a point), `source_row` (the row in
        the file) and what the file declares of its district: `declared_adm1_pcode`, `declared_adm2_pcode`, `declared_adm1_name`,
        `declared_adm2_name` (null where it does not). `attrs["source_columns"]` says which columns of the file those are.

    Raises:
        FindingsError: The file as a whole cannot be used; or it has errors and `findings` is null.
    """
    with collecting(findings) as found:
        raw = _read(path, found, options)
        _require_rows(raw, "villages", found)
        households = household_counts(raw, _column(raw, "households", options.households, found), found)
        return _villages(raw, found, options, households)


def read_households(
    path: str | Path,
    findings: Findings | None = None,
    options: LayerOptions = LayerOptions(),
) -> gpd.GeoDataFrame:
    """Household points from any layer: as `read_villages`, each row one household."""
    with collecting(findings) as found:
        raw = _read(path, found, options)
        _require_rows(raw, "households", found)
        return _villages(raw, found, options, pd.Series(np.ones(len(raw.rows)), dtype="Int64"))


def read_facilities(
    path: str | Path,
    service: Service,
    findings: Findings | None = None,
    options: LayerOptions = LayerOptions(),
) -> gpd.GeoDataFrame:
    """Facilities of one service from any layer.

    Args:
        path: See `read_layer`. A facility is a point, a line or an area; one that is mapped both as a point and as the area
            around it counts once.
        service: What they give.
        findings: Where problems are added; null to have errors raised.
        options: Columns and encodings that the file does not say by itself.

    Returns:
        A frame of schema `FACILITIES` in the file's order; empty when the layer is.

    Raises:
        FindingsError: The file as a whole cannot be used; or it has errors and `findings` is null.
    """
    with collecting(findings) as found:
        raw = _read(path, found, options)
        if not len(raw.rows):
            found.warning(
                FindingCode.EMPTY_LAYER,
                f"there is no {service} in it; every village gets no_facility",
                raw.place,
            )
        geometry = usable_geometry(raw, found, lost="the facility is left out")
        prefix = options.option_prefix
        id_column = _column(raw, "facility_id", options.id, found, prefix)
        ids = identifiers(raw, id_column, found, option=f"{prefix}id")
        frame = gpd.GeoDataFrame(
            {
                "facility_id": ids,
                "facility_name": names(raw, _column(raw, "name", options.name, found, prefix), found),
                "service": pd.Series([service.value] * len(ids), dtype="string"),
            },
            geometry=geometry,
            crs=WGS84,
        )
        frame = frame[~shapely.is_missing(geometry)].reset_index(drop=True)
        return drop_points_in_areas(frame, found, raw.place)


def _require_rows(raw: RawLayer, what: str, findings: Findings) -> None:
    if not len(raw.rows):
        findings.error(FindingCode.EMPTY_LAYER, f"there are no {what} in it", raw.place)


def _read(path: str | Path, findings: Findings, options: LayerOptions) -> RawLayer:
    return read_layer(
        path,
        findings,
        layer=options.layer,
        crs=options.crs,
        lon=options.lon,
        lat=options.lat,
        encoding=options.encoding,
        option_prefix=options.option_prefix,
    )


def _column(
    raw: RawLayer, role: str, given: str | None, findings: Findings, prefix: str = "--"
) -> str | None:
    option = prefix + {"village_id": "id", "facility_id": "id"}.get(role, role)
    return find_column(
        raw.columns if given else _filled(raw), role, given, findings, raw.place, option=option
    )


def _filled(raw: RawLayer) -> Columns:
    """The columns that hold something: an empty one has its usual name in vain. All of them where there is no row."""
    names = raw.columns.names
    if len(raw.rows):
        names = tuple(name for name in names if name in raw.frame and raw.frame[name].notna().any())
    return Columns(names, {name: tag for name, tag in raw.columns.hxl.items() if name in names})


def _villages(
    raw: RawLayer, findings: Findings, options: LayerOptions, households: pd.Series
) -> gpd.GeoDataFrame:
    geometry = usable_geometry(raw, findings, lost="it gets the status no_location")
    points, footprints = _points_and_footprints(raw, findings, geometry)
    frame = gpd.GeoDataFrame(
        {
            "village_id": identifiers(raw, _column(raw, "village_id", options.id, findings), findings),
            "village_name": names(raw, _column(raw, "name", options.name, findings), findings),
            "households": households,
        },
        geometry=points,
        crs=WGS84,
    )
    frame["footprint"] = gpd.GeoSeries(footprints, crs=WGS84)
    frame["source_row"] = raw.rows
    declared = {role: _filled(raw).by_role(role) for role in _DECLARED}
    for role, column in declared.items():
        frame[role] = names(raw, column, findings)
    frame.attrs["source_columns"] = declared
    return frame


def _points_and_footprints(
    raw: RawLayer, findings: Findings, geometry: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """A village's point and its area: a point on the area where only that is mapped, else no area."""
    points, footprints = geometry.copy(), np.full(len(geometry), None, dtype=object)
    dimensions = shapely.get_dimensions(geometry)
    is_area = dimensions == 2
    footprints[is_area] = geometry[is_area]
    is_lone = (shapely.get_num_geometries(geometry) == 1) & (dimensions == 0)
    is_wrapped = is_lone & (shapely.get_type_id(geometry) != shapely.GeometryType.POINT)
    points[is_wrapped] = shapely.get_geometry(geometry[is_wrapped], 0)
    is_other = ~shapely.is_missing(geometry) & ~is_area & ~is_lone
    points[is_area | is_other] = shapely.point_on_surface(geometry[is_area | is_other])
    for at in np.flatnonzero(is_other):
        findings.warning(
            FindingCode.UNSUPPORTED_GEOMETRY,
            f"a village is a point or an area, this is a {geometry[at].geom_type}; a point on it stands for it",
            raw.place,
            row=int(raw.rows[at]),
            column="geometry",
        )
    return points, footprints
