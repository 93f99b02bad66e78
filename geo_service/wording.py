"""Sentences for people, each written once in English, Russian and Kazakh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from geo_service.vocabulary import Language, Term

__all__ = ["Worded", "Wording", "in_language"]


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence in each language with the same `{places}` for what changes.

    Example:
        >>> twice = Wording(en="it is there {times} times", ru="встречается {times} раза", kk="{times} рет кездеседі")
        >>> twice(times=2)
        'it is there 2 times'
        >>> in_language(twice(times=2), Language.RU)
        'встречается 2 раза'
    """

    en: str
    ru: str
    kk: str

    def __call__(self, **values: Any) -> Worded:
        """The sentence with its places filled in; a `Term` stands there by its label in each language."""
        return Worded(self, values)


class Worded(str):
    """A sentence as text in English, which knows itself in the other languages."""

    __slots__ = ("_values", "_wording")
    _wording: Wording
    _values: dict[str, Any]

    def __new__(cls, wording: Wording, values: dict[str, Any]) -> Self:
        """Fill in the English sentence."""
        self = super().__new__(cls, _filled(wording, values, Language.EN))
        self._wording = wording
        self._values = values
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the languages through a pickle."""
        return (Worded, (self._wording, self._values))

    def in_language(self, language: Language) -> str:
        """The sentence in `language`."""
        return _filled(self._wording, self._values, language)


def in_language(text: str, language: Language | str) -> str:
    """`text` in `language` where it was worded in several, else as it is."""
    return text.in_language(Language(language)) if isinstance(text, Worded) else text


def _filled(wording: Wording, values: dict[str, Any], language: Language) -> str:
    shown = {
        name: value.label(language) if isinstance(value, Term) else in_language(value, language)
        for name, value in values.items()
    }
    template: str = getattr(wording, language.value)
    return template.format(**shown)
