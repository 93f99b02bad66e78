"""Mobility: who moves, who said so, and by what a population group is broken down.

The Russian labels are those of the Round 3 report of the Mobility Tracking Matrix in Kazakhstan (IOM, 2024), where it has one.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.vocabulary.term import table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DIMENSIONS",
    "INFORMANT_ROLES",
    "MIGRATION_KINDS",
    "POPULATION_GROUPS",
    "REASONS",
    "REASONS_ASKED",
    "SEXES",
    "YEARS_ASIDE",
    "Dimension",
    "InformantRole",
    "MigrationKind",
    "PopulationGroup",
    "Reason",
    "Sex",
    "YearAside",
    "moves_across_border",
]


class PopulationGroup(StrEnum):
    """Who moves: the five target groups."""

    LABOUR_MIGRANTS = "labour_migrants"
    RETURNEES = "returnees"
    EMIGRANTS = "emigrants"
    INTERNAL_MIGRANTS = "internal_migrants"
    INTERNAL_EMIGRANTS = "internal_emigrants"


class Dimension(StrEnum):
    """What the individuals of a population group are broken down by."""

    SEX = "sex"
    COUNTRY = "country"
    YEAR = "year"
    KIND = "kind"
    REASON = "reason"


class Sex(StrEnum):
    """Male or female, as key informants say; unknown where they cannot."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class InformantRole(StrEnum):
    """In which role a key informant answers."""

    LOCAL_AUTHORITY = "local_authority"
    MIGRATION_POLICE = "migration_police"
    HUMANITARIAN_OR_SOCIAL_ORGANISATION = "humanitarian_or_social_organisation"
    MIGRANT_COMMUNITY_LEADER = "migrant_community_leader"
    ENTREPRENEUR_OR_LOCAL_BUSINESS = "entrepreneur_or_local_business"
    EMPLOYERS_ORGANISATION = "employers_organisation"
    OTHER = "other"


class MigrationKind(StrEnum):
    """For how long people move."""

    TEMPORARY_OR_SEASONAL = "temporary_or_seasonal"
    LONG_TERM = "long_term"
    PERMANENT_RESIDENCE = "permanent_residence"
    OTHER = "other"
    UNKNOWN = "unknown"


class YearAside(StrEnum):
    """What stands beside the calendar years of a breakdown by year of arrival or departure."""

    EARLIER = "earlier"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """The main reason to move."""

    JOB_SEARCH_OR_ECONOMIC_OPPORTUNITY = "job_search_or_economic_opportunity"
    LABOUR_OR_ECONOMIC = "labour_or_economic"
    FAMILY = "family"
    POVERTY = "poverty"
    EDUCATION = "education"
    MEDICAL = "medical"
    PERSONAL = "personal"
    WORK_PERMIT_EXPIRED_OR_TOO_COSTLY = "work_permit_expired_or_too_costly"
    LOSS_OF_ECONOMIC_OPPORTUNITY_COVID19 = "loss_of_economic_opportunity_covid19"
    CONFLICT_OR_GENERAL_SECURITY = "conflict_or_general_security"
    PARTIAL_MOBILISATION_IN_RUSSIA = "partial_mobilisation_in_russia"
    ECONOMIC_SANCTIONS = "economic_sanctions"
    CURRENCY_DEVALUATION = "currency_devaluation"
    NEW_HOME_OR_RELOCATION = "new_home_or_relocation"
    CLIMATE_CHANGE = "climate_change"
    URBANISATION = "urbanisation"
    LIVING_CONDITIONS = "living_conditions"
    PERMANENT_RESIDENCE = "permanent_residence"
    OTHER = "other"
    UNKNOWN = "unknown"


POPULATION_GROUPS = table_of(
    (
        PopulationGroup.LABOUR_MIGRANTS,
        "Labour migrants",
        "Трудящиеся-мигранты",
        "Еңбек мигранттары",
        "Foreign citizens who came to work.",
    ),
    (
        PopulationGroup.RETURNEES,
        "Returnees",
        "Возвратные мигранты",
        "Қайтып оралған мигранттар",
        "Citizens back after more than 6 months abroad.",
    ),
    (
        PopulationGroup.EMIGRANTS,
        "Emigrants",
        "Эмигранты",
        "Эмигранттар",
        "Citizens who left the country and now live abroad.",
    ),
    (
        PopulationGroup.INTERNAL_MIGRANTS,
        "Internal migrants",
        "Внутренние мигранты",
        "Ішкі мигранттар",
        "Residents of other places in the country who now live here.",
    ),
    (
        PopulationGroup.INTERNAL_EMIGRANTS,
        "Internal emigrants",
        "Внутренние эмигранты",
        "Ішкі эмигранттар",
        "Residents of this place who moved elsewhere in the country.",
    ),
)

