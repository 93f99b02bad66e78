"""Which admin unit a survey means by a code or a name.

What is certain is taken: a code that one unit has, or a name that is that of one unit once case, script, spelling and the words for region,
district and city are set aside. What is only like a name is proposed, never taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.spatial.names import NameKind, initials_key, name_key, name_kind
from geo_service.spatial.similarity import MOST_PROPOSALS, similarity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["LEAST_SIMILARITY", "Proposal", "match_units"]

LEAST_SIMILARITY = 50.0
"""Names less alike than this, of 100, are not proposed for one another."""

_SECOND_SPELLING = 80.0
_CODE_COLUMNS = ("pcode", "kato", "iso3166_2")
_NAME_COLUMNS = ("name_en", "name_ru", "name_kk")
# Костанайский agrees with район, Костанайская with область; a city's name is no adjective of its own.
_ADJECTIVE_KINDS = (
    (re.compile("[сц]кий$"), NameKind.DISTRICT),
    (re.compile("[сц]кая$"), NameKind.REGION),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that may be meant.

    Attributes:
        pcode: Its P-code.
        name: Its name in English, else in Russian, else in Kazakh, else its P-code.
        score: How alike the names are, 0 to 100; 100 where they are the same and something else is in doubt.
    """

    pcode: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class _Units:
    """The units of one level, by position."""

    pcodes: NDArray[np.object_]
    parents: NDArray[np.object_]
    titles: NDArray[np.object_]
    kinds: tuple[NameKind | None, ...]
    names: tuple[tuple[str, int], ...]
    by_code: Mapping[str, frozenset[int]]
    by_key: Mapping[str, frozenset[int]]

    def within(self, parent: str | None, at: frozenset[int]) -> frozenset[int]:
        """Those of some positions that lie in `parent`; all of them where it is null."""
        return at if parent is None else frozenset(one for one in at if self.parents[one] == parent)


def match_units(
    declared: pd.Series, units: gpd.GeoDataFrame, parents: pd.Series | None = None
) -> pd.DataFrame:
    """Find the unit that each row declares.

    A code is a P-code, a KATO code or one of ISO 3166-2. A name is taken when it is that of one unit only, in any of its languages or by its initials
    (`СКО`); of a city and a district of one name the word beside it decides (`Kostanay District`, `г. Костанай`), and where there is none neither
    is taken. Nothing is taken from another parent than the one declared.

    Args:
        declared: Text, shape (n,), any index: a code or a name; null or empty where nothing is declared.
        units: Schema `ADMIN_UNITS`, of one level.
        parents: The P-code of the unit around it that each row declares, in the order of `declared`; null for any. None for any in all rows.

    Returns:
        One row each, indexed like `declared`: `pcode` (string, null where it is not certain), `by` (string: `code` or `name`, null likewise)
        and `proposals` (a tuple of up to `MOST_PROPOSALS` of `Proposal`, the likeliest first; empty where one was taken and where nothing is
        like it). Units that no other row names come before those that one does, unless the spelling is near.
    """
    known = _as_units(units)
    said = pd.DataFrame(
        {
            "declared": declared.astype("string").str.strip().to_numpy(),
            "parent": pd.NA if parents is None else parents.astype("string").to_numpy(),
        },
        dtype="string",
    )
    said.loc[said["declared"] == "", "declared"] = pd.NA
    distinct = said.dropna(subset=["declared"]).drop_duplicates().reset_index(drop=True)
    questions = [
        _Question(text, None if pd.isna(parent) else parent)
        for text, parent in zip(distinct["declared"], distinct["parent"], strict=True)
    ]
    taken = _without_contradictions(questions, [_certain(one, known) for one in questions])
    proposals = _proposals(questions, taken, known)
    answers = distinct.assign(
        pcode=pd.array([None if one is None else known.pcodes[one[0]] for one in taken], dtype="string"),
        by=pd.array([None if one is None else one[1] for one in taken], dtype="string"),
        number=np.arange(len(distinct)),
    )
    found = said.merge(answers, how="left", on=["declared", "parent"])
    matches = found[["pcode", "by"]].set_index(declared.index)
    column = np.empty(len(matches), dtype=object)
    column[:] = [() if pd.isna(number) else proposals[int(number)] for number in found["number"]]
    return matches.assign(proposals=column)


@dataclass(frozen=True, slots=True)
class _Question:
    """A distinct value that rows declare, and the parent that they declare with it."""

    text: str
    parent: str | None


