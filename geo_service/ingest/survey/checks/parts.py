"""Whether the parts of a group add up to its individuals, and no part is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import first_alike
from geo_service.ingest.survey.answers.choices import part_codes
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.ingest.survey.answers.parts import DIMENSIONS
from geo_service.ingest.survey.answers.reading import NOWHERE
from geo_service.ingest.survey.checks.groups import said_present
from geo_service.vocabulary import DIMENSIONS as DIMENSION_TERMS
from geo_service.vocabulary import Dimension
from geo_service.wording import Wording

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.grid import Grid
    from geo_service.ingest.survey.answers.parts import Parts

__all__ = ["check_parts", "groups_with_parts", "settled_parts"]

_DIFFER = Wording(
    en="by '{dimension}' the individuals add up to {parts}, and the group has {total}",
    ru="сумма частей («{dimension}») — {parts}, а всего в группе — {total}",
    kk="бөліктердің қосындысы («{dimension}») — {parts}, ал топта барлығы — {total}",
)
_CORRECT = Wording(
    en="Correct the parts or the number of individuals",
    ru="Исправьте части или общее число человек",
    kk="Бөліктерді немесе жалпы адам санын түзетіңіз",
)
_FEWER_REASONS = Wording(
    en="reasons are given for {parts} individuals of {total}; those of the others count as not known",
    ru="причины указаны для {parts} человек из {total}; остальные считаются неизвестными",
    kk="себептер {total} адамның {parts} үшін көрсетілген; қалғандары белгісіз деп есептеледі",
)
_SAID_TWICE = Wording(
    en="the part '{code}' is given for this group of the village already, in row {row}",
    ru="часть «{code}» для этой группы населённого пункта уже указана в строке {row}",
    kk="«{code}» бөлігі елді мекеннің осы тобы үшін {row}-жолда көрсетіліп қойған",
)
_ADD_UP = Wording(
    en="Write their sum into one row", ru="Запишите их сумму в одну строку", kk="Қосындысын бір жолға жазыңыз"
)
_FUTURE_YEAR = Wording(
    en="the year has not come yet", ru="этот год ещё не наступил", kk="бұл жыл әлі келген жоқ"
)

# Where the part of a row is named, by the question under which its number stands.
_NAMED_UNDER = {q.country_count_question(group): q.country_question(group) for group in GROUPS} | {
    "individuals": "code"
}


def groups_with_parts(parts: Parts, villages: int) -> NDArray[np.bool_]:
    """Whether any part of more than nobody is given, shape (n * k,) as the rows of `mobility_answers`."""
    place = parts.frame["place"].to_numpy()[parts.frame["individuals"].to_numpy() > 0]
    return np.asarray(np.bincount(place, minlength=villages * len(GROUPS)) > 0)


def check_parts(parts: Parts, mobility: pd.DataFrame, grid: Grid, findings: Findings, today: date) -> None:
    """Find parts that are there twice, that do not add up to the individuals of their group, or lie in the future.

    A dimension with a number that cannot be read is not added up.

    Args:
        parts: Of `part_answers`.
        mobility: Of `mobility_answers`.
        grid: Where `mobility` stands.
        findings: Where errors and warnings are added.
        today: The last day that can have been.
    """
    is_again = _check_twice(parts, grid, findings)
    _check_years(parts, grid, findings, today)
    _, is_absent = said_present(mobility)
    individuals = mobility["individuals"].to_numpy()
    total = np.where(np.isnan(individuals) & is_absent & ~mobility["is_bad"], 0, individuals)[:, np.newaxis]

    which = (parts.frame["place"] * len(DIMENSIONS) + parts.frame["dimension"]).to_numpy()
    counted = parts.frame["individuals"].fillna(0).to_numpy()

    def by_dimension(rows: NDArray[np.bool_] | slice, weights: NDArray[np.float64]) -> NDArray[Any]:
        added = np.bincount(which[rows], weights[rows], minlength=len(mobility) * len(DIMENSIONS))
        return added.reshape(-1, len(DIMENSIONS))

    is_given = by_dimension(slice(None), np.ones(len(which))) > 0
    is_unread = by_dimension(slice(None), parts.frame["is_bad"].to_numpy(dtype=np.float64)) > 0
    added = by_dimension(slice(None), counted)
    # Whether a part that is there twice is to be added or to be struck out, the error of it says enough where either adds up.
    once = by_dimension(~is_again, counted)
    is_off = is_given & ~is_unread & ~np.isnan(total) & (added != total) & (once != total)
    for at, position in zip(*(places.tolist() for places in np.nonzero(is_off)), strict=True):
        _report(int(added[at, position]), int(total[at, 0]), DIMENSIONS[position], at, grid, findings)


def _report(added: int, total: int, dimension: Dimension, at: int, grid: Grid, findings: Findings) -> None:
    spot, value = grid.spot(at, "individuals"), f"{added} ≠ {total}"
    if dimension is Dimension.REASON and added < total:
        message = _FEWER_REASONS(parts=added, total=total)
        findings.warning(FindingCode.PARTS_DIFFER, message, **spot, value=value)
        return
    message = _DIFFER(dimension=DIMENSION_TERMS[dimension], parts=added, total=total)
    findings.error(FindingCode.PARTS_DIFFER, message, **spot, value=value, suggestion=_CORRECT())


def _check_twice(parts: Parts, grid: Grid, findings: Findings) -> NDArray[np.bool_]:
    """Which parts are there a second time, shape (p,)."""
    first = first_alike(_keys(parts))
    is_again = (first != np.arange(len(first))) & (parts.frame["code"] != NOWHERE).to_numpy()
    for at in np.flatnonzero(is_again).tolist():
        line, code = int(parts.cells.line[at]), part_codes()[parts.frame["code"][at]]
        findings.error(
            FindingCode.DUPLICATE_PART,
            _SAID_TWICE(code=code, row=grid.lines.title(int(parts.cells.line[first[at]]), beside=line)),
            **_named_at(parts, at, grid),
            value=code,
            suggestion=_ADD_UP(),
        )
    return np.asarray(is_again)


def _check_years(parts: Parts, grid: Grid, findings: Findings, today: date) -> None:
    future = [at for at, code in enumerate(part_codes()) if code.isdigit() and int(code) > today.year]
    is_future = parts.frame["code"].isin(future) & (parts.frame["individuals"] > 0)
    for at in np.flatnonzero(is_future).tolist():
        code = part_codes()[parts.frame["code"][at]]
        findings.error(FindingCode.IMPOSSIBLE_DATE, _FUTURE_YEAR(), **_named_at(parts, at, grid), value=code)


def _named_at(parts: Parts, at: int, grid: Grid) -> dict[str, Any]:
    """Where the code of a part stands."""
    question = parts.cells.questions[parts.cells.asked[at]]
    return grid.lines.spot(int(parts.cells.line[at]), _NAMED_UNDER.get(question, question))


def _keys(parts: Parts) -> NDArray[np.int64]:
    """One number a part, the same for the same part of the same group of the same village; in the order of all four."""
    frame = parts.frame
    keys = (frame["place"] * len(DIMENSIONS) + frame["dimension"]) * len(part_codes()) + frame["code"]
    return np.asarray(keys, dtype=np.int64)


def settled_parts(parts: Parts) -> pd.DataFrame:
    """The parts of more than nobody: `village` (int64), `group`, `dimension` (codes, categorical), `code` (string), `individuals` (int64)."""
    usable = parts.take(((parts.frame["code"] != NOWHERE) & (parts.frame["individuals"] > 0)).to_numpy())
    keys = _keys(usable)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=NOWHERE))
    individuals = np.add.reduceat(usable.frame["individuals"].to_numpy()[order], starts)
    keys = keys[order][starts]
    above, code = np.divmod(keys, len(part_codes()))
    place, dimension = np.divmod(above, len(DIMENSIONS))
    village, group = np.divmod(place, len(GROUPS))
    return pd.DataFrame(
        {
            "village": village,
            "group": pd.Categorical.from_codes(group, categories=[str(one) for one in GROUPS]),
            "dimension": pd.Categorical.from_codes(dimension, categories=[str(one) for one in DIMENSIONS]),
            "code": pd.array(part_codes(), dtype="string").take(code),
            "individuals": individuals.astype(np.int64),
        }
    )
