"""Cells as values: choices in three languages, counts, days, places, and both layouts alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from frames import text
from hypothesis import given
from hypothesis import strategies as st
from raw_surveys import changed, clean_round, long, more_rows, wide
from rounds import round_units

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import (
    Cells,
    Lines,
    codes,
    counts,
    days,
    first_alike,
    whole_column,
    yes_no,
)
from geo_service.ingest.survey.answers.choices import (
    BAND_WORDS,
    GROUP_WORDS,
    ROLE_WORDS,
    SERVICE_WORDS,
    SEX_WORDS,
    codes_of,
    nearest_code,
    part_words,
)
from geo_service.ingest.survey.raw import KEY, RawSurvey, SurveySheet
from geo_service.ingest.survey.rounds import assemble_round
from geo_service.vocabulary import (
    BANDS,
    INFORMANT_ROLES,
    LANGUAGES,
    MIGRATION_KINDS,
    POPULATION_GROUPS,
    REASONS,
    SERVICES,
    SEXES,
    Dimension,
    countries,
)

TODAY = date(2024, 2, 1)


def one_column(values):
    """A column of cells with the numbers of their rows."""
    frame = pd.DataFrame({"q": text(values)})
    only = SurveySheet(
        frame, np.arange(len(values), dtype=np.int64) + 2, Place("a.csv"), {"q": "The question "}
    )
    lines = Lines([only])
    return whole_column(lines, [only], "q"), lines


def assembled(raw, findings=None, **options):
    options = {"units": round_units(), "today": TODAY} | options
    return assemble_round(
        raw, number=3, country="KAZ", findings=Findings() if findings is None else findings, **options
    )


# Choices


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (POPULATION_GROUPS, GROUP_WORDS),
        (SERVICES, SERVICE_WORDS),
        (INFORMANT_ROLES, ROLE_WORDS),
        (SEXES, SEX_WORDS),
        (BANDS, BAND_WORDS),
        (MIGRATION_KINDS, part_words(Dimension.KIND)),
        (REASONS, part_words(Dimension.REASON)),
        (countries(), part_words(Dimension.COUNTRY)),
    ],
)
def test_every_code_and_label_means_its_code_in_any_case_and_spacing(table, words):
    for code, term in table.items():
        said = [str(code), *(term.label(language) for language in LANGUAGES)]
        said += [f"  {one.upper()} " for one in said] + [one.replace(" ", "_") for one in said]
        meant, is_unknown = codes_of(pd.Series(text(said)), words)
        assert set(meant) == {str(code)}, said
        assert not is_unknown.any()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (">25", ">25"),
        ("> 25 km", ">25"),
        ("over 25", ">25"),
        ("Более 25 км", ">25"),
        ("25 км-ден астам", ">25"),
        ("25+", ">25"),
        ("6–10", "6-10"),
        ("6 — 10 км", "6-10"),
        ("21\u201125 km", "21-25"),
        ("5-6", None),
        ("2023-10-06", None),
    ],
)
def test_a_band_is_read_with_any_dash_unit_and_language(said, code):
    meant, is_unknown = codes_of(pd.Series(text([said])), BAND_WORDS)
    assert (meant[0] if code else None) == code
    assert is_unknown.tolist() == [code is None]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("uz", "UZB"),
        ("Узбекистан", "UZB"),
        ("Өзбекстан", "UZB"),
        ("Российская  Федерация", "RUS"),
        ("РФ", "RUS"),
        ("Кыргызстан", "KGZ"),
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("United States of America", "USA"),
        ("NA", "NAM"),
        ("не известно", "unknown"),
    ],
)
def test_a_country_is_read_by_code_and_by_its_usual_names(said, code):
    assert codes_of(pd.Series(text([said])), part_words(Dimension.COUNTRY))[0][0] == code


@pytest.mark.parametrize("said", ["yes", "TRUE", "1", "Да", "иә", "ИӘ "])
def test_yes_is_yes_in_each_language_and_as_a_number(said):
    cells, lines = one_column([said])
    assert yes_no(cells, lines, Findings()).tolist() == [True]


@pytest.mark.parametrize("said", ["no", "False", "0", "нет", "ЖОҚ"])
def test_no_is_no_in_each_language_and_as_a_number(said):
    cells, lines = one_column([said])
    assert yes_no(cells, lines, Findings()).tolist() == [False]


def test_what_is_empty_or_not_known_is_null_and_what_is_no_answer_an_error():
    findings = Findings()
    cells, lines = one_column([None, "n/a", "не знаю", "perhaps"])

    assert yes_no(cells, lines, findings).isna().all()

    [finding] = findings.errors
    assert (finding.code, finding.row, finding.column, finding.value) == (
        FindingCode.UNKNOWN_CODE,
        5,
        "The question ",
        "perhaps",
    )


def test_the_suggestion_names_the_nearest_answer():
    words = part_words(Dimension.COUNTRY)
    assert nearest_code("Uzbekstan", words) == "UZB"
    assert nearest_code("Казахстн", words) == "KAZ"
    assert nearest_code("?!", words) is None


def test_an_answer_that_is_like_none_of_a_few_gets_all_of_them():
    findings = Findings()
    cells, lines = one_column(["2024-10-06 00:00:00"])
    codes(cells, BAND_WORDS, lines, findings)
    [finding] = findings.errors
    assert "0-5, 6-10, 11-15, 16-20, 21-25, >25" in finding.suggestion


# Counts and days


@pytest.mark.parametrize(
    ("said", "value", "code"),
    [
        ("2 303", 2303, None),
        ("2\u00a0303", 2303, None),
        ("12.0", 12, None),
        ("10000000", 10_000_000, None),
        ("n/a", None, None),
        (None, None, None),
        ("-1", None, FindingCode.NOT_A_COUNT),
        ("3.5", None, FindingCode.NOT_A_COUNT),
        ("1,5", None, FindingCode.NOT_A_COUNT),
        ("inf", None, FindingCode.NOT_A_COUNT),
        ("about 100", None, FindingCode.NOT_A_COUNT),
        ("10000001", None, FindingCode.COUNT_TOO_LARGE),
    ],
)
def test_a_count_is_a_whole_number_up_to_ten_million(said, value, code):
    findings = Findings()
    cells, lines = one_column(["7", said])

    values, is_bad = counts(cells, lines, findings)

    assert values[0] == 7
    assert (None if np.isnan(values[1]) else values[1]) == value
    assert is_bad.tolist() == [False, code is not None]
    found = [(one.code, one.row, one.value) for one in findings]
    assert found == ([] if code is None else [(code, 3, said)])


@given(st.lists(st.none() | st.integers(0, 10_000_000), max_size=20))
def test_counts_come_back_as_they_were_written(written):
    cells, lines = one_column([None if one is None else str(one) for one in written])
    values, is_bad = counts(cells, lines, Findings())
    assert [None if np.isnan(one) else int(one) for one in values] == written
    assert not is_bad.any()


@pytest.mark.parametrize(
    "said",
    ["2023-12-05", "2023-12-5", "05.12.2023", "5.12.2023", "2023-12-05 00:00:00", "2023-12-05T10:11:12.123Z",
     "2023-12-05T23:59:59.000+05:00", "05.12.2023 10:30"],
)  # fmt: skip
def test_a_day_is_read_from_iso_dotted_and_workbook_text(said):
    cells, lines = one_column([said])
    assert days(cells, lines, Findings()).tolist() == ["2023-12-05"]


@pytest.mark.parametrize(
    "said", ["2023-02-30", "31.04.2023", "12/05/2023", "yesterday", "45265", "2023-12-05 or so"]
)
def test_what_is_no_day_is_an_error_with_its_value(said):
    findings = Findings()
    cells, lines = one_column([None, said])

    assert days(cells, lines, findings).isna().all()

    [finding] = findings.errors
    assert (finding.code, finding.row, finding.value) == (FindingCode.IMPOSSIBLE_DATE, 3, said)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_comes_back_from_each_way_to_write_it(day):
    cells, lines = one_column([day.isoformat(), f"{day:%d.%m.%Y}", f"{day.isoformat()} 00:00:00"])
    assert set(days(cells, lines, Findings())) == {day.isoformat()}


def test_a_long_value_is_cut_short_in_its_finding():
    findings = Findings()
    cells, lines = one_column(["x" * 5000])
    counts(cells, lines, findings)
    assert len(findings.errors[0].value) == 201


@given(st.lists(st.integers(-1, 3), max_size=12))
def test_the_first_alike_is_the_first_that_is_equal(keys):
    expected = [at if key < 0 else keys.index(key) for at, key in enumerate(keys)]
    assert first_alike(np.array(keys, dtype=np.int64)).tolist() == expected
    named = pd.Series([None if key < 0 else f"k{key}" for key in keys], dtype="string")
    assert first_alike(named).tolist() == expected


def test_cells_without_rows_have_no_values():
    cells = Cells(pd.Series(dtype="string"), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.intp), ("q",))
    values, is_bad = counts(cells, Lines([]), Findings())
    assert (len(values), len(is_bad)) == (0, 0)


# Layouts


def sorted_frame(frame):
    keys = ["village_id", "adm1_pcode", "adm2_pcode", "group", "role", "sex", "dimension", "code", "service"]
    keys = [name for name in keys if name in frame]
    plain = pd.DataFrame(frame)
    return plain.astype(dict.fromkeys(keys, "string")).sort_values(keys, ignore_index=True)


@pytest.mark.parametrize("layout", [wide, long])
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_survey_comes_back_as_it_was_from_either_layout(layout, seed):
    survey = clean_round(seed=seed)
    findings = Findings()

    back = assembled(layout(survey), findings)

    assert [str(one) for one in findings] == []
    assert (back.number, back.country) == (3, "KAZ")
    assert (back.collected_from, back.collected_to) == (survey.collected_from, survey.collected_to)
    back.validate()
    for name, frame in back.frames():
        expected = getattr(survey, name)
        pd.testing.assert_frame_equal(
            sorted_frame(frame),
            sorted_frame(expected)[list(frame.columns)],
            obj=name,
            check_categorical=False,
        )


def emigrants_by_country(survey):
    """Of the first village."""
    rows = survey.breakdowns[survey.breakdowns["village_id"] == "990000001"]
    rows = rows[(rows["group"] == "emigrants") & (rows["dimension"] == "country")]
    return dict(zip(rows["code"], rows["individuals"], strict=True))


def test_countries_and_informants_are_read_from_columns_too():
    survey = clean_round()
    raw = replace(wide(survey), repeats={}, districts=(), to_visit=())
    for code, individuals in emigrants_by_country(survey).items():
        raw = changed(raw, "B2", 0, f"emigrants_country_{code.lower()}", str(individuals))
    raw = changed(raw, "B2", 0, "key_informants_other_male", "2")

    back = assembled(raw)

    assert emigrants_by_country(back) == emigrants_by_country(survey)
    assert back.key_informants[["role", "sex", "informants"]].to_numpy().tolist() == [["other", "male", 2]]


def test_long_rows_say_groups_dimensions_and_codes_by_label():
    raw = long(clean_round())
    rows = raw.long["breakdowns"][0].frame
    at = int(rows.index[rows["dimension"] == "sex"][0])
    code = rows["code"][at]
    raw = changed(raw, "breakdowns", at, "dimension", "Пол")
    raw = changed(raw, "breakdowns", at, "code", SEXES[code].kk)
    raw = changed(raw, "breakdowns", at, "group", POPULATION_GROUPS[rows["group"][at]].ru)
    findings = Findings()
    assembled(raw, findings)
    assert not findings.errors


def test_a_group_that_nobody_was_asked_about_is_null_and_one_with_individuals_is_there():
    raw = wide(clean_round())
    for question in ("present", "individuals", "households"):
        raw = changed(raw, "B2", 1, f"returnees_{question}", None)
    raw = changed(raw, "B2", 0, "returnees_present", None)

    back = assembled(raw).mobility.query("group == 'returnees'")

    assert back["present"].isna().tolist()[:2] == [False, True]
    assert back["individuals"].isna().tolist()[:2] == [False, True]
    assert back["present"].tolist()[0] is True


def test_households_of_an_absent_group_are_null_where_no_household_was_asked_about():
    survey = clean_round()
    raw = wide(survey)
    for at in range(len(survey.villages)):
        raw = changed(raw, "B2", at, "emigrants_households", None)
    households = assembled(raw).mobility.query("group == 'emigrants'")["households"]
    assert households.isna().all()


def test_a_location_is_read_from_one_column_and_from_two():
    raw = wide(clean_round())
    for question in (q.LONGITUDE, q.LATITUDE):
        raw = changed(raw, "B2", 0, question, None)
    raw = changed(raw, "B2", 0, q.LOCATION, "50.25 60.75 0 0")
    raw = changed(raw, "B2", 1, q.LONGITUDE, "61,5")
    findings = Findings()

    points = assembled(raw, findings).villages.geometry

    assert (points[0].x, points[0].y) == (60.75, 50.25)
    assert points[1].x == 61.5
    assert not findings.errors


def test_b1_alone_is_a_round_without_villages():
    raw = wide(clean_round())
    findings = Findings()
    back = assembled(RawSurvey(districts=raw.districts, to_visit=raw.to_visit), findings)
    assert back.validate().villages.empty
    assert len(back.district_estimates) == 20
    assert len(back.villages_to_visit) == 8
    assert not findings.errors


def test_a_survey_without_any_sheet_is_an_empty_round():
    assert assembled(RawSurvey()).validate().collected_from is None


def test_a_sheet_of_each_of_two_files_is_one_survey():
    survey = clean_round()
    raw = wide(survey)
    [both] = raw.villages
    halves = tuple(
        SurveySheet(both.frame[rows].reset_index(drop=True), both.rows[rows], Place(name, "B2"), both.headers)
        for name, rows in (("a.xlsx", slice(0, 3)), ("b.xlsx", slice(3, None)))
    )
    findings = Findings()

    back = assembled(RawSurvey(halves, raw.repeats, raw.long, raw.districts, raw.to_visit), findings)

    assert [str(one) for one in findings] == []
    assert back.villages["village_id"].tolist() == survey.villages["village_id"].tolist()


def test_a_row_that_belongs_to_no_village_is_an_error():
    raw = more_rows(
        wide(clean_round()),
        q.INFORMANTS,
        [{KEY: "nobody", q.INFORMANT_ROLE: "other", q.INFORMANT_SEX: "male"}],
    )
    findings = Findings()
    assembled(raw, findings)
    assert [(one.code, one.value) for one in findings] == [(FindingCode.ORPHANED_ROW, "nobody")]
