"""Numbers as texts, in the way that a language writes them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from babel import Locale
from babel.dates import format_date, format_interval

from geo_service.vocabulary import Language

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["MINUS", "Numbers", "floats"]

_PER_CENT = 100
_SHOWN_DIGITS = 3
_NEVER_ROUNDED = 1000
MINUS = "\u2212"
"""As wide as the plus sign; a hyphen would be read as a dash."""


class Numbers:
    """Numbers of one language.

    Args:
        language: Whose separators and patterns they have.
    """

    def __init__(self, language: Language | str) -> None:
        """Look up separators and the place of the percent sign."""
        self.language = Language(language)
        self._locale = Locale(self.language.value)
        symbols = self._locale.number_symbols["latn"]
        self._signs = str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": MINUS})
        before, after = self._locale.percent_formats[None].suffix
        self._per_cent: str = before or after

    def count(self, value: float) -> str:
        """A whole number: `1,234`."""
        return f"{round(value):,}".translate(self._signs)

    def exact(self, value: float) -> str:
        """A number with the digits that it has: `0.05`, `1,250`."""
        return _plain(Decimal(repr(float(value)))).translate(self._signs)

    def exact_percent(self, value: float) -> str:
        """A fraction of 1 in per cent with the digits that it has and without the sign: 0.005 is `0.5`."""
        return _plain(Decimal(repr(float(value))) * _PER_CENT).translate(self._signs)

    def exact_share(self, value: float) -> str:
        """The same with the sign: 0.005 is `0.5%`."""
        return self.exact_percent(value) + self._per_cent

    def share(self, value: float) -> str:
        """A fraction of 1 in per cent with at most one decimal; what is not nothing or all is never shown as 0% or 100%."""
        percent = _rounded(value * _PER_CENT, 1)
        if percent == "0" and value != 0:
            percent = "<0.1" if value > 0 else ">-0.1"
        elif percent == "100" and value < 1:
            percent = ">99.9"
        return percent.translate(self._signs) + self._per_cent

    def rate(self, value: float) -> str:
        """A number with three digits, all of those before the point: `0.0615`, `3.61`, `1,250`."""
        if value == 0 or abs(value) >= _NEVER_ROUNDED:
            return self.count(value)
        decimals = max(0, _SHOWN_DIGITS - 1 - math.floor(math.log10(abs(value))))
        return _rounded(value, decimals).translate(self._signs)

    def km(self, metres: float) -> str:
        """Metres as kilometres with one decimal, without the unit."""
        return _rounded(metres / 1000, 1).translate(self._signs)

    def signed(self, text: Callable[[float], str]) -> Callable[[float], str]:
        """The same texts with a plus sign before what is above 0."""
        return lambda value: f"+{text(value)}" if value > 0 else text(value)

    def date(self, day: dt.date) -> str:
        """A day: `1 декабря 2023 г.`."""
        return _spaced(str(format_date(day, "long", locale=self._locale)))

    def days(self, first: dt.date, last: dt.date) -> str:
        """From a day to another: `Dec 1, 2023 – Jan 31, 2024`."""
        if first == last:
            return self.date(first)
        return _spaced(str(format_interval(first, last, "yMMMd", locale=self._locale)))

    def texts(self, values: Iterable[object], text: Callable[[float], str], missing: str = "") -> list[str]:
        """The text of each value; `missing` for null."""
        return [missing if math.isnan(value) else text(value) for value in floats(values).tolist()]


def floats(values: Iterable[object]) -> NDArray[np.float64]:
    """Values as float64, NaN for null; shape (n,)."""
    column = values if isinstance(values, pd.Series) else pd.Series(list(values))
    found: NDArray[np.float64] = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _plain(value: Decimal) -> str:
    """Without the zeros at its end and without an exponent."""
    return f"{value.normalize():,f}"


def _rounded(value: float, decimals: int) -> str:
    """With so many decimals at most, and without zeros at their end."""
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return "0" if text == "-0" else text


def _spaced(text: str) -> str:
    """With spaces that every font has."""
    return text.replace("\u202f", "\u00a0").replace("\u2009", " ")
