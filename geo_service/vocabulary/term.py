"""A code with its label in each language: what every table of the vocabulary is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Language", "Term", "table_of"]


class Language(StrEnum):
    """A language of labels and reports, by ISO 639-1 code."""

    EN = "en"
    RU = "ru"
    KK = "kk"


LANGUAGES: tuple[Language, ...] = tuple(Language)


@dataclass(frozen=True, slots=True)
class Term:
    """A code with its label in each language and a definition in English.

    Attributes:
        code: The text that stands in frames, files and routes.
        en: The English label.
        ru: The Russian label.
        kk: The Kazakh label.
        definition: What it means, one sentence; empty when the label says it all.
    """

    code: str
    en: str
    ru: str
    kk: str
    definition: str = ""

    def label(self, language: Language | str = Language.EN) -> str:
        """The label in `language`.

        Raises:
            InputError: The language is not one of `LANGUAGES`.
        """
        if language not in LANGUAGES:
            raise InputError(f"language '{language}' is not known; use one of {', '.join(LANGUAGES)}")
        return str(getattr(self, language))


Code = TypeVar("Code", bound=StrEnum)


def table_of(*terms: tuple[Code, str, str, str, str]) -> Mapping[Code, Term]:
    """A table from each code, label in English, Russian and Kazakh, and definition; it cannot be changed."""
    return MappingProxyType(
        {code: Term(code.value, en, ru, kk, definition) for code, en, ru, kk, definition in terms}
    )
