"""Archives (a zip of CSVs; a workbook is one too), looked through before anything is made of them and never unpacked to disk."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from geo_service.findings import FindingCode
from geo_service.ingest.workbooks import PROTECTED, SAVE_UNPROTECTED
from geo_service.wording import Wording

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from geo_service.findings import Findings, Place
    from geo_service.ingest.survey.layouts.limits import SurveyLimits

__all__ = ["csv_members", "is_workbook", "refuse_unsafe_workbook", "unpacked_member"]

_CONTENT_TYPES = "[Content_Types].xml"
_BLOCK_BYTES = 1 << 20
# A small archive of blanks unpacks to any number of times its size, and does no harm.
_SMALL_BYTES = 100_000_000
_PROLOGUE_BYTES = 4096
_REFERENCE_BYTES = 12
_IS_ENCRYPTED = 0x1
_MACROS = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)

_BOMB = Wording(
    en="it unpacks to more than {most} MB, or to more than {ratio} times its size, as no survey does: it may be a zip bomb",
    ru="в распакованном виде это больше {most} МБ или больше исходного размера в {ratio} раз, чего у опросов не бывает: возможно, это zip-бомба",
    kk="ашылғанда көлемі {most} МБ-тан не өз көлемінен {ratio} еседен асады, сауалнамада мұндай болмайды: бұл zip-бомба болуы мүмкін",
)
_EXPORT_AGAIN = Wording(
    en="Export it again from the survey tool, region by region if there is that much",
    ru="Экспортируйте данные заново из системы опроса, при таком объёме — по областям",
    kk="Деректерді сауалнама жүйесінен қайта экспорттаңыз, көлемі шынымен үлкен болса — облыстар бойынша",
)
_FAR_CELL = Wording(
    en="a sheet has cells as far as row {row} and column {column}, more than the {most} cells that are read",
    ru="ячейки листа доходят до строки {row} и столбца {column}: это больше {most} ячеек, которые читаются",
    kk="парақтың ұяшықтары {row}-жол мен {column}-бағанға дейін жетеді: бұл оқылатын {most} ұяшықтан көп",
)
_DELETE_FAR = Wording(
    en="Delete what stands far below or beside the table, and save it again",
    ru="Удалите то, что стоит далеко под таблицей или в стороне от неё, и сохраните файл заново",
    kk="Кестеден алыс төменде не шетте тұрғанды жойып, файлды қайта сақтаңыз",
)
_HAS_MACROS = Wording(
    en="the workbook holds macros, and such a workbook is not opened",
    ru="в книге есть макросы, такие книги не открываются",
    kk="кітапта макростар бар, мұндай кітаптар ашылмайды",
)
_SAVE_WITHOUT_MACROS = Wording(
    en="Save it as an Excel workbook without macros (.xlsx)",
    ru="Сохраните её как книгу Excel без макросов (.xlsx)",
    kk="Оны макроссыз Excel кітабы (.xlsx) түрінде сақтаңыз",
)
_HAS_DTD = Wording(
    en="'{member}' in it defines entities of its own, which no spreadsheet program writes",
    ru="в его части «{member}» определены собственные сущности XML, чего табличные редакторы не делают",
    kk="оның «{member}» бөлігінде XML мәндері анықталған, кестелік редакторлар олай жазбайды",
)
_LEADS_OUT = Wording(
    en="the archive holds '{member}', a path that leads out of it",
    ru="в архиве есть «{member}» — путь, ведущий за его пределы",
    kk="мұрағатта одан тыс шығатын жол бар: «{member}»",
)


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether it has the parts of an Office Open XML workbook (ECMA-376, part 2)."""
    names = archive.namelist()
    return _CONTENT_TYPES in names and any(name.startswith("xl/") for name in names)


def csv_members(archive: zipfile.ZipFile, findings: Findings, place: Place) -> list[zipfile.ZipInfo]:
    """The CSVs of an archive in its order, but for the hidden ones that some systems add.

    Raises:
        FindingsError: It is protected by a password, or a path leads out of it.
    """
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(member.filename).drive:
            findings.stop(FindingCode.UNREADABLE, _LEADS_OUT(member=member.filename), place)
    _refuse_encrypted(archive, findings, place)
    members = [(member, PurePosixPath(member.filename)) for member in archive.infolist()]
    return [
        member
        for member, path in members
        if path.suffix.lower() in {".csv", ".tsv"}
        and not path.name.startswith(".")
        and path.parts[0] != "__MACOSX"
    ]


