"""What cannot be in a submission as a whole: no name, an impossible day, nobody who answered, the same village again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import first_alike
from geo_service.spatial.names import name_key
from geo_service.wording import Wording

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.cells import Lines

__all__ = [
    "FIRST_DAY",
    "check_days",
    "check_informants",
    "check_same_village",
    "check_submissions",
    "check_twice",
]

FIRST_DAY = "1990-01-01"
"""No interview is older."""

_NO_NAME = Wording(
    en="the village has neither a name nor a code",
    ru="у населённого пункта нет ни названия, ни кода",
    kk="елді мекеннің атауы да, коды да жоқ",
)
_GIVE_EITHER = Wording(
    en="Fill in one of them", ru="Укажите что-либо из двух", kk="Екеуінің бірін толтырыңыз"
)
_FUTURE = Wording(
    en="the interview was held in the future: today is {today}",
    ru="дата интервью в будущем: сегодня {today}",
    kk="сұхбат болашақта өткен болып тұр: бүгін {today}",
)
_TOO_EARLY = Wording(
    en="the interview was held before {first}",
    ru="интервью проведено до {first}",
    kk="сұхбат {first} күнінен бұрын өткен болып тұр",
)
_AFTER_SUBMISSION = Wording(
    en="the interview was held after its answers were sent, on {sent}",
    ru="интервью проведено позже, чем отправлены ответы: {sent}",
    kk="сұхбат жауаптар жіберілген {sent} күнінен кейін өткен болып тұр",
)
_CORRECT_DAY = Wording(
    en="Correct the date of the interview", ru="Исправьте дату интервью", kk="Сұхбат күнін түзетіңіз"
)
_MORE_HOUSEHOLDS = Wording(
    en="the village has {households} households and only {population} inhabitants",
    ru="в населённом пункте домохозяйств — {households}, а жителей — только {population}",
    kk="елді мекенде үй шаруашылығы — {households}, ал тұрғын — тек {population}",
)
_SWAPPED = Wording(
    en="Were the two numbers swapped? A household has one member at least",
    ru="Не перепутаны ли числа? В домохозяйстве не меньше одного человека",
    kk="Сандар ауысып кетпеген бе? Үй шаруашылығында кемінде бір адам болады",
)
_NOBODY = Wording(
    en="no key informant is given, so nobody can have said what stands here",
    ru="не указан ни один ключевой информант, так что сообщить эти сведения никто не мог",
    kk="бірде-бір ақпарат беруші көрсетілмеген, демек бұл мәліметті ешкім айтпаған болып тұр",
)
_GIVE_INFORMANTS = Wording(
    en="Add the role and sex of those who answered",
    ru="Добавьте роль и пол тех, кто отвечал",
    kk="Жауап бергендердің рөлі мен жынысын қосыңыз",
)
_NOBODY_ANYWHERE = Wording(
    en="no key informant is given for any of the {count} villages, so nobody can have said what stands here",
    ru="ни для одного населённого пункта (их {count}) не указаны ключевые информанты, так что сообщить эти сведения никто не мог",
    kk="{count} елді мекеннің ешқайсысында ақпарат беруші көрсетілмеген, демек бұл мәліметті ешкім айтпаған болып тұр",
)
_GIVE_REPEATS = Wording(
    en="A CSV of KoboToolbox lacks the groups that repeat: export XLSX; of ODK Central or the plain layout give all the files together",
    ru="В CSV из KoboToolbox нет повторяющихся групп: экспортируйте XLSX; из ODK Central и в простой таблице передайте все файлы вместе",
    kk="KoboToolbox CSV файлында қайталанатын топтар жоқ: XLSX экспорттаңыз; ODK Central мен қарапайым кестенің барлық файлын бірге беріңіз",
)
_SYNTHETIC = Wording(
    en="{count} of {villages} villages are synthetic: their answers are made up, not surveyed",
    ru="синтетических населённых пунктов — {count} из {villages}: их ответы придуманы, а не собраны",
    kk="{villages} елді мекеннің {count} синтетикалық: олардың жауаптары жиналмаған, ойдан шығарылған",
)
_AGAIN = Wording(
    en="the village was submitted already, in row {row}",
    ru="этот населённый пункт уже есть в строке {row}",
    kk="бұл елді мекен {row}-жолда бар",
)
_KEEP_ONE = Wording(
    en="Keep one of the two; if they are two villages, give each its own code",
    ru="Оставьте одну из двух строк; если это разные населённые пункты, укажите код каждого",
    kk="Екі жолдың бірін қалдырыңыз; егер бұл екі бөлек елді мекен болса, әрқайсысының кодын көрсетіңіз",
)


def check_submissions(villages: pd.DataFrame, lines: Lines, findings: Findings) -> None:
    """Find villages without name and code, with more households than inhabitants, and say once that some are synthetic.

    Args:
        villages: Of `village_answers`.
        lines: The numbers of their rows.
        findings: Where errors and warnings are added.
    """
    is_nameless = villages["village_name"].isna() & villages["village_code"].isna()
    for at in np.flatnonzero(is_nameless).tolist():
        spot = lines.spot(at, q.VILLAGE_NAME)
        findings.error(FindingCode.MISSING_VALUE, _NO_NAME(), **spot, suggestion=_GIVE_EITHER())
    for at in np.flatnonzero(villages["households"] > villages["population"]).tolist():
        both = {name: int(villages[name][at]) for name in ("households", "population")}
        findings.error(
            FindingCode.HOUSEHOLDS_ABOVE_INDIVIDUALS,
            _MORE_HOUSEHOLDS(**both),
            **lines.spot(at, q.VILLAGE_HOUSEHOLDS),
            value=f"{both['households']} > {both['population']}",
            suggestion=_SWAPPED(),
        )
    if villages["synthetic"].any():
        first = int(villages["synthetic"].to_numpy().argmax())
        spot = lines.spot(first, q.SYNTHETIC) | {"row": None}
        count = int(villages["synthetic"].sum())
        findings.warning(
            FindingCode.SYNTHETIC_DATA,
            _SYNTHETIC(count=count, villages=len(villages)),
            **spot,
            value=str(count),
        )


def check_days(
    answers: pd.DataFrame, line: NDArray[np.int64], lines: Lines, findings: Findings, today: date
) -> None:
    """Find interviews in the future, before `FIRST_DAY`, or held after they were sent.

    The server writes when they were sent in UTC, where the day may be one less than on the phone.

    Args:
        answers: `interviewed_on` and `submitted_on` (string, ISO dates, null where not known), shape (m,), RangeIndex.
        line: Where each stands, shape (m,).
        lines: The numbers of rows.
        findings: Where errors are added.
        today: The last day that can have been.
    """
    day, sent = answers["interviewed_on"], answers["submitted_on"]
    is_future = (day > today.isoformat()).fillna(value=False)
    is_early = (day < FIRST_DAY).fillna(value=False)
    last = pd.to_datetime(sent) + pd.Timedelta(days=1)
    is_late = (pd.to_datetime(day) > last) & ~is_future
    for at in np.flatnonzero(is_future | is_early | is_late).tolist():
        if is_future[at]:
            message = _FUTURE(today=today.isoformat())
        elif is_early[at]:
            message = _TOO_EARLY(first=FIRST_DAY)
        else:
            message = _AFTER_SUBMISSION(sent=str(sent[at]))
        spot = lines.spot(int(line[at]), q.INTERVIEW_DATE)
        value = str(day[at])
        findings.error(FindingCode.IMPOSSIBLE_DATE, message, **spot, value=value, suggestion=_CORRECT_DAY())


def check_informants(
    informants: pd.DataFrame, is_again: NDArray[np.bool_], lines: Lines, findings: Findings
) -> None:
    """Find villages of which no key informant is given, not even one that cannot be read; one error for all where none is anywhere.

    Args:
        informants: Of `informant_answers`.
        is_again: Which villages are submitted again, shape (n,); rows about such a village are taken to be about its first submission.
        lines: The numbers of their rows.
        findings: Where errors are added.
    """
    code, villages = FindingCode.MISSING_KEY_INFORMANTS, len(is_again)
    if not len(informants) and villages > 1:
        spot = lines.spot(0, q.INFORMANTS) | {"row": None}
        findings.error(code, _NOBODY_ANYWHERE(count=villages), **spot, suggestion=_GIVE_REPEATS())
        return
    answered = np.bincount(informants["village"].to_numpy(), minlength=villages)
    for at in np.flatnonzero((answered == 0) & ~is_again).tolist():
        spot = lines.spot(at, q.INFORMANTS)
        findings.error(code, _NOBODY(), **spot, suggestion=_GIVE_INFORMANTS())


def check_twice(villages: pd.DataFrame, lines: Lines, findings: Findings) -> NDArray[np.bool_]:
    """Find villages that were submitted more than once: of one code; of one name in one district, unless each has a code of its own.

    Args:
        villages: Of `village_answers`, with `adm1_pcode` and `adm2_pcode` (string, null where not known).
        lines: The numbers of their rows.
        findings: Where errors are added, each naming the first of the rows.

    Returns:
        Which are submitted again, shape (n,).
    """
    own = np.arange(len(villages))
    code = villages["village_code"].str.casefold()
    first = first_alike(code)
    is_again = first != own
    _report_again(villages, is_again, first, q.VILLAGE_CODE, lines, findings)

    first = first_alike(_names_in_place(villages, code.isna()))
    has_code = code.notna().to_numpy(dtype=bool)
    is_alike = (first != own) & ~is_again & ~(has_code & has_code[first])
    _report_again(villages, is_alike, first, q.VILLAGE_NAME, lines, findings)
    return np.asarray(is_again | is_alike)


def _names_in_place(villages: pd.DataFrame, is_open: pd.Series) -> pd.Series:
    """The unit and comparable name of each village of a unit where any has no code, which `is_open` says; null elsewhere."""
    unit = pd.Series("", index=villages.index, dtype="string")
    for pcode, declared in (("adm1_pcode", q.REGION), ("adm2_pcode", q.DISTRICT)):
        unit = unit + villages[pcode].fillna(villages[declared].str.casefold()).fillna("") + "/"
    names = villages["village_name"].where(unit.isin(unit[is_open])).map(name_key, na_action="ignore")
    return unit + names.astype("string").replace("", pd.NA)


def check_same_village(
    villages: pd.DataFrame, is_again: NDArray[np.bool_], lines: Lines, findings: Findings
) -> NDArray[np.bool_]:
    """Find villages that were recognised as one which another row was recognised as already.

    Args:
        villages: Of `place_villages`.
        is_again: Which are known to be submitted again, shape (n,).
        lines: The numbers of their rows.
        findings: Where errors are added, each naming the first of the rows.

    Returns:
        Which are submitted again, those of `is_again` among them, shape (n,).
    """
    first = first_alike(villages["village_id"].where(~is_again))
    is_same = first != np.arange(len(villages))
    question = np.where(villages["village_name"].isna(), q.VILLAGE_CODE, q.VILLAGE_NAME)
    for name in (q.VILLAGE_CODE, q.VILLAGE_NAME):
        _report_again(villages, is_same & (question == name), first, name, lines, findings)
    return np.asarray(is_again | is_same)


def _report_again(
    villages: pd.DataFrame,
    is_again: NDArray[np.bool_],
    first: NDArray[np.intp],
    question: str,
    lines: Lines,
    findings: Findings,
) -> None:
    for at in np.flatnonzero(is_again).tolist():
        findings.error(
            FindingCode.DUPLICATE_SUBMISSION,
            _AGAIN(row=lines.title(int(first[at]), beside=at)),
            **lines.spot(at, question),
            value=str(villages[question][at]),
            suggestion=_KEEP_ONE(),
        )
