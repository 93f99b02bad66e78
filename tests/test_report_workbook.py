"""The report as a workbook, opened with openpyxl, read by libhxl and counted again by LibreOffice."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO

import hxl
import openpyxl
import pandas as pd
import pytest
from report_samples import sample_report

from geo_service.export.headings import column_heading
from geo_service.export.references import Reference, References
from geo_service.export.workbook import Publication, publication_bytes, write_publication
from geo_service.report.document import Figure, FigureState, FigureStyle, Paragraph, Section
from geo_service.report.workbook import workbook_bytes
from geo_service.vocabulary import BANDS, SERVICES, STATUSES, Language

_REFERENCE = re.compile(r"='(?P<sheet>[^']+)'!(?P<cell>[A-Z]+\d+)")
_SECTION, _PLACE, _OF, _PRINTED, _VALUE, _TABLE, _COLUMN, _CELL = range(8)


def opened(report, **options):
    return openpyxl.load_workbook(BytesIO(workbook_bytes(report)), **options)


def figure_rows(book):
    """The cells of the rows of the sheet of figures, without what is above them."""
    sheet = book.worksheets[1]
    header = next(row[0].row for row in sheet.iter_rows() if all(cell.value for cell in row))
    return [row for row in sheet.iter_rows() if row[0].row > header]


@pytest.mark.parametrize("language", Language)
def test_each_printed_figure_is_a_formula_that_points_to_its_cell(language):
    report = sample_report(language)
    book, values = opened(report), opened(report, data_only=True)
    figures = list(report.figures())
    rows, counted = figure_rows(book), figure_rows(values)
    assert len(rows) == len(counted) == len(figures)
    for figure, row, value in zip(figures, rows, counted, strict=True):
        assert row[_PRINTED].value == figure.text
        place = row[_CELL].hyperlink.location
        if not figure.is_known:
            assert row[_VALUE].value is None
        else:
            formula = _REFERENCE.fullmatch(row[_VALUE].value)
            assert place == f"'{formula['sheet']}'!{formula['cell']}"
            cell = values[formula["sheet"]][formula["cell"]]
            assert cell.value == value[_VALUE].value == figure.value
            assert row[_VALUE].number_format == cell.number_format
        sheet, name = place.replace("'", "").split("!")
        assert book[sheet].cell(_row_of_names(book[sheet]), book[sheet][name].column).value == figure.column


def _row_of_names(sheet):
    """The row of the machine names of the columns: the one above the hashtags."""
    return next(row[0].row for row in sheet.iter_rows() if any(str(cell.value).startswith("#") for cell in row)) - 1  # fmt: skip


@pytest.mark.parametrize("language", Language)
def test_a_figure_says_where_it_stands_and_what_it_is_of_in_the_language(language):
    report = sample_report(language)
    rows = [[cell.value for cell in row] for row in figure_rows(opened(report))]
    first, last = rows[0], rows[-1]
    label = report.tables["labour_migrants_top_countries"]["label"]
    assert first[_SECTION] == "Summary"
    assert (
        first[_PLACE]
        == {"en": "Key figures", "ru": "Ключевые показатели", "kk": "Негізгі көрсеткіштер"}[language]
    )
    assert first[_OF] == label[0]
    assert last[_SECTION] == "Labour migrants"
    assert last[_PLACE] == f"{report.words['table_number'].format(number=1)}. The largest countries"
    assert last[_OF] == label[2]
    assert last[_COLUMN] == column_heading("share", language)
    assert first[_TABLE] == report.tables["labour_migrants_top_countries"].attrs["title"]
    places = {row[_PLACE].split(".")[0] for row in rows}
    assert {report.words["figure_number"].format(number=number) for number in range(1, 6)} <= places


def _said_of(language, table, figures):
    """What the sheet of figures says that each of some cells of a table is of."""
    found = tuple(Figure("t", row, column, 1.0, "1", FigureStyle.COUNT) for row, column in figures)
    report = replace(
        sample_report(language),
        tables={"t": table},
        sections=(Section("only", "Only", (Paragraph(found),)),),
    )
    return [row[_OF].value or "" for row in figure_rows(opened(report))]


def test_a_number_of_all_is_not_said_to_be_of_the_row_that_it_stands_in():
    table = pd.DataFrame({"sex": ["male", "female"], "label": ["Мужчины", "Женщины"], "informants": [1, 1], "all_informants": [1, 1]})  # fmt: skip
    cells = [(0, "all_informants"), (0, "informants"), (1, "informants")]
    assert _said_of(Language.RU, table, cells) == ["", "Мужчины", "Женщины"]
    by_unit = table.assign(name=["Абай", "Абай"])
    assert _said_of(Language.RU, by_unit, cells) == ["Абай", "Абай, Мужчины", "Абай, Женщины"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", ["Больница, Более 25 км", "Школа, 0-5 км", "Школа, Нет объекта"]),
        ("kk", ["Аурухана, 25 км-ден астам", "Мектеп, 0-5 км", "Мектеп, Нысан жоқ"]),
    ],
)
def test_codes_without_labels_are_said_in_the_words_of_the_vocabulary(language, said):
    table = pd.DataFrame(
        {
            "service": ["hospital", "school", "school"],
            "band": [">25", "0-5", None],
            "status": ["ok", "ok", "no_facility"],
            "households": [1, 1, 1],
        }
    )
    cells = [(row, "households") for row in range(3)]
    words = [
        f"{SERVICES[service].label(language)}, {term.label(language)}"
        for service, term in [
            ("hospital", BANDS[">25"]),
            ("school", BANDS["0-5"]),
            ("school", STATUSES["no_facility"]),
        ]
    ]
    assert _said_of(language, table, cells) == words
    assert said == words
    presence = table[["service", "households"]]
    assert _said_of(language, presence, cells) == [words[0].split(",")[0], *[words[1].split(",")[0]] * 2]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_number_of_one_of_two_years_is_said_to_be_of_that_year(language):
    columns = ("base_individuals", "individuals", "growth")
    table = pd.DataFrame({"base_year": ["2020"], "year": ["2021"], **{one: [1] for one in columns}})
    assert _said_of(language, table, [(0, one) for one in columns]) == ["2020", "2021", "2020, 2021"]


def test_hidden_stays_hidden_and_is_not_zero():
    report = sample_report("ru")
    hidden = [one for one in report.figures() if one.state is FigureState.SUPPRESSED]
    book = opened(report, data_only=True)
    rows = [row for row in figure_rows(book) if row[_PRINTED].value == "скрыто"]
    assert len(rows) == len(hidden) > 0
    for row in rows:
        assert row[_VALUE].value is None
        sheet, cell = row[_CELL].hyperlink.location.replace("'", "").split("!")
        assert book[sheet][cell].value is None


@pytest.mark.parametrize("language", Language)
def test_every_table_is_there_with_hashtags_that_libhxl_reads(language):
    report = sample_report(language)
    book = opened(report, data_only=True)
    assert book.sheetnames[1:] == [report.words["figures"], *report.tables]
    for name, table in report.tables.items():
        rows = list(book[name].iter_rows(values_only=True))
        names = next(number for number, row in enumerate(rows) if row[0] == table.columns[0])
        assert rows[names] == tuple(table)
        assert rows[names - 1] == tuple(column_heading(column, language) for column in table)
        data = hxl.data([["" if cell is None else cell for cell in row] for row in rows[names:]], hxl.InputOptions(allow_local=True))  # fmt: skip
        assert len(list(data)) == len(table)


def test_the_contents_name_every_sheet_and_say_what_the_data_are_and_come_from():
    report = sample_report("en")
    book = opened(report)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    linked = [cell.hyperlink.location.split("!")[0].strip("'") for cell in cells if cell.hyperlink]
    assert linked == book.sheetnames[1:]
    values = {cell.value for cell in cells}
    assert {f"{report.title}. {report.subtitle}", *report.banners, *report.sources} <= values
    assert f"Release: {report.release}" in values
    for sheet in book.worksheets:
        assert report.banners[0] in {row[0] for row in sheet.iter_rows(values_only=True)}


def test_the_same_report_is_the_same_bytes():
    assert workbook_bytes(sample_report("kk")) == workbook_bytes(sample_report("kk"))


def test_a_report_without_figures_is_a_workbook_of_its_tables():
    report = replace(sample_report("en"), sections=())
    assert figure_rows(opened(report)) == []
    assert opened(report).sheetnames == ["Contents", "Figures", *report.tables]


def test_a_reference_to_a_column_that_no_table_has_is_said_without_a_formula(tmp_path):
    tables = sample_report("en").tables
    references = References("Said", ("Words",), (Reference(("here",), "services", 0, "mood", None),))
    publication = Publication("Made up", tables, references=references)
    (row,) = [[cell.value for cell in row] for row in _said(publication_bytes(publication))]
    assert row == ["here", None, "Services", "mood", None]
    write_publication(publication, tmp_path / "r.xlsx")
    assert len(_said((tmp_path / "r.xlsx").read_bytes())) == 1


def test_the_value_of_a_formula_is_that_of_its_cell_to_the_last_digit():
    third = pd.DataFrame({"share": [1 / 3, 2 / 3, 423 / 1245]})
    rows = tuple(
        Reference(("here",), "thirds", row, "share", share) for row, share in enumerate(third["share"])
    )
    publication = Publication("Made up", {"thirds": third}, references=References("Said", ("Words",), rows))
    book = openpyxl.load_workbook(BytesIO(publication_bytes(publication)), data_only=True)
    shares = [cell.value for cell in book["thirds"]["A"] if isinstance(cell.value, float)]
    said = [row[1].value for row in book["Said"].iter_rows() if row[0].value == "here"]
    assert said == shares == pytest.approx(third["share"].tolist(), rel=1e-15)


def _said(data):
    sheet = openpyxl.load_workbook(BytesIO(data))["Said"]
    return [row for row in sheet.iter_rows() if row[0].value == "here"]


def test_libreoffice_counts_the_formulas_to_the_same_values(tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    report = sample_report("en")
    book = openpyxl.load_workbook(BytesIO(workbook_bytes(report)))
    # Saved by openpyxl the formulas have no values any more, so that they have to be counted.
    book.save(tmp_path / "report.xlsx")
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", every_sheet, "--outdir", tmp_path, tmp_path / "report.xlsx"],
        check=True,
        capture_output=True,
        timeout=120,
    )  # fmt: skip
    with (tmp_path / "report-Figures.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == 8 and row[_CELL] and row[_CELL] != "Cell"]
    figures = list(report.figures())
    assert len(rows) == len(figures)
    for figure, row in zip(figures, rows, strict=True):
        assert row[_PRINTED] == figure.text
        assert row[_VALUE] == "" if figure.value is None else _number(row[_VALUE]) == figure.value


def _number(text):
    return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
