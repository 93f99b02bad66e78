"""CSV files and workbooks: whatever spreadsheets, survey tools and exporters write."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import sys

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import FindingsError, MissingExtraError
from geo_service.findings import FindingCode, Findings
from geo_service.ingest.tables import as_text, numbers, read_table

HEADER = "id,name,lon,lat,hh"
NBSP, NARROW = "\u00a0", "\u202f"


def written(tmp_path, content, name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def sheet(tmp_path, *rows, merge=None, title="Villages", name="a.xlsx"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    book.create_sheet("About").append(["nothing here"])
    book.save(tmp_path / name)
    return tmp_path / name


def read(path, **options):
    findings = Findings()
    table = read_table(path, findings, **options)
    assert not findings.errors
    return table


def refused(path, **options):
    findings = Findings()
    with pytest.raises(FindingsError):
        read_table(path, findings, **options)
    return findings.errors


def records(table):
    return [[None if pd.isna(cell) else cell for cell in row] for row in table.frame.to_numpy()]


PLAIN = [["010101001", "Алматы", "70.5", "50", "12"], ["2", None, "71", "51.25", None]]
TEXT = f"{HEADER}\n010101001,Алматы,70.5,50,12\n2,,71,51.25,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_that_the_file_shows_is_found(tmp_path, encoding):
    table = read(written(tmp_path, TEXT, encoding=encoding))
    assert records(table) == PLAIN
    assert table.rows.tolist() == [2, 3]
    assert table.columns.names == tuple(HEADER.split(","))


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_encoding_that_is_given_is_used(tmp_path, encoding):
    assert records(read(written(tmp_path, TEXT, encoding=encoding), encoding=encoding)) == PLAIN


def test_a_byte_order_mark_is_believed_more_than_the_option_for_another_file(tmp_path):
    assert records(read(written(tmp_path, TEXT, encoding="utf-8-sig"), encoding="cp1251")) == PLAIN


def test_text_in_another_encoding_is_refused_with_the_row_and_the_remedy(tmp_path):
    (error,) = refused(written(tmp_path, TEXT, encoding="cp1251"))
    assert (error.code, error.row) == (FindingCode.WRONG_ENCODING, 2)
    assert error.message == "the text is not utf-8: byte 0xc0 cannot be read"
    assert "--encoding cp1251" in error.suggestion


@pytest.mark.parametrize(
    "content", [TEXT.encode("utf-16-le"), b"\0" * 99, b"id,lon,lat\n\0,1,2\n"], ids=["utf-16", "zeros", "one"]
)
def test_bytes_that_are_zero_are_no_text(tmp_path, content):
    (error,) = refused(written(tmp_path, content), encoding="latin-1")
    assert error.code == FindingCode.WRONG_ENCODING
    assert "--encoding utf-16" in error.suggestion


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_delimiter_and_line_end_is_found(tmp_path, delimiter, end):
    text = end.join(["id;name;lon;lat", '007;"a, b | c";70.5;50', '8;"d;""e""";71;51', ""])
    text = text if delimiter == ";" else text.replace(";", delimiter)
    table = read(written(tmp_path, text))
    assert records(table)[0] == ["007", "a, b | c", "70.5", "50"]
    assert records(table)[1][1] == f'd{delimiter}"e"'


def test_semicolons_with_decimal_commas_are_told_from_commas(tmp_path):
    table = read(written(tmp_path, "id;lon;lat\n1;70,5;50,25\n2;71,5;51,25\n3;71,5;51,25\n"))
    assert records(table)[0] == ["1", "70,5", "50,25"]


@given(
    cells=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"), max_size=9),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, cells, delimiter):
    kept = [row for row in cells if any(cell.strip(" ") for cell in row)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["id", "lon", "lat"], *cells])
    table = read(written(tmp_path_factory.mktemp("csv"), buffer.getvalue()))
    expected = [[cell.lstrip(" ") or None for cell in row] for row in kept]
    got = [[None if cell is None else cell.lstrip(" ") or None for cell in row] for row in records(table)]
    assert got == expected


def test_a_cell_of_two_lines_is_one_row_as_a_spreadsheet_shows_it(tmp_path):
    table = read(written(tmp_path, f'{HEADER}\n1,"A\nB",70,50,1\n2,C,71,51,2\n'))
    assert records(table)[0][1] == "A\nB"
    assert table.rows.tolist() == [2, 3]


