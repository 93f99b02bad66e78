"""Files from the field: what cannot or must not be read gets one clear error, whatever it is called."""

from __future__ import annotations

import io
import struct
import zipfile

import msoffcrypto.format.ooxml
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import FindingsError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.survey.layouts import archives
from geo_service.ingest.survey.layouts.archives import _furthest_reference
from geo_service.ingest.survey.layouts.files import checksum
from geo_service.ingest.survey.layouts.limits import USUAL_LIMITS, SurveyLimits
from geo_service.ingest.survey.read import read_survey
from geo_service.vocabulary import LANGUAGES

HEADER = ["village_code", "village_name", "region", "district"]
ROW = ["990000001", "Synthetic village 1", "KAZ901", "KAZ901001"]
CSV = "\n".join([",".join(HEADER), ",".join(ROW), ""])


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(path, *rows, **options):
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("villages")
        for number, row in enumerate(rows or (HEADER, ROW)):
            sheet.write_row(number, 0, row)
    return path


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, **changed):
    """A workbook with some of its parts replaced; `/` is written `__` and `.` is `_`."""
    members = parts(path)
    wanted = {name.replace("/", "__").replace(".", "_"): name for name in members}
    members |= {wanted[name]: content for name, content in changed.items()}
    return zipped(path, members)


