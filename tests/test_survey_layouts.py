"""Exports of KoboToolbox and ODK Central, plain workbooks and CSVs: each comes down to the same sheets of questions."""

from __future__ import annotations

import re
import zipfile

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from rounds import round_units, small_round

from geo_service.demo.exports import write_kobo, write_odk, write_plain
from geo_service.errors import FindingsError
from geo_service.findings import FindingCode, Findings, Severity
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms import QuestionKind, b1_form, b2_form
from geo_service.ingest.survey.layouts.header_words import Meta, SheetKind, sheet_words
from geo_service.ingest.survey.layouts.headers import header_row, headers_of, likeliest_sheet
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT
from geo_service.ingest.survey.read import read_survey
from geo_service.vocabulary import LANGUAGES, Dimension, PopulationGroup, Service
from geo_service.wording import in_language

ROUND = small_round(7)
NBSP = "\u00a0"
MAIN = ["village_code", "village_name", "region", "district", "hospital_present"]
REPEAT = ["informant_role", "informant_sex"]


def read(*paths):
    """A survey and what was found in it."""
    findings = Findings()
    return read_survey(paths, findings), findings


def codes(findings):
    return [one.code for one in findings]


def workbook(path, **sheets):
    """A workbook from rows, the first of which is the header."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def csv(path, *rows, delimiter=","):
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def village(number, *more):
    return [f"99000000{number}", f"Synthetic village {number}", "KAZ901", "KAZ901001", "yes", *more]


def column(sheets, name):
    return [None if pd.isna(cell) else cell for sheet in sheets for cell in sheet.frame[name]]


def by_village(survey, sheets, *columns):
    """The rows of some sheets with the code of their village, sorted."""
    code_of = {
        key: code
        for sheet in survey.villages
        for key, code in zip(sheet.frame[KEY], sheet.frame[q.VILLAGE_CODE], strict=True)
    }
    return sorted(
        (code_of[row[0]], *row[1:])
        for sheet in sheets
        for row in sheet.frame[[KEY, *columns]].itertuples(index=False)
    )


# Round trips


def kobo(folder, **options):
    write_kobo(ROUND, folder / "B2.xlsx", folder / "B1.xlsx", **options)
    return [folder / "B2.xlsx", folder / "B1.xlsx"]


def odk(folder, **options):
    write_odk(ROUND, folder / "B2.zip", folder / "B1.zip", **options)
    return [folder / "B2.zip", folder / "B1.zip"]


def odk_unzipped(folder):
    for path in odk(folder):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder / "csv")
    return [folder / "csv"]


def odk_workbook(folder):
    (folder / "x").mkdir()
    paths = []
    for path in odk(folder):
        with zipfile.ZipFile(path) as archive:
            tables = {
                name.removesuffix(".csv"): pd.read_csv(archive.open(name), dtype=str)
                for name in archive.namelist()
            }
        paths.append(folder / "x" / f"{path.stem}.xlsx")
        with pd.ExcelWriter(paths[-1], engine="xlsxwriter") as book:
            for name, table in tables.items():
                table.to_excel(book, sheet_name=name[:31], index=False)
    return paths


TOOLS = {
    "kobo": kobo,
    "kobo without groups": lambda folder: kobo(folder, group_prefix=False),
    **{
        f"kobo with labels in {language}": lambda folder, language=language: kobo(
            folder, labels=language, units=round_units()
        )
        for language in LANGUAGES
    },
    **{
        f"kobo with labels in {language}, without groups": lambda folder, language=language: kobo(
            folder, labels=language, group_prefix=False
        )
        for language in LANGUAGES
    },
    "odk": odk,
    "odk without groups": lambda folder: odk(folder, group_prefix=False),
    "odk, unzipped": odk_unzipped,
    "odk as a workbook": odk_workbook,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_survey_tool_exports_comes_back_as_the_sheets_of_its_forms(tmp_path, tool):
    survey, findings = read(*TOOLS[tool](tmp_path))
    assert list(findings) == []
    villages = ROUND.villages.sort_values("village_id")
    assert sorted(column(survey.villages, q.VILLAGE_CODE)) == villages["village_id"].tolist()
    assert None not in column(survey.villages, SUBMITTED_AT)

    asked = {
        question.name
        for sections, question in b2_form().questions()
        if question.kind is not QuestionKind.ACKNOWLEDGE and not any(one.repeats for one in sections)
    }
    assert asked - set(survey.villages[0].frame) <= {q.LOCATION}
    assert {q.LATITUDE, q.LONGITUDE, q.SYNTHETIC} <= set(survey.villages[0].frame)

    told = by_village(survey, survey.repeats[q.INFORMANTS], q.INFORMANT_ROLE)
    informants = ROUND.key_informants
    assert [one[0] for one in told] == sorted(informants["village_id"].repeat(informants["informants"]))
    group = PopulationGroup.LABOUR_MIGRANTS
    countries = by_village(survey, survey.repeats[q.countries_repeat(group)], q.country_count_question(group))
    parts = ROUND.breakdowns
    parts = parts[(parts["group"] == group) & (parts["dimension"] == Dimension.COUNTRY)]
    expected = zip(parts["village_id"], parts["individuals"].astype(str), strict=True)
    assert countries == sorted(expected)

    assert {q.estimate_question(group), q.REGION, q.DISTRICT} <= set(survey.districts[0].frame)
    assert sorted(column(survey.to_visit, q.TO_VISIT_CODE)) == villages["village_id"].tolist()
    assert set(column(survey.to_visit, KEY)) <= set(column(survey.districts, KEY))
    assert survey.long == {}


@pytest.mark.parametrize("hxl", [False, True])
@pytest.mark.parametrize("name", ["round.xlsx", "round"])
def test_the_plain_layout_comes_back_table_for_table(tmp_path, name, hxl):
    write_plain(ROUND, tmp_path / name, hxl=hxl)
    survey, findings = read(tmp_path / name)
    assert list(findings) == []
    assert survey.repeats == {}
    assert column(survey.villages, q.VILLAGE_CODE) == ROUND.villages["village_id"].tolist()
    expected = sorted(
        map(tuple, ROUND.mobility[["village_id", "group", "individuals"]].astype(str).to_numpy().tolist())
    )
    assert by_village(survey, survey.long["mobility"], "group", "individuals") == expected
    for table in ("key_informants", "breakdowns"):
        assert len(column(survey.long[table], KEY)) == len(getattr(ROUND, table))
    assert len(column(survey.long["services"], KEY)) == len(ROUND.reported_access)
    assert column(survey.districts, "group") == ROUND.district_estimates["group"].tolist()
    assert column(survey.to_visit, q.REGION) == ROUND.villages_to_visit["adm1_pcode"].tolist()
    assert survey.villages[0].rows.tolist() == list(range(3 if hxl else 2, 10 if hxl else 9))


def test_keys_are_of_one_row_in_all_files(tmp_path):
    for part in ("north", "south"):
        (tmp_path / part).mkdir()
    paths = [
        workbook(
            tmp_path / part / "B2.xlsx",
            B2=[[*MAIN, "_index"], village(at, 1)],
            key_informants=[[*REPEAT, "_parent_index"], ["other", "male", 1]],
        )
        for at, part in enumerate(("north", "south"))
    ]
    survey, findings = read(*paths)
    assert list(findings) == []
    assert len(set(column(survey.villages, KEY))) == 2
    assert by_village(survey, survey.repeats[q.INFORMANTS]) == [("990000000",), ("990000001",)]


def test_a_wide_sheet_may_have_a_column_for_each_country_and_kind_of_informant(tmp_path):
    wide = [
        "labour_migrants_country_UZB",
        "returnees_country_unknown",
        "key_informants_other_male",
        "emigrants_year_2031",
    ]
    survey, findings = read(workbook(tmp_path / "a.xlsx", Data=[[*MAIN, *wide], village(1, 5, 2, 1, 3)]))
    assert list(findings) == []
    (sheet,) = survey.villages
    assert sheet.frame[wide].iloc[0].tolist() == ["5", "2", "1", "3"]


@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_csv_of_kobo_is_read_with_either_delimiter(tmp_path, delimiter):
    header = [f"place/{name}" for name in MAIN[:4]] + [
        "services/hospital_present",
        "_id",
        "_uuid",
        "_submission_time",
    ]
    row = village(1, "17", "a-b", "2024-01-05T09:30:00")
    survey, findings = read(csv(tmp_path / "B2.csv", header, row, delimiter=delimiter))
    assert list(findings) == []
    assert column(survey.villages, SUBMITTED_AT) == ["2024-01-05T09:30:00"]
    assert column(survey.villages, "hospital_present") == ["yes"]


def test_a_survey_without_b2_has_no_villages_which_is_said(tmp_path):
    survey, findings = read(
        workbook(tmp_path / "B1.xlsx", B1=[["region", "district", "returnees_estimate"], ["A", "B", 5]])
    )
    assert [(one.severity, one.code) for one in findings] == [(Severity.WARNING, FindingCode.EMPTY_LAYER)]
    assert (survey.villages, column(survey.districts, "returnees_estimate")) == ((), ["5"])


@pytest.mark.parametrize("sheets", [{"B2": [MAIN]}, {"key_informants": [[*REPEAT, "_parent_index"]]}])
def test_files_without_a_submission_are_one_error(tmp_path, sheets):
    _, findings = read(workbook(tmp_path / "B2.xlsx", **sheets))
    (error,) = findings.errors
    assert (error.code, error.layer) == (FindingCode.EMPTY_LAYER, next(iter(sheets)))


# Headers


def b2(kind=SheetKind.VILLAGE):
    return next(one for one in sheet_words() if one.kind is kind)


SEPARATORS = ["/", "-", "."]
QUESTIONS = sorted({meant for meant in b2().words.values() if meant is not None})


@st.composite
def mangled(draw, name):
    """A question's name as an export, a spreadsheet and a hand may leave it."""
    cased = "".join(draw(st.sampled_from([letter, letter.upper()])) for letter in name)
    spaced = re.sub("_", lambda _: draw(st.sampled_from(["_", " ", NBSP, "\n", "__"])), cased)
    around = st.text(f" \n\r\t{NBSP}\u200a", max_size=3)
    groups = draw(st.lists(st.sampled_from(["place", "Place_2", "labour_migrants", "g"]), max_size=3))
    separator = draw(st.sampled_from(SEPARATORS))
    return separator.join([*groups, f"{draw(around)}{spaced}{draw(around)}"])


