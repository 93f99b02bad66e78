"""Many tables as one: a workbook that a person reads, a JSON document, a folder of CSV files."""

from __future__ import annotations

import csv
import json
import re
import zipfile

import hxl
import openpyxl
import pandas as pd
import pytest

from geo_service.coverage.hxl import HXL_TAGS
from geo_service.errors import OutputError
from geo_service.export.headings import HEADINGS, column_heading
from geo_service.export.tables import TABLE_FORMATS, write_table
from geo_service.export.workbook import Publication, write_publication
from geo_service.vocabulary import Language

TAGS = {"pcode": "#adm1+code", "individuals": "#affected+ind", "share": "#affected+ind+pct"}
NOTE = "These numbers are synthetic."


@pytest.fixture
def tables():
    by_region = pd.DataFrame(
        {
            "pcode": pd.array(["KAZ001", "=1+1"], dtype="string"),
            "individuals": pd.array([2224, None], dtype="Int64"),
            "share": [0.25, None],
        }
    )
    by_region.attrs = {"title": "Labour migrants by region", "basis": "reported"}
    long_name = by_region.rename(columns={"individuals": "households"})
    return {
        "labour_migrants_by_region_of_arrival": by_region,
        "labour_migrants_by_region_of_arrival_2": long_name,
    }


@pytest.fixture
def publication(tables):
    return Publication(
        "Round 3", tables, notes=(NOTE,), sources=("IOM",), hxl=lambda table: {k: v for k, v in TAGS.items() if k in table}
    )  # fmt: skip


def test_a_workbook_has_contents_that_lead_to_every_table(publication, tmp_path):
    assert write_publication(publication, tmp_path / "r.xlsx") == [tmp_path / "r.xlsx"]
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    contents = book["Contents"]
    cells = [cell for row in contents.iter_rows() for cell in row if cell.value is not None]
    assert {"Round 3", NOTE, "IOM", "Labour migrants by region", "Reported"} <= {cell.value for cell in cells}
    targets = {cell.hyperlink.location.split("!")[0].strip("'") for cell in cells if cell.hyperlink}
    assert targets == set(book.sheetnames) - {"Contents"}
    assert len(book.sheetnames) == 3


def test_a_sheet_says_what_it_is_and_keeps_codes_as_text(publication, tmp_path):
    write_publication(publication, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    rows = list(book[book.sheetnames[1]].iter_rows(values_only=True))
    texts = [row[0] for row in rows[:6]]
    assert "Labour migrants by region" in texts
    assert NOTE in texts
    header = next(number for number, row in enumerate(rows) if row[0] == "pcode")
    assert rows[header - 1] == ("P-code", "Individuals", "Share")
    assert rows[header + 1] == ("#adm1+code", "#affected+ind", "#affected+ind+pct")
    assert rows[header + 2] == ("KAZ001", 2224, 0.25)
    assert rows[header + 3] == ("=1+1", None, None)
    sheet = book[book.sheetnames[1]]
    formats = [sheet.cell(header + 3, number).number_format for number in (1, 2, 3)]
    assert formats == ["@", "#,##0", "0.0%"]
    assert sheet.freeze_panes == f"A{header + 3}"
    assert book[book.sheetnames[1]].cell(header + 4, 1).data_type == "s"


@pytest.mark.parametrize(
    ("language", "headings", "about"),
    [
        (Language.EN, ("P-code", "Individuals", "Share"), ["Basis: Reported, Measured", "Collected: 2030-01-02 – 2030-01-05"]),
        (Language.RU, ("P-код", "Человек", "Доля"), ["Основа: По сообщениям, Измерено", "Собрано: 2030-01-02 – 2030-01-05"]),
        (Language.KK, ("P-код", "Адам саны", "Үлес"), ["Негізі: Хабарланған, Өлшенген", "Жиналған: 2030-01-02 – 2030-01-05"]),
    ],
)  # fmt: skip
def test_all_that_a_person_reads_is_in_the_language_asked_for(tables, tmp_path, language, headings, about):
    table = tables["labour_migrants_by_region_of_arrival"]
    table.attrs |= {
        "basis": "reported, measured",
        "collected_from": "2030-01-02",
        "collected_to": "2030-01-05",
    }
    write_publication(Publication("Made up", {"one": table}, language=language), tmp_path / "r.xlsx")
    contents, sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets
    assert sheet["A1"].hyperlink.location == f"'{contents.title}'!A1"
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[2:4]] == about
    header = rows.index(("pcode", "individuals", "share"))
    assert rows[header - 1] == headings
    assert {about[0].split(": ")[1], about[1]} <= {cell.value for row in contents for cell in row}


