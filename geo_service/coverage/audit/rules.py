"""The audit: every rule over every table, without being told where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.coverage.audit.cells import missing_cells
from geo_service.coverage.audit.growth import growth_faults
from geo_service.coverage.audit.households import household_faults
from geo_service.coverage.audit.shares import share_faults, shares_sum_faults
from geo_service.coverage.audit.tables import publication
from geo_service.coverage.audit.totals import total_faults

if TYPE_CHECKING:
    from geo_service.coverage.audit.faults import FigureFault
    from geo_service.ingest.figures import FigureTree

__all__ = ["RULES", "audit"]

RULES = (total_faults, share_faults, growth_faults, shares_sum_faults, household_faults, missing_cells)
"""Each gives the faults of one kind; only the last gives warnings."""


def audit(figures: FigureTree) -> list[FigureFault]:
    """Everything printed that contradicts something else in print, errors first, each kind in the order of the figures.

    Args:
        figures: As `read_figure_tree` or `figure_tree` gives them.

    Example:
        >>> from geo_service.ingest.figures import figure_tree
        >>> years = {"by_year": {"2022": 162799, "2023": 309500}, "growth_printed": {"2023_vs_2022": 47}}
        >>> fault = audit(figure_tree({"labour_migrants": years}))[0]
        >>> int(fault.printed), int(fault.follows), str(fault.base)
        (47, 90, 'the difference over labour_migrants.by_year.2023 (309,500)')
    """
    found = publication(figures)
    return [fault for rule in RULES for fault in rule(found)]
