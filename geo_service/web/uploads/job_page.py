"""`/uploads/{job}`: how far an upload is, and what was found in it, as a table and as a file; `/uploads/findings`: what the codes mean."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any, Literal

from anyio import to_thread
from babel.dates import format_datetime
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.context import LanguageParameter, base_url
from geo_service.api.formats.cells import Cells
from geo_service.api.formats.pages import rendered
from geo_service.api.writing.models import Job, JobFinding, JobStatus
from geo_service.api.writing.upload import jobs_of, refuse_others
from geo_service.vocabulary import Language
from geo_service.web.account import account_of, in_words, with_language
from geo_service.web.uploads.meanings import known_codes, sections
from geo_service.web.uploads.words import FORM, JOB, OUTCOMES, STATUSES, STEPS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_REFRESH_S = 3
_COLUMNS = ("severity", "code", "message", "file", "layer", "row", "column", "value", "suggestion")
"""As `docs/findings.md` has them."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_Job = Annotated[str, Path(description="Its id.", pattern="^[0-9a-f]{32}$")]
_Severity = Annotated[
    Literal["error", "warning"] | SkipJsonSchema[None], Query(description="Only findings of this severity.")
]
_Refresh = Annotated[
    Literal["no"] | SkipJsonSchema[None],
    Query(description="`no`: the page stays as it is until one asks again."),
]


@router.get("/uploads/findings")
async def meanings(request: Request, language: LanguageParameter) -> Response:
    """What the codes of findings mean."""
    text = in_words(JOB, language)
    body = rendered(
        "findings.html",
        base_url(request),
        language=language,
        title=text["meanings"],
        text=text,
        account=account_of(request, language),
        sections=sections(),
    )
    return HTMLResponse(body, headers={"Cache-Control": "no-store"})


@router.get("/uploads/{job}")
async def job_page(
    request: Request,
    language: LanguageParameter,
    job: _Job,
    severity: _Severity = None,
    refresh: _Refresh = None,
) -> Response:
    """How far an upload is, and what was found in it."""
    refuse_others(request)
    found = await to_thread.run_sync(jobs_of(request).job, job)
    body = await to_thread.run_sync(_page, request, language, found, severity, refresh)
    return HTMLResponse(body, headers={"Cache-Control": "no-store"})


@router.get("/uploads/{job}/findings.csv")
async def findings_file(request: Request, language: LanguageParameter, job: _Job) -> Response:
    """The findings as CSV with a mark of UTF-8, as spreadsheets need it. A text that one would take for a formula begins with an apostrophe."""
    refuse_others(request)
    found = await to_thread.run_sync(jobs_of(request).job, job)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for one in found.findings:
        said = _in_language(one, language)
        writer.writerow([_plain(said[name]) for name in _COLUMNS])
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="findings-{found.id[:8]}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _page(request: Request, language: Language, job: Job, severity: str | None, refresh: str | None) -> bytes:
    text, base = in_words(JOB, language), base_url(request)
    cells = Cells(language)
    what = in_words(FORM, language)[job.kind.value]
    here = with_language(request, f"{base}/uploads/{job.id}")
    between = "&" if "?" in here else "?"
    counts = {one: sum(found.severity == one for found in job.findings) for one in ("error", "warning")}
    shown = [one for one in job.findings if severity in {None, one.severity}]
    ways = [("all", None, len(job.findings)), ("errors", "error", counts["error"])]
    ways.append(("warnings", "warning", counts["warning"]))
    return rendered(
        "job.html",
        base,
        language=language,
        title=text["title"].format(what=what),
        text=text,
        account=account_of(request, language),
        about=_about(job, language, text, what),
        status=in_words(STATUSES, language)[job.status.value],
        is_over=job.status.is_final,
        outcome=_outcome(job, language),
        is_good=job.status is JobStatus.DONE,
        step=_step(job.step, language),
        # That there are errors is said already, and each of them below.
        detail=None if job.status is JobStatus.REFUSED and counts["error"] else job.detail,
        job=job.id,
        refreshes=text["refreshes"].format(seconds=_REFRESH_S),
        refresh_s=None if refresh == "no" or job.status.is_final else _REFRESH_S,
        here=here,
        stop=f"{here}{between}refresh=no",
        total=len(job.findings),
        ways=[
            {
                "name": text[name].format(count=cells.number(count)),
                "href": here if only is None else f"{here}{between}severity={only}",
                "is_current": only == severity,
            }
            for name, only, count in ways
        ],
        left_out=text["left_out"].format(count=cells.number(job.findings_left_out))
        if job.findings_left_out
        else None,
        columns=[(one, text[one]) for one in _COLUMNS],
        rows=_rows(shown, language, text),
        known=known_codes(),
        meanings=with_language(request, f"{base}/uploads/findings"),
        csv=with_language(request, f"{base}/uploads/{job.id}/findings.csv"),
        again=with_language(request, f"{base}/uploads/new") + f"#{job.kind.value}",
        again_name=text["more" if job.status is JobStatus.DONE and not job.check_only else "again"],
        releases=with_language(request, f"{base}/releases?f=html") if job.release else None,
        map_=with_language(request, f"{base}/") if job.release else None,
    )


def _about(job: Job, language: Language, text: dict[str, str], what: str) -> list[tuple[str, Sequence[str]]]:
    lines: list[tuple[str, Sequence[str]]] = [
        (text["kind"], [what, *([text["check_only"]] if job.check_only else [])]),
        (text["files"], job.files),
        (text["sent"], [_time(job.created, language)]),
    ]
    if job.finished is not None:
        lines.append((text["ended"], [_time(job.finished, language)]))
    if job.release is not None:
        lines.append((text["release"], [job.release]))
    return lines


def _outcome(job: Job, language: Language) -> str | None:
    """What the end means; null before it."""
    if not job.status.is_final:
        return None
    name = job.status.value
    if job.status is JobStatus.DONE:
        name = "checked" if job.release is None else "published"
    return in_words(OUTCOMES, language)[name]


def _step(step: str | None, language: Language) -> str | None:
    """A step in the language, with what it is about as it is."""
    if step is None:
        return None
    for begin, said in in_words(STEPS, language).items():
        if step.startswith(begin):
            return said.format(what=step.removeprefix(begin).strip(" :"))
    return step


def _rows(findings: Sequence[JobFinding], language: Language, text: dict[str, str]) -> list[dict[str, Any]]:
    cells = Cells(language)
    rows = []
    for one in findings:
        said = _in_language(one, language)
        rows.append(
            said
            | {
                "said_severity": text[one.severity] if one.severity in {"error", "warning"} else one.severity,
                "row": None if one.row is None else cells.number(one.row),
            }
        )
    return rows


def _in_language(finding: JobFinding, language: Language) -> dict[str, Any]:
    """A finding with its sentences in the language where they are worded in it; `in_english` names those that are not."""
    said = {name: getattr(finding, name) for name in _COLUMNS}
    in_english = set()
    for name in ("message", "suggestion"):
        if language is not Language.EN:
            other = getattr(finding, f"{name}_{language.value}")
            said[name] = other or said[name]
            in_english |= set() if other else {name}
    return said | {"in_english": in_english}


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _time(moment: dt.datetime, language: Language) -> str:
    return f"{format_datetime(moment, 'medium', locale=language.value)} UTC"
