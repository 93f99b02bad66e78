"""Village to district: borders, snapping, what lies outside and what is declared elsewhere."""

from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import ROOT
from frames import text, units, villages
from geodesic_oracle import distances_m

from geo_service.errors import CrsError, InputError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.spatial.locate import locate

TWO = {"D2": shapely.box(1, 0, 2, 1), "D1": shapely.box(0, 0, 1, 1)}


def test_a_point_is_in_the_district_around_it_and_in_its_region():
    located = locate(villages([(0.5, 0.5), (1.5, 0.5)]), units(TWO))

    assert located["adm2_pcode"].tolist() == ["D1", "D2"]
    assert located["adm1_pcode"].tolist() == ["R1", "R1"]
    assert located["snapped"].tolist() == [False, False]


def test_a_point_on_a_shared_border_goes_to_the_smaller_pcode():
    assert locate(villages([(1, 0.5), (1, 0), (1, 1)]), units(TWO))["adm2_pcode"].tolist() == ["D1"] * 3


def test_regions_leave_the_district_null():
    located = locate(villages([(0.5, 0.5)]), units(TWO, level=1))
    assert located["adm1_pcode"].tolist() == ["D1"]
    assert located["adm2_pcode"].isna().all()


def test_of_several_levels_the_lowest_is_used():
    both = pd.concat(
        [units({"R1": shapely.box(0, 0, 2, 1)}, level=1, parent="C"), units(TWO)], ignore_index=True
    )
    assert locate(villages([(0.5, 0.5)]), both)["adm2_pcode"].tolist() == ["D1"]


@pytest.mark.parametrize("latitude", [0, 45, 80])
def test_a_point_just_outside_goes_to_the_nearest_unit_and_says_how_far_it_is(latitude):
    square = shapely.box(10, latitude, 11, latitude + 1)
    findings = Findings()

    located = locate(
        villages([(11.005, latitude + 0.5)]), units({"D1": square}), findings=findings, place=Place("v.csv")
    )

    expected_m = distances_m([11.005], [latitude + 0.5], [square])[0, 0]
    assert located["snapped"].tolist() == [True]
    assert located["adm2_pcode"].tolist() == ["D1"]
    assert located["snapped_m"].iloc[0] == pytest.approx(expected_m, abs=1e-4)
    [finding] = findings.warnings
    assert (finding.code, finding.file, finding.row) == (FindingCode.SNAPPED, "v.csv", 1)
    assert f"{expected_m:.0f} m" in finding.message


def test_beyond_the_snapping_distance_a_point_stays_unassigned_with_a_finding():
    findings = Findings()

    located = locate(villages([(2.1, 0.5), None]), units(TWO), snap_km=2, findings=findings)

    assert located["adm2_pcode"].isna().all()
    assert [finding.code for finding in findings] == [FindingCode.OUTSIDE_BOUNDARIES]


def test_the_snapping_distance_is_measured_on_the_ellipsoid_and_not_in_degrees():
    # At 80 degrees 0.02 degrees of longitude are 0.4 km and of latitude 2.2 km.
    square = units({"D1": shapely.box(10, 79, 11, 80)})
    located = locate(villages([(11.02, 79.5), (10.5, 80.02)]), square, snap_km=1)
    assert located["snapped"].tolist() == [True, False]


def test_between_two_units_the_nearer_one_wins_and_at_a_tie_the_smaller_pcode():
    apart = units({"D2": shapely.box(1.01, 0, 2, 1), "D1": shapely.box(0, 0, 0.99, 1)})
    located = locate(villages([(1.001, 0.5), (0.999, 0.5), (1.0, 0.0)]), apart)
    assert located["adm2_pcode"].tolist()[:2] == ["D2", "D1"]
    assert located["adm2_pcode"].tolist()[2] in {"D1", "D2"}


def test_snapping_reaches_over_the_antimeridian():
    located = locate(villages([(-179.995, 0.5)]), units({"D1": shapely.box(179, 0, 180, 1)}))
    assert located["adm2_pcode"].tolist() == ["D1"]


def test_nothing_is_snapped_at_zero_km():
    assert locate(villages([(2.0001, 0.5)]), units(TWO), snap_km=0)["adm2_pcode"].isna().all()


def test_a_declared_name_or_code_of_another_unit_is_a_finding_and_an_unknown_one_is_said_once():
    declared = villages(
        [(0.5, 0.5)] * 6,
        declared_adm2_name=text(["unit d1", "Unit D2 District", "район D1", "Elsewhere", "Elsewhere", None]),
        declared_adm2_pcode=text(["d1", "D1", "D2", "D1", "D1", None]),
        source_row=range(2, 8),
    )
    findings = Findings()

    locate(declared, units(TWO), findings=findings)

    said = [(one.code, one.column, one.row) for one in findings]
    assert said == [
        (FindingCode.DECLARED_ELSEWHERE, "declared_adm2_pcode", 4),
        (FindingCode.DECLARED_ELSEWHERE, "declared_adm2_name", 3),
        (FindingCode.UNKNOWN_UNIT, "declared_adm2_name", 5),
    ]