@settings(max_examples=300)
@given(st.data())
def test_a_name_is_known_however_it_was_mangled(data):
    name = data.draw(st.sampled_from(QUESTIONS))
    (header,) = headers_of([data.draw(mangled(name))], b2())
    assert header.question == name


@pytest.mark.parametrize("form", [b1_form(), b2_form()], ids=["B1", "B2"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_is_known_alone_and_below_its_groups(form, language):
    for sections, question in form.questions():
        if question.kind is QuestionKind.ACKNOWLEDGE:
            continue
        repeat = next((one.name for one in sections if one.repeats), None)
        name = repeat or {"B1": "districts", "B2": "villages"}[form.form_id]
        words = next(one for one in sheet_words() if one.name == name and one.kind is not SheetKind.STATEMENT)
        label = in_language(question.label, language)
        path = "/".join([*(in_language(one.label, language) for one in sections), label])
        found = headers_of([label, path, f" {label.upper()}\r\n", label.replace(" ", NBSP)], words)
        assert {one.question for one in found} == {question.name}


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("_location_latitude", q.LATITUDE),
        ("place/_location_longitude", q.LONGITUDE),
        ("place-location-Latitude", q.LATITUDE),
        ("place.location.Longitude", q.LONGITUDE),
        ("_Location of the village_latitude", q.LATITUDE),
        ("Место/_Местоположение населённого пункта_longitude", q.LONGITUDE),
        ("latitude", q.LATITUDE),
        ("_location_altitude", None),
        ("place-location-Accuracy", None),
        ("location", q.LOCATION),
    ],
)
def test_a_point_is_told_by_its_question_and_part(title, question):
    (header,) = headers_of([title], b2())
    assert (header.question, header.is_known) == (question, True)


