"""The report of the demonstration, in three languages and every form."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING

from geo_service.api.catalogue import edition_for
from geo_service.api.security.roles import Role
from geo_service.export.staging import make_folder, staged
from geo_service.release.folder_store import FolderStore
from geo_service.report.made import made_report
from geo_service.report.written import ReportFormat, report_bytes
from geo_service.settings import ReleaseSettings
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["report_paths", "write_reports"]

_FOLDER = "reports"


def report_paths(folder: Path, number: int) -> dict[Language, dict[ReportFormat, Path]]:
    """Where the reports of a round are, by language and form.

    Args:
        folder: What the demonstration leaves.
        number: Of the round.
    """
    return {
        language: {form: folder / _FOLDER / f"round-{number}-{language}.{form}" for form in ReportFormat}
        for language in Language
    }


def write_reports(
    store: Path,
    release: str,
    paths: dict[Language, dict[ReportFormat, Path]],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the report of a release in each language and form, all or none.

    Args:
        store: The folder of releases.
        release: The id.
        paths: As `report_paths` gives them; files of an earlier run are replaced.
        progress: Is told of each report when it is written.

    Returns:
        The paths that were written.

    Raises:
        ContradictionError: Numbers of the release contradict each other.
        OutputError: Something cannot be written.
    """
    files = [path for forms in paths.values() for path in forms.values()]
    make_folder(files[0].parent)
    with (
        staged(files, overwrite=True) as beside,
        ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1), get_context("spawn")) as pool,
    ):
        each = len(ReportFormat)
        written = {
            pool.submit(_write, store, release, language, beside[at * each : (at + 1) * each]): language
            for at, language in enumerate(paths)
        }
        for done in as_completed(written):
            progress(done.result())
    return files


def _write(store: Path, release: str, language: Language, files: Sequence[Path]) -> str:
    """Write the forms of one language; returns the title of the report."""
    with (
        closing(FolderStore(ReleaseSettings(directory=store))) as kept,
        kept.open(release) as opened,
    ):
        report = made_report(edition_for(opened, Role.ANALYST), language, whole=opened)
    for form, path in zip(ReportFormat, files, strict=True):
        path.write_bytes(report_bytes(report, form))
    return f"{report.title} ({language})"
