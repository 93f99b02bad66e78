"""The answers of a survey as frames of values, each row knowing where it stands in its file.

A village is a row of a main sheet of B2; its number is that of its row among all rows of the main sheets, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey.answers.cells import Lines, codes, report, whole_column
from geo_service.ingest.survey.raw import KEY
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.raw import RawSurvey, SurveySheet

__all__ = ["NOWHERE", "Reading", "chosen", "villages_of"]

NOWHERE = -1
"""The number of no village and the position of no choice."""

_ORPHANED = Wording(
    en="it belongs to no village of this survey",
    ru="строка не относится ни к одному населённому пункту этого опроса",
    kk="жол осы сауалнаманың ешбір елді мекеніне жатпайды",
)
_NOT_SAID = Wording(
    en="it is not said which one the row is about",
    ru="не указано, о чём эта строка",
    kk="жолдың не туралы екені көрсетілмеген",
)
_FILL_IN = Wording(
    en="Fill in the cell, or delete the row",
    ru="Заполните ячейку или удалите строку",
    kk="Ұяшықты толтырыңыз немесе жолды жойыңыз",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A survey while it is read.

    Attributes:
        raw: Its sheets.
        lines: The numbers of all their rows, those of the villages first.
        findings: Where what is wrong is added.
    """

    raw: RawSurvey
    lines: Lines
    findings: Findings

    @classmethod
    def of(cls, raw: RawSurvey, findings: Findings) -> Reading:
        """Number the rows of all sheets."""
        more = (*raw.repeats.values(), *raw.long.values())
        sheets = (*raw.villages, *raw.districts, *raw.to_visit, *(sheet for some in more for sheet in some))
        return cls(raw, Lines(sheets), findings)

    @property
    def villages(self) -> int:
        """How many villages there are."""
        return sum(len(sheet.frame) for sheet in self.raw.villages)


def villages_of(reading: Reading, sheets: Sequence[SurveySheet]) -> NDArray[np.int64]:
    """The village that each row of some sheets belongs to, the first of its key; `NOWHERE` and an error where there is none."""
    keys = whole_column(reading.lines, reading.raw.villages, KEY).text
    first = keys[~keys.duplicated() & keys.notna()]
    number = pd.Series(first.index.to_numpy(), index=pd.Index(first.array, dtype="string"))
    asked = whole_column(reading.lines, sheets, KEY)
    village: NDArray[np.int64] = number.reindex(asked.text.array).fillna(NOWHERE).to_numpy(dtype=np.int64)
    report(
        asked,
        village == NOWHERE,
        reading.lines,
        reading.findings,
        FindingCode.ORPHANED_ROW,
        _ORPHANED(),
        suggestion=_FILL_IN(),
    )
    return village


def chosen(
    reading: Reading,
    sheets: Sequence[SurveySheet],
    question: str,
    words: Mapping[str, str],
    choices: Sequence[str],
) -> NDArray[np.int64]:
    """The position among `choices` of what each row of some sheets says; `NOWHERE` and an error where it says none of them."""
    cells = whole_column(reading.lines, sheets, question)
    meant, is_unknown = codes(cells, words, reading.lines, reading.findings)
    report(
        cells,
        (meant.isna() & ~is_unknown).to_numpy(dtype=bool),
        reading.lines,
        reading.findings,
        FindingCode.MISSING_VALUE,
        _NOT_SAID(),
        suggestion=_FILL_IN(),
    )
    return np.asarray(pd.Index([str(choice) for choice in choices]).get_indexer(meant.array), dtype=np.int64)
