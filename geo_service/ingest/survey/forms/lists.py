"""The lists of choices that come from the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.ingest.survey.forms.form import Choice, labelled
from geo_service.vocabulary import BANDS, INFORMANT_ROLES, SEXES, Term, countries

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BAND_LIST",
    "COUNTRY_LIST",
    "ROLE_LIST",
    "SEX_LIST",
    "YES_NO_LIST",
    "band_choices",
    "country_choices",
    "role_choices",
    "sex_choices",
    "yes_no_choices",
]

YES_NO_LIST = "yes_no"
ROLE_LIST = "roles"
SEX_LIST = "sexes"
BAND_LIST = "bands"
COUNTRY_LIST = "countries"

_YES = Term("yes", "Yes", "Да", "Иә")
_NO = Term("no", "No", "Нет", "Жоқ")


def yes_no_choices() -> tuple[Choice, ...]:
    """`yes` and `no`."""
    return _choices((_YES, _NO))


def role_choices() -> tuple[Choice, ...]:
    """The roles of key informants."""
    return _choices(INFORMANT_ROLES.values())


def sex_choices() -> tuple[Choice, ...]:
    """The sexes of key informants."""
    return _choices(SEXES.values())


def band_choices() -> tuple[Choice, ...]:
    """The distance bands, under the codes that stand in tables."""
    return _choices(BANDS.values())


def country_choices(surveyed: str) -> tuple[Choice, ...]:
    """Every country but the one `surveyed` (alpha-3), then `other` and `unknown`."""
    return _choices(term for code, term in countries().items() if code != surveyed)


def _choices(terms: Iterable[Term]) -> tuple[Choice, ...]:
    return tuple(Choice(term.code, labelled(term)) for term in terms)
