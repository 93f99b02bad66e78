"""What the parts of a group's section are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.sections.groups.subject import Way
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from geo_service.report.sections.groups.subject import Subject

__all__ = ["country_title", "place_title", "reason_title", "year_title"]


def country_title(subject: Subject) -> str:
    """Of the countries: of nationality, of return or of destination."""
    m = subject.m
    match subject.group:
        case PopulationGroup.LABOUR_MIGRANTS:
            return m.text("Countries of nationality")
        case PopulationGroup.RETURNEES:
            return m.text("Countries they returned from")
        case _:
            return m.text("Countries of destination")


def reason_title(subject: Subject) -> str:
    """Of the reasons."""
    m = subject.m
    if subject.way is Way.BACK:
        return m.text("Reasons for return")
    return m.text("Reasons for migration")


def year_title(subject: Subject) -> str:
    """Of the years: of arrival, return or departure."""
    m = subject.m
    match subject.way:
        case Way.IN:
            return m.text("Years of arrival")
        case Way.BACK:
            return m.text("Years of return")
        case Way.OUT:
            return m.text("Years of departure")


def place_title(subject: Subject) -> str:
    """Of the regions: where the group is, or which it left."""
    m = subject.m
    match subject.way:
        case Way.IN:
            return m.text("Regions of arrival")
        case Way.BACK:
            return m.text("Regions of return")
        case Way.OUT:
            return m.text("Regions of origin")
