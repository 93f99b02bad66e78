"""What `check_units` names, with areas, on squares whose answer is known and on real layers."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from geo_service.findings import FindingCode, Findings, Place, Severity
from geo_service.ingest.boundaries.load import boundaries_folder, check_units, read_units_as_they_are
from geo_service.spatial.geodesy import area_km2


def units(*rows, level=1, parent="AA"):
    """Each row is (pcode, polygon) or (pcode, polygon, parent)."""
    frame = gpd.GeoDataFrame(
        {
            "pcode": [row[0] for row in rows],
            "level": np.full(len(rows), level),
            "parent_pcode": [row[2] if len(row) > 2 else parent for row in rows],
            "name_en": [f"Unit {row[0]}" for row in rows],
            "name_ru": None,
            "name_kk": None,
        },
        geometry=[row[1] for row in rows],
        crs=4326,
    )
    return frame.astype(dict.fromkeys(("pcode", "parent_pcode", "name_en", "name_ru", "name_kk"), "string"))


def stated_km2(finding):
    return float(re.search(r"([\d,]+\.\d\d) km²", finding.message)[1].replace(",", ""))


def only(findings):
    (one,) = findings
    return one


def test_squares_that_share_their_borders_are_without_findings():
    assert (
        len(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(1, 0, 2, 1)), ("C", box(0, 1, 2, 2))))) == 0
    )


def test_an_overlap_is_named_once_with_both_units_and_its_area():
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(0.9, 0, 2, 1)))))
    assert (found.severity, found.code, found.row) == (Severity.ERROR, FindingCode.OVERLAPPING_UNITS, 1)
    assert "A (Unit A) and B (Unit B) (row 2) overlap" in found.message
    assert stated_km2(found) == pytest.approx(area_km2(box(0.9, 0, 1, 1)), abs=0.01)


def test_a_unit_inside_another_overlaps_by_all_of_its_area():
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(0.4, 0.4, 0.5, 0.5)))))
    assert stated_km2(found) == pytest.approx(area_km2(box(0.4, 0.4, 0.5, 0.5)), abs=0.01)


def test_a_gap_is_a_warning_with_its_area_and_the_units_around_it():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    left, right = ring.intersection(box(0, 0, 1.5, 3)), ring.intersection(box(1.5, 0, 3, 3))
    found = only(check_units(units(("A", left), ("B", right), ("C", box(5, 5, 6, 6)))))
    assert (found.severity, found.code) == (Severity.WARNING, FindingCode.GAP_BETWEEN_UNITS)
    assert found.message.endswith("enclosed by A (Unit A), B (Unit B)")
    assert stated_km2(found) == pytest.approx(area_km2(box(1, 1, 1.5, 2)) * 2, abs=0.01)


def test_a_hole_that_the_parents_have_too_is_no_gap():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    parents = units(("AA", ring, None), level=0)
    assert len(check_units(units(("A", ring)), parents=parents)) == 0
    filled = units(("AA", box(0, 0, 3, 3), None), level=0)
    assert only(check_units(units(("A", ring)), parents=filled)).code == FindingCode.GAP_BETWEEN_UNITS


def test_a_city_that_fills_the_hole_of_its_region_is_no_gap():
    city = box(1, 1, 2, 2)
    assert len(check_units(units(("A", box(0, 0, 3, 3).difference(city)), ("B", city)))) == 0


def test_slivers_below_the_threshold_are_passed_over_and_found_with_a_smaller_one():
    sliver = units(("A", box(0, 0, 1, 1)), ("B", box(1 - 1e-8, 0, 2, 1)))
    assert len(check_units(sliver)) == 0
    assert only(check_units(sliver, min_area_km2=0)).code == FindingCode.OVERLAPPING_UNITS


def test_a_repeated_code_is_a_duplicate_that_names_the_first_row():
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("A", box(1, 0, 2, 1)))))
    assert (found.code, found.row, found.value) == (FindingCode.DUPLICATE_UNIT, 2, "A")
    assert "has the code of row 1" in found.message
    assert stated_km2(found) == pytest.approx(area_km2(box(1, 0, 2, 1)), abs=0.01)


def test_the_same_shape_drawn_from_another_corner_is_a_duplicate_and_not_an_overlap():
    turned = shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", turned))))
    assert (found.code, found.row) == (FindingCode.DUPLICATE_UNIT, 2)
    assert stated_km2(found) == pytest.approx(area_km2(turned), abs=0.01)


def test_an_invalid_unit_is_named_before_any_repair():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    found = only(check_units(units(("A", bow_tie), ("B", box(2, 0, 3, 1)))))
    assert (found.severity, found.code, found.row) == (Severity.ERROR, FindingCode.INVALID_UNIT, 1)
    assert "self-intersection at 0.50000, 0.50000" in found.message
    assert stated_km2(found) == pytest.approx(area_km2(box(0, 0, 1, 1)) / 2, rel=1e-3)


def test_a_ring_around_a_hole_that_lies_outside_is_said_to_be_so():
    stray = shapely.Polygon([(0, 0), (1, 0), (1, 1)], [[(5, 5), (6, 5), (6, 6)]])
    found = only(check_units(units(("A", stray))))
    assert "hole lies outside shell at 5.00000, 5.00000" in found.message


def test_invalid_units_are_still_checked_for_overlaps():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    codes = check_units(units(("A", bow_tie), ("B", box(0, 0, 1, 1)))).codes()
    assert codes == {FindingCode.INVALID_UNIT, FindingCode.OVERLAPPING_UNITS}


def test_a_parent_that_is_not_among_those_given_makes_an_orphan():
    parents = units(("AA", box(0, 0, 3, 3), None), level=0)
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(1, 0, 2, 1), "ZZ")), parents=parents))
    assert (found.severity, found.code, found.row, found.value) == (
        Severity.ERROR,
        FindingCode.ORPHANED_UNIT,
        2,
        "ZZ",
    )
    assert stated_km2(found) == pytest.approx(area_km2(box(1, 0, 2, 1)), abs=0.01)


def test_a_unit_without_a_parent_among_units_with_one_is_an_orphan():
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(1, 0, 2, 1), None))))
    assert (found.code, found.row) == (FindingCode.ORPHANED_UNIT, 2)
    assert "names no parent" in found.message


def test_a_layer_that_names_no_parents_at_all_gets_one_warning():
    found = only(check_units(units(("A", box(0, 0, 1, 1)), ("B", box(1, 0, 2, 1)), parent=None)))
    assert (found.severity, found.code) == (Severity.WARNING, FindingCode.ORPHANED_UNIT)
    assert "none of the 2 units of level 1" in found.message


def test_a_country_needs_no_parent():
    assert len(check_units(units(("AA", box(0, 0, 1, 1), None), level=0))) == 0


def test_units_of_a_file_are_parents_of_its_deeper_ones_and_levels_do_not_overlap_each_other():
    both = units(
        ("A", box(0, 0, 2, 1)),
        ("A1", box(0, 0, 1, 1), "A"),
        ("A2", box(1, 0, 2, 1), "A"),
        ("X1", box(3, 0, 4, 1), "X"),
    )
    both["level"] = [1, 2, 2, 2]
    found = only(check_units(both))
    assert (found.code, found.value) == (FindingCode.ORPHANED_UNIT, "X")


def test_units_without_code_or_polygon_are_named_with_their_row_and_file():
    rows = units(("A", None), (None, box(0, 0, 1, 1)), ("C", shapely.Point(5, 5)))
    found = list(check_units(rows, rows=np.array([7, 8, 9]), place=Place("units.gpkg", "adm1")))
    assert [(one.code, one.row) for one in found] == [
        (FindingCode.MISSING_ID, 8),
        (FindingCode.NO_GEOMETRY, 7),
        (FindingCode.UNSUPPORTED_GEOMETRY, 9),
    ]
    assert {(one.file, one.layer) for one in found} == {("units.gpkg", "adm1")}


def test_the_shipped_units_are_without_findings_even_for_slivers():
    found, _, _ = read_units_as_they_are(boundaries_folder() / "kaz_adm1.geojson", findings=Findings())
    assert len(check_units(found, min_area_km2=0)) == 0


def test_the_one_invalid_polygon_of_the_geokz_districts_is_named(real_data):
    path = real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    found, rows, place = read_units_as_they_are(path, findings=Findings())
    findings = check_units(found, rows=rows, place=place)
    invalid = [one for one in findings if one.code == FindingCode.INVALID_UNIT]
    assert [(one.row, one.message.partition(",")[0]) for one in invalid] == [(195, "KZ623800 (Ulytau)")]
    assert stated_km2(invalid[0]) == pytest.approx(115_934, abs=1)
    assert findings.codes() == {
        FindingCode.INVALID_UNIT,
        FindingCode.OVERLAPPING_UNITS,
        FindingCode.GAP_BETWEEN_UNITS,
    }
    assert max(stated_km2(one) for one in findings if one.code != FindingCode.INVALID_UNIT) < 0.1
