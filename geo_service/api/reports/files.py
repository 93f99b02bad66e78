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
"""Two rounds in each language and form, up to 2 MB each."""
_WAITING = 3
"""Each takes a thread that could answer questions."""
_PATIENCE_S = 60.0


class _Makers:
    """Where reports are made, one at a time, and kept. The public has its own, so that it takes neither place nor turn from others."""

    def __init__(self) -> None:
        self.reports: Kept[Report] = Kept(_REPORTS)
        self.files: Kept[bytes] = Kept(_FILES)
        self._making = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_WAITING)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Hold others back: a report takes a processor for some ten seconds.

        Raises:
            ProblemError: Too many wait, or it took too long.
        """
        busy = ProblemError(
            Problem.BUSY,
            "other reports are being made at this moment; try again soon",
            headers={"Retry-After": "15"},
        )
        if not self._waiting.acquire(blocking=False):
            raise busy
        try:
            if not self._making.acquire(timeout=_PATIENCE_S):
                raise busy
            try:
                yield
            finally:
                self._making.release()
        finally:
            self._waiting.release()


_of_public, _of_others = _Makers(), _Makers()


def report_file(asked: Asked, form: ReportFormat) -> bytes:
    """The report of the release that is asked, for who asks, in their language.

    Raises:
        ProblemError: Too many are waiting for reports, or the numbers of the release contradict each other.
        NotFoundError: The release is of no survey round, or shows none of its tables.
        MissingExtraError: What writes that format is not installed.
    """
    makers = _of_public if asked.role is Role.PUBLIC else _of_others
    key = (asked.release.manifest.id, asked.language)

    def write() -> bytes:
        from geo_service.report.written import report_bytes  # noqa: PLC0415

        return report_bytes(makers.reports.get(key, lambda: _made(asked)), form)

    def make() -> bytes:
        with makers.one_at_a_time():
            # Whoever was first made it for all who waited.
            return makers.files.get((*key, form), write)

    return makers.files.get((*key, form), make)


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
