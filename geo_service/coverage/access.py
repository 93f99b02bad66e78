"""Access: for every village, service and rank the facility, its distance and band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.coverage.bands import DEFAULT_BANDS, Bands, band
from geo_service.distance.nearest import FacilityIndex
from geo_service.errors import InputError
from geo_service.schemas import ACCESS_COLUMNS, FACILITIES, VILLAGES, WGS84, validated
from geo_service.spatial.crs import lon_lat, to_wgs84
from geo_service.spatial.geodesy import in_threads
from geo_service.vocabulary import Basis, Method, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["DEFAULT_PRESENCE_KM", "access", "access_layer"]

DEFAULT_PRESENCE_KM = 2.0
"""How far from a village's point a facility may be and still be the village's own."""

_SERVICE_DTYPE = pd.CategoricalDtype([service.value for service in Service])


def access(
    villages: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | Mapping[Service, gpd.GeoDataFrame],
    *,
    k: int = 1,
    max_distance_km: float | None = None,
    bands: Bands = DEFAULT_BANDS,
    presence_km: float = DEFAULT_PRESENCE_KM,
    progress: Callable[[Service], None] | None = None,
) -> gpd.GeoDataFrame:
    """The distance from every village to the nearest facilities of each service, measured over the WGS84 ellipsoid.

    A village *has* a service when one of its facilities lies in the village's footprint or within `presence_km` of its point.

    Args:
        villages: Schema `VILLAGES`, in any CRS; a row may be a household. `adm1_pcode` and `adm2_pcode`, if `locate`
            gave them, are carried over, and `footprint` counts for presence.
        facilities: Schema `FACILITIES`, in any CRS: one frame, or one a service. A service whose frame is empty is
            answered `no_facility`.
        k: How many facilities of each service for each village, 1 or more.
        max_distance_km: Kilometres beyond which none is looked for; null for no limit.
        bands: The distance bands.
        presence_km: Kilometres, 0 or more.
        progress: Called with each service when it is done, from any thread.

    Returns:
        A frame of schema `ACCESS`: one row per service, village and rank, in that order, services as in the vocabulary and villages as
        given. `distance_m` is in metres, straight and not by road; facility, distance and band are null unless `status` is `ok`.
        `attrs` say basis, method, band rule and edges, presence and limit.

    Raises:
        CrsError: A layer has no usable CRS.
        InputError: A frame does not fit its schema, or an argument is out of range.
    """
    if not presence_km >= 0:
        raise InputError(f"the presence distance is {presence_km} km; give 0 or more")
    footprints = _footprints(villages)
    villages = validated(to_wgs84(villages, "the villages"), VILLAGES, "the villages")
    lon, lat = lon_lat(villages, "the villages")

    def measure(layer: tuple[Service, gpd.GeoDataFrame]) -> pd.DataFrame:
        part = _one_service(villages, footprints, lon, lat, *layer, k, max_distance_km, bands, presence_km)
        if progress is not None:
            progress(layer[0])
        return part

    # The frame of one service is put together while the distances of the next are measured.
    parts = in_threads(measure, _by_service(facilities).items())
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=WGS84, copy=False)
    frame.attrs = {
        "basis": Basis.MEASURED.value,
        "method": Method.GEODESIC.value,
        "edges_km": list(bands.edges_km),
        "band_rule": bands.rule,
        "presence_km": presence_km,
        "max_distance_km": max_distance_km,
    }
    return frame


def access_layer(access: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The columns of an access frame that go into a file: `ACCESS_COLUMNS` and the village's point, with its `attrs`."""
    layer = access[[*ACCESS_COLUMNS, "geometry"]]
    layer.attrs = dict(access.attrs)
    return layer


def _by_service(
    facilities: gpd.GeoDataFrame | Mapping[Service, gpd.GeoDataFrame],
) -> dict[Service, gpd.GeoDataFrame]:
    if isinstance(facilities, gpd.GeoDataFrame):
        layer = validated(facilities, FACILITIES, "the facilities")
        present = set(layer["service"])
        layers = {service: layer[layer["service"] == service] for service in Service if service in present}
    else:
        unknown = [str(key) for key in facilities if key not in list(Service)]
        if unknown:
            raise InputError(f"'{unknown[0]}' is not a service; use {', '.join(Service)}")
        layers = {service: facilities[service] for service in Service if service in facilities}
        for service, layer in layers.items():
            validated(layer, FACILITIES, f"the facilities of {service}")
            others = set(layer["service"]) - {service.value}
            if others:
                raise InputError(
                    f"the facilities of {service}: some are of the service {', '.join(sorted(others))}"
                )
    if not layers:
        raise InputError("there is no facility layer; give one of at least one service")
    return layers


