"""What an audit finds: one row a contradiction between printed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd

from geo_service.findings import Severity
from geo_service.vocabulary import Language
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

__all__ = ["FaultKind", "FigureFault", "faults_frame"]


class FaultKind(StrEnum):
    """What two printed numbers contradict each other about."""

    TOTAL = "total"
    SHARE = "share"
    GROWTH = "growth"
    SHARES_SUM = "shares_sum"
    HOUSEHOLDS = "households"
    MISSING_CELL = "missing_cell"


@dataclass(frozen=True, slots=True)
class FigureFault:
    """A printed number that does not follow from the others, or is not there.

    Attributes:
        kind: What it is about.
        severity: An error is a contradiction in print; a warning is a cell that one table has and its like has not.
        place: Where it stands: the names down to it, joined by dots, or the sheet and cell of a workbook.
        printed: The number as printed; null where there is none.
        follows: The number that follows from the others, with the decimals of the printed one; for households the most there can be;
            null where none follows.
        base: From what the printed number would follow; null where nothing printed near it gives it.
        message: One sentence, worded in each language.
    """

    kind: FaultKind
    severity: Severity
    place: str
    printed: Decimal | None
    follows: Decimal | None
    base: str | None
    message: str


def faults_frame(faults: Iterable[FigureFault], language: Language | str = Language.EN) -> pd.DataFrame:
    """One row a fault, in their order.

    Returns:
        `kind`, `severity` (category), `place` (string), `printed`, `follows` (Float64), `base`, `message` (string, in `language`).
    """
    faults = list(faults)
    return pd.DataFrame(
        {
            "kind": pd.Categorical([one.kind.value for one in faults], [*FaultKind]),
            "severity": pd.Categorical([one.severity.value for one in faults], [*Severity]),
            "place": pd.array([one.place for one in faults], dtype="string"),
            "printed": _numbers([one.printed for one in faults]),
            "follows": _numbers([one.follows for one in faults]),
            "base": pd.array(
                [None if one.base is None else in_language(one.base, language) for one in faults],
                dtype="string",
            ),
            "message": pd.array([in_language(one.message, language) for one in faults], dtype="string"),
        }
    )


def _numbers(values: list[Decimal | None]) -> pd.api.extensions.ExtensionArray:
    return pd.array([None if value is None else float(value) for value in values], dtype="Float64")