DIMENSIONS = table_of(
    (Dimension.SEX, "Sex", "Пол", "Жынысы", ""),
    (
        Dimension.COUNTRY,
        "Country",
        "Страна",
        "Ел",
        "Of nationality (labour migrants), of return (returnees) or of destination (emigrants); ISO 3166-1 alpha-3.",
    ),
    (Dimension.YEAR, "Year", "Год", "Жыл", "Of arrival or departure."),
    (Dimension.KIND, "Kind of migration", "Вид миграции", "Көші-қон түрі", "For how long people move."),
    (Dimension.REASON, "Reason", "Причина", "Себебі", "The main reason to move."),
)

SEXES = table_of(
    (Sex.MALE, "Male", "Мужчины", "Ерлер", ""),
    (Sex.FEMALE, "Female", "Женщины", "Әйелдер", ""),
    (Sex.UNKNOWN, "Unknown", "Неизвестно", "Белгісіз", ""),
)

INFORMANT_ROLES = table_of(
    (
        InformantRole.LOCAL_AUTHORITY,
        "Local authority",
        "Представитель местных органов власти",
        "Жергілікті билік органының өкілі",
        "",
    ),
    (InformantRole.MIGRATION_POLICE, "Migration police", "Миграционная полиция", "Көші-қон полициясы", ""),
    (
        InformantRole.HUMANITARIAN_OR_SOCIAL_ORGANISATION,
        "Humanitarian or social organisation",
        "Представитель гуманитарной или социальной организации",
        "Гуманитарлық немесе әлеуметтік ұйымның өкілі",
        "",
    ),
    (
        InformantRole.MIGRANT_COMMUNITY_LEADER,
        "Leader of a migrant community",
        "Лидер сообщества мигрантов",
        "Мигранттар қауымдастығының көшбасшысы",
        "",
    ),
    (
        InformantRole.ENTREPRENEUR_OR_LOCAL_BUSINESS,
        "Entrepreneur or local business",
        "Предприниматель/Представитель местного предприятия",
        "Кәсіпкер/Жергілікті кәсіпорынның өкілі",
        "",
    ),
    (
        InformantRole.EMPLOYERS_ORGANISATION,
        "Employers' organisation",
        "Представитель организации работодателя",
        "Жұмыс берушілер ұйымының өкілі",
        "",
    ),
    (InformantRole.OTHER, "Other", "Другое", "Басқа", ""),
)

MIGRATION_KINDS = table_of(
    (
        MigrationKind.TEMPORARY_OR_SEASONAL,
        "Temporary or seasonal",
        "Временная/Сезонная",
        "Уақытша/Маусымдық",
        "",
    ),
    (MigrationKind.LONG_TERM, "Long-term", "Долгосрочная", "Ұзақ мерзімді", ""),
    (
        MigrationKind.PERMANENT_RESIDENCE,
        "Permanent residence",
        "Постоянное место жительства",
        "Тұрақты тұрғылықты жер",
        "",
    ),
    (MigrationKind.OTHER, "Other", "Другое", "Басқа", ""),
    (MigrationKind.UNKNOWN, "Unknown", "Неизвестно", "Белгісіз", ""),
)

YEARS_ASIDE = table_of(
    (YearAside.EARLIER, "Earlier", "Ранее", "Бұрынырақ", "Before the first year that is asked about."),
    (YearAside.UNKNOWN, "Unknown", "Неизвестно", "Белгісіз", ""),
)

