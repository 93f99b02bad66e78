"""Values in a table that people read, in the way that their language writes numbers."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pyarrow as pa
from babel import Locale

from geo_service.api.formats.words import words
from geo_service.vocabulary import Language

__all__ = ["Cells"]

_DECIMALS = 3
_PLACES = 6
"""Decimals of longitudes and latitudes: 0.1 m."""
_KEYS = ("fid", "id", "round", "year", "rank", "level")
_KEY_ENDS = ("_id", "_number", "_code", "_pcode")


class Cells:
    """Values as texts.

    Args:
        language: Whose numbers have its separators and whose words for yes and no it has.
    """

    def __init__(self, language: Language) -> None:
        """Look up the language's separators."""
        symbols = Locale(language.value).number_symbols["latn"]
        self._signs = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
        self._bools = {True: words(language)["yes"], False: words(language)["no"]}

    @staticmethod
    def is_number(name: str, kind: pa.DataType) -> bool:
        """Whether a column has numbers that are read as such; keys are not."""
        if pa.types.is_integer(kind):
            return not (name in _KEYS or name.endswith(_KEY_ENDS))
        return bool(pa.types.is_floating(kind) or pa.types.is_decimal(kind))

    def number(self, value: float) -> str:
        """A number with at most 3 decimals, a smaller one with 3 digits."""
        if isinstance(value, int):
            return f"{value:,}".translate(self._signs)
        if not math.isfinite(value):
            return ""
        if value and abs(value) < 10**-_DECIMALS:
            return f"{value:.{_DECIMALS}g}".translate(self._signs)
        return self._decimal(value, _DECIMALS)

    def of(self, name: str, column: pa.ChunkedArray) -> list[str]:
        """The texts of a column; empty for null."""
        numeric = self.is_number(name, column.type)
        is_place = name in {"lon", "lat", "longitude", "latitude"}
        texts = []
        for value in column.to_pylist():
            if value is None:
                texts.append("")
            elif isinstance(value, bool):
                texts.append(self._bools[value])
            elif numeric and is_place:
                texts.append(self._decimal(float(value), _PLACES))
            elif numeric:
                texts.append(self.number(value if isinstance(value, int) else float(value)))
            else:
                texts.append(_text(value))
        return texts

    def _decimal(self, value: float, decimals: int) -> str:
        return f"{value:,.{decimals}f}".rstrip("0").rstrip(".").translate(self._signs)


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items() if one is not None)
    return str(value)
