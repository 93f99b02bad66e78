"""What a job does and how it ends, asked in this process; `test_uploads` has the same in processes of their own."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from uploads import made, sites

from geo_service.api.writing import run
from geo_service.api.writing.base import current_base, units_of
from geo_service.api.writing.jobs import JobFolder
from geo_service.api.writing.models import JobKind, JobStatus
from geo_service.api.writing.work import Work, facilities_release, round_release
from geo_service.errors import BusyError, FindingsError, InputError, NotFoundError, OutputError, StoreError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings, UploadSettings

__all__ = ["made"]

TOGETHER = pytest.mark.xdist_group("uploads")
FIELDS = {"check_only": False, "service": "hospital", "number": 3, "country": "KAZ"}


# How it ends


def begun(tmp_path):
    jobs = JobFolder(UploadSettings(directory=tmp_path / "jobs"))
    with jobs.incoming() as incoming:
        (incoming.files / "a.geojson").write_text("{}")
        task = {"files": {"file": ["a.geojson"]}, "check_only": False}
        return jobs, jobs.begin(incoming, JobKind.FACILITIES, task, ["a.geojson"])


def ended(tmp_path, monkeypatch, work):
    """The job after its work was `work`."""
    jobs, job = begun(tmp_path)
    monkeypatch.setattr(run, "_limit", lambda _: None)
    monkeypatch.setattr(run, "facilities_release", work)
    monkeypatch.setattr(run.tempfile, "tempdir", None)
    run._Run(jobs, job.id).do()
    told = jobs.job(job.id)
    assert {one.name for one in (jobs.path / job.id).iterdir()} == {"job.json", "lock"}
    return told


def raising(error, step="reading"):
    def work(work):
        (work.scratch / "left").write_text("x")
        work.tell(step)
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (
            run._TooLong(),
            "failed",
            "it took longer than 600 s, which is all it may, and nothing was changed; send it again",
        ),
        (
            MemoryError(),
            "failed",
            "it takes more memory than it may have, and nothing was changed; send it again",
        ),
        (BusyError("x"), "failed", "somebody else was publishing at the same time, and nothing was changed"),
        (StoreError("/secret"), "failed", "the store of releases cannot be used at this moment, and nothing"),
        (
            OutputError("/secret"),
            "failed",
            "the store of releases cannot be used at this moment, and nothing",
        ),
        (InputError("there is no release"), "refused", "there is no release"),
        (InputError(""), "refused", "the data cannot be used"),
    ],
)
def test_a_job_that_cannot_be_done_says_why(tmp_path, monkeypatch, error, status, detail):
    job = ended(tmp_path, monkeypatch, raising(error))
    assert (job.status, job.step, job.release) == (status, None, None)
    assert job.detail.startswith(detail)
    assert job.finished is not None


@pytest.mark.parametrize("error", [run._TooLong(), MemoryError(), StoreError("x")])
def test_who_is_stopped_while_publishing_does_not_say_that_nothing_was_changed(tmp_path, monkeypatch, error):
    job = ended(tmp_path, monkeypatch, raising(error, "publishing: current"))
    assert job.status is JobStatus.FAILED
    assert "while the release was being published; look whether it is the current one" in job.detail


def test_what_nobody_expected_is_in_the_log_and_not_in_the_answer(tmp_path, monkeypatch):
    jobs, job = begun(tmp_path)
    monkeypatch.setattr(run, "_limit", lambda _: None)
    # The process of the tests is no job's: it may have taken more than a job may.
    monkeypatch.setattr(run, "_peak", lambda: 0)
    monkeypatch.setattr(run, "facilities_release", raising(ZeroDivisionError("/secret")))
    monkeypatch.setattr(run.tempfile, "tempdir", None)
    with pytest.raises(ZeroDivisionError):
        run._Run(jobs, job.id).do()
    told = jobs.job(job.id)
    assert told.status is JobStatus.FAILED
    assert told.detail.startswith("something went wrong here, and nothing was changed")


def test_a_job_that_is_done_names_its_release_and_what_was_doubtful(tmp_path, monkeypatch):
    def work(work):
        place = Place(str(work.inputs["file"][0]))
        for at in range(1_100):
            work.findings.warning(FindingCode.READER_WARNING, f"{place.file} {at}", place, row=at)
        (Path(run.tempfile.gettempdir()) / "left").write_text("x")
        return "a" * 32

    job = ended(tmp_path, monkeypatch, work)
    assert (job.status, job.release, job.detail) == (JobStatus.DONE, "a" * 32, None)
    assert (len(job.findings), job.findings_left_out) == (1_000, 100)
    assert (job.findings[7].message, job.findings[7].file) == ("a.geojson 7", "a.geojson")


def test_findings_name_files_and_fields_and_no_folders(tmp_path, monkeypatch):
    def work(work):
        file = work.inputs["file"][0]
        findings = Findings()
        findings.warning(
            FindingCode.READER_WARNING, f"GDAL says: /vsizip/{file.absolute()}/b.shp", Place(str(file))
        )
        remedy = "Give one such as --encoding utf-8 or --encoding cp1251"
        findings.error(
            FindingCode.WRONG_ENCODING, "the text is not utf-8", Place(str(file)), suggestion=remedy
        )
        raise FindingsError(findings)

    job = ended(tmp_path, monkeypatch, work)
    assert job.status is JobStatus.REFUSED
    assert [one.severity for one in job.findings] == ["error", "warning"]
    assert job.findings[0].suggestion == "Give one such as encoding utf-8 or encoding cp1251"
    assert job.findings[1].message == "GDAL says: a.geojson/b.shp"
    assert str(tmp_path) not in job.model_dump_json()


def test_the_time_of_a_job_ends_what_it_does(monkeypatch):
    monkeypatch.setattr(run.resource, "setrlimit", lambda *_: None)
    kept = signal.getsignal(signal.SIGALRM)
    try:
        run._limit(UploadSettings(max_s=0.05))
        with pytest.raises(run._TooLong):
            time.sleep(10)
    finally:
        run._no_limit()
        signal.signal(signal.SIGALRM, kept)


def test_main_does_the_job_that_it_is_told(tmp_path, monkeypatch):
    jobs, job = begun(tmp_path)
    monkeypatch.setattr(run, "_limit", lambda _: None)
    monkeypatch.setattr(run, "facilities_release", lambda _: None)
    monkeypatch.setattr(run.tempfile, "tempdir", None)
    run.main(str(jobs.path), job.id)
    assert jobs.job(job.id).status is JobStatus.DONE
    with pytest.raises(NotFoundError):
        jobs.job("../" + job.id[3:])


# What it does


def work(made, store, files=None, **fields):
    steps = []
    inputs = files or {"file": [made.folder / "hospital.geojson"]}
    return Work(str(store), inputs, FIELDS | fields, made.folder / "none", Findings(), steps.append)


@TOGETHER
def test_facilities_without_a_release_are_refused(made, tmp_path):
    with pytest.raises(InputError, match="there is no release to change; send a round first"):
        facilities_release(work(made, tmp_path))
    assert current_base(FolderStore(ReleaseSettings(directory=tmp_path))) is None


@TOGETHER
def test_a_round_of_a_country_whose_units_nobody_knows_is_refused(made, tmp_path):
    with pytest.raises(InputError, match="no admin units are known for UZB"):
        round_release(work(made, tmp_path, country="UZB"))


@TOGETHER
def test_the_units_that_ship_come_with_whom_to_name(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_BOUNDARIES_DIRECTORY", str(tmp_path))
    units, (source,) = units_of("KAZ", Findings())
    assert (len(units), source.rows, source.name, source.role) == (20, 20, "kaz-adm1", "boundaries")
    assert "OCHA" in source.attribution


@TOGETHER
def test_villages_and_a_crosswalk_that_are_sent_are_read_before_the_round(made, tmp_path):
    villages = made.survey.villages[["village_id", "village_name", "households", "geometry"]]
    villages.to_file(tmp_path / "villages.gpkg")
    (tmp_path / "crosswalk.csv").write_text("nothing,of,use\n1,2,3\n")
    files = {
        "files": [made.folder / "B1.xlsx", made.folder / "B2.xlsx"],
        "villages": [tmp_path / "villages.gpkg"],
        "crosswalk": [tmp_path / "crosswalk.csv"],
    }
    with pytest.raises(FindingsError) as raised:
        round_release(work(made, made.store, files))
    assert {one.file for one in raised.value.findings.errors} == {str(tmp_path / "crosswalk.csv")}


@TOGETHER
def test_facilities_are_read_with_what_the_form_says(made, tmp_path):
    table = sites(3).drop(columns="geometry").assign(x=61.0, y=[50.1, 50.2, 50.3])
    table.to_csv(tmp_path / "t.csv", sep=";", index=False, encoding="cp1251")
    asked = work(
        made, made.store, {"file": [tmp_path / "t.csv"]}, lon="x", lat="y", encoding="cp1251", check_only=True
    )
    assert facilities_release(asked) is None
    assert not asked.findings.errors
