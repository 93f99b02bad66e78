"""`geo-service audit` as a user runs it: what figures files may hold, what it prints and writes, and what it exits with."""

from __future__ import annotations

import json
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.coverage.audit.rules import audit
from geo_service.demo.figures import ROUND_3_PATH
from geo_service.errors import InputError
from geo_service.ingest.figures import figure_tree, read_figure_tree
from geo_service.vocabulary import Service, Sex

CLEAN = {
    "returnees": {
        "individuals": 10,
        "by_sex": {"male": 7, "female": 3},
        "share_by_sex": {"male": 70, "female": 30},
    }
}


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, ["audit", *map(str, arguments)])


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.json"
    path.write_text(json.dumps(CLEAN), encoding="utf-8")
    return path


def flat(figures):
    """Figures of one tree, and the trees in it, as the sheets of a workbook: a title each and its rows."""

    def walk(tree, path):
        numbers = {name: value for name, value in tree.items() if isinstance(value, (int, float))}
        if numbers:
            yield ".".join(path), [["what", "value"], *map(list, numbers.items())]
        for name, branch in tree.items():
            if isinstance(branch, dict):
                yield from walk(branch, (*path, name))

    return list(walk(figures, ()))


def write_book(path, sheets):
    with xlsxwriter.Workbook(path) as book:
        for number, (title, rows) in enumerate(sheets):
            sheet = book.add_worksheet(title if len(title) <= 31 else f"sheet {number}")
            above = [[title]] if len(title) > 31 else []
            for row, cells in enumerate(above + rows):
                sheet.write_row(row, 0, cells)
    return path


def book_with(tmp_path, rows, title="returnees.by_sex"):
    return write_book(tmp_path / "figures.xlsx", [(title, rows)])


# The command


def test_contradictions_are_printed_and_exit_with_1(run):
    result = run(ROUND_3_PATH)

    assert result.exit_code == 1
    for text in ("522,046", "536,751", "383", "by_year.2023 (309,500)", "errors: 3, warnings: 3"):
        assert text in result.stdout


def test_clean_figures_exit_with_0(run, clean):
    result = run(clean)
    assert (result.exit_code, result.stdout.strip()) == (0, "errors: 0, warnings: 0; 2 tables looked at")


def test_warnings_alone_exit_with_0(run, tmp_path):
    groups = {
        name: {"individuals": 1, "villages_present": 1}
        for name in ("labour_migrants", "returnees", "emigrants")
    }
    del groups["emigrants"]["villages_present"]
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(groups), encoding="utf-8")

    result = run(path)

    assert result.exit_code == 0
    assert "emigrants.villages_present" in result.stdout


def test_json_holds_every_fault(run):
    result = run(ROUND_3_PATH, "--json")

    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["errors"], answer["warnings"]) == (1, 3, 3)
    first, *_, last = answer["faults"]
    assert (first["kind"], first["printed"], first["follows"]) == ("total", 522046, 536751)
    assert (last["kind"], last["printed"]) == ("missing_cell", None)


@pytest.mark.parametrize(("language", "words"), [("ru", "напечатано"), ("kk", "басылған")])
def test_faults_are_told_in_the_language_asked_for(run, language, words):
    result = run(ROUND_3_PATH, "--lang", language)
    assert words in result.stdout
    assert "522\u00a0046" in result.stdout


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json"])
def test_faults_are_written_and_never_over_what_is_there(run, tmp_path, suffix):
    output = tmp_path / f"faults{suffix}"

    assert run(ROUND_3_PATH, "-o", output, "-q").exit_code == 1
    if suffix == ".json":
        rows = pd.DataFrame(json.loads(output.read_text(encoding="utf-8"))["rows"])
    else:
        rows = pd.read_csv(output) if suffix == ".csv" else pd.read_excel(output, engine="calamine")
    assert rows["printed"].tolist()[:3] == [522046, 47, 79]

    again = run(ROUND_3_PATH, "-o", output)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert run(ROUND_3_PATH, "-o", output, "--overwrite", "-q").exit_code == 1


def test_an_unknown_output_format_is_refused_before_any_work(run, tmp_path):
    result = run(tmp_path / "not there.json", "-o", tmp_path / "faults.docx")
    assert "not a format of tables" in result.stderr


