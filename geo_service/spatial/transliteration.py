"""One spelling for the ways in which a word is written: Cyrillic or Latin, Russian or Kazakh, by whichever system.

Meant are the systems that maps and registers of Central Asia use: BGN/PCGN of 1947 (Russian) and 1979 (Kazakh), GOST 7.79-2000, the Kazakh
Latin alphabets of 2018 and 2021, and the habits of English texts. The result is for comparing, not for display: where the systems do
not agree on a letter, the letters that they use become one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["transliterated"]

_LOOKALIKES = str.maketrans("ABCEHIKMOPTXaceiopxy", "АВСЕНІКМОРТХасеіорху")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LETTERS = str.maketrans(
    {
        "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
        "и": "i", "й": "i", "і": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "ng", "о": "o", "ө": "o",
        "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "kh", "һ": "kh", "ц": "ts",
        "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
        "ş": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "zh", "ı": "y", "ŋ": "ng", "ñ": "ng",
    }
)  # fmt: skip
_ONE_FOR_ANOTHER = str.maketrans({"q": "k", "w": "u", "x": "ks", "y": "i"})
# GOST and older Kazakh Latin write й as j (Abaj), COD-AB writes ж so (Jambyl): й is what closes a syllable.
_J_FOR_Y = re.compile(r"(?<=[aeiouy])j(?![aeiouy])")
# In this order. Ң is ng, n or both with the ғ that follows: Маңғыстау, Mangystau, Мангистау.
_SPELLINGS = (
    ("shch", "sh"),
    ("sch", "sh"),
    ("dzh", "j"),
    ("zh", "j"),
    ("dj", "j"),
    ("kh", "h"),
    ("gh", "g"),
    ("ngg", "n"),
    ("ng", "n"),
)


@lru_cache(maxsize=65_536)
def transliterated(word: str) -> str:
    """A word in lower-case Latin letters, the same for each usual way to spell it; what is no Cyrillic or Latin letter stays.

    Latin letters that stand in a Cyrillic word for those they look like are read as Cyrillic.

    Example:
        >>> [transliterated(word) for word in ("Қарағанды", "Qaraghandy", "Karagandy")]
        ['karagandi', 'karagandi', 'karagandi']
        >>> transliterated("Жетысу") == transliterated("Jetisu") == transliterated("Zhetysu")
        True
    """
    word = unicodedata.normalize("NFKC", word)
    if _CYRILLIC.search(word):
        word = word.translate(_LOOKALIKES)
    word = word.casefold().translate(_LETTERS)
    if not word.isascii():
        word = "".join(_without_accent(letter) for letter in word)
    if "j" in word:
        word = _J_FOR_Y.sub("i", word)
    for letters, sound in _SPELLINGS:
        word = word.replace(letters, sound)
    return word.translate(_ONE_FOR_ANOTHER)


def _without_accent(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