def zipped(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(*paths, limits=USUAL_LIMITS, **options):
    """The one error that the files get, which says in each language what to do."""
    findings = Findings()
    with pytest.raises(FindingsError):
        read_survey(paths, findings, limits, **options)
    (error,) = findings
    assert error.code is FindingCode.UNREADABLE
    assert len({error.in_language(language).message for language in LANGUAGES}) == len(LANGUAGES)
    return error


def survey(*paths, limits=USUAL_LIMITS, **options):
    findings = Findings()
    read = read_survey(paths, findings, limits, **options)
    assert list(findings) == []
    return read


# What is read


@pytest.mark.parametrize("name", ["villages.csv", "villages.tsv", "villages.txt", "VILLAGES.CSV"])
def test_a_csv_is_read_under_each_of_its_names(tmp_path, name):
    text = CSV.replace(",", "\t") if name.endswith("tsv") else CSV
    (sheet,) = survey(written(tmp_path / name, text)).villages
    assert sheet.frame["village_code"].tolist() == ["990000001"]
    assert (sheet.rows.tolist(), sheet.place.layer) == ([2], None)


@pytest.mark.parametrize("name", ["B2.xlsx", "B2.xlsm", "B2.csv", "B2"])
def test_a_workbook_is_known_by_its_content(tmp_path, name):
    (sheet,) = survey(workbook(tmp_path / name)).villages
    assert sheet.place.layer == "villages"


def test_the_csvs_of_a_zip_are_read_and_what_systems_add_is_not(tmp_path):
    members = {"out/villages.csv": CSV, "__MACOSX/out/._villages.csv": b"\0\1", "media/1.jpg": b"\xff\xd8"}
    (sheet,) = survey(zipped(tmp_path / "a.zip", members)).villages
    assert sheet.place.layer == "villages.csv"


def test_a_folder_stands_for_the_files_in_it(tmp_path):
    written(tmp_path / "villages.csv", CSV)
    written(tmp_path / "notes.docx", "not of the survey")
    written(tmp_path / "~$B2.xlsx", "of a program that has it open")
    assert [one["file"] for one in survey(tmp_path).sources] == ["villages.csv"]


def test_sources_are_names_with_checksums(tmp_path):
    path = written(tmp_path / "villages.csv", CSV)
    (source,) = survey(path).sources
    assert source == {"file": "villages.csv", "sha256": checksum(path, Findings())}
    assert len(source["sha256"]) == 64


def test_the_same_file_twice_is_read_once(tmp_path):
    findings = Findings()
    first, second = (written(tmp_path / name, CSV) for name in ("villages.csv", "copy of villages.csv"))
    read = read_survey([first, second], findings)
    assert (len(read.villages), len(read.sources)) == (1, 1)
    assert [one.code for one in findings.warnings] == [FindingCode.READER_WARNING]


def test_progress_is_told_of_each_file(tmp_path):
    told = []
    path = written(tmp_path / "villages.csv", CSV)
    survey(path, progress=told.append)
    assert told == [path.name]


def test_an_encoding_that_is_given_is_used(tmp_path):
    text = CSV.replace("Synthetic village 1", "Вымышленное село 1")
    path = written(tmp_path / "villages.csv", text.encode("cp1251"))
    (sheet,) = survey(path, encoding="cp1251").villages
    assert sheet.frame["village_name"].tolist() == ["Вымышленное село 1"]


def test_a_workbook_may_point_to_other_files_which_are_not_opened(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append([*ROW[:3], "='file:///etc/[hosts]x'!A1"])
    path = tmp_path / "B2.xlsx"
    book.save(path)
    (sheet,) = survey(path).villages
    assert sheet.frame["district"].isna().all()


def test_cells_of_a_sheet_are_text_without_space_around_it(tmp_path):
    row = [990000001, " Synthetic\u00a0", True, 1.0]
    (sheet,) = survey(workbook(tmp_path / "B2.xlsx", [], HEADER, row)).villages
    assert sheet.frame[HEADER].iloc[0].tolist() == ["990000001", "Synthetic", "True", "1"]
    assert set(map(str, sheet.frame.dtypes)) == {"string"}
    assert sheet.rows.tolist() == [3]


def test_a_sheet_that_starts_away_from_the_corner_keeps_its_rows(tmp_path):
    path = workbook(tmp_path / "B2.xlsx", [], [], ["", "", *HEADER], ["", "", *ROW])
    (sheet,) = survey(path).villages
    assert sheet.rows.tolist() == [4]
    assert sheet.frame["village_code"].tolist() == ["990000001"]


def test_a_sheet_of_many_rows_comes_as_pandas_reads_it(tmp_path):
    rows = [[f"99{at:07d}", f"Synthetic village {at % 7}", at % 3 or "", at / 4] for at in range(700)]
    path = workbook(tmp_path / "B2.xlsx", HEADER, *rows)
    (sheet,) = survey(path).villages
    expected = pd.read_excel(path, engine="calamine", dtype="string")
    assert sheet.frame["village_code"].tolist() == expected["village_code"].tolist()
    assert sheet.frame["region"].isna().tolist() == expected["region"].isna().tolist()
    assert sheet.frame["district"].astype(float).tolist() == [at / 4 for at in range(700)]


# What is no workbook, CSV or zip


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    assert refused(tmp_path / "B2.xlsx").message == "there is no such file"


def test_a_folder_without_files_of_a_survey_is_said_to_be_so(tmp_path):
    assert "in the folder" in refused(tmp_path).message


@pytest.mark.parametrize("name", ["B2.xlsx", "villages.csv", "B2.zip"])
def test_an_empty_file_is_said_to_be_so(tmp_path, name):
    assert refused(written(tmp_path / name, b"")).message == "the file is empty: it has 0 bytes"


def test_a_workbook_of_empty_sheets_is_said_to_be_so(tmp_path):
    assert refused(workbook(tmp_path / "B2.xlsx", [])).message == "no sheet of it holds anything"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("B2.xls", "<html><body><table><tr><td>village_code</td></tr></table></body></html>", "web page"),
        ("B2.xlsx", "\ufeff <!DOCTYPE html>\n<html></html>", "web page"),
        ("B2.csv", "<html><body>Log in</body></html>", "web page"),
        ("B2.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
        ("B2.xlsx", CSV, "plain text"),
        ("B2.xlsx", bytes(range(256)) * 9, "something else"),
        ("B2.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "before 2007"),
    ],
)
def test_what_only_bears_the_name_of_a_workbook_is_called_what_it_is(tmp_path, name, content, said):
    error = refused(written(tmp_path / name, content))
    assert said in error.message
    assert ".csv" in error.suggestion if said == "plain text" else ".xlsx" in error.suggestion


def test_a_zip_without_csvs_is_refused(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"villages.csv": CSV}).read_bytes()
    for members in ({}, {"report.docx": b"-"}, {"inner.zip": inner}):
        assert "neither a CSV" in refused(zipped(tmp_path / "a.zip", members)).message


def test_a_file_that_cannot_be_opened_is_said_to_be_so(tmp_path, monkeypatch):
    path = written(tmp_path / "villages.csv", CSV)

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    assert refused(path).message == "it cannot be opened: Permission denied"


@pytest.mark.parametrize(
    ("content", "options"),
    [("Вымышленное село".encode("cp1251"), {}), (b"a,b\n\0,1\n", {}), (b"a,b\n", {"encoding": "klingon"})],
)
def test_text_in_another_encoding_is_one_error_in_each_language(tmp_path, content, options):
    findings = Findings()
    with pytest.raises(FindingsError):
        read_survey([written(tmp_path / "villages.csv", content)], findings, **options)
    (error,) = findings
    assert error.code is FindingCode.WRONG_ENCODING
    assert "--encoding" in error.suggestion
    assert len({error.in_language(language).message for language in LANGUAGES}) == len(LANGUAGES)


def test_all_files_that_cannot_be_read_are_found_at_once(tmp_path):
    findings = Findings()
    paths = [written(tmp_path / "B1.xlsx", b""), tmp_path / "B2.xlsx", written(tmp_path / "a.csv", '"')]
    with pytest.raises(FindingsError):
        read_survey([*paths, written(tmp_path / "villages.csv", CSV)], findings)
    assert {one.file for one in findings} == {str(path) for path in paths}
    assert len(findings) == len(paths)


@pytest.mark.parametrize("broken", ["B1.xlsx", "mobility.csv", "absent.csv"])
def test_beside_a_file_that_cannot_be_read_whole_workbooks_are_read_on(tmp_path, broken):
    findings = Findings()
    if broken != "absent.csv":
        written(tmp_path / broken, b"")
    loose = written(tmp_path / "villages.csv", CSV)
    good = zipped(tmp_path / "B2.zip", {"B2.csv": CSV})
    survey = read_survey([tmp_path / broken, loose, good], findings)
    assert [(one.code, one.file) for one in findings] == [(FindingCode.UNREADABLE, str(tmp_path / broken))]
    # CSVs on their own belong together: with one missing, what is said of the others would be wrong.
    files = [sheet.place.file for sheet in survey.villages]
    assert files == [str(one) for one in ([loose, good] if broken == "B1.xlsx" else [good])]


# What is damaged


def test_a_workbook_that_was_cut_off_anywhere_is_one_error(tmp_path):
    whole = workbook(tmp_path / "B2.xlsx").read_bytes()
    for length in range(4, len(whole) - 1, 97):
        error = refused(written(tmp_path / "cut.xlsx", whole[:length]))
        assert error.message.startswith("it is damaged or was cut off")
        assert error.suggestion == "Download or copy it again"


@settings(max_examples=40)
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5
    )
)
def test_a_workbook_with_bytes_overwritten_is_read_or_refused(tmp_path_factory, changes):
    path = workbook(tmp_path_factory.mktemp("damage") / "B2.xlsx")
    content = bytearray(path.read_bytes())
    for at, byte in changes:
        content[int(at * len(content))] = byte
    findings = Findings()
    try:
        read_survey([written(path, bytes(content))], findings)
    except FindingsError:
        assert findings.errors


