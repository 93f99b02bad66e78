"""Rows in the order of a number, and as a list in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.messages import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.report.document import Runs
    from geo_service.report.sheets import Row
    from geo_service.vocabulary import Language

__all__ = ["all_known", "first_and_last", "in_sentence", "largest", "listed", "sorted_down"]


def in_sentence(label: str) -> str:
    """The label of a service as it stands inside a sentence."""
    return label[:1].lower() + label[1:]


def all_known(rows: Iterable[Row], column: str) -> bool:
    """Whether no number of a column is hidden or missing, so that its first can be named."""
    return all(row[column] is not None for row in rows)


def sorted_down(rows: Iterable[Row], column: str) -> list[Row]:
    """The rows, those with the largest number first, those without one last; else in their order."""
    return sorted(rows, key=lambda row: (row[column] is None, -(row[column] or 0)))


def largest(rows: Iterable[Row], column: str, count: int) -> list[Row]:
    """So many rows with the largest numbers above 0, with those that are as large as the last of them."""
    found = [row for row in sorted_down(rows, column) if row[column]]
    least = found[count - 1][column] if len(found) > count else 0
    return [row for row in found if row[column] >= least]


def first_and_last(rows: Sequence[Row], column: str) -> tuple[Row, Row] | None:
    """The row with the largest and the one with the smallest number; null where either is not the only one, or a number is not known."""
    ordered = sorted_down(rows, column)
    values = [row[column] for row in ordered]
    if len(values) <= 1 or None in values or values.count(values[0]) > 1 or values.count(values[-1]) > 1:
        return None
    return ordered[0], ordered[-1]


def listed(rows: Iterable[Row], column: str, names: Iterable[str], language: Language) -> Runs:
    """Names, each with its number: "hospital (822), market (535) and school (62)"; without those whose number is not known."""
    figures = ((name, row.figure(column)) for name, row in zip(names, rows, strict=True))
    return joined([(f"{name} (", figure, ")") for name, figure in figures if figure.is_known], language)
