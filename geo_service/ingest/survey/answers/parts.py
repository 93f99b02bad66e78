"""The individuals of each group by sex, country, year, kind and reason: from columns, repeats and long sheets alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Severity
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import (
    Cells,
    codes,
    counts,
    joined,
    report,
    stacked,
    whole_column,
)
from geo_service.ingest.survey.answers.choices import (
    DIMENSION_WORDS,
    GROUP_WORDS,
    folded,
    part_codes,
    part_words,
)
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.ingest.survey.answers.reading import NOWHERE, chosen, villages_of
from geo_service.vocabulary import DIMENSIONS as DIMENSION_TERMS
from geo_service.vocabulary import Dimension, PopulationGroup, moves_across_border
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo_service.ingest.survey.answers.reading import Reading

__all__ = ["DIMENSIONS", "Parts", "part_answers"]

DIMENSIONS = tuple(Dimension)

_NO_SUCH_PART = Wording(
    en="'{code}' is no part of {dimension}",
    ru="«{dimension}»: части «{code}» нет",
    kk="«{dimension}»: «{code}» деген бөлік жоқ",
)
_RENAME = Wording(
    en="Rename the column after a code of the form, or delete it",
    ru="Назовите столбец по коду из формы или удалите его",
    kk="Бағанды формадағы код бойынша атаңыз немесе жойыңыз",
)
_NO_CODE = Wording(
    en="a number stands here without saying of which part",
    ru="здесь есть число, но не указано, к какой части оно относится",
    kk="мұнда сан бар, бірақ оның қай бөлікке қатысты екені көрсетілмеген",
)
_NAME_THE_PART = Wording(
    en="Write its code, 'unknown' where it is not known",
    ru="Запишите её код, «unknown» — если она неизвестна",
    kk="Оның кодын жазыңыз, белгісіз болса — «unknown»",
)
_NO_COUNT = Wording(
    en="it is not said how many individuals these are",
    ru="не указано, сколько это человек",
    kk="бұл қанша адам екені көрсетілмеген",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of groups.

    Attributes:
        frame: One row a part: `place` (int64: a village's number times the number of groups, and the position in `GROUPS`), `dimension`
            (int8: position in `DIMENSIONS`), `code` (int16: position in `part_codes()`, `NOWHERE` where it is not usable), `individuals`
            (float64, NaN where the number is not usable) and `is_bad` (bool: what stands for the number is none).
        cells: Where the numbers stand, in the order of the rows.
    """

    frame: pd.DataFrame
    cells: Cells

    def take(self, which: NDArray[np.bool_]) -> Parts:
        """Some of the parts, `which` of shape (p,)."""
        return Parts(self.frame[which].reset_index(drop=True), self.cells.take(which))


def part_answers(reading: Reading) -> Parts:
    """The parts of all layouts; a part without a number is left out."""
    pieces = [_wide(reading), *_repeated(reading), *_long(reading)]
    cells = joined([one.cells for one in pieces])
    individuals, is_bad = counts(cells, reading.lines, reading.findings)
    frame = pd.concat([one.frame for one in pieces], ignore_index=True)
    parts = Parts(frame.assign(individuals=individuals, is_bad=is_bad), cells)
    return parts.take(~np.isnan(individuals) | is_bad)


def _piece(
    cells: Cells, place: NDArray[np.int64], dimension: NDArray[np.int64], code: NDArray[np.int64]
) -> Parts:
    columns = {"place": place, "dimension": dimension.astype(np.int8), "code": code.astype(np.int16)}
    return Parts(pd.DataFrame(columns), cells)


# A column a part


def _wide(reading: Reading) -> Parts:
    asked = {
        question: part
        for sheet in reading.raw.villages
        for question in sheet.frame.columns
        if (part := _part_of(question)) is not None
    }
    cells = stacked(reading.lines, reading.raw.villages, [*asked])
    groups = np.array([GROUPS.index(group) for group, _, _ in asked.values()], dtype=np.int64)
    dimensions = np.array([DIMENSIONS.index(dimension) for _, dimension, _ in asked.values()], dtype=np.int64)
    position = {code: at for at, code in enumerate(part_codes())}
    meant = [part_words(dimension).get(folded(text), "") for _, dimension, text in asked.values()]
    for at in np.unique(cells.asked).tolist():
        if not meant[at]:
            _report_column(reading, cells, at, *list(asked.values())[at][1:])
    code = np.array([position.get(one, NOWHERE) for one in meant], dtype=np.int64)
    place = cells.line * len(GROUPS) + groups[cells.asked]
    return _piece(cells, place, dimensions[cells.asked], code[cells.asked])