@pytest.mark.parametrize("blank", ["\n", ",,,,\n", " , ,,,\n", "\r\n"])
def test_blank_rows_are_left_out_and_counted(tmp_path, blank):
    text = f"{HEADER}\n{blank}1,a,70,50,1\n{blank}{blank}2,b,71,51,2\n{blank}"
    table = read(written(tmp_path, text))
    assert table.rows.tolist() == [3, 6]
    assert table.frame["id"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("\n\n", 4),
        (" \n", 3),
        (",,,,\n", 3),
        ("Villages of 2024\n", 3),
        ("Villages, all\n\n", 4),
        ("sep=,\n", 2),
    ],
)
def test_what_stands_above_the_header_is_passed_over(tmp_path, above, row):
    table = read(written(tmp_path, f"{above}{HEADER}\n1,a,70,50,1\n2,b,70,50,1\n"))
    assert table.columns.names == tuple(HEADER.split(","))
    assert table.rows.tolist() == [row, row + 1]


def test_the_delimiter_that_a_spreadsheet_is_told_is_used(tmp_path):
    assert records(read(written(tmp_path, "sep=|\nlon|lat\n7,0|5,0\n"))) == [["7,0", "5,0"]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"{HEADER}\n1,a,b,70,50,1\n2,b,71,51,2\n", [2]),
        (f"{HEADER}\n1,a,b,70,50,1\n2,b,c,71,51,2\n", [2, 3]),
        (f"{HEADER}\n1,a,70,50,1\n\n2,b,c,71,51,2\n", [4]),
        (f"\n{HEADER}\n1,a,70,50,1\n2,b,c,71,51,2\n", [4]),
    ],
)
def test_a_row_longer_than_the_header_is_an_error_and_nothing_is_cut(tmp_path, text, rows):
    errors = refused(written(tmp_path, text))
    assert [error.row for error in errors] == rows
    assert {error.code for error in errors} == {FindingCode.UNREADABLE}
    assert errors[0].message == "it has 6 cells where the header has 5"
    assert "quotation marks" in errors[0].suggestion


def test_delimiters_behind_the_last_column_are_nothing(tmp_path):
    table = read(written(tmp_path, f"{HEADER}\n1,a,70,50,1,\n2,b,71,51,2,,\n"))
    assert table.columns.names == tuple(HEADER.split(","))
    assert table.rows.tolist() == [2, 3]


