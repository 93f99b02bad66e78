"""The cells of a survey's sheets as values: counts, days and choices, with a finding for each cell that is none."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Severity
from geo_service.ingest.survey.answers.choices import UNSURE, YES, YES_NO_WORDS, codes_of, nearest_code
from geo_service.ingest.tables import numbers
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.raw import SurveySheet

__all__ = [
    "MOST_INDIVIDUALS",
    "Cells",
    "Lines",
    "codes",
    "counts",
    "days",
    "first_alike",
    "joined",
    "report",
    "stacked",
    "whole_column",
    "yes_no",
]

MOST_INDIVIDUALS = 10_000_000
"""No place, group or part of one has more: a larger count is a slip of the hand."""

_MOST_VALUE_CHARACTERS = 200
_MOST_ANSWERS_NAMED = 8
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
_DAYS = (
    rf"^(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}$",
    rf"^(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_TIME}$",
)

_NOT_A_COUNT = Wording(
    en="it is not a count: a whole number, 0 or more",
    ru="это не количество: нужно целое число, 0 или больше",
    kk="бұл сан ретінде жарамайды: 0 немесе одан үлкен бүтін сан керек",
)
_WRITE_A_COUNT = Wording(
    en="Write it in digits only, or leave the cell empty where the number is not known",
    ru="Запишите его только цифрами или оставьте ячейку пустой, если число неизвестно",
    kk="Оны тек цифрмен жазыңыз немесе сан белгісіз болса, ұяшықты бос қалдырыңыз",
)
_TOO_LARGE = Wording(
    en="the count is over {most}, more than any place has",
    ru="количество больше {most}: столько нет нигде",
    kk="сан {most}-нан асады: мұндай көп ешбір жерде болмайды",
)
_UNKNOWN_CODE = Wording(
    en="it is none of the answers to this question",
    ru="такого ответа на этот вопрос нет",
    kk="бұл сұраққа мұндай жауап жоқ",
)
_DID_YOU_MEAN = Wording(
    en="Write the code or label of an answer of the form; '{near}' is the nearest",
    ru="Запишите код или название ответа из формы; ближайший — «{near}»",
    kk="Формадағы жауаптың кодын не атауын жазыңыз; ең жақыны — «{near}»",
)
_WRITE_AN_ANSWER = Wording(
    en="Write the code or label of an answer of the form",
    ru="Запишите код или название ответа из формы",
    kk="Формадағы жауаптың кодын не атауын жазыңыз",
)
_WRITE_ONE_OF = Wording(
    en="Write one of {answers}, or its label in the form",
    ru="Запишите одно из: {answers} — или название ответа из формы",
    kk="Мыналардың бірін жазыңыз: {answers} — не жауаптың формадағы атауын",
)
_NOT_A_DAY = Wording(
    en="it is not a date that can be read",
    ru="это не дата, которую можно прочесть",
    kk="бұл оқуға болатын күн емес",
)
_WRITE_A_DAY = Wording(
    en="Write it as 2023-12-31 or 31.12.2023",
    ru="Запишите её как 2023-12-31 или 31.12.2023",
    kk="Оны 2023-12-31 немесе 31.12.2023 түрінде жазыңыз",
)


class Lines:
    """All rows of several sheets under one number each, so that one column of a frame says where its rows stand.

    Args:
        sheets: Numbered one after the other, from 0.
    """

    def __init__(self, sheets: Sequence[SurveySheet]) -> None:
        """Number the rows."""
        self.sheets = tuple(sheets)
        self._first = [0, *itertools.accumulate(len(sheet.frame) for sheet in self.sheets)]

    def numbered(self, sheets: Sequence[SurveySheet]) -> Iterator[tuple[SurveySheet, NDArray[np.int64]]]:
        """Each of `sheets`, which must be among those numbered, with the numbers of its rows."""
        position = {id(sheet): at for at, sheet in enumerate(self.sheets)}
        for sheet in sheets:
            at = position[id(sheet)]
            yield sheet, np.arange(self._first[at], self._first[at + 1], dtype=np.int64)

    def spot(self, line: int, question: str | None = None) -> dict[str, Any]:
        """Where a row stands, as `Findings.error` takes it: `place`, `row` and, of a question, `column`."""
        at = bisect_right(self._first, line) - 1
        sheet = self.sheets[at]
        spot = {"place": sheet.place, "row": int(sheet.rows[line - self._first[at]])}
        return spot if question is None else spot | {"column": sheet.header(question)}

    def title(self, line: int, *, beside: int) -> str:
        """The row that a number stands for, as one reads it `beside` another: with its file where that is not the same."""
        there, here = self.spot(line), self.spot(beside)
        if there["place"] == here["place"]:
            return str(there["row"])
        named = (there["place"].file, there["place"].layer)
        return f"{there['row']} ({', '.join(name for name in named if name)})"


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells one below the other, each knowing where it stands.

    Attributes:
        text: What they hold (dtype string, RangeIndex), null where empty; shape (n,).
        line: The row of each, as `Lines` numbers it; shape (n,).
        asked: The position of its question in `questions`; shape (n,).
        questions: Names of columns.
    """

    text: pd.Series
    line: NDArray[np.int64]
    asked: NDArray[np.intp]
    questions: tuple[str, ...]

    @property
    def is_filled(self) -> NDArray[np.bool_]:
        """Which cells hold something, shape (n,)."""
        return np.asarray(self.text.notna(), dtype=bool)

    def take(self, which: NDArray[np.bool_]) -> Cells:
        """Some of the cells, `which` of shape (n,)."""
        text = self.text[which].reset_index(drop=True)
        return Cells(text, self.line[which], self.asked[which], self.questions)


