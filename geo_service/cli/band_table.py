"""The band table for a terminal: as in the report, with a column a service; or with a row a unit."""

from __future__ import annotations

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from geo_service.vocabulary import SERVICES, STATUSES, Language, Service, Status

__all__ = ["band_tables"]

_UNASSIGNED = "not assigned"
_LEAST_NAME_WIDTH = 16


def band_tables(banded: pd.DataFrame, language: Language = Language.EN) -> list[Table]:
    """Tables to print: one with a column a service, or where there are units one a service with a row a unit.

    Args:
        banded: What `access_by_band` gave.
        language: The language of labels.
    """
    counts = "villages" if banded["households"].isna().all() else "households"
    labels = {code: SERVICES[Service(code)].label(language) for code in banded["service"].unique()}
    rows = _row_labels(banded, language)
    if "pcode" not in banded:
        table = _empty_table(
            f"{counts.capitalize()} by km to the nearest facility", "km", list(labels.values())
        )
        cells = {code: _counts(banded[banded["service"] == code], rows, counts) for code in labels}
        for position, label in enumerate(rows.values()):
            table.add_row(
                label,
                *(f"{cells[code][position]:,}" for code in labels),
                end_section=position == len(rows) - 2,
            )
        return [table]
    tables = []
    for code, label in labels.items():
        table = _empty_table(f"{label}: {counts} by km to the nearest", "unit", list(rows.values()))
        of_service = banded[banded["service"] == code]
        for _, of_unit in of_service.groupby("pcode", dropna=False, sort=True):
            table.add_row(
                escape(_unit_title(of_unit)), *(f"{cell:,}" for cell in _counts(of_unit, rows, counts))
            )
        tables.append(table)
    return tables


def _row_labels(banded: pd.DataFrame, language: Language) -> dict[str, str]:
    """Bands, then statuses that occur, then the total."""
    bands = {f"band:{label}": label for label in banded["band"].cat.categories}
    occurs = [status for status in Status if status is not Status.OK and (banded["status"] == status).any()]
    statuses = {f"status:{status}": STATUSES[status].label(language) for status in occurs}
    return bands | statuses | {"total": "Σ"}


def _counts(rows: pd.DataFrame, labels: dict[str, str], counts: str) -> list[int]:
    by_band = rows.groupby("band", observed=False)[counts].sum()
    by_status = rows.groupby("status", observed=False)[counts].sum()
    found = {f"band:{label}": value for label, value in by_band.items()}
    found |= {f"status:{status}": value for status, value in by_status.items()}
    found["total"] = rows[counts].sum()
    return [int(found[key]) for key in labels]


def _empty_table(title: str, first: str, columns: list[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold", min_width=_LEAST_NAME_WIDTH if first == "unit" else None)
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _unit_title(of_unit: pd.DataFrame) -> str:
    code, name = of_unit["pcode"].iloc[0], of_unit["name"].iloc[0]
    if pd.isna(code):
        return _UNASSIGNED
    return str(code) if pd.isna(name) else str(name)