@pytest.mark.parametrize(
    ("title", "meta"),
    [
        ("_uuid", Meta.UUID),
        ("meta/instanceID", Meta.UUID),
        ("meta-instanceID", Meta.UUID),
        ("KEY", Meta.UUID),
        ("PARENT_KEY", Meta.PARENT_UUID),
        ("_submission__id", Meta.PARENT_ID),
        ("_parent_index", Meta.PARENT_INDEX),
        ("ReviewState", Meta.STATUS),
        ("_validation_status ", Meta.STATUS),
        ("meta/deprecatedID", Meta.DEPRECATED),
        ("formhub/uuid", None),
        ("__version__", None),
    ],
)
def test_what_survey_tools_add_is_known(title, meta):
    (header,) = headers_of([title], b2())
    assert (header.question, header.meta, header.is_known) == (None, meta, True)


@pytest.mark.parametrize(
    "title",
    ["", "comments", "distance to the market. region", "other - district", "camp_latitude", "hospital"],
)
def test_what_no_form_asks_is_not_known(title):
    (header,) = headers_of([title], b2())
    assert (header.question, header.meta, header.is_known) == (None, None, False)


def test_the_check_of_a_form_is_known_and_not_read():
    (header,) = headers_of([q.check_question(q.countries_repeat(PopulationGroup.RETURNEES))], b2())
    assert (header.question, header.is_known) == (None, True)