def unpacked_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, findings: Findings, place: Place, limits: SurveyLimits
) -> bytes:
    """What a member holds, whatever size the archive claims for it.

    Raises:
        FindingsError: It is larger than a file may be.
    """
    content = io.BytesIO()
    for block in _blocks(archive, member):
        content.write(block)
        _refuse_bomb(content.tell(), member.compress_size, limits.max_file_bytes, findings, place, limits)
    return content.getvalue()


def refuse_unsafe_workbook(
    archive: zipfile.ZipFile, findings: Findings, place: Place, limits: SurveyLimits
) -> None:
    """Look through every part of a workbook, so that a reader can be let loose on it.

    A reader takes memory for every cell from the first to the last that says where it stands: one cell in the last row and
    column of a sheet stands for 17 billion.

    Raises:
        FindingsError: It holds macros or definitions of entities, is protected by a password, or is larger than the limits.
        zipfile.BadZipFile: It is damaged, or lies about its size.
    """
    _refuse_encrypted(archive, findings, place)
    if any(_MACROS.search(member.filename.encode()) for member in archive.infolist()):
        findings.stop(FindingCode.UNREADABLE, _HAS_MACROS(), place, suggestion=_SAVE_WITHOUT_MACROS())
    packed = sum(member.compress_size for member in archive.infolist())
    total = 0
    for member in archive.infolist():
        last_row = last_column = 0
        end = b""
        for number, block in enumerate(_blocks(archive, member)):
            total += len(block)
            _refuse_bomb(total, packed, limits.max_unpacked_bytes, findings, place, limits)
            if number == 0:
                _refuse_prologue(member.filename, block, findings, place)
            row, column = _furthest_reference(end + block)
            last_row, last_column = max(last_row, row), max(last_column, column)
            end = block[-_REFERENCE_BYTES:]
            if last_row * last_column > limits.max_cells:
                message = _FAR_CELL(row=last_row, column=last_column, most=limits.max_cells)
                findings.stop(FindingCode.UNREADABLE, message, place, suggestion=_DELETE_FAR())


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def _refuse_encrypted(archive: zipfile.ZipFile, findings: Findings, place: Place) -> None:
    if any(member.flag_bits & _IS_ENCRYPTED for member in archive.infolist()):
        findings.stop(FindingCode.UNREADABLE, PROTECTED(), place, suggestion=SAVE_UNPROTECTED())


def _refuse_bomb(
    unpacked: int, packed: int, most: int, findings: Findings, place: Place, limits: SurveyLimits
) -> None:
    if unpacked > most or unpacked > max(limits.max_ratio * packed, _SMALL_BYTES):
        message = _BOMB(most=round(most / 1_000_000), ratio=round(limits.max_ratio))
        findings.stop(FindingCode.UNREADABLE, message, place, suggestion=_EXPORT_AGAIN())


def _refuse_prologue(name: str, start: bytes, findings: Findings, place: Place) -> None:
    """Stop at what is said before the first element of a part, or in the list of parts, and has no place in a survey."""
    if name == _CONTENT_TYPES and _MACROS.search(start):
        findings.stop(FindingCode.UNREADABLE, _HAS_MACROS(), place, suggestion=_SAVE_WITHOUT_MACROS())
    if b"<!DOCTYPE" in start[:_PROLOGUE_BYTES] or b"<!ENTITY" in start[:_PROLOGUE_BYTES]:
        findings.stop(FindingCode.UNREADABLE, _HAS_DTD(member=name), place)


def _furthest_reference(xml: bytes) -> tuple[int, int]:
    """The last row and the last column (both from 1) that cells in a piece of XML say they stand in; 0 where none says."""
    text = np.frombuffer(xml + bytes(_REFERENCE_BYTES), np.uint8)
    is_space, is_quote = text <= ord(" "), (text == ord('"')) | (text == ord("'"))
    is_reference = is_space[:-3] & (text[1:-2] == ord("r")) & (text[2:-1] == ord("=")) & is_quote[3:]
    at = np.flatnonzero(is_reference) + len(' r="')
    row, column = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    is_within = np.ones(len(at), bool)
    for offset in range(_REFERENCE_BYTES):
        character = text[at + offset]
        letter, digit = (character & 0xDF) - ord("A"), character - ord("0")
        is_letter, is_digit = is_within & (letter < 26), is_within & (digit < 10)
        is_within = is_letter | is_digit
        if not is_within.any():
            break
        np.copyto(column, column * 26 + letter + 1, where=is_letter)
        np.copyto(row, row * 10 + digit, where=is_digit)
    return int(row.max(initial=0)), int(column.max(initial=0))
