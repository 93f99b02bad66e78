"""Names of places, made comparable."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from geo_service.spatial.transliteration import transliterated

__all__ = ["NameKind", "initials_key", "name_key", "name_kind", "normalised_name"]


class NameKind(StrEnum):
    """What a word in a name says the place is."""

    REGION = "region"
    DISTRICT = "district"
    CITY = "city"
    VILLAGE = "village"


_UNIT_WORDS = {
    NameKind.REGION: ("region", "oblast", "oblysy", "oblisi", "область", "обл", "облысы", "облыс"),
    NameKind.DISTRICT: (
        "district", "rayon", "raion", "audany", "района", "район", "районы", "р-н", "р-он", "ауданы", "аудан", "ауд",
    ),
    NameKind.CITY: ("city", "town", "municipality", "город", "г", "қаласы", "қала", "қ"),
}  # fmt: skip
_VILLAGE_WORDS = (
    "village", "settlement", "село", "с", "поселок", "пос", "п", "пгт", "аул", "ауылы", "ауыл", "кенті", "кент", "деревня",
)  # fmt: skip

_NORMALISED_AWAY = frozenset(word for words in _UNIT_WORDS.values() for word in words)
_KIND_OF_WORD = {
    transliterated(word): kind
    for kind, words in (_UNIT_WORDS | {NameKind.VILLAGE: _VILLAGE_WORDS}).items()
    for word in words
}
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_APOSTROPHES = re.compile("['\u2019\u02b9\u02ba\u02bc\u02bb`\u00b4\u2018]")
_GAP = re.compile(r"(?<!\d)[ -]|[ -](?!\d)")
_REPEATED = re.compile(r"([a-z])\1+")


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
    return " ".join(word for word in _WORD.findall(plain) if word not in _NORMALISED_AWAY)


def name_key(name: str) -> str:
    """A name as one word, the same in English, Russian and Kazakh spelling, Cyrillic or Latin, by any usual transliteration.

    Beside what `normalised_name` leaves out go the words for a village, hyphens and spaces (but for those between numbers), and doubled
    letters. Names of one place in two languages that are not spelled alike (Уральск, Орал) keep keys of their own.

    Args:
        name: A name as it was written.

    Returns:
        Lower-case Latin letters and digits. Where nothing but such words is written, the words; empty only where there is no letter or
        digit.

    Example:
        >>> name_key("Бөкей орда ауданы") == name_key("Bokeyorda District")
        True
        >>> name_key("с. Жана Талап") == name_key("Zhanatalap")
        True
    """
    words = [transliterated(word) for word in _words(name)]
    kept = [word for word in words if word not in _KIND_OF_WORD] or words
    return _REPEATED.sub(r"\1", _GAP.sub("", " ".join(kept))).replace("ie", "e")


def name_kind(name: str) -> NameKind | None:
    """Which kind of place a name says that it is; null where it says none, or more than one.

    Example:
        >>> name_kind("Қостанай ауданы"), name_kind("Kostanay")
        (<NameKind.DISTRICT: 'district'>, None)
    """
    kinds = {_KIND_OF_WORD.get(transliterated(word)) for word in _words(name)} - {None}
    return kinds.pop() if len(kinds) == 1 else None


def initials_key(name: str) -> str | None:
    """The `name_key` of a name's initials, which stand for it in tables; null for a name of fewer than three words.

    Example:
        >>> initials_key("Северо-Казахстанская область") == name_key("СКО")
        True
    """
    initials = [word[0] for words in _words(name) for word in words.split("-")]
    return name_key("".join(initials)) if len(initials) >= 3 else None


def _words(name: str) -> list[str]:
    return _WORD.findall(_APOSTROPHES.sub("", unicodedata.normalize("NFKC", name)))


def _without_accent(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
