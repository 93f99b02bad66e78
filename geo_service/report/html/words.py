"""What the page itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.vocabulary import Language
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["page_words"]

_WORDS: Mapping[str, Wording] = {
    "skip": Wording(en="Skip to the text", ru="Перейти к тексту", kk="Мәтінге өту"),
    "as_table": Wording(en="The same as a table", ru="То же в виде таблицы", kk="Кесте түрінде"),
    "category": Wording(en="Category", ru="Категория", kk="Санат"),
    "notice": Wording(en="Important", ru="Важно", kk="Маңызды"),
}


def page_words(language: Language | str) -> dict[str, str]:
    """Each of them in a language."""
    name = Language(language).value
    return {key: getattr(wording, name) for key, wording in _WORDS.items()}
