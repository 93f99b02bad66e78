"""How many key informants of each role and sex answered in a village. Nothing else about them is ever read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import codes, counts, first_alike, report, stacked, whole_column
from geo_service.ingest.survey.answers.choices import ROLE_WORDS, SEX_WORDS
from geo_service.ingest.survey.answers.reading import NOWHERE, chosen, villages_of
from geo_service.vocabulary import InformantRole, Sex
from geo_service.wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.ingest.survey.answers.reading import Reading
    from geo_service.ingest.survey.raw import SurveySheet

__all__ = ["informant_answers"]

_ROLES, _SEXES = tuple(InformantRole), tuple(Sex)
_ASKED = tuple((role, sex) for role in _ROLES for sex in _SEXES)
_ROLE_AT = np.repeat(np.arange(len(_ROLES)), len(_SEXES))
_SEX_AT = np.tile(np.arange(len(_SEXES)), len(_ROLES))

_NO_COUNT = Wording(
    en="it is not said how many key informants these are",
    ru="не указано, сколько это ключевых информантов",
    kk="бұл қанша ақпарат беруші екені көрсетілмеген",
)
_SAID_TWICE = Wording(
    en="this role and sex is in row {row} of the same village already",
    ru="эта роль и этот пол уже указаны для того же населённого пункта в строке {row}",
    kk="бұл рөл мен жыныс сол елді мекен үшін {row}-жолда көрсетіліп қойған",
)
_ADD_UP = Wording(
    en="Write their number into one row",
    ru="Запишите их число в одну строку",
    kk="Олардың санын бір жолға жазыңыз",
)


def informant_answers(reading: Reading) -> pd.DataFrame:
    """The key informants of all layouts.

    Returns:
        One row a statement: `village`, `role`, `sex` (int64: a village's number, positions in `InformantRole` and `Sex`; `NOWHERE` where
        the role is not usable) and `informants` (float64, NaN where the number is not usable).
    """
    return pd.concat([_wide(reading), _repeated(reading), _long(reading)], ignore_index=True)


def _wide(reading: Reading) -> pd.DataFrame:
    """From a column a role and sex."""
    cells = stacked(
        reading.lines, reading.raw.villages, [q.informant_question(role, sex) for role, sex in _ASKED]
    )
    informants, is_bad = counts(cells, reading.lines, reading.findings)
    frame = pd.DataFrame(
        {
            "village": cells.line,
            "role": _ROLE_AT[cells.asked],
            "sex": _SEX_AT[cells.asked],
            "informants": informants,
        }
    )
    return frame[(informants > 0) | is_bad]


def _repeated(reading: Reading) -> pd.DataFrame:
    """From a row a person, whose sex may be left open."""
    sheets = reading.raw.repeats.get(q.INFORMANTS, ())
    village = villages_of(reading, sheets)
    role = chosen(reading, sheets, q.INFORMANT_ROLE, ROLE_WORDS, _ROLES)
    sex = _sexes(reading, sheets, q.INFORMANT_SEX)
    frame = pd.DataFrame({"village": village, "role": role, "sex": sex, "informants": 1.0})
    return frame[village != NOWHERE]


def _long(reading: Reading) -> pd.DataFrame:
    """From a row a role and sex."""
    sheets = reading.raw.long.get("key_informants", ())
    village = villages_of(reading, sheets)
    role = chosen(reading, sheets, "role", ROLE_WORDS, _ROLES)
    sex = _sexes(reading, sheets, "sex")
    cells = whole_column(reading.lines, sheets, "informants")
    informants, is_bad = counts(cells, reading.lines, reading.findings)
    report(
        cells,
        np.isnan(informants) & ~is_bad,
        reading.lines,
        reading.findings,
        FindingCode.MISSING_VALUE,
        _NO_COUNT(),
    )
    frame = pd.DataFrame({"village": village, "role": role, "sex": sex, "informants": informants})
    _report_twice(reading, frame.assign(line=cells.line))
    return frame[(village != NOWHERE) & (informants != 0)]


def _sexes(reading: Reading, sheets: tuple[SurveySheet, ...], question: str) -> NDArray[np.int64]:
    cells = whole_column(reading.lines, sheets, question)
    meant, _ = codes(cells, SEX_WORDS, reading.lines, reading.findings)
    known = meant.fillna(Sex.UNKNOWN.value)
    return np.asarray(pd.Index([str(sex) for sex in _SEXES]).get_indexer(known.array), dtype=np.int64)


def _report_twice(reading: Reading, rows: pd.DataFrame) -> None:
    usable = rows[(rows["village"] != NOWHERE) & (rows["role"] != NOWHERE)]
    keys = (usable["village"] * len(_ROLES) + usable["role"]) * len(_SEXES) + usable["sex"]
    first = first_alike(keys.to_numpy())
    for at in np.flatnonzero(first != np.arange(len(first))).tolist():
        row, line = usable.iloc[at], int(usable["line"].iloc[at])
        reading.findings.error(
            FindingCode.DUPLICATE_PART,
            _SAID_TWICE(row=reading.lines.title(int(usable["line"].iloc[first[at]]), beside=line)),
            **reading.lines.spot(line, "role"),
            value=f"{_ROLES[int(row['role'])]}, {_SEXES[int(row['sex'])]}",
            suggestion=_ADD_UP(),
        )
