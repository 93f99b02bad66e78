"""The tables of a release, a cell of which is a figure in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.maps.numbers import Numbers
from geo_service.maps.released_frames import Frames
from geo_service.report.document import Figure, FigureState, FigureStyle
from geo_service.report.words import WORDS
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.release.protocol import Release

__all__ = ["Row", "Sheet", "Sheets", "printed", "style_of"]

_STYLES = {
    "growth": FigureStyle.GROWTH,
    "change": FigureStyle.CHANGE,
    "same_change": FigureStyle.CHANGE,
    "difference": FigureStyle.CHANGE,
    "distance_m": FigureStyle.KM,
    "weighted_kappa": FigureStyle.RATE,
    "location_quotient": FigureStyle.RATE,
    "per_1000_inhabitants": FigureStyle.RATE,
    "per_km2": FigureStyle.RATE,
}


def style_of(column: str) -> FigureStyle:
    """How the numbers of a column are printed."""
    if column.startswith("share"):
        return FigureStyle.SHARE
    if column.endswith("_relative"):
        return FigureStyle.GROWTH
    return _STYLES.get(column, FigureStyle.COUNT)


def printed(value: float, style: FigureStyle, numbers: Numbers) -> str:
    """A number as it is printed in the language of `numbers`."""
    texts: dict[FigureStyle, Callable[[float], str]] = {
        FigureStyle.COUNT: numbers.count,
        FigureStyle.CHANGE: numbers.signed(numbers.count),
        FigureStyle.SHARE: numbers.share,
        FigureStyle.GROWTH: numbers.signed(numbers.share),
        FigureStyle.MAGNITUDE: lambda one: numbers.share(abs(one)),
        FigureStyle.SIZE: lambda one: numbers.count(abs(one)),
        FigureStyle.RATE: numbers.rate,
        FigureStyle.KM: numbers.km,
    }
    return texts[style](value)


class Sheets:
    """What somebody is shown of the tables of a release, in one language. A table is read once.

    Args:
        release: A release, or an edition of one.
        language: Of labels, names and numbers.
    """

    def __init__(self, release: Release, language: Language | str) -> None:
        """Read nothing yet."""
        self.language = Language(language)
        self.numbers = Numbers(self.language)
        self._frames = Frames(release)
        self._release = release
        self._sheets: dict[str, Sheet] = {}

    def get(self, name: str) -> Sheet | None:
        """A table by its name; null where the release has none, it is not shown, or it has no rows."""
        if name not in self._sheets:
            if not self._frames.has(name):
                return None
            self._sheets[name] = Sheet(self, name, *self._read(name))
        sheet = self._sheets[name]
        return sheet if sheet.rows else None

    @property
    def read(self) -> dict[str, Sheet]:
        """The tables that were asked for, by name."""
        return dict(self._sheets)

    def _read(self, name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
        collection = self._release.collection(name)
        frame = self._frames.read(name).sort_values("fid", ignore_index=True).drop(columns=["fid", "id"])
        suffix = f"_{self.language}"
        others = tuple(f"_{one}" for one in Language if one is not self.language)
        localised = {
            column.removesuffix(suffix)
            for column in frame
            if column.endswith(suffix) and column.removesuffix(suffix) + others[0] in frame
        }
        frame = frame.drop(columns=[f"{one}{other}" for one in localised for other in others])
        frame = frame.rename(columns={f"{one}{suffix}": one for one in localised})
        about = {key: self._in_language(value) for key, value in collection.about.items()}
        return frame, {"title": collection.title[self.language], **about}

    def _in_language(self, value: object) -> object:
        """What a table says of itself, in the language where it says it by language."""
        if isinstance(value, dict) and self.language.value in value:
            return value[self.language.value]
        return value


class Sheet:
    """One table of a release.

    Args:
        sheets: Whose it is.
        name: As the release calls it.
        frame: Its rows in their order, a column `label`, `name` or `…_label` in the language.
        about: What it says of itself, in the language: `title`, `basis`, `base`, `rule`, `note`.
    """

    def __init__(self, sheets: Sheets, name: str, frame: pd.DataFrame, about: dict[str, Any]) -> None:
        """Take the rows apart."""
        self.sheets = sheets
        self.name = name
        self.frame = frame
        self.about = about
        self.rows = [Row(self, index, row) for index, row in enumerate(frame.to_dict("records"))]

    @property
    def title(self) -> str:
        """What it is called, in the language."""
        return str(self.about["title"])

    @property
    def is_guarded(self) -> bool:
        """Whether small numbers are hidden in it."""
        return self.about.get("edition") == "public"

    def where(self, **values: object) -> list[Row]:
        """The rows whose columns have these values, in their order."""
        return [row for row in self.rows if all(row[name] == value for name, value in values.items())]

    def row(self, **values: object) -> Row | None:
        """The first row whose columns have these values; null where there is none."""
        return next(iter(self.where(**values)), None)


class Row:
    """One row of a table.

    Args:
        sheet: The table.
        index: Its place in it, from 0.
        values: By column.
    """

    def __init__(self, sheet: Sheet, index: int, values: dict[Any, Any]) -> None:
        """Look at nothing yet."""
        self.sheet = sheet
        self.index = index
        self._values = values

    def __getitem__(self, column: str) -> Any:
        """What the cell holds; null where it is empty or there is no such column."""
        value = self._values.get(column)
        return None if value is None or value is pd.NA or value != value else value  # noqa: PLR0124 - NaN

    @property
    def is_suppressed(self) -> bool:
        """Whether numbers of the row are hidden."""
        return self["suppressed"] is True

    def text(self, column: str = "label") -> str:
        """A label or a name, in the language; empty for null."""
        return str(self[column] or "")

    def figure(self, column: str, style: FigureStyle | None = None) -> Figure:
        """A cell as it is printed.

        Args:
            column: A column of numbers; one that the table does not have is unknown.
            style: How it is printed; null for as numbers of that column are.
        """
        sheets = self.sheet.sheets
        style = style or style_of(column)
        value = self[column]
        if value is not None:
            number = float(value)
            return Figure(
                self.sheet.name, self.index, column, number, printed(number, style, sheets.numbers), style
            )
        is_hidden = self.is_suppressed or column in self.sheet.about.get("withheld", ())
        state = FigureState.SUPPRESSED if is_hidden else FigureState.UNKNOWN
        word = WORDS[state.value]().in_language(sheets.language)
        return Figure(self.sheet.name, self.index, column, None, word, style, state)