# JSON


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON: line 1, column 1"),
        ("{", "is not JSON"),
        ("[1, 2]", "are an object of names and numbers, not a list"),
        ("3", "are an object of names and numbers, not a number"),
        ("null", "not null"),
        ("{}", "there is no number in it"),
        ('{"a": {"b": "text"}}', "there is no number in it"),
        ('{"a": {"b": NaN}}', "'a.b' is 'NaN', which is not a number"),
        ('{"a": {"b": -Infinity}}', "'a.b' is '-Infinity'"),
        ('{"a": {"b": 1e400}}', "'a.b' is larger than any figure"),
        ('{"a": {"b": 1e99999999999999999999}}', "'a.b' is '1e99999999999999999999'"),
        (f'{{"a": {"9" * 5000}}}', "'a' is larger than any figure"),
        ('{"a": {"b": [1, 2]}}', "'a.b' is a list"),
        ('{"a": {"b": [[1], {"c": 2}]}}', "'a.b' is a list"),
        ('{"a": {"individuals": "522 046"}}', "'a.individuals' is the text '522 046'; write it as a number"),
        ('{"a": {"share": "47%"}}', "'a.share' is the text '47%'"),
        ('{"a": {"b": 1, "b": 2}}', "'a.b' is there twice"),
        ('{"a":' * 40 + "1" + "}" * 40, "has more than 30 levels"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "has more than 30 levels"),
    ],
)
def test_json_that_holds_no_figures_gets_one_error_that_says_where(run, tmp_path, text, says):
    path = tmp_path / "figures.json"
    path.write_text(text, encoding="utf-8")

    result = run(path)

    assert result.exit_code == 1
    assert says in result.stderr.replace("\n", " ")
    assert str(path) in result.stderr.replace("\n", "")


def test_other_files_get_one_error(run, tmp_path):
    latin = tmp_path / "latin.json"
    latin.write_bytes('{"año": 1}'.encode("latin-1"))
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 20_000_001)
    text = tmp_path / "figures.txt"
    text.write_text("1", encoding="utf-8")
    for path, says in [
        (latin, "is not UTF-8"),
        (large, "published figures take less"),
        (text, "from .json or a workbook"),
        (tmp_path / "none.json", "cannot be read"),
        (tmp_path, "from .json or a workbook"),
    ]:
        result = run(path)
        assert (result.exit_code, says in result.stderr.replace("\n", " ")) == (1, True), says


def test_labels_beside_figures_are_no_figures():
    tree = figure_tree(
        {
            "number": 3,
            "from": "2023-12",
            "kato": "750000000",
            "checked": True,
            "none": None,
            "by": ["A", "B"],
            "note": "9 of 10",
        }
    )
    assert list(tree.figures) == ["number"]


@pytest.mark.parametrize("value", [object(), 1j, {1, 2}, b"1"])
def test_what_is_neither_number_nor_text_is_named(value):
    with pytest.raises(InputError, match=r"the figures: 'a\.b' is"):
        figure_tree({"a": {"b": value}})


names = st.text(max_size=5) | st.sampled_from(
    [
        "individuals",
        "households",
        "villages",
        "countries",
        "total",
        "returnees",
        "emigrants",
        "hospital",
        "other",
        "share",
        "growth",
        "by_year",
        "share_by_year",
        "by_region",
        "by_country",
        "households_by_distance",
        "KAZ001",
        "KAZ002",
        "UZB",
        "2022",
        "2023",
        "2023_vs_2022",
        "0-5",
        ">25",
        ".",
    ]
)
values = st.integers(-5, 10**6) | st.floats(-1e6, 1e6) | st.sampled_from([0, 0.5, 100, 1e-300, 1e14])
any_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
trees = st.recursive(
    st.dictionaries(names, values, min_size=1, max_size=5),
    lambda inner: st.dictionaries(names, inner | values, min_size=1, max_size=5),
    max_leaves=12,
)


def audited_or_refused(read, source):
    """What a refusal says, else what it would begin with."""
    try:
        audit(read(source))
    except InputError as error:
        return str(error)
    return f"the figures: {source}"


@given(any_json)
def test_any_json_is_audited_or_gets_one_error(content):
    assert audited_or_refused(figure_tree, json.loads(json.dumps(content))).startswith("the figures: ")


@settings(max_examples=300)
@given(trees)
def test_any_figures_are_audited_and_no_number_is_made_up(content):
    for fault in audit(figure_tree(content)):
        assert fault.place
        assert fault.printed is None or fault.printed.is_finite()
        assert fault.follows is None or fault.follows.is_finite()


# Workbooks


