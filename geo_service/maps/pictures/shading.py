"""Units in the colours of their classes, with what their tooltips say."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geo_service.errors import InputError
from geo_service.maps.classes import Classing, Scheme, class_labels, classify
from geo_service.maps.fields import FIELDS
from geo_service.maps.palettes import (
    MOST_EACH_WAY,
    NO_DATA,
    NOT_ASSESSED,
    SUPPRESSED,
    UNIT_RAMP,
    ZERO,
    change_colours,
    unit_colours,
)
from geo_service.maps.picture import Areas, ClassKind, PictureClass
from geo_service.maps.words import LEGEND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geo_service.maps.about import Texts
    from geo_service.maps.numbers import Numbers
    from geo_service.maps.pictures.units import UnitRows

__all__ = ["Entry", "Fields", "Number", "changed_areas", "legend", "shaded_areas"]


class Number(Enum):
    """What a number is, and so how it is written."""

    COUNT = "count"
    SHARE = "share"
    RATE = "rate"

    def text(self, numbers: Numbers) -> Callable[[float], str]:
        """As it stands in a tooltip."""
        return {Number.COUNT: numbers.count, Number.SHARE: numbers.share, Number.RATE: numbers.rate}[self]

    def edge(self, numbers: Numbers) -> tuple[Callable[[float], str], Callable[[float], str]]:
        """As it stands in a legend, with its unit and without: with all digits that it has."""
        if self is Number.SHARE:
            return numbers.exact_share, numbers.exact_percent
        return numbers.exact, numbers.exact


class Fields:
    """What tooltips and tables say of units: a text a field and unit.

    Args:
        texts: The language.
        units: The units with their rows.
    """

    def __init__(self, texts: Texts, units: UnitRows) -> None:
        """Begin without fields."""
        self._texts = texts
        self._units = units
        self._said: dict[str, list[str]] = {}

    def add(
        self, column: str, number: Number, name: str | None = None, *, is_signed: bool = False, **places: Any
    ) -> None:
        """Add a column, if the table has it: hidden numbers say so, null is empty.

        Args:
            column: Of the table.
            number: What it is.
            name: Of the field; null for that of the column.
            is_signed: Whether numbers above 0 have a plus sign.
            places: What stands in the places of the name.
        """
        if column not in self._units.rows:
            return
        numbers = self._texts.numbers
        text = number.text(numbers)
        values = self._units.numbers(column)
        said = numbers.texts(values, numbers.signed(text) if is_signed else text)
        hidden = self._texts(LEGEND["hidden"])
        for place in np.flatnonzero(np.isnan(values) & self._units.is_hidden):
            said[place] = hidden
        self._said[self._texts(FIELDS[name or column], **places)] = said

    @property
    def names(self) -> tuple[str, ...]:
        """What the fields are called."""
        return tuple(self._said)

    @property
    def values(self) -> tuple[tuple[str, ...], ...]:
        """Of each unit a text a field."""
        return tuple(zip(*self._said.values(), strict=True)) if self._said else ((),) * len(self._units.ids)


class Entry(NamedTuple):
    """A class of a legend, before it is known whether anything is of it.

    Attributes:
        label: In the language of the map.
        colour: `#rrggbb`.
        members: Which units or points are of it, shape (n,).
        kind: As in `PictureClass`.
        is_kept: Whether it is shown with nothing in it.
    """

    label: str
    colour: str
    members: NDArray[np.bool_]
    kind: ClassKind = ClassKind.VALUE
    is_kept: bool = False


def legend(entries: Sequence[Entry]) -> tuple[tuple[PictureClass, ...], NDArray[np.int64]]:
    """The classes of a legend, and which of them each unit or point is of; everything has to be of one entry."""
    class_of = np.full(len(entries[0].members), -1, dtype=np.int64)
    classes: list[PictureClass] = []
    for one in entries:
        count = int(one.members.sum())
        if count or one.is_kept:
            class_of[one.members] = len(classes)
            classes.append(PictureClass(one.label, one.colour, count, one.kind))
    return tuple(classes), class_of


def shaded_areas(
    texts: Texts,
    units: UnitRows,
    column: str,
    number: Number,
    classing: Classing,
    *,
    name: str,
    fields: Fields,
    absent: str = "not_assessed",
    null: str = "no_data",
    ramp: Sequence[str] = UNIT_RAMP,
) -> Areas:
    """Units from light to dark by a number that is 0 or more.

    Args:
        texts: The language.
        units: The units with their rows.
        column: Of the number.
        number: What it is.
        classing: How it is put into classes.
        name: Of the layer.
        fields: What is said of units.
        absent: The word for units where no village was assessed.
        null: The word for units whose number is not known.
        ramp: As in `unit_colours`.

    Raises:
        InputError: A number cannot be put into classes.
    """
    values = units.numbers(column)
    found = classify(values, classing, is_whole=number is Number.COUNT)
    labels = class_labels(found, *number.edge(texts.numbers))
    colours = unit_colours(_colour_count(classing, number, len(labels)), ramp)
    zero = Entry(number.text(texts.numbers)(0), ZERO, values == 0)
    first = next((place for place, count in enumerate(found.counts) if count), 0)
    entries = [
        Entry(label, colours[place], found.position == place, is_kept=place > first)
        for place, label in enumerate(labels)
    ]
    classes, class_of = legend([zero, *entries, *_without(texts, units, np.isnan(values), absent, null)])
    return _areas(units, name, classes, class_of, fields)


def changed_areas(
    texts: Texts,
    units: UnitRows,
    column: str,
    number: Number,
    classing: Classing,
    *,
    name: str,
    fields: Fields,
) -> Areas:
    """Units by a change: the same classes of a decrease and of an increase, on either side of none.

    Args:
        texts: The language.
        units: The units with their rows.
        column: Of the change.
        number: What it is.
        classing: How its size is put into classes; at most four each way.
        name: Of the layer.
        fields: What is said of units.

    Raises:
        InputError: A number cannot be put into classes, or there are too many.
    """
    if len(classing.edges) >= MOST_EACH_WAY:
        raise InputError(
            f"{len(classing.edges)} edges make too many classes each way; give at most {MOST_EACH_WAY - 1}"
        )
    values = units.numbers(column)
    found = classify(
        np.abs(values), replace(classing, k=min(classing.k, MOST_EACH_WAY)), is_whole=number is Number.COUNT
    )
    labels = class_labels(found, *number.edge(texts.numbers))
    less, more = change_colours(_colour_count(classing, number, len(labels)))
    down, up = (
        [
            Entry(texts(LEGEND[word], by=label), colours[place], (found.position == place) & is_so)
            for place, label in enumerate(labels)
        ]
        for word, colours, is_so in (("decrease", less, values < 0), ("increase", more, values > 0))
    )
    none = Entry(texts(LEGEND["no_change"]), ZERO, values == 0)
    without = _without(texts, units, np.isnan(values), "not_assessed", "nothing_in_both")
    classes, class_of = legend([*reversed(down), none, *up, *without])
    return _areas(units, name, classes, class_of, fields)


def _without(
    texts: Texts, units: UnitRows, is_null: NDArray[np.bool_], absent: str, null: str
) -> list[Entry]:
    """The classes of units without a number: hidden, not assessed, not known."""
    is_hidden = is_null & units.is_hidden
    is_absent = is_null & ~is_hidden & units.is_not_assessed
    rest = is_null & ~is_hidden & ~is_absent
    return [
        Entry(texts(LEGEND["suppressed"]), SUPPRESSED, is_hidden, ClassKind.SUPPRESSED),
        Entry(texts(LEGEND[absent]), NOT_ASSESSED, is_absent, ClassKind.NO_DATA),
        Entry(texts(LEGEND[null]), NO_DATA, rest, ClassKind.NO_DATA),
    ]


def _colour_count(classing: Classing, number: Number, there: int) -> int:
    """How many colours: of given edges those of all classes that there can be, so that maps with the same edges have the same colours."""
    if classing.scheme != Scheme.GIVEN:
        return there
    ends_at_all = number is Number.SHARE and classing.edges[-1] >= 1
    return max(there, len(classing.edges) + (not ends_at_all))


def _areas(
    units: UnitRows,
    name: str,
    classes: tuple[PictureClass, ...],
    class_of: NDArray[np.int64],
    fields: Fields,
) -> Areas:
    return Areas(
        name=name,
        level=units.level,
        geometry=units.geometry,
        ids=units.ids,
        labels=units.labels,
        classes=classes,
        class_of=class_of,
        fields=fields.names,
        values=fields.values,
    )
