"""`POST /rounds`, `POST /facilities/{service}`, `GET /jobs/{job}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.writing.models import Job, JobKind
from geo_service.api.writing.receive import LAYER_SUFFIXES, SURVEY_SUFFIXES, TABLE_SUFFIXES
from geo_service.api.writing.upload import Upload, jobs_of, refuse_others
from geo_service.vocabulary import Service, countries

if TYPE_CHECKING:
    from geo_service.api.writing.receive import Received

__all__ = ["get_job", "post_facilities", "post_round", "router"]

router = APIRouter(tags=["writing"])

_HIGHEST = 100_000
_MOST_FILES = 18
"""Of a survey; with the villages and the crosswalk as many as a form may have."""

_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of your own, new for each upload: sent again with the same upload it answers the same job.",
        min_length=1,
        max_length=200,
    ),
]
_Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="`wait=30`: answer when the job has ended, or after so many seconds, 60 at most.",
        max_length=200,
    ),
]
_CheckOnly = Annotated[bool, Query(description="Only look for what is wrong, and publish nothing.")]

_FILE = {"type": "string", "format": "binary"}
_CRS = r"^[A-Za-z]{2,10}:[A-Za-z0-9]{1,20}$"
_OPTIONS = {
    "layer": "The layer or sheet of a file that has several.",
    "crs": "The reference system of a file that names none, such as EPSG:4326.",
    "encoding": "Of a CSV or shapefile, such as cp1251.",
    "lon": "The column of longitude or easting of a table; else found.",
    "lat": "The column of latitude or northing of a table; else found.",
    "id": "The column of ids; else found.",
    "name": "The column of names; else found.",
    "attribution": "Who must be named where the layer is used.",
    "licence": "Its licence, such as CC-BY-4.0.",
}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _described(what: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """The body and the other answers of a route that takes a form."""
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {
        "response_description": f"The job that {what}, which goes on: poll it at `Location`.",
        "responses": {
            200: {"model": Job, "description": "The job, which has ended."},
            403: {"description": "Only editors send data."},
            409: {"description": "The Idempotency-Key was sent with another upload."},
            413: {"description": "The upload is too large."},
            415: {"description": "The body is no multipart/form-data."},
            503: {"description": "Too many uploads wait."},
            504: {"description": "The upload took too long."},
        },
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
        },
    }


@router.post(
    "/rounds",
    operation_id="post_round",
    summary="Send a survey round",
    status_code=202,
    response_model=Job,
    **_described(
        "checks and publishes the round",
        {
            "files": {
                "type": "array",
                "items": _FILE,
                "minItems": 1,
                "maxItems": _MOST_FILES,
                "description": f"What the forms B1 and B2 gave back: {', '.join(SURVEY_SUFFIXES)}.",
            },
            "number": {"type": "integer", "minimum": 1, "maximum": _HIGHEST, "description": "Which round."},
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
    key: _Key = None,
    prefer: _Prefer = None,
    check_only: _CheckOnly = False,
) -> Job:
    """Send a survey round: it is checked, and where it has no errors a release is made of it, which becomes the current one.

    Facilities, boundaries and options are those of the current release where it is of the same country. Change is counted from the last
    round before it that is known here. For editors.
    """
    allowed = {"files": SURVEY_SUFFIXES, "villages": LAYER_SUFFIXES, "crosswalk": TABLE_SUFFIXES}
    upload = Upload(request, response, JobKind.ROUND, key, prefer)
    return await upload.into_job(allowed, _round_task, check_only=check_only)


@router.post(
    "/facilities/{service}",
    operation_id="post_facilities",
    summary="Send the facilities of a service",
    status_code=202,
    response_model=Job,
    **_described(
        "checks and publishes the facilities",
        {
            "file": _FILE | {"description": f"A layer or table: {', '.join(LAYER_SUFFIXES)}."},
            **{
                name: _text(description, **({"pattern": _CRS} if name == "crs" else {}))
                for name, description in _OPTIONS.items()
            },
        },
        ["file"],
    ),
)
async def post_facilities(
    request: Request,
    response: Response,
    service: Annotated[Service, Path(description="Whose facilities are replaced.")],
    key: _Key = None,
    prefer: _Prefer = None,
    check_only: _CheckOnly = False,
) -> Job:
    """Send the facilities of a service: they replace those of the current release in a new one. For editors."""
    upload = Upload(request, response, JobKind.FACILITIES, key, prefer)
    return await upload.into_job(
        {"file": LAYER_SUFFIXES},
        lambda received: _facilities_task(received) | {"service": service.value},
        check_only=check_only,
    )


@router.get(
    "/jobs/{job}",
    operation_id="job",
    summary="How far an upload is",
    response_model=Job,
    responses={
        403: {"description": "Only editors see jobs."},
        404: {"description": "There is no such job, or it ended long ago."},
    },
)
def get_job(
    request: Request,
    response: Response,
    job: Annotated[str, Path(description="Its id.", pattern="^[0-9a-f]{32}$")],
) -> Job:
    """How far an upload is, or how it ended: findings, or the release that was published. For editors, whoever sent it."""
    refuse_others(request)
    found = jobs_of(request).job(job)
    response.headers["Cache-Control"] = "no-store"
    if not found.status.is_final:
        response.headers["Retry-After"] = "1"
    return found


def _round_task(received: Received) -> dict[str, Any]:
    fields = _only(received, ["number", "country"])
    if not received.files.get("files"):
        raise _wrong("files", "send the files of B1 and B2 in the field 'files'")
    if len(received.files["files"]) > _MOST_FILES:
        raise _wrong("files", f"send at most {_MOST_FILES} files in the field 'files'; a .zip holds more")
    number, country = fields.get("number", ""), fields.get("country", "")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", number) or int(number) > _HIGHEST:
        raise _wrong("number", f"give the number of the round, from 1 to {_HIGHEST}, in the field 'number'")
    if country not in countries():
        raise _wrong("country", "give the country by its ISO 3166-1 alpha-3 code, such as KAZ")
    for field in ("villages", "crosswalk"):
        if len(received.files.get(field, [])) > 1:
            raise _wrong(field, f"send one file in '{field}'")
    return {"number": int(number), "country": country}


def _facilities_task(received: Received) -> dict[str, Any]:
    if len(received.files.get("file", [])) != 1:
        raise _wrong("file", "send one file in the field 'file'")
    fields = _only(received, [*_OPTIONS])
    if fields.get("crs") and not re.fullmatch(_CRS, fields["crs"]):
        raise _wrong("crs", "give the reference system by authority and code, such as EPSG:4326")
    return dict(fields)


def _only(received: Received, names: list[str]) -> dict[str, str]:
    for name in received.fields:
        if name not in names:
            raise ProblemError(
                Problem.INVALID_BODY,
                f"'{name[:60]}' is no field here; there are: {', '.join(names)}",
                parameter=name[:60],
                allowed=names,
            )
    return received.fields


def _wrong(field: str, detail: str) -> ProblemError:
    return ProblemError(Problem.INVALID_BODY, detail, parameter=field)
