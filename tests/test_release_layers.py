"""Layers that a release has beside its inputs: access of villages and services, and the numbers of admin units, as the tables have them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from api_world import (
    DISTRICTS,
    REGIONS,
    VILLAGES,
    WITHOUT_A_POINT,
    world_facilities,
    world_parts,
    world_round,
    world_units,
)
from frames import facilities, villages
from hypothesis import given, settings
from round_worlds import round_worlds
from rounds import round_units

from geo_service.coverage.access import access
from geo_service.coverage.agreement import access_agreement
from geo_service.coverage.bands import Bands
from geo_service.coverage.report_tables import report_tables
from geo_service.coverage.reported import reported_access_rows
from geo_service.coverage.service_access import service_access
from geo_service.coverage.unit_layers import access_by_unit, mobility_by_unit
from geo_service.release.contents import release_contents
from geo_service.release.tables import access_tables
from geo_service.vocabulary import AdminLevel, Language, PopulationGroup, Service

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.xdist_group("api world")]


@pytest.fixture(scope="module")
def parts():
    _, made = world_parts()
    return {name: (part, table.to_pandas(types_mapper=_nullable)) for name, (part, table) in made.items()}


def _nullable(kind):
    return {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get(kind)


def measured():
    return access(world_round().villages, world_facilities())


# Villages and services


def test_every_village_has_a_row_for_each_service_at_its_point(parts):
    part, rows = parts["service_access"]
    assert len(rows) == VILLAGES * len(Service)
    assert (rows["id"] == rows["village_id"] + "." + rows["service"].astype("string")).all()
    assert part.geometry == "geometry"
    assert rows["geometry"].isna().sum() == len(WITHOUT_A_POINT) * len(Service)
    points = world_round().villages.set_index("village_id").geometry
    placed = rows.dropna(subset="geometry")
    assert (
        shapely.from_wkb(placed["geometry"].to_numpy()) == points.loc[placed["village_id"]].to_numpy()
    ).all()


def test_reported_and_measured_are_those_of_the_agreement():
    survey, found = world_round(), measured()
    rows = service_access(survey, found)
    expected = access_agreement(reported_access_rows(survey.villages, survey.reported_access), found)
    for name in (
        "reported_present",
        "reported_band",
        "measured_present",
        "measured_band",
        "distance_m",
        "agreement",
    ):
        assert rows[name].astype(object).equals(expected[name].astype(object)), name
    first = found.set_index(["village_id", "service"])
    keys = pd.MultiIndex.from_frame(rows[["village_id", "service"]].astype(object))
    for name in ("facility_id", "facility_name", "status"):
        beside = first[name].astype(object).reindex(keys)
        assert rows[name].astype(object).fillna("").tolist() == beside.fillna("").tolist(), name


def test_farther_facilities_are_not_in_service_access():
    survey = world_round()
    nearest, more = (access(survey.villages, world_facilities(), k=k) for k in (1, 3))
    assert service_access(survey, more).equals(service_access(survey, nearest))


def test_where_nothing_was_measured_only_what_was_reported_is_there():
    rows = service_access(world_round())
    assert len(rows) == VILLAGES * len(Service)
    measured_columns = [
        "measured_present",
        "measured_band",
        "distance_m",
        "facility_id",
        "facility_name",
        "status",
    ]
    assert rows[[*measured_columns, "bands_apart"]].isna().all(axis=None)
    assert rows["reported_present"].notna().any()
    only = {Service.SCHOOL: world_facilities()[Service.SCHOOL]}
    rows = service_access(world_round(), access(world_round().villages, only))
    assert (rows["status"].notna() == (rows["service"] == "school")).all()


def test_a_release_without_a_round_has_no_service_access():
    points = villages([(60.5, 50.5), (61.5, 50.5)], adm1_pcode=pd.array(["KAZ901"] * 2, dtype="string"))
    with release_contents(
        villages=points, facilities={Service.SCHOOL: facilities([(60, 50)], "school")}
    ) as contents:
        names = {part.name for part in contents.parts}
    assert "service_access" not in names
    assert not any("mobility" in name for name in names)


# Units


@pytest.mark.parametrize("by", ["region", "district"])
def test_mobility_by_unit_has_the_numbers_of_the_report(parts, by):
    part, layer = parts[f"mobility_by_{by}"]
    _, groups = parts[f"groups_by_{by}"]
    _, coverage = parts[f"coverage_by_{by}"]
    assert set(layer["pcode"]) == set(REGIONS if by == "region" else DISTRICTS)
    layer = layer.set_index("pcode")
    for group in PopulationGroup:
        of_group = groups[groups["group"] == group].dropna(subset="pcode").set_index("pcode").loc[layer.index]
        assert layer[group.value].equals(of_group["individuals"].rename(group.value))
        assert layer[f"{group}_villages"].equals(of_group["villages_present"].rename(f"{group}_villages"))
    of_unit = coverage.dropna(subset="pcode").set_index("pcode").loc[layer.index]
    for name in ("villages", "households", "population"):
        assert layer[name].equals(of_unit[name])
    outside = coverage.loc[coverage["pcode"].isna(), "villages"].sum()
    assert part.about["villages_outside"] == outside > 0
    assert layer["villages"].sum() + outside == VILLAGES
    assert str(outside) in part.about["rule"]["ru"]
    assert part.about["basis"] == "reported"


@pytest.mark.parametrize("by", ["region", "district"])
def test_access_by_unit_has_the_numbers_of_the_tables(parts, by):
    part, layer = parts[f"access_by_{by}"]
    layer = layer.set_index("pcode")
    bands, presence = (parts[f"{name}_and_{by}"][1] for name in ("access_by_band", "service_presence"))
    lacking, said = (parts[f"{name}_by_{by}"][1] for name in ("households_without_service", "services"))
    for service in Service:
        for table, of, last in (
            (presence, f"{service}_", bands),
            (said, f"reported_{service}_", lacking),
        ):
            for unit in table[table["service"] == service].dropna(subset="pcode").itertuples():
                assert layer.loc[unit.pcode, f"{of}villages_without"] == unit.villages_without
            beyond = last[(last["service"] == service) & (last["band"] == ">25")].dropna(subset="pcode")
            for unit in beyond.itertuples():
                assert layer.loc[unit.pcode, f"{of}households_beyond_25_km"] == unit.households
                assert layer.loc[unit.pcode, f"{of}share_beyond_25_km"] == pytest.approx(
                    unit.share, nan_ok=True
                )
    assert part.about["basis"] == "reported, measured"
    assert part.about["method"] == "geodesic"
    assert part.about["edges_km"] == [5, 10, 15, 20, 25]


def test_layers_of_units_have_the_polygons_of_the_units(parts):
    for name, source in (("mobility_by_district", "adm2"), ("access_by_region", "adm1")):
        made, given_units = (parts[one][1].set_index("pcode")["geometry"] for one in (name, source))
        assert made.to_dict() == given_units.to_dict()
        assert parts[name][0].title[Language.KK] != parts[name][0].title[Language.EN]


def measured_tables(points, sites, **options):
    found = access(points, sites, **options)
    return access_tables(found, None, Language.EN)


def two_districts():
    units = round_units()
    codes = ["KAZ901001", "KAZ901001", "KAZ901002", None]
    points = villages(
        [(60.2, 50.5), (60.8, 50.5), (61.5, 50.5), (50.0, 50.0)],
        households=[100, 50, 10, 7],
        adm2_pcode=pd.array(codes, dtype="string"),
        adm1_pcode=pd.array(["KAZ901"] * 3 + [None], dtype="string"),
    )
    return units, points


def test_without_a_round_villages_and_households_are_those_that_were_measured():
    units, points = two_districts()
    tables = measured_tables(points, {Service.SCHOOL: facilities([(60.2, 50.5)], "school")})
    layer = access_by_unit(tables, units, AdminLevel.DISTRICT).set_index("pcode")
    assert mobility_by_unit(tables, units, AdminLevel.DISTRICT) is None
    assert layer.attrs == {"basis": "measured", "by": "district", "villages_outside": 1}
    assert not any(name.startswith("reported_") for name in layer)
    assert layer.loc["KAZ901001", ["villages", "households"]].tolist() == [2, 150]
    # 60.8 is 43 km east of the school.
    assert layer.loc["KAZ901001", "school_households_beyond_25_km"] == 50
    assert layer.loc["KAZ901001", "school_share_beyond_25_km"] == pytest.approx(1 / 3)
    assert layer.loc["KAZ902001", ["villages"]].tolist() == [0]
    assert (
        layer.loc["KAZ902001", ["households", "school_villages_without", "school_share_beyond_25_km"]]
        .isna()
        .all()
    )


def test_other_bands_give_other_columns():
    units, points = two_districts()
    sites = {Service.SCHOOL: facilities([(60.2, 50.5)], "school")}
    layer = access_by_unit(measured_tables(points, sites, bands=Bands((5, 7.5))), units, "district")
    assert {"school_households_beyond_7_5_km", "school_share_beyond_7_5_km"} <= set(layer)


def test_a_search_that_ended_before_the_last_band_says_nothing_of_it():
    units, points = two_districts()
    sites = {Service.SCHOOL: facilities([(60.2, 50.5)], "school")}
    tables = measured_tables(points, sites, max_distance_km=20)
    layer = access_by_unit(tables, units, "district", max_distance_km=20)
    assert not any("beyond" in name for name in layer)
    tables = measured_tables(points, sites, max_distance_km=30)
    layer = access_by_unit(tables, units, "district", max_distance_km=30).set_index("pcode")
    assert layer.loc["KAZ901002", "school_households_beyond_25_km"] == 10


def test_a_service_without_any_facility_is_beyond_every_band():
    units, points = two_districts()
    tables = measured_tables(points, {Service.SCHOOL: facilities([], "school")})
    layer = access_by_unit(tables, units, "district").set_index("pcode")
    assert layer.loc["KAZ901001", "school_share_beyond_25_km"] == 1


def test_units_of_no_level_of_the_tables_give_no_layer():
    units, points = two_districts()
    tables = measured_tables(points, {Service.SCHOOL: facilities([(60.2, 50.5)], "school")})
    regions = units[units["level"] == 1]
    assert access_by_unit(tables, regions, "district") is None
    assert access_by_unit({}, units, "district") is None


@settings(max_examples=20)
@given(round_worlds())
def test_whatever_is_unknown_layers_say_what_tables_say(survey):
    tables = report_tables(survey, units=round_units())
    for by in AdminLevel.REGION, AdminLevel.DISTRICT:
        layer = mobility_by_unit(tables, round_units(), by)
        if layer is None:
            assert f"groups_by_{by}" not in tables
            continue
        layer = layer.set_index("pcode")
        for row in tables[f"groups_by_{by}"].dropna(subset="pcode").itertuples():
            told = layer.loc[row.pcode, str(row.group)]
            assert told is row.individuals or told == row.individuals
        of_access = access_by_unit(tables, round_units(), by).set_index("pcode")
        lacking = tables[f"households_without_service_by_{by}"]
        for row in lacking[lacking["band"] == ">25"].dropna(subset="pcode").itertuples():
            told = of_access.loc[row.pcode, f"reported_{row.service}_households_beyond_25_km"]
            assert told is row.households or told == row.households


def test_the_country_of_tests_is_whole():
    units = world_units()
    of_level = [units[units["level"] == level].geometry for level in (0, 1, 2)]
    whole = [shapely.area(one.to_numpy()).sum() for one in of_level]
    assert np.allclose(whole, whole[0])
    assert shapely.coverage_is_valid(of_level[2].to_numpy())
    assert isinstance(units, gpd.GeoDataFrame)
    survey = world_round()
    inside = gpd.sjoin(
        survey.villages.dropna(subset="adm2_pcode"), units[units["level"] == 2], predicate="within"
    )
    assert (inside["adm2_pcode"] == inside["pcode"]).all()
