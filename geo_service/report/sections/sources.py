"""What the numbers are not, what the words mean, and where everything comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.coverage.bands import Bands
from geo_service.release.titles import REPORTED, SIDE_BY_SIDE, STRAIGHT, in_each_language
from geo_service.report.document import Bullets, Definitions, Note, NoteKind, Section
from geo_service.report.messages import Messages, joined, paragraph, sentences
from geo_service.report.sections.common import collected_days, country_name, is_public, round_number
from geo_service.vocabulary import Basis, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.release.manifest import Input
    from geo_service.report.document import Block, Runs
    from geo_service.report.source import Source

__all__ = ["source_sections"]

_OPEN = frozenset({"boundaries", "facilities", "osm_tags"})
"""The roles of inputs that everybody sees as layers."""

_SHOWN_DIGITS = 12
"""Of a checksum: enough to tell files apart; the manifest has all of it."""
_SAID_ANYWAY = [in_each_language(one()) for one in (REPORTED, STRAIGHT, SIDE_BY_SIDE)]
"""Notes of a release that are said here in other words."""


def source_sections(source: Source) -> list[Section]:
    """How to read the numbers, definitions, sources, and the release behind the report."""
    m = Messages(source.language, "sources")
    return [
        Section(
            "sources",
            m.text("Notes and sources"),
            (_reading(m, source), _definitions(m, source), _sources(m, source), _release(m, source)),
        )
    ]


def _has(source: Source, basis: Basis) -> bool:
    """Whether a table of that basis is shown."""
    return any(basis.value in str(one.about.get("basis", "")) for one in source.manifest.collections)


def _reading(m: Messages, source: Source) -> Section:
    items = [
        m.say(
            "Numbers of people and the services of a village are what its key informants reported. They are estimates: nobody was counted, and nothing was checked against a register."
        ),
        m.say("The numbers are of the villages assessed, and of no others."),
        m.say(
            "A person may be counted in more than one group and in more than one village. Sums of groups are not numbers of people."
        ),
        m.say(
            "Each share names the whole that it is of. Shares are rounded to one decimal, so that they may not add up to the whole."
        ),
        m.say(
            "Growth and change are against the earlier number, which is named: the difference of the two numbers, divided by the earlier one."
        ),
        m.say("“No data” means that something is not known or was not asked. It does not mean zero."),
    ]
    blocks: list[Block] = [Bullets(tuple(items))]
    if _has(source, Basis.MEASURED):
        blocks.append(Note(NoteKind.MEASURED, _measured(m)))
    if is_public(source):
        left_out = m.say(
            "What is known of key informants, and changes between rounds, are not part of this edition."
        )
        blocks.append(Note(NoteKind.SUPPRESSED, sentences([_suppressed(m, source), left_out])))
    blocks += [Note(kind, (text,)) for kind, text in _notes(source)]
    return Section("reading", m.text("How to read the numbers"), tuple(blocks))


def _measured(m: Messages) -> Runs:
    return m.say(
        "Reported and measured access are kept apart. Measured distances go from the village to the nearest facility in a straight line over the WGS84 ellipsoid, not by road; the way by road is at least as long. Reported distances are what key informants estimated."
    )


def _suppressed(m: Messages, source: Source) -> Runs:
    """The rule in words, with its two limits, which are parameters of the release."""
    limits = next(one.about for one in source.manifest.collections if one.about.get("edition") == "public")
    exact = source.sheets.numbers.exact
    threshold, villages = limits.get("threshold"), limits.get("least_villages")
    if threshold is None or villages is None:
        return m.say(
            "This is the edition for the public. Small numbers are suppressed, and others from which they could be worked out. Suppressed does not mean zero."
        )
    return m.say(
        "This is the edition for the public. Suppressed are: numbers of people and households above zero and below {threshold}; numbers of a group in a region or district where it was counted in fewer than {villages} villages; and other numbers from which these could be worked out. Suppressed does not mean zero.",
        threshold=exact(threshold),
        villages=exact(villages),
    )


def _notes(source: Source) -> list[tuple[NoteKind, str]]:
    """What the release itself warns of, but for what is said above."""
    survey = source.manifest.round
    # The first note of a round with made-up answers says so, which the key findings say with figures.
    said = 1 if survey is not None and survey.synthetic else 0
    notes = [note for note in source.manifest.notes[said:] if note not in _SAID_ANYWAY]
    return [
        (
            NoteKind.SYNTHETIC if "synthetic" in note[Language.EN].lower() else NoteKind.SOURCE,
            note[source.language],
        )
        for note in notes
    ]


def _definitions(m: Messages, source: Source) -> Section:
    items: list[tuple[str, Runs]] = [
        (
            m.text("Village, community"),
            m.say(
                "A settlement, or a district of a city, that was assessed. Where services are concerned, it is called a community."
            ),
        ),
        (
            m.text("Household"),
            m.say(
                "The unit in which access to services is counted; each village has a number of households."
            ),
        ),
        (
            m.text("Key informant"),
            m.say("Somebody who knows the village and answered questions about it."),
        ),
        (
            m.text("Reported"),
            m.say("Said by key informants of their village."),
        ),
    ]
    if _has(source, Basis.MEASURED):
        items.append((m.text("Measured"), _presence(m, source)))
    items.append((m.text("Distance band"), _bands(m, source)))
    return Section("definitions", m.text("Definitions"), (Definitions(tuple(items)),))


def _presence(m: Messages, source: Source) -> Runs:
    km = source.manifest.parameters.get("presence_km")
    if km is None:
        return m.say("Computed from the points of villages and of facilities.")
    return m.say(
        "Computed from the points of villages and of facilities. A village has a service if a facility is no farther than {km} km away.",
        km=source.sheets.numbers.exact(km),
    )


def _bands(m: Messages, source: Source) -> Runs:
    parameters: Mapping[str, Any] = source.manifest.parameters.get("bands") or {}
    exact = source.sheets.numbers.exact
    edges = [exact(one) for one in parameters.get("edges_km", Bands().edges_km)]
    return m.say(
        "Bands end at {edges} km; the last has no end. Each includes its upper edge: exactly {edge} km is in the first band, a little more in the second. Zero is in the first.",
        edges=joined(edges, m.language),
        edge=edges[0],
    )


def _sources(m: Messages, source: Source) -> Section:
    licences = source.manifest.licences
    blocks: list[Block] = []
    if licences:
        blocks += [
            *paragraph(m.say("Data used in this report, with their attributions and licences:")),
            Bullets(tuple((one,) for one in licences)),
        ]
    # A checksum of answers would tell whoever guesses them that they guessed right.
    inputs = [one for one in source.manifest.inputs if one.role in _OPEN or not is_public(source)]
    if inputs:
        blocks += [
            *paragraph(
                m.say(
                    "Files and sets that the numbers were computed from, each with the first digits of its SHA-256:"
                )
            ),
            Bullets(tuple(_input(m, one) for one in inputs)),
        ]
    blocks.append(
        Note(
            NoteKind.SOURCE,
            m.say(
                "The boundaries and names shown on the maps of this report do not imply official endorsement or acceptance."
            ),
        )
    )
    return Section("where-from", m.text("Sources and licences"), tuple(blocks))


def _input(m: Messages, one: Input) -> Runs:
    roles = {
        "round": m.text("Answers of this round"),
        "earlier_round": m.text("Answers of the earlier round"),
        "villages": m.text("Villages"),
        "facilities": m.text("Facilities"),
        "osm_tags": m.text("Tags of OpenStreetMap"),
        "boundaries": m.text("Boundaries"),
        "inhabitants": m.text("Inhabitants"),
    }
    return m.say(
        "{role}: {name} ({checksum})",
        role=roles.get(one.role, one.role),
        name=one.name,
        checksum=one.sha256[:_SHOWN_DIGITS],
    )


def _release(m: Messages, source: Source) -> Section:
    values = {
        "round": round_number(source),
        "country": country_name(source),
        "release": source.manifest.id,
    }
    if collected := collected_days(source):
        cited = m.say(
            "Mobility Tracking Matrix. Baseline Mobility Assessment, Round {round}, {country}. Data collected: {days}. Release {release}.",
            days=collected,
            **values,
        )
    else:
        cited = m.say(
            "Mobility Tracking Matrix. Baseline Mobility Assessment, Round {round}, {country}. Release {release}.",
            **values,
        )
    return Section(
        "release",
        m.text("The release behind this report"),
        (
            *paragraph(
                m.say(
                    "Every number in the text, charts and tables of this report is a cell of a table of one published release, which never changes; its maps are drawn from the same release. The same tables are available from the service and as a workbook."
                ),
                m.say(
                    "Before the report was written, its numbers were audited: parts against totals, shares against their counts, growth against the numbers of both years. No contradiction was found."
                ),
            ),
            Definitions(((m.text("Release"), (source.manifest.id,)), (m.text("To be cited as"), cited))),
        ),
    )
