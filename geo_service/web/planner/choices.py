"""What the form of the planner's page offers, in the language of the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.api.questions.guarded_totals import TOTALS_TABLES, band_edges
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import has
from geo_service.api.questions.releases import rounds_there
from geo_service.api.security.roles import Role
from geo_service.vocabulary import POPULATION_GROUPS, SERVICES, AdminLevel, Basis, PopulationGroup, Service
from geo_service.web.planner.order import name_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.api.context import Asked
    from geo_service.maps.numbers import Numbers
    from geo_service.web.planner.state import State
    from geo_service.web.planner.words import Words

__all__ = ["Choice", "Choices", "choices_of", "default_basis"]

_MORE_KM = (50.0, 100.0)
"""Offered beside the edges of the bands where any distance can be asked."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list.

    Attributes:
        value: What stands in the URL; empty for what the page chooses by itself.
        label: For people.
        is_chosen: Whether it is what was asked for.
    """

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of the form; units are grouped, each group with its name."""

    services: list[Choice]
    bases: list[Choice]
    distances: list[Choice]
    groups: list[Choice]
    places: list[Choice]
    units: list[tuple[str, list[Choice]]]
    levels: list[Choice]
    rounds: list[Choice] = field(default_factory=list)


def default_basis(asked: Asked) -> Basis | None:
    """Reported where there is that, else measured; null where there is neither."""
    return next((one for one in _bases(asked)), None)


def choices_of(
    asked: Asked,
    state: State,
    basis: Basis | None,
    levels: list[AdminLevel],
    by: AdminLevel | None,
    current: str | None,
    words: Words,
    numbers: Numbers,
) -> Choices:
    """The lists of the form.

    Args:
        asked: The request.
        state: What was asked for.
        basis: The basis that is answered on.
        levels: By which units there are totals.
        by: By which they are shown.
        current: The release that counts.
        words: Of the language.
        numbers: Of the language.
    """
    language, bases = asked.language, list(_bases(asked))
    offered = {*bases, *([basis] if basis else [])}
    places, units = _units(asked, state, words)
    return Choices(
        services=[Choice(one.value, SERVICES[one].label(language), one is state.service) for one in Service],
        bases=[Choice(one.value, words.basis_label(one), one is basis) for one in Basis if one in offered],
        distances=_distances(asked, state, basis, words, numbers),
        groups=[
            Choice(one.value, POPULATION_GROUPS[one].label(language), one is state.group)
            for one in PopulationGroup
        ],
        places=places,
        units=units,
        levels=[Choice(one.value, words[f"by_{one}"], one is by) for one in levels],
        rounds=_rounds(asked, current, words),
    )


def _bases(asked: Asked) -> Iterable[Basis]:
    if asked.role is Role.PUBLIC:
        return (one for one in Basis if has(asked, TOTALS_TABLES[one]))
    names = {Basis.REPORTED: "service_access", Basis.MEASURED: "access"}
    return (one for one in Basis if has(asked, names[one]))


def _distances(
    asked: Asked, state: State, basis: Basis | None, words: Words, numbers: Numbers
) -> list[Choice]:
    found = [Choice("", words["option_without"], state.beyond_km is None)]
    if basis is None:
        return found
    edges = [one for one in band_edges(asked, basis) if one > 0]
    if basis is Basis.MEASURED and asked.role.includes(Role.ANALYST):
        searched_km = asked.release.manifest.parameters.get("max_distance_km")
        edges += [one for one in _MORE_KM if searched_km is None or one <= searched_km]
    if state.beyond_km is not None:
        edges.append(state.beyond_km)
    return found + [
        Choice(f"{one:g}", words.say("option_beyond", km=numbers.exact(one)), one == state.beyond_km)
        for one in sorted(set(edges))
    ]


def _units(asked: Asked, state: State, words: Words) -> tuple[list[Choice], list[tuple[str, list[Choice]]]]:
    """Single choices, then regions with their districts."""
    places, language = places_of(asked.release), asked.language
    everywhere = [Choice("", words["everywhere"], state.adm is None)]
    if state.adm is not None and "," in state.adm:
        everywhere.append(Choice(state.adm, words.say("units_chosen", codes=state.adm), is_chosen=True))

    def named(codes: Iterable[str]) -> list[tuple[str, str]]:
        pairs = [(code, places.name(code, language) or code) for code in codes]
        return sorted(pairs, key=lambda one: name_order(one[1]))

    districts: dict[str | None, list[str]] = {}
    for code in places.codes(AdminLevel.DISTRICT):
        districts.setdefault(places.parent(code), []).append(code)
    groups = []
    regions = named(places.codes(AdminLevel.REGION))
    for region, name in regions:
        inside = named(districts.pop(region, []))
        all_of_it = words.say("whole_region", name=name) if inside else name
        options = [Choice(region, all_of_it, region == state.adm)]
        groups.append((name, options + [Choice(code, label, code == state.adm) for code, label in inside]))
    if rest := named(code for codes in districts.values() for code in codes):
        groups.append(
            (words["other_units"], [Choice(code, label, code == state.adm) for code, label in rest])
        )
    if groups and all(len(options) == 1 for _, options in groups):
        return everywhere + [options[0] for _, options in groups], []
    return everywhere, groups


def _rounds(asked: Asked, current: str | None, words: Words) -> list[Choice]:
    shown = asked.release.manifest.round
    return [
        Choice(
            "" if one["is_current"] else str(one["round"]),
            words.say("round_current", number=one["round"]) if one["is_current"] else str(one["round"]),
            shown is not None and one["round"] == shown.number,
        )
        for one in rounds_there(asked, current)
    ]