@pytest.mark.parametrize(
    ("titles", "name", "sheet"),
    [
        (MAIN, "whatever", "villages"),
        (["region", "district", "village_code", "village_name"], "villages_to_visit", q.TO_VISIT),
        (["region", "district", "village_code", "village_name"], "Sheet1", "villages"),
        (["region", "district", "visit_village_code", "visit_village_name"], "Sheet1", q.TO_VISIT),
        (["region", "district", "group", "present", "individuals"], "Sheet1", "district_estimates"),
        (["village_code", "group", "present", "individuals", "households"], "Sheet1", "mobility"),
        (
            ["village_code", "village_name", "group", "dimension", "code", "individuals"],
            "Sheet1",
            "breakdowns",
        ),
        (["village_code", "service", "present", "band"], "Sheet1", "services"),
        (["village_code", "role", "sex", "informants"], "key_informants", "key_informants"),
        (REPEAT, "key_informants", "key_informants"),
        (["region", "district", "returnees_present", "returnees_estimate"], "Sheet1", "districts"),
        (["about", "this", "file"], "villages", None),
    ],
)
def test_a_sheet_is_told_by_its_columns_and_then_by_its_name(titles, name, sheet):
    found = likeliest_sheet(titles, name)
    assert (found and found.name) == sheet


def test_the_header_is_the_row_that_names_the_most_questions():
    rows = [
        ["Assessment of villages", ""],
        ["", ""],
        ["Region", "Comments"],
        ["region", "district"],
        ["A", "B"],
    ]
    assert header_row(rows) == 3
    assert header_row([["", ""], ["region", "district"]]) == 1
    assert header_row([["no", "question"], ["at", "all"]]) == 0


def test_titles_above_and_hashtags_below_the_header_are_passed_over(tmp_path):
    rows = [
        ["Round 3, synthetic"],
        [],
        MAIN,
        ["#loc+code", "#loc+name", "#adm1", "#adm2", "#service"],
        village(1),
    ]
    survey, findings = read(workbook(tmp_path / "a.xlsx", Data=rows))
    assert list(findings) == []
    assert survey.villages[0].rows.tolist() == [5]
    assert column(survey.villages, "village_code") == ["990000001"]


def test_the_header_of_the_file_is_kept_for_findings(tmp_path):
    survey, _ = read(workbook(tmp_path / "a.xlsx", Data=[["Place/Village_Code ", *MAIN[1:]], village(1)]))
    assert survey.villages[0].header("village_code") == "Place/Village_Code"
    assert survey.villages[0].header("district") == "district"


def test_columns_of_no_form_are_named_in_one_warning(tmp_path):
    header = [*MAIN, "Comments", "", "_tags", "start", "phone", "nothing in it"]
    survey, findings = read(
        workbook(tmp_path / "a.xlsx", Data=[header, village(1, "made up", "x", "y", "z", "0")])
    )
    (warning,) = findings.warnings
    assert (warning.code, warning.layer, warning.row) == (FindingCode.IGNORED_COLUMN, "Data", 1)
    assert "'Comments', 'column 7', 'phone'" in warning.message
    assert set(survey.villages[0].frame) == {*MAIN, KEY, SUBMITTED_AT}


def test_of_very_many_unknown_columns_the_first_are_named(tmp_path):
    header, row = [*MAIN, *(f"x{at}" for at in range(30))], village(1, *["z"] * 30)
    _, findings = read(workbook(tmp_path / "a.xlsx", Data=[header, row]))
    assert "'x19', … are no question" in findings.warnings[0].message


def test_the_same_column_twice_is_used_once(tmp_path):
    rows = [[*MAIN, "hospital_present"], village(1, "yes"), village(2, "yes")]
    survey, findings = read(workbook(tmp_path / "a.xlsx", Data=rows))
    (warning,) = findings.warnings
    assert (warning.code, warning.column) == (FindingCode.READER_WARNING, "hospital_present")
    assert "with the same answers" in warning.message
    assert column(survey.villages, "hospital_present") == ["yes", "yes"]