def test_a_zip_that_lies_about_a_size_is_damaged(tmp_path):
    path = zipped(tmp_path / "a.zip", {"villages.csv": CSV + "x" * 5000})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 10)
    assert "damaged" in refused(written(path, bytes(content))).message


def test_a_workbook_whose_xml_ends_too_soon_is_refused(tmp_path):
    path = workbook(tmp_path / "B2.xlsx")
    rewritten(path, xl__workbook_xml=parts(path)["xl/workbook.xml"][:200])
    assert refused(path).message


def test_a_member_packed_in_a_way_of_its_own_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"villages.csv": CSV})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", content, content.index(mark) + at, 99)
    assert "damaged" in refused(written(path, bytes(content))).message


# What is protected or dangerous


def test_a_workbook_with_a_password_gets_the_remedy(tmp_path):
    plain, locked = workbook(tmp_path / "plain.xlsx"), tmp_path / "B2.xlsx"
    with plain.open("rb") as source, locked.open("wb") as target:
        msoffcrypto.format.ooxml.OOXMLFile(source).encrypt("made up", target)
    assert str(refused(locked)).endswith("it is protected by a password. Save it without one")


def test_a_zip_with_a_password_gets_the_remedy(tmp_path):
    path = zipped(tmp_path / "a.zip", {"villages.csv": CSV})
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    assert refused(written(path, bytes(content))).message == "it is protected by a password"


