"""The inhabitants of admin units, from a table of two columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.findings import FindingCode, Findings, collecting
from geo_service.ingest.columns import listed
from geo_service.ingest.coordinates import report_cells
from geo_service.ingest.tables import as_text, numbers, read_table
from geo_service.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_inhabitants"]

_NO_COLUMN = Wording(
    en="there is no column '{column}'; there are {columns}",
    ru="нет столбца «{column}»; есть {columns}",
    kk="«{column}» бағаны жоқ; бары: {columns}",
)
_NAME_IT = Wording(
    en="Call the column of P-codes pcode and that of people inhabitants",
    ru="Назовите столбец с P-кодами pcode, а столбец с числом жителей inhabitants",
    kk="P-кодтар бағанын pcode, тұрғындар санының бағанын inhabitants деп атаңыз",
)
_NOT_A_NUMBER = Wording(
    en="the number of inhabitants is not above 0",
    ru="число жителей не больше 0",
    kk="тұрғындар саны 0-ден артық емес",
)
_TWICE = Wording(
    en="this unit is there more than once",
    ru="эта территория указана более одного раза",
    kk="бұл аумақ бірнеше рет көрсетілген",
)


def read_inhabitants(path: Path, findings: Findings | None = None) -> dict[str, float]:
    """All inhabitants of units by P-code.

    Args:
        path: A CSV or workbook with the columns `pcode` and `inhabitants`; others are not read. A unit without a number is left out.
        findings: Where problems are added; null to have errors raised.

    Raises:
        FindingsError: It cannot be read or lacks a column; or it has errors and `findings` is null.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    with collecting(findings) as found:
        table = read_table(path, found)
        names = {name.strip().casefold(): name for name in reversed(table.columns.names)}
        for column in ("pcode", "inhabitants"):
            if column not in names:
                message = _NO_COLUMN(column=column, columns=listed(table.columns.names))
                found.stop(FindingCode.MISSING_COLUMN, message, table.place, suggestion=_NAME_IT())
        pcodes, cells = as_text(table.frame[names["pcode"]]), table.frame[names["inhabitants"]]
        people, is_text = numbers(cells, decimal_comma=False)
        with np.errstate(invalid="ignore"):
            is_bad = is_text | (people <= 0) | np.isinf(people)
        report_cells(cells, is_bad, found, FindingCode.NOT_A_COUNT, _NOT_A_NUMBER(), table.rows, table.place)
        is_again = (pcodes.duplicated() & pcodes.notna()).to_numpy(dtype=bool)
        report_cells(pcodes, is_again, found, FindingCode.DUPLICATE_UNIT, _TWICE(), table.rows, table.place)
        is_known = pcodes.notna().to_numpy(dtype=bool) & np.isfinite(people) & ~is_bad
        return dict(zip(pcodes[is_known], people[is_known].tolist(), strict=True))
