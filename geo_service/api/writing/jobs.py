"""Jobs on disk: one folder each, which every worker of a service and the process that does the work can see.

```text
jobs/
  <id>/job.json       what is told of it; replaced as a whole
  <id>/task.json      what to do
  <id>/lock           locked for as long as somebody works on it, so that a job whose process died is known
  <id>/input/         the uploaded files; gone when the job ends
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
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from geo_service.api.writing.models import Job, JobKind, JobStatus
from geo_service.errors import BusyError, InputError, NotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.settings import UploadSettings

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has none
    fcntl = None  # type: ignore[assignment]

__all__ = ["INPUT", "JobFolder", "new_id"]

INPUT = "input"

_JOB, _TASK, _LOCK, _KEYS, _TURN, _INCOMING = "job.json", "task.json", "lock", "keys", "turn", "incoming"
_ID = 32
INTERRUPTED = "the work was interrupted, and nothing was changed; send it again"


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(_ID // 2)


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
    def incoming(self) -> Iterator[Path]:
        """A folder for files that are being received; what is left in it when the block ends goes.

        Raises:
            StoreError: It cannot be made.
        """
        folder = self.path / _INCOMING / new_id()
        try:
            for one in (self.path, self.path / _KEYS):
                one.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / INPUT).mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise StoreError(f"{self.path}: uploads cannot be kept: {error.strerror}") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def begin(self, received: Path, kind: JobKind, task: dict[str, Any], files: list[str]) -> tuple[Job, int]:
        """Make a job of received files; returns it and its lock, a descriptor that the worker inherits and the caller closes.

        Raises:
            BusyError: Too many jobs wait.
        """
        waiting = sum(not one.status.is_final for one in self._all())
        if waiting >= self.settings.max_waiting:
            raise BusyError(f"{waiting} uploads wait already; try again later")
        job = Job(
            id=new_id(),
            kind=kind,
            status=JobStatus.WAITING,
            created=_now(),
            files=files,
            check_only=bool(task.get("check_only")),
        )
        (received / _TASK).write_text(json.dumps(task), encoding="utf-8")
        lock = os.open(received / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is None:  # pragma: no cover
                raise StoreError("uploads need locks that this operating system lacks")
            fcntl.flock(lock, fcntl.LOCK_EX)
            _write(received / _JOB, job.model_dump_json())
            received.rename(self.path / job.id)
        except BaseException:
            os.close(lock)
            raise
        return job, lock

    def job(self, job_id: str) -> Job:
        """A job; one whose process died has failed.

        Raises:
            NotFoundError: There is none, or it is over since long ago.
        """
        folder = self._folder(job_id)
        job = self._read(folder)
        if not job.status.is_final and _is_free(folder / _LOCK):
            # It may have ended between the two looks.
            job = self._read(folder)
            if not job.status.is_final:
                job = self.finish(job, JobStatus.FAILED, detail=INTERRUPTED)
        return job

    def task(self, job_id: str) -> dict[str, Any]:
        """What a job has to do."""
        task: dict[str, Any] = json.loads((self._folder(job_id) / _TASK).read_text(encoding="utf-8"))
        return task

    def inputs(self, job_id: str) -> Path:
        """The folder of its uploaded files."""
        return self._folder(job_id) / INPUT

    def update(self, job: Job, **changed: Any) -> Job:
        """Write what is told of a job."""
        job = job.model_copy(update=changed)
        _write(self._folder(job.id) / _JOB, job.model_dump_json())
        return job

    def finish(self, job: Job, status: JobStatus, **changed: Any) -> Job:
        """Write how a job ended; its files go."""
        job = self.update(job, status=status, step=None, finished=_now(), **changed)
        shutil.rmtree(self._folder(job.id) / INPUT, ignore_errors=True)
        return job

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other job works."""
        descriptor = os.open(self.path / _TURN, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

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
                if known["fingerprint"] != fingerprint:
                    raise InputError(
                        "this Idempotency-Key was sent with another upload; use a new key for new data"
                    )
                return job
        return None

    @contextmanager
    def only_one_of(self, key: str) -> Iterator[None]:
        """Be the only one who looks at an idempotency key and takes it."""
        (self.path / _KEYS).mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path / _KEYS / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def take_key(self, key: str, fingerprint: str, job: Job) -> None:
        """Let an idempotency key be that of a job."""
        _write(self._key(key), json.dumps({"job": job.id, "fingerprint": fingerprint}))

    def sweep(self) -> None:
        """Take away what is over for longer than it is kept, and what was never received whole."""
        before = time.time() - self.settings.keep_s
        for folder in (*self._folders(), *(self.path / _INCOMING).glob("*")):
            with suppress(OSError):
                if folder.stat().st_mtime < before and _is_free(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
        for path in (self.path / _KEYS).glob("[0-9a-f]*"):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _all(self) -> list[Job]:
        jobs = []
        for folder in self._folders():
            with suppress(NotFoundError):
                jobs.append(self.job(folder.name))
        return jobs

    def _folders(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        return [one for one in self.path.iterdir() if len(one.name) == _ID and (one / _JOB).exists()]

    def _folder(self, job_id: str) -> Path:
        if len(job_id) == _ID and set(job_id) <= set("0123456789abcdef"):
            return self.path / job_id
        raise NotFoundError("there is no such job")

    def _read(self, folder: Path) -> Job:
        try:
            return Job.model_validate_json((folder / _JOB).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise NotFoundError(
                "there is no such job; what became of one is kept for some time only"
            ) from error

    def _key(self, key: str) -> Path:
        return self.path / _KEYS / hashlib.sha256(key.encode()).hexdigest()


def _is_free(path: Path) -> bool:
    """Whether nobody works there any more."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
