"""What a map says of itself: of which round and country it is, and what its numbers come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.maps.fields import FIELDS
from geo_service.maps.numbers import Numbers
from geo_service.maps.sentences import NOTES
from geo_service.maps.words import TITLES
from geo_service.vocabulary import BASES, METHODS, Basis, Language, Method, countries

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.wording import Wording

__all__ = ["NOTHING_SAID", "MapAbout", "Texts"]

_SHOWN_OF_ID = 12


@dataclass(frozen=True, slots=True)
class MapAbout:
    """What is known of the data of a map; all of it may be unknown.

    Attributes:
        language: Of all texts.
        round: The number of the round.
        country: ISO 3166-1 alpha-3.
        place: The names of the units that the map is narrowed to, in the language; null where it is of everything.
        release: The id of the release.
        collected: The first and the last day of the data collection.
        boundaries: Name and version of the layer of admin units.
        sources: Attributions of the layers that are drawn.
        notes: Further warnings, in the language of the map.
        is_synthetic: Whether the data are made up.
        is_guarded: Whether small numbers of people are hidden.
    """

    language: Language = Language.EN
    round: int | None = None
    country: str | None = None
    place: str | None = None
    release: str | None = None
    collected: tuple[dt.date, dt.date] | None = None
    boundaries: str | None = None
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_synthetic: bool = False
    is_guarded: bool = False


NOTHING_SAID = MapAbout()
"""A map in English of data of which nothing is known."""


class Texts:
    """Words and numbers in the language of a map.

    Args:
        about: What the map says of itself.
    """

    def __init__(self, about: MapAbout) -> None:
        """Look up the language."""
        self.about = about
        self.language = Language(about.language)
        self.numbers = Numbers(self.language)

    def __call__(self, wording: Wording, **values: Any) -> str:
        """A sentence with its places filled in."""
        return wording(**values).in_language(self.language)

    def title(self, title: str) -> str:
        """A title with the place, the round and the country behind it."""
        parts = [title]
        if self.about.place is not None:
            parts.append(self.about.place)
        if self.about.round is not None:
            parts.append(self(TITLES["round"], round=self.about.round))
        if self.about.country is not None:
            known = countries().get(self.about.country)
            parts.append(self.about.country if known is None else known.label(self.language))
        return ", ".join(parts)

    def facts(self, bases: Sequence[Basis]) -> tuple[tuple[str, str], ...]:
        """What the numbers are of, as far as it is known: labels and texts."""
        about = self.about
        said = {"basis": "; ".join(BASES[one].label(self.language) for one in bases)}
        if Basis.MEASURED in bases:
            said["method"] = METHODS[Method.GEODESIC].label(self.language)
        if about.round is not None:
            said["round"] = str(about.round)
        if about.collected is not None:
            said["collected"] = self.numbers.days(*about.collected)
        if about.release is not None:
            said["release"] = about.release[:_SHOWN_OF_ID]
        if about.boundaries is not None:
            said["boundaries"] = about.boundaries
        return tuple((self(FIELDS[name]), text) for name, text in said.items())

    def notes(self, bases: Sequence[Basis], *, is_guarded: bool, more: Sequence[str] = ()) -> tuple[str, ...]:
        """The warnings that hold, each once."""
        named = {
            "synthetic": self.about.is_synthetic,
            "reported": list(bases) == [Basis.REPORTED],
            "straight": Basis.MEASURED in bases,
            "guarded": is_guarded or self.about.is_guarded,
        }
        said = [self(NOTES[name]) for name, holds in named.items() if holds]
        return tuple(dict.fromkeys([*said, *more, *self.about.notes]))
