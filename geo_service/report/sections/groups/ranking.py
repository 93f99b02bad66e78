"""What comes first and what comes next, by rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from geo_service.report.messages import joined
from geo_service.report.sections.groups.subject import ASIDE, in_prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo_service.report.document import Runs
    from geo_service.report.sections.groups.subject import Subject
    from geo_service.report.sheets import Row

__all__ = [
    "Place",
    "Ranking",
    "item",
    "label_item",
    "listed",
    "next_labels",
    "next_places",
    "place_item",
    "ranking",
]

_HALF = 0.5
_MOST_LISTED = 5
_LEAST_SHARE = 0.01
"""Of those that are listed after the first."""


class Place(Enum):
    """What may be said of those that come first."""

    ALL = auto()
    """One is the whole."""
    HALF = auto()
    """One is more than half."""
    FIRST = auto()
    """One is the largest."""
    TIED = auto()
    """Several are the largest, of equal size."""
    SHOWN = auto()
    """Nothing: a hidden one may be larger."""
    NONE = auto()
    """There is nobody, or too many are equally large to name them."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows of a table in the order of their individuals.

    Attributes:
        place: What may be said of the first.
        firsts: Those in the first place; with `SHOWN` those that are shown.
        nexts: Those that follow, as many as can be listed, and none that a hidden one might come before.
    """

    place: Place
    firsts: Sequence[Row] = ()
    nexts: Sequence[Row] = ()


def ranking(rows: Iterable[Row], total: float | None) -> Ranking:
    """What may be said about which rows are the largest.

    Args:
        rows: Of one breakdown; those that are no category of their own are counted and not ranked.
        total: All individuals: what the shown ones leave of them is the most that a hidden one can be. Null for not known.
    """
    rows = list(rows)
    known = [row for row in rows if row["individuals"] is not None]
    left = _left(known, total) if len(known) < len(rows) else 0
    ranked = sorted((row for row in known if _is_ranked(row)), key=_people, reverse=True)
    sure = [row for row in ranked if _people(row) > left]
    if not ranked:
        return Ranking(Place.NONE)
    if not sure:
        return Ranking(Place.SHOWN, ranked[:_MOST_LISTED])
    firsts = [row for row in sure if _people(row) == _people(sure[0])]
    if len(firsts) > _MOST_LISTED:
        return Ranking(Place.NONE)
    return Ranking(_place(firsts), firsts, _listed_after(firsts, sure))


def item(name: str, subject: Subject, row: Row) -> Runs:
    """A name with its individuals and their share."""
    people = row.figure("individuals")
    said = subject.m.say("{name} ({n}; {share})", name=name, n=people, share=row.figure("share"))
    return said or subject.m.say("{name} ({n})", name=name, n=people)


def label_item(subject: Subject, row: Row) -> Runs:
    """A reason or a kind."""
    return subject.m.say(
        "{name} – {n} ({share})",
        name=in_prose(row.text()),
        n=row.figure("individuals"),
        share=row.figure("share"),
    )


def place_item(subject: Subject, row: Row) -> Runs:
    """A country or a unit."""
    return item(row.text("label") if row["code"] else row.text("name"), subject, row)


def listed(subject: Subject, rows: Sequence[Row], one: Callable[[Subject, Row], Runs]) -> Runs:
    """Several of them in a sentence."""
    return joined([runs for row in rows if (runs := one(subject, row))], subject.source.language)


def next_places(subject: Subject, found: Ranking) -> Runs:
    """The sentence about the countries or units that follow."""
    m = subject.m
    rows = listed(subject, found.nexts, place_item)
    if len(found.nexts) == 1:
        return m.say("Next comes {rows}.", rows=rows)
    return m.say("Next come {rows}.", rows=rows)


def next_labels(subject: Subject, found: Ranking) -> Runs:
    """The sentence about the reasons or kinds that follow."""
    m = subject.m
    return m.say("Next: {rows}.", rows=listed(subject, found.nexts, label_item))


def _is_ranked(row: Row) -> bool:
    return row["code"] not in ASIDE and _people(row) > 0


def _people(row: Row) -> float:
    return float(row["individuals"])


def _left(known: Sequence[Row], total: float | None) -> float:
    return float("inf") if total is None else total - sum(_people(row) for row in known)


def _listed_after(firsts: Sequence[Row], sure: Sequence[Row]) -> Sequence[Row]:
    """As many as can be listed: none of them so small that the table is enough, and none as large as one that is left out."""
    cut = next((row for row in sure[_MOST_LISTED:]), None)
    return [
        row
        for row in sure[len(firsts) : _MOST_LISTED]
        if (row["share"] or 0) >= _LEAST_SHARE and (cut is None or _people(row) > _people(cut))
    ]


def _place(firsts: Sequence[Row]) -> Place:
    if len(firsts) > 1:
        return Place.TIED
    share = firsts[0]["share"] or 0
    if share == 1:
        return Place.ALL
    return Place.HALF if share > _HALF else Place.FIRST