def test_a_row_shorter_than_the_header_ends_in_nulls(tmp_path):
    assert records(read(written(tmp_path, f"{HEADER}\n1,a\n2,b,71,51,2\n")))[0] == [
        "1",
        "a",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("above", ["", "\n\n"])
def test_a_quotation_mark_that_does_not_close_is_an_error_with_its_row(tmp_path, above):
    (error,) = refused(written(tmp_path, f'{above}{HEADER}\n1,a,70,50,1\n2,"b,71,51,2\n3,c,71,51,2\n'))
    assert error.row == 3 + len(above)
    assert "does not close" in error.message


def test_a_cell_too_long_to_take_apart_is_one_clear_error(tmp_path):
    (error,) = refused(written(tmp_path, f"{HEADER}\n1,{'x' * 140_000},70,50,1\n2,b,c,71,51,2\n"))
    assert "its rows cannot be told apart" in error.message


@pytest.mark.parametrize("content", ["\ufeff", "\n\n", " \r\n", ",,,\n,,,\n"])
def test_a_file_without_a_single_cell_is_empty(tmp_path, content):
    (error,) = refused(written(tmp_path, content))
    assert error.code == FindingCode.EMPTY_LAYER


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    table = read(written(tmp_path, HEADER))
    assert (len(table.frame), table.rows.tolist()) == (0, [])
    assert table.columns.names == tuple(HEADER.split(","))


def test_a_column_name_that_stands_twice_is_kept_twice_and_warned_of(tmp_path):
    findings = Findings()
    table = read_table(written(tmp_path, "id,hh,hh.1,hh,,lon,lat\n1,2,3,4,5,6,7\n"), findings)
    assert table.columns.names == ("id", "hh", "hh.1", "hh.2", "column 5", "lon", "lat")
    (warning,) = findings.warnings
    assert (warning.row, warning.column) == (1, "hh")


TAGS = "#loc+code,#loc+name,#geo+lon,#geo+lat,#population+hh"


@pytest.mark.parametrize(
    ("text", "row", "names"),
    [
        (f"a,b,c,d,e\n{TAGS}\n1,A,70,50,1\n", 3, tuple("abcde")),
        (f"a,b,c,d,e\n\n{TAGS}\n1,A,70,50,1\n", 4, tuple("abcde")),
        (f"Title\na,b,c,d,e\n{TAGS}\n1,A,70,50,1\n", 4, tuple("abcde")),
        (f"{HEADER}\n{TAGS}\n1,A,70,50,1\n", 3, tuple(HEADER.split(","))),
        (f"{TAGS}\n1,A,70,50,1\n", 2, tuple(TAGS.split(","))),
        (
            f"{TAGS.replace('+', ' +').upper()}\n1,A,70,50,1\n",
            2,
            tuple(TAGS.replace("+", " +").upper().split(",")),
        ),
    ],
)
def test_a_row_of_hashtags_names_the_columns_and_is_no_record(tmp_path, text, row, names):
    table = read(written(tmp_path, text))
    assert table.columns.names == names
    assert [
        table.columns.by_role(role) for role in ("village_id", "name", "lon", "lat", "households")
    ] == list(names)
    assert table.rows.tolist() == [row]


def test_error_values_of_a_spreadsheet_are_data_not_hashtags(tmp_path):
    table = read(written(tmp_path, f"{HEADER}\n#N/A,#N/A,#REF!,#VALUE!,#N/A\n"))
    assert len(table.frame) == 1


# Workbooks

COLUMNS = HEADER.split(",")


def test_a_sheet_gives_the_same_text_as_a_csv(tmp_path):
    path = sheet(tmp_path, COLUMNS, ["010101001", "Алматы", 70.5, 50, 12.0], [2, None, "71", 51.25, None])
    table = read(path)
    assert records(table) == PLAIN
    assert table.rows.tolist() == [2, 3]
    assert (table.place.file, table.place.layer) == (str(path), "Villages")
    assert table.sheets == ("Villages", "About")


def test_rows_of_a_sheet_keep_their_numbers_around_blank_ones(tmp_path):
    one = [1, "a", 70, 50, 1]
    table = read(sheet(tmp_path, [], [], COLUMNS, one, [], [None, " "], one, [], [" "]))
    assert table.rows.tolist() == [4, 7]


def test_merged_titles_above_the_header_are_passed_over(tmp_path):
    groups = [None, None, "Location", None, "People"]
    table = read(sheet(tmp_path, ["Villages"], groups, COLUMNS, [1, "a", 70, 50, 1], merge="C2:D2"))
    assert table.columns.names == tuple(COLUMNS)
    assert table.rows.tolist() == [4]


def test_empty_columns_are_left_out_and_filled_ones_without_a_name_get_one(tmp_path):
    table = read(sheet(tmp_path, ["id", None, "lon", "lat", None], [1, None, 70, 50, "note"]))
    assert table.columns.names == ("id", "lon", "lat", "column 5")


def test_dates_numbers_and_truths_in_cells_become_text(tmp_path):
    row = [dt.date(2024, 1, 2), True, 70.25, 1e22, 2020]
    table = read(sheet(tmp_path, ["a", "b", "c", "d", 2020], row))
    assert records(table) == [["2024-01-02", "True", "70.25", "10000000000000000000000", "2020"]]
    assert table.columns.names[-1] == "2020"


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    (error,) = refused(sheet(tmp_path, COLUMNS), sheet="Sites")
    assert (error.code, error.layer) == (FindingCode.UNREADABLE, "Sites")
    assert error.message == "there is no sheet 'Sites'; there are Villages, About"


def test_an_empty_sheet_is_empty(tmp_path):
    (error,) = refused(sheet(tmp_path))
    assert (error.code, error.layer) == (FindingCode.EMPTY_LAYER, "Villages")


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"])
def test_bytes_that_are_no_workbook_are_one_clear_error(tmp_path, suffix):
    (error,) = refused(written(tmp_path, bytes(range(256)) * 9, f"a{suffix}"))
    assert error.code == FindingCode.UNREADABLE
    assert error.message.startswith("it is not a workbook that can be opened")


def test_a_workbook_with_a_password_is_refused_with_the_remedy(tmp_path, monkeypatch):
    import python_calamine  # noqa: PLC0415

    def locked(_path):
        raise python_calamine.PasswordError

    monkeypatch.setattr(
        python_calamine, "CalamineWorkbook", type("Book", (), {"from_path": staticmethod(locked)})
    )
    (error,) = refused(sheet(tmp_path, COLUMNS))
    assert str(error).endswith("it is protected by a password. Save it without one")


def test_without_the_reader_of_workbooks_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match=r"geo-service\[excel\]"):
        read_table(sheet(tmp_path, COLUMNS), Findings())


