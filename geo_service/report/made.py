"""A report of a release: its sections put together, numbered, and looked at once more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from geo_service.coverage.audit.report_figures import AUDITED
from geo_service.errors import NotFoundError
from geo_service.maps.released_frames import Frames
from geo_service.report.audited import refuse_contradictions, refuse_loose_figures
from geo_service.report.document import Report
from geo_service.report.identities import needed_tables
from geo_service.report.numbering import numbered
from geo_service.report.sections import SECTIONS
from geo_service.report.sections.front import front
from geo_service.report.sheets import Sheets
from geo_service.report.source import Source
from geo_service.report.words import words_in
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    import pandas as pd

    from geo_service.release.protocol import Release

__all__ = ["made_report"]


def made_report(
    release: Release, language: Language | str = Language.EN, *, whole: Release | None = None
) -> Report:
    """The report of a round, in one language.

    Args:
        release: A release, or what of it somebody is shown: nothing else gets into the report.
        language: Of the report.
        whole: The release with nothing hidden, for the audit; null where `release` is that.

    Returns:
        The same for the same release and language. What is hidden stays so, and sentences about numbers that are not there are not said.

    Raises:
        NotFoundError: The release is of no survey round, or none of its tables is shown.
        ContradictionError: Numbers of the release contradict each other: no report is made of it.
    """
    language = Language(language)
    survey = release.manifest.round
    if survey is None:
        raise NotFoundError(
            f"release {release.manifest.id[:12]} is of no survey round; a report needs a release that was published of one"
        )
    sheets = Sheets(release, language)
    source = Source(release, sheets)
    found = [section for make in SECTIONS for section in make(source)]
    if not any(sheet.rows for sheet in sheets.read.values()):
        raise NotFoundError(f"release {release.manifest.id[:12]} shows no tables of round {survey.number}")
    cover = front(source)
    report = Report(
        language=language,
        title=cover.title,
        subtitle=cover.subtitle,
        banners=cover.banners,
        sections=numbered(found),
        words=words_in(language),
        date=dt.date.fromisoformat(survey.collected_to) if survey.collected_to else None,
        release=release.manifest.id,
        sources=release.manifest.licences,
        tables=_tables(sheets, release),
    )
    refuse_loose_figures(report)
    refuse_contradictions(report, _audited(sheets, release, whole))
    return report


def _tables(sheets: Sheets, release: Release) -> dict[str, pd.DataFrame]:
    """The tables that were asked for, in the order of the release."""
    read = sheets.read
    found = {}
    for collection in release.manifest.collections:
        if collection.name in read and read[collection.name].rows:
            sheet = read[collection.name]
            found[collection.name] = sheet.frame
            sheet.frame.attrs = sheet.about
    return found


def _audited(sheets: Sheets, release: Release, whole: Release | None) -> dict[str, pd.DataFrame]:
    """The tables that the audit needs, with nothing hidden; those that were read for the report are not read again."""
    at_hand = {name: sheet.frame for name, sheet in sheets.read.items()} if whole is None else {}
    frames = Frames(whole or release)
    names = [one.name for one in frames.release.manifest.collections]
    needed = {*needed_tables(names, sheets.read), *AUDITED}
    return {
        name: at_hand[name] if name in at_hand else frames.read(name).sort_values("fid", ignore_index=True)
        for name in names
        if name in needed
    }
