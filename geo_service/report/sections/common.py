"""What several sections ask of a release or of the rows of a table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from geo_service.release.editions import PUBLIC_PREFIX
from geo_service.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.sheets import Row
    from geo_service.report.source import Source

__all__ = [
    "collected_days",
    "country_name",
    "days",
    "first_lower",
    "in_order",
    "is_public",
    "leaders",
    "round_number",
]

_EXACT = 1e-9
"""Sums of shares are no more exact than that."""


def round_number(source: Source) -> str:
    """The number of the round, as a text; empty for none."""
    survey = source.manifest.round
    return "" if survey is None else str(survey.number)


def country_name(source: Source) -> str:
    """The country of the round in the language; its code where that is no ISO 3166-1 alpha-3, empty for no round."""
    survey = source.manifest.round
    if survey is None:
        return ""
    term = countries().get(survey.country)
    return survey.country if term is None else term.label(source.language)


def days(source: Source) -> tuple[str, str] | None:
    """The first and the last day of data collection as texts; null where they are not known."""
    found = _days(source)
    if found is None:
        return None
    first, last = (source.sheets.numbers.date(day) for day in found)
    return first, last


def collected_days(source: Source) -> str:
    """From the first day of data collection to the last, as short as the language has it; empty where they are not known."""
    found = _days(source)
    return "" if found is None else source.sheets.numbers.days(*found)


def _days(source: Source) -> tuple[dt.date, dt.date] | None:
    survey = source.manifest.round
    if survey is None or not survey.collected_from or not survey.collected_to:
        return None
    return dt.date.fromisoformat(survey.collected_from), dt.date.fromisoformat(survey.collected_to)


def is_public(source: Source) -> bool:
    """Whether small numbers are hidden in what is shown of the release."""
    # Beside the others the public's collections keep their prefix; who is shown nothing else is shown them without.
    shown = [one for one in source.manifest.collections if not one.name.startswith(PUBLIC_PREFIX)]
    return any(one.about.get("edition") == "public" for one in shown)


def first_lower(label: str) -> str:
    """A label of the vocabulary as it stands inside a sentence."""
    return label[:1].lower() + label[1:]


def in_order(rows: Sequence[Row], column: str) -> list[Row]:
    """The rows whose number is above 0, the largest first; equal ones as they were."""
    return sorted(
        (row for row in rows if row[column] is not None and row[column] > 0), key=lambda row: -row[column]
    )


def leaders(rows: Sequence[Row], column: str, share: str = "share") -> list[Row]:
    """The row with the largest number, or all that share it; none where that cannot be said.

    Args:
        rows: The rows that are compared.
        column: The number.
        share: The share of all of them. A row without a number could be the largest where the shares that are known leave it more than the first has.
    """
    known = in_order(rows, column)
    if not known:
        return []
    first = known[0]
    # What is left for the hidden ones is the most that one of them can have.
    left = 1 - sum(row[share] or 0 for row in known)
    is_certain = all(row[column] is not None for row in rows) or (first[share] or 0) > left + _EXACT
    return [row for row in known if row[column] == first[column]] if is_certain else []
