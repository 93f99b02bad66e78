"""Villages, households and facilities: nothing is lost, and errors are all found in one pass."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from geo_service.distance.nearest import nearest
from geo_service.errors import FindingsError
from geo_service.export.vector import write_layer
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.layers import LayerOptions, read_facilities, read_households, read_villages
from geo_service.schemas import FACILITIES, VILLAGES, validated
from geo_service.vocabulary import Service


def table(tmp_path, text, name="sites.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def geojson(tmp_path, *geometries, **properties):
    features = [
        {
            "type": "Feature",
            "properties": {"id": str(number)}
            | {name: values[number - 1] for name, values in properties.items()},
            "geometry": geometry,
        }
        for number, geometry in enumerate(geometries, start=1)
    ]
    return table(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), "sites.geojson")


def point(*position):
    return {"type": "Point", "coordinates": list(position)}


def villages(path, **options):
    findings = Findings()
    frame = read_villages(path, findings, LayerOptions(**options))
    return validated(frame, VILLAGES, "villages"), findings


def facilities(path, **options):
    findings = Findings()
    frame = read_facilities(path, Service.SCHOOL, findings, LayerOptions(**options))
    return validated(frame, FACILITIES, "facilities"), findings


FULL = """id,name,lon,lat,households,adm2_pcode,district
1,A,70,50,10,KAZ001001,Abai
2,B,,,20,,
3,C,0,0,30,KAZ001002,
4,D,NaN,50,40,,
"""


def test_a_village_without_a_usable_point_stays_with_its_households(tmp_path):
    frame, findings = villages(table(tmp_path, FULL))
    assert frame["village_id"].tolist() == ["1", "2", "3", "4"]
    assert frame["households"].sum() == 100
    assert frame.geometry.isna().tolist() == [False, True, True, True]
    assert not findings.errors
    found = [(one.code, one.row, one.column) for one in findings]
    assert found == [
        (FindingCode.NAN_COORDINATES, 5, "lon"),
        (FindingCode.NO_GEOMETRY, 3, "geometry"),
        (FindingCode.NO_GEOMETRY, 5, "geometry"),
        (FindingCode.ZERO_COORDINATES, 4, "geometry"),
    ]
    assert all(
        one.message.endswith("it gets the status no_location") for one in findings if one.column == "geometry"
    )


def test_a_facility_without_a_usable_point_is_left_out_with_a_finding(tmp_path):
    frame, findings = facilities(table(tmp_path, FULL))
    assert frame["facility_id"].tolist() == ["1"]
    assert frame["service"].tolist() == ["school"]
    left_out = [one.row for one in findings if one.message.endswith("the facility is left out")]
    assert sorted(left_out) == [3, 4, 5]


def test_what_a_village_declares_of_its_district_is_kept(tmp_path):
    frame, _ = villages(table(tmp_path, FULL))
    assert frame["declared_adm2_pcode"].fillna("-").tolist() == ["KAZ001001", "-", "KAZ001002", "-"]
    assert frame["declared_adm2_name"].fillna("-").tolist() == ["Abai", "-", "-", "-"]
    assert frame["declared_adm1_pcode"].isna().all()
    assert frame.attrs["source_columns"]["declared_adm2_name"] == "district"


def test_all_errors_of_a_file_are_found_in_one_pass(tmp_path):
    path = table(tmp_path, "id,lon,lat,hh\n1,70,50,ten\n1,x,50,-1\n,71,95,1.5\n3,700000,5500000,\n")
    findings = Findings()
    assert len(read_villages(path, findings)) == 4
    assert [(one.code, one.row) for one in findings.errors] == [
        (FindingCode.NON_NUMERIC_COORDINATES, 3),
        (FindingCode.NON_NUMERIC_HOUSEHOLDS, 2),
        (FindingCode.NEGATIVE_HOUSEHOLDS, 3),
        (FindingCode.FRACTIONAL_HOUSEHOLDS, 4),
        (FindingCode.SWAPPED_COORDINATES, 4),
        (FindingCode.OUT_OF_RANGE_COORDINATES, 5),
        (FindingCode.MISSING_ID, 4),
        (FindingCode.DUPLICATE_ID, 3),
    ]
    assert {one.file for one in findings} == {str(path)}
    with pytest.raises(FindingsError, match=r"\(and 7 more\)"):
        findings.raise_errors()


@pytest.mark.parametrize("header", ["id,lon,lat", "id,lon,lat\n", "id,lon,lat\n\n,,\n"])
def test_a_layer_without_rows_is_an_error_for_villages_and_a_warning_for_facilities(tmp_path, header):
    path = table(tmp_path, header)
    for read in (read_villages, read_households):
        findings = Findings()
        assert read(path, findings).empty
        assert [(one.code, one.severity) for one in findings] == [(FindingCode.EMPTY_LAYER, "error")]
    frame, findings = facilities(path)
    assert frame.empty
    assert [(one.code, one.severity) for one in findings] == [(FindingCode.EMPTY_LAYER, "warning")]


def test_the_columns_that_are_given_are_taken(tmp_path):
    path = table(tmp_path, "id,key,lon,lat,e,n,hh,families,name,title\n1,a,1,2,70,50,3,4,x,y\n")
    frame, findings = villages(path, lon="e", lat="n", id="key", households="families", name="title")
    (village,) = frame.itertuples()
    assert (village.village_id, village.households, village.village_name) == ("a", 4, "y")
    assert village.geometry == Point(70, 50)
    assert not len(findings)


def test_a_column_that_holds_nothing_is_passed_over_unless_it_is_given(tmp_path):
    path = table(tmp_path, "kato,code,name,name_ru,lon,lat,hh\n,a,,x,70,50,\n,b,,y,71,51,\n")
    frame, findings = villages(path)
    assert frame["village_id"].tolist() == ["a", "b"]
    assert frame["village_name"].tolist() == ["x", "y"]
    assert findings.codes() == {FindingCode.NO_HOUSEHOLD_COUNTS}
    findings = Findings()
    read_villages(path, findings, LayerOptions(id="kato"))
    assert [one.code for one in findings.errors] == [FindingCode.MISSING_ID] * 2


@pytest.mark.parametrize("option", ["id", "name", "households"])
def test_a_column_that_was_given_and_is_not_there_is_an_error_with_its_option(tmp_path, option):
    _, findings = villages(table(tmp_path, FULL), **{option: "nope"})
    (error,) = findings.errors
    assert (error.code, error.column) == (FindingCode.MISSING_COLUMN, "nope")
    assert error.suggestion == f"Give one of them with --{option}"


def test_each_row_of_a_household_layer_is_one_household(tmp_path):
    findings = Findings()
    frame = read_households(table(tmp_path, FULL), findings)
    assert frame["households"].tolist() == [1, 1, 1, 1]
    assert validated(frame, VILLAGES, "households") is frame


def test_an_area_is_a_footprint_with_a_point_on_it(tmp_path):
    areas = [box(70, 50, 71, 51), box(70, 50, 71, 51).difference(box(70.1, 50.1, 70.9, 50.9))]
    frame, findings = villages(geojson(tmp_path, *(area.__geo_interface__ for area in areas), point(72, 52)))
    assert frame["footprint"].iloc[:2].geom_equals(gpd.GeoSeries(areas, crs=4326)).all()
    assert frame["footprint"].isna().tolist() == [False, False, True]
    assert frame["footprint"].crs == frame.crs
    assert all(area.intersects(on) for area, on in zip(areas, frame.geometry, strict=False))
    assert FindingCode.MIXED_GEOMETRY_TYPES in findings.codes()


@pytest.mark.parametrize(
    ("geometry", "is_told"),
    [
        ({"type": "MultiPoint", "coordinates": [[70, 50]]}, False),
        ({"type": "MultiPoint", "coordinates": [[70, 50], [71, 51]]}, True),
        ({"type": "LineString", "coordinates": [[70, 50], [71, 51]]}, True),
        ({"type": "GeometryCollection", "geometries": [point(70, 50)]}, False),
        ({"type": "GeometryCollection", "geometries": [point(70, 50), point(71, 51)]}, True),
    ],
)
def test_a_village_of_any_other_geometry_gets_a_point(tmp_path, geometry, is_told):
    frame, findings = villages(geojson(tmp_path, geometry))
    assert frame.geometry[0].geom_type == "Point"
    assert frame["footprint"].isna().all()
    told = [one.row for one in findings if one.code == FindingCode.UNSUPPORTED_GEOMETRY]
    assert told == ([1] if is_told else [])


def test_a_facility_of_any_geometry_can_be_measured_to(tmp_path):
    square = box(70, 50, 70.1, 50.1)
    collection = {"type": "GeometryCollection", "geometries": [point(72, 52), square.__geo_interface__]}
    bow_tie = [[[74, 50], [75, 51], [75, 50], [74, 51], [74, 50]]]
    frame, _ = facilities(
        geojson(
            tmp_path,
            collection,
            {"type": "MultiPoint", "coordinates": [[76, 50], [76, 51]]},
            {"type": "LineString", "coordinates": [[78, 50], [79, 51]]},
            {"type": "Polygon", "coordinates": bow_tie},
        )
    )
    asked = gpd.GeoSeries(
        [square.centroid, Point(76, 51), Point(78, 50), Point(74.9, 50.9), Point(72, 52)], crs=4326
    )
    found = nearest(gpd.GeoDataFrame(geometry=asked), frame)
    assert found["facility_id"].tolist() == ["1", "2", "3", "4", "1"]
    assert found["distance_m"].max() < 1e-6


def test_a_column_may_be_called_as_one_of_ours(tmp_path):
    path = geojson(
        tmp_path, point(70, 50), None, geometry=["x", "y"], footprint=["a", "b"], source_row=[7, 8]
    )
    frame, findings = villages(path)
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame["source_row"].tolist() == [1, 2]
    assert [one.row for one in findings if one.code == FindingCode.NO_GEOMETRY] == [2]


def test_lists_and_objects_in_properties_are_no_counts_and_no_trouble(tmp_path):
    path = geojson(tmp_path, point(70, 50), point(71, 51), hh=[[1, 2], None], name=[{"en": "x"}, "y"])
    frame, findings = villages(path)
    assert frame["households"].isna().all()
    assert frame["village_name"][1] == "y"
    assert [(one.code, one.row) for one in findings.errors] == [(FindingCode.NON_NUMERIC_HOUSEHOLDS, 1)]


def test_a_finding_of_a_sheet_names_the_sheet_and_the_cell(tmp_path):
    rows = pd.DataFrame({"id": [1, 2], "lon": [70, 71], "lat": [50, 51], "hh": [5, "five"]})
    rows.to_excel(tmp_path / "a.xlsx", sheet_name="Аудан", index=False)
    _, findings = villages(tmp_path / "a.xlsx")
    (error,) = findings.errors
    assert (error.file, error.layer, error.row, error.column, error.value) == (
        str(tmp_path / "a.xlsx"),
        "Аудан",
        3,
        "hh",
        "five",
    )


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "fgb", "kml", "parquet", "csv", "xlsx"])
def test_what_the_service_writes_it_reads_back(tmp_path, suffix):
    frame, _ = villages(table(tmp_path, FULL.replace("1,A", "01,Ә")))
    write_layer(frame, tmp_path / f"out.{suffix}")
    again, findings = villages(tmp_path / f"out.{suffix}")
    again = again.sort_values("village_id", ignore_index=True)
    assert not findings.errors
    for column in ("village_id", "village_name", "households", "declared_adm2_pcode", "declared_adm2_name"):
        pd.testing.assert_series_equal(again[column], frame[column])
    assert again.geometry.geom_equals_exact(frame.geometry, 1e-9).tolist()[0]
    assert again.geometry.isna().tolist() == frame.geometry.isna().tolist()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_areas_written_to_a_table_are_read_back(tmp_path, suffix):
    frame, _ = facilities(geojson(tmp_path, box(70, 50, 71, 51).__geo_interface__, point(72, 52)))
    write_layer(frame, tmp_path / f"out.{suffix}")
    again, _ = facilities(tmp_path / f"out.{suffix}")
    assert again.geometry.geom_equals(frame.geometry).all()
