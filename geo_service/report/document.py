"""What a report says, before anything writes it.

A `Report` is made from the tables of a release by the modules of `report.sections`, and written by those that know a format. All of its texts are in its language
already. Every number in it is a `Figure`: one cell of one table, printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from geo_service.maps.picture import Picture
    from geo_service.vocabulary import Language

__all__ = [
    "Block",
    "Bullets",
    "Chart",
    "ChartBlock",
    "ChartKind",
    "Definitions",
    "Figure",
    "FigureState",
    "FigureStyle",
    "KeyFigure",
    "KeyFigures",
    "MapBlock",
    "Note",
    "NoteKind",
    "Numbered",
    "Paragraph",
    "Report",
    "Runs",
    "Section",
    "Series",
    "TableBlock",
    "figures_in",
    "plain",
]


class FigureStyle(StrEnum):
    """How a number is printed."""

    COUNT = "count"
    CHANGE = "change"
    """A count with its sign."""
    SHARE = "share"
    GROWTH = "growth"
    """A share with its sign."""
    MAGNITUDE = "magnitude"
    """A share without its sign, for sentences that say in words which way it went."""
    SIZE = "size"
    """A count without its sign, for such sentences."""
    RATE = "rate"
    KM = "km"
    """Metres, printed as kilometres without the unit."""


class FigureState(StrEnum):
    """Whether a cell has a number."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in print, tied to the cell that it comes from.

    Attributes:
        table: The table, as the release calls it.
        row: The row's place in it, from 0.
        column: The column.
        value: What the cell holds; null where that is not known or hidden.
        text: As it is printed, in the language of the report; a word where there is no number.
        style: How it is printed.
        state: Whether there is a number.
    """

    table: str
    row: int
    column: str
    value: float | None
    text: str
    style: FigureStyle
    state: FigureState = FigureState.KNOWN

    @property
    def is_known(self) -> bool:
        """Whether there is a number."""
        return self.state is FigureState.KNOWN


Runs: TypeAlias = "tuple[str | Figure, ...]"
"""A text with figures in it; empty for nothing to say."""


def plain(runs: Runs) -> str:
    """A text with its figures as they are printed."""
    return "".join(one.text if isinstance(one, Figure) else one for one in runs)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences. A lead is what a reader in a hurry reads of its section."""

    runs: Runs
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list. Its items have an order only where they are numbered."""

    items: tuple[Runs, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """Words and what they mean here."""

    items: tuple[tuple[str, Runs], ...]


class NoteKind(StrEnum):
    """What a note warns of."""

    SYNTHETIC = "synthetic"
    REPORTED = "reported"
    MEASURED = "measured"
    SUPPRESSED = "suppressed"
    BASE = "base"
    """What shares are of, what growth is against."""
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Note:
    """What a number is not, or is of: set small, near what it is about."""

    kind: NoteKind
    runs: Runs


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number that stands for itself, with the words under it."""

    figure: Figure
    label: str


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The numbers that a reader takes away: two to eight of them."""

    items: tuple[KeyFigure, ...]


class ChartKind(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    """Horizontal bars in the order of the categories, one series."""
    COLUMNS = "columns"
    """A column a category, such as a year, one series."""
    PAIRS = "pairs"
    """Horizontal bars, a category made of its two or three series, such as men and women: their counts side by side."""
    PARTS = "parts"
    """One whole in its parts: one bar to 100 %, a part a category, one series of shares."""
    STACKED = "stacked"
    """A bar to 100 % for each category, made of its series of shares, such as the distance bands of each service."""


@dataclass(frozen=True, slots=True)
class Series:
    """One set of figures of a chart: one a category, in their order."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to look at.

    Attributes:
        kind: How they are drawn.
        categories: Their names, in the language.
        series: One, or several of the same length.
        unit: What is counted, such as "individuals" or "% of communities"; for the axis.
        beside: Further figures, such as shares, printed beside those of the only series, one a category; empty for none.
        aside: How many of the last categories, or of the last series of a STACKED chart, are of what is not known: drawn in grey.
    """

    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    beside: tuple[Figure, ...] = ()
    aside: int = 0

    def __post_init__(self) -> None:
        """See that there is a figure for each category.

        Raises:
            ValueError: There are more or fewer.
        """
        if any(len(one.figures) != len(self.categories) for one in self.series):
            raise ValueError("a chart needs one figure for each category in each series")
        if self.beside and len(self.beside) != len(self.categories):
            raise ValueError("figures beside a chart have to be one a category")


@dataclass(frozen=True, slots=True)
class Numbered:
    """What is numbered and has a caption.

    Attributes:
        anchor: Its name in links, unique in the report: letters, digits and hyphens.
        caption: What it shows, without its number: one line, no full stop.
        number: From 1 for charts and maps together, and from 1 for tables; 0 until the report is whole.
        note: What its shares are of and where its numbers come from; empty for nothing.
    """

    anchor: str
    caption: Runs
    number: int = 0
    note: Runs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartBlock(Numbered):
    """A chart, with its figures in words for those who cannot see it."""

    chart: Chart
    description: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapBlock(Numbered):
    """A map; `picture.description` says it in words. Its numbers come from the maps of the release, from the same tables."""

    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock(Numbered):
    """Rows of one table of the release.

    Attributes:
        headings: One a column; the first column says what a row is of.
        rows: A text a column.
        table: The table of the release that it is of.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]
    table: str

    def __post_init__(self) -> None:
        """See that rows are as wide as the headings.

        Raises:
            ValueError: One is not.
        """
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"the rows of the table '{self.anchor}' are not as wide as its headings")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the report under a heading; sections inside it are among its blocks."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


