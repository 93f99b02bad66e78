"""Each fault that an answer can have is found where it stands, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from raw_surveys import FIRST_ROW, changed, clean_round, long, more_rows, wide
from rounds import round_units

from geo_service.findings import FindingCode as Code
from geo_service.findings import Findings, Severity
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.checks.outliers import LEAST_INDIVIDUALS, is_outlying_change
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT
from geo_service.ingest.survey.rounds import assemble_round
from geo_service.vocabulary import LANGUAGES

SURVEY = clean_round()
WIDE, LONG = wide(SURVEY), long(SURVEY)
# The first village has every group and no service, the second no group and every service.
BAND_OF_FIRST = str(SURVEY.reported_access["band"][0])
INDIVIDUALS = SURVEY.mobility.set_index(["village_id", "group"])["individuals"]
FIRST, SECOND = SURVEY.villages["village_id"][:2]
LABOUR = int(INDIVIDUALS[FIRST, "labour_migrants"])


def found_in(raw, **options):
    findings = Findings()
    options = {"units": round_units(), "today": date(2024, 2, 1)} | options
    assemble_round(raw, number=3, country="KAZ", findings=findings, **options)
    return findings


def brief(findings):
    """Code, sheet, row below the header, question and value of each."""
    return [
        (
            one.code,
            one.layer,
            None if one.row is None else one.row - FIRST_ROW,
            one.column and one.column.removeprefix("Q: "),
            one.value,
        )
        for one in findings
    ]


def b2(*changes):
    raw = WIDE
    for at, question, value in changes:
        raw = changed(raw, "B2", at, question, value)
    return raw


def part_of(dimension):
    """A part of the labour migrants of the first village: its code and individuals."""
    parts = SURVEY.breakdowns[SURVEY.breakdowns["village_id"] == FIRST]
    part = parts[(parts["group"] == "labour_migrants") & (parts["dimension"] == dimension)].iloc[0]
    return part["code"], int(part["individuals"])


SEX, OF_SEX = part_of("sex")
YEAR, OF_YEAR = part_of("year")
REASON, OF_REASON = part_of("reason")

ERRORS = [
    ([(0, q.VILLAGE_NAME, None), (0, q.VILLAGE_CODE, None)], (Code.MISSING_VALUE, 0, q.VILLAGE_NAME, None)),
    ([(0, q.VILLAGE_HOUSEHOLDS, "many")], (Code.NOT_A_COUNT, 0, q.VILLAGE_HOUSEHOLDS, "many")),
    ([(0, q.VILLAGE_POPULATION, "99999999")], (Code.COUNT_TOO_LARGE, 0, q.VILLAGE_POPULATION, "99999999")),
    ([(2, q.VILLAGE_POPULATION, "10"), (2, q.VILLAGE_HOUSEHOLDS, "11"), *[
        (2, f"{group}_{what}", None) for group in ("labour_migrants", "returnees", "emigrants", "internal_migrants",
        "internal_emigrants") for what in ("present", "individuals", "households")]],
        (Code.HOUSEHOLDS_ABOVE_INDIVIDUALS, 2, q.VILLAGE_HOUSEHOLDS, "11 > 10")),
    ([(0, "labour_migrants_individuals", "lots")], (Code.NOT_A_COUNT, 0, "labour_migrants_individuals", "lots")),
    ([(0, "labour_migrants_present", "perhaps")], (Code.UNKNOWN_CODE, 0, "labour_migrants_present", "perhaps")),
    ([(0, "labour_migrants_present", "no"), (0, "labour_migrants_households", None)],
        (Code.PRESENCE_CONTRADICTED, 0, "labour_migrants_individuals", str(LABOUR))),
    ([(1, "returnees_households", "4")], (Code.PRESENCE_CONTRADICTED, 1, "returnees_households", "4")),
    ([(1, "returnees_present", "yes")], (Code.PRESENCE_CONTRADICTED, 1, "returnees_individuals", "0")),
    ([(0, f"labour_migrants_sex_{SEX}", str(OF_SEX + 5))],
        (Code.PARTS_DIFFER, 0, "labour_migrants_individuals", f"{LABOUR + 5} ≠ {LABOUR}")),
    ([(0, f"labour_migrants_year_{YEAR}", str(OF_YEAR + 1))],
        (Code.PARTS_DIFFER, 0, "labour_migrants_individuals", f"{LABOUR + 1} ≠ {LABOUR}")),
    ([(0, f"labour_migrants_reason_{REASON}", str(OF_REASON + 1))],
        (Code.PARTS_DIFFER, 0, "labour_migrants_individuals", f"{LABOUR + 1} ≠ {LABOUR}")),
    ([(1, "returnees_kind_long_term", "3")], (Code.PARTS_DIFFER, 1, "returnees_individuals", "3 ≠ 0")),
    ([(0, f"labour_migrants_sex_{SEX}", "few")], (Code.NOT_A_COUNT, 0, f"labour_migrants_sex_{SEX}", "few")),
    ([(0, f"labour_migrants_year_{YEAR}", "0"), (0, "labour_migrants_year_2031", str(OF_YEAR))],
        (Code.IMPOSSIBLE_DATE, 0, "labour_migrants_year_2031", "2031")),
    ([(0, f"labour_migrants_sex_{SEX}", None), (0, "labour_migrants_sex_martian", str(OF_SEX))],
        (Code.UNKNOWN_CODE, None, "labour_migrants_sex_martian", "martian")),
    ([(0, "labour_migrants_households", str(LABOUR + 1))],
        (Code.HOUSEHOLDS_ABOVE_INDIVIDUALS, 0, "labour_migrants_households", f"{LABOUR + 1} > {LABOUR}")),
    ([(0, "hospital_present", "yes")], (Code.BAND_WITH_SERVICE, 0, "hospital_band", BAND_OF_FIRST)),
    ([(0, "hospital_band", "rather far")], (Code.UNKNOWN_CODE, 0, "hospital_band", "rather far")),
    ([(0, q.INTERVIEW_DATE, "soon")], (Code.IMPOSSIBLE_DATE, 0, q.INTERVIEW_DATE, "soon")),
    ([(0, q.INTERVIEW_DATE, "2024-02-02")], (Code.IMPOSSIBLE_DATE, 0, q.INTERVIEW_DATE, "2024-02-02")),
    ([(0, q.INTERVIEW_DATE, "31.12.1989")], (Code.IMPOSSIBLE_DATE, 0, q.INTERVIEW_DATE, "1989-12-31")),
    ([(0, SUBMITTED_AT, "2023-11-29T23:59:59Z")], (Code.IMPOSSIBLE_DATE, 0, q.INTERVIEW_DATE, "2023-12-01")),
    ([(3, q.VILLAGE_CODE, FIRST)], (Code.DUPLICATE_SUBMISSION, 3, q.VILLAGE_CODE, FIRST)),
    ([(4, q.VILLAGE_CODE, None), (4, q.VILLAGE_NAME, "synthetic  Village 1")],
        (Code.DUPLICATE_SUBMISSION, 4, q.VILLAGE_NAME, "synthetic  Village 1")),
    ([(0, q.LATITUDE, "north")], (Code.NON_NUMERIC_COORDINATES, 0, q.LATITUDE, "north")),
    ([(0, q.LATITUDE, "95")], (Code.OUT_OF_RANGE_COORDINATES, 0, q.LATITUDE, "95")),
    ([(0, q.LONGITUDE, "181")], (Code.OUT_OF_RANGE_COORDINATES, 0, q.LONGITUDE, "181")),
    ([(0, q.LATITUDE, None), (0, q.LONGITUDE, None), (0, q.LOCATION, "here there")],
        (Code.NON_NUMERIC_COORDINATES, 0, q.LOCATION, "here there")),
    ([(0, q.LATITUDE, None), (0, q.LONGITUDE, None), (0, q.LOCATION, "95.5 60 0 0")],
        (Code.OUT_OF_RANGE_COORDINATES, 0, q.LOCATION, "95.5 60 0 0")),
    ([(0, q.LONGITUDE, "62.5")], (Code.DECLARED_ELSEWHERE, 0, q.DISTRICT, "KAZ901001")),
    ([(0, q.LONGITUDE, "50.5"), (0, q.LATITUDE, "60.5")], (Code.SWAPPED_COORDINATES, 0, q.LATITUDE, None)),
    ([(0, q.REGION, None), (0, q.DISTRICT, None), (0, q.LONGITUDE, "50.5"), (0, q.LATITUDE, "60.5")],
        (Code.SWAPPED_COORDINATES, 0, q.LATITUDE, None)),
    ([(0, q.DISTRICT, "Atlantis"), (0, q.LONGITUDE, None), (0, q.LATITUDE, None)],
        (Code.UNKNOWN_UNIT, 0, q.DISTRICT, "Atlantis")),
    ([(0, q.REGION, None), (0, q.DISTRICT, None), (0, q.LONGITUDE, None), (0, q.LATITUDE, None)],
        (Code.MISSING_VALUE, 0, q.REGION, None)),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), ERRORS, ids=lambda one: str(one)[:60])
def test_a_fault_of_a_village_is_an_error_where_it_stands(changes, expected):
    code, row, question, value = expected
    findings = found_in(b2(*changes))
    assert (code, "B2", row, question, value) in brief(findings.errors)
    # What follows from the same cell may be named too; nothing about another village is.
    assert {one.row for one in findings.errors} <= {None if row is None else row + FIRST_ROW}


WARNINGS = [
    ([(0, "labour_migrants_individuals", None)], (Code.MISSING_VALUE, 0, "labour_migrants_individuals", None)),
    ([(0, "labour_migrants_individuals", None), (0, "labour_migrants_present", None)],
        (Code.MISSING_VALUE, 0, "labour_migrants_individuals", None)),
    ([(0, f"labour_migrants_reason_{REASON}", None)],
        (Code.PARTS_DIFFER, 0, "labour_migrants_individuals", f"{LABOUR - OF_REASON} ≠ {LABOUR}")),
    ([(0, "hospital_band", None)], (Code.MISSING_BAND, 0, "hospital_band", None)),
    ([(0, q.VILLAGE_POPULATION, str(LABOUR - 1)), (0, q.VILLAGE_HOUSEHOLDS, None)],
        (Code.OUTLIER, 0, "labour_migrants_individuals", f"{LABOUR} > {LABOUR - 1}")),
    ([(0, q.VILLAGE_HOUSEHOLDS, "1")], (Code.OUTLIER, 0, q.VILLAGE_HOUSEHOLDS, None)),
    ([(0, q.LATITUDE, None)], (Code.NAN_COORDINATES, 0, q.LATITUDE, None)),
    ([(0, q.LONGITUDE, None)], (Code.NAN_COORDINATES, 0, q.LONGITUDE, None)),
    ([(0, q.LATITUDE, None), (0, q.LONGITUDE, None)], (Code.NO_GEOMETRY, 0, q.LONGITUDE, None)),
    ([(0, q.LATITUDE, "0"), (0, q.LONGITUDE, "0")], (Code.ZERO_COORDINATES, 0, q.LONGITUDE, "0")),
    ([(0, q.LATITUDE, "51.05")], (Code.DECLARED_ELSEWHERE, 0, q.DISTRICT, "KAZ901001")),
    ([(0, q.REGION, None), (0, q.DISTRICT, None), (0, q.LATITUDE, "51.01"), (0, q.LONGITUDE, "60.5")],
        (Code.SNAPPED, 0, q.LATITUDE, "51.01, 60.5")),
    ([(0, q.DISTRICT, "Atlantis")], (Code.UNKNOWN_UNIT, 0, q.DISTRICT, "Atlantis")),
    ([(0, q.DISTRICT, None), (0, q.LATITUDE, None), (0, q.LONGITUDE, None)],
        (Code.MISSING_VALUE, 0, q.DISTRICT, None)),
    ([(5, q.SYNTHETIC, "yes"), (6, q.SYNTHETIC, "yes")], (Code.SYNTHETIC_DATA, None, q.SYNTHETIC, "2")),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), WARNINGS, ids=lambda one: str(one)[:60])
def test_a_doubt_about_a_village_is_a_warning_where_it_stands(changes, expected):
    code, row, question, value = expected
    findings = found_in(b2(*changes))
    assert not findings.errors
    assert any(
        found[:4] == (code, "B2", row, question) and (value is None or found[4] == value)
        for found in brief(findings.warnings)
    ), brief(findings)


def test_all_faults_are_found_in_one_pass():
    raw = b2(
        (0, "hospital_present", "yes"),
        (1, q.VILLAGE_HOUSEHOLDS, "many"),
        (2, q.INTERVIEW_DATE, "never"),
        (3, q.VILLAGE_CODE, FIRST),
        (4, "school_band", "far"),
        (5, q.LATITUDE, "north"),
        (6, q.LONGITUDE, "60.5"),
    )
    assert {(one.code, one.row - FIRST_ROW) for one in found_in(raw).errors} == {
        (Code.BAND_WITH_SERVICE, 0),
        (Code.NOT_A_COUNT, 1),
        (Code.IMPOSSIBLE_DATE, 2),
        (Code.DUPLICATE_SUBMISSION, 3),
        (Code.UNKNOWN_CODE, 4),
        (Code.NON_NUMERIC_COORDINATES, 5),
        (Code.DECLARED_ELSEWHERE, 6),
    }


def test_every_message_and_remedy_is_there_in_three_languages():
    raw = b2(*(change for changes, _ in ERRORS[:4] + ERRORS[6:] for change in changes))
    for one in found_in(raw):
        said = {one.in_language(language).message for language in LANGUAGES}
        assert len(said) == 3, said
        if one.suggestion is not None:
            assert len({one.in_language(language).suggestion for language in LANGUAGES}) == 3


# Repeats and long sheets


def test_a_country_that_is_there_twice_is_an_error_and_its_sum_is_not_where_it_adds_up():
    name = "labour_migrants_countries"
    rows = WIDE.repeats[name][0].frame
    again = {KEY: FIRST, "labour_migrants_country": "Россия", "labour_migrants_country_individuals": "1"}
    own = rows.index[(rows[KEY] == FIRST) & (rows["labour_migrants_country"] == "RUS")][0]
    less = str(int(rows["labour_migrants_country_individuals"][own]) - 1)
    raw = more_rows(WIDE, name, [again])

    struck_out = found_in(raw)
    added = found_in(changed(raw, name, own, "labour_migrants_country_individuals", less))

    expected = (Code.DUPLICATE_PART, name, len(rows), "labour_migrants_country", "RUS")
    assert brief(struck_out) == brief(added) == [expected]
    assert f"row {own + FIRST_ROW}" in str(struck_out.errors[0].message)


def test_a_country_without_a_name_is_an_error_and_one_without_a_number_a_warning():
    name = "labour_migrants_countries"
    rows = WIDE.repeats[name][0].frame
    nameless = found_in(changed(WIDE, name, 0, "labour_migrants_country", None))
    assert brief(nameless) == [(Code.MISSING_VALUE, name, 0, "labour_migrants_country", None)]
    raw = more_rows(WIDE, name, [{KEY: FIRST, "labour_migrants_country": "FRA"}])
    numberless = found_in(raw)
    expected = (Code.MISSING_VALUE, name, len(rows), "labour_migrants_country_individuals", None)
    assert brief(numberless) == [expected]
    assert not numberless.errors


def test_an_unknown_country_is_an_error_with_the_nearest():
    findings = found_in(changed(WIDE, "labour_migrants_countries", 0, "labour_migrants_country", "Uzbekstan"))
    expected = (Code.UNKNOWN_CODE, "labour_migrants_countries", 0, "labour_migrants_country", "Uzbekstan")
    assert brief(findings) == [expected]
    assert "'UZB'" in findings.errors[0].suggestion


def test_a_village_without_key_informants_is_an_error():
    [people] = WIDE.repeats[q.INFORMANTS]
    kept = people.frame[people.frame[KEY] != FIRST].reset_index(drop=True)
    only = replace(people, frame=kept, rows=people.rows[: len(kept)])
    findings = found_in(replace(WIDE, repeats=WIDE.repeats | {q.INFORMANTS: (only,)}))
    assert brief(findings) == [(Code.MISSING_KEY_INFORMANTS, "B2", 0, q.INFORMANTS, None)]
    assert findings.errors


def test_a_survey_without_any_key_informant_is_one_error_for_all_villages():
    findings = found_in(replace(WIDE, repeats=WIDE.repeats | {q.INFORMANTS: ()}))
    [error] = findings.errors
    assert (error.code, error.row, error.column) == (Code.MISSING_KEY_INFORMANTS, None, q.INFORMANTS)
    assert f"any of the {len(SURVEY.villages)} villages" in error.message
    assert "XLSX" in error.suggestion


def test_an_interview_may_be_a_day_ahead_of_the_servers_clock_which_is_in_utc():
    assert not len(found_in(b2((0, SUBMITTED_AT, "2023-11-30T23:59:59Z"))))


def test_a_role_that_is_none_is_an_error_and_no_missing_informant():
    findings = found_in(changed(WIDE, q.INFORMANTS, 0, q.INFORMANT_ROLE, "astronaut"))
    assert brief(findings) == [(Code.UNKNOWN_CODE, q.INFORMANTS, 0, q.INFORMANT_ROLE, "astronaut")]
    findings = found_in(changed(WIDE, q.INFORMANTS, 0, q.INFORMANT_ROLE, None))
    assert brief(findings) == [(Code.MISSING_VALUE, q.INFORMANTS, 0, q.INFORMANT_ROLE, None)]


@pytest.mark.parametrize(
    ("sheet", "question", "value", "code"),
    [
        ("mobility", "group", "tourists", Code.UNKNOWN_CODE),
        ("mobility", "group", None, Code.MISSING_VALUE),
        ("mobility", "individuals", "-3", Code.NOT_A_COUNT),
        ("mobility", "present", "so-so", Code.UNKNOWN_CODE),
        ("breakdowns", "group", "tourists", Code.UNKNOWN_CODE),
        ("breakdowns", "dimension", "shoe size", Code.UNKNOWN_CODE),
        ("breakdowns", "code", "Atlantis", Code.UNKNOWN_CODE),
        ("breakdowns", "code", None, Code.MISSING_VALUE),
        ("breakdowns", "individuals", "some", Code.NOT_A_COUNT),
        ("services", "service", "cinema", Code.UNKNOWN_CODE),
        ("services", "band", "far", Code.UNKNOWN_CODE),
        ("key_informants", "role", "astronaut", Code.UNKNOWN_CODE),
        ("key_informants", "sex", "?!", Code.UNKNOWN_CODE),
        ("key_informants", "informants", "1.5", Code.NOT_A_COUNT),
        ("key_informants", "informants", None, Code.MISSING_VALUE),
        ("district_estimates", "group", "tourists", Code.UNKNOWN_CODE),
        ("district_estimates", "individuals", "1.5", Code.NOT_A_COUNT),
    ],
)
def test_a_fault_in_a_long_sheet_is_an_error_where_it_stands(sheet, question, value, code):
    findings = found_in(changed(LONG, sheet, 0, question, value))
    assert (code, sheet, 0, question, value) in brief(findings.errors)


@pytest.mark.parametrize(
    ("sheet", "question"),
    [("mobility", "group"), ("services", "service"), ("key_informants", "role"), ("breakdowns", "code")],
)
def test_a_statement_that_is_made_twice_is_an_error_that_names_the_other_row(sheet, question):
    rows = LONG.long[sheet][0].frame
    findings = found_in(more_rows(LONG, sheet, [rows.iloc[1].to_dict()]))
    [again] = [one for one in findings.errors if one.code is Code.DUPLICATE_PART]
    assert (again.layer, again.row, again.column) == (sheet, len(rows) + FIRST_ROW, f"Q: {question}")
    assert f"row {1 + FIRST_ROW}" in again.message


def test_a_group_that_a_long_sheet_repeats_from_a_column_is_an_error():
    raw = changed(LONG, "villages", 0, "returnees_present", "yes")
    findings = found_in(raw)
    [again] = [one for one in findings.errors if one.code is Code.DUPLICATE_PART]
    assert (again.layer, again.value) == ("mobility", "returnees")
    assert f"{FIRST_ROW} (survey.xlsx, villages)" in again.message


# Districts


def test_contradictions_in_b1_are_found():
    present = SURVEY.district_estimates.query("present").iloc[0]
    at = WIDE.districts[0].frame.index[WIDE.districts[0].frame[q.DISTRICT] == present["adm2_pcode"]][0]
    estimate = q.estimate_question(present["group"])
    raw = changed(WIDE, "B1", at, q.group_question(present["group"], "present"), "no")
    expected = (Code.PRESENCE_CONTRADICTED, "B1", at, estimate, str(present["individuals"]))
    assert expected in brief(found_in(raw).errors)
    assert (Code.PRESENCE_CONTRADICTED, "B1", at, estimate, "0") in brief(
        found_in(changed(WIDE, "B1", at, estimate, "0")).errors
    )
    assert brief(found_in(changed(WIDE, "B1", at, estimate, None))) == [
        (Code.MISSING_VALUE, "B1", at, estimate, None)
    ]


def test_a_district_is_estimated_once():
    for again in ("KAZ901001", "Synthetic District KAZ901001"):
        findings = found_in(changed(WIDE, "B1", 1, q.DISTRICT, again))
        assert brief(findings.errors) == [(Code.DUPLICATE_SUBMISSION, "B1", 1, q.DISTRICT, again)]
        assert f"row {FIRST_ROW}" in findings.errors[0].message


def test_a_district_of_b1_must_be_known_and_given():
    findings = found_in(changed(WIDE, "B1", 0, q.DISTRICT, "Atlantis"))
    assert (Code.UNKNOWN_UNIT, "B1", 0, q.DISTRICT, "Atlantis") in brief(findings.errors)
    nowhere = changed(changed(WIDE, "B1", 0, q.DISTRICT, None), "B1", 0, q.REGION, None)
    assert (Code.MISSING_VALUE, "B1", 0, q.REGION, None) in brief(found_in(nowhere).errors)


def test_the_day_of_b1_is_checked_too():
    findings = found_in(changed(WIDE, "B1", 0, q.INTERVIEW_DATE, "2031-01-01"))
    assert [(one.code, one.layer, one.row) for one in findings] == [(Code.IMPOSSIBLE_DATE, "B1", FIRST_ROW)]


def test_an_estimate_far_from_the_villages_sum_is_a_warning():
    row = SURVEY.district_estimates.query("individuals >= 100").iloc[0]
    at = WIDE.districts[0].frame.index[WIDE.districts[0].frame[q.DISTRICT] == row["adm2_pcode"]][0]
    estimate = q.estimate_question(row["group"])
    far, near = str(row["individuals"] * 3), str(int(row["individuals"] * 1.5))
    findings = found_in(changed(WIDE, "B1", at, estimate, far))
    assert brief(findings) == [(Code.OUTLIER, "B1", at, estimate, f"{far} ≠ {row['individuals']}")]
    assert findings.warnings
    assert brief(found_in(changed(WIDE, "B1", at, estimate, near))) == []


# Against the earlier round


def test_a_village_that_changed_unlike_the_others_is_a_warning():
    then = SURVEY.mobility.copy()
    at = then.index[(then["village_id"] == FIRST) & (then["group"] == "labour_migrants")][0]
    then.loc[at, "individuals"] = LABOUR * 20
    findings = found_in(WIDE, earlier=replace(SURVEY, number=2, mobility=then))
    assert brief(findings) == [(Code.OUTLIER, "B2", 0, "labour_migrants_individuals", str(LABOUR))]
    assert findings.warnings[0].severity is Severity.WARNING


def test_the_same_round_again_and_one_of_other_villages_bring_no_outlier():
    assert not len(found_in(WIDE, earlier=SURVEY))
    strangers = SURVEY.mobility.assign(village_id=SURVEY.mobility["village_id"] + "0")
    assert not len(found_in(WIDE, earlier=replace(SURVEY, mobility=strangers)))


def test_what_changed_like_all_others_is_no_outlier_and_what_is_small_neither():
    then = np.linspace(100, 300, 20)
    assert not is_outlying_change(then * 10, then).any()
    now = then * 10
    now[3] = then[3]
    assert np.flatnonzero(is_outlying_change(now, then)).tolist() == [3]
    small = float(LEAST_INDIVIDUALS - 1)
    assert not is_outlying_change(np.array([small]), np.array([0.0])).any()
    assert not is_outlying_change(np.array([np.nan, 900.0]), np.array([900.0, np.nan])).any()
