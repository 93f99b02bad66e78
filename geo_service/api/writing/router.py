"""`POST /rounds`, `POST /facilities/{service}`, `GET /jobs/{job}`."""

from __future__ import annotations

import asyncio
import os
import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from geo_service.api.context import base_url, caller_of
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.api.writing.jobs import JobFolder
from geo_service.api.writing.models import Job, JobKind
from geo_service.api.writing.receive import LAYER_SUFFIXES, SURVEY_SUFFIXES, Received, receive
from geo_service.api.writing.start import start
from geo_service.errors import BusyError, InputError
from geo_service.vocabulary import Service, countries

__all__ = ["router"]

router = APIRouter(tags=["writing"])

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])")
_LONGEST_WAIT = 60
_POLL_S = 0.1

_KEY = Header(
    alias="Idempotency-Key",
    description="Any text of your own, new for each upload: sent again with the same upload it answers the same job.",
    min_length=1,
    max_length=200,
)
_PREFER = Header(
    alias="Prefer", description="`wait=30`: answer when the job has ended, or after so many seconds."
)
_CHECK_ONLY = Query(description="Only look for what is wrong, and publish nothing.")

_FILE = {"type": "string", "format": "binary"}


def _form(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


@router.post(
    "/rounds",
    operation_id="post_round",
    status_code=202,
    response_model=Job,
    openapi_extra=_form(
        {
            "files": {"type": "array", "items": _FILE, "description": "What the forms B1 and B2 gave back."},
            "number": {"type": "integer", "minimum": 1, "maximum": 100_000, "description": "Which round."},
            "country": _text("ISO 3166-1 alpha-3, such as KAZ.", pattern="^[A-Z]{3}$"),
            "villages": _FILE | {"description": "The villages that are known, a layer; for matching."},
            "crosswalk": _FILE | {"description": "What a reviewer decided about names, a table."},
        },
        ["files", "number", "country"],
    ),
)
async def post_round(
    request: Request,
    response: Response,
    key: Annotated[str | None, _KEY] = None,
    prefer: Annotated[str | None, _PREFER] = None,
    check_only: Annotated[bool, _CHECK_ONLY] = False,
) -> Job:
    """Send a survey round: it is checked, and where it has no errors a release is made of it, which becomes the current one.

    Facilities, boundaries and options are those of the current release. For editors.
    """
    allowed = {
        "files": SURVEY_SUFFIXES,
        "villages": LAYER_SUFFIXES,
        "crosswalk": (".csv", ".xlsx"),
    }
    upload = _Upload(request, response, JobKind.ROUND, key, prefer)
    return await upload.into_job(allowed, _round_task, check_only=check_only)


@router.post(
    "/facilities/{service}",
    operation_id="post_facilities",
    status_code=202,
    response_model=Job,
    openapi_extra=_form(
        {
            "file": _FILE | {"description": f"A layer or table: {', '.join(LAYER_SUFFIXES)}."},
            "crs": _text("The reference system of a file that names none, such as EPSG:4326."),
            "encoding": _text("Of a CSV or shapefile, such as cp1251."),
            "lon": _text("The column of longitude or easting of a table; else found."),
            "lat": _text("The column of latitude or northing of a table; else found."),
            "id": _text("The column of ids; else found."),
            "name": _text("The column of names; else found."),
            "attribution": _text("Who must be named where the layer is used."),
            "licence": _text("Its licence, such as CC-BY-4.0."),
        },
        ["file"],
    ),
)
async def post_facilities(
    request: Request,
    response: Response,
    service: Annotated[Service, Path(description="Whose facilities are replaced.")],
    key: Annotated[str | None, _KEY] = None,
    prefer: Annotated[str | None, _PREFER] = None,
    check_only: Annotated[bool, _CHECK_ONLY] = False,
) -> Job:
    """Send the facilities of a service: they replace those of the current release in a new one. For editors."""
    upload = _Upload(request, response, JobKind.FACILITIES, key, prefer)
    return await upload.into_job(
        {"file": LAYER_SUFFIXES},
        lambda received: _facilities_task(received) | {"service": service.value},
        check_only=check_only,
        of=service.value,
    )


@router.get("/jobs/{job}", operation_id="job", response_model=Job)
def get_job(
    request: Request,
    response: Response,
    job: Annotated[str, Path(description="Its id.", pattern="^[0-9a-f]{32}$")],
) -> Job:
    """How far an upload is, or how it ended: findings, or the release that was published. For editors."""
    _refuse_others(request)
    found = _jobs(request).job(job)
    response.headers["Cache-Control"] = "no-store"
    if not found.status.is_final:
        response.headers["Retry-After"] = "1"
    return found


class _Upload:
    """One request that sends files."""

    def __init__(
        self, request: Request, response: Response, kind: JobKind, key: str | None, prefer: str | None
    ) -> None:
        _refuse_others(request)
        self.request = request
        self.response = response
        self.kind = kind
        self.key = key
        self.prefer = prefer
        self.jobs = _jobs(request)

    async def into_job(
        self, allowed: dict[str, tuple[str, ...]], task_of: Any, *, check_only: bool, of: str = ""
    ) -> Job:
        await asyncio.to_thread(self.jobs.sweep)
        with self.jobs.incoming() as folder:
            received = await receive(self.request, folder / "input", self.jobs.settings, allowed)
            task = task_of(received) | {
                "check_only": check_only,
                "files": {field: [one.name for one in files] for field, files in received.files.items()},
            }
            fingerprint = f"{received.fingerprint} {of} {check_only}"
            job = await asyncio.to_thread(self._begun, folder, task, received, fingerprint)
        job = await self._waited(job)
        self.response.headers["Location"] = f"{base_url(self.request)}/jobs/{job.id}"
        self.response.headers["Cache-Control"] = "no-store"
        if job.status.is_final:
            self.response.status_code = 200
        return job

    def _begun(self, folder: Any, task: dict[str, Any], received: Received, fingerprint: str) -> Job:
        names = [one.name for files in received.files.values() for one in files]
        if self.key is None:
            return self._started(folder, task, names)
        # Of two callers, and of two kinds of upload, keys are two.
        key = f"{caller_of(self.request).name}\n{self.kind}\n{self.key}"
        with self.jobs.only_one_of(key):
            try:
                known = self.jobs.of_key(key, fingerprint)
            except InputError as error:
                raise ProblemError(Problem.CONFLICT, str(error), parameter="Idempotency-Key") from error
            if known is not None:
                return known
            job = self._started(folder, task, names)
            self.jobs.take_key(key, fingerprint, job)
            return job

    def _started(self, folder: Any, task: dict[str, Any], names: list[str]) -> Job:
        try:
            job, lock = self.jobs.begin(folder, self.kind, task, names)
        except BusyError as error:
            raise ProblemError(Problem.BUSY, str(error), headers={"Retry-After": "30"}) from error
        try:
            start(job, lock, self.request.app.state.settings, self.jobs.settings)
        finally:
            os.close(lock)
        return job

    async def _waited(self, job: Job) -> Job:
        match = _PREFER_WAIT.search(self.prefer or "")
        until = asyncio.get_running_loop().time() + min(int(match[1]) if match else 0, _LONGEST_WAIT)
        while not job.status.is_final and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_POLL_S)
            job = await asyncio.to_thread(self.jobs.job, job.id)
        return job


