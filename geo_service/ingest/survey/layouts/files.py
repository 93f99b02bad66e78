"""Files from the field, opened safely: what each is, and the tables in it.

A file is known by its content, not by its name.
"""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from geo_service.findings import FindingCode, Place
from geo_service.ingest.delimited import read_delimited
from geo_service.ingest.survey.layouts.archives import (
    csv_members,
    is_workbook,
    refuse_unsafe_workbook,
    unpacked_member,
)
from geo_service.ingest.tables import CSV_SUFFIXES, Table, as_text, table_of
from geo_service.ingest.workbooks import PROTECTED, SAVE_UNPROTECTED, opened_workbook, sheet_cells
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from geo_service.findings import Findings
    from geo_service.ingest.survey.layouts.limits import SurveyLimits
    from geo_service.wording import Worded

__all__ = ["checksum", "read_tables", "survey_paths"]

_SURVEY_SUFFIXES = CSV_SUFFIXES | {".xlsx", ".xlsm", ".zip"}
_HEAD_BYTES = 4096
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile raises for an archive that is cut off, overwritten or packed in a way of its own.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError)
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# [MS-OFFCRYPTO] 2.3.4.4: the stream in which an encrypted workbook lies.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

_ABSENT = Wording(en="there is no such file", ru="такого файла нет", kk="мұндай файл жоқ")
_NOT_OPENED = Wording(
    en="it cannot be opened: {reason}", ru="файл не открывается: {reason}", kk="файл ашылмайды: {reason}"
)
_EMPTY_FOLDER = Wording(
    en="there is no workbook, CSV or zip in the folder",
    ru="в папке нет ни книги Excel, ни CSV, ни zip",
    kk="қалтада Excel кітабы да, CSV де, zip те жоқ",
)
_EMPTY = Wording(
    en="the file is empty: it has 0 bytes", ru="файл пуст: в нём 0 байт", kk="файл бос: онда 0 байт"
)
_NOTHING_IN_IT = Wording(en="no sheet of it holds anything", ru="все листы пусты", kk="барлық парағы бос")
_DOWNLOAD_AGAIN = Wording(
    en="Download or copy it again",
    ru="Скачайте или скопируйте его заново",
    kk="Оны қайта жүктеңіз немесе көшіріңіз",
)
_TOO_LARGE = Wording(
    en="the file has {size} MB, more than the {most} MB that are read",
    ru="размер файла — {size} МБ, а читается не больше {most} МБ",
    kk="файл көлемі {size} МБ, ал ең көбі {most} МБ оқылады",
)
_SPLIT = Wording(
    en="Export it region by region, and give all the files",
    ru="Экспортируйте данные по областям и передайте все файлы",
    kk="Деректерді облыстар бойынша экспорттап, барлық файлды беріңіз",
)
_NOT_A_TABLE = Wording(
    en="it is {kind}, not a workbook (.xlsx), a CSV or a zip of CSVs",
    ru="это {kind}, а не книга Excel (.xlsx), CSV или zip с файлами CSV",
    kk="бұл {kind}, Excel кітабы (.xlsx), CSV не CSV файлдары бар zip емес",
)
_WEB_PAGE = Wording(en="a web page (HTML)", ru="веб-страница (HTML)", kk="веб-бет (HTML)")
_PDF = Wording(en="a PDF", ru="документ PDF", kk="PDF құжаты")
_OLD_WORKBOOK = Wording(
    en="a file in the format of Office before 2007, such as .xls",
    ru="файл в формате Office до 2007 года, например .xls",
    kk="2007 жылға дейінгі Office пішіміндегі файл, мысалы .xls",
)
_TEXT = Wording(en="plain text", ru="простой текст", kk="жай мәтін")
_SOMETHING = Wording(en="something else", ru="что-то другое", kk="басқа нәрсе")
_SAVE_AS = Wording(
    en="Open it in a spreadsheet program and save it as .xlsx, or export it again",
    ru="Откройте его в табличном редакторе и сохраните как .xlsx или экспортируйте заново",
    kk="Оны кестелік редакторда ашып, .xlsx түрінде сақтаңыз немесе қайта экспорттаңыз",
)
_NAME_IT_CSV = Wording(
    en="Name it .csv if it is a CSV, else save it as .xlsx",
    ru="Если это CSV, дайте ему расширение .csv, иначе сохраните как .xlsx",
    kk="Ол CSV болса, .csv деп атаңыз, әйтпесе .xlsx түрінде сақтаңыз",
)
_NO_CSV = Wording(
    en="there is neither a CSV nor a workbook's sheets in the archive",
    ru="в архиве нет ни файлов CSV, ни листов книги Excel",
    kk="мұрағатта CSV файлдары да, Excel кітабының парақтары да жоқ",
)
_ZIP_OF_CSVS = Wording(
    en="Give a workbook (.xlsx), or the zip of CSVs as ODK Central exports it",
    ru="Передайте книгу Excel (.xlsx) или zip с файлами CSV, как его экспортирует ODK Central",
    kk="Excel кітабын (.xlsx) немесе ODK Central экспорттаған CSV файлдары бар zip беріңіз",
)
_DAMAGED = Wording(
    en="it is damaged or was cut off: {reason}",
    ru="файл повреждён или обрезан: {reason}",
    kk="файл бүлінген немесе қиылған: {reason}",
)


