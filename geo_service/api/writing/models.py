"""What is told of a job."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, Field

__all__ = ["NOT_CHANGED", "PERHAPS_CHANGED", "PUBLISHING", "Job", "JobFinding", "JobKind", "JobStatus"]

PUBLISHING = "publishing"
"""How the steps begin after which a release may be the current one."""

NOT_CHANGED = ", and nothing was changed; send it again with another Idempotency-Key"
PERHAPS_CHANGED = (
    " while the release was being published; look whether it is the current one (/releases), and where not send it again "
    "with another Idempotency-Key: the same data give the same release"
)


class JobKind(StrEnum):
    """What a job makes a release of."""

    ROUND = "round"
    FACILITIES = "facilities"


class JobStatus(StrEnum):
    """How far a job is. After `done`, `refused` and `failed` nothing changes any more."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing changes any more."""
        return self in {JobStatus.DONE, JobStatus.REFUSED, JobStatus.FAILED}


class JobFinding(BaseModel):
    """What is wrong or doubtful in an upload; see docs/findings.md."""

    severity: str = Field(description="`error` or `warning`; an error means that nothing was published.")
    code: str
    message: str
    file: str | None = Field(description="The name of the uploaded file.")
    layer: str | None = Field(description="The sheet or layer.")
    row: int | None = Field(description="1-based, as a spreadsheet shows it.")
    column: str | None
    value: str | None
    suggestion: str | None
    message_ru: str | None = Field(
        default=None, description="The message in Russian, where it is worded in it."
    )
    message_kk: str | None = Field(default=None, description="The same in Kazakh.")
    suggestion_ru: str | None = None
    suggestion_kk: str | None = None


class Job(BaseModel):
    """An upload on its way to a release."""

    id: str
    kind: JobKind
    status: JobStatus = Field(
        description="`refused`: the data cannot be used, see `findings` and `detail`; `failed`: something else, see `detail`. "
        "Neither changed anything, unless `detail` says so."
    )
    step: str | None = Field(default=None, description="What it is doing.")
    created: dt.datetime
    finished: dt.datetime | None = None
    files: list[str] = Field(description="The names of the uploaded files.")
    check_only: bool = Field(default=False, description="Whether nothing was to be published.")
    release: str | None = Field(
        default=None, description="The release that it published, the current one since."
    )
    detail: str | None = Field(default=None, description="Why it was refused or failed, in one sentence.")
    findings: list[JobFinding] = []
    findings_left_out: int = Field(default=0, description="How many findings there are beyond those listed.")
