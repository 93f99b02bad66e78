"""The band table for a terminal: services across the page or units down it."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from geo_service.vocabulary import SERVICES, STATUSES, Language, Service, Status

__all__ = ["band_tables"]

_UNASSIGNED = "—"


def band_tables(banded: pd.DataFrame, language: Language = Language.EN) -> list[Table]:
    """Tables to print: one with a row a service, or with units one a service with a row a unit.

    Args:
        banded: What `access_by_band` gave.
        language: The language of labels.
    """
    counts = "villages" if banded["households"].isna().all() else "households"
    if "pcode" not in banded:
        rows = [(SERVICES[Service(str(code))].label(language), one) for code, one in banded.groupby("service", observed=True)]
        return [_table(f"{counts.capitalize()} by km to the nearest facility", "service", rows, banded, counts, language)]
    return [
        _table(
            f"{SERVICES[Service(str(code))].label(language)}: {counts} by km to the nearest",
            "unit",
            [(_unit_title(of_unit), of_unit) for _, of_unit in of_service.groupby("pcode", dropna=False, sort=True)],
            banded,
            counts,
            language,
        )
        for code, of_service in banded.groupby("service", observed=True)
    ]


def _table(
    title: str,
    first: str,
    rows: list[tuple[str, pd.DataFrame]],
    banded: pd.DataFrame,
    counts: str,
    language: Language,
) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column(first, overflow="fold")
    bands = list(banded["band"].cat.categories)
    statuses = [status for status in Status if status is not Status.OK and (banded["status"] == status).any()]
    for label in bands:
        table.add_column(label, justify="right", no_wrap=True)
    for status in statuses:
        table.add_column(STATUSES[status].label(language), justify="right", style="yellow", overflow="fold")
    table.add_column("total", justify="right", style="bold", no_wrap=True)
    for name, of_row in rows:
        by_band = of_row.groupby("band", observed=False)[counts].sum()
        by_status = of_row.groupby("status", observed=False)[counts].sum()
        cells = [*(by_band[label] for label in bands), *(by_status[status.value] for status in statuses)]
        table.add_row(name, *(f"{int(cell):,}" for cell in [*cells, of_row[counts].sum()]))
    return table


def _unit_title(of_unit: pd.DataFrame) -> str:
    code, name = of_unit["pcode"].iloc[0], of_unit["name"].iloc[0]
    if pd.isna(code):
        return _UNASSIGNED
    return str(code) if pd.isna(name) else f"{name} ({code})"
