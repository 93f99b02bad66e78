"""The last look at a report before it is written: every figure is its cell, and no figure contradicts another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.coverage.audit.report_figures import AUDITED, report_figures
from geo_service.coverage.audit.rules import audit
from geo_service.errors import ContradictionError
from geo_service.findings import Severity
from geo_service.ingest.figures import figure_tree
from geo_service.maps.numbers import Numbers
from geo_service.report.document import FigureStyle
from geo_service.report.identities import identity_faults, plain_columns
from geo_service.report.sheets import printed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.report.document import Figure, Report

__all__ = ["refuse_contradictions", "refuse_loose_figures"]

_FRACTIONS = {FigureStyle.SHARE, FigureStyle.GROWTH, FigureStyle.MAGNITUDE}
_BOUNDS = "<>"
_DECIMALS = 3
"""Of fractions: per cent are printed with one decimal."""
_NAMED = 3


def refuse_loose_figures(report: Report) -> None:
    """See that each figure in print is what its cell holds, printed as numbers of its language are.

    Raises:
        ContradictionError: One is not.
    """
    numbers = Numbers(report.language)
    for figure in report.figures():
        cell = _cell(report.tables, figure)
        if cell != figure.value:
            raise ContradictionError(f"{_place(figure)} holds {cell}, and the report says {figure.value}")
        if figure.value is not None and printed(figure.value, figure.style, numbers) != figure.text:
            raise ContradictionError(f"{_place(figure)} is printed as '{figure.text}'")


def refuse_contradictions(report: Report, whole: Mapping[str, pd.DataFrame]) -> None:
    """See that no number contradicts another: by what the columns of the tables are defined as, then by the rules for figures of any report.

    Tables are looked at as they are before anything is hidden; what is shown where numbers are hidden does not add up, and must not. That each number in
    print is the one of these tables ties it to them. The rules for figures look also at what is printed, rounded as it is there.

    Args:
        report: The report.
        whole: The tables of the release by name, with nothing hidden.

    Raises:
        ContradictionError: Numbers contradict each other; the message names the first of them.
    """
    _refuse(
        [*_untrue(report, whole), *identity_faults({name: plain_columns(one) for name, one in whole.items()})]
    )
    in_print = {figure.table for figure in report.figures()} & set(AUDITED)
    shown = {
        name: table
        for name, table in report.tables.items()
        if name in in_print and not ("suppressed" in table and table["suppressed"].any())
    }
    as_printed = {name: _as_printed(name, table, report) for name, table in shown.items()}
    for tables in (as_printed, {name: _rows(whole[name]) for name in AUDITED if name in whole}):
        if figures := report_figures(tables):
            faults = [one for one in audit(figure_tree(figures)) if one.severity is Severity.ERROR]
            _refuse([f"{one.place}: {one.message}" for one in faults])


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        more = f" (and {len(faults) - _NAMED} more)" if len(faults) > _NAMED else ""
        raise ContradictionError(
            f"the numbers of the report contradict each other, so it is not written: {'; '.join(faults[:_NAMED])}{more}"
        )


def _untrue(report: Report, whole: Mapping[str, pd.DataFrame]) -> list[str]:
    """Numbers in print that are not those of the tables with nothing hidden."""
    faults = []
    for figure in report.figures():
        if figure.value is not None and figure.table in whole:
            cell = _cell(whole, figure)
            if cell != figure.value:
                faults.append(
                    f"{_place(figure)} holds {cell} before anything is hidden, and the report says {figure.value}"
                )
    return faults


def _cell(tables: Mapping[str, pd.DataFrame], figure: Figure) -> float | None:
    table = tables.get(figure.table)
    if table is None or figure.column not in table or not 0 <= figure.row < len(table):
        return None
    value = table[figure.column].iloc[figure.row]
    return None if pd.isna(value) else float(value)


def _place(figure: Figure) -> str:
    return f"row {figure.row + 1} of the table '{figure.table}', column '{figure.column}',"


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _as_printed(name: str, table: pd.DataFrame, report: Report) -> list[dict[Any, Any]]:
    """The rows of a table, those of its numbers that are in print rounded as they are there."""
    rows = _rows(table)
    for figure in report.figures():
        if figure.table == name and figure.value is not None and not figure.text.startswith(tuple(_BOUNDS)):
            is_fraction = figure.style in _FRACTIONS
            rows[figure.row][figure.column] = (
                round(figure.value, _DECIMALS) if is_fraction else _counted(figure)
            )
    return rows


def _counted(figure: Figure) -> float | None:
    counts = {FigureStyle.COUNT, FigureStyle.CHANGE, FigureStyle.SIZE}
    return figure.value if figure.value is None or figure.style not in counts else round(figure.value)
