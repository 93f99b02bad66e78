"""What the process of one job does.

A process of its own can be ended when it takes too long, may have no more memory than it is given, opens no files but those of the
formats that are taken, and takes nobody down with it.
"""

from __future__ import annotations

import faulthandler
import logging
import re
import resource
import signal
import tempfile
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from geo_service.api.writing.jobs import JobFolder, after
from geo_service.api.writing.models import NOT_CHANGED, JobFinding, JobKind, JobStatus
from geo_service.api.writing.work import Work, facilities_release, round_release
from geo_service.errors import (
    BusyError,
    FindingsError,
    GeoServiceError,
    MissingExtraError,
    OutputError,
    StoreError,
)
from geo_service.findings import Finding, Findings
from geo_service.settings import ApiSettings, UploadSettings
from geo_service.vocabulary import Language
from geo_service.wording import Worded

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]

_MOST_FINDINGS = 1_000
_GRACE_S = 15
_NEARLY = 0.8
"""Of what may be had: an allocation that was refused is not in the peak."""
_LOG = logging.getLogger("geo_service.jobs")


class _TooLong(BaseException):
    """The time of the job is over."""


def main(folder: str, job_id: str) -> None:
    """Do a job, whose turn it is, and write down how it ended.

    Args:
        folder: Where jobs are.
        job_id: The job.
    """
    logging.basicConfig()
    _Run(JobFolder(UploadSettings(directory=Path(folder))), job_id).do()


class _Run:
    """One job from its turn to its end."""

    def __init__(self, jobs: JobFolder, job_id: str) -> None:
        self._jobs = jobs
        self._job = jobs.as_told(job_id)
        self._findings = Findings()

    def do(self) -> None:
        outcome: dict[str, Any] | None = None
        try:
            outcome = {"status": JobStatus.DONE, "release": self._release()}
        except FindingsError as error:
            self._findings = error.findings
            outcome = _refused("the data have errors, and nothing was published; each is in `findings`")
        except _TooLong:
            seconds = self._jobs.settings.max_s
            outcome = self._failed(f"it took longer than {seconds:g} s, which is all it may")
        except MemoryError:
            outcome = self._failed("it takes more memory than it may have")
        except BusyError:
            outcome = _failed(f"somebody else was publishing at the same time{NOT_CHANGED}")
        except (StoreError, OutputError, MissingExtraError):
            _LOG.exception("job %s", self._job.id)
            outcome = self._failed("the store of releases cannot be used at this moment")
        except GeoServiceError as error:
            outcome = _refused(self._plain(str(error)) or "the data cannot be used")
        finally:
            # Of what nobody expected, the interpreter's last words go to the log.
            _no_limit()
            self._finish(outcome or self._failed(self._unexpected()))

    def _unexpected(self) -> str:
        """Libraries have many words for there being no memory left: how much was taken says it."""
        if _peak() > _NEARLY * self._jobs.settings.max_memory:
            return "it takes more memory than it may have"
        return "something went wrong here"

    def _release(self) -> str | None:
        self._tell("beginning")
        _limit(self._jobs.settings)
        scratch = self._jobs.scratch(self._job.id)
        # Whatever libraries write for the moment goes with the job.
        tempfile.tempdir = str(scratch)
        task = self._jobs.task(self._job.id)
        there = self._jobs.inputs(self._job.id)
        inputs = {field: [there / name for name in names] for field, names in task["files"].items()}
        work = Work(ApiSettings().store, inputs, task, scratch, self._findings, self._tell)
        return {JobKind.ROUND: round_release, JobKind.FACILITIES: facilities_release}[self._job.kind](work)

    def _tell(self, step: str) -> None:
        self._job = self._jobs.update(self._job, status=JobStatus.RUNNING, step=step)

    def _failed(self, why: str) -> dict[str, Any]:
        return _failed(after(self._job, why))

    def _finish(self, outcome: dict[str, Any]) -> None:
        listed = [*self._findings.errors, *self._findings.warnings]
        self._jobs.finish(
            self._job,
            **outcome,
            findings=[self._told(one) for one in listed[:_MOST_FINDINGS]],
            findings_left_out=max(0, len(listed) - _MOST_FINDINGS),
        )

    def _told(self, finding: Finding) -> JobFinding:
        return JobFinding(
            severity=finding.severity.value,
            code=finding.code.value,
            message=self._plain(finding.message) or "",
            file=finding.file and PurePath(finding.file).name,
            layer=finding.layer,
            row=finding.row,
            column=finding.column,
            value=finding.value,
            suggestion=self._plain(finding.suggestion),
            **self._in_other_languages(finding),
        )

    def _in_other_languages(self, finding: Finding) -> dict[str, str | None]:
        said: dict[str, str | None] = {}
        for name in ("message", "suggestion"):
            text = getattr(finding, name)
            if isinstance(text, Worded):
                said |= {
                    f"{name}_{one}": self._plain(text.in_language(one)) for one in (Language.RU, Language.KK)
                }
        return said

    def _plain(self, message: str | None) -> str | None:
        """A message as it may be told: uploaded files by their names, and fields of the form for options of the command line."""
        if message is None:
            return None
        for there in (self._jobs.inputs(self._job.id), self._jobs.inputs(self._job.id).absolute()):
            message = message.replace(f"/vsizip/{there}/", "").replace(f"{there}/", "")
        message = message.replace(str(self._jobs.path), "")
        message = re.sub(r"'?[^\s']+\|layername=([^']+)'?", r"layer=\1", message)
        return re.sub(r"(?<![\w-])--(?=[a-z])", "", message)


def _limit(settings: UploadSettings) -> None:
    def too_long(_: int, __: FrameType | None) -> None:
        raise _TooLong

    # A library that is at work hears no signal: this ends it all the same.
    faulthandler.dump_traceback_later(settings.max_s + _GRACE_S, exit=True)
    resource.setrlimit(resource.RLIMIT_AS, (settings.max_memory, settings.max_memory))
    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, settings.max_s)


def _no_limit() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    faulthandler.cancel_dump_traceback_later()


def _peak() -> int:
    """The most bytes of addresses that this process has had; 0 where that cannot be known."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmPeak:"):
                return int(line.split()[1]) * 1024
    return 0


def _failed(why: str) -> dict[str, Any]:
    return {"status": JobStatus.FAILED, "detail": why}


def _refused(why: str) -> dict[str, Any]:
    return {"status": JobStatus.REFUSED, "detail": why}