def survey_paths(files: Iterable[Path], findings: Findings) -> list[Path]:
    """The files given, each folder among them as the workbooks, CSVs and zips in it; what is not there is an error among `findings`."""
    paths: list[Path] = []
    for path in files:
        if not path.exists():
            findings.error(FindingCode.UNREADABLE, _ABSENT(), Place(str(path)))
        elif not path.is_dir():
            paths.append(path)
        else:
            # A spreadsheet program keeps a file beside each workbook that is open: ~$B2.xlsx
            inside = [
                one
                for one in sorted(path.iterdir())
                if one.suffix.lower() in _SURVEY_SUFFIXES and not one.name.startswith((".", "~$"))
            ]
            if not inside:
                findings.error(FindingCode.UNREADABLE, _EMPTY_FOLDER(), Place(str(path)))
            paths += inside
    return paths


def checksum(path: Path, findings: Findings) -> str:
    """The SHA-256 of a file in hexadecimal.

    Raises:
        FindingsError: The file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        _refuse(findings, Place(str(path)), _NOT_OPENED(reason=error.strerror or error))


def read_tables(
    path: Path,
    findings: Findings,
    limits: SurveyLimits,
    *,
    header_row: Callable[[list[list[str]]], int],
    encoding: str | None = None,
) -> list[Table]:
    """The sheets of a workbook, the CSVs of a zip or the one table of a CSV, but for those that hold nothing.

    Args:
        path: A file that is there.
        findings: Where problems are added.
        limits: What is refused as too large.
        header_row: Which of the first rows of a table is its header.
        encoding: Of CSVs without a byte order mark; null for UTF-8.

    Raises:
        FindingsError: The file cannot be read; why is among `findings`.
        MissingExtraError: It is a workbook and its reader is not installed.
    """
    place = Place(str(path))
    tables = []
    try:
        for at, cells, first_row in _grids(path, place, findings, limits, header_row, encoding):
            if cells.notna().to_numpy().any():
                tables.append(table_of(cells, at, findings, header_row=header_row, first_row=first_row))
    except _DAMAGE as error:
        _refuse(findings, place, _DAMAGED(reason=error), _DOWNLOAD_AGAIN())
    if not tables:
        _refuse(findings, place, _NOTHING_IN_IT())
    return tables


def _grids(
    path: Path,
    place: Place,
    findings: Findings,
    limits: SurveyLimits,
    header_row: Callable[[list[list[str]]], int],
    encoding: str | None,
) -> Iterator[tuple[Place, pd.DataFrame, int]]:
    """Each table's place, cells and the line of its first row."""
    size = path.stat().st_size
    if not size:
        _refuse(findings, place, _EMPTY(), _DOWNLOAD_AGAIN())
    if size > limits.max_file_bytes:
        megabytes = {"size": round(size / 1e6), "most": round(limits.max_file_bytes / 1e6)}
        _refuse(findings, place, _TOO_LARGE(**megabytes), _SPLIT())
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_ZIP):
        with zipfile.ZipFile(path) as archive:
            if is_workbook(archive):
                refuse_unsafe_workbook(archive, findings, place, limits)
                yield from _sheets(path, findings, place)
            else:
                yield from _zipped(archive, place, findings, limits, header_row, encoding)
        return
    kind = _kind(path, head)
    if kind is None:
        tabs = path.suffix.lower() == ".tsv"
        yield _delimited(path.read_bytes(), place, findings, header_row, encoding, tabs=tabs)
    elif kind is _OLD_WORKBOOK and _ENCRYPTED_STREAM in path.read_bytes():
        _refuse(findings, place, PROTECTED(), SAVE_UNPROTECTED())
    else:
        _refuse(findings, place, _NOT_A_TABLE(kind=kind()), _NAME_IT_CSV() if kind is _TEXT else _SAVE_AS())


def _sheets(path: Path, findings: Findings, place: Place) -> Iterator[tuple[Place, pd.DataFrame, int]]:
    with opened_workbook(path, findings, place) as book:
        for name in book.sheet_names:
            yield Place(place.file, name), sheet_cells(book.get_sheet_by_name(name)), 1


def _zipped(
    archive: zipfile.ZipFile,
    place: Place,
    findings: Findings,
    limits: SurveyLimits,
    header_row: Callable[[list[list[str]]], int],
    encoding: str | None,
) -> Iterator[tuple[Place, pd.DataFrame, int]]:
    members = csv_members(archive, findings, place)
    if not members:
        _refuse(findings, place, _NO_CSV(), _ZIP_OF_CSVS())
    for member in members:
        at = Place(place.file, PurePosixPath(member.filename).name)
        content = unpacked_member(archive, member, findings, place, limits)
        tabs = member.filename.lower().endswith(".tsv")
        yield _delimited(content, at, findings, header_row, encoding, tabs=tabs)


def _delimited(
    content: bytes,
    place: Place,
    findings: Findings,
    header_row: Callable[[list[list[str]]], int],
    encoding: str | None,
    *,
    tabs: bool,
) -> tuple[Place, pd.DataFrame, int]:
    cells, first_row = read_delimited(
        content, place, findings, header_row=header_row, encoding=encoding, tabs=tabs
    )
    return place, pd.DataFrame({at: as_text(cells[at]) for at in cells}), first_row


def _kind(path: Path, head: bytes) -> Wording | None:
    """What a file is that is no archive; null for a CSV."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_COMPOUND_FILE):
        return _OLD_WORKBOOK
    if start.startswith(b"%pdf"):
        return _PDF
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta")):
        return _WEB_PAGE
    if path.suffix.lower() in CSV_SUFFIXES:
        return None
    return _SOMETHING if b"\0" in head else _TEXT


def _refuse(findings: Findings, place: Place, message: Worded, remedy: Worded | None = None) -> NoReturn:
    findings.stop(FindingCode.UNREADABLE, message, place, suggestion=remedy)