def test_a_workbook_of_round_3_gives_what_its_json_gives(tmp_path):
    content = json.loads(ROUND_3_PATH.read_text(encoding="utf-8"))
    path = write_book(tmp_path / "round-3.xlsx", flat(content))

    faults = audit(read_figure_tree(path))

    expected = audit(read_figure_tree(ROUND_3_PATH))
    assert [(one.kind, one.printed, one.follows) for one in faults] == [
        (one.kind, one.printed, one.follows) for one in expected
    ]
    assert faults[1].place == "'labour_migrants.growth_printed'!B2"


def test_a_table_of_the_report_is_read_with_its_columns_labels_and_total_row(tmp_path):
    rows = [
        ["Households without the service, by distance"],
        ["service_access.households_by_distance_km"],
        ["Расстояние", "Больница", "Школа"],
        ["#meta+band", "#population+hh+hospital", "#population+hh+school"],
        ["0-5 KM", 284917, 3540],
        ["6-10 KM", 53673, 4143],
        ["11-15 KM", 45616, 7947],
        ["16-20 KM", 39185, 4056],
        ["21-25 KM", 32504, 1707],
        ["Более 25 KM", 80856, 7527],
        ["Общее количество домохозяйств", 522046, 28920],
        [],
        ["Source: made up for a test"],
    ]
    path = book_with(tmp_path, rows, "annex")

    [fault] = audit(read_figure_tree(path))

    assert (fault.place, fault.printed, fault.follows) == ("'annex'!B11", 522046, 536751)


def test_counts_and_shares_may_stand_side_by_side(tmp_path):
    rows = [["sex", "individuals", "share, %"], ["male", 7, 70], ["female", 3, 40], ["total", 10, 100]]

    faults = audit(read_figure_tree(book_with(tmp_path, rows)))

    assert [(one.kind.value, one.place) for one in faults] == [
        ("share", "'returnees.by_sex'!C3"),
        ("shares_sum", "returnees.by_sex.share, %"),
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["sex", "value"], ["male", "7 %"], ["female", 3]], "'returnees.by_sex'!B2' is the text '7 %'"),
        ([["sex", "value"], ["", 7]], "'returnees.by_sex'!A2 is empty, but there are numbers beside it"),
        (
            [["sex", "value", ""], ["male", 7, 8]],
            "'returnees.by_sex'!C1 is empty, but there are numbers below it",
        ),
        ([["male", 7], ["female", 3]], "'returnees.by_sex'!B1 is a number where a heading is looked for"),
        ([["sex", "value"], ["male", 7], ["male", 3]], "'returnees.by_sex'!B2 too"),
        ([["sex", "value"]], "there is no number in it"),
        ([[]], "there is no number in it"),
    ],
)
def test_a_sheet_that_cannot_be_understood_gets_one_error_with_its_cell(run, tmp_path, rows, says):
    result = run(book_with(tmp_path, rows))

    assert result.exit_code == 1
    assert says in result.stderr.replace("\n", " ")


def test_a_band_that_a_spreadsheet_took_for_a_date_is_named(run, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "households_by_distance"
    book.active.append(["km", "value"])
    book.active.append([pd.Timestamp("2024-10-06"), 7])
    book.save(tmp_path / "figures.xlsx")

    result = run(tmp_path / "figures.xlsx")

    assert "'households_by_distance'!A2 is a date" in result.stderr
    assert "format the cell as text" in result.stderr.replace("\n", " ")


def test_one_name_for_a_number_and_a_table_is_refused(run, tmp_path):
    sheets = [
        ("a", [["x", "value"], ["b", 1]]),
        ("a.b", [["x", "value"], ["c", 1]]),
        ("d.e", [["x", "value"], ["f", 1]]),
    ]
    for ordered in (sheets, [*reversed(sheets)]):
        result = run(write_book(tmp_path / "figures.xlsx", ordered))
        assert (result.exit_code, "'a" in result.stderr) == (1, True)


def test_hidden_sheets_are_not_published(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "figures.xlsx") as book:
        for name, total in (("a.by_sex", 10), ("b.by_sex", 11)):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate([["sex", "value"], ["male", 7], ["female", 3], ["total", total]]):
                sheet.write_row(row, 0, cells)
        sheet.hide()
    assert audit(read_figure_tree(tmp_path / "figures.xlsx")) == []


def test_damaged_and_swollen_workbooks_get_one_error(run, tmp_path):
    truncated = tmp_path / "truncated.xlsx"
    whole = book_with(tmp_path, [["sex", "value"], ["male", 7]])
    truncated.write_bytes(whole.read_bytes()[:-200])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 100_000_000)
    for path, says in [
        (truncated, "not a workbook that can be opened"),
        (bomb, "far more than figures take"),
    ]:
        result = run(path)
        assert (result.exit_code, says in result.stderr.replace("\n", " ")) == (1, True)


