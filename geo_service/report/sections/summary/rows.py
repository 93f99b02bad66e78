"""The rows that several parts of the summary are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.sections.common import leaders
from geo_service.vocabulary import OTHER_COUNTRY, UNKNOWN_COUNTRY, PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.sheets import Row
    from geo_service.report.source import Source

__all__ = ["group_rows", "main_countries", "whole_row"]

_NO_COUNTRY = {"rest", OTHER_COUNTRY, UNKNOWN_COUNTRY}


def whole_row(source: Source) -> Row | None:
    """The whole of what was assessed; null where the release does not say."""
    coverage = source.sheets.get("coverage")
    return coverage.rows[0] if coverage else None


def group_rows(source: Source) -> list[Row]:
    """The population groups; none where the release does not say."""
    groups = source.sheets.get("groups")
    return groups.rows if groups else []


def main_countries(source: Source, group: PopulationGroup) -> list[Row]:
    """The country of the most individuals of a group, or several; those not told apart are none."""
    sheet = source.sheets.get(f"{group}_top_countries")
    if sheet is None:
        return []
    found = leaders(
        [row for row in sheet.rows if row["code"] not in {"rest", UNKNOWN_COUNTRY}], "individuals"
    )
    return [] if any(row["code"] in _NO_COUNTRY for row in found) else found