def whole_column(lines: Lines, sheets: Sequence[SurveySheet], question: str) -> Cells:
    """All cells of a column of several sheets; empty ones where a sheet has no such column."""
    texts, numbered = [pd.Series(dtype="string")], [np.empty(0, dtype=np.int64)]
    for sheet, line in lines.numbered(sheets):
        has = question in sheet.frame
        texts.append(sheet.frame[question] if has else pd.Series(pd.NA, index=line, dtype="string"))
        numbered.append(line)
    text = pd.concat(texts, ignore_index=True)
    return Cells(text, np.concatenate(numbered), np.zeros(len(text), dtype=np.intp), (question,))


def stacked(lines: Lines, sheets: Sequence[SurveySheet], questions: Sequence[str]) -> Cells:
    """The cells of several columns of several sheets that hold something, column by column."""
    texts, numbered, asked = [], [], []
    for sheet, line in lines.numbered(sheets):
        for position, question in enumerate(questions):
            if question not in sheet.frame:
                continue
            column = sheet.frame[question].array
            filled = np.flatnonzero(~column.isna())
            texts.append(pd.Series(column.take(filled)))
            numbered.append(line[filled])
            asked.append(np.full(len(filled), position, dtype=np.intp))
    return Cells(
        pd.concat([pd.Series(dtype="string"), *texts], ignore_index=True),
        np.concatenate([np.empty(0, dtype=np.int64), *numbered]),
        np.concatenate([np.empty(0, dtype=np.intp), *asked]),
        tuple(questions),
    )


def joined(parts: Sequence[Cells]) -> Cells:
    """Cells one below the other."""
    first = np.cumsum([0, *(len(one.questions) for one in parts)])
    return Cells(
        pd.concat([pd.Series(dtype="string"), *(one.text for one in parts)], ignore_index=True),
        np.concatenate([np.empty(0, dtype=np.int64), *(one.line for one in parts)]),
        np.concatenate(
            [
                np.empty(0, dtype=np.intp),
                *(one.asked + start for one, start in zip(parts, first, strict=False)),
            ]
        ),
        tuple(question for one in parts for question in one.questions),
    )


def first_alike(keys: NDArray[np.int64] | pd.Series) -> NDArray[np.intp]:
    """The position of the first of all that equal each key, its own where it is the first, null or below 0; shape (n,).

    Example:
        >>> first_alike(np.array([7, 8, 7])).tolist()
        [0, 1, 0]
    """
    number = keys if isinstance(keys, np.ndarray) else pd.factorize(keys)[0]
    order = np.argsort(number, kind="stable")
    starts = np.diff(number[order], prepend=-2) != 0
    first = np.empty(len(number), dtype=np.intp)
    first[order] = order[np.flatnonzero(starts)[np.cumsum(starts) - 1]]
    return np.where(number < 0, np.arange(len(number)), first)


def report(
    cells: Cells,
    is_bad: NDArray[np.bool_],
    lines: Lines,
    findings: Findings,
    code: FindingCode,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    suggestion: str | Callable[[str], str] | None = None,
) -> None:
    """Add a finding for each bad cell.

    Args:
        cells: Shape (n,).
        is_bad: Which, shape (n,).
        lines: The numbers that `cells` use.
        findings: Where they are added.
        code: Their code.
        message: One sentence for all.
        severity: Of all.
        suggestion: One sentence for all, or made from a cell's text.
    """
    add = findings.error if severity is Severity.ERROR else findings.warning
    for at in np.flatnonzero(is_bad).tolist():
        text = None if pd.isna(cells.text[at]) else str(cells.text[at])
        said = suggestion(text or "") if callable(suggestion) else suggestion
        spot = lines.spot(int(cells.line[at]), cells.questions[cells.asked[at]])
        add(code, message, **spot, value=_shown(text), suggestion=said)


