"""Jobs on disk: one folder each, which every worker of a service and the process that does the work can see.

```text
jobs/
  <id>/job.json       what is told of it; replaced as a whole
  <id>/lock           locked for as long as somebody works on it, so that a job whose process died is known
  <id>/task.json      what to do; like the next two gone when the job ends
  <id>/input/         the uploaded files
  <id>/scratch/       what is written for the moment
  incoming/<id>/      files that are being received, locked for as long
  keys/<hash>         the job of an idempotency key
  turn                locked by the one job that works
```
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from geo_service.api.writing.models import NOT_CHANGED, PERHAPS_CHANGED, PUBLISHING, Job, JobKind, JobStatus
from geo_service.api.writing.shared_files import age, is_free, locked, write_whole
from geo_service.errors import BusyError, InputError, NotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.settings import UploadSettings

__all__ = ["INPUT", "SCRATCH", "Incoming", "JobFolder", "after"]

INPUT, SCRATCH = "input", "scratch"

_JOB, _TASK, _LOCK, _KEYS, _TURN, _INCOMING = "job.json", "task.json", "lock", "keys", "turn", "incoming"
_ID = 32
_LEFT_S = 60.0
"""How old what was never received whole is before it goes, in seconds: its lock is made after it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Files on their way to a job.

    Attributes:
        folder: What becomes the job's.
        lock: The descriptor that keeps it locked, which the process of the job inherits.
    """

    folder: Path
    lock: int

    @property
    def files(self) -> Path:
        """Where the files go."""
        return self.folder / INPUT


class JobFolder:
    """All jobs of a service.

    Args:
        settings: Where they are, and for how long.
    """

    def __init__(self, settings: UploadSettings) -> None:
        """Make nothing yet."""
        self.settings = settings
        self.path = settings.directory

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A place for files that are being received; what is left of it when the block ends goes.

        Raises:
            BusyError: As many uploads as may wait are being received.
            StoreError: It cannot be made.
        """
        self.sweep()
        folder = self.path / _INCOMING / _new_id()
        try:
            self._make_folders()
            if sum(not is_free(one / _LOCK) for one in folder.parent.iterdir()) >= self.settings.max_waiting:
                raise BusyError("other uploads are being received; try again later")
            (folder / INPUT).mkdir(parents=True, mode=0o700)
            lock = locked(folder / _LOCK)
        except OSError as error:
            raise StoreError(f"{self.path}: uploads cannot be kept: {error.strerror}") from error
        try:
            yield Incoming(folder, lock)
        finally:
            os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)

    def begin(self, received: Incoming, kind: JobKind, task: dict[str, Any], files: list[str]) -> Job:
        """Make a job of received files. Its lock is that of `received`.

        Raises:
            BusyError: Too many jobs wait.
        """
        waiting = sum(not one.status.is_final for one in self._all())
        if waiting >= self.settings.max_waiting:
            raise BusyError(f"{waiting} uploads wait already; try again later")
        job = Job(
            id=_new_id(),
            kind=kind,
            status=JobStatus.WAITING,
            step="waiting for its turn",
            created=_now(),
            files=files,
            check_only=bool(task.get("check_only")),
        )
        (received.folder / _TASK).write_text(json.dumps(task), encoding="utf-8")
        write_whole(received.folder / _JOB, job.model_dump_json())
        received.folder.rename(self.path / job.id)
        return job

    def job(self, job_id: str) -> Job:
        """A job; one whose process died has failed.

        Raises:
            NotFoundError: There is none, or it is over since long ago.
        """
        lock = self._folder(job_id) / _LOCK
        job = self.as_told(job_id)
        if not job.status.is_final and is_free(lock):
            # It may have ended between the two looks.
            job = self.as_told(job_id)
            if not job.status.is_final:
                job = self.finish(
                    job,
                    JobStatus.FAILED,
                    detail=after(job, "the work was ended from outside, or took more memory than it may"),
                )
        return job

    def as_told(self, job_id: str) -> Job:
        """A job as it was last told, whether or not somebody works on it.

        Raises:
            NotFoundError: As `job`.
        """
        try:
            return Job.model_validate_json((self._folder(job_id) / _JOB).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise NotFoundError(
                "there is no such job; what became of one is kept for some time only"
            ) from error

    def task(self, job_id: str) -> dict[str, Any]:
        """What a job has to do."""
        task: dict[str, Any] = json.loads((self._folder(job_id) / _TASK).read_text(encoding="utf-8"))
        return task

    def inputs(self, job_id: str) -> Path:
        """The folder of its uploaded files."""
        return self._folder(job_id) / INPUT

    def scratch(self, job_id: str) -> Path:
        """A folder for what it writes for the moment, made here."""
        folder = self._folder(job_id) / SCRATCH
        folder.mkdir(mode=0o700)
        return folder

    @property
    def turn(self) -> Path:
        """The file that the one job that works has locked."""
        return self.path / _TURN

    def update(self, job: Job, **changed: Any) -> Job:
        """Write what is told of a job."""
        job = job.model_copy(update=changed)
        write_whole(self._folder(job.id) / _JOB, job.model_dump_json())
        return job

    def finish(self, job: Job, status: JobStatus, **changed: Any) -> Job:
        """Write how a job ended; its files go."""
        folder = self._folder(job.id)
        for name in (INPUT, SCRATCH):
            shutil.rmtree(folder / name, ignore_errors=True)
        with suppress(OSError):
            (folder / _TASK).unlink()
        return self.update(job, status=status, step=None, finished=_now(), **changed)

    def of_key(self, key: str, fingerprint: str) -> Job | None:
        """The job of an idempotency key; null where there is none yet.

        Raises:
            InputError: It was of another upload.
        """
        path = self._key(key)
        with suppress(FileNotFoundError):
            known = json.loads(path.read_text(encoding="utf-8"))
            with suppress(NotFoundError):
                job = self.job(known["job"])
                if known["upload"] != fingerprint:
                    raise InputError(
                        "this Idempotency-Key was sent with another upload; use a new key for new data"
                    )
                return job
        return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who begins a job, and who looks at idempotency keys and takes one."""
        self._make_folders()
        descriptor = locked(self.path / _KEYS / "lock")
        try:
            yield
        finally:
            os.close(descriptor)

    def take_key(self, key: str, fingerprint: str, job: Job) -> None:
        """Let an idempotency key be that of a job."""
        write_whole(self._key(key), json.dumps({"job": job.id, "upload": fingerprint}))

    def sweep(self) -> None:
        """Take away what is over for longer than it is kept, and what was never received whole."""
        now = time.time()
        kept = self.settings.keep_s
        left = min(_LEFT_S, kept)
        old = [one for one in self._folders() if age(one, now) > kept]
        old += [one for one in (self.path / _INCOMING).glob("*") if age(one, now) > left]
        for folder in old:
            if is_free(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)
        for path in (self.path / _KEYS).glob("[0-9a-f]*"):
            if age(path, now) > kept:
                path.unlink(missing_ok=True)

    def _make_folders(self) -> None:
        for one in (self.path, self.path / _KEYS, self.path / _INCOMING):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _all(self) -> list[Job]:
        jobs = []
        for folder in self._folders():
            with suppress(NotFoundError):
                jobs.append(self.job(folder.name))
        return jobs

    def _folders(self) -> list[Path]:
        return [one for one in self.path.glob("*") if len(one.name) == _ID and (one / _JOB).exists()]

    def _folder(self, job_id: str) -> Path:
        if len(job_id) == _ID and set(job_id) <= set("0123456789abcdef"):
            return self.path / job_id
        raise NotFoundError("there is no such job")

    def _key(self, key: str) -> Path:
        return self.path / _KEYS / hashlib.sha256(key.encode()).hexdigest()


def after(job: Job, what: str) -> str:
    """What to tell of a job that ended early: `what`, and whether anything was changed."""
    is_publishing = job.step is not None and job.step.startswith(PUBLISHING)
    return f"{what}{PERHAPS_CHANGED if is_publishing else NOT_CHANGED}"


def _new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(_ID // 2)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
