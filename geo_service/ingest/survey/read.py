"""From the files of a survey round to its sheets, whatever tool wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import FindingsError
from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.survey.layouts.files import checksum, read_tables, survey_paths
from geo_service.ingest.survey.layouts.headers import header_row
from geo_service.ingest.survey.layouts.joins import joined_survey
from geo_service.ingest.survey.layouts.limits import USUAL_LIMITS, SurveyLimits
from geo_service.ingest.survey.layouts.sheets import ReadSheet, read_sheet
from geo_service.ingest.tables import CSV_SUFFIXES
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from geo_service.ingest.survey.raw import RawSurvey

__all__ = ["read_survey"]

_GIVEN_TWICE = Wording(
    en="it is the same as '{other}', which is read already; it is passed over",
    ru="он не отличается от «{other}», который уже прочитан; файл пропущен",
    kk="ол оқылып қойған «{other}» файлымен бірдей; өткізіп жіберілді",
)
_NO_QUESTIONS = Wording(
    en="no column of it is a question of the forms of B1 and B2 or a column of the plain layout",
    ru="в нём нет ни вопросов форм B1 и B2, ни столбцов простой таблицы",
    kk="онда B1 мен B2 формаларының сұрақтары да, қарапайым кестенің бағандары да жоқ",
)
_EXPORT_NAMES = Wording(
    en="Export it with the names of the questions (XML values) as headers",
    ru="Экспортируйте данные с именами вопросов (значениями XML) в заголовках",
    kk="Деректерді тақырыптарында сұрақтардың атаулары (XML мәндері) болатындай экспорттаңыз",
)
_NO_SUBMISSIONS = Wording(
    en="the files hold no submission that counts",
    ru="в файлах нет ни одной записи, которую можно учесть",
    kk="файлдарда есепке алынатын бірде-бір жазба жоқ",
)
_EXPORT_ALL = Wording(
    en="Export all submissions, and look whether they were all rejected or filtered out",
    ru="Экспортируйте все записи и проверьте, не отклонены ли они и не скрыты ли фильтром",
    kk="Барлық жазбаны экспорттап, олардың қабылданбағанын не сүзгімен жасырылғанын тексеріңіз",
)
_NO_VILLAGES = Wording(
    en="the files hold B1 and no submission of B2, so that the round has no villages",
    ru="в файлах есть B1, но нет записей B2, поэтому в раунде нет населённых пунктов",
    kk="файлдарда B1 бар, бірақ B2 жазбалары жоқ, сондықтан раундта елді мекен жоқ",
)
_PASSED_OVER = Wording(
    en="the sheet holds no questions of the forms; it is passed over",
    ru="на листе нет вопросов форм; он пропущен",
    kk="парақта формалардың сұрақтары жоқ; ол өткізіп жіберілді",
)


def read_survey(
    files: Iterable[Path],
    findings: Findings,
    limits: SurveyLimits = USUAL_LIMITS,
    *,
    encoding: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> RawSurvey:
    """Read the files of a survey round.

    Args:
        files: Any number of exports of KoboToolbox (XLSX, CSV) and ODK Central (XLSX, zip of CSVs), plain workbooks and CSVs with the
            documented columns; a folder stands for the files in it. B1 and B2 are told apart by their columns. CSVs that are given on their
            own belong together; a workbook or zip is complete in itself.
        findings: Where problems are added. With an error among them the survey is there to be checked, not to be kept.
        limits: What is refused as too large.
        encoding: Of CSVs without a byte order mark; null for UTF-8.
        progress: Called with the name of each file before it is read.

    Returns:
        The sheets of all files that can be read, so that what else is wrong can be found in the same pass; no CSV that was given on its own where
        another of them cannot be read.

    Raises:
        FindingsError: No file can be read; all problems of all files are among `findings`.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    read: dict[str, Path] = {}
    books: dict[Path | None, list[ReadSheet]] = {}
    found = Findings()
    files = list(files)
    broken = {_book(path) for path in files if not path.exists()}
    for path in survey_paths(files, found):
        if progress is not None:
            progress(path.name)
        book = _book(path)
        of_file = Findings()
        try:
            digest = checksum(path, of_file)
            if digest in read:
                message = _GIVEN_TWICE(other=read[digest].name)
                of_file.warning(FindingCode.READER_WARNING, message, Place(str(path)))
            else:
                read[digest] = path
                books.setdefault(book, []).extend(_sheets(path, of_file, limits, encoding))
        except FindingsError:
            broken.add(book)
        found.extend(of_file)
    whole = tuple(sheets for book, sheets in books.items() if book not in broken)
    if found.errors and not whole:
        findings.extend(found)
        raise FindingsError(findings)
    sources = tuple({"file": path.name, "sha256": digest} for digest, path in read.items())
    survey = joined_survey(whole, sources, found)
    if not found.errors:
        first = next((sheet.place for sheets in whole for sheet in sheets), Place())
        _check_submissions(survey, first, found)
    findings.extend(found)
    return survey


def _book(path: Path) -> Path | None:
    """What a file belongs to: a workbook or zip is complete in itself, all CSVs belong together."""
    return None if path.suffix.lower() in CSV_SUFFIXES else path


def _check_submissions(survey: RawSurvey, first: Place, findings: Findings) -> None:
    """Find that there is no submission at all, and say when there is none of B2."""
    if any(len(sheet.frame) for sheet in survey.villages):
        return
    if any(len(sheet.frame) for sheet in (*survey.districts, *survey.to_visit)):
        findings.warning(FindingCode.EMPTY_LAYER, _NO_VILLAGES(), first)
    else:
        findings.error(FindingCode.EMPTY_LAYER, _NO_SUBMISSIONS(), first, suggestion=_EXPORT_ALL())


def _sheets(path: Path, findings: Findings, limits: SurveyLimits, encoding: str | None) -> list[ReadSheet]:
    sheets, others = [], []
    for table in read_tables(path, findings, limits, header_row=header_row, encoding=encoding):
        sheet = read_sheet(table, findings)
        if sheet is None:
            others.append(table.place)
        else:
            sheets.append(sheet)
    if not sheets:
        code, place = FindingCode.MISSING_COLUMN, Place(str(path))
        findings.stop(code, _NO_QUESTIONS(), place, suggestion=_EXPORT_NAMES())
    for place in others:
        findings.warning(FindingCode.READER_WARNING, _PASSED_OVER(), place)
    return sheets