REASONS = table_of(
    (
        Reason.JOB_SEARCH_OR_ECONOMIC_OPPORTUNITY,
        "Job search or economic opportunity",
        "Поиск работы/экономические возможности",
        "Жұмыс іздеу/экономикалық мүмкіндіктер",
        "",
    ),
    (
        Reason.LABOUR_OR_ECONOMIC,
        "Labour or economic reasons",
        "Трудовая миграция/Экономические причины",
        "Еңбек көші-қоны/Экономикалық себептер",
        "",
    ),
    (Reason.FAMILY, "Family", "Семейные заботы", "Отбасылық жағдай", ""),
    (Reason.POVERTY, "Poverty", "Бедность", "Кедейлік", ""),
    (Reason.EDUCATION, "Education", "Образование", "Білім алу", ""),
    (Reason.MEDICAL, "Medical treatment", "Медицинские причины/лечение", "Емделу", ""),
    (Reason.PERSONAL, "Personal", "Личные причины", "Жеке себептер", ""),
    (
        Reason.WORK_PERMIT_EXPIRED_OR_TOO_COSTLY,
        "Work permit expired or too costly",
        "Патент на работу (срок действия/высокая стоимость)",
        "Жұмыс рұқсатының мерзімі өткен немесе тым қымбат",
        "",
    ),
    (
        Reason.LOSS_OF_ECONOMIC_OPPORTUNITY_COVID19,
        "Loss of economic opportunity through COVID-19",
        "Потеря экономических возможностей из-за пандемии COVID-19",
        "COVID-19 пандемиясынан экономикалық мүмкіндіктерді жоғалту",
        "",
    ),
    (
        Reason.CONFLICT_OR_GENERAL_SECURITY,
        "Conflict or general security",
        "Конфликт и общая ситуация с безопасностью",
        "Қақтығыс және жалпы қауіпсіздік жағдайы",
        "",
    ),
    (
        Reason.PARTIAL_MOBILISATION_IN_RUSSIA,
        "Partial mobilisation in Russia",
        "Частичная мобилизация в Российской Федерации",
        "Ресей Федерациясындағы ішінара жұмылдыру",
        "",
    ),
    (Reason.ECONOMIC_SANCTIONS, "Economic sanctions", "Экономические санкции", "Экономикалық санкциялар", ""),
    (
        Reason.CURRENCY_DEVALUATION,
        "Currency devaluation",
        "Обесценивание валюты",
        "Валютаның құнсыздануы",
        "",
    ),
    (
        Reason.NEW_HOME_OR_RELOCATION,
        "New home or relocation programme",
        "Новый дом/релокация",
        "Жаңа үй/көшіру бағдарламасы",
        "",
    ),
    (Reason.CLIMATE_CHANGE, "Climate change", "Климатические изменения", "Климаттың өзгеруі", ""),
    (Reason.URBANISATION, "Urbanisation", "Урбанизация", "Урбандалу", ""),
    (Reason.LIVING_CONDITIONS, "Living conditions", "Условия жизни", "Тұрмыс жағдайы", ""),
    (
        Reason.PERMANENT_RESIDENCE,
        "Permanent residence",
        "Постоянное место жительства",
        "Тұрақты тұрғылықты жер",
        "",
    ),
    (Reason.OTHER, "Other", "Другое", "Басқа", ""),
    (Reason.UNKNOWN, "Unknown", "Неизвестно", "Белгісіз", ""),
)

_ASIDE = (Reason.OTHER, Reason.UNKNOWN)
_SHOCKS = (
    Reason.LOSS_OF_ECONOMIC_OPPORTUNITY_COVID19,
    Reason.CONFLICT_OR_GENERAL_SECURITY,
    Reason.PARTIAL_MOBILISATION_IN_RUSSIA,
    Reason.ECONOMIC_SANCTIONS,
    Reason.CURRENCY_DEVALUATION,
)
_WITHIN_THE_COUNTRY = (
    Reason.LABOUR_OR_ECONOMIC,
    Reason.FAMILY,
    Reason.EDUCATION,
    Reason.PERSONAL,
    Reason.NEW_HOME_OR_RELOCATION,
    Reason.CLIMATE_CHANGE,
    Reason.URBANISATION,
    Reason.LIVING_CONDITIONS,
    Reason.PERMANENT_RESIDENCE,
    *_ASIDE,
)

REASONS_ASKED: Mapping[PopulationGroup, tuple[Reason, ...]] = MappingProxyType(
    {
        PopulationGroup.LABOUR_MIGRANTS: (
            Reason.JOB_SEARCH_OR_ECONOMIC_OPPORTUNITY,
            Reason.FAMILY,
            Reason.POVERTY,
            *_SHOCKS,
            *_ASIDE,
        ),
        PopulationGroup.RETURNEES: (
            Reason.WORK_PERMIT_EXPIRED_OR_TOO_COSTLY,
            Reason.FAMILY,
            *_SHOCKS,
            *_ASIDE,
        ),
        PopulationGroup.EMIGRANTS: (
            Reason.LABOUR_OR_ECONOMIC,
            Reason.FAMILY,
            Reason.EDUCATION,
            Reason.MEDICAL,
            Reason.LOSS_OF_ECONOMIC_OPPORTUNITY_COVID19,
            Reason.CONFLICT_OR_GENERAL_SECURITY,
            *_ASIDE,
        ),
        PopulationGroup.INTERNAL_MIGRANTS: _WITHIN_THE_COUNTRY,
        PopulationGroup.INTERNAL_EMIGRANTS: _WITHIN_THE_COUNTRY,
    }
)
"""The reasons that the forms ask about for each group, as the Round 3 report prints them; the importer takes any reason for any group."""


def moves_across_border(group: PopulationGroup) -> bool:
    """Whether the group has a country of nationality, return or destination; internal groups stay in theirs."""
    return group in {PopulationGroup.LABOUR_MIGRANTS, PopulationGroup.RETURNEES, PopulationGroup.EMIGRANTS}
