"""A round from sheets: units and villages recognised, frames that fit, and garbage that breaks nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from frames import text, villages
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_surveys import FIRST_ROW, changed, clean_round, each_sheet, long, more_rows, sheets_of, wide
from rounds import round_units, small_round

from geo_service.demo.exports import write_kobo, write_odk, write_plain
from geo_service.errors import GeoServiceError
from geo_service.findings import FindingCode as Code
from geo_service.findings import Findings, Place
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.crosswalk import CROSSWALK_COLUMNS, Crosswalk
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT, SurveySheet
from geo_service.ingest.survey.read import read_survey
from geo_service.ingest.survey.rounds import assemble_round
from geo_service.vocabulary import Band, Dimension, Language, PopulationGroup, Service

SURVEY = clean_round()
WIDE, LONG = wide(SURVEY), long(SURVEY)
UNITS = round_units().assign(
    kato=lambda one: "99" + one["pcode"].str[3:].str.ljust(7, "0"),
    iso3166_2=lambda one: pd.Series(
        np.where(one["level"] == 1, "KZ-" + one["pcode"].str[3:], None), dtype="string"
    ),
)
REGIONS = UNITS[UNITS["level"] == 1]


def assembled(raw, **options):
    findings = Findings()
    options = {"units": UNITS, "today": date(2024, 2, 1)} | options
    return assemble_round(raw, number=3, country="KAZ", findings=findings, **options), findings


def changes(raw, sheet, at, **values):
    for question, value in values.items():
        raw = changed(raw, sheet, at, question, value)
    return raw


NO_POINT = {q.LATITUDE: None, q.LONGITUDE: None}


# Units


@pytest.mark.parametrize(
    ("region", "district"),
    [
        ("KAZ901", "KAZ901001"),
        ("kaz901", "990901001"[:2] + "9010010"),
        ("KZ-901", "Synthetic District KAZ901001"),
        ("999010000", "Вымышленный район KAZ901001"),
        ("Synthetic Region KAZ901", "Ойдан шығарылған аудан KAZ901001"),
        (None, "KAZ901001"),
    ],
)
def test_units_are_declared_by_code_and_by_name_in_any_language(region, district):
    raw = changes(WIDE, "B2", 0, region=region, district=district, **NO_POINT)
    survey, findings = assembled(raw)
    assert survey.villages.loc[0, ["adm1_pcode", "adm2_pcode"]].tolist() == ["KAZ901", "KAZ901001"]
    assert not findings.errors


def test_a_village_that_declares_nothing_takes_the_unit_it_lies_in():
    survey, findings = assembled(changes(WIDE, "B2", 0, region=None, district=None))
    assert survey.villages.loc[0, ["adm1_pcode", "adm2_pcode"]].tolist() == ["KAZ901", "KAZ901001"]
    assert not len(findings)


def test_a_district_that_the_boundaries_do_not_hold_is_said_once_and_left_open():
    raw = WIDE
    for at in range(4):
        raw = changed(raw, "B2", at, q.DISTRICT, f"Atlantis {at}")
    survey, findings = assembled(raw, units=REGIONS)
    [once] = [one for one in findings if one.code is Code.UNKNOWN_UNIT]
    assert once in findings.warnings
    assert (once.row, once.column) == (None, "Q: district")
    assert survey.villages["adm1_pcode"].notna().all()
    # A P-code that begins with its region's is understood without boundaries of its own.
    assert survey.villages["adm2_pcode"].isna().tolist() == [True] * 4 + [False] * 4
    assert not findings.errors


def test_a_village_in_the_region_it_declares_is_not_elsewhere_when_districts_of_another_source_say_so():
    drawn = {"KAZ901002": shapely.box(61, 50, 61.5, 51), "KAZ902001": shapely.box(61.5, 50, 63, 51)}
    geometry = [drawn.get(code, one) for code, one in zip(UNITS["pcode"], UNITS.geometry, strict=True)]
    raw = changes(WIDE, "B2", 0, region="KAZ901", district=None, longitude="61.75", latitude="50.5")
    survey, findings = assembled(raw, units=UNITS.set_geometry(geometry, crs=UNITS.crs))
    assert Code.DECLARED_ELSEWHERE not in findings.codes()
    assert not findings.errors
    assert survey.villages["adm1_pcode"][0] == "KAZ901"
    assert pd.isna(survey.villages["adm2_pcode"][0])


def test_without_boundaries_p_codes_are_taken_and_names_left_open():
    survey, findings = assembled(changes(WIDE, "B2", 0, region="Somewhere", district=None), units=None)
    assert survey.villages["adm1_pcode"].isna().tolist() == [True] + [False] * 7
    assert Code.UNKNOWN_UNIT in findings.codes()
    assert not findings.errors
    _, findings = assembled(changes(WIDE, "B2", 0, region=None, district=None, **NO_POINT), units=None)
    assert [one.code for one in findings.errors] == [Code.MISSING_VALUE]


def test_districts_of_b1_that_cannot_be_told_apart_stand_together_for_their_region():
    raw = WIDE
    for at in range(4):
        raw = changed(raw, "B1", at, q.DISTRICT, f"Atlantis {at}")
    survey, findings = assembled(raw, units=REGIONS)
    assert not findings.errors
    estimates = survey.validate().district_estimates
    assert estimates["adm2_pcode"].isna().all()
    assert len(estimates) == 10
    by_group = estimates.groupby("group", observed=True)["individuals"].sum()
    expected = SURVEY.district_estimates.groupby("group", observed=True)["individuals"].sum()
    assert by_group.to_dict() == expected.to_dict()


def test_a_unit_that_is_only_like_a_name_is_proposed():
    proposals = []
    raw = changes(WIDE, "B2", 0, district="Synthetik Distrikt KAZ901001", **NO_POINT)
    _, findings = assembled(raw, proposals=proposals)
    [unknown] = findings.errors
    assert (unknown.code, unknown.row, unknown.column) == (Code.UNKNOWN_UNIT, FIRST_ROW, "Q: district")
    assert "KAZ901001" in unknown.suggestion
    together = pd.concat(proposals, ignore_index=True)
    assert list(together.columns) == list(CROSSWALK_COLUMNS)
    assert "KAZ901001" in together["matched_code"].tolist()


def test_a_unit_is_taken_from_a_reviewed_crosswalk():
    rows = {
        "level": ["district"],
        "declared_code": [None],
        "declared_name": ["Atlantis"],
        "within_pcode": [None],
        "matched_code": ["KAZ901001"],
    }
    reviewed = Crosswalk(pd.DataFrame(rows, dtype="string").set_axis([2]), Place("crosswalk.csv"))
    raw = changes(WIDE, "B2", 0, district="Atlantis", **NO_POINT)
    survey, findings = assembled(raw, crosswalk=reviewed)
    assert survey.villages["adm2_pcode"][0] == "KAZ901001"
    assert not findings.errors


# Villages


def test_villages_are_recognised_and_two_rows_of_one_known_village_are_an_error():
    known = villages([(60.5, 50.5)], ids=["known-1"], village_name=text(["Synthetic village 1"]))
    known = known.assign(
        adm1_pcode=text(["KAZ901"]), adm2_pcode=text(["KAZ901001"]), kato=text(["990000005"])
    )
    raw = changes(WIDE, "B2", 0, village_code=None, latitude="50.5", longitude="60.5")
    survey, findings = assembled(raw, gazetteer=known)
    assert "known-1" in survey.villages["village_id"].tolist()
    assert survey.validate()
    duplicates = [one for one in findings.errors if one.code is Code.DUPLICATE_SUBMISSION]
    assert all(one.row != FIRST_ROW for one in duplicates)


def test_a_village_without_a_code_has_an_id_of_its_district_and_name():
    raw = changed(WIDE, "B2", 0, q.VILLAGE_CODE, None)
    ids = [assembled(raw)[0].villages["village_id"][0] for _ in range(2)]
    assert ids[0] == ids[1]
    assert ids[0].startswith("KAZ901001")


def test_a_village_that_was_submitted_twice_is_in_the_frames_once():
    raw = changed(WIDE, "B2", 3, q.VILLAGE_CODE, SURVEY.villages["village_id"][0])
    survey, findings = assembled(raw)
    assert [one.code for one in findings.errors] == [Code.DUPLICATE_SUBMISSION]
    assert len(survey.validate().villages) == 7
    assert len(survey.mobility) == 35
    assert len(survey.reported_access) == 42


def test_a_village_that_a_plain_workbook_has_twice_is_one_error():
    raw = more_rows(LONG, "villages", [LONG.villages[0].frame.iloc[0].to_dict()])
    survey, findings = assembled(raw)
    assert [(one.code, one.row) for one in findings] == [(Code.DUPLICATE_SUBMISSION, 8 + FIRST_ROW)]
    assert len(survey.villages) == 8


def test_two_villages_of_one_name_with_codes_of_their_own_are_two():
    raw = changes(WIDE, "B2", 4, village_name="Synthetic village 1")
    survey, findings = assembled(raw)
    assert not len(findings)
    assert len(survey.villages) == 8


def test_the_frames_have_every_group_service_and_category():
    survey, _ = assembled(WIDE)
    assert survey.mobility["group"].tolist() == [*PopulationGroup] * 8
    assert survey.reported_access["service"].tolist() == [*Service] * 8
    assert survey.mobility["village_id"].value_counts().eq(5).all()
    assert list(survey.reported_access["band"].cat.categories) == [*Band]
    assert survey.reported_access["band"].cat.ordered
    assert list(survey.breakdowns["dimension"].cat.categories) == [*Dimension]
    assert survey.sources == SURVEY.sources


# Garbage

GARBAGE = st.sampled_from(
    [None, "", " ", "0", "-1", "1e400", "nan", "inf", "\u0661", "yes", "нет", "2023-13-45", "31.12.2023", "=A1", "KAZ901",
     "unknown", ">25", "99999999999999999999", "a" * 300, "\U0001f600", "\u202e", "%s {x}", "1 234", "<NA>", "'; --"]
) | st.text(max_size=8)  # fmt: skip


@st.composite
def damaged(draw):
    """A clean survey with garbage in some of its cells."""
    raw = draw(st.sampled_from([WIDE, LONG]))
    for _ in range(draw(st.integers(1, 6))):
        one = draw(st.sampled_from([sheet for sheet in sheets_of(raw) if len(sheet.frame)]))
        question = draw(st.sampled_from(list(one.frame.columns)))
        at = draw(st.integers(0, len(one.frame) - 1))
        raw = changed(raw, one.place.layer, at, question, draw(GARBAGE))
    return raw


@settings(max_examples=40)
@given(raw=damaged(), units=st.sampled_from([UNITS, REGIONS, None]))
def test_garbage_in_any_cell_raises_nothing_and_leaves_frames_that_fit(raw, units):
    try:
        survey, findings = assembled(raw, units=units, earlier=SURVEY)
    except GeoServiceError:
        return
    survey.validate()
    known = {one.place for one in sheets_of(raw)}
    assert all(Place(one.file, one.layer) in known for one in findings)
    assert len(findings.to_frame("ru")) == len(findings)


@given(
    faults=st.dictionaries(
        st.integers(0, 7),
        st.sampled_from(
            [
                (q.VILLAGE_HOUSEHOLDS, "many", Code.NOT_A_COUNT),
                (q.VILLAGE_POPULATION, "99999999", Code.COUNT_TOO_LARGE),
                (q.INTERVIEW_DATE, "31.02.2023", Code.IMPOSSIBLE_DATE),
                (q.LATITUDE, "north", Code.NON_NUMERIC_COORDINATES),
                (q.LATITUDE, "-91", Code.OUT_OF_RANGE_COORDINATES),
                ("school_present", "perhaps", Code.UNKNOWN_CODE),
                ("market_band", "far", Code.UNKNOWN_CODE),
                ("returnees_individuals", "2.5", Code.NOT_A_COUNT),
                ("emigrants_year_2022", "-7", Code.NOT_A_COUNT),
            ]
        ),
        min_size=1,
    )
)
@settings(max_examples=25)
def test_every_planted_fault_is_found_with_row_column_and_value_and_nothing_else_is(faults):
    raw = WIDE
    for at, (question, value, _) in faults.items():
        raw = changed(raw, "B2", at, question, value)

    _, findings = assembled(raw)

    found = {(one.row, one.column, one.value, one.code) for one in findings.errors}
    assert found == {
        (at + FIRST_ROW, f"Q: {question}", value, code) for at, (question, value, code) in faults.items()
    }


def test_a_sheet_without_most_columns_is_read_as_far_as_it_goes():
    def narrowed(one):
        kept = [name for name in (KEY, SUBMITTED_AT, q.VILLAGE_CODE, q.REGION) if name in one.frame]
        return SurveySheet(one.frame[kept], one.rows, one.place, one.headers)

    raw = replace(each_sheet(WIDE, narrowed), repeats={}, to_visit=())
    survey, findings = assembled(raw)
    survey.validate()
    assert survey.mobility["present"].isna().all()
    assert {one.code for one in findings.errors} == {Code.MISSING_KEY_INFORMANTS}


# From files


def sorted_frame(frame):
    keys = ["village_id", "adm1_pcode", "adm2_pcode", "group", "role", "sex", "dimension", "code", "service"]
    keys = [name for name in keys if name in frame]
    plain = pd.DataFrame(frame)
    return plain.astype(dict.fromkeys(keys, "string")).sort_values(keys, ignore_index=True)


@pytest.mark.parametrize("way", ["kobo", "kobo labels", "odk", "plain workbook", "plain folder"])
def test_a_round_comes_back_from_the_files_of_each_tool(way, tmp_path):
    made = small_round(8)
    b1, b2 = tmp_path / "B1.xlsx", tmp_path / "B2.xlsx"
    match way:
        case "kobo":
            write_kobo(made, b2, b1)
        case "kobo labels":
            write_kobo(made, b2, b1, labels=Language.RU, units=round_units())
        case "odk":
            b1, b2 = b1.with_suffix(".zip"), b2.with_suffix(".zip")
            write_odk(made, b2, b1)
        case "plain workbook":
            write_plain(made, b2, hxl=True)
        case _:
            b2 = tmp_path / "plain"
            write_plain(made, b2)
    findings = Findings()
    raw = read_survey([path for path in (b1, b2) if path.exists()], findings)

    back = assemble_round(
        raw, number=3, country="KAZ", units=round_units(), findings=findings, today=date(2024, 2, 1)
    )

    assert [str(one) for one in findings.errors] == []
    assert Code.SYNTHETIC_DATA in findings.codes()
    back.validate()
    for name, frame in back.frames():
        expected = sorted_frame(getattr(made, name))[list(frame.columns)]
        pd.testing.assert_frame_equal(
            sorted_frame(frame), expected, obj=f"{way}, {name}", check_categorical=False
        )


def test_nothing_about_a_person_reaches_a_frame_or_a_finding(tmp_path):
    path = tmp_path / "B2.xlsx"
    write_kobo(small_round(8), path)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        headers = [cell.value for cell in sheet[1]]
        for column, title in enumerate(("Name", "Phone number", "comments/other"), start=len(headers) + 1):
            sheet.cell(1, column).value = title
        for row in range(2, sheet.max_row + 1):
            for column, title in enumerate((cell.value for cell in sheet[1]), start=1):
                if column > len(headers) or title.endswith(("_notes", "_tags", "_submitted_by")):
                    sheet.cell(row, column).value = "PRIVATE"
                elif title.endswith(("_individuals", "_role")):
                    sheet.cell(row, column).value = "none of the answers"
    book.save(path)
    findings = Findings()

    survey, found = assembled(read_survey([path], findings))

    assert findings.codes() == {Code.IGNORED_COLUMN}
    assert found.codes() >= {Code.UNKNOWN_CODE, Code.NOT_A_COUNT}
    said = [findings.to_frame(), found.to_frame(), *(frame for _, frame in survey.frames())]
    assert not any("PRIVATE" in frame.to_csv() for frame in said)