def _shown(text: str | None) -> str | None:
    if text is None or len(text) <= _MOST_VALUE_CHARACTERS:
        return text
    return f"{text[:_MOST_VALUE_CHARACTERS]}…"


def counts(cells: Cells, lines: Lines, findings: Findings) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Whole numbers from 0 to `MOST_INDIVIDUALS`, NaN where a cell is empty or holds none; and whether it holds something else.

    Spaces between thousands are understood, commas are not. Both shape (n,).
    """
    # Of a round's millions of cells few are different.
    which, said = pd.factorize(cells.text.array)
    values, is_text = numbers(pd.Series(said, dtype="string"), decimal_comma=False)
    with np.errstate(invalid="ignore"):
        is_wrong = is_text | np.isinf(values) | (values < 0) | (values % 1 != 0) & ~np.isnan(values)
        is_large = ~is_wrong & (values > MOST_INDIVIDUALS)
    values[is_wrong | is_large] = np.nan
    is_wrong, is_large = np.append(is_wrong, False)[which], np.append(is_large, False)[which]
    report(
        cells,
        is_wrong,
        lines,
        findings,
        FindingCode.NOT_A_COUNT,
        _NOT_A_COUNT(),
        suggestion=_WRITE_A_COUNT(),
    )
    report(
        cells,
        is_large,
        lines,
        findings,
        FindingCode.COUNT_TOO_LARGE,
        _TOO_LARGE(most=MOST_INDIVIDUALS),
        suggestion=_WRITE_A_COUNT(),
    )
    return np.append(values, np.nan)[which], is_wrong | is_large


def codes(
    cells: Cells, words: Mapping[str, str], lines: Lines, findings: Findings
) -> tuple[pd.Series, NDArray[np.bool_]]:
    """The codes that cells mean (dtype string, RangeIndex), null where a cell is empty or means none; and where it means none."""
    meant, is_unknown = codes_of(cells.text, words)

    answers = tuple(dict.fromkeys(words.values()))

    def suggestion(text: str) -> str:
        near = nearest_code(text, words)
        if near is not None:
            return _DID_YOU_MEAN(near=near)
        few = len(answers) <= _MOST_ANSWERS_NAMED
        return _WRITE_ONE_OF(answers=", ".join(answers)) if few else _WRITE_AN_ANSWER()

    report(
        cells,
        is_unknown,
        lines,
        findings,
        FindingCode.UNKNOWN_CODE,
        _UNKNOWN_CODE(),
        suggestion=suggestion,
    )
    return meant, is_unknown


def yes_no(cells: Cells, lines: Lines, findings: Findings) -> pd.Series:
    """Yes or no (dtype boolean, RangeIndex), null where a cell is empty, says that it is not known or means neither."""
    meant, _ = codes(cells, YES_NO_WORDS, lines, findings)
    return (meant == YES).mask(meant == UNSURE).astype("boolean")


def days(cells: Cells, lines: Lines, findings: Findings | None) -> pd.Series:
    """ISO dates (dtype string, RangeIndex) of days or times, null where a cell is empty or holds none.

    Read are ISO 8601, a workbook's own dates and `31.12.2023`, each with or without a time, whose day is taken as written.

    Args:
        cells: Shape (n,).
        lines: The numbers that `cells` use.
        findings: Where errors are added; null for nowhere.
    """
    which, said = pd.factorize(cells.text.array)
    text = pd.Series(said, dtype="string").str.strip()
    iso, dotted = (text.str.extract(pattern) for pattern in _DAYS)
    parts = iso.fillna(dotted[iso.columns])
    written = parts["year"] + "-" + parts["month"].str.zfill(2) + "-" + parts["day"].str.zfill(2)
    is_day = pd.to_datetime(written, format="%Y-%m-%d", errors="coerce").notna()
    if findings is not None:
        is_bad = np.append((text.notna() & ~is_day).to_numpy(dtype=bool), False)[which]
        code = FindingCode.IMPOSSIBLE_DATE
        report(cells, is_bad, lines, findings, code, _NOT_A_DAY(), suggestion=_WRITE_A_DAY())
    return pd.Series(written.where(is_day).array.take(which, allow_fill=True))
