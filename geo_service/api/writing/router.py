"""`POST /rounds`, `POST /facilities/{service}`, `GET /jobs/{job}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from geo_service.api.writing.models import Job, JobKind
from geo_service.api.writing.receive import LAYER_SUFFIXES, SURVEY_SUFFIXES, TABLE_SUFFIXES
from geo_service.api.writing.tasks import CRS, HIGHEST, LAYER_FIELDS, MOST_FILES, facilities_task, round_task
from geo_service.api.writing.upload import Upload, jobs_of, refuse_others
from geo_service.vocabulary import Service

__all__ = ["get_job", "post_facilities", "post_round", "router"]

router = APIRouter(tags=["writing"])

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
                "maxItems": MOST_FILES,
                "description": f"What the forms B1 and B2 gave back: {', '.join(SURVEY_SUFFIXES)}.",
            },
            "number": {"type": "integer", "minimum": 1, "maximum": HIGHEST, "description": "Which round."},
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
    return await upload.into_job(allowed, round_task, check_only=check_only)


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
                name: _text(description, **({"pattern": CRS} if name == "crs" else {}))
                for name, description in LAYER_FIELDS.items()
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
        lambda received: facilities_task(received) | {"service": service.value},
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
