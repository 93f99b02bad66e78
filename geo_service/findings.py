"""Findings: what is wrong or doubtful in an input, and where.

A finding is found, not raised: a reader collects them all in one pass. Errors stop a run before anything is
written (`Findings.raise_errors`); warnings travel with the result. `docs/findings.md` explains each code.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from geo_service.errors import FindingsError, OutputError
from geo_service.vocabulary import Language
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Finding", "FindingCode", "Findings", "Place", "Severity", "collecting", "refuse_unwritable"]


class Severity(StrEnum):
    """What a finding does to a run."""

    ERROR = "error"
    WARNING = "warning"


class FindingCode(StrEnum):
    """What a finding is about. The codes are stable: scripts may rely on them."""

    # The file as a whole
    UNREADABLE = "unreadable"
    WRONG_ENCODING = "wrong_encoding"
    EMPTY_LAYER = "empty_layer"
    NO_CRS = "no_crs"
    UNUSABLE_CRS = "unusable_crs"
    MISSING_COLUMN = "missing_column"
    MIXED_GEOMETRY_TYPES = "mixed_geometry_types"
    READER_WARNING = "reader_warning"
    # Where something is
    NO_GEOMETRY = "no_geometry"
    NAN_COORDINATES = "nan_coordinates"
    NON_NUMERIC_COORDINATES = "non_numeric_coordinates"
    ZERO_COORDINATES = "zero_coordinates"
    OUT_OF_RANGE_COORDINATES = "out_of_range_coordinates"
    SWAPPED_COORDINATES = "swapped_coordinates"
    BROKEN_RING = "broken_ring"
    UNSUPPORTED_GEOMETRY = "unsupported_geometry"
    # What something is
    MISSING_ID = "missing_id"
    DUPLICATE_ID = "duplicate_id"
    GENERATED_IDS = "generated_ids"
    MISSING_HOUSEHOLDS = "missing_households"
    NON_NUMERIC_HOUSEHOLDS = "non_numeric_households"
    NEGATIVE_HOUSEHOLDS = "negative_households"
    FRACTIONAL_HOUSEHOLDS = "fractional_households"
    NO_HOUSEHOLD_COUNTS = "no_household_counts"
    DUPLICATE_FACILITY = "duplicate_facility"
    # Where it lies among admin units
    SNAPPED = "snapped"
    OUTSIDE_BOUNDARIES = "outside_boundaries"
    DECLARED_ELSEWHERE = "declared_elsewhere"
    UNKNOWN_UNIT = "unknown_unit"
    # What a survey says
    IGNORED_COLUMN = "ignored_column"
    MISSING_VALUE = "missing_value"
    UNKNOWN_CODE = "unknown_code"
    NOT_A_COUNT = "not_a_count"
    COUNT_TOO_LARGE = "count_too_large"
    IMPOSSIBLE_DATE = "impossible_date"
    DUPLICATE_SUBMISSION = "duplicate_submission"
    SUPERSEDED_SUBMISSION = "superseded_submission"
    REJECTED_SUBMISSION = "rejected_submission"
    ORPHANED_ROW = "orphaned_row"
    DUPLICATE_PART = "duplicate_part"
    PARTS_DIFFER = "parts_differ"
    PRESENCE_CONTRADICTED = "presence_contradicted"
    HOUSEHOLDS_ABOVE_INDIVIDUALS = "households_above_individuals"
    BAND_WITH_SERVICE = "band_with_service"
    MISSING_BAND = "missing_band"
    MISSING_KEY_INFORMANTS = "missing_key_informants"
    OUTLIER = "outlier"
    SYNTHETIC_DATA = "synthetic_data"
    # Which place a survey means
    UNMATCHED_VILLAGE = "unmatched_village"
    PROPOSED_MATCH = "proposed_match"
    AMBIGUOUS_MATCH = "ambiguous_match"
    UNUSED_CROSSWALK = "unused_crosswalk"
    # The admin units themselves
    INVALID_UNIT = "invalid_unit"
    OVERLAPPING_UNITS = "overlapping_units"
    GAP_BETWEEN_UNITS = "gap_between_units"
    DUPLICATE_UNIT = "duplicate_unit"
    ORPHANED_UNIT = "orphaned_unit"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: a file, and in it a layer or sheet.

    Attributes:
        file: The path as the user gave it.
        layer: The layer or sheet, null for a format that has only one.
    """

    file: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or doubtful in an input.

    Attributes:
        severity: Whether it stops the run.
        code: What it is about.
        message: One sentence for a person, in English; one that was worded in several languages knows the others.
        file: The path as the user gave it; null when the input is a frame in memory.
        layer: The layer or sheet; null when there is only one.
        row: 1-based. In a CSV or sheet the line a spreadsheet shows (the header is 1); in a layer the position of
            the feature; null when it is about the whole file.
        column: The column's own name; null when it is about the whole row or file.
        value: The offending value as text; null when there is none.
        suggestion: What to do about it; null when nothing better than the message can be said.
    """

    severity: Severity
    code: FindingCode
    message: str
    file: str | None = None
    layer: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        """`file, layer, row 7, column 'x': message. Suggestion`, leaving out what is not known; in English."""
        where = [str(part) for part in (self.file, self.layer) if part]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column '{self.column}'")
        text = f"{', '.join(where)}: {self.message}" if where else self.message
        return f"{text.rstrip('.')}. {self.suggestion}" if self.suggestion else text

    def in_language(self, language: Language | str) -> Finding:
        """The same finding with its message and suggestion in `language`, where they are worded in it; else in English."""
        suggestion = None if self.suggestion is None else in_language(self.suggestion, language)
        return replace(self, message=in_language(self.message, language), suggestion=suggestion)


class Findings:
    """Findings in the order they were found.

    Example:
        >>> findings = Findings()
        >>> findings.warning(FindingCode.EMPTY_LAYER, "the layer has no rows", Place("clinics.geojson"))
        >>> print(findings.warnings[0])
        clinics.geojson: the layer has no rows
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        """Start with the findings given, or none."""
        self._all: list[Finding] = list(findings)

    def __iter__(self) -> Iterator[Finding]:
        """Iterate in the order found."""
        return iter(self._all)

    def __len__(self) -> int:
        """Count errors and warnings."""
        return len(self._all)

    @property
    def errors(self) -> list[Finding]:
        """Those that stop a run."""
        return [finding for finding in self._all if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """Those that do not."""
        return [finding for finding in self._all if finding.severity is Severity.WARNING]

    def codes(self) -> set[FindingCode]:
        """The codes that occur."""
        return {finding.code for finding in self._all}

    def error(self, code: FindingCode, message: str, place: Place = Place(), **details: Any) -> None:
        """Add an error; `details` are `row`, `column`, `value`, `suggestion`."""
        self._all.append(Finding(Severity.ERROR, code, message, place.file, place.layer, **details))

    def stop(self, code: FindingCode, message: str, place: Place = Place(), **details: Any) -> NoReturn:
        """Add an error that makes it useless to go on, and raise `FindingsError` with everything found."""
        self.error(code, message, place, **details)
        raise FindingsError(self)

    def warning(self, code: FindingCode, message: str, place: Place = Place(), **details: Any) -> None:
        """Add a warning; `details` are `row`, `column`, `value`, `suggestion`."""
        self._all.append(Finding(Severity.WARNING, code, message, place.file, place.layer, **details))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add all of `findings`, in their order."""
        self._all.extend(findings)

    def raise_errors(self) -> None:
        """Raise `FindingsError` with everything found if any finding is an error."""
        if self.errors:
            raise FindingsError(self)

    def to_frame(self, language: Language | str = Language.EN) -> pd.DataFrame:
        """One row a finding, a column for each of its attributes; `row` is Int64, null where there is none."""
        names = [field.name for field in fields(Finding)]
        rows = [
            [getattr(one, name) for name in names] for one in (one.in_language(language) for one in self._all)
        ]
        frame = pd.DataFrame(rows, columns=names)
        text = [name for name in names if name != "row"]
        return frame.astype({"row": "Int64"} | dict.fromkeys(text, "string"))

    def write(self, path: Path | str, language: Language | str = Language.EN) -> None:
        """Write all findings as `.csv` or `.json` (a list of objects), replacing what is there.

        Raises:
            OutputError: The extension is neither, or the file cannot be written.
        """
        path = Path(path)
        refuse_unwritable(path)
        beside = path.with_name(f".{path.name}.part")
        try:
            if path.suffix.lower() == ".csv":
                self.to_frame(language).to_csv(beside, index=False)
            else:
                self.to_frame(language).to_json(beside, orient="records", indent=1, force_ascii=False)
            beside.replace(path)
        except OSError as error:
            raise OutputError(f"{path}: the findings cannot be written: {error.strerror or error}") from error


@contextmanager
def collecting(findings: Findings | None) -> Iterator[Findings]:
    """`findings` for a caller who keeps them; else new ones, whose errors are raised when the block ends."""
    if findings is not None:
        yield findings
        return
    found = Findings()
    yield found
    found.raise_errors()


def refuse_unwritable(path: Path) -> None:
    """Stop before any work is done when findings cannot be written to `path`.

    Raises:
        OutputError: Its extension is neither `.csv` nor `.json`.
    """
    if path.suffix.lower() not in {".csv", ".json"}:
        raise OutputError(f"{path}: findings are written as .csv or .json, not '{path.suffix}'")