@pytest.mark.parametrize("name", ["B2.xlsx", "B2.xlsm"])
def test_a_workbook_with_macros_is_refused_under_any_name(tmp_path, name):
    path = workbook(tmp_path / name)
    zipped(path, parts(path) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 no macro, but where one would be"})
    error = refused(path)
    assert error.message.startswith("the workbook holds macros")
    assert ".xlsx" in error.suggestion


def test_a_workbook_that_is_declared_to_have_macros_is_refused(tmp_path):
    path = workbook(tmp_path / "B2.xlsx")
    types = parts(path)["[Content_Types].xml"].replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    zipped(path, parts(path) | {"[Content_Types].xml": types})
    assert refused(path).message.startswith("the workbook holds macros")


@pytest.mark.parametrize(
    "name",
    ["../villages.csv", "a/../../villages.csv", "/etc/villages.csv", "..\\villages.csv", "C:\\villages.csv"],
)
def test_a_path_that_leads_out_of_an_archive_is_refused(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {"villages.csv": CSV, name: CSV})
    assert "leads out of it" in refused(path).message
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.zip"]


LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 12)),
        b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a11;</t></si></sst>',
    ]
)


def test_a_billion_laughs_are_not_laughed(tmp_path):
    path = workbook(tmp_path / "B2.xlsx")
    rewritten(path, xl__sharedStrings_xml=LAUGHS)
    error = refused(path)
    assert "entities of its own" in error.message
    assert "sharedStrings.xml" in error.message


def sheet_with(cells):
    return (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + cells + b"</sheetData></worksheet>"
    )


@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_one_cell_in_the_last_corner_of_a_sheet_does_not_take_the_memory(tmp_path, quote):
    path = workbook(tmp_path / "B2.xlsx")
    cells = (
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row>'
    )
    rewritten(path, xl__worksheets__sheet1_xml=sheet_with(cells.replace(b'"', quote)))
    error = refused(path)
    assert "row 1048576 and column 16384" in error.message
    assert "Delete" in error.suggestion


def test_a_reference_across_two_blocks_is_seen(tmp_path, monkeypatch):
    path = workbook(tmp_path / "B2.xlsx")
    rewritten(
        path,
        xl__worksheets__sheet1_xml=sheet_with(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    )
    for size in range(16, 60):
        monkeypatch.setattr(archives, "_BLOCK_BYTES", size)
        assert "row 1048576 and column 16384" in refused(path).message


@given(
    st.lists(st.tuples(st.integers(1, 1_048_576), st.integers(1, 16_384)), max_size=5), st.binary(max_size=9)
)
def test_the_furthest_reference_is_that_of_the_cells(cells, noise):
    refs = [f'<c r="{xlsxwriter.utility.xl_rowcol_to_cell(row - 1, column - 1)}"/>' for row, column in cells]
    furthest = _furthest_reference("".join(refs).encode() + b"<" + noise.replace(b"r", b""))
    assert furthest == (max((one[0] for one in cells), default=0), max((one[1] for one in cells), default=0))


@pytest.mark.parametrize(
    "limits",
    [SurveyLimits(max_cells=7), SurveyLimits(max_unpacked_bytes=5000), SurveyLimits(max_file_bytes=999)],
)
def test_a_workbook_above_a_limit_is_refused(tmp_path, limits):
    path = workbook(tmp_path / "B2.xlsx")
    survey(path)
    assert "more than" in refused(path, limits=limits).message


def test_a_csv_in_a_zip_may_not_be_larger_than_a_file(tmp_path):
    path = zipped(tmp_path / "a.zip", {"villages.csv": CSV + "\n" * 50_000})
    survey(path)
    assert "zip bomb" in refused(path, limits=SurveyLimits(max_file_bytes=40_000)).message


@pytest.mark.parametrize("name", ["B2.xlsx", "a.zip"])
def test_what_unpacks_to_many_times_its_size_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(archives, "_SMALL_BYTES", 100_000)
    bomb = bytes(3_000_000)
    path = tmp_path / name
    if name == "a.zip":
        zipped(path, {"villages.csv": bomb})
    else:
        zipped(path, parts(workbook(path)) | {"xl/media/image1.bin": bomb})
    error = refused(path)
    assert "more than 200 times its size" in error.message


def test_a_zip_in_a_zip_in_a_workbook_is_not_unpacked(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10_000_000))
    path = workbook(tmp_path / "B2.xlsx")
    zipped(path, parts(path) | {"xl/media/nested.zip": inner.getvalue()})
    assert len(survey(path, limits=SurveyLimits(max_unpacked_bytes=1_000_000)).villages) == 1
