"""Uploads that end in a release, or in findings: real files, real processes."""

from __future__ import annotations

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openpyxl
import pytest
from store_fixtures import IN_POSTGIS, database, server
from uploads import (
    held,
    kill,
    made,
    rows_by_command,
    rows_of,
    send_facilities,
    send_round,
    served,
    service,
    sites,
    the_end,
)

from geo_service.release.stores import copy_release, open_store

__all__ = ["database", "made", "server", "service"]

TOGETHER = pytest.mark.xdist_group("uploads")
GOOD = sites(5, 0.2).to_json().encode()


@TOGETHER
def test_a_round_that_is_sent_gives_the_rows_that_the_command_line_gives(
    made, service, tmp_path, monkeypatch
):
    expected = rows_by_command(made, tmp_path / "command", monkeypatch)
    job = the_end(service.client, send_round(service.client, made.folder))
    assert (job["status"], job["files"], job["detail"]) == ("done", ["B1.xlsx", "B2.xlsx"], None)
    # The command line keeps what was doubtful in the workbooks with the round, and not in the release.
    assert rows_of(service.store) | {"findings": None} == expected | {"findings": None}
    with open_store(service.store).open() as release:
        manifest = release.manifest
    assert manifest.id == job["release"]
    assert {one.role for one in manifest.inputs} == {"round", "facilities"}
    assert manifest.licences == ("Synthetic, of tests",)
    assert "Synthetic data, made for tests." in {note["en"] for note in manifest.notes}
    assert not service.left()


@TOGETHER
def test_a_round_with_errors_answers_where_they_are_and_changes_nothing(made, service, tmp_path):
    for name in ("B1.xlsx", "B2.xlsx"):
        book = openpyxl.load_workbook(made.folder / name)
        if name == "B2.xlsx":
            sheet = book.worksheets[0]
            (column,) = [
                cell.column for cell in sheet[1] if str(cell.value).endswith("labour_migrants_individuals")
            ]
            sheet.cell(3, column).value = "about forty"
        book.save(tmp_path / name)
    answer = send_round(service.client, tmp_path, Prefer="wait=60")
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=60")
    job = the_end(service.client, answer)
    assert job["status"] == "refused"
    found = next(one for one in job["findings"] if one["severity"] == "error")
    assert (found["file"], found["row"], found["code"]) == ("B2.xlsx", 3, "not_a_count")
    assert found["layer"]
    assert found["column"].endswith("labour_migrants_individuals")
    assert found["value"] == "about forty"
    assert job["findings"][0] == found
    assert service.is_unchanged()


@TOGETHER
def test_facilities_are_replaced_once_however_often_a_key_is_sent_and_whatever_becomes_of_the_service(
    service,
):
    def send(content=GOOD, name="new.geojson"):
        return send_facilities(
            service.client,
            name,
            content,
            Idempotency_Key="mine",
            attribution="Synthetic, new",
            licence="CC0-1.0",
        )

    with held(service.jobs):
        with ThreadPoolExecutor(4) as threads:
            answers = [one.result() for one in [threads.submit(send) for _ in range(4)]]
        assert {one.status_code for one in answers} == {202}
        (job_id,) = {one.json()["id"] for one in answers}
        other = send(sites(6).to_json().encode())
        assert (other.status_code, other.json()["parameter"]) == (409, "Idempotency-Key")
        assert send(name="other.geojson").status_code == 409
        asked = service.client.get(f"/jobs/{job_id}")
        assert asked.headers["retry-after"] == "1"
        assert asked.json()["status"] == "waiting"
    with served(service.store, service.jobs) as restarted:
        job = the_end(restarted.client, restarted.client.get(f"/jobs/{job_id}"))
        assert job["status"] == "done", job
        assert send().json() == job
    before, after = entries(service.store)
    assert after.id == job["release"]
    assert after.is_current
    assert {one.name for one in after.manifest.inputs} == {
        "hospital.geojson",
        "school.geojson",
        "new.geojson",
    }
    assert after.manifest.licences == ("Synthetic, of tests", "new.geojson: Synthetic, new (CC0-1.0)")
    assert after.manifest.notes == before.manifest.notes
    changed = {
        name for name, rows in rows_of(service.store).items() if rows != rows_of_entry(before).get(name)
    }
    assert "facilities" in changed
    assert not changed & {"villages", "adm1", "adm2"}
    assert not service.left()


