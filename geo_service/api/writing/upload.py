"""One upload from its request to its job."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from geo_service.api.context import base_url, caller_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.api.writing.jobs import Incoming, JobFolder
from geo_service.api.writing.models import NOT_CHANGED, Job, JobKind, JobStatus
from geo_service.api.writing.receive import receive
from geo_service.api.writing.start import start
from geo_service.errors import BusyError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import Request, Response

    from geo_service.api.writing.receive import Received

__all__ = ["Upload", "jobs_of", "refuse_others"]

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])", re.ASCII)
_LONGEST_WAIT = 60
_POLL_S = 0.1


class Upload:
    """One request that sends files.

    Args:
        request: Of an editor.
        response: Where its headers and status go.
        kind: Of the job.
        key: The idempotency key; null for none.
        prefer: The header `Prefer`; null for none.

    Attributes:
        key: The idempotency key; it may be set as long as no job has begun.

    Raises:
        ProblemError: It is of somebody else.
    """

    def __init__(
        self, request: Request, response: Response, kind: JobKind, key: str | None, prefer: str | None
    ) -> None:
        """Refuse whoever may not."""
        refuse_others(request)
        self._request = request
        self._response = response
        self._kind = kind
        self.key = key
        self._jobs = jobs_of(request)
        match = _PREFER_WAIT.search(prefer or "")
        self._wait = min(int(match[1]), _LONGEST_WAIT) if match else None

    async def into_job(
        self,
        allowed: Mapping[str, tuple[str, ...]],
        task_of: Callable[[Received], dict[str, Any]],
        *,
        check_only: bool = False,
    ) -> Job:
        """Receive the files and begin a job of them, or find that of the idempotency key.

        Args:
            allowed: The suffixes that each field of files may have.
            task_of: What to do with what was received; refuses what does not fit.
            check_only: Whether nothing is to be published, unless `task_of` says it.

        Raises:
            ProblemError: What was sent cannot be taken, or not now.
        """
        try:
            with self._jobs.incoming() as incoming:
                received = await receive(self._request, incoming.files, self._jobs.settings, allowed)
                files = {field: [one.name for one in files] for field, files in received.files.items()}
                task = {"check_only": check_only} | task_of(received) | {"files": files}
                job = await asyncio.to_thread(self._begun, incoming, task, received)
        except BusyError as error:
            raise ProblemError(Problem.BUSY, str(error), headers={"Retry-After": "30"}) from error
        job = await self._waited(job)
        headers = {"Location": f"{base_url(self._request)}/jobs/{job.id}", "Cache-Control": "no-store"}
        if self._wait is not None:
            headers["Preference-Applied"] = f"wait={self._wait}"
        self._response.headers.update(headers)
        if job.status.is_final:
            self._response.status_code = 200
        return job

    def _begun(self, incoming: Incoming, task: dict[str, Any], received: Received) -> Job:
        names = [one for files in task["files"].values() for one in files]
        # The same fields of another service, or only to be checked, are another upload.
        upload = f"{received.fingerprint} {task.get('service')} {task['check_only']}"
        # Of two callers, and of two kinds of upload, keys are two.
        key = self.key and f"{caller_of(self._request).name}\n{self._kind}\n{self.key}"
        with self._jobs.alone():
            try:
                known = self._jobs.of_key(key, upload) if key else None
            except InputError as error:
                raise ProblemError(Problem.CONFLICT, str(error), parameter="Idempotency-Key") from error
            if known is not None:
                return known
            job = self._jobs.begin(incoming, self._kind, task, names)
            if key:
                self._jobs.take_key(key, upload, job)
        try:
            start(job, incoming.lock, self._jobs, self._request.app.state.settings)
        except OSError:
            return self._jobs.finish(job, JobStatus.FAILED, detail=f"it could not be started{NOT_CHANGED}")
        return job

    async def _waited(self, job: Job) -> Job:
        clock = asyncio.get_running_loop()
        until = clock.time() + (self._wait or 0)
        while not job.status.is_final and clock.time() < until:
            await asyncio.sleep(_POLL_S)
            job = await asyncio.to_thread(self._jobs.job, job.id)
        return job


def jobs_of(request: Request) -> JobFolder:
    """The jobs of the app."""
    return JobFolder(request.app.state.uploads)


def refuse_others(request: Request) -> None:
    """Stop whoever is no editor.

    Raises:
        ProblemError: The caller is none.
    """
    if not caller_of(request).role.includes(Role.EDITOR):
        raise ProblemError(
            Problem.FORBIDDEN,
            "only editors send data; ask for a token of the role editor",
            role=Role.EDITOR.value,
        )
