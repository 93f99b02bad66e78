"""The answers to questions with choices, however a file writes them: by code or by label, in English, Russian or Kazakh.

A file has the choice's name or its label, as whoever exported it chose; a workbook that was typed by hand has either, and variants.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import iso3166
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from geo_service.vocabulary import (
    BANDS,
    DIMENSIONS,
    INFORMANT_ROLES,
    LANGUAGES,
    MIGRATION_KINDS,
    POPULATION_GROUPS,
    REASONS,
    SERVICES,
    SEXES,
    UNKNOWN_COUNTRY,
    YEARS_ASIDE,
    Band,
    Dimension,
    Sex,
    countries,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo_service.vocabulary import Term

__all__ = [
    "BAND_WORDS",
    "DIMENSION_WORDS",
    "GROUP_WORDS",
    "NO",
    "ROLE_WORDS",
    "SERVICE_WORDS",
    "SEX_WORDS",
    "UNSURE",
    "YES",
    "YES_NO_WORDS",
    "codes_of",
    "folded",
    "nearest_code",
    "part_codes",
    "part_words",
]

YES, NO, UNSURE = "yes", "no", "unknown"

_BLANK = frozenset({"", "-", "n/a", "na", "nan", "none", "null", "<na>"})
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_UNSAID = re.compile(r"[\s_'’`\"«».,;:()]+")
_LEAST_LIKENESS = 60


def folded(text: str) -> str:
    """Text as it is compared with choices: without case, spaces, underscores and quotation marks, with one kind of dash.

    Example:
        >>> folded("Более 25 км") == folded("более  25км")
        True
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return _UNSAID.sub("", _DASHES.sub("-", plain))


def _words(table: Mapping[Any, Term], also: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, str]:
    """Every code and label of a table, folded, with its code; and what else is said for a code."""
    words = {folded(word): str(code) for word, code in also.items()}
    for code, term in table.items():
        words |= {folded(term.label(language)): str(code) for language in LANGUAGES}
    return MappingProxyType(words | {folded(code): str(code) for code in table})


def _each(code: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split("|"), code)


YES_NO_WORDS: Mapping[str, str] = MappingProxyType(
    {
        folded(word): code
        for word, code in (
            _each(YES, "yes|y|true|1|да|есть|иә|ия|бар")
            | _each(NO, "no|n|false|0|нет|жоқ")
            | _each(UNSURE, "unknown|don't know|dont know|неизвестно|не знаю|белгісіз|білмеймін")
        ).items()
    }
)
GROUP_WORDS = _words(POPULATION_GROUPS)
DIMENSION_WORDS = _words(DIMENSIONS)
SERVICE_WORDS = _words(SERVICES)
ROLE_WORDS = _words(INFORMANT_ROLES)
SEX_WORDS = _words(
    SEXES,
    _each(Sex.MALE, "m|man|men|м|муж|мужской|мужчина|ер|ер адам|еркек")
    | _each(Sex.FEMALE, "f|woman|women|ж|жен|женский|женщина|әйел|әйел адам")
    | _each(Sex.UNKNOWN, "not known|не известно"),
)
BAND_WORDS = _words(
    BANDS,
    {f"{band}{unit}": band for band in BANDS for unit in ("km", "км")}
    | _each(Band.OVER_25_KM, "over 25|more than 25|more than 25 km|25+|более 25|свыше 25|свыше 25 км|больше 25|25-тен астам"),
)  # fmt: skip
_KIND_WORDS = _words(MIGRATION_KINDS)
_REASON_WORDS = _words(REASONS)
_YEAR_WORDS = _words(YEARS_ASIDE, {str(year): str(year) for year in range(1900, 2100)})

# What people write beside the names that Unicode CLDR prefers.
_COUNTRIES_ALSO = {
    "RUS": "РФ|Российская Федерация|Ресей Федерациясы",
    "KGZ": "Kyrgyz Republic|Кыргызстан|Киргизстан|Кыргызская Республика",
    "TUR": "Turkey|Турецкая Республика",
    "KOR": "Republic of Korea|Korea|Южная Корея|Корея|Оңтүстік Корея",
    "PRK": "North Korea|Северная Корея",
    "MDA": "Молдавия|Республика Молдова",
    "BLR": "Белоруссия|Belorussia",
    "TKM": "Туркмения",
    "GBR": "UK|Great Britain|England|Англия",
    "USA": "US|United States of America|Соединенные Штаты Америки",
    "ARE": "UAE|Эмираты",
    "CZE": "Czech Republic|Чешская Республика",
    "CHN": "КНР|ҚХР",
    "DEU": "ФРГ",
    UNKNOWN_COUNTRY: "not known|не известно|stateless|без гражданства|азаматтығы жоқ",
}


@cache
def _country_words() -> Mapping[str, str]:
    """Countries by alpha-3, alpha-2 and name, as ISO 3166-1 and Unicode CLDR have them."""
    also: dict[str, str] = {}
    for country in iso3166.countries:
        names = (country.name, country.apolitical_name, country.alpha2)
        also |= dict.fromkeys(map(str, names), str(country.alpha3))
    for code, words in _COUNTRIES_ALSO.items():
        also |= _each(code, words)
    return _words(countries(), also)


def part_words(dimension: Dimension) -> Mapping[str, str]:
    """The folded words for the parts of a dimension, each with its code: `узбекистан` with `UZB`, `2023` with itself."""
    if dimension is Dimension.COUNTRY:
        return _country_words()
    return {
        Dimension.SEX: SEX_WORDS,
        Dimension.YEAR: _YEAR_WORDS,
        Dimension.KIND: _KIND_WORDS,
        Dimension.REASON: _REASON_WORDS,
    }[dimension]


@cache
def part_codes() -> tuple[str, ...]:
    """The codes of all dimensions, each once."""
    return tuple(dict.fromkeys(code for dimension in Dimension for code in part_words(dimension).values()))


def codes_of(text: pd.Series, words: Mapping[str, str]) -> tuple[pd.Series, NDArray[np.bool_]]:
    """The code that each cell means.

    Args:
        text: Shape (n,), dtype string; null where a cell is empty.
        words: Folded words with their codes.

    Returns:
        The codes (dtype string, RangeIndex), null where a cell is empty, says that it is (`n/a`) or means none; and whether it
        holds what means none, shape (n,).
    """
    which, said = pd.factorize(text.array)
    keys = [folded(str(one)) for one in said]
    meant = pd.array([words.get(key) for key in keys], dtype="string")
    is_unknown = np.array([key not in words and key not in _BLANK for key in keys], dtype=bool)
    bad = np.append(is_unknown, False)[which]
    return pd.Series(meant.take(which, allow_fill=True)), bad


def nearest_code(text: str, words: Mapping[str, str]) -> str | None:
    """The code whose word is most like `text`; null when none is alike."""
    found = process.extractOne(folded(text), words.keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    return None if found is None else words[found[0]]