def entries(store):
    return open_store(store).entries()[::-1]


def rows_of_entry(entry):
    return {one.name: one.rows_sha256 for one in entry.manifest.collections}


@TOGETHER
def test_a_check_says_what_it_finds_and_publishes_nothing(service):
    lines = b"id,name,lon,lat\na,Synthetic A,61.5,50.5\na,Synthetic B,62.5,50.5\n,Synthetic C,62.5,\n"
    job = the_end(
        service.client, send_facilities(service.client, "sites.csv", lines, query="?check_only=true")
    )
    assert job["check_only"]
    assert job["release"] is None
    assert {one["code"] for one in job["findings"]} >= {"duplicate_id", "no_geometry"}
    assert {one["file"] for one in job["findings"]} == {"sites.csv"}
    assert service.is_unchanged()


@TOGETHER
def test_what_the_data_lack_is_said_in_words_of_the_form(service):
    with held(service.jobs):
        two = io.BytesIO()
        with zipfile.ZipFile(two, "w") as archive:
            for name in ("a.geojson", "b.geojson"):
                archive.writestr(name, GOOD)
        answer = send_facilities(service.client, "two.zip", two.getvalue())
    job = the_end(service.client, answer)
    assert job["status"] == "refused"
    (finding,) = job["findings"]
    assert finding["suggestion"] == "Name the one you mean: layer=a.geojson"
    assert str(service.jobs) not in json.dumps(job)
    assert service.is_unchanged()


@TOGETHER
def test_a_job_that_is_killed_has_failed_and_the_next_one_works(service):
    with held(service.jobs):
        answer = send_facilities(service.client, "new.geojson", GOOD)
        wait_for_process(answer.json()["id"])
        kill(answer.json()["id"])
        job = the_end(service.client, answer)
    assert job["status"] == "failed"
    assert "ended from outside, or took more memory than it may, and nothing was changed" in job["detail"]
    assert service.is_unchanged()
    working = send_facilities(service.client, "new.geojson", GOOD).json()["id"]
    while service.client.get(f"/jobs/{working}").json()["status"] == "waiting":
        time.sleep(0.02)
    kill(working)
    job = the_end(service.client, service.client.get(f"/jobs/{working}"))
    assert job["status"] == "failed"
    assert service.is_unchanged()
    bad = the_end(service.client, send_facilities(service.client, "bad.geojson", b"{}"))
    assert bad["status"] == "refused"
    assert service.is_unchanged()


def wait_for_process(job_id):
    while not any(job_id.encode() in read(one) for one in Path("/proc").glob("[0-9]*/cmdline")):
        time.sleep(0.01)


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@TOGETHER
@pytest.mark.parametrize(
    ("limits", "why"),
    [({"max_s": 0.001}, "longer than 0.001 s"), ({"max_memory": 300_000_000}, "more memory")],
)
def test_a_job_over_its_limits_has_failed(service, limits, why):
    with served(service.store, service.jobs, **limits) as limited:
        job = the_end(limited.client, send_facilities(limited.client, "new.geojson", GOOD))
        assert job["status"] == "failed"
        assert why in job["detail"]
    assert service.is_unchanged()


@IN_POSTGIS[0]
@IN_POSTGIS[1]
def test_a_store_in_postgis_takes_uploads(made, tmp_path, database):
    with open_store(database) as store:
        copy_release(open_store(made.store), store)
    with served(database, tmp_path / "jobs") as service:
        bad = the_end(service.client, send_facilities(service.client, "bad.geojson", b"{}"))
        assert bad["status"] == "refused"
        assert service.is_unchanged()
        job = the_end(service.client, send_facilities(service.client, "new.geojson", GOOD))
        assert job["status"] == "done", job
        assert not service.left()
    with open_store(database) as store:
        assert store.current() == job["release"]
        assert store.verify(job["release"]) == []
