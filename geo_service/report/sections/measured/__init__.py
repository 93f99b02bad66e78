"""Access to services as measured from a layer of facilities, and beside what key informants report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.release.titles import REPORTED, SIDE_BY_SIDE, STRAIGHT, in_each_language
from geo_service.report.document import Note, NoteKind, Section
from geo_service.report.messages import Messages, sentences
from geo_service.report.sections.measured.agreement import agreement_sections
from geo_service.report.sections.measured.distances import distance_blocks

if TYPE_CHECKING:
    from geo_service.report.document import Runs
    from geo_service.report.source import Source

__all__ = ["measured_sections"]

_SAID_ANYWAY = (STRAIGHT, REPORTED, SIDE_BY_SIDE)


def measured_sections(source: Source) -> list[Section]:
    """The part on services as measured; none where the release measured nothing."""
    m = Messages(source.language, "measured")
    blocks = distance_blocks(source, m)
    if not blocks:
        return []
    warning = Note(NoteKind.MEASURED, sentences([_warning(m), *_notes(source)]))
    parts = (warning, *blocks, *agreement_sections(source, m))
    return [Section("measured", m.text("Access to services, as measured"), parts)]


def _warning(m: Messages) -> Runs:
    return m.say(
        "The numbers of this part are computed from the points of villages and a layer of facilities, and not reported by key informants. Distances are "
        "straight lines, not by road: the way there is as long or longer. A facility that the layer lacks cannot be found."
    )


def _notes(source: Source) -> list[Runs]:
    """What the release warns of beside what is said here anyway, such as that its facilities are made up."""
    manifest = source.manifest
    usual = [in_each_language(one()) for one in _SAID_ANYWAY]
    # The first note of made-up answers says that they are, which is on every page.
    is_synthetic = manifest.round is not None and manifest.round.synthetic
    notes = manifest.notes[1:] if is_synthetic else manifest.notes
    return [(one[source.language],) for one in notes if one not in usual and one.get(source.language)]
