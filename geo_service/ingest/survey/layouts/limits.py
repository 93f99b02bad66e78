"""How large a file of a survey may be."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["USUAL_LIMITS", "SurveyLimits"]


@dataclass(frozen=True, slots=True)
class SurveyLimits:
    """What is refused before it is read, so that no file takes the memory of the machine.

    Attributes:
        max_file_bytes: The largest file, and the largest CSV in a zip.
        max_unpacked_bytes: What all that is read of an archive may unpack to; a workbook is an archive too.
        max_ratio: How many times its size an archive may unpack to, once that is over 100 MB.
        max_cells: The rows times the columns of the largest sheet; a cell takes about 70 bytes while it is read.
    """

    max_file_bytes: int = 250_000_000
    max_unpacked_bytes: int = 2_000_000_000
    max_ratio: float = 200.0
    max_cells: int = 30_000_000


USUAL_LIMITS = SurveyLimits()
"""Ten times the survey of a large country, in the memory of a laptop."""
