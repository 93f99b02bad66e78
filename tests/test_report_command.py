"""`geo-service report`: the report of a round in one file or several, whole or not at all."""

from __future__ import annotations

import json

import pytest
from api_world import world
from attacks import plain_file, secrets_in
from typer.testing import CliRunner

from geo_service.cli.app import app
from geo_service.report import audited, written

__all__ = ["world"]

pytestmark = pytest.mark.xdist_group("report of the world")


@pytest.fixture
def report(world, monkeypatch):
    monkeypatch.delenv("GEO_SERVICE_STORE", raising=False)

    def run(*arguments):
        return CliRunner().invoke(app, ["report", *map(str, arguments), "--store", str(world)])

    return run


def test_one_run_makes_every_form_and_says_of_which_release(report, tmp_path):
    outputs = [tmp_path / f"report.{form}" for form in written.ReportFormat]
    given = [word for path in outputs for word in ("-o", path)]
    result = report("--round", 3, "--lang", "ru", *given, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["language"] == "ru"
    assert said["figures"] > 100
    assert [one["bytes"] for one in said["outputs"]] == [path.stat().st_size for path in outputs]
    begins = {"pdf": b"%PDF-", "docx": b"PK", "html": b"<!DOCTYPE html>", "xlsx": b"PK"}
    for path in outputs:
        assert path.read_bytes().startswith(begins[path.suffix[1:]])
    assert sorted(tmp_path.iterdir()) == sorted(outputs)


def test_everybody_may_see_no_village_in_the_report(report, tmp_path):
    for given in ((), ("--public",)):
        assert (
            report(
                "-o", tmp_path / f"{len(given)}.xlsx", "-o", tmp_path / f"{len(given)}.html", *given
            ).exit_code
            == 0
        )
    for form in ("html", "xlsx"):
        assert secrets_in(plain_file(tmp_path / f"1.{form}")) == []
    assert (
        "small numbers are hidden" in (tmp_path / "1.html").read_text().lower()
        or "hidden" in (tmp_path / "1.html").read_text()
    )
    assert secrets_in(plain_file(tmp_path / "0.html")), "the same search finds villages where they are"


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


def test_a_file_that_is_there_is_replaced_only_where_that_is_said(report, tmp_path):
    output = tmp_path / "a.xlsx"
    output.write_text("mine")
    assert "is there already" in report("-o", output).output
    assert output.read_text() == "mine"
    assert report("-o", output, "--overwrite", "--quiet").output == ""
    assert output.read_bytes().startswith(b"PK")