def test_the_finding_names_the_column_of_the_file():
    declared = villages([(0.5, 0.5)], declared_adm2_name=text(["Unit D2"]))
    declared.attrs["source_columns"] = {"declared_adm2_name": "rayon"}
    findings = Findings()

    locate(declared, units(TWO), findings=findings)

    assert [one.column for one in findings] == ["rayon"]


def test_a_name_that_means_two_units_agrees_with_both():
    same = units(TWO)
    same["name_en"] = text(["Almaty Region", "Almaty"])
    findings = Findings()

    locate(
        villages([(0.5, 0.5), (1.5, 0.5)], declared_adm2_name=text(["Almaty", "Almaty"])),
        same,
        findings=findings,
    )

    assert len(findings) == 0


def test_a_layer_with_latitude_and_longitude_swapped_is_an_error():
    findings = Findings()
    locate(
        villages([(40.5, 60.5), (40.2, 60.1)]), units({"D1": shapely.box(60, 40, 61, 41)}), findings=findings
    )
    assert [(one.code, str(one.severity)) for one in findings] == [(FindingCode.SWAPPED_COORDINATES, "error")]


def test_one_point_that_would_fit_swapped_gets_a_hint():
    findings = Findings()
    locate(
        villages([(60.5, 40.5), (60.6, 40.5), (40.5, 60.5)]),
        units({"D1": shapely.box(60, 40, 61, 41)}),
        findings=findings,
    )
    assert "would lie in D1" in str(findings.warnings[0])


def test_points_and_units_come_in_any_reference_system():
    points, squares = villages([(0.5, 0.5), (1.5, 0.5)]), units(TWO)
    located = locate(points.to_crs(3857), squares.to_crs(32631))
    assert located["adm2_pcode"].tolist() == ["D1", "D2"]


def test_empty_units_leave_every_village_unassigned():
    assert locate(villages([(0, 0)]), units(TWO).iloc[:0])["adm2_pcode"].isna().all()


def test_bad_input_is_refused():
    for bad in (-1, 1000, float("nan")):
        with pytest.raises(InputError, match="give 0 to 100"):
            locate(villages([(0, 0)]), units(TWO), snap_km=bad)
    with pytest.raises(InputError, match="the admin units"):
        locate(villages([(0, 0)]), units(TWO).drop(columns="pcode"))
    with pytest.raises(CrsError, match="the admin units"):
        locate(villages([(0, 0)]), units(TWO).set_crs(None, allow_override=True))


def test_many_points_equal_geopandas_sjoin():
    random = np.random.default_rng(3)
    cells = {f"D{x}{y}": shapely.box(x, y, x + 1, y + 1) for x in range(5) for y in range(5)}
    points = villages([tuple(place) for place in random.uniform(-0.5, 5.5, (3000, 2))])

    located = locate(points, units(cells), snap_km=0)

    joined = gpd.sjoin(points, units(cells)[["pcode", "geometry"]], how="left")
    assert located["adm2_pcode"].fillna("").tolist() == joined["pcode"].fillna("").tolist()


def test_a_point_of_another_turn_is_located():
    assert locate(villages([(190, 0.5)]), units({"D1": shapely.box(-171, 0, -169, 1)}))[
        "adm2_pcode"
    ].tolist() == ["D1"]


def test_a_wide_look_finds_the_same_nearest_unit_as_brute_force():
    cells = units({"D1": shapely.box(0, 0, 1, 1), "D2": shapely.box(1.6, 0, 2, 1)})
    random = np.random.default_rng(7)
    places = [tuple(place) for place in random.uniform((1.001, 0), (1.599, 1), (40, 2))]

    located = locate(villages(places), cells, snap_km=60)

    lon, lat = np.array(places).T
    away_m = distances_m(lon, lat, list(cells.geometry))
    assert located["adm2_pcode"].tolist() == [f"D{nearest + 1}" for nearest in away_m.argmin(axis=1)]
    np.testing.assert_allclose(located["snapped_m"], away_m.min(axis=1), rtol=0, atol=1e-4)


MANY_POINTS = """
import geopandas as gpd, numpy as np
from geo_service.ingest.boundaries.load import load_boundaries
from geo_service.spatial.locate import locate

random = np.random.default_rng(1)
regions = load_boundaries("kaz-adm1")
points = gpd.points_from_xy(random.uniform(47, 87, 100_001), random.uniform(41, 55, 100_001))
villages = gpd.GeoDataFrame(geometry=points, crs=4326)
found = {tuple(locate(villages, regions, snap_km=0)["adm1_pcode"].value_counts().sort_index()) for _ in range(40)}
assert len(found) == 1
"""


def test_many_points_in_several_threads_do_not_end_the_process():
    done = subprocess.run(
        [sys.executable, "-c", MANY_POINTS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
