"""The words of maps in each language: titles, layers and legends."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.maps.measures import ChangeMeasure, Measure
from geo_service.vocabulary import AdminLevel, Basis, Service
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BASIS_ASIDE",
    "BY_UNIT",
    "CHANGE_LAYERS",
    "GROUP_TITLES",
    "HAVING_NUMBERS",
    "LAYERS",
    "LEGEND",
    "MEASURE_LAYERS",
    "SERVICE_BEYOND",
    "SERVICE_DISTANCE",
    "SERVICE_WITHOUT",
    "TITLES",
]

BY_UNIT: Mapping[AdminLevel, Wording] = MappingProxyType(
    {
        AdminLevel.REGION: Wording(en="by region", ru="по областям", kk="облыстар бойынша"),
        AdminLevel.DISTRICT: Wording(en="by district", ru="по районам", kk="аудандар бойынша"),
    }
)
"""What stands behind a title; a country has nothing there."""

HAVING_NUMBERS: Mapping[AdminLevel, Wording] = MappingProxyType(
    {
        AdminLevel.COUNTRY: Wording(
            en="Countries with a number: {known} of {all}",
            ru="Стран с данными: {known} из {all}",
            kk="Деректері бар елдер: {all} ішінен {known}",
        ),
        AdminLevel.REGION: Wording(
            en="Regions with a number: {known} of {all}",
            ru="Областей с данными: {known} из {all}",
            kk="Деректері бар облыстар: {all} ішінен {known}",
        ),
        AdminLevel.DISTRICT: Wording(
            en="Districts with a number: {known} of {all}",
            ru="Районов с данными: {known} из {all}",
            kk="Деректері бар аудандар: {all} ішінен {known}",
        ),
    }
)

GROUP_TITLES: Mapping[Measure, Wording] = MappingProxyType(
    {
        Measure.INDIVIDUALS: Wording(en="{group}", ru="{group}", kk="{group}"),
        Measure.SHARE: Wording(
            en="{group}: share of their number in all units",
            ru="{group}: доля от численности во всех территориях",
            kk="{group}: барлық аумақтағы санындағы үлесі",
        ),
        Measure.PER_1000_INHABITANTS: Wording(
            en="{group} per 1,000 inhabitants",
            ru="{group} на 1\u00a0000 жителей",
            kk="{group}, 1\u00a0000 тұрғынға шаққанда",
        ),
        Measure.PER_KM2: Wording(en="{group} per km²", ru="{group} на км²", kk="{group}, 1 км²-ге шаққанда"),
        Measure.LOCATION_QUOTIENT: Wording(
            en="{group}: location quotient",
            ru="{group}: коэффициент локализации",
            kk="{group}: локализация коэффициенті",
        ),
    }
)

MEASURE_LAYERS: Mapping[Measure, Wording] = MappingProxyType(
    {
        Measure.INDIVIDUALS: Wording(en="Individuals", ru="Человек", kk="Адам саны"),
        Measure.SHARE: Wording(
            en="Share of the group in all units",
            ru="Доля от группы во всех территориях",
            kk="Барлық аумақтағы топтан үлесі",
        ),
        Measure.PER_1000_INHABITANTS: Wording(
            en="Per 1,000 inhabitants", ru="На 1\u00a0000 жителей", kk="1\u00a0000 тұрғынға шаққанда"
        ),
        Measure.PER_KM2: Wording(en="Per km²", ru="На км²", kk="1 км²-ге шаққанда"),
        Measure.LOCATION_QUOTIENT: Wording(
            en="Location quotient (1: as everywhere)",
            ru="Коэффициент локализации (1: как везде)",
            kk="Локализация коэффициенті (1: барлық жердегідей)",
        ),
    }
)

CHANGE_LAYERS: Mapping[ChangeMeasure, Wording] = MappingProxyType(
    {
        ChangeMeasure.ABSOLUTE: Wording(
            en="Change in individuals, same villages",
            ru="Изменение численности, те же населённые пункты",
            kk="Адам санының өзгеруі, сол елді мекендер",
        ),
        ChangeMeasure.RELATIVE: Wording(
            en="Change against the earlier round, same villages",
            ru="Изменение к прежнему раунду, те же населённые пункты",
            kk="Бұрынғы раундпен салыстырғандағы өзгеріс, сол елді мекендер",
        ),
    }
)

TITLES: Mapping[str, Wording] = MappingProxyType(
    {
        "beyond": Wording(
            en="Households over {km} km from {place} ({basis})",
            ru="Домохозяйства дальше {km} км от {place} ({basis})",
            kk="{place} {km} км-ден алыс үй шаруашылықтары ({basis})",
        ),
        "communities_beyond": Wording(
            en="Communities over {km} km from {place} ({basis})",
            ru="Сообщества дальше {km} км от {place} ({basis})",
            kk="{place} {km} км-ден алыс қауымдастықтар ({basis})",
        ),
        "communities_without": Wording(
            en="Communities without {service} ({basis})",
            ru="Сообщества без {service} ({basis})",
            kk="{service} жоқ қауымдастықтар ({basis})",
        ),
        "assessed": Wording(
            en="Villages assessed", ru="Обследованные населённые пункты", kk="Зерттелген елді мекендер"
        ),
        "change": Wording(
            en="{group}: change from Round {earlier}",
            ru="{group}: изменение с раунда {earlier}",
            kk="{group}: {earlier}-раундтан бергі өзгеріс",
        ),
        "agreement": Wording(
            en="Distance to {place}: reported against measured",
            ru="Расстояние до {place}: сообщённое и измеренное",
            kk="{place} қашықтық: хабарланған және өлшенген",
        ),
        "round": Wording(en="Round {round}", ru="раунд {round}", kk="{round}-раунд"),
    }
)

BASIS_ASIDE: Mapping[Basis, Wording] = MappingProxyType(
    {
        Basis.REPORTED: Wording(en="reported", ru="по сообщениям", kk="хабарланған"),
        Basis.MEASURED: Wording(en="measured", ru="по измерениям", kk="өлшенген"),
    }
)

SERVICE_BEYOND: Mapping[Service, Wording] = MappingProxyType(
    {
        Service.HOSPITAL: Wording(
            en="the nearest hospital", ru="ближайшей больницы", kk="Ең жақын ауруханасы"
        ),
        Service.POLYCLINIC: Wording(
            en="the nearest polyclinic", ru="ближайшей поликлиники", kk="Ең жақын емханасы"
        ),
        Service.SCHOOL: Wording(en="the nearest school", ru="ближайшей школы", kk="Ең жақын мектебі"),
        Service.MARKET: Wording(en="the nearest market", ru="ближайшего магазина", kk="Ең жақын дүкені"),
        Service.SAFE_DRINKING_WATER: Wording(
            en="the nearest safe drinking water",
            ru="ближайшего источника безопасной питьевой воды",
            kk="Ең жақын қауіпсіз ауыз су көзі",
        ),
        Service.INTERNET: Wording(
            en="the nearest internet access",
            ru="ближайшей точки доступа в интернет",
            kk="Интернетке қосылатын ең жақын орны",
        ),
    }
)
"""In Russian the genitive; in Kazakh what households have, which begins a sentence."""

SERVICE_DISTANCE: Mapping[Service, Wording] = MappingProxyType(
    {
        service: Wording(en=SERVICE_BEYOND[service].en, ru=SERVICE_BEYOND[service].ru, kk=kk)
        for service, kk in (
            (Service.HOSPITAL, "Ең жақын ауруханаға дейінгі"),
            (Service.POLYCLINIC, "Ең жақын емханаға дейінгі"),
            (Service.SCHOOL, "Ең жақын мектепке дейінгі"),
            (Service.MARKET, "Ең жақын дүкенге дейінгі"),
            (Service.SAFE_DRINKING_WATER, "Ең жақын қауіпсіз ауыз су көзіне дейінгі"),
            (Service.INTERNET, "Интернетке қосылатын ең жақын орынға дейінгі"),
        )
    }
)

SERVICE_WITHOUT: Mapping[Service, Wording] = MappingProxyType(
    {
        Service.HOSPITAL: Wording(en="a hospital", ru="больницы", kk="Ауруханасы"),
        Service.POLYCLINIC: Wording(en="a polyclinic", ru="поликлиники", kk="Емханасы"),
        Service.SCHOOL: Wording(en="a school", ru="школы", kk="Мектебі"),
        Service.MARKET: Wording(en="a market", ru="магазина", kk="Дүкені"),
        Service.SAFE_DRINKING_WATER: Wording(
            en="safe drinking water", ru="безопасной питьевой воды", kk="Қауіпсіз ауыз суы"
        ),
        Service.INTERNET: Wording(en="internet", ru="интернета", kk="Интернеті"),
    }
)

LAYERS: Mapping[str, Wording] = MappingProxyType(
    {
        "individuals": Wording(en="Number of individuals", ru="Численность, человек", kk="Адам саны"),
        "share_beyond": Wording(
            en="Share of the unit's households over {km} km away",
            ru="Доля домохозяйств территории дальше {km} км",
            kk="Аумақтағы {km} км-ден алыс үй шаруашылықтарының үлесі",
        ),
        "villages_by_band": Wording(
            en="Villages by distance",
            ru="Населённые пункты по расстоянию",
            kk="Елді мекендер, қашықтық бойынша",
        ),
        "facilities": Wording(en="Facilities: {service}", ru="Объекты: {service}", kk="Нысандар: {service}"),
        "villages_beyond": Wording(
            en="Communities over {km} km away, number in the unit",
            ru="Сообщества дальше {km} км, число на территории",
            kk="{km} км-ден алыс қауымдастықтар, аумақтағы саны",
        ),
        "villages_without": Wording(
            en="Communities without, number in the unit",
            ru="Сообщества без услуги, число на территории",
            kk="Қызметі жоқ қауымдастықтар, аумақтағы саны",
        ),
        "communities": Wording(en="Communities", ru="Сообщества", kk="Қауымдастықтар"),
        "assessed": Wording(
            en="Villages assessed, number",
            ru="Обследовано населённых пунктов",
            kk="Зерттелген елді мекендер саны",
        ),
        "assessed_share": Wording(
            en="Share of known villages that was assessed",
            ru="Доля обследованных от известных населённых пунктов",
            kk="Белгілі елді мекендердің зерттелген үлесі",
        ),
        "villages": Wording(
            en="Villages assessed", ru="Обследованные населённые пункты", kk="Зерттелген елді мекендер"
        ),
        "share_equal": Wording(
            en="Share of compared villages in the same band",
            ru="Доля сравненных пунктов с тем же интервалом",
            kk="Салыстырылған елді мекендердегі сол аралықтың үлесі",
        ),
        "villages_compared": Wording(
            en="Villages: reported against measured",
            ru="Населённые пункты: сообщённое и измеренное",
            kk="Елді мекендер: хабарланған және өлшенген",
        ),
    }
)

LEGEND: Mapping[str, Wording] = MappingProxyType(
    {
        "not_assessed": Wording(
            en="No village assessed", ru="Населённые пункты не обследованы", kk="Елді мекендер зерттелмеген"
        ),
        "no_data": Wording(en="No data", ru="Нет данных", kk="Дерек жоқ"),
        "suppressed": Wording(
            en="Hidden (small numbers)", ru="Скрыто (малые числа)", kk="Жасырылған (аз сандар)"
        ),
        "hidden": Wording(en="hidden", ru="скрыто", kk="жасырылған"),
        "not_known": Wording(en="not known", ru="неизвестно", kk="белгісіз"),
        "no_change": Wording(en="No change", ru="Без изменений", kk="Өзгеріссіз"),
        "decrease": Wording(en="Decrease {by}", ru="Снижение {by}", kk="Азаю {by}"),
        "increase": Wording(en="Increase {by}", ru="Рост {by}", kk="Өсу {by}"),
        "distance_not_known": Wording(
            en="Distance not known", ru="Расстояние неизвестно", kk="Қашықтығы белгісіз"
        ),
        "equal": Wording(en="Same band", ru="Тот же интервал", kk="Сол аралық"),
        "one_apart": Wording(en="One band apart", ru="Отличие на один интервал", kk="Бір аралыққа айырма"),
        "nearer": Wording(
            en="Measured nearer by two or more bands",
            ru="Измеренное ближе на два интервала и более",
            kk="Өлшенгені екі және одан көп аралыққа жақын",
        ),
        "farther": Wording(
            en="Measured farther by two or more bands",
            ru="Измеренное дальше на два интервала и более",
            kk="Өлшенгені екі және одан көп аралыққа алыс",
        ),
        "not_compared": Wording(en="Cannot be compared", ru="Нельзя сравнить", kk="Салыстыруға келмейді"),
        "no_village_known": Wording(
            en="No village known", ru="Населённые пункты неизвестны", kk="Белгілі елді мекен жоқ"
        ),
        "nothing_in_both": Wording(
            en="Not known in both rounds",
            ru="Неизвестно хотя бы в одном раунде",
            kk="Кемінде бір раундта белгісіз",
        ),
        "nothing_compared": Wording(
            en="No village compared", ru="Сравнивать нечего", kk="Салыстырылған елді мекен жоқ"
        ),
    }
)
