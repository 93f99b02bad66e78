"""Facilities mapped twice count once."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.duplicates import covered_pairs, drop_points_in_areas
from geo_service.schemas import FACILITIES, validated

AREA = box(0, 0, 1, 1)


def facilities(*rows, service="hospital"):
    """Rows of id, name, geometry and, where it differs, service."""
    frame = pd.DataFrame(
        {
            "facility_id": [row[0] for row in rows],
            "facility_name": [row[1] for row in rows],
            "service": [row[3] if len(row) > 3 else service for row in rows],
        }
    ).astype("string")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([row[2] for row in rows], crs=4326), crs=4326)


def counted(frame):
    findings = Findings()
    kept = drop_points_in_areas(frame, findings, Place("clinics.geojson"))
    validated(kept, FACILITIES, "kept")
    assert len(findings) == len(frame) - len(kept)
    assert not len(findings) or findings.codes() == {FindingCode.DUPLICATE_FACILITY}
    return dict(
        zip(
            kept["facility_id"],
            kept["facility_name"].astype(object).where(kept["facility_name"].notna(), None),
            strict=True,
        )
    ), findings


def test_a_point_in_an_area_of_the_same_name_counts_once_as_the_area():
    kept, findings = counted(facilities(("p", "Больница № 2", Point(0.5, 0.5)), ("a", "больница №2", AREA)))
    assert kept == {"a": "больница №2"}
    assert "p (Больница № 2) lies in a and is the same facility" in str(findings.warnings[0])
    assert findings.warnings[0].file == "clinics.geojson"


def test_an_area_without_a_name_takes_that_of_its_point():
    kept, _ = counted(
        facilities(("a", None, AREA), ("p", "Central", Point(0.5, 0.5)), ("q", None, Point(0.2, 0.2)))
    )
    assert kept == {"a": "Central"}


def test_a_point_without_a_name_is_the_area_around_it():
    assert counted(facilities(("a", "Central", AREA), ("p", None, Point(0.5, 0.5))))[0] == {"a": "Central"}


def test_a_point_on_the_edge_is_in_and_one_beside_it_is_not():
    rows = (
        ("a", None, AREA),
        ("edge", None, Point(1, 0.5)),
        ("corner", None, Point(0, 0)),
        ("out", None, Point(1.001, 0.5)),
    )
    assert list(counted(facilities(*rows))[0]) == ["a", "out"]


def test_a_point_in_a_hole_is_not_in_the_area():
    ring = Polygon(AREA.exterior, [box(0.4, 0.4, 0.6, 0.6).exterior])
    assert list(counted(facilities(("a", None, ring), ("p", None, Point(0.5, 0.5))))[0]) == ["a", "p"]


def test_two_names_on_one_campus_are_two_facilities():
    rows = ("a", None, AREA), ("p", "Eye clinic", Point(0.2, 0.2)), ("q", "Heart clinic", Point(0.8, 0.8))
    assert list(counted(facilities(*rows, ("r", None, Point(0.5, 0.5))))[0]) == ["a", "p", "q"]


def test_another_name_in_a_named_area_is_another_facility():
    rows = ("a", "Central", AREA), ("p", "CENTRAL", Point(0.2, 0.2)), ("q", "Eye clinic", Point(0.8, 0.8))
    assert list(counted(facilities(*rows))[0]) == ["a", "q"]


def test_another_service_is_another_facility():
    rows = ("a", None, AREA, "hospital"), ("p", None, Point(0.5, 0.5), "polyclinic")
    assert list(counted(facilities(*rows))[0]) == ["a", "p"]


def test_an_area_in_an_area_counts_once_as_the_outer():
    inner = box(0.2, 0.2, 0.4, 0.4)
    rows = ("ward", "Central", inner), ("site", None, AREA), ("p", "Central", Point(0.3, 0.3))
    kept, findings = counted(facilities(*rows))
    assert kept == {"site": "Central"}
    assert len(findings) == 2


def test_equal_areas_count_once_as_the_first():
    assert list(counted(facilities(("a", None, AREA), ("b", "Central", AREA), ("c", None, AREA)))[0]) == ["a"]


def test_an_inner_area_of_another_name_stands_by_itself_with_its_point():
    inner = box(0.2, 0.2, 0.4, 0.4)
    rows = ("site", "Central", AREA), ("ward", "Eye clinic", inner), ("p", "Eye clinic", Point(0.3, 0.3))
    assert list(counted(facilities(*rows))[0]) == ["site", "ward"]


def test_lines_and_areas_that_only_overlap_are_left_as_they_are():
    rows = (
        ("a", None, AREA),
        ("b", None, box(0.5, 0.5, 1.5, 1.5)),
        ("line", None, LineString([(0.1, 0.1), (0.2, 0.2)])),
    )
    assert list(counted(facilities(*rows))[0]) == ["a", "b", "line"]


def test_a_multipolygon_holds_points_in_each_of_its_parts():
    parts = MultiPolygon([AREA, box(2, 2, 3, 3)])
    assert list(counted(facilities(("p", None, Point(2.5, 2.5)), ("a", None, parts)))[0]) == ["a"]


def test_an_area_that_is_not_valid_holds_nothing():
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert list(counted(facilities(("a", None, bow_tie), ("p", None, Point(0.9, 0.5))))[0]) == ["a", "p"]


def test_other_columns_stay_and_other_names_are_taken_over_too():
    frame = facilities(("a", "Central", AREA), ("p", "Central", Point(0.5, 0.5)))
    frame["name_kk"] = pd.array([pd.NA, "Орталық"], dtype="string")
    frame["beds"] = [10, 20]
    kept = drop_points_in_areas(frame, Findings(), Place())
    assert kept.loc[0, "name_kk"] == "Орталық"
    assert kept.loc[0, "beds"] == 10
    assert kept["name_kk"].dtype == "string"
    assert pd.isna(frame.loc[0, "name_kk"])


def test_the_result_has_a_new_index_and_the_crs_of_the_input():
    frame = facilities(("p", None, Point(0.5, 0.5)), ("a", None, AREA), ("q", None, Point(5, 5)))
    kept = drop_points_in_areas(frame, Findings(), Place())
    assert list(kept.index) == [0, 1]
    assert kept.crs == frame.crs


@pytest.mark.parametrize("rows", [(), (("p", None, Point(0, 0)),), (("a", None, AREA),)])
def test_layers_with_nothing_to_compare_come_back_as_they_are(rows):
    frame = facilities(*rows)
    assert drop_points_in_areas(frame, Findings(), Place()).equals(frame)


def test_covered_pairs_come_with_the_largest_area_first():
    areas = gpd.GeoSeries([box(0, 0, 1, 1), box(0, 0, 2, 2)]).to_numpy()
    assert covered_pairs(areas, areas) == [(1, [0, 1]), (0, [0])]
