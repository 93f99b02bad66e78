"""Reports over HTTP: every form, for every role, kept for who asks again, refused where it must be."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest
from api import client_of
from api_world import world
from attacks import got, plain, plain_file, secrets_in
from report_files import GROUP, written

from geo_service.api.reports import files
from geo_service.api.security.roles import Role
from geo_service.errors import ContradictionError
from geo_service.report import made
from geo_service.report.written import ReportFormat

__all__ = ["world", "written"]

pytestmark = pytest.mark.xdist_group(GROUP)

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pytest.fixture(scope="module")
def analyst(world):
    with client_of(world, Role.ANALYST) as client:
        yield client


@pytest.fixture(scope="module")
def public(world):
    with client_of(world, Role.PUBLIC) as client:
        yield client


@pytest.mark.parametrize("form", ReportFormat)
def test_the_report_comes_in_each_form_with_a_name_an_etag_and_its_release(public, form):
    answer = public.get(f"/reports/3.{form}?lang=ru")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == TYPES[form]
    release = answer.headers["x-release"]
    assert f'filename="report_round_3_ru_{release[:12]}.{form}"' in answer.headers["content-disposition"]
    begins = "inline" if form in {"pdf", "html"} else "attachment"
    assert answer.headers["content-disposition"].startswith(begins)
    again = public.get(f"/reports/3.{form}?lang=ru", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers


def test_the_public_sees_no_village_and_an_analyst_does(public, written):
    for form in ReportFormat:
        assert secrets_in(plain(got(public, f"/reports/3.{form}?lang=ru"))) == []
    assert secrets_in(plain_file(written[0]["html"]))


def test_the_command_and_the_service_make_the_same_bytes(analyst, written):
    assert analyst.get("/reports/3.pdf?lang=ru").content == written[0]["pdf"].read_bytes()


def test_the_earlier_round_has_its_own_report_and_its_own_etag(public):
    answers = {number: public.get(f"/reports/{number}.xlsx?lang=ru") for number in (2, 3)}
    assert {one.status_code for one in answers.values()} == {200}
    assert answers[2].headers["x-release"] != answers[3].headers["x-release"]
    held = {"If-None-Match": answers[2].headers["etag"]}
    assert public.get("/reports/2.xlsx?lang=ru", headers=held).status_code == 304
    assert public.get("/reports/3.xlsx?lang=ru", headers=held).status_code == 200


def test_all_reports_are_listed_and_each_address_answers(public):
    rows = public.get("/reports").json()["rows"]
    assert [(row["round"], row["lang"], row["format"]) for row in rows] == [
        (number, language, form) for number in (3, 2) for language in ("en", "ru", "kk") for form in TYPES
    ]
    for row in rows:
        assert row["type"] == TYPES[row["format"]].partition(";")[0]
    one = next(row for row in rows if (row["round"], row["lang"], row["format"]) == (3, "ru", "html"))
    assert public.get(one["href"]).status_code == 200
    assert "href" in public.get("/reports?f=csv").text


def test_the_page_runs_its_own_scripts_only(public):
    answer = public.get("/reports/3.html?lang=ru")
    said = unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', answer.text)[1])
    assert "default-src 'none'" in said
    assert "script-src 'unsafe-inline'" not in said
    assert "sha256-" in said
    assert answer.headers["content-security-policy"] == f"{said}; frame-ancestors 'self'"


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/reports/7.pdf", 404, "there is no release of round 7"),
        ("/reports/3.odt", 404, "format"),
        ("/reports/three.pdf", 404, "round"),
        ("/reports/-1.pdf", 404, "round"),
        ("/reports/3.pdf?lang=fr", 400, "lang"),
        ("/reports/3.pdf?public=1", 400, "public"),
    ],
)
def test_what_there_is_not_is_refused_with_a_reason(public, url, status, said):
    answer = public.get(url)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text


def test_numbers_that_contradict_each_other_are_told_to_analysts_and_not_to_the_public(world, monkeypatch):
    def contradicting(*_, **__):
        raise ContradictionError("returnees.individuals: 10 is printed and 9 follows")

    monkeypatch.setattr(made, "made_report", contradicting)
    monkeypatch.setattr(files, "_of_public", files._Makers())
    monkeypatch.setattr(files, "_of_others", files._Makers())
    for role in (Role.PUBLIC, Role.ANALYST):
        with client_of(world, role) as client:
            answer = client.get("/reports/3.pdf?lang=kk")
        assert answer.status_code == 422
        assert ("returnees" in answer.text) is (role is Role.ANALYST)
        assert "contradict each other" in answer.text or role is Role.ANALYST


def test_a_report_is_made_once_and_too_many_at_once_are_asked_to_come_again(world, monkeypatch):
    began, go_on, made_of = threading.Event(), threading.Event(), []

    def slow(_, language, **__):
        made_of.append(language)
        began.set()
        assert go_on.wait(30)
        raise ContradictionError("stop here")

    monkeypatch.setattr(made, "made_report", slow)
    monkeypatch.setattr(files, "_WAITING", 1)
    monkeypatch.setattr(files, "_of_others", files._Makers())
    with client_of(world, Role.ANALYST) as client:
        first = []
        asking = threading.Thread(target=lambda: first.append(client.get("/reports/3.pdf")))
        asking.start()
        assert began.wait(30)
        refused = client.get("/reports/3.docx")
        go_on.set()
        asking.join()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "15"
    assert first[0].status_code == 422
    assert len(made_of) == 1
