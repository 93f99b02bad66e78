"""Pages for uploads: two forms for editors, and what became of what they sent, without a script."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from uploads import held, kill, made, served, service, sites

from geo_service.api.security.roles import Role
from geo_service.api.writing.jobs import JobFolder
from geo_service.api.writing.models import Job, JobFinding, JobKind, JobStatus
from geo_service.findings import FindingCode
from geo_service.release.stores import open_store
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings
from geo_service.vocabulary import Language
from geo_service.web.app import create_app
from geo_service.web.uploads import meanings
from geo_service.web.uploads.words import FIELDS, FORM, JOB, OUTCOMES, STATUSES, STEPS

__all__ = ["made", "service"]

TOGETHER = pytest.mark.xdist_group("uploads")
OWN = {"Origin": "http://testserver"}
GOOD = sites(5, 0.2).to_json().encode()
EVIL = '<img src=x onerror="alert(1)">'
LONG = 180
EDGE = "edge-of-the-form"


class Page(HTMLParser):
    """What of a page the tests look at."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.cells = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")

    def handle_data(self, data):
        if self.cells and self.cells[-1]:
            self.cells[-1][-1] += data.strip()

    def named(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def send(client, kind, *, files, query="", **fields):
    """Send a form as browsers do: a field that no file was chosen in has an empty name and nothing inside."""
    body = b""
    for name, value in fields.items():
        body += f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, (file, content) in files.items() if isinstance(files, dict) else files:
        shown = file.replace('"', "%22")
        body += f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"; filename="{shown}"\r\n'.encode()
        body += b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    body += f"--{EDGE}--\r\n".encode()
    headers = OWN | {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
    return client.post(f"/uploads/{kind}{query}", content=body, headers=headers, follow_redirects=False)


def the_end(client, answer):
    """The page of an upload that was taken, when it is over."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("http://testserver/uploads/")
    until = time.monotonic() + LONG
    while True:
        page = client.get(answer.headers["location"])
        assert page.status_code == 200
        if "<progress" not in page.text:
            return page
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture
def jobs(tmp_path):
    """Jobs that are over, of no process."""
    folder = JobFolder(UploadSettings(directory=tmp_path / "jobs"))
    (tmp_path / "jobs").mkdir()

    def kept(**said):
        job = Job(
            **{
                "id": f"{len(list(folder.path.iterdir())):032x}",
                "kind": JobKind.ROUND,
                "status": JobStatus.REFUSED,
                "created": dt.datetime(2026, 11, 23, 4, 5, tzinfo=dt.UTC),
                "finished": dt.datetime(2026, 11, 23, 4, 6, tzinfo=dt.UTC),
                "files": ["B1.xlsx"],
            }
            | said
        )
        (folder.path / job.id).mkdir()
        (folder.path / job.id / "job.json").write_text(job.model_dump_json(), encoding="utf-8")
        (folder.path / job.id / "lock").touch()
        return job.id

    return kept


@pytest.fixture
def pages(tmp_path):
    """A service without a release."""
    app = create_app(
        ApiSettings(store=str(tmp_path / "releases"), follow_s=0),
        auth=AuthSettings(tokens=tmp_path / "none.json"),
        uploads=UploadSettings(directory=tmp_path / "jobs"),
        is_local=True,
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def finding(severity="error", **said):
    blank = dict.fromkeys(("file", "layer", "row", "column", "value", "suggestion"))
    return JobFinding(
        **(blank | {"severity": severity, "code": "not_a_count", "message": "it is no count"} | said)
    )


# Real uploads


@TOGETHER
def test_a_broken_round_shows_where_it_is_broken_and_a_good_one_is_published(made, service, tmp_path):
    client = service.client
    form = client.get("/uploads/new?lang=ru")
    assert form.status_code == 200
    key = re.search(r'name="key" value="([^"]+)"', form.text)[1]
    book = openpyxl.load_workbook(made.folder / "B2.xlsx")
    sheet = book.worksheets[0]
    (column,) = [cell.column for cell in sheet[1] if str(cell.value).endswith("labour_migrants_individuals")]
    sheet.cell(3, column).value = EVIL
    book.save(tmp_path / "B2.xlsx")

    def files(b2):
        return [
            ("files", ("B1.xlsx", (made.folder / "B1.xlsx").read_bytes())),
            ("files", ("B2.xlsx", b2.read_bytes())),
            ("villages", ("", b"")),
            ("crosswalk", ("", b"")),
        ]

    said = {"number": "3", "country": "KAZ", "key": key}
    page = the_end(
        client, send(client, "rounds", query="?lang=ru", files=files(tmp_path / "B2.xlsx"), **said)
    )
    assert "отклонено" in page.text
    assert EVIL not in page.text
    head, first, *_ = Page(page.text).cells
    assert len(head) == len(first) == 9
    assert first[0] == "ошибка"
    assert first[1] == "not_a_count"
    assert first[3] == "B2.xlsx"
    assert first[5:8:2] == ["3", EVIL]
    assert service.is_unchanged()
    job = re.search(r"/uploads/([0-9a-f]{32})/findings\.csv", page.text)[1]
    only = client.get(f"/uploads/{job}?severity=warning")
    assert "not_a_count" not in only.text
    file = client.get(f"/uploads/{job}/findings.csv")
    assert file.headers["content-disposition"] == f'attachment; filename="findings-{job[:8]}.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert (rows[0]["row"], rows[0]["value"]) == ("3", EVIL)
    # The same form with other files is another upload; sent twice by a double click it is one.
    with held(service.jobs):
        answers = [send(client, "rounds", files=files(made.folder / "B2.xlsx"), **said) for _ in range(2)]
        waiting = client.get(answers[0].headers["location"])
    assert len({one.headers["location"] for one in answers}) == 1
    assert job not in answers[0].headers["location"]
    assert '<noscript><meta http-equiv="refresh"' in waiting.text
    assert "refresh=no" in waiting.text
    page = the_end(client, answers[0])
    assert "It is published" in page.text
    with open_store(service.store).open() as release:
        assert release.manifest.id in page.text
        assert release.manifest.round.number == 3
    # A service may take a moment to see what was published.
    for _ in range(50):
        if 'value="4"' in (form := client.get("/uploads/new").text):
            break
        time.sleep(0.1)
    assert 'value="4"' in form


@TOGETHER
def test_a_box_asks_for_a_check_only(service):
    file = {"file": ("sites.geojson", GOOD)}
    said = {"service": "hospital", "crs": "", "attribution": "Synthetic, new", "key": "k"}
    for more, is_check in (({"check_only": "true"}, True), ({}, False)):
        with held(service.jobs):
            taken = send(service.client, "facilities", files=file, **said, **more)
            job = taken.headers["location"][-32:]
            assert service.client.get(f"/jobs/{job}").json()["check_only"] == is_check
            kill(job)
        page = the_end(service.client, taken)
        assert "It did not work, for another reason than the data." in page.text


def test_the_end_of_a_check_says_that_nothing_was_published(pages, jobs):
    page = pages.get(f"/uploads/{jobs(status='done', check_only=True)}").text
    assert "It could be published. As you asked, nothing was." in page
    assert "Send again" in page


# What is refused


@TOGETHER
def test_what_cannot_be_taken_is_said_on_the_form_with_what_was_entered(service):
    client, good = service.client, {"file": ("sites.geojson", GOOD)}

    def refused(answer, status, anchor):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert 'role="alert"' in answer.text
        page = Page(answer.text)
        ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
        assert len(ids) == len(set(ids))
        if anchor:
            assert anchor in ids
            assert f'href="#{anchor}"' in answer.text
            wrong = [attrs["id"] for _, attrs in page.elements if attrs.get("aria-invalid") == "true"]
            assert wrong == [anchor]
        return answer.text

    named = {"service": "school", "crs": EVIL, "licence": '"><b>'}
    text = refused(send(client, "facilities", files=good, **named), 400, "facilities-crs")
    assert '<option value="school" selected>' in text
    assert 'value="&#34;&gt;&lt;b&gt;"' in text
    assert EVIL not in text
    refused(send(client, "facilities", files=good, service="nothing"), 400, "facilities-service")
    refused(send(client, "facilities", files=good), 400, "facilities-service")
    refused(send(client, "facilities", files={"file": ("", b"")}, service="school"), 400, "facilities-file")
    name = f"{EVIL}.exe"
    assert EVIL not in refused(
        send(client, "facilities", files={"file": (name, b"x")}, service="school"), 400, "facilities-file"
    )
    refused(
        send(client, "rounds", files={"villages": ("v.csv", b"")}, number="3", country="KAZ"),
        400,
        "round-files",
    )
    sheet = {"files": ("B1.csv", b"a\n1\n")}
    refused(send(client, "rounds", files=sheet, number="0", country="KAZ"), 400, "round-number")
    refused(send(client, "rounds", files=sheet, number="4", country="XYZ"), 400, "round-country")
    refused(send(client, "rounds", files=sheet, number="4", country="KAZ", role="editor"), 400, None)
    plain = client.post("/uploads/rounds", data={"number": "3"}, headers=OWN)
    refused(plain, 415, None)
    client.app.state.uploads = UploadSettings(directory=service.jobs, max_bytes=1_000)
    refused(send(client, "facilities", files={"file": ("a.csv", b"x" * 2_000)}, service="school"), 413, None)
    above = send(client, "facilities", files={"file": ("a.csv", b"x" * 52_000_000)}, service="school")
    assert (above.status_code, above.headers["content-type"]) == (413, "text/html; charset=utf-8")
    with held(service.jobs):
        client.app.state.uploads = UploadSettings(directory=service.jobs, max_waiting=1)
        first = send(client, "facilities", files=good, service="school")
        text = refused(send(client, "facilities", files=good, service="school", query="?lang=kk"), 503, None)
        kill(first.headers["location"][-32:])
    assert "Ештеңе өзгерген жоқ" in text
    the_end(client, first)


@TOGETHER
@pytest.mark.parametrize("role", [Role.PUBLIC, Role.ANALYST])
def test_pages_for_uploads_are_for_editors(service, jobs, role):
    job = jobs(findings=[finding(value="a secret")])
    with served(service.store, service.jobs, role) as other:
        for url in (
            "/uploads/new",
            f"/uploads/{job}",
            f"/uploads/{job}/findings.csv",
            f"/uploads/{'0' * 32}",
        ):
            for answer in (other.client.get(url), other.client.get(url, headers={"Accept-Language": "ru"})):
                assert answer.status_code == 403
                assert "/sign-in?next=/uploads/" in answer.text
                assert "a secret" not in answer.text
                assert answer.headers["cache-control"] == "no-store"
            assert other.client.head(url).status_code == 403
        for kind in ("rounds", "facilities"):
            answer = send(other.client, kind, files={"file": ("sites.geojson", GOOD)}, service="school")
            assert answer.status_code == 403
            assert "This is for editors" in answer.text
    assert not [one for one in service.jobs.glob("*") if one.name != job]


# What became of it


def test_nothing_that_was_sent_is_read_as_html(pages, jobs):
    evil = dict.fromkeys(("message", "file", "layer", "column", "value", "suggestion", "code"), EVIL)
    job = jobs(status="failed", files=[EVIL], detail=EVIL, findings=[finding(row=1_234, **evil)])
    for lang in Language:
        page = pages.get(f"/uploads/{job}?lang={lang}")
        assert page.status_code == 200
        assert "<img" not in page.text
        assert page.text.count("&lt;img") == 8
    running = jobs(status="running", step=f"reading {EVIL}", finished=None)
    # Nobody works on it: so it has failed.
    assert "<img" not in pages.get(f"/uploads/{running}").text


@pytest.mark.parametrize(
    "path", ["x", "0" * 31, "0" * 33, "..%2f..%2fetc", "%3Cscript%3E", "0" * 32, f"{'0' * 32}/x"]
)
def test_an_upload_that_is_none_is_a_page_that_says_so(pages, path):
    for url in (f"/uploads/{path}", f"/uploads/{path}/findings.csv"):
        answer = pages.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<script" not in answer.text
        assert "There is nothing here" in answer.text


def test_the_table_counts_filters_and_speaks_the_language(pages, jobs):
    both = [
        finding(row=1_234, message_ru="это не число", suggestion="give a number"),
        finding("warning", code="outlier", message="far more than before"),
        finding("warning", code="of_tomorrow"),
    ]
    job = jobs(findings=both, findings_left_out=2_000)
    page = pages.get(f"/uploads/{job}?lang=ru").text
    assert "это не число" in page
    assert '<td lang="en">far more than before</td>' in page
    assert '<td lang="en">give a number</td>' in page
    for said in ("все: 3", "ошибки: 1", "предупреждения: 2", "2 000", "1 234"):
        assert said in page.replace("\xa0", " ").replace("\u202f", " "), said
    assert 'href="http://127.0.0.1/uploads/findings?lang=ru#not_a_count"' in page
    # A code of a later version has no explanation here.
    assert "#of_tomorrow" not in page
    errors = Page(pages.get(f"/uploads/{job}?lang=ru&severity=error").text)
    assert [row[1] for row in errors.cells[1:]] == ["not_a_count"]
    assert [one["aria-current"] for one in errors.named("a") if "aria-current" in one] == ["true", "true"]
    assert pages.get(f"/uploads/{job}?severity=all").status_code == 400
    none = pages.get(f"/uploads/{jobs(status='done', release='a' * 32)}?severity=error").text
    assert "Nothing is wrong or doubtful." in none


def test_a_spreadsheet_runs_nothing_of_a_file_of_findings(pages, jobs):
    values = ("=HYPERLINK(1)", "+1+1", "-2", "@x", "-2+cmd", "7", "\t=1", "plain")
    job = jobs(findings=[finding(value=one) for one in values])
    content = pages.get(f"/uploads/{job}/findings.csv").content
    assert content.startswith(b"\xef\xbb\xbfseverity,code,message,file,layer,row,column,value,suggestion\r\n")
    found = [one["value"] for one in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    assert found == ["'=HYPERLINK(1)", "'+1+1", "-2", "'@x", "'-2+cmd", "7", "'\t=1", "plain"]


# Words


def test_the_package_explains_the_codes_as_the_documentation_does():
    there = Path(meanings.__file__).with_name("findings.md").read_text(encoding="utf-8")
    documented = Path(__file__).parents[1] / "docs" / "findings.md"
    assert there == documented.read_text(encoding="utf-8"), "cp docs/findings.md geo_service/web/uploads/"
    assert meanings.known_codes() == {one.value for one in FindingCode}


def test_the_codes_are_explained_to_everybody(pages):
    page = Page(pages.get("/uploads/findings").text)
    ids = [one["id"] for one in page.named("code") if "id" in one]
    assert len(ids) == len(set(ids))
    assert set(ids) == {one.value for one in FindingCode}


def test_every_sentence_is_there_in_three_languages_with_the_same_places():
    for one in (FORM, FIELDS, JOB, OUTCOMES, STATUSES, STEPS):
        for name, said in one.items():
            places = [set(re.findall(r"\{\w+\}", getattr(said, lang))) for lang in Language]
            assert places[0] == places[1] == places[2] or name == "in_english", name
            assert said.ru
            assert said.kk


def test_each_field_of_the_forms_has_a_label_and_each_list_is_in_order(pages):
    for lang in Language:
        text = pages.get(f"/uploads/new?lang={lang}").text
        page = Page(text)
        labelled = {one["for"] for one in page.named("label")}
        fields = [*page.named("select"), *(one for one in page.named("input") if one.get("type") != "hidden")]
        assert {one["id"] for one in fields} == labelled
        described = {part for one in fields for part in one.get("aria-describedby", "").split()}
        assert described <= {attrs.get("id") for _, attrs in page.elements}
        assert "style=" not in text
        assert page.named("html")[0]["lang"] == lang.value
    names = re.findall(r'<option value="[A-Z]{3}">([^<]+)', text)
    assert len(names) > 200
    assert names.index("Қазақстан") < names.index("Лаос") < names.index("Ямайка")
