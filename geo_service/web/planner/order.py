"""Names in the order of an alphabet that has the letters of English, Russian and Kazakh."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["name_order"]

_ALPHABET = "0123456789aáäbcdefghiıjklmnñŋoóöpqrsştuúüvwxyzаәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_PLACES = {letter: chr(0x100 + at) for at, letter in enumerate(_ALPHABET)}
"""Letters by their place; what is none of them comes before or after, as Unicode has it."""


@lru_cache(maxsize=65_536)
def name_order(name: str) -> str:
    """What to sort a name by.

    Example:
        >>> sorted(["Яр", "Өскемен", "Орал", "Павлодар"], key=name_order)
        ['Орал', 'Өскемен', 'Павлодар', 'Яр']
    """
    return "".join(_PLACES.get(letter, letter) for letter in name.casefold())