def _round_task(received: Received) -> dict[str, Any]:
    fields = _only(received, {"number", "country"})
    if not received.files.get("files"):
        raise _missing("files", "send the files of B1 and B2 in the field 'files'")
    number, country = fields.get("number", ""), fields.get("country", "")
    if not re.fullmatch(r"[1-9]\d{0,5}", number) or int(number) > 100_000:
        raise _missing("number", "give the number of the round, from 1 to 100000, in the field 'number'")
    if country not in countries():
        raise _missing("country", "give the country by its ISO 3166-1 alpha-3 code, such as KAZ")
    for field in ("villages", "crosswalk"):
        if len(received.files.get(field, [])) > 1:
            raise _missing(field, f"send one file in '{field}'")
    return {"number": int(number), "country": country}


def _facilities_task(received: Received) -> dict[str, Any]:
    if len(received.files.get("file", [])) != 1:
        raise _missing("file", "send one file in the field 'file'")
    names = {"crs", "encoding", "lon", "lat", "id", "name", "attribution", "licence"}
    return dict(_only(received, names))


def _only(received: Received, names: set[str]) -> dict[str, str]:
    for name in received.fields:
        if name not in names:
            raise ProblemError(
                Problem.INVALID_BODY,
                f"'{name[:60]}' is no field here; there are: {', '.join(sorted(names))}",
                parameter=name[:60],
                allowed=sorted(names),
            )
    return received.fields


def _missing(field: str, detail: str) -> ProblemError:
    return ProblemError(Problem.INVALID_BODY, detail, parameter=field)


def _jobs(request: Request) -> JobFolder:
    return JobFolder(request.app.state.uploads)


def _refuse_others(request: Request) -> None:
    if not caller_of(request).role.includes(Role.EDITOR):
        raise ProblemError(
            Problem.FORBIDDEN,
            "only editors send data; ask for a token of the role editor",
            role=Role.EDITOR.value,
        )
