"""A picture put together from its layers, with what it says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.maps.numbers import floats
from geo_service.maps.picture import Picture
from geo_service.maps.pictures.units import bounds_of
from geo_service.maps.sentences import IN_NO_UNIT, NOTES, SUMMARIES
from geo_service.maps.words import BY_UNIT, HAVING_NUMBERS
from geo_service.vocabulary import AdminLevel, Basis, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geo_service.maps.about import Texts
    from geo_service.maps.picture import Areas, Points
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["having_numbers", "most_of", "name_of", "picture_of"]

_LEFT_OUT = {"individuals": "individuals_left_out"}
"""What a note says was left out, by what is counted; else villages."""


def picture_of(
    texts: Texts,
    units: UnitRows,
    layers: Sequence[Areas | Points | None],
    *,
    name: str,
    title: str,
    sentences: Sequence[str],
    bases: Sequence[Basis],
    notes: Sequence[str] = (),
    counted: str = "villages",
) -> Picture:
    """The picture of units and what lies on them.

    Args:
        texts: The language, and what is known of the data.
        units: The units with their rows.
        layers: From the lowest to the highest; those that are null are left out.
        name: Of files, without the level.
        title: Without the level, the place, the round and the country.
        sentences: Of the summary; empty ones are left out.
        bases: What the numbers come from.
        notes: Further warnings.
        counted: The column that says how many villages or individuals a row is of, for the note on rows of no unit of the map.
    """
    said = texts.notes(
        bases, is_guarded=bool(units.is_hidden.any()), more=[*_left_out(texts, units, counted), *notes]
    )
    return Picture(
        name=name_of(name, units.level),
        language=texts.language,
        title=texts.title(f"{title}{_by(texts, units.level, title)}"),
        summary=" ".join(one for one in sentences if one),
        layers=tuple(one for one in layers if one is not None),
        bounds=bounds_of(units.geometry),
        facts=texts.facts(bases),
        notes=said,
        sources=tuple(dict.fromkeys(texts.about.sources)),
        disclaimer=texts(NOTES["disclaimer"]),
        apart=_apart(texts, bases, said),
    )


def _apart(texts: Texts, bases: Sequence[Basis], said: Sequence[str]) -> tuple[str, ...]:
    """The release's own notes where nothing is measured: no facilities are drawn, nor distances to them."""
    if Basis.MEASURED in bases:
        return ()
    # They stand last; what the map says as well is not among them.
    own = set(texts.about.notes)
    count = next((number for number, one in enumerate(reversed(said)) if one not in own), len(said))
    return tuple(said[len(said) - count :])


def _left_out(texts: Texts, units: UnitRows, counted: str) -> list[str]:
    """A note on what the table has and no unit of the map: without a number where one of its numbers is hidden or unknown.

    On a map of a part of the country other units are left out on purpose; what is in no unit at all is not.
    """
    rows = units.left_out
    if texts.about.place is not None:
        rows = rows[rows["pcode"].isna().to_numpy()]
    if rows.empty or counted not in rows:
        return []
    count = float(floats(rows[counted]).sum())
    if count == 0:
        return []
    unit = IN_NO_UNIT[units.level]()
    if np.isnan(count):
        return [texts(NOTES["data_left_out"], unit=unit)]
    said = NOTES[_LEFT_OUT.get(counted, "villages_left_out")]
    return [texts(said, unit=unit, count=texts.numbers.count(count))]


def _by(texts: Texts, level: AdminLevel, title: str) -> str:
    """What a title ends with: " by district", behind a comma where the title is more than a few words."""
    if level not in BY_UNIT:
        return ""
    is_long = any(sign in title for sign in "(:")
    by = texts(BY_UNIT[level])
    return f", {by}" if is_long or texts.language is Language.KK else f" {by}"


def name_of(name: str, level: AdminLevel) -> str:
    """The name of a file: a distance such as 2.5 with `_` for its point."""
    ending = "" if level is AdminLevel.COUNTRY else f"_by_{level}"
    return f"{name}{ending}".replace(".", "_").replace("-", "_")


def having_numbers(texts: Texts, units: UnitRows, is_known: NDArray[np.bool_]) -> str:
    """How many units have a number, of how many; without a full stop."""
    count = texts.numbers.count
    return texts(
        HAVING_NUMBERS[units.level], known=count(float(is_known.sum())), all=count(float(len(is_known)))
    )


def most_of(
    texts: Texts, units: UnitRows, values: NDArray[np.float64], text: Callable[[float], str], wording: str
) -> str:
    """Where the largest number is, or in how many units; empty where none is above 0. Where there is no number at all it says so.

    Args:
        texts: The language.
        units: The units.
        values: A number a unit, NaN for null.
        text: A number as it is shown.
        wording: Of `SUMMARIES`: says what the number is of.
    """
    if np.isnan(values).all():
        return texts(SUMMARIES["none"])
    most = float(np.nanmax(values, initial=0.0))
    if most <= 0:
        return ""
    places = np.flatnonzero(values == most)
    number = texts(SUMMARIES[wording], number=text(most))
    if len(places) > 1:
        return texts(SUMMARIES["most_tied"], number=number, count=texts.numbers.count(float(len(places))))
    return texts(SUMMARIES["most"], unit=units.labels[places[0]], number=number)
