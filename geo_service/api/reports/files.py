"""Reports of a request: made once of a release for all who are shown the same of it, one at a time."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo_service.api.kept import Kept
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.roles import Role
from geo_service.errors import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.api.context import Asked
    from geo_service.report.document import Report
    from geo_service.report.written import ReportFormat

__all__ = ["report_file"]

_REPORTS = 3
"""One has the pictures of all its maps in it."""
_FILES = 24
"""Of up to 4 MB each."""
_WAITING = 4
"""Each takes a thread that could answer questions."""
_PATIENCE_S = 60.0

_reports: Kept[Report] = Kept(_REPORTS)
_files: Kept[bytes] = Kept(_FILES)
_making = threading.Lock()
_waiting = threading.BoundedSemaphore(_WAITING)


def report_file(asked: Asked, form: ReportFormat) -> bytes:
    """The report of the release that is asked, for who asks, in their language.

    Raises:
        ProblemError: Too many are waiting for reports, or the numbers of the release contradict each other.
        NotFoundError: The release is of no survey round, or shows none of its tables.
        MissingExtraError: What writes that format is not installed.
    """
    key = (asked.release.manifest.id, asked.role is Role.PUBLIC, asked.language)

    def make() -> bytes:
        from geo_service.report.written import report_bytes  # noqa: PLC0415

        with _one_at_a_time():
            # Whoever was first made it for all who waited.
            return _files.get(
                (*key, form), lambda: report_bytes(_reports.get(key, lambda: _made(asked)), form)
            )

    return _files.get((*key, form), make)


def _made(asked: Asked) -> Report:
    # Here, so that the service starts without pandas.
    from geo_service.report.made import made_report  # noqa: PLC0415

    # The audit needs what is hidden; nothing else sees it.
    with asked.live.lease(asked.release.manifest.id, Role.ANALYST) as whole:
        try:
            return made_report(asked.release, asked.language, whole=whole)
        except ContradictionError as error:
            said = str(error)
            if asked.role is Role.PUBLIC:
                said = "the numbers of this release contradict each other, so there is no report of it; whoever publishes it can see why at /audit"
            raise ProblemError(Problem.FINDINGS, said) from error


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold others back: a report takes a processor for some ten seconds.

    Raises:
        ProblemError: Too many wait, or it took too long.
    """
    busy = ProblemError(
        Problem.BUSY,
        "other reports are being made at this moment; try again soon",
        headers={"Retry-After": "15"},
    )
    if not _waiting.acquire(blocking=False):
        raise busy
    try:
        if not _making.acquire(timeout=_PATIENCE_S):
            raise busy
        try:
            yield
        finally:
            _making.release()
    finally:
        _waiting.release()