Block: TypeAlias = (
    "Paragraph | Bullets | Definitions | Note | KeyFigures | ChartBlock | MapBlock | TableBlock | Section"
)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One report in one language.

    Attributes:
        language: Of all its texts.
        title: Of the document.
        subtitle: The round, the country and when it was collected.
        banners: What every page has to say: that data are synthetic, that it is the edition for the public.
        sections: In their order.
        words: What writers say of their own: see `report.words`.
        date: The last day of the data collection; null where it is not known. No date of making: the same release makes the same bytes.
        release: The id of the release.
        sources: Attributions and licences of what the release was made from.
        tables: The tables of the release that figures come from, and those by unit behind them: rows as they are shown, `attrs` as the release
            says them, labels in the language.
    """

    language: Language
    title: str
    subtitle: str
    banners: tuple[str, ...]
    sections: tuple[Section, ...]
    words: Mapping[str, str]
    date: dt.date | None
    release: str
    sources: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]

    def blocks(self) -> Iterator[Block]:
        """Every block in reading order, sections before what is in them."""
        for section in self.sections:
            yield from _blocks(section)

    def figures(self) -> Iterator[Figure]:
        """Every figure in print, in reading order; those of maps are the maps' own."""
        for block in self.blocks():
            yield from figures_in(block)

    def label(self, block: Numbered) -> str:
        """Its number in words, such as "Figure 3"."""
        word = "table_number" if isinstance(block, TableBlock) else "figure_number"
        return self.words[word].format(number=block.number)


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    if isinstance(block, Section):
        for one in block.blocks:
            yield from _blocks(one)


def figures_in(block: Block) -> Iterator[Figure]:
    """The figures in print of a block itself, in reading order; not those of blocks inside it."""
    for runs in _runs(block):
        yield from (one for one in runs if isinstance(one, Figure))


def _runs(block: Block) -> Iterator[Runs]:
    """The texts of a block itself, without those of the blocks inside it."""
    if isinstance(block, Numbered):
        yield block.caption
    match block:
        case Paragraph() | Note():
            yield block.runs
        case Bullets():
            yield from block.items
        case Definitions():
            yield from (runs for _, runs in block.items)
        case KeyFigures():
            yield tuple(one.figure for one in block.items)
        case ChartBlock():
            yield from (series.figures for series in block.chart.series)
            yield block.chart.beside
        case TableBlock():
            for row in block.rows:
                yield from row
    if isinstance(block, Numbered):
        yield block.note
