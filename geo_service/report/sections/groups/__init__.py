"""The five population groups: a section each, with what the release knows of where they come from, why, when and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.document import Section
from geo_service.report.messages import Messages
from geo_service.report.sections.groups.countries import country_blocks
from geo_service.report.sections.groups.lead import lead_blocks
from geo_service.report.sections.groups.parts import kind_blocks, reason_blocks, sex_blocks
from geo_service.report.sections.groups.places import place_blocks
from geo_service.report.sections.groups.subject import Subject
from geo_service.report.sections.groups.titles import country_title, place_title, reason_title, year_title
from geo_service.report.sections.groups.years import year_blocks
from geo_service.vocabulary import PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.report.document import Block
    from geo_service.report.source import Source

__all__ = ["group_sections"]


def group_sections(source: Source) -> list[Section]:
    """A section for each population group of the release, in the order of the vocabulary; none without the table `groups`."""
    groups = source.sheets.get("groups")
    if groups is None:
        return []
    m = Messages(source.language, "groups")
    rows = [(group, groups.row(group=group.value)) for group in PopulationGroup]
    return [_section(Subject(source, m, group, row)) for group, row in rows if row is not None]


def _section(subject: Subject) -> Section:
    blocks = [*lead_blocks(subject), *_parts(subject)]
    return Section(subject.anchor(), subject.label, tuple(blocks))


def _parts(subject: Subject) -> Iterator[Section]:
    """The sections inside, without those of which the release says nothing."""
    m = subject.m
    parts = (
        ("countries", country_title(subject), country_blocks),
        ("sex", m.text("Sex"), sex_blocks),
        ("kinds", m.text("Kinds of migration"), kind_blocks),
        ("reasons", reason_title(subject), reason_blocks),
        ("years", year_title(subject), year_blocks),
        ("places", place_title(subject), place_blocks),
    )
    for name, title, make in parts:
        blocks: list[Block] = make(subject, title)
        if blocks:
            yield Section(subject.anchor(name), title, tuple(blocks))