def _part_of(question: str) -> tuple[PopulationGroup, Dimension, str] | None:
    """What a column such as `labour_migrants_country_UZB` counts, the code as it is written; null when it is no such column."""
    for group in GROUPS:
        for dimension in DIMENSIONS:
            start = q.part_question(group, dimension, "")
            if question.startswith(start) and question != q.country_count_question(group):
                return group, dimension, question.removeprefix(start)
    return None


def _report_column(reading: Reading, cells: Cells, at: int, dimension: Dimension, code: str) -> None:
    first = int(cells.line[cells.asked == at][0])
    spot = reading.lines.spot(first, cells.questions[at]) | {"row": None}
    message = _NO_SUCH_PART(code=code, dimension=DIMENSION_TERMS[dimension])
    reading.findings.error(FindingCode.UNKNOWN_CODE, message, **spot, value=code, suggestion=_RENAME())


# A row a part


def _repeated(reading: Reading) -> Iterator[Parts]:
    for at, group in enumerate(GROUPS):
        sheets = reading.raw.repeats.get(q.countries_repeat(group), ())
        if not sheets or not moves_across_border(group):
            continue
        village = villages_of(reading, sheets)
        cells = whole_column(reading.lines, sheets, q.country_count_question(group))
        named = whole_column(reading.lines, sheets, q.country_question(group))
        dimension = np.full(len(village), DIMENSIONS.index(Dimension.COUNTRY), dtype=np.int64)
        code = _coded(reading, named, cells, dimension)
        yield _piece(cells, village * len(GROUPS) + at, dimension, code).take(village != NOWHERE)


def _long(reading: Reading) -> Iterator[Parts]:
    sheets = reading.raw.long.get("breakdowns", ())
    if not sheets:
        return
    village = villages_of(reading, sheets)
    group = chosen(reading, sheets, "group", GROUP_WORDS, GROUPS)
    dimension = chosen(reading, sheets, "dimension", DIMENSION_WORDS, DIMENSIONS)
    cells = whole_column(reading.lines, sheets, "individuals")
    code = _coded(reading, whole_column(reading.lines, sheets, "code"), cells, dimension)
    is_placed = (village != NOWHERE) & (group != NOWHERE) & (dimension != NOWHERE)
    yield _piece(cells, village * len(GROUPS) + group, dimension, code).take(is_placed)


def _coded(reading: Reading, named: Cells, cells: Cells, dimension: NDArray[np.int64]) -> NDArray[np.int64]:
    """The codes of parts that are named in a column of their own, and what is missing beside a name or a number."""
    lines, findings = reading.lines, reading.findings
    meant = pd.Series(pd.NA, index=range(len(dimension)), dtype="string")
    is_unknown = np.zeros(len(dimension), dtype=bool)
    for at in np.unique(dimension[dimension != NOWHERE]).tolist():
        rows = dimension == at
        some, is_bad = codes(named.take(rows), part_words(DIMENSIONS[at]), lines, findings)
        meant[rows] = some.array
        is_unknown[rows] = is_bad
    is_blank = meant.isna().to_numpy(dtype=bool) & ~is_unknown & (dimension != NOWHERE)
    report(
        named,
        is_blank & cells.is_filled,
        lines,
        findings,
        FindingCode.MISSING_VALUE,
        _NO_CODE(),
        suggestion=_NAME_THE_PART(),
    )
    report(
        cells,
        named.is_filled & ~cells.is_filled,
        lines,
        findings,
        FindingCode.MISSING_VALUE,
        _NO_COUNT(),
        severity=Severity.WARNING,
    )
    return np.asarray(pd.Index(part_codes()).get_indexer(meant.array), dtype=np.int64)
