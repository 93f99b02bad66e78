"""One facility, mapped twice: as a point and as the area around it, or as an area within an area."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo_service.findings import FindingCode, Findings, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["covered_pairs", "drop_points_in_areas"]

_AREA = 2
_POINT = 0


def covered_pairs(areas: NDArray[np.object_], inner: NDArray[np.object_]) -> list[tuple[int, list[int]]]:
    """What each area covers, its edge included, largest area first.

    Args:
        areas: Geometries in one plane, shape (n,); what is no valid area covers nothing.
        inner: Geometries that may lie in them, shape (m,); null and empty ones lie nowhere.

    Returns:
        For each area that covers something: its position, and the positions of what it covers in rising order. Two
        areas of the same size come in the order given.
    """
    usable = np.flatnonzero((shapely.get_dimensions(areas) == _AREA) & shapely.is_valid(areas))
    outer, covered = shapely.STRtree(inner).query(areas[usable], predicate="covers")
    inside = defaultdict(list)
    for position, within in zip(usable[outer], covered, strict=True):
        inside[int(position)].append(int(within))
    size = shapely.area(areas)
    return [
        (position, sorted(inside[position])) for position in sorted(inside, key=lambda at: (-size[at], at))
    ]


def drop_points_in_areas(facilities: gpd.GeoDataFrame, findings: Findings, place: Place) -> gpd.GeoDataFrame:
    """Facilities mapped both as a point and as the area around it count once.

    A point that lies in an area or on its edge is the same facility as the area when both give the same service and
    their names are compatible: equal but for case and punctuation, or one of them missing. So is an area that lies in another or equals it.
    The outer area stays, with its id: the distance to it is 0 inside, as it should be. It takes the name of what it
    replaces where it has none. An area without a name that holds two or more different names is a campus: those with
    a name stay. Lines, and areas that only overlap, are left as they are.

    Args:
        facilities: A frame of FACILITIES, of one service or several, EPSG:4326.
        findings: Takes a warning `duplicate_facility` for each facility that was dropped.
        place: The file and layer that the facilities come from.

    Returns:
        The facilities that count, in their order, on a new index; other columns are kept.
    """
    geometries = facilities.geometry.to_numpy()
    dimensions = shapely.get_dimensions(geometries)
    may_lie = np.flatnonzero((dimensions == _AREA) | (shapely.get_type_id(geometries) == _POINT))
    areas = np.flatnonzero(dimensions == _AREA)
    ids = facilities["facility_id"].to_numpy()
    services = facilities["service"].to_numpy()
    names = [_comparable(name) for name in facilities["facility_name"]]
    stands_for: dict[int, list[int]] = {}
    dropped: set[int] = set()
    for area, covered in covered_pairs(geometries[areas], geometries[may_lie]):
        outer = int(areas[area])
        if outer in dropped:
            continue
        inside = [
            at
            for at in may_lie[covered].tolist()
            if at != outer and at not in dropped and services[at] == services[outer]
        ]
        same = _same_facility(names[outer], inside, names)
        if same:
            names[outer] = names[outer] or next((names[at] for at in same if names[at]), "")
            stands_for[outer] = same
            dropped.update(same)
    for outer, same in stands_for.items():
        for at in same:
            _report(findings, place, str(ids[at]), facilities["facility_name"].iloc[at], str(ids[outer]))
    return _merged(facilities, stands_for, dropped)


def _same_facility(outer_name: str, inside: list[int], names: list[str]) -> list[int]:
    """Those of `inside` that are the area itself."""
    own_names = {names[at] for at in inside if names[at]}
    accepted = {"", outer_name} if outer_name or len(own_names) > 1 else {"", *own_names}
    return [at for at in inside if names[at] in accepted]


def _comparable(name: object) -> str:
    """Words of letters and digits; empty for null. Unlike a place, a facility keeps its words for city and district."""
    if not isinstance(name, str):
        return ""
    folded = unicodedata.normalize("NFKC", name.replace("№", " ")).casefold().replace("ё", "е")
    return " ".join(re.findall(r"[^\W_]+", folded))


def _merged(
    facilities: gpd.GeoDataFrame, stands_for: dict[int, list[int]], dropped: Iterable[int]
) -> gpd.GeoDataFrame:
    """The facilities without `dropped`; what has no name takes that of the first facility that it stands for."""
    merged = facilities.copy()
    for column in [name for name in merged.columns if name == "facility_name" or name.startswith("name_")]:
        names = merged[column].to_numpy(dtype=object)
        for outer, same in stands_for.items():
            if pd.isna(names[outer]):
                names[outer] = next((names[at] for at in same if not pd.isna(names[at])), names[outer])
        merged[column] = pd.array(names, dtype=merged[column].dtype)
    return merged.drop(merged.index[sorted(dropped)]).reset_index(drop=True)


def _report(findings: Findings, place: Place, inner: str, name: object, outer: str) -> None:
    called = f" ({name})" if isinstance(name, str) else ""
    findings.warning(
        FindingCode.DUPLICATE_FACILITY,
        f"{inner}{called} lies in {outer} and is the same facility; it counts once, as {outer}",
        place,
        column="geometry",
        value=inner,
    )
