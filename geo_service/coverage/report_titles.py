"""The titles of a report's tables, in each language."""

from __future__ import annotations

from typing import Any

from geo_service.vocabulary import AdminLevel, Dimension, Language
from geo_service.wording import Wording

__all__ = ["BY_DIMENSION", "TITLES", "table_title"]

_BY_UNIT = {
    AdminLevel.REGION: Wording(en="by region", ru="по областям", kk="облыстар бойынша"),
    AdminLevel.DISTRICT: Wording(en="by district", ru="по районам", kk="аудандар бойынша"),
}

BY_DIMENSION = {
    Dimension.SEX: Wording(en="{group}: sex", ru="{group}: пол", kk="{group}: жынысы"),
    Dimension.COUNTRY: Wording(en="{group}: countries", ru="{group}: страны", kk="{group}: елдер"),
    Dimension.YEAR: Wording(en="{group}: years", ru="{group}: годы", kk="{group}: жылдар"),
    Dimension.KIND: Wording(
        en="{group}: kinds of migration", ru="{group}: виды миграции", kk="{group}: көші-қон түрлері"
    ),
    Dimension.REASON: Wording(en="{group}: reasons", ru="{group}: причины", kk="{group}: себептер"),
}

TITLES = {
    "coverage": Wording(
        en="Villages assessed, their households and population",
        ru="Обследованные населённые пункты, их домохозяйства и население",
        kk="Зерттелген елді мекендер, олардың үй шаруашылықтары мен халқы",
    ),
    "key_informants": Wording(
        en="Key informants: roles and sex",
        ru="Ключевые информаторы: роли и пол",
        kk="Негізгі ақпарат берушілер: рөлдері мен жынысы",
    ),
    "key_informants_by_sex": Wording(
        en="Key informants: sex", ru="Ключевые информаторы: пол", kk="Негізгі ақпарат берушілер: жынысы"
    ),
    "groups": Wording(
        en="Population groups: villages, individuals, households",
        ru="Группы населения: населённые пункты, численность, домохозяйства",
        kk="Халық топтары: елді мекендер, адам саны, үй шаруашылықтары",
    ),
    "group": Wording(
        en="{group}: villages, individuals, households",
        ru="{group}: населённые пункты, численность, домохозяйства",
        kk="{group}: елді мекендер, адам саны, үй шаруашылықтары",
    ),
    "top_countries": Wording(
        en="{group}: the {top} largest countries and the rest",
        ru="{group}: {top} крупнейших стран и остальные",
        kk="{group}: ең ірі {top} ел және қалғандары",
    ),
    "growth": Wording(
        en="{group}: growth between years",
        ru="{group}: прирост между годами",
        kk="{group}: жылдар арасындағы өсім",
    ),
    "services": Wording(
        en="Communities with and without each service, as reported",
        ru="Сообщества с каждой услугой и без неё, по сообщениям",
        kk="Әр қызметі бар және жоқ қауымдастықтар, хабарланғандай",
    ),
    "households_without_service": Wording(
        en="Households of communities without a service, by reported distance",
        ru="Домохозяйства сообществ без услуги, по названному расстоянию",
        kk="Қызметі жоқ қауымдастықтардың үй шаруашылықтары, хабарланған қашықтық бойынша",
    ),
    "concentration": Wording(
        en="Concentration of the population groups",
        ru="Концентрация групп населения",
        kk="Халық топтарының шоғырлануы",
    ),
    "reported_and_measured": Wording(
        en="Reported and measured access of the same villages",
        ru="Доступ по сообщениям и по измерениям для одних и тех же населённых пунктов",
        kk="Бір елді мекендердің хабарланған және өлшенген қолжетімділігі",
    ),
    "agreement": Wording(
        en="Agreement of reported and measured access",
        ru="Согласие между сообщённым и измеренным доступом",
        kk="Хабарланған және өлшенген қолжетімділіктің келісімі",
    ),
    "contradictions": Wording(
        en="Villages where reported and measured access are two bands or more apart",
        ru="Населённые пункты, где сообщённый и измеренный доступ расходятся на два интервала и более",
        kk="Хабарланған және өлшенген қолжетімділігі екі және одан көп аралыққа ажырайтын елді мекендер",
    ),
    "change": Wording(
        en="Population groups: change since round {earlier}",
        ru="Группы населения: изменение с раунда {earlier}",
        kk="Халық топтары: {earlier}-раундтан бергі өзгеріс",
    ),
}
"""By the machine name of the table, without its level."""


def table_title(title: Wording, by: AdminLevel | None, language: Language | str, **values: Any) -> str:
    """A title with its values and, where the table is split, its level of admin units, in `language`."""
    whole = title(**values).in_language(Language(language))
    return whole if by is None else f"{whole}, {_BY_UNIT[by]().in_language(Language(language))}"