def _as_units(units: gpd.GeoDataFrame) -> _Units:
    frame = pd.DataFrame(units.reindex(columns=["parent_pcode", *_CODE_COLUMNS, *_NAME_COLUMNS]))
    frame = frame.astype("string").astype(object).where(lambda cells: cells.notna(), None)
    codes = [tuple(filter(None, of_unit)) for of_unit in frame[[*_CODE_COLUMNS]].itertuples(index=False)]
    names = [tuple(filter(None, of_unit)) for of_unit in frame[[*_NAME_COLUMNS]].itertuples(index=False)]
    by_key = _by_word((name_key(name), unit) for unit, of_unit in enumerate(names) for name in of_unit)
    by_initials = _by_word(
        (initials_key(name), unit) for unit, of_unit in enumerate(names) for name in of_unit
    )
    return _Units(
        pcodes=frame["pcode"].to_numpy(),
        parents=frame["parent_pcode"].to_numpy(),
        titles=np.array(
            [(*of_unit, code)[0] for of_unit, code in zip(names, frame["pcode"], strict=True)], dtype=object
        ),
        kinds=tuple(_kind(of_unit) for of_unit in names),
        names=tuple((key, unit) for key, of_key in by_key.items() for unit in sorted(of_key)),
        by_code=_by_word((code.casefold(), unit) for unit, of_unit in enumerate(codes) for code in of_unit),
        by_key=by_initials | by_key,
    )


def _by_word(words: Iterable[tuple[str | None, int]]) -> dict[str, frozenset[int]]:
    units: dict[str, set[int]] = {}
    for word, unit in words:
        if word:
            units.setdefault(word, set()).add(unit)
    return {word: frozenset(of_word) for word, of_word in units.items()}


def _kind(names: tuple[str, ...]) -> NameKind | None:
    """What the names of a unit say it is, by a word or by a Russian ending; null where they say nothing or several things."""
    said = {name_kind(name) for name in names} - {None}
    if not said:
        said = {kind for name in names for ending, kind in _ADJECTIVE_KINDS if ending.search(name)}
    return said.pop() if len(said) == 1 else None


def _certain(question: _Question, known: _Units) -> tuple[int, str] | None:
    """The one unit that is meant and whether its code or its name says so; null where that is not certain."""
    coded = known.by_code.get(question.text.casefold())
    if coded is not None:
        within = known.within(question.parent, coded)
        return (next(iter(within)), "code") if len(within) == 1 else None
    named = _of_kind(question.text, _namesakes(question, known), known)
    return (next(iter(named)), "name") if len(named) == 1 else None


def _namesakes(question: _Question, known: _Units) -> frozenset[int]:
    return known.within(question.parent, known.by_key.get(name_key(question.text), frozenset()))


def _of_kind(text: str, units: frozenset[int], known: _Units) -> frozenset[int]:
    """Those that are of the kind that a text names, else those of which no kind is known; all where it names none."""
    kind = name_kind(text)
    if kind is None:
        return units
    of_kind = frozenset(unit for unit in units if known.kinds[unit] is kind)
    return of_kind or frozenset(unit for unit in units if known.kinds[unit] is None)


def _without_contradictions(
    questions: list[_Question], taken: list[tuple[int, str] | None]
) -> list[tuple[int, str] | None]:
    """Leave out units that one row calls a district and another a city: one of the two means another unit."""
    kinds: dict[int, set[NameKind]] = {}
    for question, answer in zip(questions, taken, strict=True):
        kind = name_kind(question.text)
        if answer is not None and kind is not None:
            kinds.setdefault(answer[0], set()).add(kind)
    return [
        None if answer is not None and answer[1] == "name" and len(kinds.get(answer[0], ())) > 1 else answer
        for answer in taken
    ]


def _proposals(
    questions: list[_Question], taken: list[tuple[int, str] | None], known: _Units
) -> list[tuple[Proposal, ...]]:
    open_at = [at for at, answer in enumerate(taken) if answer is None]
    proposals: list[tuple[Proposal, ...]] = [()] * len(questions)
    if not open_at or not known.names:
        return proposals
    claimed = {answer[0] for answer in taken if answer is not None}
    of_names = similarity([name_key(questions[at].text) for at in open_at], [key for key, _ in known.names])
    of_units = np.zeros((len(open_at), len(known.pcodes)), dtype=np.float32)
    for column, (_, unit) in enumerate(known.names):
        np.maximum(of_units[:, unit], of_names[:, column], out=of_units[:, unit])
    for at, scores in zip(open_at, of_units, strict=True):
        proposals[at] = _ranked(questions[at], scores, claimed, known)
    return proposals


def _ranked(
    question: _Question, scores: NDArray[np.float32], claimed: set[int], known: _Units
) -> tuple[Proposal, ...]:
    coded = known.by_code.get(question.text.casefold())
    if coded is not None:
        return tuple(_proposal(unit, 100.0, known) for unit in sorted(coded)[:MOST_PROPOSALS])
    everywhere = frozenset(range(len(scores)))
    inside = known.within(question.parent, everywhere)
    is_renamed = question.parent is not None and bool(inside)
    likely = [
        unit
        for unit in inside or everywhere
        # Of the units of one parent those that nobody else names may have got a wholly new name.
        if scores[unit] >= LEAST_SIMILARITY or (is_renamed and unit not in claimed)
    ]
    likely.sort(key=lambda unit: (unit in claimed and scores[unit] < _SECOND_SPELLING, -scores[unit], unit))
    return tuple(_proposal(unit, float(scores[unit]), known) for unit in likely[:MOST_PROPOSALS])


def _proposal(unit: int, score: float, known: _Units) -> Proposal:
    return Proposal(str(known.pcodes[unit]), str(known.titles[unit]), round(score, 1))
