"""The inhabitants of admin units, from a table."""

from __future__ import annotations

import pytest

from geo_service.errors import FindingsError
from geo_service.findings import Findings
from geo_service.ingest.inhabitants import read_inhabitants


def written(folder, text):
    path = folder / "inhabitants.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_units_and_their_inhabitants_are_read_and_other_columns_are_not(tmp_path):
    path = written(tmp_path, "Name,PCODE,Inhabitants\nAbay,KAZ001,610 183\nAlmaty,KAZ004,\n")
    assert read_inhabitants(path) == {"KAZ001": 610_183}


def test_every_cell_that_is_wrong_is_found_in_one_pass(tmp_path):
    path = written(tmp_path, "pcode,inhabitants\nKAZ001,many\nKAZ002,0\nKAZ003,5\nKAZ003,6\n")
    findings = Findings()
    read_inhabitants(path, findings)
    assert [(one.row, one.code, one.value) for one in findings.errors] == [
        (2, "not_a_count", "many"),
        (3, "not_a_count", "0"),
        (5, "duplicate_unit", "KAZ003"),
    ]


def test_a_table_without_the_columns_is_refused_with_those_that_it_has(tmp_path):
    with pytest.raises(FindingsError, match="no column 'inhabitants'; there are 'pcode', 'people'"):
        read_inhabitants(written(tmp_path, "pcode,people\nKAZ001,5\n"))
