"""The process of one job: `python -m geo_service.api.writing.run FOLDER JOB`.

A process of its own can be ended when it takes too long, may have no more memory than it is given, opens no files but those of the
formats that are taken, and takes nobody down with it.
"""

from __future__ import annotations

import logging
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from geo_service.api.writing.jobs import INPUT, JobFolder
from geo_service.api.writing.models import Job, JobFinding, JobKind, JobStatus
from geo_service.errors import BusyError, FindingsError, GeoServiceError, StoreError
from geo_service.findings import Finding, Findings
from geo_service.settings import ApiSettings, UploadSettings

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]

_MOST_FINDINGS = 1_000
_GRACE_S = 15
_LOG = logging.getLogger("geo_service.jobs")


class _TooLongError(Exception):
    """The time of the job is over."""


def main() -> None:
    """Do the job and write down how it ended; the exit status is 0 however it ended."""
    folder, job_id = Path(sys.argv[1]), sys.argv[2]
    settings = UploadSettings(directory=folder)
    jobs = JobFolder(settings)
    job = jobs.job(job_id)
    findings = Findings()
    scratch = Path(tempfile.mkdtemp(dir=folder / job_id, prefix="scratch-"))
    # Whatever libraries write for the moment goes with the job.
    tempfile.tempdir = str(scratch)
    resource.setrlimit(resource.RLIMIT_AS, (settings.max_memory, settings.max_memory))
    try:
        job = jobs.update(job, status=JobStatus.WAITING, step="waiting for others")
        with jobs.turn():
            _limit(settings.max_s)
            job = jobs.update(job, status=JobStatus.RUNNING, step="reading")
            release = _work(jobs, job, scratch, findings)
            signal.alarm(0)
        outcome: dict[str, Any] = {"status": JobStatus.DONE, "release": release}
    except FindingsError as error:
        findings = error.findings
        outcome = {"status": JobStatus.REFUSED, "detail": "the data have errors; nothing was published"}
    except _TooLongError:
        outcome = _failed(
            f"it took longer than {settings.max_s:g} s, and nothing was changed; send less at once"
        )
    except MemoryError:
        outcome = _failed("it takes more memory than it may have, and nothing was changed; send less at once")
    except BusyError:
        outcome = _failed("somebody else is publishing, and nothing was changed; send it again later")
    except StoreError:
        _LOG.exception("job %s", job_id)
        outcome = _failed("the store of releases cannot be used at this moment, and nothing was changed")
    except GeoServiceError as error:
        outcome = _failed(_without_folders(str(error), folder))
    except Exception:
        _LOG.exception("job %s", job_id)
        outcome = _failed("something went wrong here, and nothing was changed; the log has more")
    finally:
        signal.alarm(0)
        shutil.rmtree(scratch, ignore_errors=True)
    listed = sorted(findings, key=lambda one: one.severity.value)
    jobs.finish(
        job,
        **outcome,
        findings=[_told(one) for one in listed[:_MOST_FINDINGS]],
        findings_left_out=max(0, len(listed) - _MOST_FINDINGS),
    )


def _work(jobs: JobFolder, job: Job, scratch: Path, findings: Findings) -> str | None:
    # Only now: it takes a second, during which the job is already known to wait.
    from geo_service.api.writing.work import facilities_release, round_release  # noqa: PLC0415

    task = jobs.task(job.id)
    inputs = {field: [jobs.inputs(job.id) / name for name in names] for field, names in task["files"].items()}
    release = {JobKind.ROUND: round_release, JobKind.FACILITIES: facilities_release}[job.kind]

    def tell(step: str) -> None:
        jobs.update(job, status=JobStatus.RUNNING, step=step)

    return release(ApiSettings().store, inputs, task, scratch=scratch, findings=findings, tell=tell)


def _limit(seconds: float) -> None:
    def too_long(_: int, __: FrameType | None) -> None:
        # A second time nobody waits for anything to be cleaned.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_GRACE_S)
        raise _TooLongError

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _failed(detail: str) -> dict[str, Any]:
    return {"status": JobStatus.FAILED, "detail": detail}


def _told(finding: Finding) -> JobFinding:
    return JobFinding(
        severity=finding.severity.value,
        code=finding.code.value,
        message=finding.message,
        file=finding.file and PurePath(finding.file).name,
        layer=finding.layer,
        row=finding.row,
        column=finding.column,
        value=finding.value,
        suggestion=finding.suggestion,
    )


def _without_folders(message: str, folder: Path) -> str:
    """A message as it may be told: uploaded files by their names."""
    for one in sorted(folder.glob(f"*/{INPUT}"), key=str, reverse=True):
        message = message.replace(f"{one}/", "")
    return message.replace(str(folder), "")


if __name__ == "__main__":
    logging.basicConfig()
    main()
