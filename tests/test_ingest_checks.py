"""What can be wrong in a row, and what becomes of the row."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.checks import household_counts, identifiers, names, usable_geometry
from geo_service.ingest.columns import Columns
from geo_service.ingest.readers import RawLayer

PLACE = Place("sites.gpkg", "sites")
with np.errstate(invalid="ignore"):
    HALF_KNOWN = LineString([(70, 50), (70, float("nan"))])


def layer(geometry=None, **columns):
    """A layer whose rows are 11, 12, … so that a position is not taken for a row."""
    length = len(geometry) if geometry is not None else len(next(iter(columns.values())))
    geometry = [Point(70, 50)] * length if geometry is None else geometry
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometry, crs=4326), crs=4326)
    return RawLayer(frame, np.arange(11, 11 + length), Columns(tuple(columns), {}), PLACE)


def checked(*geometry):
    findings = Findings()
    raw = layer([Point(70, 50), *geometry])
    return usable_geometry(raw, findings, lost="it is lost")[1:], findings


def where(finding):
    return finding.file, finding.layer, finding.row, finding.column


# Geometry


@pytest.mark.parametrize(
    ("geometry", "code", "severity"),
    [
        (None, FindingCode.NO_GEOMETRY, "warning"),
        (Point(), FindingCode.NO_GEOMETRY, "warning"),
        (GeometryCollection(), FindingCode.NO_GEOMETRY, "warning"),
        (HALF_KNOWN, FindingCode.NAN_COORDINATES, "warning"),
        (Point(0, 0), FindingCode.ZERO_COORDINATES, "warning"),
        (Point(1e-12, -1e-12, 5), FindingCode.ZERO_COORDINATES, "warning"),
        (Point(181, 50), FindingCode.OUT_OF_RANGE_COORDINATES, "error"),
        (Point(500_000, 5_500_000), FindingCode.OUT_OF_RANGE_COORDINATES, "error"),
        (Point(float("inf"), 5), FindingCode.OUT_OF_RANGE_COORDINATES, "error"),
        (Point(50, 91), FindingCode.SWAPPED_COORDINATES, "error"),
        (box(50, 89, 51, 91), FindingCode.SWAPPED_COORDINATES, "error"),
    ],
)
def test_a_geometry_that_cannot_be_used_is_null_with_one_finding(geometry, code, severity):
    (usable,), findings = checked(geometry)
    assert usable is None
    (finding,) = (one for one in findings if one.code != FindingCode.MIXED_GEOMETRY_TYPES)
    assert (finding.code, finding.severity) == (code, severity)
    assert where(finding) == ("sites.gpkg", "sites", 12, "geometry")
    assert finding.suggestion if severity == "error" else finding.message.endswith("it is lost")


@pytest.mark.parametrize(
    "geometry",
    [
        Point(180, 90),
        Point(-180, -90),
        Point(0, 50),
        Point(70, 0),
        Point(1e-6, 0),
        MultiPoint([(70, 50), (71, 50)]),
    ],
)
def test_a_geometry_that_can_be_used_stays_as_it_is(geometry):
    (usable,), findings = checked(geometry)
    assert usable == geometry
    assert not len(findings)


def test_heights_are_dropped():
    (point, area), _ = checked(Point(70, 50, 9), Polygon([(70, 50, 1), (71, 50, 1), (71, 51, 1)]))
    assert not point.has_z
    assert not area.has_z


def test_a_long_geometry_is_cut_in_its_finding():
    _, findings = checked(LineString([(number, 95) for number in range(100)]))
    assert len(findings.errors[0].value) == 201


def test_a_self_intersecting_area_is_repaired_and_keeps_its_extent():
    bow_tie = Polygon([(70, 50), (71, 51), (71, 50), (70, 51)])
    (usable,), findings = checked(bow_tie)
    assert usable.is_valid
    assert usable.bounds == bow_tie.bounds
    assert usable.area == pytest.approx(0.5)
    broken = findings.warnings[-1]
    assert (broken.code, where(broken)[2:]) == (FindingCode.BROKEN_RING, (12, "geometry"))
    assert "Self-intersection[70.5 50.5]" in broken.message


def test_an_area_without_extent_stays_as_what_it_is():
    (usable,), findings = checked(Polygon([(70, 50), (71, 51), (70, 50), (70, 50)]))
    assert usable.geom_type == "LineString"
    assert FindingCode.BROKEN_RING in findings.codes()


def test_points_and_areas_in_one_layer_are_said_once():
    _, findings = checked(box(70, 50, 71, 51), box(70, 50, 71, 51))
    (mixed,) = findings
    assert (mixed.code, mixed.severity, mixed.row) == (FindingCode.MIXED_GEOMETRY_TYPES, "warning", None)
    assert mixed.message == "it mixes points and areas"


def swapped_rows(points):
    findings = Findings()
    usable_geometry(layer(points), findings, lost="")
    return [one.row - 11 for one in findings.errors if one.code == FindingCode.SWAPPED_COORDINATES]


@given(
    st.lists(st.tuples(st.floats(60, 75), st.floats(42, 50)), min_size=5, max_size=60),
    st.integers(0, 4),
)
def test_a_layer_is_in_order_and_one_swapped_point_casts_no_doubt_on_the_others(places, which):
    points = [Point(*place) for place in places]
    assert swapped_rows(points) == []
    lon, lat = places[which]
    points[which] = Point(lat, lon)
    assert set(swapped_rows(points)) <= {which}


def test_a_swapped_point_is_found_in_a_small_layer_and_in_a_large_one():
    for count in (5, 9, 200):
        points = [Point(70 + number % 7 / 10, 50 + number % 5 / 10) for number in range(count)]
        assert swapped_rows([*points, Point(50, 70)]) == [count]


def test_a_far_point_is_not_swapped_unless_it_fits_swapped():
    points = [Point(70 + number / 10, 50) for number in range(9)]
    assert swapped_rows([*points, Point(-50, 10)]) == []


def test_too_few_points_say_nothing_of_one():
    assert swapped_rows([Point(70, 50), Point(50, 70)]) == []


# Ids


def ids_of(cells, column="id"):
    findings = Findings()
    return identifiers(layer(id=cells), column, findings), findings


def test_ids_keep_their_zeros_and_lose_the_space_around_them():
    ids, findings = ids_of(["010101001", " 7 ", "x\u00a0"])
    assert ids.tolist() == ["010101001", "7", "x"]
    assert str(ids.dtype) == "string"
    assert not len(findings)


def test_each_missing_id_is_an_error():
    ids, findings = ids_of(["a", None, " ", ""])
    assert ids.isna().tolist() == [False, True, True, True]
    assert [where(one)[2:] for one in findings.errors] == [(12, "id"), (13, "id"), (14, "id")]
    assert {one.code for one in findings} == {FindingCode.MISSING_ID}
    assert "--id" in findings.errors[0].suggestion


def test_each_repeated_id_is_an_error_that_names_the_first_row():
    _, findings = ids_of(["a", "b", "a ", "b", "c", "a"])
    assert [(one.row, one.value) for one in findings.errors] == [(13, "a"), (14, "b"), (16, "a")]
    assert [one.message for one in findings.errors] == [
        "its id is that of row 11 too",
        "its id is that of row 12 too",
        "its id is that of row 11 too",
    ]
    assert {one.code for one in findings} == {FindingCode.DUPLICATE_ID}


def test_ids_differ_by_case():
    assert not len(ids_of(["a", "A"])[1])


def test_row_numbers_stand_for_ids_where_there_are_none():
    findings = Findings()
    assert identifiers(layer(x=[1, 2]), None, findings).tolist() == ["11", "12"]
    (warning,) = findings
    assert (warning.code, warning.severity, warning.row) == (FindingCode.GENERATED_IDS, "warning", None)
    assert "--id COLUMN" in warning.suggestion


# Households


def counted(*cells, dtype="string"):
    findings = Findings()
    counts = household_counts(layer(hh=pd.Series(cells, dtype=dtype)), "hh", findings)
    assert str(counts.dtype) == "Int64"
    return [None if pd.isna(one) else int(one) for one in counts], findings


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("12", 12),
        ("0", 0),
        ("-0", 0),
        ("12.0", 12),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("1e3", 1000),
        ("+5", 5),
    ],
)
def test_a_count_of_households_is_read(cell, count):
    counts, findings = counted(cell)
    assert counts == [count]
    assert not len(findings)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("ten", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("1,234", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("12 5", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("inf", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("9223372036854775808", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("1e400", FindingCode.NON_NUMERIC_HOUSEHOLDS),
        ("-3", FindingCode.NEGATIVE_HOUSEHOLDS),
        ("\u22123", FindingCode.NEGATIVE_HOUSEHOLDS),
        ("-1.5", FindingCode.NEGATIVE_HOUSEHOLDS),
        ("-inf", FindingCode.NEGATIVE_HOUSEHOLDS),
        ("12.5", FindingCode.FRACTIONAL_HOUSEHOLDS),
    ],
)
def test_a_count_that_is_none_is_one_error_in_its_cell(cell, code):
    counts, findings = counted("5", cell)
    assert counts == [5, None]
    (error,) = findings
    assert (error.severity, error.code, error.value) == ("error", code, cell)
    assert where(error) == ("sites.gpkg", "sites", 12, "hh")
    assert "--households" in error.suggestion


@pytest.mark.parametrize("cell", [None, "", "NaN", "n/a", "-"])
def test_a_count_that_is_not_there_is_a_warning(cell):
    counts, findings = counted("5", cell)
    assert counts == [5, None]
    (warning,) = findings
    assert (warning.severity, warning.code, warning.row) == ("warning", FindingCode.MISSING_HOUSEHOLDS, 12)


def test_truths_are_no_counts():
    counts, findings = counted(True, False, dtype="bool")
    assert counts == [None, None]
    assert findings.codes() == {FindingCode.NON_NUMERIC_HOUSEHOLDS}


@given(st.lists(st.one_of(st.integers(0, 10**9), st.none())))
def test_whole_numbers_of_any_type_are_counts(values):
    expected = [None if value is None else value for value in values]
    for dtype in ("Int64", "float64", "string", "object"):
        cells = pd.Series([np.nan if one is None and dtype == "float64" else one for one in values])
        cells = cells.astype(dtype) if len(cells) else pd.Series([], dtype=dtype)
        counts, findings = counted(*cells, dtype=dtype)
        assert counts == expected
        assert not findings.errors


def test_without_a_column_of_counts_there_are_none_and_it_is_said():
    findings = Findings()
    assert household_counts(layer(x=[1, 2]), None, findings).isna().all()
    (warning,) = findings
    assert warning.code == FindingCode.NO_HOUSEHOLD_COUNTS
    assert "--households COLUMN" in warning.suggestion


def test_an_empty_layer_has_no_columns_to_miss():
    findings = Findings()
    empty = layer([])
    assert len(household_counts(empty, None, findings)) == len(identifiers(empty, None, findings)) == 0
    assert len(usable_geometry(empty, findings, lost="")) == 0
    assert not len(findings)


# Names

TOWNS = ["Алматы", "Қызылорда", "Щучинск", "Семей", "Өскемен"]


def mojibake_rows(texts):
    findings = Findings()
    names(layer(name=pd.Series(texts, dtype="string")), "name", findings)
    assert findings.codes() <= {FindingCode.WRONG_ENCODING}
    assert all(one.severity == "warning" and one.column == "name" for one in findings)
    return [one.row - 11 for one in findings]


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("wrong", ["latin-1", "cp1251", "cp1252"])
def test_cyrillic_names_read_in_the_wrong_encoding_are_warned_of(town, wrong):
    assert mojibake_rows([town, town.encode().decode(wrong, errors="replace")]) == [1]


def test_cp1251_read_as_latin_1_is_warned_of():
    assert mojibake_rows([town.encode("cp1251").decode("latin-1") for town in ("Алматы", "Щучинск")]) == [
        0,
        1,
    ]


@pytest.mark.parametrize(
    "name",
    [
        *TOWNS,
        "Сёла",
        "РСФСР",
        "СССР №1",
        "«Тұран»",
        "Тіл",
        "Уі",
        "São Tomé",
        "Å",
        "Ærø",
        "Ñuñoa",
        "Łódź",
        "北京",
        "",
        "A",
    ],
)
def test_right_names_are_left_alone(name):
    assert mojibake_rows([name]) == []


def test_the_mark_of_a_lost_letter_is_warned_of():
    assert mojibake_rows(["Алмат\ufffd", None, "Almaty"]) == [0]


def test_names_lose_the_space_around_them_and_blank_ones_are_null():
    got = names(layer(name=[" Алматы ", "", None]), "name", Findings())
    assert got.fillna("null").tolist() == ["Алматы", "null", "null"]


def test_without_a_column_names_are_null():
    got = names(layer(x=[1, 2]), None, Findings())
    assert got.isna().tolist() == [True, True]
    assert str(got.dtype) == "string"
