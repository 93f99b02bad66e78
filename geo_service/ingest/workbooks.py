"""Sheets of a workbook as cells of text."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from geo_service.errors import MissingExtraError
from geo_service.findings import FindingCode
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.findings import Findings, Place

__all__ = ["PROTECTED", "SAVE_UNPROTECTED", "opened_workbook", "sheet_cells"]

PROTECTED = Wording(
    en="it is protected by a password", ru="файл защищён паролем", kk="файл құпиясөзбен қорғалған"
)
"""What is wrong with a workbook or archive that asks for a password."""
SAVE_UNPROTECTED = Wording(
    en="Save it without one", ru="Сохраните его без пароля", kk="Оны құпиясөзсіз сақтаңыз"
)
"""What to do about it."""

_NO_WORKBOOK = Wording(
    en="it is not a workbook that can be opened: {reason}",
    ru="это не книга Excel, которую можно открыть: {reason}",
    kk="бұл ашуға болатын Excel кітабы емес: {reason}",
)

# The Python objects of so many rows stay in the processor's cache.
_ROWS_AT_ONCE = 256
_MOST_TEXTS = 200_000


@contextmanager
def opened_workbook(path: Path, findings: Findings, place: Place) -> Iterator[Any]:
    """A `python_calamine.CalamineWorkbook`, whose failures within the block are findings about `place`.

    Raises:
        FindingsError: It cannot be read; why is among `findings`.
        MissingExtraError: The reader is not installed.
    """
    try:
        import python_calamine  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(f"reading the workbook {path}", "excel") from error
    try:
        yield python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        findings.stop(FindingCode.UNREADABLE, PROTECTED(), place, suggestion=SAVE_UNPROTECTED())
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        findings.stop(FindingCode.UNREADABLE, _NO_WORKBOOK(reason=error), place)


def sheet_cells(sheet: Any) -> pd.DataFrame:
    """All cells from the first row and column on as text (dtype string), null where a cell is empty; header and all.

    Args:
        sheet: A `python_calamine.CalamineSheet`. Whole numbers are written without a point, dates as ISO 8601.
    """
    width, rows, texts, blocks = sheet.width, sheet.iter_rows(), _Texts(), []
    while cells := list(chain.from_iterable(islice(rows, _ROWS_AT_ONCE))):
        text_of = _text if bool in set(map(type, cells)) else texts.__getitem__
        by_row = pa.array(map(text_of, cells), pa.large_string(), size=len(cells))
        by_column = np.arange(len(cells)).reshape(-1, width).T.ravel()
        blocks.append(by_row.take(pa.array(by_column)))
        if len(texts) > _MOST_TEXTS:
            texts.clear()
    # The rows above the first cell are given as empty, the columns left of it are not.
    left = sheet.start[1] if blocks else 0
    columns = [pa.nulls(sum(map(len, blocks)) // width, pa.large_string()) for _ in range(left)]
    for at in range(width if blocks else 0):
        heights = [len(block) // width for block in blocks]
        parts = [block.slice(at * height, height) for block, height in zip(blocks, heights, strict=True)]
        columns.append(pa.concat_arrays(parts))
    return pd.DataFrame({at: pd.array(column, dtype="string") for at, column in enumerate(columns)})


class _Texts(dict[object, str | None]):
    """Cells with their text: a sheet of answers repeats most of them. Not for truths, as `True` and `1` are one key."""

    def __missing__(self, cell: object) -> str | None:
        return self.setdefault(cell, _text(cell))


def _text(cell: object) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None