cells = (
    st.none()
    | st.text(max_size=4)
    | values
    | st.sampled_from([*Service, *Sex, "total", "2022", "#adm1+name"])
)


@settings(max_examples=60)
@given(
    st.lists(st.lists(cells, max_size=4), max_size=6), st.sampled_from(["a.by_sex", "x", "a.b.c", ".", "a."])
)
def test_any_sheet_is_audited_or_gets_one_error(tmp_path_factory, rows, title):
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(title)
        for row, texts in enumerate(rows):
            sheet.write_row(row, 0, texts)
    assert str(path) in audited_or_refused(read_figure_tree, path)


# Workbooks as people make them: the sheet has a name of its own, the heading above the names says what they are, and the last row is a total

BY_REGION = [
    ["Область", "Домохозяйства", "Численность"],
    ["Абай", 10, 40],
    ["Костанай", 20, 55],
    ["Итого", 30, 95],
]
BY_COUNTRY = [["Страна", "Человек", "Доля"], ["Россия", 70, 0.7], ["Узбекистан", 18, 0.18], ["Прочие", 12, 0.12], ["Барлығы", 100, 1]]  # fmt: skip


BY_YEAR = [["Год", "Человек", "Прирост, %"], ["2021", 2490, None], ["2022", 2952, 19], ["2023", 3139, 6]]
HOUSEHOLDS = [["Область", "Население", "Домохозяйства"], ["Абай", 100, 30], ["Костанай", 50, 20]]
SUBTOTALS = [
    ["Region", "individuals"],
    ["A", 70],
    ["B", 30],
    ["Subtotal", 100],
    ["C", 20],
    ["Grand total", 120],
]
CHOICES = [["Нужда", "share, multiple choice, %"], ["еда", 60], ["жильё", 55]]


@pytest.mark.parametrize("rows", [BY_REGION, BY_COUNTRY, BY_YEAR, HOUSEHOLDS, SUBTOTALS, CHOICES])
def test_a_sheet_of_rows_and_their_total_has_no_fault(tmp_path, rows):
    assert audit(read_figure_tree(write_book(tmp_path / "a.xlsx", [("Таблица 5", rows)]))) == []


@pytest.mark.parametrize(
    ("rows", "at", "value", "fault"),
    [
        (BY_REGION, (3, 2), 90, ("total", "'Таблица 5'!C4", 95)),
        (BY_REGION, (2, 1), 60, ("households", "'Таблица 5'!B3", 55)),
        (BY_COUNTRY, (4, 1), 101, ("total", "'Таблица 5'!B5", 100)),
        (BY_YEAR, (2, 2), 29, ("growth", "'Таблица 5'!C3", 19)),
        (HOUSEHOLDS, (2, 2), 60, ("households", "'Таблица 5'!C3", 50)),
        (SUBTOTALS, (5, 1), 115, ("total", "'Таблица 5'!B6", 120)),
    ],
)
def test_a_fault_planted_in_such_a_sheet_is_found(tmp_path, rows, at, value, fault):
    planted = [list(row) for row in rows]
    planted[at[0]][at[1]] = value
    faults = audit(read_figure_tree(write_book(tmp_path / "a.xlsx", [("Таблица 5", planted)])))
    assert fault in [(one.kind, one.place, one.follows) for one in faults]


@pytest.mark.parametrize("space", [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"])
def test_thousands_that_were_typed_with_spaces_are_read_in_a_workbook(tmp_path, space):
    rows = [["sex", "people"], ["male", f"4{space}444"], ["female", f"1{space}561"], ["total", "6005"]]
    with pytest.raises(InputError, match=r"'returnees'!B4' is the text '6005'"):
        read_figure_tree(write_book(tmp_path / "a.xlsx", [("returnees", rows)]))
    rows[-1][1] = f"6{space}105"
    [fault] = audit(read_figure_tree(write_book(tmp_path / "a.xlsx", [("returnees", rows)])))
    assert (fault.kind, fault.printed, fault.follows) == ("total", 6105, 6005)
