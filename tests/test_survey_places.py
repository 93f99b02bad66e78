"""Villages of a survey among the known ones: certain ones taken, doubtful ones said, and a reviewer's word above all."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frames import text, units
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import FindingsError
from geo_service.findings import FindingCode, Findings, Place, Severity
from geo_service.ingest.boundaries.columns import UnitColumns
from geo_service.ingest.boundaries.load import read_admin_units
from geo_service.ingest.survey.crosswalk import (
    CROSSWALK_COLUMNS,
    decide_units,
    read_crosswalk,
    report_unused,
    unit_proposals,
    village_proposals,
)
from geo_service.ingest.survey.places import place_villages
from geo_service.spatial.gazetteer import Doubt, match_villages
from geo_service.spatial.geodesy import geodesic_m
from geo_service.spatial.locate import locate
from geo_service.spatial.matching import match_units
from geo_service.vocabulary import AdminLevel, Language, PlaceMatch

KNOWN = [
    # id, name, ru, region, district, place; all of it made up.
    ("K1", "Aqtobe-Test", "Актобе-Тест", "R1", "D1", (60.0, 50.0)),
    ("K2", "Ivanovka-Test", "Ивановка-Тест", "R1", "D1", (60.5, 50.0)),
    ("K3", "Ivanovka-Test", None, "R1", "D2", (62.0, 50.0)),
    ("K4", "Twin-Test", None, "R1", "D1", (60.0, 50.5)),
    ("K5", "Twin-Test", None, "R1", "D1", (60.9, 50.5)),
    ("K6", None, None, "R1", "D2", (62.5, 50.5)),
    ("K7", "Nowhere-Test", None, "R2", "D3", None),
]


def gazetteer(rows=KNOWN):
    ids, names, russian, adm1, adm2, places = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {
            "village_id": text(ids),
            "village_name": text(names),
            "households": pd.array([None] * len(rows), dtype="Int64"),
            "name_ru": text(russian),
            "kato": text([f"9{number:08}" for number in range(len(rows))]),
            "adm1_pcode": text(adm1),
            "adm2_pcode": text(adm2),
        },
        geometry=[None if place is None else shapely.Point(place) for place in places],
        crs="EPSG:4326",
    )


def surveyed(*rows):
    """Villages of (code, name, adm1, adm2, place)."""
    codes, names, adm1, adm2, places = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {
            "village_code": text(codes),
            "village_name": text(names),
            "adm1_pcode": text(adm1),
            "adm2_pcode": text(adm2),
        },
        geometry=[None if place is None else shapely.Point(place) for place in places],
        crs="EPSG:4326",
    )


def at(position, question):
    return Place("made-up.xlsx", "villages"), position + 2, question.upper()


def placed(*rows, known=None, crosswalk=None):
    findings = Findings()
    found = place_villages(surveyed(*rows), gazetteer() if known is None else known, crosswalk, findings, at)
    return found, findings


def only(*row, **given):
    found, findings = placed(row, **given)
    return found.iloc[0], findings


# What is certain


@pytest.mark.parametrize("code", ["K1", "k1", " K1", "900000000"])
def test_a_village_is_known_by_its_code(code):
    village, findings = only(code, "whatever", "R2", "D3", None)
    assert (village["village_id"], village["matched_by"]) == ("K1", PlaceMatch.CODE)
    assert village["village_name"] == "whatever"
    assert not list(findings)


@pytest.mark.parametrize("name", ["Aktobe Test", "АҚТӨБЕ-ТЕСТ", "с. Актобе-Тест", "Aqtöbe-test ауылы"])
def test_a_village_is_known_by_its_name_within_its_district(name):
    village, findings = only(None, name, "R1", "D1", None)
    assert (village["village_id"], village["matched_by"]) == ("K1", PlaceMatch.NAME)
    assert shapely.equals(village["geometry"], shapely.Point(60, 50))
    assert not list(findings)


def test_a_name_counts_in_its_own_district_and_in_the_region_where_no_district_is_declared():
    found, _ = placed(
        (None, "Ivanovka-Test", "R1", "D1", None),
        (None, "Ivanovka-Test", "R1", "D2", None),
        (None, "Aktobe-Test", "R1", None, None),
        (None, "Nowhere-Test", None, None, None),
    )
    assert found["village_id"].tolist() == ["K2", "K3", "K1", "nouheretest"]


def test_two_known_villages_of_one_name_are_told_by_their_location():
    found, findings = placed((None, "Twin-Test", "R1", "D1", (60.9, 50.501)))
    assert (found["village_id"][0], found["matched_by"][0]) == ("K5", PlaceMatch.LOCATION)
    assert not list(findings)


@pytest.mark.parametrize("name", [None, "Ivanowka-Test"])
def test_a_village_is_known_by_its_location_where_its_name_does_not_contradict(name):
    village, _ = only("own-1", name, "R1", "D1", (60.501, 50.001))
    assert (village["village_id"], village["matched_by"]) == ("K2", PlaceMatch.LOCATION)
    assert village["village_name"] == ("Ivanovka-Test" if name is None else name)
    assert shapely.equals(village["geometry"], shapely.Point(60.501, 50.001))


def test_longitude_and_latitude_may_stand_in_columns_of_their_own():
    rows = pd.DataFrame(surveyed((None, None, None, None, None)).drop(columns="geometry")).assign(
        lon=62.5, lat=50.501
    )
    found = place_villages(rows, gazetteer(), None, Findings(), at)
    assert found["village_id"].tolist() == ["K6"]
    assert found.geometry.x.tolist() == [62.5]


# What is not


def test_a_misspelt_name_is_proposed_with_its_score_and_not_taken():
    village, findings = only(None, "Aktube-Test", "R1", "D1", None)
    assert village["matched_by"] == PlaceMatch.UNMATCHED
    assert village["village_id"] == "D1:aktubetest"
    assert village["geometry"] is None
    (finding,) = findings
    assert (finding.severity, finding.code) == (Severity.WARNING, FindingCode.PROPOSED_MATCH)
    assert (finding.file, finding.layer, finding.row) == ("made-up.xlsx", "villages", 2)
    assert (finding.column, finding.value) == ("VILLAGE_NAME", "Aktube-Test")
    best = village["proposals"][0]
    assert (best.village_id, best.name, best.distance_km) == ("K1", "Aqtobe-Test", None)
    assert f"Aqtobe-Test (K1: {best.score:g})" in finding.message
    assert 80 < best.score < 100


def test_a_name_of_another_district_of_the_region_is_proposed():
    village, findings = only(None, "Aktobe-Test", "R1", "D2", None)
    assert [one.village_id for one in village["proposals"]] == ["K1"]
    assert findings.codes() == {FindingCode.PROPOSED_MATCH}


def test_one_of_several_villages_of_a_name_is_not_taken():
    village, findings = only(None, "Twin-Test", "R1", "D1", None)
    assert [one.village_id for one in village["proposals"]] == ["K4", "K5"]
    assert [one.score for one in village["proposals"]] == [100, 100]
    assert findings.codes() == {FindingCode.AMBIGUOUS_MATCH}


def test_a_village_that_lies_far_from_the_known_one_of_its_name_is_not_taken():
    village, findings = only(None, "Ivanovka-Test", "R1", "D1", (60.0, 50.2))
    assert village["matched_by"] == PlaceMatch.UNMATCHED
    assert village["proposals"][0].village_id == "K2"
    assert village["proposals"][0].distance_km == pytest.approx(42, abs=1)
    assert "over 20 km" in findings.warnings[0].message


def test_a_name_that_contradicts_is_not_taken_however_near_it_is():
    village, findings = only(None, "Zhetisu-Other", "R1", "D1", (60.5, 50.0))
    assert village["matched_by"] == PlaceMatch.UNMATCHED
    assert village["proposals"][0].village_id == "K2"
    assert village["proposals"][0].distance_km == 0
    assert findings.codes() == {FindingCode.PROPOSED_MATCH}


def test_one_known_village_is_not_taken_for_two_rows():
    found, findings = placed(
        (None, "Aktobe-Test", "R1", "D1", None),
        (None, "Актобе-Тест", "R1", "D1", None),
        ("K2", None, "R1", "D1", None),
        (None, "Ivanovka-Test", "R1", "D1", None),
    )
    assert found["matched_by"].tolist() == ["unmatched", "unmatched", "code", "unmatched"]
    assert [one.row for one in findings if one.code is FindingCode.AMBIGUOUS_MATCH] == [2, 3, 5]


def test_several_known_villages_around_a_nameless_one_are_proposed():
    near = [*KNOWN, ("K8", "Near-Test", None, "R1", "D1", (60.005, 50.0))]
    village, findings = only("own-1", None, "R1", "D1", (60.002, 50.0), known=gazetteer(near))
    assert [one.village_id for one in village["proposals"]] == ["K1", "K8"]
    assert "within 1 km of 'own-1'" in findings.warnings[0].message
    assert findings.warnings[0].column == "VILLAGE_CODE"


def test_a_code_counts_where_the_name_is_that_of_another_village_and_the_doubt_is_said():
    village, findings = only("K1", "Ivanovka-Test", "R1", "D1", None)
    assert (village["village_id"], village["matched_by"]) == ("K1", PlaceMatch.CODE)
    (finding,) = findings
    assert finding.code is FindingCode.AMBIGUOUS_MATCH
    assert "'Aqtobe-Test'" in finding.message


def test_what_nothing_is_like_is_said_and_keeps_its_own_code():
    village, findings = only("own-7", "Qqqqqq", "R1", "D1", None)
    assert (village["village_id"], village["matched_by"]) == ("own-7", PlaceMatch.UNMATCHED)
    assert findings.codes() == {FindingCode.UNMATCHED_VILLAGE}


def test_a_kind_of_place_that_contradicts_is_not_taken():
    known = gazetteer([("K1", "г. Шу-Тест", None, "R1", "D1", None)])
    assert only(None, "Шу-Тест ауылы", "R1", "D1", None, known=known)[0]["matched_by"] == "unmatched"
    assert only(None, "Шу-Тест", "R1", "D1", None, known=known)[0]["village_id"] == "K1"


def test_a_village_without_code_or_name_has_no_id_and_is_left_to_other_checks():
    village, findings = only(None, None, "R1", "D1", None)
    assert pd.isna(village["village_id"])
    assert not list(findings)


def test_a_nameless_village_with_several_neighbours_is_said_in_each_language():
    near = [*KNOWN, ("K8", "Near-Test", None, "R1", "D1", (60.005, 50.0))]
    _, findings = only(None, None, "R1", "D1", (60.002, 50.0), known=gazetteer(near))
    (finding,) = findings
    assert finding.value is None
    assert "населённый пункт без названия" in finding.in_language(Language.RU).message
    assert "атауы жоқ" in finding.in_language(Language.KK).message


def test_without_a_gazetteer_nobody_is_warned():
    findings = Findings()
    rows = surveyed(("own-1", "A", "R1", "D1", (60, 50)), (None, "Ақтөбе", "R1", None, None))
    found = place_villages(rows, None, None, findings, at)
    assert found["village_id"].tolist() == ["own-1", "R1:aktobe"]
    assert set(found["matched_by"]) == {PlaceMatch.UNMATCHED}
    assert not list(findings)


GAZETTEER = gazetteer()
NAMES = st.sampled_from([None, "Aktobe-Test", "Aktube-Test", "Ivanovka-Test", "Twin-Test", "Qqqq", "№ 5"])
PLACES = st.sampled_from([None, (60.0, 50.0), (60.5, 50.001), (60.9, 50.5), (10.0, 10.0)])


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "K1", "own"]),
            NAMES,
            st.sampled_from(["R1", None]),
            st.sampled_from(["D1", "D2", None]),
            PLACES,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_known_village_is_taken_twice_but_by_its_code_and_every_row_is_answered(rows):
    found = match_villages(surveyed(*rows), GAZETTEER)
    assert found.index.tolist() == list(range(len(rows)))
    taken = found.dropna(subset=["known"])
    assert taken["by"].notna().all()
    assert taken.loc[taken["by"] != PlaceMatch.CODE, "known"].is_unique
    assert all(proposals == () for proposals in taken["proposals"])
    assert set(found["doubt"].dropna()) <= set(Doubt)


@pytest.mark.parametrize("known", [gazetteer().iloc[:0], gazetteer().assign(village_name=None, name_ru=None)])
def test_known_villages_that_are_none_or_nameless_match_no_name(known):
    village, _ = only(
        "own", "Aktobe-Test", "R1", "D1", (60.0, 50.4), known=known.astype({"village_name": "string"})
    )
    assert (village["village_id"], village["matched_by"]) == ("own", PlaceMatch.UNMATCHED)


def test_no_villages_are_placed_as_none():
    found = place_villages(surveyed(("a", "b", None, None, None)).iloc[:0], gazetteer(), None, Findings(), at)
    assert not len(found)
    assert {"village_id", "matched_by", "proposals"} <= set(found.columns)


# Crosswalks


def written(folder, *lines, header="declared_name,within_pcode,matched_code"):
    path = folder / "crosswalk.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_what_a_reviewer_accepted_is_taken_before_anything_else(tmp_path):
    findings = Findings()
    crosswalk = read_crosswalk(written(tmp_path, "Aktube Test,D1,K1", "Aktobe-Test,,K2"), findings)
    found, more = placed(
        (None, "aqtube-test", "R1", "D1", None),
        (None, "Aktube-Test", "R1", "D2", None),
        (None, "Aktobe-Test", "R1", "D1", None),
        crosswalk=crosswalk,
    )
    assert found["village_id"].tolist() == ["K1", "D2:aktubetest", "K2"]
    assert found["matched_by"].tolist() == ["crosswalk", "unmatched", "crosswalk"]
    assert not list(findings)
    assert not more.errors


def test_the_row_that_says_most_decides(tmp_path):
    path = written(
        tmp_path,
        "x,own,D1,K1",
        "x,,R1,K2",
        ",own,,K3",
        "x,,,K4",
        header="declared_name,declared_code,within_pcode,matched_code",
    )
    crosswalk = read_crosswalk(path, Findings())
    rows = [
        ("own", "X", "R1", "D1", None),
        (None, "x", "R1", "D2", None),
        ("OWN", "y", "R9", None, None),
        (None, "x", "R9", None, None),
    ]
    found, findings = placed(*rows, crosswalk=crosswalk)
    assert found["village_id"].tolist() == ["K1", "K2", "K3", "K4"]
    assert not list(findings)


def test_a_crosswalk_stands_without_a_gazetteer_too(tmp_path):
    crosswalk = read_crosswalk(written(tmp_path, "A,,V-1"), Findings())
    found = place_villages(surveyed((None, "a", None, None, None)), None, crosswalk, Findings(), at)
    assert (found["village_id"][0], found["matched_by"][0]) == ("V-1", PlaceMatch.CROSSWALK)


def test_a_village_that_is_not_known_is_an_error_and_an_unused_row_a_warning(tmp_path):
    crosswalk = read_crosswalk(written(tmp_path, "A,,nobody", "B,,K1"), Findings())
    _, findings = placed((None, "A", "R1", "D1", None), crosswalk=crosswalk)
    by_code = {one.code: one for one in findings if one.file == str(tmp_path / "crosswalk.csv")}
    error = by_code[FindingCode.UNKNOWN_CODE]
    assert (error.severity, error.row, error.column, error.value) == (
        Severity.ERROR,
        2,
        "matched_code",
        "nobody",
    )
    unused = by_code[FindingCode.UNUSED_CROSSWALK]
    assert (unused.severity, unused.row, unused.value) == (Severity.WARNING, 3, "B")


def test_only_accepted_rows_are_taken(tmp_path):
    findings = Findings()
    path = written(
        tmp_path,
        "A,K1,yes",
        "B,K2,",
        "C,K3,Нет",
        "D,K4,ИӘ",
        "E,K5,perhaps",
        header="Declared_Name,Matched_Code,Accepted",
    )
    crosswalk = read_crosswalk(path, findings)
    assert crosswalk.frame["declared_name"].tolist() == ["A", "D"]
    assert crosswalk.frame.index.tolist() == [2, 5]
    (error,) = findings.errors
    assert (error.code, error.row, error.value) == (FindingCode.UNKNOWN_CODE, 6, "perhaps")


def test_rows_that_cannot_be_used_are_errors_each_at_its_place(tmp_path):
    findings = Findings()
    path = written(
        tmp_path,
        "village,A,",
        "village,,K1",
        "county,A,K1",
        "district,A,K1",
        "district,a,K2",
        header="level,declared_name,matched_code",
    )
    crosswalk = read_crosswalk(path, findings)
    assert [(one.code, one.row, one.column) for one in findings.errors] == [
        (FindingCode.UNKNOWN_CODE, 4, "level"),
        (FindingCode.MISSING_VALUE, 2, "matched_code"),
        (FindingCode.MISSING_VALUE, 3, "declared_name"),
        (FindingCode.AMBIGUOUS_MATCH, 6, "matched_code"),
    ]
    assert len(crosswalk.frame) == 2


def test_a_file_without_the_columns_of_a_crosswalk_is_refused(tmp_path):
    with pytest.raises(FindingsError, match="'matched_code'"):
        read_crosswalk(written(tmp_path, "A,B", header="declared_name,code"), Findings())


def test_proposals_are_a_crosswalk_once_a_reviewer_has_accepted_them(tmp_path):
    rows = [
        (None, "Aktube-Test", "R1", "D1", None),
        ("own", "Twin-Test", "R1", "D1", (60.4, 50.5)),
        ("K1", None, None, None, None),
    ]
    found, _ = placed(*rows)
    review = village_proposals(found)
    assert tuple(review.columns) == CROSSWALK_COLUMNS
    assert review["matched_code"].tolist()[-2:] == ["K4", "K5"]
    assert review["distance_km"].notna().tolist()[-2:] == [True, True]
    assert review["accepted"].isna().all()
    path = tmp_path / "review.csv"
    review.to_csv(path, index=False)
    assert not len(read_crosswalk(path, Findings()).frame)

    pairs = review["declared_name"].str.cat(review["matched_code"], sep=" ")
    review.loc[pairs.isin(["Aktube-Test K1", "Twin-Test K5"]), "accepted"] = "yes"
    review.to_csv(path, index=False)
    again, findings = placed(rows[0], rows[1], crosswalk=read_crosswalk(path, Findings()))

    assert again["village_id"].tolist() == ["K1", "K5"]
    assert not list(findings)


def test_proposals_of_nothing_are_a_crosswalk_without_rows():
    found, _ = placed(("K1", "A", "R1", "D1", None))
    assert tuple(village_proposals(found).columns) == CROSSWALK_COLUMNS
    assert not len(village_proposals(found))


# Units


def test_units_are_decided_by_a_reviewer_too(tmp_path):
    districts = units({"D1": shapely.box(0, 0, 1, 1), "D2": shapely.box(1, 0, 2, 1)})
    districts["name_en"] = text(["Taskala", "Baiterek"])
    declared = pd.Series(text(["Taskala", "Zelenov", "Zelenov", "Syrim"]))
    parents = pd.Series(text(["R1"] * 4))
    found = match_units(declared, districts, parents)
    review = unit_proposals(found, declared, AdminLevel.DISTRICT, parents)
    assert review[["level", "declared_name", "within_pcode", "matched_code"]].to_numpy().tolist()[0] == [
        "district", "Zelenov", "R1", "D2",
    ]  # fmt: skip
    path = tmp_path / "review.csv"
    review.iloc[[0]].assign(accepted="да").to_csv(path, index=False)
    findings = Findings()
    crosswalk = read_crosswalk(path, findings)

    decided = decide_units(found, declared, crosswalk, districts, findings, parents)
    report_unused(crosswalk, [AdminLevel.DISTRICT], [decided["decided_in"]], findings)

    assert decided["pcode"].tolist() == ["D1", "D2", "D2", pd.NA]
    assert decided["by"].tolist() == ["name", "crosswalk", "crosswalk", pd.NA]
    assert decided["proposals"].iloc[1] == ()
    assert not list(findings)
    elsewhere = decide_units(found, declared, crosswalk, districts, findings, pd.Series(text(["R2"] * 4)))
    assert elsewhere["pcode"].isna().tolist() == [False, True, True, True]
    report_unused(crosswalk, [AdminLevel.DISTRICT], [elsewhere["decided_in"]], findings)
    assert findings.codes() == {FindingCode.UNUSED_CROSSWALK}


def test_a_unit_that_is_not_there_is_an_error(tmp_path):
    districts = units({"D1": shapely.box(0, 0, 1, 1)})
    path = written(tmp_path, "district,A,D9", header="level,declared_name,matched_code")
    findings = Findings()
    declared = pd.Series(text(["A"]))
    decide_units(
        match_units(declared, districts), declared, read_crosswalk(path, findings), districts, findings
    )
    assert findings.codes() == {FindingCode.UNKNOWN_CODE}
    (finding,) = findings
    assert "D9" in finding.in_language(Language.RU).message


# Real places


@pytest.fixture(scope="module")
def osm_and_geonames(real_data):
    """The places of OpenStreetMap as a gazetteer and the settlements of GeoNames, each in the district it lies in."""
    columns = UnitColumns.named(2, pcode="ADM2_PCODE", parent_pcode="ADM1_PCODE", name_en="ADM2_EN")
    path = real_data / "kaz_boundaries_geokz" / "kaz_admbnda_adm2_2024.shp"
    districts = read_admin_units(path, columns, findings=Findings(), level=2)
    names = {
        "osm_id": "village_id",
        "name": "village_name",
        "name:en": "name_en",
        "name:ru": "name_ru",
        "name:kk": "name_kk",
    }
    osm = gpd.read_file(real_data / "kaz_places_osm" / "hotosm_kaz_populated_places_points.geojson")
    osm = osm.rename(columns=names).astype(dict.fromkeys(names.values(), "string"))
    towns = pd.read_csv(
        real_data / "kaz_places_geonames" / "geonames_cities500_KZ.csv", dtype={"name": "string"}
    )
    points = gpd.points_from_xy(towns["longitude"], towns["latitude"])
    geonames = gpd.GeoDataFrame({"village_name": towns["name"]}, geometry=points, crs="EPSG:4326")
    return locate(osm, districts), locate(geonames.assign(village_code=text([None] * len(towns))), districts)


def apart_km(found, asked, known):
    rows = np.flatnonzero(found["known"].notna())
    one = asked.geometry.iloc[rows]
    other = known.geometry.iloc[found["known"].iloc[rows].astype(int)]
    metres = geodesic_m(one.x.to_numpy(), one.y.to_numpy(), other.x.to_numpy(), other.y.to_numpy())
    return metres / 1000


@pytest.mark.real_data
def test_three_quarters_of_geonames_are_known_to_osm_by_name_alone_and_one_wrongly(osm_and_geonames):
    known, asked = osm_and_geonames
    found = match_villages(pd.DataFrame(asked.drop(columns="geometry")).assign(lon=np.nan, lat=np.nan), known)
    apart = apart_km(found, asked, known)
    assert (found["by"] == PlaceMatch.NAME).sum() == len(apart) == 275
    assert (apart > 20).sum() == 1
    assert np.median(apart) < 0.5


@pytest.mark.real_data
def test_with_locations_more_are_known_and_none_wrongly(osm_and_geonames):
    known, asked = osm_and_geonames
    found = match_villages(asked, known)
    apart = apart_km(found, asked, known)
    assert len(apart) >= 295
    assert (apart > 20).sum() == 0