# Cells


def number(cell, *, decimal_comma=False):
    values, is_bad = numbers(pd.Series([cell], dtype="string"), decimal_comma=decimal_comma)
    return "bad" if is_bad[0] else values[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1 234", 1234),
        (f"1{NBSP}234", 1234),
        (f"1{NARROW}234{NARROW}567", 1234567),
        ("1,234", "bad"),
        ("12.5", 12.5),
        ("-3", -3),
        ("\u22123", -3),
        ("+5", 5),
        (" 12 ", 12),
        ("12.0", 12),
        ("1e3", 1000),
        ("12 5", "bad"),
        ("1 2345", "bad"),
        ("ten", "bad"),
        ("0x1F", "bad"),
        ("1_000", "bad"),
        ("True", "bad"),
        ("٣", "bad"),
        ("#N/A", "bad"),
        ("inf", math.inf),
        ("9223372036854775808", 2.0**63),
    ],
)
def test_a_cell_is_read_as_a_person_would_write_a_number(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["", " ", "NaN", "nan", "NULL", "None", "N/A", "na", "-", None])
def test_a_cell_that_says_nothing_is_no_number_and_no_mistake(cell):
    assert math.isnan(number(cell))


@pytest.mark.parametrize(
    ("cell", "value"), [("43,25", 43.25), ("1 043,25", 1043.25), ("43,2,5", "bad"), ("a,b", "bad")]
)
def test_a_comma_is_a_decimal_point_only_where_it_was_said_to_be(cell, value):
    assert number(cell, decimal_comma=True) == value
    assert number(cell) == "bad"


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", " ", NBSP, "x"]))
def test_a_written_float_is_read_back_alone_and_beside_others(value, other):
    values, is_bad = numbers(pd.Series([repr(value), other], dtype="string"), decimal_comma=False)
    assert values[0] == value
    assert is_bad.tolist() == [False, other == "x"]


@given(st.integers(0, 10**15), st.sampled_from([" ", NBSP, NARROW]), st.booleans())
def test_thousands_may_be_apart(value, space, comma):
    assert number(f"{value:,}".replace(",", space), decimal_comma=comma) == value


@pytest.mark.parametrize(
    ("cells", "values", "bad"),
    [
        (pd.Series([1, None], dtype="Int64"), [1, None], [False, False]),
        (pd.Series([1.5, None]), [1.5, None], [False, False]),
        (pd.Series([True, False]), [None, None], [True, True]),
        (
            pd.Series([[1, 2], {"a": 1}, None, 5], dtype=object),
            [None, None, None, 5],
            [True, True, False, False],
        ),
        (pd.Series([pd.Timestamp("2024-01-02")]), [None], [True]),
    ],
)
def test_numbers_of_any_column_are_told_from_what_is_none(cells, values, bad):
    got, is_bad = numbers(cells, decimal_comma=False)
    assert [None if math.isnan(one) else one for one in got] == values
    assert is_bad.tolist() == bad


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (pd.Series([1.0, 2.5, None, 1e20, math.inf]), ["1", "2.5", None, "1e+20", "inf"]),
        (pd.Series([10101001, 2]), ["10101001", "2"]),
        (pd.Series(["010101001", " a ", "", " "]), ["010101001", "a", None, None]),
        (pd.Series([True]), ["True"]),
        (pd.Series([[1], None], dtype=object), ["[1]", None]),
    ],
)
def test_codes_are_the_same_text_whatever_type_a_format_gave_them(cells, texts):
    assert [None if pd.isna(one) else one for one in as_text(cells)] == texts
