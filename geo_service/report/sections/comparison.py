"""What changed since an earlier round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.maps.released import earlier_round
from geo_service.report.described import described
from geo_service.report.document import (
    Bullets,
    Chart,
    ChartBlock,
    ChartKind,
    FigureStyle,
    MapBlock,
    Note,
    NoteKind,
    Section,
    Series,
    TableBlock,
)
from geo_service.report.messages import Messages, paragraph
from geo_service.report.sections.common import leaders, round_number
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.document import Block, Figure, Runs
    from geo_service.report.messages import Value
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["comparison_sections"]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of one comparison: of the same villages, or of all."""

    earlier: str
    later: str
    change: str
    growth: str


_SAME = _Columns("same_earlier", "same_later", "same_change", "same_change_relative")
_ALL = _Columns("individuals_earlier", "individuals_later", "change", "change_relative")


def comparison_sections(source: Source) -> list[Section]:
    """How the groups changed in the villages of both rounds, and in all villages of each."""
    earlier = earlier_round(source.release)
    sheet = None if earlier is None else source.sheets.get(f"change_since_round_{earlier}")
    if sheet is None:
        return []
    made = _Comparison(Messages(source.language, "comparison"), source, sheet, str(earlier))
    return made.sections()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One round against an earlier one."""

    m: Messages
    source: Source
    sheet: Sheet
    earlier: str

    def sections(self) -> list[Section]:
        m = self.m
        blocks: tuple[Block, ...] = (
            *paragraph(*self._villages(), is_lead=True),
            self._same(),
            *([] if self._is_equal() else [self._all()]),
            Note(
                NoteKind.BASE,
                m.say("Change in per cent is against the number of Round {earlier}.", earlier=self.earlier),
            ),
            *self._synthetic(),
        )
        title = m.text("Change since Round {earlier}", earlier=self.earlier)
        return [Section("comparison", title, blocks)]

    def _villages(self) -> list[Runs]:
        """Which villages the rounds have in common; the rows say the same, as it does not depend on the group."""
        m, row = self.m, self.sheet.rows[0]
        values: dict[str, Value] = {"earlier": self.earlier, "round": round_number(self.source)}
        said = [
            m.say_n(
                "{n} village was assessed both in Round {earlier} and in Round {round}.",
                "{n} villages were assessed both in Round {earlier} and in Round {round}.",
                row.figure("villages_both"),
                **values,
            )
        ]
        if row["villages_lost"] == row["villages_gained"] == 0:
            return [*said, m.say("No other villages were assessed in either round.")]
        if row["villages_lost"]:
            said.append(
                m.say_n(
                    "{n} village was assessed in Round {earlier} only.",
                    "{n} villages were assessed in Round {earlier} only.",
                    row.figure("villages_lost"),
                    **values,
                )
            )
        if row["villages_gained"]:
            said.append(
                m.say_n(
                    "{n} village was assessed in Round {round} only.",
                    "{n} villages were assessed in Round {round} only.",
                    row.figure("villages_gained"),
                    **values,
                )
            )
        return [
            *said,
            m.say(
                "Only the villages of both rounds show what changed; the totals of the rounds also differ because other villages were assessed."
            ),
        ]

    def _is_equal(self) -> bool:
        """Whether the numbers of all villages are those of the same villages."""
        return all(
            row[_ALL.earlier] == row[_SAME.earlier] and row[_ALL.later] == row[_SAME.later]
            for row in self.sheet.rows
        )

    def _same(self) -> Section:
        m = self.m
        blocks: list[Block] = [
            *paragraph(
                m.say(
                    "These numbers are of the villages of both rounds where the number of the group is known in both."
                )
            ),
            *self._changes(_SAME),
            *self._chart(),
            self._table(
                _SAME,
                "same",
                m.say("Population groups in the same villages"),
                ("villages_same", m.text("Villages")),
            ),
            *self._map(),
        ]
        return Section("comparison-same", m.text("In the same villages"), tuple(blocks))

    def _all(self) -> Section:
        m = self.m
        blocks: list[Block] = [
            *paragraph(
                m.say(
                    "These numbers are of all villages of each round. They must not be read as change alone: the rounds assessed different villages."
                )
            ),
            *self._changes(_ALL),
            self._table(
                _ALL,
                "all",
                m.say("Population groups in all villages of each round"),
                ("villages_earlier", m.text("Villages, Round {round}", round=self.earlier)),
                ("villages_later", m.text("Villages, Round {round}", round=round_number(self.source))),
            ),
        ]
        return Section("comparison-all", m.text("In all villages of each round"), tuple(blocks))

    def _changes(self, columns: _Columns) -> list[Bullets]:
        items = [said for row in self.sheet.rows if (said := self._change(row, columns))]
        return [Bullets(tuple(items))] if items else []

    def _change(self, row: Row, columns: _Columns) -> Runs:
        """Rising, falling or unchanged, as the numbers are."""
        m, change = self.m, row[columns.change]
        if change is None:
            return ()
        earlier, later = row.figure(columns.earlier), row.figure(columns.later)
        values: dict[str, Value] = {"group": row.text(), "round": self.earlier}
        if change == 0 or row[columns.earlier] == 0 or row[columns.later] == 0:
            return self._level_or_none(row.text(), earlier, later)
        values |= {"earlier": earlier, "by": row.figure(columns.growth, FigureStyle.MAGNITUDE)}
        if change > 0:
            return m.say_n(
                "{group}: {n} individual, {by} more than in Round {round} ({earlier}).",
                "{group}: {n} individuals, {by} more than in Round {round} ({earlier}).",
                later,
                **values,
            )
        return m.say_n(
            "{group}: {n} individual, {by} fewer than in Round {round} ({earlier}).",
            "{group}: {n} individuals, {by} fewer than in Round {round} ({earlier}).",
            later,
            **values,
        )

    def _level_or_none(self, group: str, earlier: Figure, later: Figure) -> Runs:
        """The same number, or none in one of the rounds, where no per cent is said."""
        m, values = self.m, {"group": group, "round": self.earlier}
        if earlier.value == later.value == 0:
            return m.say("{group}: none in either round.", group=group)
        if earlier.value == later.value:
            return m.say_n(
                "{group}: unchanged, {n} individual as in Round {round}.",
                "{group}: unchanged, {n} individuals as in Round {round}.",
                later,
                **values,
            )
        if earlier.value == 0:
            return m.say_n(
                "{group}: {n} individual, after none in Round {round}.",
                "{group}: {n} individuals, after none in Round {round}.",
                later,
                **values,
            )
        return m.say_n(
            "{group}: none, after {n} individual in Round {round}.",
            "{group}: none, after {n} individuals in Round {round}.",
            earlier,
            **values,
        )

    def _chart(self) -> list[ChartBlock]:
        m = self.m
        rows = [row for row in self.sheet.rows if row[_SAME.change] is not None]
        if not rows:
            return []
        chart = Chart(
            ChartKind.PAIRS,
            tuple(row.text() for row in rows),
            (
                Series(self._round(self.earlier), tuple(row.figure(_SAME.earlier) for row in rows)),
                Series(
                    self._round(round_number(self.source)), tuple(row.figure(_SAME.later) for row in rows)
                ),
            ),
            m.text("individuals"),
        )
        caption = m.say("Population groups in the same villages, by round")
        return [
            ChartBlock(
                anchor="chart-comparison",
                caption=caption,
                chart=chart,
                description=described(chart, m.language),
            )
        ]

    def _round(self, number: str) -> str:
        return self.m.text("Round {round}", round=number)

    def _table(self, columns: _Columns, anchor: str, caption: Runs, *villages: tuple[str, str]) -> TableBlock:
        m = self.m
        shown = [
            *villages,
            (columns.earlier, self._round(self.earlier)),
            (columns.later, self._round(round_number(self.source))),
            (columns.change, m.text("Change")),
            (columns.growth, m.text("Change, %")),
        ]
        return TableBlock(
            anchor=f"table-comparison-{anchor}",
            caption=caption,
            headings=(m.text("Population group"), *(heading for _, heading in shown)),
            rows=tuple(
                ((row.text(),), *((row.figure(column),) for column, _ in shown)) for row in self.sheet.rows
            ),
            table=self.sheet.name,
        )

    def _map(self) -> list[MapBlock]:
        """Of the largest group only; the others' are in the service."""
        largest = leaders(self.sheet.rows, _ALL.later)
        if len(largest) != 1:
            return []
        [row] = largest
        picture = self.source.map(MapQuestion(MapKind.CHANGE, group=PopulationGroup(row["group"])))
        if picture is None:
            return []
        caption = self.m.say(
            "Change since Round {earlier} in the same villages: {group}",
            earlier=self.earlier,
            group=row.text(),
        )
        return [MapBlock(anchor="map-comparison", caption=caption, picture=picture)]

    def _synthetic(self) -> list[Note]:
        note = self.sheet.about.get("earlier_note")
        return [Note(NoteKind.SYNTHETIC, (str(note),))] if note else []
