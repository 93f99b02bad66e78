"""One population group as its section speaks of it, and what all parts of the section have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from geo_service.report.described import described
from geo_service.report.document import Chart, ChartBlock, ChartKind, Series
from geo_service.report.messages import sentences
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.report.document import Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["ASIDE", "MUCH", "OTHER", "REST", "UNKNOWN", "Subject", "Way", "in_prose", "is_more_than_none"]

OTHER, REST, UNKNOWN = "other", "rest", "unknown"
ASIDE = frozenset({OTHER, REST, UNKNOWN})
"""Codes that are no category of their own and have no place in an order."""

MUCH = 0.1
"""From this share on, what is not known has to be kept in mind at every other share."""

_NAMES = ("COVID", "Ресей")
"""Words that labels begin with and that keep their capital letter."""
_BEGINNINGS = re.compile(r"(?:^|(?<=/))\w[\w-]*")


class Way(Enum):
    """Where a group stands to the villages that were asked."""

    IN = auto()
    BACK = auto()
    OUT = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A group in a release.

    Attributes:
        source: The release.
        m: The sentences of this package.
        group: Which group.
        row: Its row of the table `groups`.
    """

    source: Source
    m: Messages
    group: PopulationGroup
    row: Row

    @property
    def label(self) -> str:
        """What the group is called."""
        return self.row.text("label")

    @property
    def way(self) -> Way:
        """Whether it came, came back or left."""
        match self.group:
            case PopulationGroup.LABOUR_MIGRANTS | PopulationGroup.INTERNAL_MIGRANTS:
                return Way.IN
            case PopulationGroup.RETURNEES:
                return Way.BACK
            case PopulationGroup.EMIGRANTS | PopulationGroup.INTERNAL_EMIGRANTS:
                return Way.OUT

    @property
    def total(self) -> float | None:
        """How many individuals there are in all; null where that is not shown."""
        total = self.row["individuals"]
        return None if total is None else float(total)

    def anchor(self, *parts: str) -> str:
        """A name in links."""
        return "-".join([self.group.value.replace("_", "-"), *parts])

    def sheet(self, what: str) -> Sheet | None:
        """A table of the group, such as `by_year`."""
        return self.source.sheets.get(f"{self.group.value}_{what}")

    def caption(self, what: str) -> Runs:
        """Of what the group is broken down by."""
        return self.m.say("{group}: {what}", group=self.label, what=in_prose(what))

    def note(self, sheet: Sheet, *more: Runs) -> Runs:
        """Under a chart or a table: what its shares are of, and what its numbers are not."""
        m = self.m
        base = m.say("Shares are of all individuals of the group ({n}).", n=self.row.figure("individuals"))
        hidden: Runs = ()
        if any(row.is_suppressed for row in sheet.rows):
            hidden = m.say(
                "Small numbers are suppressed, and those from which they could be worked out; suppressed is not zero."
            )
        return sentences(
            [
                base or m.say("Shares are of all individuals of the group."),
                *more,
                m.say("Reported by key informants, not measured."),
                hidden,
            ]
        )

    def counts(self, name: str, title: str, sheet: Sheet, kind: ChartKind, *more: Runs) -> list[ChartBlock]:
        """A chart of the individuals of each row, with their shares; none where no number is shown.

        Args:
            name: Its anchor, after that of the group.
            title: What is counted by.
            sheet: The table; `other` and `unknown` are left out where they are nobody.
            kind: Parts of a whole are drawn only where all of them are shown; bars else.
            more: Further sentences of its note.
        """
        rows = [row for row in sheet.rows if row["code"] not in ASIDE or row["individuals"] != 0]
        return self.chart(name, title, sheet, kind, rows, [row.text() for row in rows], *more)

    def chart(
        self,
        name: str,
        title: str,
        sheet: Sheet,
        kind: ChartKind,
        rows: Iterable[Row],
        names: Iterable[str],
        *more: Runs,
    ) -> list[ChartBlock]:
        """The same of rows that were chosen, under names that were given to them."""
        rows = list(rows)
        people = tuple(row.figure("individuals") for row in rows)
        shares = tuple(row.figure("share") for row in rows)
        if not any(one.is_known for one in people):
            return []
        m = self.m
        aside = int(rows[-1]["code"] == UNKNOWN)
        if kind is ChartKind.PARTS and all(one.is_known for one in shares):
            chart = Chart(
                kind, tuple(names), (Series(self.label, shares),), m.text("% of individuals"), people, aside
            )
        else:
            kind = ChartKind.BARS if kind is ChartKind.PARTS else kind
            chart = Chart(
                kind, tuple(names), (Series(self.label, people),), m.text("individuals"), shares, aside
            )
        return [
            ChartBlock(
                self.anchor(name, "chart"),
                self.caption(title),
                note=self.note(sheet, *more),
                chart=chart,
                description=described(chart, self.source.language),
            )
        ]


def in_prose(label: str) -> str:
    """A label inside a sentence: without capital letters, names apart."""
    return _BEGINNINGS.sub(lambda word: word[0] if word[0].startswith(_NAMES) else _small(word[0]), label)


def _small(word: str) -> str:
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]


def is_more_than_none(row: Row) -> bool:
    """Whether there is anybody in it, shown or hidden."""
    return row["individuals"] is None or row["individuals"] > 0
