"""Names of places, made comparable."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["normalised_name"]

_UNIT_WORDS = frozenset(
    [
        "region",
        "oblast",
        "oblysy",
        "oblisi",
        "district",
        "rayon",
        "raion",
        "audany",
        "city",
        "city's",
        "town",
        "municipality",
        "область",
        "обл",
        "района",
        "район",
        "районы",
        "р-н",
        "город",
        "г",
        "облысы",
        "облыс",
        "ауданы",
        "аудан",
        "қаласы",
        "қала",
    ]
)


def normalised_name(name: str) -> str:
    """A name without case, accents, punctuation and the words for region, district and city in English, Russian and Kazakh.

    Example:
        >>> normalised_name("г. Алматы") == normalised_name("Алматы қаласы")
        True
        >>> normalised_name("Mangystau Region")
        'mangystau'
    """
    # Latin letters lose their accents; Cyrillic й and ё are letters of their own and stay, but for ё, written е as often.
    folded = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    plain = "".join(_without_accent(letter) for letter in folded)
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", plain)
    return " ".join(word for word in words if word not in _UNIT_WORDS)


def _without_accent(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
