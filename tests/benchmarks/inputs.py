"""Seeded, synthetic households and facilities, scattered around real settlements where those are there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

__all__ = ["Inputs", "districts", "facility_frame", "make_inputs", "settlements"]

ROOT = Path(__file__).parents[2]
SEED = 20241
KAZAKHSTAN = (46.5, 40.6, 87.3, 55.4)
HOUSEHOLD_SPREAD_KM = 1.5
FACILITY_SPREAD_KM = 4.0
KM_PER_DEGREE = 111.2
SERVICES = 6


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files of one run, longitude and latitude in degrees as `.npy`, shape (n, 2).

    Attributes:
        folder: Where they are.
        points: How many household points a case has, unless it says otherwise.
        facilities: How many facilities each service has.
        described: What they are, for the report.
    """

    folder: Path
    points: int
    facilities: int
    described: str

    def lon_lat(self, name: str, rows: int | None = None) -> np.ndarray:
        """The first `rows` of `households` or `facilities-0` to `-5`."""
        return np.ascontiguousarray(np.load(self.folder / f"{name}.npy", mmap_mode="r")[:rows])


def data_folder() -> Path:
    """Where the real layers are, as the tests have it."""
    return Path(os.environ.get("GEO_SERVICE_TEST_DATA", ROOT.parent / "shared" / "data"))


def settlements() -> gpd.GeoSeries | None:
    """The 9,899 populated places of Kazakhstan, null where they are absent."""
    path = data_folder() / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson"
    return gpd.read_file(path, columns=[]).geometry if path.exists() else None


def make_inputs(folder: Path, points: int, facilities: int, most_points: int) -> Inputs:
    """Write households (`most_points` of them) and facilities of six services into `folder`."""
    rng = np.random.default_rng(SEED)
    places = settlements()
    if places is None:
        centres = rng.uniform(KAZAKHSTAN[:2], KAZAKHSTAN[2:], (10_000, 2))
        around = "10,000 made-up places, uniform over the bounding box of Kazakhstan"
    else:
        centres = shapely.get_coordinates(np.asarray(places))
        around = f"the {len(centres):,} places of Kazakhstan in OpenStreetMap"
    np.save(folder / "households.npy", _scatter(centres, most_points, HOUSEHOLD_SPREAD_KM, rng))
    for service in range(SERVICES):
        np.save(folder / f"facilities-{service}.npy", _scatter(centres, facilities, FACILITY_SPREAD_KM, rng))
    described = (
        f"Synthetic, seed {SEED}: households scattered normally ({HOUSEHOLD_SPREAD_KM:g} km) and facilities likewise "
        f"({FACILITY_SPREAD_KM:g} km) around {around}, in random order"
    )
    return Inputs(folder, points, facilities, described)


def _scatter(centres: np.ndarray, rows: int, spread_km: float, rng: np.random.Generator) -> np.ndarray:
    at = centres[rng.integers(0, len(centres), rows)]
    off = rng.normal(0, spread_km / KM_PER_DEGREE, (rows, 2))
    off[:, 0] /= np.cos(np.radians(at[:, 1]))
    return at + off


def facility_frame(lon_lat: np.ndarray, service: str = "hospital") -> gpd.GeoDataFrame:
    """Facilities as a frame of schema `FACILITIES`; the id of a row sorts as its position does."""
    names = [f"{service}-{number:06d}" for number in range(len(lon_lat))]
    return gpd.GeoDataFrame(
        {"facility_id": names, "facility_name": names, "service": service},
        geometry=gpd.points_from_xy(*lon_lat.T),
        crs="EPSG:4326",
    ).astype({"facility_id": "string", "facility_name": "string", "service": "string"})


def districts() -> tuple[gpd.GeoDataFrame, str] | None:
    """Admin units of schema `ADMIN_UNITS` and what they are: 224 districts where they are there, else the shipped regions."""
    path = data_folder() / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    level, what = 2, "districts (geokz)"
    if not path.exists():
        path, level, what = ROOT / "boundaries" / "kaz_adm1.geojson", 1, "regions (shipped)"
    if not path.exists():
        return None
    units = gpd.read_file(path)
    geometry = shapely.make_valid(np.asarray(units.geometry), method="structure", keep_collapsed=False)
    nothing = [None] * len(units)
    code = next(name for name in units.columns if name.lower() in {f"adm{level}_pcode", "pcode"})
    frame = gpd.GeoDataFrame(
        {"pcode": units[code].astype("string"), "level": level}
        | dict.fromkeys(
            ("parent_pcode", "name_en", "name_ru", "name_kk", "kato", "iso3166_2", "valid_on"), nothing
        ),
        geometry=geometry,
        crs=units.crs,
    ).to_crs("EPSG:4326")
    text = frame.columns.difference(["level", "geometry"])
    frame = frame.drop_duplicates("pcode").astype(dict.fromkeys(text, "string")).reset_index(drop=True)
    return frame, f"{len(frame)} {what}, {shapely.get_num_coordinates(geometry).sum():,} vertices"
