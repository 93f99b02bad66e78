"""Countries by ISO 3166-1 alpha-3, with the names of Unicode CLDR in English, Russian and Kazakh."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import iso3166
from babel import Locale

from geo_service.vocabulary.term import LANGUAGES, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OTHER_COUNTRY", "UNKNOWN_COUNTRY", "countries"]

OTHER_COUNTRY = "other"
"""The code of a country that is known and not told apart."""

UNKNOWN_COUNTRY = "unknown"
"""The code of a country that is not known."""


@cache
def countries() -> Mapping[str, Term]:
    """Every country by its alpha-3 code in the order of the codes, then `other` and `unknown`."""
    names = {language: Locale(language.value).territories for language in LANGUAGES}
    terms = {
        country.alpha3: Term(country.alpha3, *(names[language][country.alpha2] for language in LANGUAGES))
        for country in sorted(iso3166.countries, key=lambda one: str(one.alpha3))
    }
    aside = (
        Term(OTHER_COUNTRY, "Other country", "Другая страна", "Басқа ел"),
        Term(UNKNOWN_COUNTRY, "Unknown", "Неизвестно", "Белгісіз"),
    )
    return MappingProxyType(terms | {term.code: term for term in aside})
