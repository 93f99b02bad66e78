"""Which column is which."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import USUAL_NAMES, Columns, find_column, is_hxl_row, listed

ROLES = sorted(USUAL_NAMES)


@given(
    role=st.sampled_from(ROLES),
    data=st.data(),
    change=st.sampled_from([str.upper, str.title, str.lower]),
    space=st.sampled_from([" ", "-", "_", " \u00a0", ". "]),
    form=st.sampled_from(["NFC", "NFD", "NFKC"]),
    around=st.sampled_from(["", " ", "\t"]),
)
def test_a_usual_name_is_found_whatever_its_case_spaces_and_form(role, data, change, space, form, around):
    usual = data.draw(st.sampled_from(USUAL_NAMES[role]))
    inner = usual.lstrip("_")
    written = usual[: len(usual) - len(inner)] + change(inner).replace("_", space)
    name = around + unicodedata.normalize(form, written) + around
    assert Columns(("note", name), {}).by_role(role) == name


@pytest.mark.parametrize(
    ("names", "role", "found"),
    [
        (("y", "latitude"), "lat", "latitude"),
        (("Lon", "lon"), "lon", "Lon"),
        (("id", "KATO"), "village_id", "KATO"),
        (("Населённый пункт",), "name", "Населённый пункт"),
        (("Кол-во домохозяйств",), "households", "Кол-во домохозяйств"),
        (("_village_gps_longitude", "_village_gps_altitude"), "lon", "_village_gps_longitude"),
        (("_home_longitude", "_work_longitude"), "lon", None),
        (("longitudinal",), "lon", None),
        ((), "lat", None),
    ],
)
def test_the_likeliest_column_of_a_role_is_found(names, role, found):
    assert Columns(names, {}).by_role(role) == found


@pytest.mark.parametrize(
    ("tag", "role"),
    [
        ("#geo+lon", "lon"),
        ("#GEO +Lat", "lat"),
        ("#geo+wgs84+lat", "lat"),
        ("#loc+code+v_kato", "village_id"),
        ("#loc+facility+id", "facility_id"),
        ("#loc+name+ru", "name"),
        ("#loc", "name"),
        ("#population+hh", "households"),
        ("#affected+hh+num", "households"),
        ("#adm1+code", "declared_adm1_pcode"),
        ("#adm2+name+en", "declared_adm2_name"),
        ("#adm2", "declared_adm2_name"),
    ],
)
def test_a_hashtag_names_its_role(tag, role):
    assert Columns(("a", "b"), {"b": tag}).by_role(role) == "b"


def test_a_hashtag_counts_more_than_a_usual_name():
    assert Columns(("lon", "easting"), {"easting": "#geo+lon"}).by_role("lon") == "easting"


def test_the_column_that_was_given_is_taken_though_another_looks_likelier():
    findings = Findings()
    columns = Columns(("lon", "e"), {})
    assert find_column(columns, "lon", "e", findings, Place("a.csv")) == "e"
    assert not len(findings)


def test_a_column_that_was_given_and_is_not_there_is_an_error_with_its_option():
    findings = Findings()
    columns = Columns(("id", "e"), {})
    assert find_column(columns, "lon", "x", findings, Place("a.csv"), option="--lon") is None
    (error,) = findings.errors
    assert (error.code, error.file, error.column) == (FindingCode.MISSING_COLUMN, "a.csv", "x")
    assert str(error).endswith("there is no column 'x'; there are 'id', 'e'. Give one of them with --lon")


def test_a_long_list_of_columns_is_cut_in_messages():
    assert listed([f"c{number}" for number in range(22)]).endswith("'c19' and 2 more")
    assert listed([]) == "none"


@pytest.mark.parametrize(
    ("cells", "is_tags"),
    [
        (["#loc+code", "#geo+lon", "#geo+lat"], True),
        (["#loc", None, "", "#geo +lat"], True),
        (["#loc", "text"], True),
        (["#loc", "text", "more"], False),
        (["#N/A", "#REF!", "#DIV/0!", "#NAME?"], False),
        (["#1", "#2"], False),
        (["a", "b"], False),
        ([], False),
        ([None, " "], False),
    ],
)
def test_a_row_of_hashtags_is_told_from_data(cells, is_tags):
    assert is_hxl_row(cells) is is_tags


@given(st.lists(st.one_of(st.none(), st.text(), st.integers(), st.floats())))
def test_any_row_can_be_asked_whether_it_is_one_of_hashtags(cells):
    texts = [str(cell) for cell in cells if cell is not None]
    assert not is_hxl_row(cells) or any("#" in text for text in texts)