def test_a_note_of_one_table_stands_on_its_sheet_alone(tables, tmp_path):
    tables["labour_migrants_by_region_of_arrival"].attrs |= {
        "note": NOTE,
        "earlier_note": "So is the earlier.",
    }
    write_publication(Publication("Made up", tables, notes=(NOTE,)), tmp_path / "r.xlsx")
    _, first, second = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets
    assert [first["A3"].value, first["A4"].value] == [NOTE, "So is the earlier."]
    assert second["A4"].value == "Basis: Reported"


def test_every_column_of_a_report_has_a_heading_of_its_own_in_each_language():
    assert set(HEADINGS) == set(HXL_TAGS) | {"pcode", "name", "code", "label"}
    for language in Language:
        headings = [column_heading(name, language) for name in HEADINGS if name != "change"]
        assert len(set(headings)) == len(headings)


def test_no_workbook_says_when_it_was_made_so_that_the_same_tables_are_the_same_bytes(
    publication, tables, tmp_path
):
    write_publication(publication, tmp_path / "r.xlsx")
    write_table(tables["labour_migrants_by_region_of_arrival"], tmp_path / "one.xlsx")
    for path in tmp_path.iterdir():
        with zipfile.ZipFile(path) as archive:
            properties = archive.read("docProps/core.xml").decode()
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert re.findall(r"\d{4}-\d\d-\d\dT[^<]+", properties) == ["1980-01-01T00:00:00Z"] * 2


def test_a_document_holds_every_table_with_its_hashtags(publication, tmp_path):
    write_publication(publication, tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert document["notes"] == [NOTE]
    first = document["tables"]["labour_migrants_by_region_of_arrival"]
    assert first["hxl"] == TAGS
    assert first["rows"][0] == {"pcode": "KAZ001", "individuals": 2224, "share": 0.25}


def test_a_folder_gets_a_csv_a_table_that_libhxl_reads(publication, tmp_path):
    written = write_publication(publication, tmp_path / "tables")
    assert sorted(written) == sorted((tmp_path / "tables").iterdir())
    path = tmp_path / "tables" / "labour_migrants_by_region_of_arrival.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    source = hxl.data(rows)
    assert source.display_tags == [*TAGS.values()]
    assert [row.get("#adm1+code") for row in source] == ["KAZ001", "=1+1"]
    about = json.loads(path.with_name(f"{path.name}-metadata.json").read_text(encoding="utf-8"))
    assert about["dialect"]["headerRowCount"] == 2


@pytest.mark.parametrize("suffix", [*TABLE_FORMATS])
def test_one_table_takes_hashtags_too(tables, tmp_path, suffix):
    table = tables["labour_migrants_by_region_of_arrival"]
    path = tmp_path / f"t{suffix}"
    write_table(table, path, hxl=TAGS)
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    elif suffix == ".xlsx":
        rows = [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    else:
        document = json.loads(path.read_text(encoding="utf-8"))
        rows = [list(document["rows"][0]), list(document["hxl"].values())]
    assert rows[:2] == [list(table), list(TAGS.values())]


@pytest.mark.parametrize("name", ["r.xlsx", "r.json", "tables"])
def test_what_is_there_already_stays_unless_told(publication, tmp_path, name):
    write_publication(publication, tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match="is there already"):
        write_publication(publication, tmp_path / name)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    write_publication(publication, tmp_path / name, overwrite=True)


def test_another_extension_is_refused(publication, tmp_path):
    with pytest.raises(OutputError, match=r"\.xlsx, \.json or a folder"):
        write_publication(publication, tmp_path / "r.docx")
    assert not list(tmp_path.iterdir())
