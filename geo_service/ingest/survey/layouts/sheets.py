"""The tables of a survey's files as sheets of questions, with what the survey tool says about each row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey.layouts.headers import Header, headers_of, likeliest_sheet
from geo_service.ingest.tables import CSV_SUFFIXES
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.findings import Findings, Place
    from geo_service.ingest.survey.layouts.header_words import Meta, SheetWords
    from geo_service.ingest.tables import Table

__all__ = ["ReadSheet", "read_sheet", "sheet_name"]

_MOST_NAMES = 20

_IGNORED = Wording(
    en="the columns {names} are no question of the forms and no column of the plain layout; they are not read",
    ru="столбцы {names} — не вопросы форм и не столбцы простой таблицы; они не читаются",
    kk="{names} бағандары формалардың сұрақтары да, қарапайым кестенің бағандары да емес; олар оқылмайды",
)
_CHECK_HEADERS = Wording(
    en="If one of them is an answer, give it the name or label that the form has",
    ru="Если среди них есть ответы, назовите столбец так, как вопрос назван в форме",
    kk="Олардың арасында жауап болса, бағанды формадағы сұрақтың атымен атаңыз",
)
_SAME_TWICE = Wording(
    en="more than one column holds this question, with the same answers; the first is used",
    ru="этот вопрос есть в нескольких столбцах с одинаковыми ответами; взят первый",
    kk="бұл сұрақ жауаптары бірдей бірнеше бағанда тұр; біріншісі алынды",
)
_FILLED_UP = Wording(
    en="more than one column holds this question; where the first is empty, the answer of the next is used",
    ru="этот вопрос есть в нескольких столбцах; там, где первый пуст, взят ответ из следующего",
    kk="бұл сұрақ бірнеше бағанда тұр; біріншісі бос жерде келесісінің жауабы алынды",
)
_DIFFER = Wording(
    en="more than one column holds this question, and their answers differ, here and in {count} rows in all",
    ru="этот вопрос есть в нескольких столбцах, и ответы в них различаются (строк: {count}, первая — эта)",
    kk="бұл сұрақ бірнеше бағанда тұр және олардың жауаптары әртүрлі (барлығы {count} жол, біріншісі — осы)",
)
_KEEP_ONE = Wording(
    en="Delete the column that is wrong",
    ru="Удалите неверный столбец",
    kk="Қате бағанды жойыңыз",
)


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet of a survey before its rows are joined.

    Attributes:
        words: Which sheet it is.
        frame: A column for each question that it has (dtype string), null where a cell is empty; RangeIndex.
        meta: What the survey tool says, one column for each header of a kind (dtype string, RangeIndex).
        rows: The line of each row as a spreadsheet shows it, shape (n,).
        place: The file and sheet.
        headers: The header of each question as it stands in the file.
    """

    words: SheetWords
    frame: pd.DataFrame
    meta: Mapping[Meta, tuple[pd.Series, ...]]
    rows: NDArray[np.int64]
    place: Place
    headers: Mapping[str, str]

    def said(self, *metas: Meta) -> pd.Series | None:
        """The first column of any of the kinds, in the order asked for; null when the sheet has none."""
        return next((column for meta in metas for column in self.meta.get(meta, ())), None)

    def says(self, meta: Meta) -> bool:
        """Whether any row says something of a kind."""
        column = self.said(meta)
        return column is not None and bool(column.notna().any())


def sheet_name(place: Place) -> str:
    """The name of a sheet, or of a CSV without its ending."""
    name = PurePath(place.layer or place.file or "")
    return name.stem if name.suffix.lower() in CSV_SUFFIXES else name.name


def read_sheet(table: Table, findings: Findings) -> ReadSheet | None:
    """A table as the sheet of a survey that it is likeliest to be; null where it is none.

    What no question is asked in is left out: one warning names the columns that neither a survey tool nor a form has. Columns of one question
    are taken together; where they contradict each other that is an error among `findings`.
    """
    words = likeliest_sheet(table.titles, sheet_name(table.place))
    if words is None:
        return None
    headers = headers_of(table.titles, words)
    columns: dict[str, list[int]] = {}
    meta: dict[Meta, tuple[pd.Series, ...]] = {}
    for at, header in enumerate(headers):
        if header.question is not None:
            columns.setdefault(header.question, []).append(at)
        elif header.meta is not None:
            meta[header.meta] = (*meta.get(header.meta, ()), table.frame.iloc[:, at])
    _warn_of_ignored(table, headers, findings)
    frame = pd.DataFrame({question: _answers(table, at, findings) for question, at in columns.items()})
    titles = {question: table.titles[at[0]] for question, at in columns.items()}
    return ReadSheet(words, frame, meta, table.rows, table.place, titles)


def _warn_of_ignored(table: Table, headers: Sequence[Header], findings: Findings) -> None:
    ignored = [
        name
        for name, header in zip(table.columns.names, headers, strict=True)
        if not header.is_known and table.frame[name].notna().any()
    ]
    if ignored:
        more = ", …" if len(ignored) > _MOST_NAMES else ""
        message = _IGNORED(names=", ".join(f"'{name}'" for name in ignored[:_MOST_NAMES]) + more)
        code = FindingCode.IGNORED_COLUMN
        findings.warning(code, message, table.place, row=table.header_row, suggestion=_CHECK_HEADERS())


def _answers(table: Table, at: Sequence[int], findings: Findings) -> pd.Series:
    """The answers of one question from the columns that hold it."""
    answers, *others = (table.frame.iloc[:, column] for column in at)
    title, first = table.titles[at[0]], answers
    for other in others:
        differs = (answers != other).fillna(value=False).to_numpy(dtype=bool)
        if differs.any():
            row = int(differs.argmax())
            findings.error(
                FindingCode.UNREADABLE,
                _DIFFER(count=int(differs.sum())),
                table.place,
                row=int(table.rows[row]),
                column=title,
                value=f"{answers[row]} / {other[row]}",
                suggestion=_KEEP_ONE(),
            )
        answers = answers.fillna(other)
    if others:
        message = _SAME_TWICE() if answers.equals(first) else _FILLED_UP()
        findings.warning(FindingCode.READER_WARNING, message, table.place, row=table.header_row, column=title)
    return answers
