"""What stands between the files of a survey and its frames: sheets of text whose columns have the questions' names.

Every layout (KoboToolbox, ODK Central, a plain workbook or CSV set) comes down to this, each row knowing where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from geo_service.findings import Place

__all__ = ["KEY", "LONG_SHEETS", "SUBMITTED_AT", "RawSurvey", "SurveySheet"]

KEY = "_key"
"""The column of a `SurveySheet` that says which submission a row belongs to."""

SUBMITTED_AT = "_submitted_at"
"""The column of a main sheet with the time of submission as it stands in the file; null where there is none."""

LONG_SHEETS: Mapping[str, tuple[str, ...]] = {
    "key_informants": ("role", "sex", "informants"),
    "mobility": ("group", "present", "individuals", "households"),
    "breakdowns": ("group", "dimension", "code", "individuals"),
    "services": ("service", "present", "band"),
}
"""The sheets of the plain layout that stand beside `villages`, one row a statement, and their columns beside `village_code`."""


@dataclass(frozen=True, slots=True)
class SurveySheet:
    """One sheet or CSV, its columns under the names of `questions`.

    Attributes:
        frame: Text (dtype string), null where a cell is empty; RangeIndex. Has `_key`; a main sheet also `_submitted_at`.
        rows: The line of each row as a spreadsheet shows it (the header is 1), shape (n,), int64.
        place: The file and sheet.
        headers: The header of each question as it stands in the file, for findings.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    place: Place
    headers: Mapping[str, str] = field(default_factory=dict)

    def header(self, question: str) -> str:
        """How the file calls a question; its own name where the file has no such column."""
        return self.headers.get(question, question)


@dataclass(frozen=True, slots=True)
class RawSurvey:
    """All sheets of a round, nothing checked but that each row belongs to a submission.

    Attributes:
        villages: The main sheets of B2, one row a submission (a village): the questions of the form in wide layout, at least those of the
            place. Repeats that a file writes as columns (`labour_migrants_country_UZB`, `key_informants_other_male`) stay columns.
        repeats: The sheets of each repeat of B2 by the repeat's name (`key_informants`, `labour_migrants_countries`, …).
        long: The sheets of the plain layout by name (`LONG_SHEETS`).
        districts: The main sheets of B1 in wide layout, one row a district. The plain layout's `district_estimates`
            (region, district, group, present, individuals) are here too, told by their column `group`.
        to_visit: The sheets of B1's repeat `villages_to_visit`; in the plain layout they carry region and district themselves.
        sources: Each file with its `file` name and `sha256`.
    """

    villages: tuple[SurveySheet, ...] = ()
    repeats: Mapping[str, tuple[SurveySheet, ...]] = field(default_factory=dict)
    long: Mapping[str, tuple[SurveySheet, ...]] = field(default_factory=dict)
    districts: tuple[SurveySheet, ...] = ()
    to_visit: tuple[SurveySheet, ...] = ()
    sources: tuple[dict[str, str], ...] = ()