def test_a_second_column_fills_what_is_empty_in_the_first(tmp_path):
    rows = [[*MAIN, "services/hospital_present"], [*village(1)[:4], "", "no"], village(2, "")]
    survey, findings = read(workbook(tmp_path / "a.xlsx", Data=rows))
    assert "where the first is empty" in findings.warnings[0].message
    assert column(survey.villages, "hospital_present") == ["no", "yes"]


def test_two_columns_that_contradict_each_other_are_an_error(tmp_path):
    rows = [[*MAIN, "services/hospital_present"], village(1, "yes"), village(2, "no"), village(3, "no")]
    _, findings = read(workbook(tmp_path / "a.xlsx", Data=rows))
    (error,) = findings.errors
    assert (error.row, error.column, error.value) == (3, "hospital_present", "yes / no")
    assert "in 2 rows" in error.message


def test_a_sheet_that_is_none_of_a_survey_is_passed_over(tmp_path):
    survey, findings = read(
        workbook(tmp_path / "a.xlsx", About=[["Made up"]], Data=[MAIN, village(1)], Blank=[])
    )
    assert [(one.code, one.layer) for one in findings] == [(FindingCode.READER_WARNING, "About")]
    assert len(survey.villages) == 1


def test_a_file_that_is_none_of_a_survey_is_one_error(tmp_path):
    findings = Findings()
    with pytest.raises(FindingsError):
        read_survey([workbook(tmp_path / "a.xlsx", A=[["Made up"]], B=[["x", "y"], [1, 2]])], findings)
    (error,) = findings
    assert (error.code, error.layer) == (FindingCode.MISSING_COLUMN, None)


# Submissions

TOOL_COLUMNS = [
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "meta/rootUuid",
    "meta/deprecatedID",
]


def submissions(path, *rows):
    """A main sheet of KoboToolbox with what `TOOL_COLUMNS` says of villages 1, 2 …"""
    return workbook(
        path, B2=[[*MAIN, *TOOL_COLUMNS], *(village(at, *row) for at, row in enumerate(rows, start=1))]
    )


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([(1, "a", "2024-01-01T10:00:00"), (2, "b", "2024-01-01T10:00:00")], [2, 3]),
        ([(1, "a", "2024-01-02T10:00:00"), (2, "a", "2024-01-01T10:00:00")], [2]),
        ([(1, "a", "2024-01-01T10:00:00.500Z"), (2, "a", "2024-01-01 09:00:00")], [2]),
        ([(1, "a", "2024-01-02"), (1, "b", "2024-01-01")], [2]),
        ([(1, "a", ""), (2, "a", "")], [3]),
        ([(1, "a", ""), (2, "a", "2024-01-01"), (3, "a", "not a time")], [3]),
        ([(1, "a", "2024-01-01"), (2, "b", "2024-01-02", "", "uuid:a")], [3]),
        ([(1, "a", "2024-01-01"), (2, "b", "2024-01-02", "", "", "uuid:a")], [3]),
        (
            [
                (1, "a", "2024-01-03"),
                (2, "b", "2024-01-04", "", "", "uuid:a"),
                (3, "c", "2024-01-05", "", "", "uuid:b"),
                (4, "d", "2024-01-01"),
            ],
            [4, 5],
        ),
        ([("", "", ""), ("", "", "")], [2, 3]),
    ],
)
def test_the_last_version_of_a_submission_counts(tmp_path, rows, kept):
    survey, findings = read(submissions(tmp_path / "B2.xlsx", *rows))
    assert survey.villages[0].rows.tolist() == kept
    left_out = sorted(set(range(2, len(rows) + 2)) - set(kept))
    assert [one.row for one in findings] == left_out
    assert set(codes(findings)) <= {FindingCode.SUPERSEDED_SUBMISSION}
    if left_out:
        assert f"is in row {kept[0]}" in findings.warnings[0].message
        assert findings.warnings[0].value in {"a", "b"}


def test_versions_are_recognised_in_another_file(tmp_path):
    first = submissions(tmp_path / "a.xlsx", (1, "a", "2024-01-01"), (2, "b", "2024-01-01"))
    second = submissions(tmp_path / "b.xlsx", (1, "c", "2024-01-01"), (7, "a", "2024-02-01"))
    survey, findings = read(first, second)
    assert [sheet.rows.tolist() for sheet in survey.villages] == [[3], [2, 3]]
    assert [(one.file, one.row) for one in findings] == [(str(first), 2)]


