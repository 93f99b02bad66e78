"""Sentences from catalogues, with figures in their places.

Sentences are written in English where they are said, and translated in `locale/LANGUAGE/DOMAIN.po`, a catalogue a module of `report.sections`. A sentence
about a number that is not known is not said.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from geo_service.report.document import Figure, Paragraph, Runs
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Messages", "Value", "joined", "paragraph", "sentences"]

Value: TypeAlias = "Figure | Runs | str"

_PLACE = re.compile(r"\{(\w+)\}")
_MANY = 5
"""The plural form of a number that is no whole one does not matter: it is not said."""


class Messages:
    """The sentences of one module of the report in one language.

    Args:
        language: English has no catalogue: its sentences are those in the code.
        domain: The catalogue: the module's name.
    """

    def __init__(self, language: Language, domain: str) -> None:
        """Read the catalogue, once for all that ask."""
        self.language = Language(language)
        self._catalogue = _catalogue(self.language, domain)

    def say(self, message: str, /, **values: Value) -> Runs:
        """A sentence with its places filled in; nothing at all where a figure in it is not known, or a text is empty.

        Args:
            message: In English, with `{places}`; a literal of the code, so that it is found for the catalogue.
            values: A figure, a text or runs for each place. Bare numbers are refused: they are of no table.

        Raises:
            TypeError: A value is a bare number.
            KeyError: There is no value for a place.
        """
        return _filled(self._catalogue.gettext(message), values)

    def say_n(self, one: str, many: str, n: Figure, /, **values: Value) -> Runs:
        """A sentence in the plural form that its number `{n}` asks for; else as `say`.

        Args:
            one: In English, for one.
            many: In English, for any other number.
            n: The number that decides the form; stands at `{n}`.
            values: As for `say`.
        """
        count = _MANY if n.value is None else round(abs(n.value))
        return _filled(self._catalogue.ngettext(one, many, count), {"n": n, **values})

    def text(self, message: str, /, **values: str) -> str:
        """A text without figures, such as a heading."""
        return self._catalogue.gettext(message).format(**values)


def joined(items: Sequence[Value], language: Language) -> Runs:
    """A list in a sentence: "A, B and C"; nothing for no items."""
    if not items:
        return ()
    # The United Nations spell as in Britain, without a comma before "and".
    locale = Locale("en", "GB") if language is Language.EN else Locale(language.value)
    patterns = locale.list_patterns["standard"]
    parts = [_runs(one) for one in items]
    if len(parts) == 1:
        return parts[0]
    # CLDR ends a Kazakh list of three with a comma; in running text the word reads better there too.
    last = "2" if len(parts) == 2 or language is Language.KK else "end"
    found = parts[0]
    for index, part in enumerate(parts[1:], start=1):
        pattern = patterns[last if index == len(parts) - 1 else "middle"]
        found = _filled(
            pattern.replace("{0}", "{first}").replace("{1}", "{then}"), {"first": found, "then": part}
        )
    return found


def sentences(said: Iterable[Runs]) -> Runs:
    """Sentences one after the other, without those that say nothing."""
    found: list[str | Figure] = []
    for runs in said:
        if runs:
            found += [" ", *runs] if found else runs
    return tuple(found)


def paragraph(*said: Runs, is_lead: bool = False) -> list[Paragraph]:
    """A paragraph of sentences; none where none of them says anything."""
    runs = sentences(said)
    return [Paragraph(runs, is_lead)] if runs else []


def _runs(value: Value) -> Runs:
    if isinstance(value, Figure):
        return (value,) if value.is_known else ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, tuple):
        return value
    raise TypeError(f"{value!r} is no figure of a table and no text; a number in print is always a cell")


def _filled(template: str, values: dict[str, Value]) -> Runs:
    """The template with runs in its places; nothing where one of them has nothing."""
    found: list[str | Figure] = []
    end = 0
    for place in _PLACE.finditer(template):
        runs = _runs(values[place[1]])
        if not runs:
            return ()
        found += [template[end : place.start()], *runs]
        end = place.end()
    found.append(template[end:])
    return tuple(one for one in found if one != "")


@cache
def _catalogue(language: Language, domain: str) -> NullTranslations:
    if language is Language.EN:
        return NullTranslations()
    source = files("geo_service.report") / "locale" / language.value / f"{domain}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language.value, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
