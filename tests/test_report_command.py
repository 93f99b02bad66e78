"""`geo-service report`: the report of a round in one file or several, whole or not at all."""

from __future__ import annotations

import json

import pytest
from api_world import world
from attacks import plain_file, secrets_in
from report_files import GROUP, report_command, written

from geo_service.report import audited

__all__ = ["world", "written"]

pytestmark = pytest.mark.xdist_group(GROUP)


@pytest.fixture
def report(world, monkeypatch):
    monkeypatch.delenv("GEO_SERVICE_STORE", raising=False)
    return lambda *arguments: report_command(world, *arguments)


def test_one_run_makes_every_form_and_says_of_which_release(written):
    outputs, said = written[0], json.loads(written[1])
    assert said["language"] == "ru"
    assert said["figures"] > 100
    assert [one["bytes"] for one in said["outputs"]] == [path.stat().st_size for path in outputs.values()]
    begins = {"pdf": b"%PDF-", "docx": b"PK", "html": b"<!DOCTYPE html>", "xlsx": b"PK"}
    for form, path in outputs.items():
        assert path.read_bytes().startswith(begins[form])
    [folder] = {path.parent for path in outputs.values()}
    assert sorted(folder.iterdir()) == sorted(outputs.values())


def test_what_everybody_may_see_has_no_village_and_replaces_a_file_only_where_that_is_said(
    report, written, tmp_path
):
    page, book = tmp_path / "public.html", tmp_path / "public.xlsx"
    book.write_text("mine")
    assert "is there already" in report("--public", "-o", page, "-o", book).output
    assert book.read_text() == "mine"
    assert not page.exists()
    assert report("--public", "-o", page, "-o", book, "--overwrite", "--quiet").output == ""
    for path in (page, book):
        assert secrets_in(plain_file(path)) == []
    assert "hidden" in page.read_text()
    assert secrets_in(plain_file(written[0]["html"])), "the same search finds villages where they are"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "report.odt"), "a report is written as .pdf, .docx, .html, .xlsx, not as '.odt'"),
        (("-o", "a.pdf", "-o", "./a.pdf"), "a.pdf is to be written twice"),
        (("-o", "a.pdf", "--round", "7"), "has no release of round 7; it has rounds: 2, 3"),
        (("-o", "a.pdf", "--round", "3", "--release", "abcdef"), "leave one of them out"),
        (("-o", "nowhere/a.pdf"), "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_made_is_said_at_once_and_leaves_nothing(
    report, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    result = report(*arguments)
    assert result.exit_code in {1, 2}
    assert said in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_contradict_each_other_stop_it_and_leave_nothing(report, tmp_path, monkeypatch):
    def contradicting(tables):
        years = {"by_year": {"2022": 100, "2023": 190}, "growth": {"2023_vs_2022": 47}}
        return {"labour_migrants": years} if tables else {}

    monkeypatch.setattr(audited, "report_figures", contradicting)
    result = report("-o", tmp_path / "a.xlsx")
    assert result.exit_code == 1
    assert "contradict each other, so it is not written: labour_migrants.growth" in " ".join(
        result.output.split()
    )
    assert list(tmp_path.iterdir()) == []