@pytest.mark.parametrize(
    ("status", "is_kept"),
    [
        ("validation_status_not_approved", False),
        ("Not approved", False),
        ("rejected", False),
        ("Approved", True),
        ("validation_status_approved", True),
        ("On hold", True),
        ("hasIssues", True),
        ("", True),
    ],
)
def test_a_submission_that_a_reviewer_rejected_is_left_out(tmp_path, status, is_kept):
    survey, findings = read(submissions(tmp_path / "B2.xlsx", (1, "a", "", status), (2, "b", "", "")))
    assert survey.villages[0].rows.tolist() == ([2, 3] if is_kept else [3])
    assert [(one.code, one.row, one.value) for one in findings] == (
        [] if is_kept else [(FindingCode.REJECTED_SUBMISSION, 2, status)]
    )


def test_a_rejected_last_version_does_not_bring_back_an_earlier_one(tmp_path):
    rows = [(1, "a", "2024-01-01", ""), (2, "b", "2024-01-02", "Not approved", "a")]
    survey, findings = read(submissions(tmp_path / "B2.xlsx", *rows))
    assert len(survey.villages[0].frame) == 0
    assert codes(findings) == [
        FindingCode.SUPERSEDED_SUBMISSION,
        FindingCode.REJECTED_SUBMISSION,
        FindingCode.EMPTY_LAYER,
    ]


# Repeats


def with_informants(path, main, main_rows, links, link_rows):
    return workbook(
        path,
        B2=[[*MAIN, *main], *(village(at, *row) for at, row in enumerate(main_rows, start=1))],
        key_informants=[[*REPEAT, *links], *(["other", "male", *row] for row in link_rows)],
    )


@pytest.mark.parametrize(
    ("main", "links"),
    [
        ("_id", "_submission__id"),
        ("_uuid", "_submission__uuid"),
        ("_index", "_parent_index"),
        ("KEY", "PARENT_KEY"),
        ("meta/instanceID", "PARENT_KEY"),
    ],
)
def test_a_row_of_a_repeat_finds_its_submission_by_each_key(tmp_path, main, links):
    rows = [["uuid:2"], ["uuid:1"], ["uuid:1"]]
    path = with_informants(tmp_path / "B2.xlsx", [main], [["uuid:1"], ["2"], ["3"]], [links], rows)
    survey, findings = read(path)
    assert list(findings) == []
    assert by_village(survey, survey.repeats[q.INFORMANTS]) == [
        ("990000001",),
        ("990000001",),
        ("990000002",),
    ]


def test_a_key_that_is_left_empty_is_passed_over_for_the_next(tmp_path):
    path = with_informants(
        tmp_path / "B2.xlsx",
        ["_id", "_index"],
        [["", 1], ["", 2]],
        ["_submission__id", "_parent_index"],
        [["", 2]],
    )
    survey, findings = read(path)
    assert list(findings) == []
    assert by_village(survey, survey.repeats[q.INFORMANTS]) == [("990000002",)]


def test_a_repeat_that_nobody_filled_in_has_no_rows(tmp_path):
    survey, findings = read(with_informants(tmp_path / "B2.xlsx", ["_id"], [[1]], ["_submission__id"], []))
    assert list(findings) == []
    assert len(survey.repeats[q.INFORMANTS][0].frame) == 0


def test_rows_of_a_deleted_submission_are_left_out_with_a_warning(tmp_path):
    path = with_informants(
        tmp_path / "B2.xlsx", ["_id"], [[1], [3]], ["_submission__id"], [[1], [2], [""], [3]]
    )
    survey, findings = read(path)
    assert survey.repeats[q.INFORMANTS][0].rows.tolist() == [2, 5]
    found = [(one.code, one.layer, one.row, one.value) for one in findings.warnings]
    assert found == [
        (FindingCode.ORPHANED_ROW, "key_informants", 3, "2"),
        (FindingCode.ORPHANED_ROW, "key_informants", 4, None),
    ]


