"""The words of mobility tracking, each with its code and its labels in English, Russian and Kazakh.

One table a notion, in `TABLES`. A table maps a code (a `StrEnum`, so it is also its own text in frames and files) to its
`Term`; countries, by ISO 3166-1 alpha-3, are in `countries()`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo_service.vocabulary.access import (
    BANDS,
    BASES,
    METHODS,
    SERVICES,
    STATUSES,
    Band,
    Basis,
    Method,
    Service,
    Status,
    parse_service,
)
from geo_service.vocabulary.countries import OTHER_COUNTRY, UNKNOWN_COUNTRY, countries
from geo_service.vocabulary.mobility import (
    DIMENSIONS,
    INFORMANT_ROLES,
    MIGRATION_KINDS,
    POPULATION_GROUPS,
    REASONS,
    REASONS_ASKED,
    SEXES,
    YEARS_ASIDE,
    Dimension,
    InformantRole,
    MigrationKind,
    PopulationGroup,
    Reason,
    Sex,
    YearAside,
    moves_across_border,
)
from geo_service.vocabulary.places import ADMIN_LEVELS, PLACE_MATCHES, AdminLevel, PlaceMatch
from geo_service.vocabulary.term import LANGUAGES, Language, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ADMIN_LEVELS",
    "BANDS",
    "BASES",
    "DIMENSIONS",
    "INFORMANT_ROLES",
    "LANGUAGES",
    "METHODS",
    "MIGRATION_KINDS",
    "OTHER_COUNTRY",
    "PLACE_MATCHES",
    "POPULATION_GROUPS",
    "REASONS",
    "REASONS_ASKED",
    "SERVICES",
    "SEXES",
    "STATUSES",
    "TABLES",
    "UNKNOWN_COUNTRY",
    "YEARS_ASIDE",
    "AdminLevel",
    "Band",
    "Basis",
    "Dimension",
    "InformantRole",
    "Language",
    "Method",
    "MigrationKind",
    "PlaceMatch",
    "PopulationGroup",
    "Reason",
    "Service",
    "Sex",
    "Status",
    "Term",
    "YearAside",
    "countries",
    "moves_across_border",
    "parse_service",
]

TABLES: Mapping[str, Mapping[Any, Term]] = MappingProxyType(
    {
        "services": SERVICES,
        "population_groups": POPULATION_GROUPS,
        "dimensions": DIMENSIONS,
        "sexes": SEXES,
        "migration_kinds": MIGRATION_KINDS,
        "reasons": REASONS,
        "years_aside": YEARS_ASIDE,
        "informant_roles": INFORMANT_ROLES,
        "bands": BANDS,
        "admin_levels": ADMIN_LEVELS,
        "place_matches": PLACE_MATCHES,
        "statuses": STATUSES,
        "bases": BASES,
        "methods": METHODS,
    }
)
