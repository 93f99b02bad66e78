"""All of Andorra and all of Kazakhstan, checked against counts made by other means."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geodesic_oracle import distances_m

from geo_service.coverage.access import access
from geo_service.coverage.tables import access_by_band, service_presence
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.boundaries.columns import UnitColumns
from geo_service.ingest.boundaries.load import load_boundaries, read_admin_units
from geo_service.ingest.layers import LayerOptions, read_villages
from geo_service.ingest.osm.layers import read_osm
from geo_service.settings import BoundarySettings
from geo_service.spatial.locate import locate
from geo_service.vocabulary import AdminLevel, Service

pytestmark = [pytest.mark.real_data, pytest.mark.xdist_group("real_data")]


@pytest.fixture(scope="module")
def districts(real_data):
    columns = UnitColumns.named(
        2,
        pcode="ADM2_PCODE",
        parent_pcode="ADM1_PCODE",
        name_en="ADM2_EN",
        name_ru="ADM2_RU",
        name_kk="ADM2_KK",
    )
    path = real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    return read_admin_units(path, columns, findings=Findings(), level=2)


@pytest.fixture(scope="module")
def places(real_data):
    path = real_data / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson"
    return read_villages(path, Findings(), LayerOptions(id="osm_id", households="population"))


def crossings_inside(x, y, polygon):
    """Whether points lie inside by the even-odd rule over every edge of every ring: no index, no library's predicate."""
    inside = np.zeros(len(x), dtype=bool)
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        corners = shapely.get_coordinates(ring)
        for (x0, y0), (x1, y1) in pairwise(corners):
            if y0 == y1:
                continue
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def test_9899_places_fall_into_224_districts_as_an_independent_count_says(places, districts):
    assert (len(places), len(districts)) == (9899, 224)

    located = locate(places, districts, snap_km=0)

    x, y = places.geometry.x.to_numpy(), places.geometry.y.to_numpy()
    counted = {}
    for code, polygon in zip(districts["pcode"], districts.geometry, strict=True):
        west, south, east, north = polygon.bounds
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        counted[code] = int(crossings_inside(x[near], y[near], polygon).sum())
    assert located["adm2_pcode"].value_counts().to_dict() == {code: n for code, n in counted.items() if n}
    assert located["adm2_pcode"].isna().sum() == 407


def test_the_407_places_outside_are_snapped_or_named(places, districts):
    findings = Findings()

    located = locate(places, districts, findings=findings)

    snapped, lost = located["snapped"].sum(), located["adm2_pcode"].isna().sum()
    assert snapped + lost == 407
    codes = pd.Series([one.code for one in findings]).value_counts().to_dict()
    assert codes == {FindingCode.SNAPPED: snapped, FindingCode.OUTSIDE_BOUNDARIES: lost}
    some = located[located["snapped"]].iloc[:5]
    polygons = districts.set_index("pcode").geometry
    for row in some.itertuples():
        whole = distances_m([row.geometry.x], [row.geometry.y], [polygons[row.adm2_pcode].boundary])
        assert row.snapped_m == pytest.approx(whole[0, 0], abs=1e-3)
    assert located["snapped_m"].max() <= 2000


def test_geonames_own_regions_agree_with_the_located_ones_but_for_three_settlements(real_data):
    findings = Findings()
    towns = read_villages(
        real_data / "kaz_places_geonames" / "geonames_cities500_KZ.csv",
        findings,
        LayerOptions(id="geonameid"),
    )
    located = locate(
        towns, load_boundaries("kaz-adm1", BoundarySettings(), findings=findings), findings=findings
    )

    elsewhere = [one for one in findings if one.code is FindingCode.DECLARED_ELSEWHERE]
    unknown = {one.value for one in findings if one.code is FindingCode.UNKNOWN_UNIT}

    assert located["adm1_pcode"].notna().all()
    assert unknown == {"Aqmola", "Abai Region", "Zhetysu Region", "Zhambyl", "Baikonur"}, (
        "spellings that no unit has"
    )
    assert len(elsewhere) == 3
    declared = located["declared_adm1_name"]
    spelling = {"Aqmola": "KAZ002", "Abai Region": "KAZ001", "Zhetysu Region": "KAZ010", "Zhambyl": "KAZ009"}
    by_spelling = located[declared.isin(list(spelling))]
    assert (by_spelling["adm1_pcode"] == by_spelling["declared_adm1_name"].map(spelling)).mean() > 0.95


def test_the_whole_of_andorra_from_extract_to_tables(real_data):
    findings = Findings()
    layers = read_osm(real_data / "andorra_osm" / "andorra.osm.pbf", findings=findings)
    assert FindingCode.BROKEN_RING in findings.codes()
    assert not findings.errors
    assert len(layers.villages) == 59
    hospitals, schools, markets = (
        layers.facilities[one] for one in (Service.HOSPITAL, Service.SCHOOL, Service.MARKET)
    )
    assert hospitals.geom_type.value_counts().to_dict() == {"Point": 6, "Polygon": 1}

    rows = access(layers.villages, layers.facilities, k=2)

    lon, lat = layers.villages.geometry.x.to_numpy(), layers.villages.geometry.y.to_numpy()
    for layer in (hospitals, schools, markets):
        every_m = np.sort(distances_m(lon, lat, list(layer.geometry)), axis=1)[:, 0]
        first = rows[(rows["service"] == layer["service"].iloc[0]) & (rows["rank"] == 1)]
        np.testing.assert_allclose(first["distance_m"], every_m, rtol=0, atol=1e-6)
    table = access_by_band(rows)
    assert table.groupby("service", observed=True)["villages"].sum().tolist() == [59] * 6
    presence = service_presence(rows).set_index("service")
    assert presence.loc["polyclinic", "villages_without"] == 59
    assert (
        presence.loc["hospital", "villages_with"]
        == ((rows["service"] == "hospital") & (rows["rank"] == 1) & (rows["distance_m"] <= 2000)).sum()
    )


def test_kazakhstan_from_places_to_a_table_by_district(places, districts, real_data):
    towns = gpd.read_file(real_data / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson")
    towns = towns[towns["place"].isin(["city", "town"])]
    hospitals = gpd.GeoDataFrame(
        {
            "facility_id": towns["osm_id"].astype("string"),
            "facility_name": towns["name"].astype("string"),
            "service": pd.array(["hospital"] * len(towns), dtype="string"),
        },
        geometry=towns.geometry,
        crs=towns.crs,
    )

    rows = access(locate(places, districts), {Service.HOSPITAL: hospitals.reset_index(drop=True)})
    table = access_by_band(rows, AdminLevel.DISTRICT, units=districts)

    assert table["villages"].sum() == 9899
    assert table["households"].sum() == places["households"].sum()
    assert table["name"].notna().sum() == (table["pcode"].notna()).sum()