def test_rows_of_a_version_that_does_not_count_go_with_it(tmp_path):
    # Both versions are the submission `a`; only the index says whose the rows are.
    path = with_informants(
        tmp_path / "B2.xlsx",
        ["_id", "_uuid", "_submission_time", "_index"],
        [[1, "a", "2024-01-02", 1], [1, "a", "2024-01-01", 2]],
        ["_submission__id", "_submission__uuid", "_parent_index"],
        [[1, "a", 1], [1, "a", 2], [1, "a", 2]],
    )
    survey, findings = read(path)
    assert codes(findings) == [FindingCode.SUPERSEDED_SUBMISSION]
    assert survey.repeats[q.INFORMANTS][0].rows.tolist() == [2]


def test_rows_that_only_name_what_versions_share_go_to_the_version_that_counts(tmp_path):
    path = with_informants(
        tmp_path / "B2.xlsx",
        ["_uuid", "_submission_time"],
        [["a", "2024-01-01"], ["a", "2024-01-02"]],
        ["_submission__uuid"],
        [["a"]],
    )
    survey, _ = read(path)
    assert by_village(survey, survey.repeats[q.INFORMANTS]) == [("990000002",)]


def test_a_repeat_without_a_key_or_without_submissions_is_an_error(tmp_path):
    _, without_key = read(with_informants(tmp_path / "a.xlsx", ["_id"], [[1]], [], [[]]))
    _, alone = read(
        workbook(tmp_path / "b.xlsx", key_informants=[[*REPEAT, "_parent_index"], ["other", "male", 1]])
    )
    for findings, said in ((without_key, "no column says"), (alone, "is not there")):
        (error,) = findings.errors
        assert (error.code, error.layer) == (FindingCode.MISSING_COLUMN, "key_informants")
        assert said in error.message


# Statements of the plain layout

MOBILITY = ["village_code", "group", "present", "individuals", "households"]


def test_a_statement_about_no_village_is_an_error(tmp_path):
    rows = [
        MOBILITY,
        ["990000001", "returnees", "no"],
        ["990000009", "returnees", "no"],
        ["", "emigrants", "no"],
    ]
    survey, findings = read(workbook(tmp_path / "a.xlsx", villages=[MAIN, village(1)], mobility=rows))
    assert survey.long["mobility"][0].rows.tolist() == [2]
    found = [(one.code, one.row, one.column, one.value) for one in findings.errors]
    assert found == [
        (FindingCode.ORPHANED_ROW, 3, "village_code", "990000009"),
        (FindingCode.ORPHANED_ROW, 4, "village_code", None),
    ]


def test_statements_may_be_in_another_file_than_the_villages(tmp_path):
    services = [
        ["village_code", "service", "present", "band"],
        *(["990000001", one, "yes"] for one in Service),
    ]
    survey, findings = read(
        workbook(tmp_path / "services.xlsx", Sheet1=services),
        csv(tmp_path / "villages.csv", MAIN, village(1)),
    )
    assert list(findings) == []
    assert len(by_village(survey, survey.long["services"], "service")) == len(Service)


def test_statements_without_villages_or_codes_are_one_error_a_sheet(tmp_path):
    no_code = [MOBILITY[1:], ["returnees", "no"], ["emigrants", "no"]]
    uncoded = [MAIN[1:], village(1)[1:]]
    for number, (sheets, count) in enumerate(
        [
            ({"mobility": [MOBILITY, ["1", "returnees", "no"], ["2", "returnees", "no"]]}, 1),
            ({"villages": [MAIN, village(1)], "mobility": no_code}, 1),
            (
                {
                    "villages": uncoded,
                    "mobility": [MOBILITY, ["1", "returnees", "no"], ["2", "returnees", "no"]],
                },
                2,
            ),
        ]
    ):
        survey, findings = read(workbook(tmp_path / f"{number}.xlsx", **sheets))
        assert len(findings.errors) == count
        assert len(survey.long["mobility"][0].frame) == 0


def test_villages_to_visit_may_say_their_district_themselves(tmp_path):
    survey, findings = read(
        csv(tmp_path / "villages_to_visit.csv", MAIN[:4], village(1)[:4]),
        csv(
            tmp_path / "district_estimates.csv",
            ["region", "group", "individuals"],
            ["KAZ901", "returnees", "5"],
        ),
    )
    assert codes(findings) == [FindingCode.EMPTY_LAYER]
    assert not findings.errors
    assert column(survey.to_visit, "region") == ["KAZ901"]
    assert column(survey.districts, "group") == ["returnees"]
    assert survey.villages == ()