def _one_service(
    villages: gpd.GeoDataFrame,
    footprints: NDArray[np.object_] | None,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    service: Service,
    facilities: gpd.GeoDataFrame,
    k: int,
    max_distance_km: float | None,
    bands: Bands,
    presence_km: float,
) -> pd.DataFrame:
    index = FacilityIndex(facilities)
    # Presence is looked for as far as it reaches, also when distances are wanted less far.
    search_km = None if max_distance_km is None else max(max_distance_km, presence_km)
    ranked = index.ask(lon, lat, k, search_km)
    is_present = ranked.distance_m[:, 0] <= presence_km * 1000
    if max_distance_km is not None:
        ranked = ranked.within(max_distance_km * 1000)
    facility, distance_m = ranked.facility.ravel(), ranked.distance_m.ravel()
    rows = len(facility)
    nothing = pd.Series(pd.array([pd.NA], dtype="string").take(np.full(len(villages), -1), allow_fill=True))
    facility_names = facilities["facility_name"].astype("string").array[index.positions]
    return pd.DataFrame(
        {
            "village_id": _each(villages["village_id"], k),
            "village_name": _each(villages["village_name"], k),
            "adm1_pcode": _each(villages.get("adm1_pcode", nothing), k),
            "adm2_pcode": _each(villages.get("adm2_pcode", nothing), k),
            "households": _each(villages["households"], k),
            "service": _constant(service.value, _SERVICE_DTYPE, rows),
            "basis": _constant(Basis.MEASURED.value, pd.CategoricalDtype([*Basis]), rows),
            "method": _constant(Method.GEODESIC.value, pd.CategoricalDtype([*Method]), rows),
            "rank": np.tile(np.arange(1, k + 1), len(villages)),
            "facility_id": index.ids.take(facility, allow_fill=True),
            "facility_name": facility_names.take(facility, allow_fill=True),
            "distance_m": distance_m,
            "band": band(distance_m, bands).array,
            "status": index.statuses(ranked, lon),
            "present": _each(_present(is_present, footprints, facilities, lon), k),
            "geometry": _each(villages.geometry, k),
        },
        copy=False,
    )


def _footprints(villages: gpd.GeoDataFrame) -> NDArray[np.object_] | None:
    """The areas of villages in longitude and latitude, null for a point; none when no village has one."""
    if "footprint" not in villages or villages["footprint"].isna().all():
        return None
    column = villages["footprint"]
    crs = getattr(column, "crs", None) or villages.crs
    return np.asarray(to_wgs84(gpd.GeoSeries(column.array, crs=crs), "the footprints"))


def _present(
    is_present: NDArray[np.bool_],
    footprints: NDArray[np.object_] | None,
    facilities: gpd.GeoDataFrame,
    lon: NDArray[np.float64],
) -> pd.Series:
    """Whether each village has the service: near enough already, or in its footprint; null where it has no place."""
    if footprints is not None and len(facilities):
        sites = shapely.STRtree(np.asarray(to_wgs84(facilities).geometry))
        village, _ = sites.query(footprints, predicate="intersects")
        is_present[village] = True
    return pd.Series(pd.arrays.BooleanArray(is_present, np.isnan(lon)))


def _each(column: pd.Series, k: int) -> pd.api.extensions.ExtensionArray:
    """Every value `k` times; the array itself for one time, as that is what most runs ask for and copies cost."""
    return column.array if k == 1 else column.array.take(np.repeat(np.arange(len(column)), k))


def _constant(value: str, dtype: pd.CategoricalDtype, rows: int) -> pd.Categorical:
    code = dtype.categories.get_loc(value)
    return pd.Categorical.from_codes(np.full(rows, code, dtype=np.int8), dtype=dtype)
