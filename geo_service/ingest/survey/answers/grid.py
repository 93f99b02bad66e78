"""What is asked of each of a few items in every village: of each population group, of each service.

A file has a column for each item and question (wide), or a row for each village and item (long).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service.findings import FindingCode
from geo_service.ingest.survey.answers.cells import first_alike, joined, stacked, whole_column
from geo_service.ingest.survey.answers.reading import NOWHERE, chosen, villages_of
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.ingest.survey.answers.cells import Cells, Lines
    from geo_service.ingest.survey.answers.reading import Reading

__all__ = ["Grid", "read_grid", "spread"]

_SAID_TWICE = Wording(
    en="the file says this of the village already, in row {row}",
    ru="об этом населённом пункте это уже сказано в строке {row}",
    kk="бұл елді мекен туралы бұл {row}-жолда айтылып қойған",
)
_KEEP_ONE = Wording(en="Keep one of the rows", ru="Оставьте одну из строк", kk="Жолдардың біреуін қалдырыңыз")


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the answers stand: one place a village and item, the items of a village together, so n villages by k items.

    Attributes:
        lines: The numbers of rows.
        line: The row of each place, shape (n * k,): the village's own, unless it is in a long sheet.
        is_long: Whether it is in a long sheet, shape (n * k,).
        questions: The wide column of each item, by the question's long name.
        cells: All cells of each question, by its long name.
        place: The place that each of those cells speaks of.
    """

    lines: Lines
    line: NDArray[np.int64]
    is_long: NDArray[np.bool_]
    questions: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, Cells]
    place: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        """Count the places."""
        return len(self.line)

    def column(self, at: int, question: str) -> str:
        """The column in which the answer of a place to `question` stands."""
        wide = self.questions[question]
        return question if self.is_long[at] else wide[at % len(wide)]

    def spot(self, at: int, question: str) -> dict[str, Any]:
        """Where the answer of a place to `question` stands, as `Lines.spot` has it."""
        return self.lines.spot(int(self.line[at]), self.column(at, question))


def read_grid(
    reading: Reading,
    sheet: str,
    item: str,
    words: Mapping[str, str],
    items: Sequence[str],
    questions: Mapping[str, tuple[str, ...]],
) -> Grid:
    """Gather the cells of both layouts.

    Args:
        reading: The survey.
        sheet: The name of the long sheet in `LONG_SHEETS`.
        item: Its column that says which item a row is about.
        words: What that column may say.
        items: The k items.
        questions: The wide column of each item, by the question's long name.
    """
    lines, villages, width = reading.lines, reading.raw.villages, len(items)
    wide = {question: stacked(lines, villages, columns) for question, columns in questions.items()}
    place = {question: cells.line * width + cells.asked for question, cells in wide.items()}

    sheets = reading.raw.long.get(sheet, ())
    village, which = villages_of(reading, sheets), chosen(reading, sheets, item, words, items)
    place_of_row = np.where((village == NOWHERE) | (which == NOWHERE), NOWHERE, village * width + which)
    named = whole_column(lines, sheets, item)
    is_first = _report_twice(
        reading, named, place_of_row, np.unique(np.concatenate([*place.values()])), width
    )

    cells = {}
    for question, own in wide.items():
        cells[question] = joined([own, whole_column(lines, sheets, question).take(is_first)])
        place[question] = np.concatenate([place[question], place_of_row[is_first]])
    line = np.repeat(np.arange(reading.villages, dtype=np.int64), width)
    is_long = np.zeros(len(line), dtype=bool)
    line[place_of_row[is_first]] = named.line[is_first]
    is_long[place_of_row[is_first]] = True
    return Grid(lines, line, is_long, questions, cells, place)


def _report_twice(
    reading: Reading, named: Cells, place: NDArray[np.int64], wide: NDArray[np.int64], width: int
) -> NDArray[np.bool_]:
    """Which rows of long sheets are the first to speak of their place, shape (n,); the others are errors."""
    line = np.concatenate([wide // width, named.line])
    first = first_alike(np.concatenate([wide, place]))[len(wide) :]
    is_placed = place != NOWHERE
    is_first = is_placed & (first == np.arange(len(wide), len(line)))
    for at in np.flatnonzero(is_placed & ~is_first).tolist():
        own = int(named.line[at])
        reading.findings.error(
            FindingCode.DUPLICATE_PART,
            _SAID_TWICE(row=reading.lines.title(int(line[first[at]]), beside=own)),
            **reading.lines.spot(own, named.questions[0]),
            value=str(named.text[at]),
            suggestion=_KEEP_ONE(),
        )
    return np.asarray(is_first)


def spread(grid: Grid, question: str, values: NDArray[Any], empty: object) -> NDArray[Any]:
    """The values of a question's cells, each at its place, and `empty` where there is no cell; shape (n * k,)."""
    over = np.full(len(grid), empty, dtype=values.dtype)
    over[grid.place[question]] = values
    return over
